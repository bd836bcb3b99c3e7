"""Accounts: who may log in, and what happened to their accounts. SQL files created both tables; see the first one."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NoReturn

from asgiref.sync import sync_to_async
from django.contrib.auth.models import AbstractBaseUser, BaseUserManager, Group, PermissionsMixin
from django.contrib.postgres.functions import TransactionNow
from django.db import models
from django.db.models import Value
from django.db.models.functions import Lower

from compliance import phi, rights
from compliance.accounts.errors import TrailIsReadOnly
from compliance.audit.registry import audited
from compliance.phi import Identifier
from compliance.rules import held_in_sql, in_calendar

if TYPE_CHECKING:
    from collections.abc import Collection

    from compliance.access.backend import RoleBackend


class Role(models.TextChoices):
    """What an account is for. The database holds the same list in users_role_known."""

    ADMIN = "admin", "Administrator"
    PHYSICIAN = "physician", "Physician"
    NURSE = "nurse", "Nurse"
    PHARMACIST = "pharmacist", "Pharmacist"
    FRONT_DESK = "front_desk", "Front desk"
    BILLING = "billing", "Billing"
    COMPLIANCE_OFFICER = "compliance_officer", "Compliance officer"
    AUDITOR = "auditor", "Auditor"
    RESEARCHER = "researcher", "Researcher"
    PATIENT = "patient", "Patient"
    SERVICE = "service", "Service"


class UserManager(BaseUserManager["User"]):
    """Accounts by e-mail address, in whatever case it is typed."""

    def create_user(self, email: str, password: str | None = None, **fields: Any) -> User:
        """Make an account. Without a password nobody can log in to it until one is set."""
        if not email:
            raise ValueError("An account needs an e-mail address.")
        user = self.model(email=self.normalize_email(email), **fields)
        user.set_password(password)
        user.save(using=self._db)
        return user

    def create_superuser(self, email: str, password: str | None = None, **fields: Any) -> User:
        """Make an administrator's account that has every permission."""
        return self.create_user(
            email, password, **{"role": Role.ADMIN, **fields, "is_staff": True, "is_superuser": True}
        )

    def get_by_natural_key(self, username: str | None) -> User:
        """Find an account by its e-mail address in any case.

        lower() on both sides is what the unique index holds; Django's iexact compares upper() and would not use it.
        A name with a NUL, which no row can have and PostgreSQL takes in no question, finds nobody.
        """
        if username is not None and "\0" in username:
            raise self.model.DoesNotExist
        return self.alias(email_lower=Lower("email")).get(email_lower=Lower(Value(username)))

    async def aget_by_natural_key(self, username: str | None) -> User:
        """Find an account as `get_by_natural_key` does, without blocking the event loop."""
        return await sync_to_async(self.get_by_natural_key)(username)


@audited(masked=("password_hash",))
class User(AbstractBaseUser, PermissionsMixin):
    """An account on table users. It may be deactivated, never deleted: the audit trail speaks of it."""

    Role = Role
    APP_MAY = rights.WITHOUT_DELETE

    id = models.BigAutoField(primary_key=True, db_comment=phi.none("Surrogate key, never given to another account."))
    # unique=True follows from the unique index on lower(email) below; Django asks a USERNAME_FIELD to say it.
    email = models.EmailField(
        "e-mail address",
        max_length=255,
        unique=True,
        db_comment=phi.identifier(Identifier.EMAIL, "Login name; unique in any case."),
    )
    password = models.CharField(
        max_length=255,
        db_column="password_hash",
        db_comment=phi.none("Salted hash with the name of its algorithm; never the password."),
    )
    role = models.CharField(
        max_length=50,
        choices=Role.choices,
        default=Role.PATIENT,
        db_default=Role.PATIENT.value,
        db_comment=phi.none("What the account is for; access rules start from it."),
    )
    first_name = models.CharField(
        max_length=100,
        blank=True,
        default="",
        db_default="",
        db_comment=phi.identifier(Identifier.NAMES, "Given name; empty when unknown."),
    )
    last_name = models.CharField(
        max_length=100,
        blank=True,
        default="",
        db_default="",
        db_comment=phi.identifier(Identifier.NAMES, "Family name; empty when unknown."),
    )
    phone = models.CharField(
        max_length=20,
        blank=True,
        default="",
        db_default="",
        db_comment=phi.identifier(Identifier.TELEPHONE, "Telephone number for account matters; empty when unknown."),
    )
    date_of_birth = models.DateField(
        null=True,
        blank=True,
        db_comment=phi.identifier(Identifier.DATES, "Date of birth, when the account is a patient's own."),
    )
    created_at = models.DateTimeField(
        auto_now_add=True, db_default=TransactionNow(), db_comment=phi.none("When the account was made.")
    )
    updated_at = models.DateTimeField(
        auto_now=True, db_default=TransactionNow(), db_comment=phi.none("When the account was last changed.")
    )
    last_login = models.DateTimeField(
        null=True, blank=True, editable=False, db_comment=phi.none("When the account last logged in.")
    )
    is_active = models.BooleanField(
        "active", default=True, db_default=True, db_comment=phi.none("Whether the account may log in.")
    )
    email_verified = models.BooleanField(
        default=False,
        db_default=False,
        db_comment=phi.none("Whether its owner has shown that the e-mail address is theirs."),
    )
    is_superuser = models.BooleanField(
        "superuser",
        default=False,
        db_default=False,
        help_text="Administers besides its role. It sees no health information by that.",
        db_comment=phi.none("Whether the account administers besides its role; it sees no health information by that."),
    )
    is_staff = models.BooleanField(
        "staff",
        default=False,
        db_default=False,
        help_text="May log in to this site: without it, the right password is refused too.",
        db_comment=phi.none("Whether the account may log in to the admin."),
    )

    USERNAME_FIELD = "email"
    EMAIL_FIELD = "email"

    objects = UserManager()

    class Meta:
        db_table = "users"
        db_table_comment = "Accounts: whoever may log in, staff and patients alike. Deactivated, never deleted."
        indexes = [
            models.Index(fields=["role"], name="idx_users_role"),
            models.Index(fields=["is_active"], name="idx_users_active"),
        ]
        constraints = [
            models.UniqueConstraint(
                Lower("email"),
                name="users_email_any_case",
                violation_error_message="There is an account with this e-mail address already.",
            ),
            models.CheckConstraint(
                condition=models.Q(role__in=Role.values),
                name="users_role_known",
                violation_error_message="This role is not known.",
            ),
            in_calendar(
                dates=["date_of_birth"], moments=["created_at", "updated_at", "last_login"], name="users_calendar"
            ),
            held_in_sql("users_are_kept", "An account is deactivated, not deleted."),
        ]

    def __str__(self) -> str:
        return f"user {self.pk}"

    @property
    def usual_purpose(self) -> str | None:
        """What the account acts for when nothing else is said: an HL7 PurposeOfUse code, or None."""
        from compliance.access.holders import usual_purpose  # noqa: PLC0415 - which needs the models

        return usual_purpose(self.role)

    # Django lets a superuser do everything, and any backend give rights. Here the roles give all that there are.
    def has_perm(self, perm: str, obj: Any = None) -> bool:
        """Say whether one of the account's roles has a permission."""
        return _roles().has_perm(self, perm, obj)

    async def ahas_perm(self, perm: str, obj: Any = None) -> bool:
        return await sync_to_async(self.has_perm)(perm, obj)

    def has_module_perms(self, app_label: str) -> bool:
        """Say whether one of the account's roles has any permission of an app."""
        return _roles().has_module_perms(self, app_label)

    async def ahas_module_perms(self, app_label: str) -> bool:
        return await sync_to_async(self.has_module_perms)(app_label)

    def validate_unique(self, exclude: Collection[str] | None = None) -> None:
        """Leave the e-mail address to the constraint, which compares it in any case, so that it is said once."""
        super().validate_unique({*(exclude or ()), "email"})

    def get_full_name(self) -> str:
        """Return the name to greet its owner with; empty when unknown."""
        return f"{self.first_name} {self.last_name}".strip()


def _roles() -> RoleBackend:
    from compliance.access.backend import RoleBackend  # noqa: PLC0415 - which needs the models

    return RoleBackend()


# Who is in a group may do what the group may.
audited(clear=("id", "name"))(Group)


class UserAuditLogQuerySet(models.QuerySet["UserAuditLog"]):
    """Reads only."""

    def _refuse(self, *_args: object, **_kwargs: object) -> NoReturn:
        raise TrailIsReadOnly("a write")

    create = update = delete = bulk_create = bulk_update = get_or_create = update_or_create = _refuse


class UserAuditLog(models.Model):
    """A security event about an account. Read-only here: user_audit_log is written by what saw the event."""

    id = models.BigAutoField(primary_key=True, db_comment=phi.none("Surrogate key."))
    user = models.ForeignKey(
        User,
        models.PROTECT,
        null=True,
        related_name="audit_log",
        db_comment=phi.none("Whose account the event is about; NULL when no account matched."),
    )
    action = models.CharField(max_length=50, db_comment=phi.none("What happened, as a code."))
    changed_fields = models.JSONField(null=True, db_comment=phi.none("Which fields changed."))
    changed_by = models.ForeignKey(
        User,
        models.PROTECT,
        null=True,
        db_column="changed_by",
        related_name="+",
        db_comment=phi.none("Whose account did it; NULL for the system."),
    )
    ip_address = models.GenericIPAddressField(
        null=True, db_comment=phi.identifier(Identifier.IP, "Where the request came from.")
    )
    user_agent = models.TextField(null=True, db_comment=phi.none("What the client said it was."))
    created_at = models.DateTimeField(db_default=TransactionNow(), db_comment=phi.none("When it happened."))

    APP_MAY = rights.AddOnly(kept=frozenset({"id", "created_at"}))

    objects = UserAuditLogQuerySet.as_manager()

    class Meta:
        managed = False
        db_table = "user_audit_log"
        db_table_comment = "Security events about accounts, written by whatever saw them."
        verbose_name = "account event"
        constraints = [in_calendar(moments=["created_at"], name="user_audit_log_calendar")]

    def __str__(self) -> str:
        return f"account event {self.pk}"

    def save(self, *_args: Any, **_kwargs: Any) -> NoReturn:
        raise TrailIsReadOnly("save")

    def delete(self, *_args: Any, **_kwargs: Any) -> NoReturn:
        raise TrailIsReadOnly("delete")
