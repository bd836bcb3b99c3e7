"""The rooms' models, where Django looks for them."""

from compliance.access.models import CareRelationship
from compliance.accounts.models import User, UserAuditLog
from compliance.audit.models import AuditLog

__all__ = ["AuditLog", "CareRelationship", "User", "UserAuditLog"]
