"""What happens to accounts, as the codes of user_audit_log.action."""

from django.db import models


class AccountAction(models.TextChoices):
    """What stands in the log of accounts; log_account_change() writes those from a new account on."""

    LOGIN_OK = "login_ok", "Login"
    LOGIN_FAIL = "login_fail", "Failed login"
    MFA_FAIL = "mfa_fail", "Wrong second factor"
    LOGOUT = "logout", "Logout"
    TIMEOUT_LOGOFF = "timeout_logoff", "Logged off after a time-out"
    LOCKOUT = "lockout", "Lockout"
    UNLOCK = "unlock", "Unlock"
    USER_CREATED = "user_created", "New account"
    PASSWORD_CHANGE = "password_change", "Password change"
    ROLE_CHANGE = "role_change", "Role change"
    PRIVILEGE_CHANGE = "privilege_change", "Privilege change"
    USER_DISABLED = "user_disabled", "Deactivated"
    USER_ENABLED = "user_enabled", "Activated"
