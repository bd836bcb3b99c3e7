"""Accounts: SQL files made the tables, so that this declares them as they stand, and adds what Django's permissions need."""

from datetime import UTC, date, datetime

import django.contrib.postgres.fields
from django.contrib.postgres.functions import TransactionNow
from django.db import migrations, models
from django.db.models.functions import Lower

import compliance.audit.models
import compliance.rules

MOMENTS = (datetime.min.replace(tzinfo=UTC), datetime.max.replace(tzinfo=UTC))

TABLE_USERS = migrations.CreateModel(
    name="User",
    fields=[
        (
            "id",
            models.BigAutoField(
                db_comment="Surrogate key, never given to another account. [PHI: none]",
                primary_key=True,
                serialize=False,
            ),
        ),
        (
            "email",
            models.EmailField(
                db_comment="Login name; unique in any case. [PHI: identifier, e-mail addresses]",
                max_length=255,
                unique=True,
                verbose_name="e-mail address",
            ),
        ),
        (
            "password",
            models.CharField(
                db_column="password_hash",
                db_comment="Salted hash with the name of its algorithm; never the password. [PHI: none]",
                max_length=255,
            ),
        ),
        (
            "role",
            models.CharField(
                choices=[
                    ("admin", "Administrator"),
                    ("physician", "Physician"),
                    ("nurse", "Nurse"),
                    ("pharmacist", "Pharmacist"),
                    ("front_desk", "Front desk"),
                    ("billing", "Billing"),
                    ("compliance_officer", "Compliance officer"),
                    ("auditor", "Auditor"),
                    ("researcher", "Researcher"),
                    ("patient", "Patient"),
                    ("service", "Service"),
                ],
                db_comment="What the account is for; access rules start from it. [PHI: none]",
                db_default="patient",
                default="patient",
                max_length=50,
            ),
        ),
        (
            "first_name",
            models.CharField(
                blank=True,
                db_comment="Given name; empty when unknown. [PHI: identifier, names]",
                db_default="",
                default="",
                max_length=100,
            ),
        ),
        (
            "last_name",
            models.CharField(
                blank=True,
                db_comment="Family name; empty when unknown. [PHI: identifier, names]",
                db_default="",
                default="",
                max_length=100,
            ),
        ),
        (
            "phone",
            models.CharField(
                blank=True,
                db_comment="Telephone number for account matters; empty when unknown. [PHI: identifier, telephone numbers]",
                db_default="",
                default="",
                max_length=20,
            ),
        ),
        (
            "date_of_birth",
            models.DateField(
                blank=True,
                db_comment="Date of birth, when the account is a patient's own. [PHI: identifier, dates]",
                null=True,
            ),
        ),
        (
            "created_at",
            models.DateTimeField(
                auto_now_add=True, db_comment="When the account was made. [PHI: none]", db_default=TransactionNow()
            ),
        ),
        (
            "updated_at",
            models.DateTimeField(
                auto_now=True, db_comment="When the account was last changed. [PHI: none]", db_default=TransactionNow()
            ),
        ),
        (
            "last_login",
            models.DateTimeField(
                blank=True, db_comment="When the account last logged in. [PHI: none]", editable=False, null=True
            ),
        ),
        (
            "is_active",
            models.BooleanField(
                db_comment="Whether the account may log in. [PHI: none]",
                db_default=True,
                default=True,
                verbose_name="active",
            ),
        ),
        (
            "email_verified",
            models.BooleanField(
                db_comment="Whether its owner has shown that the e-mail address is theirs. [PHI: none]",
                db_default=False,
                default=False,
            ),
        ),
    ],
    options={
        "db_table": "users",
        "db_table_comment": "Accounts: whoever may log in, staff and patients alike. Deactivated, never deleted.",
        "indexes": [
            models.Index(fields=["role"], name="idx_users_role"),
            models.Index(fields=["is_active"], name="idx_users_active"),
        ],
        "constraints": [
            models.UniqueConstraint(
                Lower("email"),
                name="users_email_any_case",
                violation_error_message="There is an account with this e-mail address already.",
            ),
            models.CheckConstraint(
                condition=models.Q(
                    (
                        "role__in",
                        [
                            "admin",
                            "physician",
                            "nurse",
                            "pharmacist",
                            "front_desk",
                            "billing",
                            "compliance_officer",
                            "auditor",
                            "researcher",
                            "patient",
                            "service",
                        ],
                    )
                ),
                name="users_role_known",
                violation_error_message="This role is not known.",
            ),
            models.CheckConstraint(
                condition=models.Q(
                    ("date_of_birth__range", (date.min, date.max)),
                    *((f"{moment}__range", MOMENTS) for moment in ("created_at", "updated_at", "last_login")),
                ),
                name="users_calendar",
                violation_error_message="A date lies between the years 1 and 9999; leave out an end that is open.",
            ),
            compliance.rules.HeldInSql(
                name="users_are_kept", violation_error_message="An account is deactivated, not deleted."
            ),
        ],
    },
)

TABLE_USER_AUDIT_LOG = migrations.CreateModel(
    name="UserAuditLog",
    fields=[
        ("id", models.BigAutoField(db_comment="Surrogate key. [PHI: none]", primary_key=True, serialize=False)),
        ("action", models.CharField(db_comment="What happened, as a code. [PHI: none]", max_length=50)),
        ("changed_fields", models.JSONField(db_comment="Which fields changed. [PHI: none]", null=True)),
        (
            "ip_address",
            models.GenericIPAddressField(
                db_comment="Where the request came from. [PHI: identifier, IP addresses]", null=True
            ),
        ),
        ("user_agent", models.TextField(db_comment="What the client said it was. [PHI: none]", null=True)),
        ("created_at", models.DateTimeField(db_comment="When it happened. [PHI: none]", db_default=TransactionNow())),
    ],
    options={
        "verbose_name": "account event",
        "db_table": "user_audit_log",
        "db_table_comment": "Security events about accounts, written by whatever saw them.",
        "managed": False,
    },
)

TABLE_AUDIT_LOGS = migrations.CreateModel(
    name="AuditLog",
    fields=[
        (
            "id",
            models.BigAutoField(
                db_comment="Number, unique together with the time. [PHI: none]", primary_key=True, serialize=False
            ),
        ),
        (
            "timestamp",
            models.DateTimeField(
                db_comment="When it happened, by the database's clock. [PHI: none]",
                db_default=compliance.audit.models.ClockTimestamp(),
                editable=False,
            ),
        ),
        (
            "object_pk",
            models.CharField(db_comment="Key of the row, as text. [PHI: none]", db_default="", max_length=255),
        ),
        (
            "object_id",
            models.BigIntegerField(db_comment="Key of the row, when it is one number. [PHI: none]", null=True),
        ),
        ("object_repr", models.TextField(db_comment="Table and key; never a name. [PHI: none]", db_default="")),
        ("serialized_data", models.JSONField(db_comment="Not used. [PHI: none]", null=True)),
        (
            "action",
            models.SmallIntegerField(
                choices=[(0, "create"), (1, "update"), (2, "delete"), (3, "access")],
                db_comment="0 create, 1 update, 2 delete, 3 access. [PHI: none]",
            ),
        ),
        ("changes_text", models.TextField(blank=True, db_comment="Not used. [PHI: none]", db_default="")),
        (
            "changes",
            models.JSONField(
                db_comment="Column: [old, new], as text; *** where it holds health information. [PHI: none]", null=True
            ),
        ),
        (
            "cid",
            models.CharField(
                db_comment="The same for all of one request. [PHI: none]",
                max_length=255,
                null=True,
                verbose_name="correlation id",
            ),
        ),
        (
            "remote_addr",
            models.GenericIPAddressField(
                db_comment="Where the request came from. [PHI: identifier, IP addresses]",
                null=True,
                verbose_name="address",
            ),
        ),
        ("remote_port", models.IntegerField(db_comment="Port of the client. [PHI: none]", null=True)),
        (
            "additional_data",
            models.JSONField(db_comment="What else is known; no health information. [PHI: none]", null=True),
        ),
        (
            "actor_email",
            models.CharField(
                db_comment="The account's e-mail address then. [PHI: identifier, e-mail addresses]",
                max_length=254,
                null=True,
            ),
        ),
        (
            "event_type",
            models.CharField(
                choices=[
                    ("create", "Create"),
                    ("read", "Read"),
                    ("update", "Update"),
                    ("delete", "Delete"),
                    ("query", "Search or list"),
                    ("export", "Export"),
                    ("print", "Print"),
                    ("disclose", "Disclose"),
                    ("import", "Import"),
                    ("login", "Login"),
                    ("logout", "Logout"),
                    ("login_failed", "Failed login"),
                    ("denied", "Denied"),
                    ("account", "Account change"),
                    ("config_change", "Audit configuration change"),
                    ("privilege_change", "Privilege change"),
                    ("truncate", "Truncate"),
                    ("verify", "Verify"),
                ],
                db_comment="What happened. [PHI: none]",
                max_length=20,
                verbose_name="event",
            ),
        ),
        (
            "outcome",
            models.SmallIntegerField(
                choices=[(0, "Success"), (4, "Minor failure"), (8, "Serious failure"), (12, "Major failure")],
                db_comment="Whether it succeeded: FHIR audit-event-outcome. [PHI: none]",
                db_default=0,
            ),
        ),
        ("outcome_reason", models.CharField(db_comment="Why it did not. [PHI: none]", max_length=200, null=True)),
        ("actor_role", models.CharField(db_comment="The account's role then. [PHI: none]", max_length=50, null=True)),
        (
            "db_role",
            models.CharField(
                db_comment="The database login of the session. [PHI: none]",
                db_default=models.Func(
                    function="SESSION_USER", output_field=models.CharField(), template="SESSION_USER"
                ),
                max_length=63,
                verbose_name="database login",
            ),
        ),
        (
            "attributed",
            models.BooleanField(
                db_comment="Whether the application said who acts; false is worth a look. [PHI: none]", db_default=False
            ),
        ),
        (
            "session_digest",
            models.CharField(
                db_comment="Digest of the session's key. [PHI: none]", max_length=64, null=True, verbose_name="session"
            ),
        ),
        (
            "purpose_of_use",
            models.CharField(db_comment="Why: an HL7 PurposeOfUse code. [PHI: none]", max_length=20, null=True),
        ),
        (
            "source",
            models.CharField(
                db_comment="The door: a view, a command, a SQL file. [PHI: none]", max_length=100, null=True
            ),
        ),
        (
            "patient_id",
            models.BigIntegerField(
                db_comment="Whose data it is about: the key in patients. [PHI: none]", null=True, verbose_name="patient"
            ),
        ),
        (
            "patient_ids",
            django.contrib.postgres.fields.ArrayField(
                base_field=models.BigIntegerField(),
                db_comment="Whose data a list showed: their keys in patients. [PHI: none]",
                null=True,
                size=None,
            ),
        ),
        (
            "table_name",
            models.CharField(db_comment="The table. [PHI: none]", max_length=63, null=True, verbose_name="table"),
        ),
        (
            "object_uid",
            models.UUIDField(
                db_comment="Public identifier of the row. [PHI: identifier, other unique identifiers]", null=True
            ),
        ),
        (
            "object_version",
            models.IntegerField(db_comment="Version of the row, after the change. [PHI: none]", null=True),
        ),
        ("result_count", models.IntegerField(db_comment="How many rows were shown. [PHI: none]", null=True)),
        (
            "query_digest",
            models.CharField(
                db_comment="Keyed digest of the search terms, to compare them. [PHI: none]", max_length=64, null=True
            ),
        ),
        (
            "captured_by",
            models.CharField(db_comment="trigger or application. [PHI: none]", db_default="application", max_length=11),
        ),
    ],
    options={
        "verbose_name": "audit entry",
        "verbose_name_plural": "audit entries",
        "db_table": "audit_logs",
        "db_table_comment": "Who did what to whose data, when, from where and why. Append-only; kept for seven years.",
        "ordering": ["-timestamp", "-id"],
        "permissions": [("export_auditlog", "Can export audit entries")],
        "get_latest_by": "timestamp",
        "managed": False,
        "default_permissions": ("view",),
    },
)


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("auth", "0012_alter_user_first_name_max_length"),
        ("contenttypes", "0002_remove_content_type_name"),
        ("sql_migrations", "20240116_100000_hold_account_rules"),
    ]

    operations = [
        migrations.SeparateDatabaseAndState(state_operations=[TABLE_USERS]),
        TABLE_USER_AUDIT_LOG,
        migrations.AddField(
            model_name="user",
            name="is_superuser",
            field=models.BooleanField(
                db_comment="Whether the account administers besides its role; it sees no health information by that. [PHI: none]",
                db_default=False,
                default=False,
                help_text="Administers besides its role. It sees no health information by that.",
                verbose_name="superuser",
            ),
        ),
        migrations.AddField(
            model_name="user",
            name="is_staff",
            field=models.BooleanField(
                db_comment="Whether the account may log in to the admin. [PHI: none]",
                db_default=False,
                default=False,
                help_text="May log in to this site: without it, the right password is refused too.",
                verbose_name="staff",
            ),
        ),
        migrations.AddField(
            model_name="user",
            name="groups",
            field=models.ManyToManyField(
                blank=True,
                help_text="The groups this user belongs to. A user will get all permissions granted to each of their groups.",
                related_name="user_set",
                related_query_name="user",
                to="auth.group",
                verbose_name="groups",
            ),
        ),
        migrations.AddField(
            model_name="user",
            name="user_permissions",
            field=models.ManyToManyField(
                blank=True,
                help_text="Specific permissions for this user.",
                related_name="user_set",
                related_query_name="user",
                to="auth.permission",
                verbose_name="user permissions",
            ),
        ),
        # SQL files make this table: 20240120_090000_create_audit_logs.sql
        TABLE_AUDIT_LOGS,
    ]
