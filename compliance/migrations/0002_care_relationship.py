import datetime
import uuid

import django.contrib.postgres.fields.ranges
import django.contrib.postgres.functions
import django.db.models.deletion
import django.db.models.expressions
import django.db.models.functions.comparison
from django.conf import settings
from django.db import migrations, models

import compliance.rules


class Migration(migrations.Migration):
    dependencies = [
        ("compliance", "0001_initial"),
        ("patients", "0001_initial"),
    ]

    operations = [
        migrations.CreateModel(
            name="AccessRule",
            fields=[
                ("id", models.BigAutoField(db_comment="Surrogate key. [PHI: none]", primary_key=True, serialize=False)),
                (
                    "role",
                    models.CharField(
                        db_comment="Name of the role: users.role, or a group's name. [PHI: none]", max_length=50
                    ),
                ),
                (
                    "purpose",
                    models.CharField(db_comment="What for: an HL7 PurposeOfUse code. [PHI: none]", max_length=20),
                ),
                (
                    "permission",
                    models.CharField(db_comment="Django's permission, app.codename. [PHI: none]", max_length=150),
                ),
                (
                    "table_name",
                    models.CharField(db_comment="The table whose rows it is about. [PHI: none]", max_length=63),
                ),
                (
                    "action",
                    models.CharField(
                        choices=[("read", "Read"), ("write", "Write"), ("none", "Nothing by itself")],
                        db_comment="What it lets a statement do with rows of the table. [PHI: none]",
                        max_length=6,
                    ),
                ),
                (
                    "reach",
                    models.CharField(
                        choices=[
                            ("all", "Everybody's"),
                            ("care", "Those of patients in one's care"),
                            ("own", "One's own"),
                        ],
                        db_comment="Whose rows: everybody's, in one's care, one's own. [PHI: none]",
                        max_length=4,
                    ),
                ),
            ],
            options={
                "db_table": "access_rules",
                "db_table_comment": "Who may do what with whose rows: policy.toml as migrate wrote it, read by each statement.",
                "default_permissions": ("view",),
                "constraints": [
                    models.UniqueConstraint(
                        fields=("role", "purpose", "permission"),
                        name="access_rules_once",
                        violation_error_message="There is a rule for this role, purpose and permission already.",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("action__in", ["read", "write", "none"])),
                        name="access_rules_action_known",
                        violation_error_message="This is not a known action.",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("reach__in", ["all", "care", "own"])),
                        name="access_rules_reach_known",
                        violation_error_message="This is not a known reach.",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="BreakGlassGrant",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        db_comment="Surrogate key, for joins only. [PHI: none]", primary_key=True, serialize=False
                    ),
                ),
                (
                    "uid",
                    models.UUIDField(
                        db_comment="Public identifier, the one that leaves this database. [PHI: identifier, other unique identifiers]",
                        db_default=django.contrib.postgres.functions.RandomUUID(),
                        default=uuid.uuid4,
                        editable=False,
                        unique=True,
                        verbose_name="public identifier",
                    ),
                ),
                (
                    "version",
                    models.IntegerField(
                        db_comment="Counts the changes of the row, from 1; kept by the database. [PHI: none]",
                        db_default=1,
                        editable=False,
                    ),
                ),
                (
                    "created_at",
                    models.DateTimeField(
                        db_comment="When the row was made; kept by the database. [PHI: none]",
                        db_default=django.contrib.postgres.functions.TransactionNow(),
                        editable=False,
                    ),
                ),
                (
                    "updated_at",
                    models.DateTimeField(
                        db_comment="When the row was last changed; kept by the database. [PHI: none]",
                        db_default=django.contrib.postgres.functions.TransactionNow(),
                        editable=False,
                    ),
                ),
                (
                    "reason",
                    models.TextField(db_comment="Why, in the words of who opened it. [PHI: clinical; to be encrypted]"),
                ),
                ("opened_at", models.DateTimeField(db_comment="From when. [PHI: identifier, dates]")),
                ("ends_at", models.DateTimeField(db_comment="Until when, at most. [PHI: identifier, dates]")),
                (
                    "closed_at",
                    models.DateTimeField(
                        blank=True, db_comment="When it was closed before its end. [PHI: identifier, dates]", null=True
                    ),
                ),
                (
                    "proved_at",
                    models.DateTimeField(
                        db_comment="When the account last proved who it is, before opening. [PHI: none]"
                    ),
                ),
                (
                    "reviewed_at",
                    models.DateTimeField(blank=True, db_comment="When it was reviewed. [PHI: none]", null=True),
                ),
                (
                    "review_outcome",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("justified", "Justified"),
                            ("not_justified", "Not justified"),
                            ("escalated", "Handed on for investigation"),
                        ],
                        db_comment="What the reviewer found. [PHI: none]",
                        max_length=13,
                        null=True,
                    ),
                ),
                (
                    "review_note",
                    models.TextField(
                        blank=True, db_comment="What the reviewer wrote. [PHI: clinical; to be encrypted]", null=True
                    ),
                ),
                (
                    "patient",
                    models.ForeignKey(
                        db_comment="Whose chart. [PHI: none]",
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="break_glass_grants",
                        to="patients.patient",
                    ),
                ),
                (
                    "reviewed_by",
                    models.ForeignKey(
                        blank=True,
                        db_comment="The account that reviewed it. [PHI: none]",
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "user",
                    models.ForeignKey(
                        db_comment="The account that opened it. [PHI: none]",
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="break_glass_grants",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "verbose_name": "emergency",
                "verbose_name_plural": "emergencies",
                "db_table": "break_glass_grants",
                "db_table_comment": "Emergencies in which somebody opened a chart that is not in their care. Never deleted.",
                "permissions": [
                    ("open_breakglassgrant", "Can open a chart in an emergency"),
                    ("close_breakglassgrant", "Can close a chart that was opened in an emergency"),
                    ("review_breakglassgrant", "Can review emergencies"),
                ],
                "default_permissions": ("view",),
            },
        ),
        migrations.CreateModel(
            name="CareRelationship",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        db_comment="Surrogate key, for joins only. [PHI: none]", primary_key=True, serialize=False
                    ),
                ),
                (
                    "uid",
                    models.UUIDField(
                        db_comment="Public identifier, the one that leaves this database. [PHI: identifier, other unique identifiers]",
                        db_default=django.contrib.postgres.functions.RandomUUID(),
                        default=uuid.uuid4,
                        editable=False,
                        unique=True,
                        verbose_name="public identifier",
                    ),
                ),
                (
                    "version",
                    models.IntegerField(
                        db_comment="Counts the changes of the row, from 1; kept by the database. [PHI: none]",
                        db_default=1,
                        editable=False,
                    ),
                ),
                (
                    "created_at",
                    models.DateTimeField(
                        db_comment="When the row was made; kept by the database. [PHI: none]",
                        db_default=django.contrib.postgres.functions.TransactionNow(),
                        editable=False,
                    ),
                ),
                (
                    "updated_at",
                    models.DateTimeField(
                        db_comment="When the row was last changed; kept by the database. [PHI: none]",
                        db_default=django.contrib.postgres.functions.TransactionNow(),
                        editable=False,
                    ),
                ),
                (
                    "role",
                    models.CharField(
                        choices=[
                            ("treating", "Treating"),
                            ("consulting", "Consulting"),
                            ("covering", "Covering for another"),
                            ("nursing", "Nursing"),
                            ("pharmacy", "Pharmacy"),
                            ("coordinating", "Coordinating care"),
                        ],
                        db_comment="What that person is to the patient. [PHI: clinical]",
                        db_default="treating",
                        default="treating",
                        max_length=12,
                    ),
                ),
                ("starts_at", models.DateTimeField(db_comment="From when. [PHI: identifier, dates]")),
                (
                    "ends_at",
                    models.DateTimeField(
                        blank=True, db_comment="Until when; NULL while it is open. [PHI: identifier, dates]", null=True
                    ),
                ),
                (
                    "patient",
                    models.ForeignKey(
                        db_comment="Who is cared for. [PHI: none]",
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="care_relationships",
                        to="patients.patient",
                    ),
                ),
                (
                    "user",
                    models.ForeignKey(
                        db_comment="The account of who cares for them. [PHI: none]",
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="care_relationships",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "db_table": "care_relationships",
                "db_table_comment": "Who treats whom, from when to when. Ended, never deleted.",
            },
        ),
        migrations.CreateModel(
            name="Notice",
            fields=[
                ("id", models.BigAutoField(db_comment="Surrogate key. [PHI: none]", primary_key=True, serialize=False)),
                (
                    "created_at",
                    models.DateTimeField(
                        db_comment="When it was delivered. [PHI: none]",
                        db_default=django.contrib.postgres.functions.TransactionNow(),
                        editable=False,
                    ),
                ),
                (
                    "acknowledged_at",
                    models.DateTimeField(
                        blank=True, db_comment="When its recipient acknowledged it. [PHI: none]", null=True
                    ),
                ),
                (
                    "mailed_at",
                    models.DateTimeField(
                        blank=True, db_comment="When the mail server took the e-mail about it. [PHI: none]", null=True
                    ),
                ),
                (
                    "mail_problem",
                    models.CharField(
                        blank=True,
                        db_comment="Why no e-mail went out, as the kind of the error; never its text. [PHI: none]",
                        max_length=100,
                        null=True,
                    ),
                ),
                (
                    "grant",
                    models.ForeignKey(
                        db_comment="What was opened. [PHI: none]",
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="notices",
                        to="compliance.breakglassgrant",
                    ),
                ),
                (
                    "recipient",
                    models.ForeignKey(
                        db_comment="The account in whose inbox it is. [PHI: none]",
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="notices",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "db_table": "notices",
                "db_table_comment": "Inbox of those who watch over emergencies: one row for each of them and each opening.",
                "permissions": [("acknowledge_notice", "Can acknowledge the notice of an emergency")],
                "default_permissions": ("view",),
            },
        ),
        migrations.CreateModel(
            name="AccessReview",
            fields=[
                ("id", models.BigAutoField(db_comment="Surrogate key. [PHI: none]", primary_key=True, serialize=False)),
                (
                    "at",
                    models.DateTimeField(
                        db_comment="When it was signed. [PHI: none]",
                        db_default=django.contrib.postgres.functions.TransactionNow(),
                        editable=False,
                    ),
                ),
                (
                    "digest",
                    models.CharField(
                        db_comment="SHA-256 of `holders`, as hexadecimal digits. [PHI: none]", max_length=64
                    ),
                ),
                (
                    "holders",
                    models.JSONField(
                        db_comment="Who held what: one object for each account of the staff. [PHI: identifier, e-mail addresses]"
                    ),
                ),
                (
                    "note",
                    models.TextField(
                        blank=True,
                        db_comment="What the signer wants to have said; NULL for nothing. [PHI: none]",
                        null=True,
                    ),
                ),
                (
                    "by",
                    models.ForeignKey(
                        db_column="signed_by",
                        db_comment="The account of who signed it. [PHI: none]",
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="access_reviews",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "db_table": "access_reviews",
                "db_table_comment": "Who held what access, as somebody signed it. Never changed, never deleted.",
                "permissions": [("certify_accessreview", "Can sign that access is held rightly")],
                "default_permissions": ("view", "add"),
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("digest__regex", "^[0-9a-f]{64}$")),
                        name="access_reviews_digest",
                        violation_error_message="A digest has 64 hexadecimal digits.",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            (
                                "at__range",
                                (
                                    datetime.datetime(1, 1, 1, 0, 0, tzinfo=datetime.UTC),
                                    datetime.datetime(9999, 12, 31, 23, 59, 59, 999999, tzinfo=datetime.UTC),
                                ),
                            )
                        ),
                        name="access_reviews_calendar",
                        violation_error_message="A date lies between the years 1 and 9999; leave out an end that is open.",
                    ),
                    compliance.rules.HeldInSql(
                        name="access_reviews_stand",
                        violation_error_message="A signed review of access stays as it was signed.",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="AccountSession",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        db_comment="Surrogate key; the session carries it. [PHI: none]",
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                (
                    "seen_at",
                    models.DateTimeField(
                        db_comment="When it was last used, to about a minute. [PHI: none]", verbose_name="last seen"
                    ),
                ),
                (
                    "ended_at",
                    models.DateTimeField(
                        db_comment="When it ended; NULL while it has not, or was left idle. [PHI: none]",
                        null=True,
                        verbose_name="ended",
                    ),
                ),
                (
                    "ending",
                    models.CharField(
                        choices=[
                            ("logout", "Logged out"),
                            ("idle", "Idle for too long"),
                            ("revoked", "Ended from elsewhere"),
                        ],
                        db_comment="How it ended; NULL while it has not. [PHI: none]",
                        max_length=10,
                        null=True,
                    ),
                ),
                (
                    "login",
                    models.ForeignKey(
                        db_comment="The login that began it, in user_audit_log: when, from where, with which browser. [PHI: none]",
                        db_constraint=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="compliance.userauditlog",
                    ),
                ),
                (
                    "user",
                    models.ForeignKey(
                        db_comment="Whose account is logged in. [PHI: none]",
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="sessions",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "verbose_name": "session",
                "db_table": "account_sessions",
                "db_table_comment": "Who is logged in since when. The keys of the sessions are not here.",
                "permissions": [("end_accountsession", "Can end sessions of others")],
                "default_permissions": ("view",),
                "indexes": [models.Index(fields=["seen_at"], name="account_sessions_seen")],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("ending__in", ["logout", "idle", "revoked"])),
                        name="account_sessions_ending_known",
                        violation_error_message="This is no way for a session to end.",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("ended_at", None), ("ending", None)),
                            models.Q(("ended_at__isnull", False), ("ending__isnull", False)),
                            _connector="OR",
                        ),
                        name="account_sessions_end_is_whole",
                        violation_error_message="A session that ended says when and how.",
                    ),
                ],
            },
        ),
        migrations.AddIndex(
            model_name="breakglassgrant",
            index=models.Index(fields=["user", "ends_at"], name="break_glass_grants_of_user"),
        ),
        migrations.AddIndex(
            model_name="breakglassgrant",
            index=models.Index(
                condition=models.Q(("reviewed_at__isnull", True)),
                fields=["opened_at"],
                name="break_glass_grants_unreviewed",
            ),
        ),
        migrations.AddConstraint(
            model_name="breakglassgrant",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("ends_at__gt", models.F("opened_at")),
                    (
                        "ends_at__lte",
                        django.db.models.expressions.CombinedExpression(
                            models.F("opened_at"), "+", models.Value(datetime.timedelta(seconds=14400))
                        ),
                    ),
                ),
                name="break_glass_grants_short",
                violation_error_message="A chart is opened in an emergency for at most four hours.",
            ),
        ),
        migrations.AddConstraint(
            model_name="breakglassgrant",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("closed_at__isnull", True),
                    models.Q(("closed_at__gte", models.F("opened_at")), ("closed_at__lte", models.F("ends_at"))),
                    _connector="OR",
                ),
                name="break_glass_grants_closed_within",
                violation_error_message="It is closed after it was opened and before it ends.",
            ),
        ),
        migrations.AddConstraint(
            model_name="breakglassgrant",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    (
                        "proved_at__gte",
                        django.db.models.expressions.CombinedExpression(
                            models.F("opened_at"), "-", models.Value(datetime.timedelta(seconds=300))
                        ),
                    ),
                    ("proved_at__lte", models.F("opened_at")),
                ),
                name="break_glass_grants_proved",
                violation_error_message="Who opens a chart in an emergency has proved who they are within the last five minutes.",
            ),
        ),
        migrations.AddConstraint(
            model_name="breakglassgrant",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(
                        ("review_outcome__isnull", True), ("reviewed_at__isnull", True), ("reviewed_by__isnull", True)
                    ),
                    models.Q(
                        ("review_outcome__isnull", False),
                        ("reviewed_at__isnull", False),
                        ("reviewed_by__isnull", False),
                    ),
                    _connector="OR",
                ),
                name="break_glass_grants_review_whole",
                violation_error_message="A review has its reviewer, its time and its outcome.",
            ),
        ),
        migrations.AddConstraint(
            model_name="breakglassgrant",
            constraint=models.CheckConstraint(
                condition=models.Q(("reviewed_by", models.F("user")), _negated=True),
                name="break_glass_grants_reviewed_by_another",
                violation_error_message="Nobody reviews what they did themselves.",
            ),
        ),
        migrations.AddConstraint(
            model_name="breakglassgrant",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("review_outcome__isnull", True),
                    ("review_outcome", "justified"),
                    ("review_note__isnull", False),
                    _connector="OR",
                ),
                name="break_glass_grants_review_explained",
                violation_error_message="Say in a note why it was not justified, or what is to be investigated.",
            ),
        ),
        migrations.AddConstraint(
            model_name="breakglassgrant",
            constraint=compliance.rules.NeverTwice(
                expressions=[
                    ("patient", "="),
                    ("user", "="),
                    (
                        models.Func(
                            "opened_at",
                            django.db.models.functions.comparison.Coalesce("closed_at", "ends_at"),
                            django.contrib.postgres.fields.ranges.RangeBoundary(),
                            function="tstzrange",
                            output_field=django.contrib.postgres.fields.ranges.DateTimeRangeField(),
                        ),
                        "&&",
                    ),
                ],
                name="break_glass_grants_one_at_a_time",
                violation_error_message="You have opened this chart already: close it first, or go on under what is open.",
            ),
        ),
        migrations.AddConstraint(
            model_name="breakglassgrant",
            constraint=models.CheckConstraint(
                condition=models.Q(("review_outcome__in", ["justified", "not_justified", "escalated"])),
                name="break_glass_grants_outcome_known",
                violation_error_message="This is not a known outcome.",
            ),
        ),
        migrations.AddConstraint(
            model_name="breakglassgrant",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    (
                        "opened_at__range",
                        (
                            datetime.datetime(1, 1, 1, 0, 0, tzinfo=datetime.UTC),
                            datetime.datetime(9999, 12, 31, 23, 59, 59, 999999, tzinfo=datetime.UTC),
                        ),
                    ),
                    (
                        "ends_at__range",
                        (
                            datetime.datetime(1, 1, 1, 0, 0, tzinfo=datetime.UTC),
                            datetime.datetime(9999, 12, 31, 23, 59, 59, 999999, tzinfo=datetime.UTC),
                        ),
                    ),
                    (
                        "closed_at__range",
                        (
                            datetime.datetime(1, 1, 1, 0, 0, tzinfo=datetime.UTC),
                            datetime.datetime(9999, 12, 31, 23, 59, 59, 999999, tzinfo=datetime.UTC),
                        ),
                    ),
                    (
                        "proved_at__range",
                        (
                            datetime.datetime(1, 1, 1, 0, 0, tzinfo=datetime.UTC),
                            datetime.datetime(9999, 12, 31, 23, 59, 59, 999999, tzinfo=datetime.UTC),
                        ),
                    ),
                    (
                        "reviewed_at__range",
                        (
                            datetime.datetime(1, 1, 1, 0, 0, tzinfo=datetime.UTC),
                            datetime.datetime(9999, 12, 31, 23, 59, 59, 999999, tzinfo=datetime.UTC),
                        ),
                    ),
                ),
                name="break_glass_grants_calendar",
                violation_error_message="A date lies between the years 1 and 9999; leave out an end that is open.",
            ),
        ),
        migrations.AddConstraint(
            model_name="breakglassgrant",
            constraint=compliance.rules.HeldInSql(
                name="break_glass_grants_stands",
                violation_error_message="What was opened, by whom, why and until when is evidence: it stays.",
            ),
        ),
        migrations.AddConstraint(
            model_name="breakglassgrant",
            constraint=compliance.rules.HeldInSql(
                name="break_glass_grants_patient_current",
                violation_error_message="This patient's record has been merged: use the one that goes on.",
            ),
        ),
        migrations.AddConstraint(
            model_name="breakglassgrant",
            constraint=compliance.rules.HeldInSql(
                name="break_glass_grants_identity_stays",
                violation_error_message="The keys of a row and when it was made do not change.",
            ),
        ),
        migrations.AddConstraint(
            model_name="breakglassgrant",
            constraint=compliance.rules.HeldInSql(
                name="break_glass_grants_changed_meanwhile",
                violation_error_message="Somebody else changed this meanwhile. Look at it as it is now, and change it again.",
            ),
        ),
        migrations.AddIndex(
            model_name="carerelationship",
            index=models.Index(fields=["user", "patient"], name="care_relationships_of_user"),
        ),
        migrations.AddConstraint(
            model_name="carerelationship",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("role__in", ["treating", "consulting", "covering", "nursing", "pharmacy", "coordinating"])
                ),
                name="care_relationships_role_known",
                violation_error_message="This is not a known role.",
            ),
        ),
        migrations.AddConstraint(
            model_name="carerelationship",
            constraint=models.CheckConstraint(
                condition=models.Q(("ends_at__isnull", True), ("ends_at__gte", models.F("starts_at")), _connector="OR"),
                name="care_relationships_forwards",
                violation_error_message="The relationship ends before it begins.",
            ),
        ),
        migrations.AddConstraint(
            model_name="carerelationship",
            constraint=compliance.rules.NeverTwice(
                expressions=[
                    ("patient", "="),
                    ("user", "="),
                    (
                        models.Func(
                            "starts_at",
                            "ends_at",
                            django.contrib.postgres.fields.ranges.RangeBoundary(),
                            function="tstzrange",
                            output_field=django.contrib.postgres.fields.ranges.DateTimeRangeField(),
                        ),
                        "&&",
                    ),
                ],
                name="care_relationships_one_at_a_time",
                violation_error_message="This person cares for this patient already at that time.",
            ),
        ),
        migrations.AddConstraint(
            model_name="carerelationship",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    (
                        "starts_at__range",
                        (
                            datetime.datetime(1, 1, 1, 0, 0, tzinfo=datetime.UTC),
                            datetime.datetime(9999, 12, 31, 23, 59, 59, 999999, tzinfo=datetime.UTC),
                        ),
                    ),
                    (
                        "ends_at__range",
                        (
                            datetime.datetime(1, 1, 1, 0, 0, tzinfo=datetime.UTC),
                            datetime.datetime(9999, 12, 31, 23, 59, 59, 999999, tzinfo=datetime.UTC),
                        ),
                    ),
                ),
                name="care_relationships_calendar",
                violation_error_message="A date lies between the years 1 and 9999; leave out an end that is open.",
            ),
        ),
        migrations.AddConstraint(
            model_name="carerelationship",
            constraint=compliance.rules.HeldInSql(
                name="care_relationships_patient_current",
                violation_error_message="This patient's record has been merged: use the one that goes on.",
            ),
        ),
        migrations.AddConstraint(
            model_name="carerelationship",
            constraint=compliance.rules.HeldInSql(
                name="care_relationships_identity_stays",
                violation_error_message="The keys of a row and when it was made do not change.",
            ),
        ),
        migrations.AddConstraint(
            model_name="carerelationship",
            constraint=compliance.rules.HeldInSql(
                name="care_relationships_changed_meanwhile",
                violation_error_message="Somebody else changed this meanwhile. Look at it as it is now, and change it again.",
            ),
        ),
        migrations.AddIndex(
            model_name="notice",
            index=models.Index(
                condition=models.Q(("acknowledged_at__isnull", True)), fields=["recipient"], name="notices_unread"
            ),
        ),
        migrations.AddConstraint(
            model_name="notice",
            constraint=models.UniqueConstraint(
                fields=("grant", "recipient"),
                name="notices_once",
                violation_error_message="This account has been told already.",
            ),
        ),
        migrations.AddConstraint(
            model_name="notice",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("acknowledged_at__isnull", True), ("acknowledged_at__gte", models.F("created_at")), _connector="OR"
                ),
                name="notices_acknowledged_later",
                violation_error_message="A notice is acknowledged after it was delivered.",
            ),
        ),
        migrations.AddConstraint(
            model_name="notice",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    (
                        "created_at__range",
                        (
                            datetime.datetime(1, 1, 1, 0, 0, tzinfo=datetime.UTC),
                            datetime.datetime(9999, 12, 31, 23, 59, 59, 999999, tzinfo=datetime.UTC),
                        ),
                    ),
                    (
                        "acknowledged_at__range",
                        (
                            datetime.datetime(1, 1, 1, 0, 0, tzinfo=datetime.UTC),
                            datetime.datetime(9999, 12, 31, 23, 59, 59, 999999, tzinfo=datetime.UTC),
                        ),
                    ),
                    (
                        "mailed_at__range",
                        (
                            datetime.datetime(1, 1, 1, 0, 0, tzinfo=datetime.UTC),
                            datetime.datetime(9999, 12, 31, 23, 59, 59, 999999, tzinfo=datetime.UTC),
                        ),
                    ),
                ),
                name="notices_calendar",
                violation_error_message="A date lies between the years 1 and 9999; leave out an end that is open.",
            ),
        ),
        migrations.AddConstraint(
            model_name="notice",
            constraint=compliance.rules.HeldInSql(
                name="notices_stand",
                violation_error_message="A notice is evidence: it is acknowledged once, and stays.",
            ),
        ),
    ]
