"""Accounts: SQL files made the tables, so that this declares them as they stand, and adds what Django's permissions need."""

from datetime import UTC, date, datetime

from django.contrib.postgres.functions import TransactionNow
from django.db import migrations, models
from django.db.models.functions import Lower

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


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("auth", "0012_alter_user_first_name_max_length"),
        ("sql_migrations", "20240116_100000_hold_account_rules"),
    ]

    operations = [
        migrations.SeparateDatabaseAndState(state_operations=[TABLE_USERS]),
        TABLE_USER_AUDIT_LOG,
        migrations.AddField(
            model_name="user",
            name="is_superuser",
            field=models.BooleanField(
                db_comment="Whether the account has every permission without being given it. [PHI: none]",
                db_default=False,
                default=False,
                help_text="Has every permission without being given it.",
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
                help_text="May log in to this site.",
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
    ]
