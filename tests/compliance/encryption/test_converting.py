"""A column with values is encrypted and made plain again by migrations, and nothing else about the rows changes."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any
from uuid import uuid4

import pytest
from django.core.exceptions import ImproperlyConfigured
from django.db import connection, migrations, models
from django.db.migrations.state import ProjectState
from django.db.migrations.writer import MigrationWriter, OperationWriter
from django.db.models import Q
from django.db.models.functions import Length
from django.db.models.lookups import GreaterThan

from compliance.encryption import normalising
from compliance.encryption.blind_index import BlindIndex
from compliance.encryption.errors import CannotBeSealed, ColumnInUse
from compliance.encryption.fields import (
    EncryptedCharField,
    EncryptedDateField,
    EncryptedIntegerField,
    EncryptedJSONField,
    EncryptedTextField,
)
from compliance.encryption.operations import DecryptField, EncryptField, FillIndex
from compliance.encryption.rules import indexed, once, sealed
from compliance.rules import rule
from tests.compliance.encryption.looking import sql

if TYPE_CHECKING:
    from collections.abc import Iterator

pytestmark = pytest.mark.django_db
PLAIN: dict[str, Any] = {
    "ssn": models.CharField(max_length=11, null=True, db_comment="Of whom it is."),
    "name": models.CharField(max_length=40),
    "note": models.TextField(null=True),
    "born": models.DateField(null=True),
    "weight": models.IntegerField(null=True),
    "contact": models.JSONField(null=True),
}
SEALED: dict[str, Any] = {
    "ssn": EncryptedCharField(max_length=11, null=True, db_comment="Of whom it is."),
    "name": EncryptedCharField(max_length=40),
    "note": EncryptedTextField(null=True),
    "born": EncryptedDateField(null=True),
    "weight": EncryptedIntegerField(null=True),
    "contact": EncryptedJSONField(null=True),
}
ROWS: list[dict[str, Any]] = [
    {
        "ssn": "123-45-6789",
        "name": "Lopez",
        "note": "",
        "born": date(1990, 1, 31),
        "weight": 0,
        "contact": {"a": [None]},
    },
    {"ssn": None, "name": "", "note": None, "born": None, "weight": None, "contact": None},
    {"ssn": "987-65-4321", "name": "Muñoz", "note": "x\ny", "born": date.min, "weight": -7, "contact": []},
]
FACTS = """
    SELECT count(*), array_agg(version ORDER BY id), array_agg(updated_at ORDER BY id),
        (SELECT count(*) FROM audit_logs WHERE table_name = 'things'),
        (SELECT array_agg((tgname, tgenabled)::text ORDER BY tgname) FROM pg_trigger
          WHERE tgrelid = 'things'::regclass AND NOT tgisinternal)
    FROM things
"""
COLUMNS = """
    SELECT attname::text, format_type(atttypid, atttypmod), attnotnull, col_description(attrelid, attnum)
    FROM pg_attribute WHERE attrelid = 'things'::regclass AND attnum > 0 AND NOT attisdropped ORDER BY attname
"""


class History:
    """A table, and what migrations do to it one after another."""

    def __init__(self) -> None:
        self.states = [ProjectState()]
        self.operations: list[Any] = []

    @property
    def model(self) -> Any:
        return self.states[-1].apps.get_model("compliance", "Thing")

    def apply(self, *operations: Any) -> None:
        for operation in operations:
            state = self.states[-1].clone()
            operation.state_forwards("compliance", state)
            with connection.schema_editor(atomic=False) as editor:
                operation.database_forwards("compliance", editor, self.states[-1], state)
            self.states.append(state)
            self.operations.append(operation)

    def unapply(self, count: int) -> None:
        for _ in range(count):
            state, operation = self.states.pop(), self.operations.pop()
            with connection.schema_editor(atomic=False) as editor:
                operation.database_backwards("compliance", editor, state, self.states[-1])

    def values(self) -> list[dict[str, Any]]:
        return list(self.model.objects.order_by("id").values(*PLAIN))


@pytest.fixture
def history(db: None) -> Iterator[History]:
    """Three rows of plain text in a table with the triggers of a clinical one."""
    history = History()
    history.apply(
        migrations.CreateModel(
            "Thing",
            [
                ("id", models.BigAutoField(primary_key=True)),
                ("uid", models.UUIDField(unique=True, default=uuid4)),
                ("version", models.IntegerField(default=1)),
                ("created_at", models.DateTimeField(auto_now_add=True)),
                ("updated_at", models.DateTimeField(auto_now=True)),
                *PLAIN.items(),
            ],
            {
                "db_table": "things",
                "constraints": [
                    rule(Q(weight=None) | Q(born__isnull=False), name="things_weighed", message="When was it born?")
                ],
            },
        )
    )
    sql(
        "CREATE TRIGGER zz_keep_row_facts BEFORE INSERT OR UPDATE ON things FOR EACH ROW "
        "EXECUTE FUNCTION keep_row_facts(); SELECT audit_table('things', 'compliance.thing')"
    )
    sql("ALTER TABLE things DISABLE TRIGGER refuse_truncate")
    for facts in ROWS:
        history.model.objects.create(**facts)
    sql("SET CONSTRAINTS ALL IMMEDIATE")
    return history


def encrypt_all(batch: int = 2) -> list[EncryptField]:
    return [EncryptField("thing", name, field, batch=batch) for name, field in SEALED.items()]


def test_every_kind_of_column_is_encrypted_and_made_plain_again(history: History) -> None:
    facts, columns = sql(FACTS), sql(COLUMNS)

    history.apply(*encrypt_all())
    assert history.values() == ROWS
    assert {kind for name, kind, *_ in sql(COLUMNS) if name in PLAIN} == {"bytea"}
    assert b"Lopez".hex() not in str(sql("SELECT things::text FROM things"))
    assert sql(FACTS) == facts
    assert sql("SELECT bool_and(is_sealed(name, uid)), count(contact) FROM things") == [(True, 2)]

    history.unapply(len(SEALED))
    assert history.values() == ROWS
    assert (sql(FACTS), sql(COLUMNS)) == (facts, columns)
    assert sql("SELECT name FROM things ORDER BY id LIMIT 1") == [("Lopez",)]


def test_decrypting_is_the_same_the_other_way(history: History) -> None:
    history.apply(*encrypt_all())

    history.apply(*(DecryptField("thing", name, field) for name, field in PLAIN.items()))
    assert sql("SELECT name, born FROM things ORDER BY id LIMIT 1") == [("Lopez", date(1990, 1, 31))]

    history.unapply(len(PLAIN))
    assert history.values() == ROWS


def test_indexes_of_what_was_there_are_filled(history: History) -> None:
    history.apply(
        EncryptField("thing", "ssn", SEALED["ssn"]),
        migrations.AddField("thing", "ssn_index", BlindIndex("ssn", by=normalising.digits, slot=0)),
        migrations.AddField("thing", "ssn_index_b", BlindIndex("ssn", by=normalising.digits, slot=1)),
        FillIndex("thing", "ssn_index", batch=1),
        FillIndex("thing", "ssn_index_b", batch=1),
        *(migrations.AddConstraint("thing", one) for one in sealed("things", "ssn")),
        migrations.AddConstraint("thing", indexed("ssn_index", "ssn_index_b", of=["ssn"], name="things_ssn_indexed")),
        migrations.AddConstraint("thing", once("ssn_index", name="things_ssn_once", message="There is one.")),
    )

    assert history.model.objects.get(ssn="987654321").weight == -7
    history.unapply(len(history.operations) - 1)
    assert history.values() == ROWS


def test_a_rule_that_asks_whether_there_is_a_value_stays(history: History) -> None:
    before = sql("SELECT pg_get_constraintdef(oid) FROM pg_constraint WHERE conname = 'things_weighed'")

    history.apply(*encrypt_all())

    assert sql("SELECT pg_get_constraintdef(oid) FROM pg_constraint WHERE conname = 'things_weighed'") == before


@pytest.mark.parametrize(
    "ddl",
    [
        "CREATE INDEX in_the_way ON things (name)",
        "CREATE INDEX in_the_way ON things (lower(name))",
        "CREATE UNIQUE INDEX in_the_way ON things (weight) WHERE name <> ''",
        "ALTER TABLE things ADD CONSTRAINT in_the_way UNIQUE (name)",
        "ALTER TABLE things ADD CONSTRAINT in_the_way CHECK (name <> 'x')",
    ],
)
def test_what_would_go_with_the_column_is_named_before_anything_is_done(history: History, ddl: str) -> None:
    sql(ddl)
    before = sql(COLUMNS)

    with pytest.raises(ColumnInUse, match=r"things\.name cannot be converted, since these rest on it: in_the_way"):
        history.apply(EncryptField("thing", "name", SEALED["name"]))

    assert sql(COLUMNS) == before


@pytest.mark.parametrize(
    "condition", [~Q(name="x"), Q(name__gte=""), Q(GreaterThan(Length("name"), -1))], ids=["equal", "order", "function"]
)
def test_a_rule_that_reads_the_value_is_named_before_anything_is_done(history: History, condition: Q) -> None:
    history.apply(migrations.AddConstraint("thing", rule(condition, name="things_reads", message="It reads.")))
    before = sql(COLUMNS)

    with pytest.raises(ColumnInUse, match="these rest on it: things_reads") as refused:
        history.apply(EncryptField("thing", "name", SEALED["name"]))

    assert refused.value.used_by == ["things_reads"]
    assert sql(COLUMNS) == before


def stopped(history: History) -> None:
    """Let the second batch fail: JSON holds a number by itself there."""
    sql("UPDATE things SET contact = '7' WHERE starts_with(ssn, '987')")
    with pytest.raises(CannotBeSealed, match=r"things\.contact: This is not a value for EncryptedJSONField"):
        history.apply(EncryptField("thing", "contact", SEALED["contact"], batch=1))
    sql("UPDATE things SET contact = '[7]' WHERE starts_with(ssn, '987')")


def test_a_migration_that_was_stopped_goes_on_where_it_was(history: History) -> None:
    stopped(history)
    ((begun,),) = sql("SELECT contact_converted FROM things WHERE starts_with(ssn, '123')")
    assert history.values()[0]["contact"] == {"a": [None]}

    history.apply(EncryptField("thing", "contact", SEALED["contact"]))

    assert [one["contact"] for one in history.values()] == [{"a": [None]}, None, [7]]
    assert sql("SELECT contact FROM things WHERE starts_with(ssn, '123')") == [(begun,)]


def test_what_is_changed_meanwhile_is_converted_anew(history: History) -> None:
    stopped(history)

    sql("""UPDATE things SET contact = '{"new": 1}' WHERE starts_with(ssn, '123')""")
    sql("UPDATE things SET name = 'Smith' WHERE starts_with(ssn, '123')")
    history.apply(EncryptField("thing", "contact", SEALED["contact"]))

    assert [one["contact"] for one in history.values()] == [{"new": 1}, None, [7]]


def test_what_is_emptied_meanwhile_is_empty(history: History) -> None:
    stopped(history)

    sql("UPDATE things SET contact = NULL WHERE starts_with(ssn, '123')")
    history.apply(EncryptField("thing", "contact", SEALED["contact"]))

    assert [one["contact"] for one in history.values()] == [None, None, [7]]


def test_sqlmigrate_shows_no_value_and_does_nothing(history: History) -> None:
    operation = EncryptField("thing", "name", SEALED["name"])
    state = history.states[-1].clone()
    operation.state_forwards("compliance", state)

    with connection.schema_editor(collect_sql=True, atomic=False) as editor:
        operation.database_forwards("compliance", editor, history.states[-1], state)
        FillIndex("thing", "name").database_forwards("compliance", editor, state, state)

    assert editor.collected_sql == ["-- Encrypt field name on thing: the values pass through the application."]
    assert history.values() == ROWS


def test_an_operation_is_for_one_direction() -> None:
    with pytest.raises(ImproperlyConfigured, match="makes name an encrypted field"):
        EncryptField("thing", "name", PLAIN["name"])
    with pytest.raises(ImproperlyConfigured, match="makes name a plain field"):
        DecryptField("thing", "name", SEALED["name"])


def test_fields_and_operations_are_written_into_migrations_as_they_are() -> None:
    index = BlindIndex("family_name", "birth_date", by=normalising.name, letters=3, slot=1)
    written = MigrationWriter.serialize(index)[0]
    operation, imports = OperationWriter(EncryptField("thing", "name", SEALED["name"], batch=5), 0).serialize()

    assert written == (
        "compliance.encryption.blind_index.BlindIndex('family_name', 'birth_date', "
        "by=compliance.encryption.normalising.name, letters=3, slot=1)"
    )
    assert "batch=5" in operation
    assert "compliance.encryption.fields.EncryptedCharField(max_length=40)" in operation
    assert "import compliance.encryption.operations" in imports
    moved = EncryptedCharField(max_length=4, bound_as="old.name")
    assert "bound_as='old.name'" in MigrationWriter.serialize(moved)[0]


def test_a_column_that_is_renamed_stays_readable_under_the_name_that_it_was_bound_to(history: History) -> None:
    history.apply(EncryptField("thing", "name", SEALED["name"]))

    history.apply(
        migrations.RenameField("thing", "name", "title"),
        migrations.AlterField("thing", "title", EncryptedCharField(max_length=40, bound_as="things.name")),
    )

    assert list(history.model.objects.order_by("id").values_list("title", flat=True)) == ["Lopez", "", "Muñoz"]
    row = history.model.objects.first()
    row.title = "Smith"
    row.save()
    assert history.model.objects.get(pk=row.pk).title == "Smith"
