"""The trail: who did what to whose data. A SQL file made the table audit_logs, which nobody changes."""

from __future__ import annotations

from typing import Any, NoReturn, Self

from auditlog.models import AbstractLogEntry, LogEntryManager
from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Func, Q

from compliance import phi, rights
from compliance.audit import context
from compliance.audit.errors import TrailIsAppendOnly
from compliance.audit.subjects import about
from compliance.phi import Identifier
from compliance.rules import held_in_sql

# The connection of its own on which the application's entries are committed, apart from the request's transaction.
ALIAS = "audit"
# What the database says of an entry. The application may not name these columns.
KEPT = frozenset({"id", "timestamp", "db_role", "captured_by"})


class EventType(models.TextChoices):
    """What happened. The database holds the same list in audit_logs_event_known."""

    CREATE = "create", "Create"
    READ = "read", "Read"
    UPDATE = "update", "Update"
    DELETE = "delete", "Delete"
    QUERY = "query", "Search or list"
    EXPORT = "export", "Export"
    PRINT = "print", "Print"
    DISCLOSE = "disclose", "Disclose"
    IMPORT = "import", "Import"
    LOGIN = "login", "Login"
    LOGOUT = "logout", "Logout"
    LOGIN_FAILED = "login_failed", "Failed login"
    DENIED = "denied", "Denied"
    ACCOUNT = "account", "Account change"
    CONFIG_CHANGE = "config_change", "Audit configuration change"
    PRIVILEGE_CHANGE = "privilege_change", "Privilege change"
    TRUNCATE = "truncate", "Truncate"
    VERIFY = "verify", "Verify"
    BREAK_GLASS = "break_glass", "Emergency access"
    KEY_USE = "key_use", "Encryption keys"


class ConsentSaid(models.TextChoices):
    """What consent said of what was asked for. The database holds the same list in audit_logs_consent_known."""

    PERMIT = "permit", "Permitted by a consent"
    DENY = "deny", "Withheld"
    NOT_REQUIRED = "not_required", "No consent needed"


class Outcome(models.IntegerChoices):
    """FHIR audit-event-outcome."""

    SUCCESS = 0, "Success"
    MINOR_FAILURE = 4, "Minor failure"
    SERIOUS_FAILURE = 8, "Serious failure"
    MAJOR_FAILURE = 12, "Major failure"


class ClockTimestamp(Func):
    """The time on PostgreSQL's clock, which goes on in the middle of a transaction."""

    template = "clock_timestamp()"
    output_field = models.DateTimeField()


class AuditLogQuerySet(models.QuerySet["AuditLog"]):
    """Entries, in the words of a report. They are added one way only: compliance.audit.recording."""

    def about(self, *patients: int) -> Self:
        """Keep the entries about these patients' data: what was done with it, and lists that showed it."""
        return self.filter(Q(patient_id__in=patients) | Q(patient_ids__overlap=list(patients)))

    def by(self, actor: int) -> Self:
        """Keep what an account did."""
        return self.filter(actor_id=actor)

    def _refuse(self, *_args: object, **_kwargs: object) -> NoReturn:
        raise TrailIsAppendOnly("a change")

    update = delete = bulk_update = update_or_create = _refuse


class AuditLogManager(LogEntryManager):  # type: ignore[misc] # django-auditlog carries no types
    """What django-auditlog makes entries with, each time that it hears of a read."""

    def log_create(self, instance: models.Model, force_log: bool = False, **facts: Any) -> Any:
        """Say of the row whose data it is. Its __str__ is left out: that of an account is an e-mail address."""
        return super().log_create(instance, force_log, **{**about(instance), **facts})


class AuditLog(AbstractLogEntry):  # type: ignore[misc] # django-auditlog carries no types
    """One event: a change that a trigger saw, or a read, a search, a login that the application saw."""

    EventType = EventType
    Outcome = Outcome
    APP_MAY = rights.AddOnly(KEPT)

    id = models.BigAutoField(primary_key=True, db_comment=phi.none("Number, unique together with the time."))
    timestamp = models.DateTimeField(
        db_default=ClockTimestamp(), editable=False, db_comment=phi.none("When it happened, by the database's clock.")
    )
    # Both speak of rows that may be gone: nothing holds them, and nothing follows when those rows go.
    content_type = models.ForeignKey(
        "contenttypes.ContentType",
        models.DO_NOTHING,
        null=True,
        db_constraint=False,
        related_name="+",
        db_comment=phi.none("The model; NULL for a table without one."),
    )
    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.DO_NOTHING,
        null=True,
        db_constraint=False,
        related_name="+",
        db_comment=phi.none("The account that did it; NULL when none was named."),
    )
    object_pk = models.CharField(max_length=255, db_default="", db_comment=phi.none("Key of the row, as text."))
    object_id = models.BigIntegerField(null=True, db_comment=phi.none("Key of the row, when it is one number."))
    object_repr = models.TextField(db_default="", db_comment=phi.none("Table and key; never a name."))
    serialized_data = models.JSONField(null=True, db_comment=phi.none("Not used."))
    action = models.SmallIntegerField(
        choices=AbstractLogEntry.Action.choices, db_comment=phi.none("0 create, 1 update, 2 delete, 3 access.")
    )
    changes_text = models.TextField(blank=True, db_default="", db_comment=phi.none("Not used."))
    changes = models.JSONField(
        null=True, db_comment=phi.none("Column: [old, new], as text; *** where it holds health information.")
    )
    cid = models.CharField(
        "correlation id", max_length=255, null=True, db_comment=phi.none("The same for all of one request.")
    )
    remote_addr = models.GenericIPAddressField(
        "address", null=True, db_comment=phi.identifier(Identifier.IP, "Where the request came from.")
    )
    remote_port = models.IntegerField(null=True, db_comment=phi.none("Port of the client."))
    additional_data = models.JSONField(null=True, db_comment=phi.none("What else is known; no health information."))
    actor_email = models.CharField(
        max_length=254, null=True, db_comment=phi.identifier(Identifier.EMAIL, "The account's e-mail address then.")
    )
    event_type = models.CharField(
        "event", max_length=20, choices=EventType.choices, db_comment=phi.none("What happened.")
    )
    outcome = models.SmallIntegerField(
        choices=Outcome.choices, db_default=0, db_comment=phi.none("Whether it succeeded: FHIR audit-event-outcome.")
    )
    outcome_reason = models.CharField(max_length=200, null=True, db_comment=phi.none("Why it did not."))
    actor_role = models.CharField(max_length=50, null=True, db_comment=phi.none("The account's role then."))
    db_role = models.CharField(
        "database login",
        max_length=63,
        db_default=Func(function="SESSION_USER", template="SESSION_USER", output_field=models.CharField()),
        db_comment=phi.none("The database login of the session."),
    )
    attributed = models.BooleanField(
        db_default=False, db_comment=phi.none("Whether the application said who acts; false is worth a look.")
    )
    session_digest = models.CharField(
        "session", max_length=64, null=True, db_comment=phi.none("Digest of the session's key.")
    )
    purpose_of_use = models.CharField(max_length=20, null=True, db_comment=phi.none("Why: an HL7 PurposeOfUse code."))
    source = models.CharField(
        max_length=100, null=True, db_comment=phi.none("The door: a view, a command, a SQL file.")
    )
    patient_id = models.BigIntegerField(
        "patient", null=True, db_comment=phi.none("Whose data it is about: the key in patients.")
    )
    patient_ids = ArrayField(
        models.BigIntegerField(), null=True, db_comment=phi.none("Whose data a list showed: their keys in patients.")
    )
    table_name = models.CharField("table", max_length=63, null=True, db_comment=phi.none("The table."))
    object_uid = models.UUIDField(
        null=True, db_comment=phi.identifier(Identifier.OTHER, "Public identifier of the row.")
    )
    object_version = models.IntegerField(null=True, db_comment=phi.none("Version of the row, after the change."))
    result_count = models.IntegerField(null=True, db_comment=phi.none("How many rows were shown."))
    query_digest = models.CharField(
        max_length=64, null=True, db_comment=phi.none("Keyed digest of the search terms, to compare them.")
    )
    consent_decision = models.CharField(
        "consent",
        max_length=12,
        choices=ConsentSaid.choices,
        null=True,
        db_comment=phi.none("Whether consent released or withheld it; NULL where none is asked."),
    )
    consent_id = models.BigIntegerField(
        "consent number",
        null=True,
        db_comment=phi.none("The version in consent_records that decided; NULL for a rule."),
    )
    consent_ids = ArrayField(
        models.BigIntegerField(),
        null=True,
        db_comment=phi.none("Of a list: consents that released what it shows, or withheld more; at most 100."),
    )
    captured_by = models.CharField(
        max_length=11, db_default="application", db_comment=phi.none("trigger or application.")
    )

    objects = AuditLogManager.from_queryset(AuditLogQuerySet)()

    class Meta:
        managed = False
        db_table = "audit_logs"
        db_table_comment = "Who did what to whose data, when, from where and why. Append-only; kept for seven years."
        get_latest_by = "timestamp"
        ordering = ["-timestamp", "-id"]
        verbose_name = "audit entry"
        verbose_name_plural = "audit entries"
        constraints = [
            held_in_sql("audit_logs_action_known", "This is not a known action."),
            held_in_sql("audit_logs_event_known", "This is not a known event."),
            held_in_sql("audit_logs_outcome_known", "This is not a known outcome."),
            held_in_sql("audit_logs_consent_known", "This is not a known decision about consent."),
            held_in_sql("audit_logs_captured_by_known", "An entry comes from a trigger or from the application."),
        ]
        default_permissions = ("view",)
        permissions = [("export_auditlog", "Can export audit entries")]

    def __str__(self) -> str:
        return f"audit entry {self.pk}"

    def save(self, *_args: Any, **_kwargs: Any) -> None:
        """Add the entry, with what has been said of whoever acts, on the trail's own connection.

        One that stands is not changed.
        """
        if not self._state.adding:
            raise TrailIsAppendOnly("save")
        self._attribute()
        super().save(force_insert=True, using=ALIAS)

    def _do_insert(self, manager: Any, using: str | None, fields: Any, returning_fields: Any, raw: bool) -> Any:
        """Leave out what the database says, where Django would write DEFAULT: that takes the right to say something."""
        told = [field for field in fields if field.name not in KEPT]
        return super()._do_insert(manager, using, told, returning_fields, raw)

    def _attribute(self) -> None:
        """Fill in who acts, where the caller has not said it."""
        said = context.current()
        self.attributed = said is not None
        self.event_type = self.event_type or EventType.READ
        for name, value in (said.fields() if said else {}).items():
            if getattr(self, name) is None:
                setattr(self, name, value)

    def delete(self, *_args: Any, **_kwargs: Any) -> NoReturn:
        raise TrailIsAppendOnly("delete")
