"""The rooms' models, where Django looks for them."""

from compliance.access.models import CareRelationship
from compliance.accounts.models import User, UserAuditLog

__all__ = ["CareRelationship", "User", "UserAuditLog"]
