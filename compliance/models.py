"""The rooms' models, where Django looks for them."""

from compliance.accounts.models import User, UserAuditLog

__all__ = ["User", "UserAuditLog"]
