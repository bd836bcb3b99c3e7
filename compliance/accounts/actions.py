"""What happens to accounts, as the codes of user_audit_log.action."""

from django.db import models


class AccountAction(models.TextChoices):
    """What stands in the log of accounts; triggers write those from a new account on."""

    LOGIN_OK = "login_ok", "Login"
    LOGIN_FAIL = "login_fail", "Failed login"
    MFA_OK = "mfa_ok", "Second factor"
    MFA_FAIL = "mfa_fail", "Wrong second factor"
    MFA_ENROLL = "mfa_enroll", "New second factor"
    MFA_RESET = "mfa_reset", "Second factor taken away"
    LOGOUT = "logout", "Logout"
    TIMEOUT_LOGOFF = "timeout_logoff", "Logged off after a time-out"
    SESSION_REVOKED = "session_revoked", "Session ended from elsewhere"
    LOCKOUT = "lockout", "Lockout"
    UNLOCK = "unlock", "Unlock"
    PASSWORD_RESET_REQUEST = "password_reset_request", "Password reset asked for"
    PASSWORD_RESET = "password_reset", "Password reset"
    USER_CREATED = "user_created", "New account"
    PASSWORD_CHANGE = "password_change", "Password change"
    ROLE_CHANGE = "role_change", "Role change"
    PRIVILEGE_CHANGE = "privilege_change", "Privilege change"
    ROLE_GRANTED = "role_granted", "Role given besides"
    ROLE_REVOKED = "role_revoked", "Role taken away"
    USER_DISABLED = "user_disabled", "Deactivated"
    USER_ENABLED = "user_enabled", "Activated"
