"""The data dictionary says what the catalogue and the models say, each time in the same words."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING

import pytest
from django.core.management import CommandError, call_command
from django.db import connection, models
from django.test.utils import isolate_apps

from compliance import domain
from compliance.clinical import ClinicalModel
from compliance.dictionary.errors import TablesMissing
from compliance.dictionary.gather import gather
from compliance.dictionary.markdown import page
from compliance.dictionary.wording import names, plain
from compliance.models import User
from compliance.phi import Identifier
from patients.models import Patient
from providers.models import Provider

if TYPE_CHECKING:
    from pathlib import Path

    from compliance.dictionary.facts import Table

pytestmark = pytest.mark.django_db


def run(statement: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(statement)


def table(model: type[models.Model]) -> Table:
    (found,) = gather(connection, [model]).tables
    return found


def command(*arguments: str, output: Path, capsys: pytest.CaptureFixture[str]) -> str:
    call_command("data_dictionary", *arguments, "--output", str(output))
    return capsys.readouterr().out


def test_every_table_of_the_domain_apps_is_told_with_every_column() -> None:
    found = gather(connection)

    assert {one.name for one in found.tables} >= {"users", "user_audit_log", "patients", "prescriptions"}
    assert {one.model for one in found.tables} == {model._meta.label for model in domain.models()}
    assert {column.where for one in found.tables for column in one.columns} == {"both"}
    assert all(column.comment and column.classification for one in found.tables for column in one.columns)


def test_every_function_says_what_it_is_for() -> None:
    assert [one.name for one in gather(connection).functions if not one.comment] == []


def test_every_rule_that_a_model_declares_says_what_holds_it() -> None:
    for one in gather(connection).tables:
        assert [rule.name for rule in one.rules if not (rule.definition or rule.triggers)] == []
        assert [rule.name for rule in one.rules if not rule.message] == []


def test_a_column_that_the_model_does_not_know_is_shown_as_such() -> None:
    run("ALTER TABLE providers ADD COLUMN shoe_size integer DEFAULT 42")
    text = page(gather(connection, [Provider]))

    assert "| `shoe_size` **only in the database** | `integer, NULL, default 42` | **none declared** |" in text
    assert "| **without one** | `manage.py check` refuses it | 1 |" in text


def test_a_column_that_the_table_lacks_is_shown_as_such() -> None:
    run("ALTER TABLE patients DROP COLUMN pronouns")

    assert "| `pronouns` **only in the model** | `varchar(40), NULL` | clinical |" in page(
        gather(connection, [Patient])
    )


def test_a_rule_that_no_model_declares_and_one_that_nothing_holds_are_shown_as_such() -> None:
    run("ALTER TABLE patients ADD CONSTRAINT patients_odd CHECK (id % 2 = 1 OR language <> '|')")
    run("DROP TRIGGER merge_into_survivor ON patients")
    text = page(gather(connection, [Patient]))

    assert "`patients_odd`: **No model declares it.**\n  `CHECK ((id % 2::bigint) = 1 OR language <> '|')`" in text
    assert re.search(r"`patients_merged_into_a_survivor`: .*\n  \*\*held by nothing\*\*", text)


def test_what_a_field_keeps_of_a_sealed_column_is_told_in_words() -> None:
    columns = {column.name: column for column in table(Patient).columns}

    assert columns["ssn"].kept_by_field == (
        "Three, two and four digits with hyphens, of a number that may have been given out.",
        "At most 11 characters.",
    )
    assert columns["birth_date"].kept_by_field == ("Between 1880 and today.",)
    assert "A ZIP code is five digits, or nine as in 12345-6789." in columns["postal_code"].kept_by_field
    assert columns["administrative_gender"].kept_by_field == ()


def test_each_of_the_18_identifiers_has_its_line_with_the_columns_that_hold_it() -> None:
    lines = dict(re.findall(r"^\| \d+ \| ([^|]+) \| ([^|]+) \|$", page(gather(connection)), flags=re.MULTILINE))

    assert list(lines) == [str(one) for one in Identifier]
    assert "`patients.ssn`" in lines["social security numbers"]
    assert lines["full-face photographs"] == "none"


def test_a_foreign_key_says_whether_deletes_are_restricted_and_how_many_rows_may_refer() -> None:
    keys = {key.columns: key for key in table(Patient).foreign_keys}

    assert [(key.table, key.restricts, key.unique) for key in keys.values()] == [
        ("providers", True, False),
        ("patients", True, False),
        ("users", True, True),
    ]
    run(f"ALTER TABLE patients DROP CONSTRAINT {keys[('user_id',)].name}")
    run("ALTER TABLE patients ADD CONSTRAINT loose FOREIGN KEY (user_id) REFERENCES users (id)")
    assert "[users](#users) (`id`): one row at most for each, **not RESTRICT**. `loose`" in page(
        gather(connection, [Patient])
    )


def test_a_unique_rule_over_an_expression_is_found_among_the_indexes() -> None:
    found = table(User)
    (rule,) = (rule for rule in found.rules if rule.name == "users_email_any_case")

    assert rule.definition == "UNIQUE INDEX btree (lower(email))"
    assert rule.name not in {index.name for index in found.indexes}
    assert rule.name in next(column for column in found.columns if column.name == "email").rules


def test_how_a_session_prints_does_not_show_and_is_left_as_it_was() -> None:
    before = page(gather(connection))
    run("SET LOCAL DateStyle = 'SQL, DMY'")
    run("SET LOCAL quote_all_identifiers = on")

    assert page(gather(connection)) == before
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_setting('DateStyle'), current_setting('quote_all_identifiers')")
        assert cursor.fetchone() == ("SQL, DMY", "on")


@pytest.mark.parametrize(
    ("printed", "shown"),
    [
        ("status::text = ANY (ARRAY['a'::character varying, 'b'::character varying]::text[])", "status IN ('a', 'b')"),
        # as a restored dump prints it
        (
            "status::text = ANY (ARRAY['a'::character varying::text, 'b'::character varying::text])",
            "status IN ('a', 'b')",
        ),
        (
            "status = ANY ((ARRAY['a'::character varying, ('b'::character varying)::text])::text[])",
            "status IN ('a', 'b')",
        ),
        ("code::text ~ '^[a-z]{2}::text$'::text", "code ~ '^[a-z]{2}::text$'"),
        ("name = 'it''s'::text", "name = 'it''s'"),
        ("copay >= 0::numeric", "copay >= 0"),
        ("codes <@ ARRAY['a'::character varying(3)]", "codes <@ ARRAY['a']"),
        ("day > '2000-01-01'::date", "day > '2000-01-01'::date"),
        ("at > '2000-01-01 00:00:00+00'::timestamp with time zone", "at > '2000-01-01 00:00:00+00'::timestamptz"),
        ("version = ANY (ARRAY[1, 2])", "version = ANY (ARRAY[1, 2])"),
    ],
)
def test_definitions_are_shown_without_the_casts_that_postgresql_adds(printed: str, shown: str) -> None:
    assert plain(printed) == shown


def test_a_definition_names_columns_of_its_own_table_only() -> None:
    words = names("FOREIGN KEY (encounter_id, patient_id) REFERENCES encounters(id, patient_id)")

    assert "encounter_id" in words
    assert "id" not in words
    assert "status" not in names("CHECK (kind <> 'status')")


def test_a_pipe_does_not_break_a_cell() -> None:
    run("COMMENT ON COLUMN providers.npi IS 'This | that. [PHI: none]'")

    assert r"| none | This \| that. |" in page(gather(connection, [Provider]))


def test_the_command_writes_what_is_stale_and_then_has_nothing_to_do(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    files = [tmp_path / "data-dictionary.md", tmp_path / "data-dictionary.svg"]

    assert command(output=tmp_path, capsys=capsys) == "".join(f"Wrote {path}\n" for path in files)
    assert command(output=tmp_path, capsys=capsys) == "Nothing to write: the data dictionary is up to date.\n"
    assert command("--check", output=tmp_path, capsys=capsys) == "The data dictionary is up to date.\n"


def test_the_check_names_the_first_line_that_differs_of_each_file_and_writes_nothing(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    command(output=tmp_path, capsys=capsys)
    stale = tmp_path / "data-dictionary.md"
    text = stale.read_text(encoding="utf-8").replace("Who is cared for.", "Whose care it is.")
    stale.write_text(text, encoding="utf-8")
    (tmp_path / "data-dictionary.svg").unlink()
    line = next(number for number, one in enumerate(text.splitlines(), 1) if "Whose care it is." in one)

    with pytest.raises(CommandError) as refused:
        command("--check", output=tmp_path, capsys=capsys)

    assert refused.value.returncode == 1
    assert str(refused.value).startswith(f"{stale}:{line} is stale. It says:\n  …")
    assert "Whose care it is." in str(refused.value)
    assert "Who is cared for." in str(refused.value)
    assert f"{tmp_path / 'data-dictionary.svg'} does not exist." in str(refused.value)
    assert stale.read_text(encoding="utf-8") == text


def test_a_change_of_the_database_makes_the_page_stale(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    command(output=tmp_path, capsys=capsys)
    run("ALTER TABLE providers ALTER COLUMN accepting_patients SET DEFAULT false")

    with pytest.raises(CommandError, match=r"data-dictionary\.md:\d+ is stale"):
        command("--check", output=tmp_path, capsys=capsys)


def test_json_holds_the_same_facts_and_nothing_is_written(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    printed = json.loads(command("--json", output=tmp_path, capsys=capsys))
    columns = {column["name"]: column for one in printed["tables"] for column in one["columns"]}

    assert [one["name"] for one in printed["tables"]] == [one.name for one in gather(connection).tables]
    assert columns["ssn"]["classification"] == {
        "phi": "identifier",
        "identifier": "social security numbers",
        "sealed": True,
    }
    assert list(tmp_path.iterdir()) == []


def test_a_folder_that_does_not_exist_is_named(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(CommandError, match="nowhere is not a folder"):
        command(output=tmp_path / "nowhere", capsys=capsys)


def test_a_table_that_is_not_there_yet_is_named_with_the_way_out() -> None:
    with isolate_apps("patients"):

        class Referral(ClinicalModel):
            class Meta:
                app_label = "patients"
                db_table = "referrals"

        with pytest.raises(TablesMissing, match=r"not in the database: referrals\. .*deploy\.sh migrate"):
            gather(connection, [Referral, Patient])
