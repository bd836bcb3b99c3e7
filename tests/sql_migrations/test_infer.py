"""Edges between SQL files and ORM migrations, inferred from what a file touches and what the ORM really makes."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from django.db import models
from django.db.migrations import Migration
from django.db.migrations import operations as ops
from django.db.migrations.graph import MigrationGraph
from django.db.migrations.loader import MigrationLoader

from sql_migrations.infer import edges, ormtables, owner_conflicts, renamed_or_dropped
from sql_migrations.statements import parse

if TYPE_CHECKING:
    from collections.abc import Sequence

    from django.db.migrations.operations.base import Operation

    from sql_migrations.statements import Script

NEW = ("sql_migrations", "20250101_000000_new")
KEY = ("id", models.AutoField(primary_key=True))


class Graph:
    """A small graph of Django's own classes, filled by hand."""

    def __init__(self) -> None:
        self.loader = MigrationLoader(None, load=False)
        self.loader.graph = self.graph = MigrationGraph()
        self.last: dict[str, tuple[str, str]] = {}

    def add(self, label: str, *operations: Operation, after: Sequence[str] = ()) -> None:
        """Add `app.name` behind the app's last migration and behind `after`."""
        app, _, name = label.partition(".")
        migration = Migration(name, app)
        migration.operations = list(operations)
        key = (app, name)
        self.graph.add_node(key, migration)
        parents = [tuple(one.split(".")) for one in after] + ([self.last[app]] if app in self.last else [])
        for parent in parents:
            self.graph.add_dependency(migration, key, parent)
        self.last[app] = key


def script(text: str) -> Script:
    return parse(text, file="20250101_000000_new.sql")


def patient(*fields: tuple[str, models.Field], **options: object) -> ops.CreateModel:
    return ops.CreateModel("Patient", [KEY, ("name", models.TextField()), *fields], options=options)


@pytest.fixture
def graph() -> Graph:
    made = Graph()
    made.add("sql_migrations.20240101_000000_first")
    made.add("patients.0001_initial", patient())
    made.add("patients.0002_mrn", ops.AddField("patient", "mrn", models.TextField()))
    return made


def test_tables_follow_every_operation_that_names_them() -> None:
    graph = Graph()
    link = ("tags", models.ManyToManyField("a.Tag"))
    graph.add("a.0001", ops.CreateModel("Tag", [KEY]), ops.CreateModel("Note", [KEY, link], options={"db_table": "n"}))
    graph.add("a.0002", ops.RenameModel("Tag", "Label"), ops.AlterModelTable("note", None))
    graph.add("a.0003", ops.CreateModel("Gone", [KEY]), ops.DeleteModel("Gone"))

    owners = ormtables(graph.loader)

    assert {table: (owner.model, owner.migration) for table, owner in owners.items()} == {
        "a_label": ("Label", "0002"),
        "a_note": ("Note", "0002"),
        "a_note_tags": ("Note", "0002"),
    }


@pytest.mark.parametrize("options", [{"managed": False}, {"proxy": True}, {"swappable": "AUTH_USER_MODEL"}])
def test_a_model_without_a_table_owns_none(options: dict[str, object]) -> None:
    graph = Graph()
    graph.add("patients.0001_initial", patient(**options))

    assert ormtables(graph.loader) == {}


def test_only_what_reaches_the_database_makes_a_table() -> None:
    graph = Graph()
    state = ops.SeparateDatabaseAndState(state_operations=[patient()])
    real = ops.SeparateDatabaseAndState(database_operations=[ops.CreateModel("Visit", [KEY])])
    graph.add("patients.0001_initial", state, real)

    assert list(ormtables(graph.loader)) == ["patients_visit"]


def test_a_new_file_hangs_on_the_latest_migration_of_its_table(graph: Graph) -> None:
    found = edges(script("CREATE INDEX i ON patients_patient (name)"), graph.loader, after=NEW)

    assert found == ["-- Depends: patients.0002_mrn"]


@pytest.mark.parametrize(
    "text",
    [
        "DROP TABLE patients_patient",
        "COMMENT ON COLUMN public.patients_patient.name IS 'x'",
        "GRANT SELECT ON patients_patient TO PUBLIC",
        "CREATE TABLE t (p integer REFERENCES patients_patient)",
        "CREATE FUNCTION f() RETURNS SETOF patients_patient LANGUAGE sql AS 'SELECT 1'",
        "ALTER TABLE patients_patient ENABLE ROW LEVEL SECURITY",
    ],
)
def test_every_way_to_touch_a_table_gives_the_edge(graph: Graph, text: str) -> None:
    assert edges(script(text), graph.loader, after=NEW) == ["-- Depends: patients.0002_mrn"]


@pytest.mark.parametrize(
    "text",
    [
        "SELECT 'patients_patient'",
        "WITH patients_patient AS (SELECT 1) SELECT * FROM patients_patient",
        "CREATE TABLE clinic.patients_patient (id integer)",
    ],
)
def test_a_word_that_is_no_table_gives_no_edge(graph: Graph, text: str) -> None:
    assert edges(script(text), graph.loader, after=NEW) == []


def test_an_edge_that_another_implies_is_left_out(graph: Graph) -> None:
    graph.add("records.0001_initial", ops.CreateModel("Chart", [KEY]), after=["patients.0002_mrn"])
    text = "CREATE VIEW v AS SELECT 1 FROM patients_patient, records_chart"

    assert edges(script(text), graph.loader, after=NEW) == ["-- Depends: records.0001_initial"]


def test_an_edge_that_the_chain_has_already_is_left_out(graph: Graph) -> None:
    graph.add("sql_migrations.20240201_000000_second", after=["patients.0002_mrn"])

    assert edges(script("CREATE INDEX i ON patients_patient (name)"), graph.loader, after=NEW) == []


def test_a_migration_that_hangs_on_the_file_or_a_later_one_gives_no_edge(graph: Graph) -> None:
    graph.add("sql_migrations.20250601_000000_later")
    graph.add(
        "patients.0003_more",
        ops.AddField("patient", "more", models.TextField()),
        after=["sql_migrations.20250601_000000_later"],
    )

    found = edges(script("CREATE INDEX i ON patients_patient (name)"), graph.loader, after=NEW)

    assert found == ["-- Depends: patients.0002_mrn"]


def test_a_later_field_asks_nothing_of_a_file_that_is_in_the_graph(graph: Graph) -> None:
    graph.add("sql_migrations.20240201_000000_second", after=["patients.0001_initial"])
    after = ("sql_migrations", "20240201_000000_second")

    assert edges(script("CREATE INDEX i ON patients_patient (name)"), graph.loader, after=after) == []
    assert edges(script("CREATE INDEX i ON patients_patient (mrn)"), graph.loader, after=after) == [
        "-- Depends: patients.0002_mrn"
    ]


def test_a_table_of_a_sql_file_asks_for_an_edge_only_where_the_orm_added_the_column() -> None:
    graph = Graph()
    graph.add("sql_migrations.20240101_000000_users")
    user = ops.CreateModel("User", [KEY], options={"db_table": "users"})
    graph.add("accounts.0001_initial", ops.SeparateDatabaseAndState(state_operations=[user]))
    graph.add("accounts.0002_token", ops.AddField("user", "token", models.TextField()))

    assert edges(script("CREATE INDEX i ON users (email)"), graph.loader, after=NEW) == []
    assert edges(script("CREATE INDEX i ON users (token)"), graph.loader, after=NEW) == [
        "-- Depends: accounts.0002_token"
    ]
    assert owner_conflicts(script("CREATE TABLE users (id integer)"), graph.loader) == []


def test_a_file_that_uses_the_old_name_comes_before_the_rename(graph: Graph) -> None:
    graph.add("patients.0003_rename", ops.RenameField("patient", "mrn", "record_number"))

    old = edges(script("CREATE INDEX i ON patients_patient (mrn)"), graph.loader, after=NEW)
    new = edges(script("CREATE INDEX i ON patients_patient (record_number)"), graph.loader, after=NEW)

    assert (old, new) == (["-- Depends: patients.0002_mrn"], ["-- Depends: patients.0003_rename"])


def test_a_table_with_two_owners_is_refused_with_both_named(graph: Graph) -> None:
    (error,) = owner_conflicts(script("BEGIN;\n  CREATE TABLE patients_patient (id integer);\nCOMMIT;"), graph.loader)

    assert str(error).startswith(
        "20250101_000000_new.sql:2:3: table patients_patient is created by patients.0001_initial "
        "(model patients.Patient) and by this file"
    )


@pytest.mark.parametrize(
    ("operation", "text", "what"),
    [
        (
            ops.RenameField("patient", "mrn", "number"),
            "CREATE INDEX i ON patients_patient (mrn)",
            "patients_patient.mrn",
        ),
        (ops.RemoveField("patient", "mrn"), "CREATE VIEW v AS SELECT * FROM patients_patient", "patients_patient.mrn"),
        (
            ops.AlterField("patient", "mrn", models.TextField(db_column="number")),
            "COMMENT ON COLUMN patients_patient.mrn IS 'x'",
            "patients_patient.mrn",
        ),
        (ops.RenameModel("Patient", "Person"), "ANALYZE patients_patient", "patients_patient"),
        (ops.AlterModelTable("patient", "people"), "ANALYZE patients_patient", "patients_patient"),
        (ops.DeleteModel("Patient"), "ANALYZE patients_patient", "patients_patient"),
    ],
)
def test_a_file_that_uses_what_the_orm_takes_away_needs_an_edge(
    graph: Graph, operation: Operation, text: str, what: str
) -> None:
    file = "sql_migrations.20240201_000000_second"
    graph.add("patients.0003_away", operation)
    graph.add(file, after=["patients.0002_mrn"])

    (finding,) = renamed_or_dropped({("sql_migrations", "20240201_000000_second"): script(text)}, graph.loader)

    assert f"it uses {what}, which patients.0003_away renames or drops" in finding.problem
    assert finding.header == "-- Before: patients.0003_away"


@pytest.mark.parametrize("before", [True, False])
def test_an_edge_in_either_direction_settles_what_the_orm_takes_away(graph: Graph, before: bool) -> None:
    file, away = "sql_migrations.20240201_000000_second", "patients.0003_away"
    if before:
        graph.add(file, after=["patients.0002_mrn"])
    graph.add(away, ops.RemoveField("patient", "mrn"), after=[file] if before else [])
    if not before:
        graph.add(file, after=[away])
    scripts = {("sql_migrations", "20240201_000000_second"): script("CREATE INDEX i ON patients_patient (mrn)")}

    assert renamed_or_dropped(scripts, graph.loader) == []


def test_a_column_that_stays_needs_no_edge(graph: Graph) -> None:
    graph.add("patients.0003_away", ops.RemoveField("patient", "mrn"))
    scripts = {NEW: script("CREATE INDEX i ON patients_patient (name)")}

    assert renamed_or_dropped(scripts, graph.loader) == []
