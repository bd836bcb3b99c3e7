"""What the application's database login may not do, whatever a request makes it send."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest
from django.db import ProgrammingError, connection, transaction
from django.urls import reverse

from compliance.audit import context, recording
from compliance.audit.models import EventType
from tests.logins import as_app

if TYPE_CHECKING:
    from django.test import Client

    from compliance.models import User
    from patients.models import Patient

pytestmark = pytest.mark.django_db


def send(statement: str) -> list[tuple[object, ...]]:
    """Send a statement as the application would."""
    with as_app(), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement)
        return cursor.fetchall() if cursor.description else []


MONTH = f"audit_partitions.audit_logs_{datetime.now(UTC):%Y_%m}"
REFUSED = {
    "a column is added": "ALTER TABLE patients ADD COLUMN note text",
    "a table is dropped": "DROP TABLE medical_records",
    "a table is emptied": "TRUNCATE patients CASCADE",
    "a table is made": "CREATE TABLE copied AS SELECT * FROM patients",
    "a function is made": "CREATE FUNCTION mine() RETURNS integer LANGUAGE sql RETURN 1",
    "a table of the session is made": "CREATE TEMPORARY TABLE copied AS SELECT * FROM patients",
    # With one it could pose as a trigger.
    "a function of the session is made": "CREATE FUNCTION pg_temp.mine() RETURNS integer LANGUAGE sql RETURN 1",
    "a rule is made": "CREATE RULE mine AS ON SELECT TO patients DO INSTEAD NOTHING",
    "a trigger is made": "CREATE TRIGGER mine AFTER INSERT ON patients EXECUTE FUNCTION keep_row_facts()",
    "a trigger is disabled": "ALTER TABLE patients DISABLE TRIGGER zz_audit_row",
    "triggers are told to rest": "SET session_replication_role = replica",
    "row-level security is ended": "ALTER TABLE patients DISABLE ROW LEVEL SECURITY",
    "a role is given": "GRANT webqx_owner TO webqx_app",
    "a right is taken": "SELECT grant_application('DELETE', 'patients')",
    "a role is made": "CREATE ROLE somebody",
    "a chart is deleted": "DELETE FROM medical_records",
    "a patient is deleted": "DELETE FROM patients",
    "an account is deleted": "DELETE FROM users",
    "an entry is changed": "UPDATE audit_logs SET actor_id = NULL",
    "an entry is deleted": "DELETE FROM audit_logs",
    "the trail is emptied": "TRUNCATE audit_logs",
    "an account event is changed": "UPDATE user_audit_log SET action = 'logout'",
    "an account event is deleted": "DELETE FROM user_audit_log",
    "a month is read by itself": f"SELECT FROM {MONTH}",
    "an entry is put into its month": f"INSERT INTO {MONTH} (action, event_type) VALUES (3, 'read')",
    "a month is taken off": f"ALTER TABLE audit_logs DETACH PARTITION {MONTH}",
    "an entry claims a trigger": "INSERT INTO audit_logs (action, captured_by) VALUES (0, 'trigger')",
    "an entry claims a time": "INSERT INTO audit_logs (action, event_type, timestamp) VALUES (3, 'read', now())",
    "an entry claims a login": "INSERT INTO audit_logs (action, event_type, db_role) VALUES (3, 'read', 'webqx_owner')",
    "an entry claims a number": "INSERT INTO audit_logs (action, event_type, id) VALUES (3, 'read', 1)",
    "numbers are given again": "SELECT setval('audit_logs_id_seq', 1)",
    "an account event claims a time": "INSERT INTO user_audit_log (action, created_at) VALUES ('logout', now())",
    "a table is audited otherwise": "SELECT audit_table('patients', 'patients.patient')",
    "a table's audit ends": "SELECT end_audit('patients')",
    "months are made": "SELECT audit_make_partitions(1)",
    "what was applied is changed": "UPDATE sql_migration_history SET name = 'another'",
    "what was applied is forgotten": "DELETE FROM django_migrations",
}


@pytest.mark.parametrize("statement", REFUSED.values(), ids=REFUSED)
def test_the_application_is_refused(statement: str) -> None:
    with pytest.raises(ProgrammingError, match=r"permission denied|must be owner of") as caught:
        send(statement)

    assert getattr(caught.value.__cause__, "sqlstate", "") == "42501"  # insufficient_privilege


def test_the_application_adds_to_the_trail_and_reads_it(patient: Patient) -> None:
    with as_app():
        recording.record(EventType.PRINT, table_name="patients", patient_id=patient.pk)

    found = send(
        f"SELECT captured_by, db_role = session_user FROM audit_logs WHERE patient_id = {patient.pk} AND action = 3"
    )
    assert found == [("application", True)]


def test_the_application_writes_a_chart_and_the_trigger_tells_of_it(patient: Patient, administrator: User) -> None:
    with as_app(), context.acting(administrator, purpose="TREAT"):
        patient.given_name = "Rosalind"
        patient.save()

    found = send(
        f"SELECT event_type, captured_by FROM audit_logs WHERE patient_id = {patient.pk} ORDER BY id DESC LIMIT 1"
    )
    assert found == [("update", "trigger")]


def test_a_request_is_served_with_the_applications_rights(client: Client, administrator: User) -> None:
    seen = []

    def look(execute: object, statement: object, params: object, many: object, context: object) -> object:
        with connection.connection.cursor() as cursor:
            seen.append(cursor.execute("SELECT current_user").fetchone()[0])
        return execute(statement, params, many, context)  # type: ignore[operator]

    client.force_login(administrator)
    with connection.execute_wrapper(look):
        client.get(reverse("admin:patients_patient_changelist"))

    assert set(seen) == {"webqx_app"}
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_user = session_user")
        assert cursor.fetchone() == (True,)
