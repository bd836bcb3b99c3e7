"""What `manage.py check --database default` finds of tables that are not as their models declare them."""

from __future__ import annotations

import pytest
from django.core import checks as django_checks
from django.core.management import call_command
from django.core.management.base import SystemCheckError
from django.db import connection, models
from django.test.utils import isolate_apps

from compliance import database_checks, domain, phi
from compliance.clinical import ClinicalModel, row_facts
from patients.models import Patient
from providers.models import Provider, ProviderAvailability
from records.models import MedicalRecord

pytestmark = pytest.mark.django_db


def run(statement: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(statement)


def found(*of: type[models.Model]) -> list[tuple[str | None, str, str]]:
    return [(one.id, str(one.msg), str(one.hint)) for one in database_checks.findings(of or domain.models(), "default")]


def test_the_tables_as_the_migrations_make_them_pass() -> None:
    assert found() == []


def test_a_foreign_key_that_does_not_restrict_is_found_with_the_line_to_write() -> None:
    run(
        "ALTER TABLE provider_availability ADD CONSTRAINT again FOREIGN KEY (provider_id) REFERENCES providers (id) "
        "ON DELETE CASCADE"
    )
    ((id_, message, hint),) = found()

    assert (id_, message) == (
        "compliance.E010",
        "provider_availability: the foreign key again does not restrict deletes.",
    )
    assert "SELECT restrict_deletes('provider_availability');" in hint


def test_a_table_without_its_row_facts_is_found_and_the_line_of_the_hint_mends_it() -> None:
    run("DROP TRIGGER zz_keep_row_facts ON providers")
    (lost, *rules) = found()

    assert lost[:2] == (
        "compliance.E011",
        "providers lacks the trigger zz_keep_row_facts: nothing keeps its version and times.",
    )
    assert [id_ for id_, *_ in rules] == ["compliance.E012", "compliance.E012"]

    run(lost[2].partition("sql_migrations/: ")[2])
    assert found() == []


def test_a_rule_that_no_sql_holds_is_found() -> None:
    run("ALTER TABLE provider_availability DROP CONSTRAINT provider_availability_hours_once")
    run("DROP TRIGGER end_signed_record ON medical_records")
    run("DROP TRIGGER amend_only_signed ON medical_records")

    # A second trigger holds medical_records_signed_stands.
    assert [(id_, message) for id_, message, _ in found()] == [
        (
            "compliance.E012",
            f"{table}: no constraint and no trigger holds {rule}, which the model declares.",
        )
        for table, rule in [
            ("medical_records", "medical_records_amends_signed"),
            ("provider_availability", "provider_availability_hours_once"),
        ]
    ]


def test_a_rule_of_the_same_name_on_another_table_does_not_hold_it() -> None:
    run("ALTER TABLE provider_availability DROP CONSTRAINT provider_availability_hours_once")
    run("ALTER TABLE providers ADD CONSTRAINT provider_availability_hours_once CHECK (id > 0)")

    assert [id_ for id_, *_ in found(Provider, ProviderAvailability)] == ["compliance.E012"]


@pytest.mark.parametrize(
    ("comment", "shown"),
    [("'Family name. [PHI: clinical]'", "clinical"), ("'Family name.'", "missing"), ("NULL", "missing")],
)
def test_a_comment_of_another_class_is_found_and_the_line_of_the_hint_mends_it(comment: str, shown: str) -> None:
    run(f"COMMENT ON COLUMN patients.family_name IS {comment}")
    ((id_, message, hint),) = found(Patient)

    assert id_ == "compliance.E013"
    assert message == (
        f"patients.family_name: the PHI class in its comment is: {shown}; "
        "the model declares: identifier, names; to be encrypted."
    )
    run(hint.partition("new file: ")[2])
    assert found(Patient) == []


def test_a_table_that_does_not_exist_yet_is_not_looked_at() -> None:
    with isolate_apps("patients"):

        class Referral(ClinicalModel):
            reason = models.TextField(db_comment=phi.sensitive("Why."))

            class Meta:
                app_label = "patients"
                db_table = "referrals"
                constraints = row_facts("referrals")

        assert found(Referral, MedicalRecord) == []
        run("CREATE TABLE referrals (id bigint PRIMARY KEY)")
        assert {id_ for id_, *_ in found(Referral)} >= {"compliance.E011", "compliance.E012"}


def test_only_the_check_command_asks_and_only_of_a_database() -> None:
    run("DROP TRIGGER zz_keep_row_facts ON providers")

    call_command("check")
    assert django_checks.run_checks(databases=["default"]) == []
    with pytest.raises(SystemCheckError, match=r"compliance\.E011"):
        call_command("check", databases=["default"])
