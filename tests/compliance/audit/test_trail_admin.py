"""The trail on screen: few queries, by the right index, never counted, and each look at it an entry."""

from __future__ import annotations

import csv
import json
import re
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest
from django.contrib.auth.models import Permission
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from compliance.audit import addresses, changes, context, exporting, recording
from compliance.audit.models import EventType
from compliance.models import AuditLog
from patients.models import Patient
from tests.compliance.screens import page
from tests.people import may

if TYPE_CHECKING:
    from django.test import Client

    from compliance.models import User

LIST = "/admin/compliance/auditlog/"


@pytest.fixture
def officer(client: Client, django_user_model: Any) -> Client:
    """Logged in with the permissions on the trail, and with none on patients."""
    user = django_user_model.objects.create_user("officer@clinic.example", role="service", is_staff=True)
    may(user, "compliance.view_auditlog", "compliance.export_auditlog")
    client.force_login(user)
    client.get(reverse("admin:index"))
    return client


def shown(answer: Any) -> list[AuditLog]:
    rows: list[AuditLog] = answer.context["cl"].result_list
    return rows


def asked(inside: Client, path: str, **parameters: Any) -> list[str]:
    with CaptureQueriesContext(connection) as captured:
        assert inside.get(path, parameters).status_code == 200
    return [one["sql"] for one in captured.captured_queries]


def latest(**facts: Any) -> AuditLog:
    return AuditLog.objects.filter(**facts).latest()


def record(number: int, **facts: Any) -> None:
    for _ in range(number):
        recording.record(EventType.READ, table_name="made_up", **facts)


# The list and its pages.


def test_the_newest_entries_are_shown_first_and_the_look_is_the_next(inside: Client, patient: Patient) -> None:
    record(2, patient_id=patient.pk)

    rows = shown(inside.get(LIST))

    assert rows == sorted(rows, key=lambda row: (row.timestamp, row.pk), reverse=True)
    look = latest()
    assert (look.event_type, look.table_name, look.result_count) == ("query", "audit_logs", len(rows))
    assert look.patient_ids == [patient.pk]


def test_pages_follow_each_other_without_a_gap_and_back(inside: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    record(120, source="GET /")
    everything = list(AuditLog.objects.filter(table_name="made_up"))

    pages = [inside.get(LIST, {"source": "GET /", "since": "2020-01-01"}).context["cl"]]
    mine = [[row for row in pages[0].result_list if row.table_name == "made_up"]]
    while pages[-1].next_page is not None:
        pages.append(inside.get(LIST + pages[-1].next_page).context["cl"])
        mine.append([row for row in pages[-1].result_list if row.table_name == "made_up"])

    assert [row for one in mine for row in one] == everything
    back = inside.get(LIST + pages[-1].previous_page).context["cl"]
    assert back.result_list == pages[-2].result_list


@pytest.mark.parametrize("rows", [1, 10])
@pytest.mark.parametrize(
    ("filters", "queries"),
    # The session, the account, its login, roles, permissions and rules, the rows, the entry about the look. Of all: how
    # many there may be. The label of who is asked about, and the other records of a patient.
    [({}, 9), ({"event": "read"}, 8), ({"patient": "1"}, 10), ({"actor": "1"}, 9)],
)
def test_a_list_takes_few_queries_and_counts_nothing(
    inside: Client, rows: int, filters: dict[str, str], queries: int
) -> None:
    record(rows, patient_id=1, actor_id=1)

    made = asked(inside, LIST, **filters)

    assert len(made) == queries
    assert [one for one in made if "COUNT(" in one.upper()] == []


def test_an_entry_is_found_by_its_number_and_its_time(inside: Client, patient: Patient) -> None:
    entry = latest(table_name="patients")

    made = asked(inside, page(AuditLog, "change", addresses.address(entry)))

    (found,) = [one for one in made if 'FROM "audit_logs"' in one]
    assert '"audit_logs"."timestamp" = ' in found
    look = latest()
    assert (look.event_type, look.table_name, look.object_pk, look.patient_id) == (
        *("read", "audit_logs", str(entry.pk), patient.pk),
    )


@pytest.mark.parametrize("text", ["17", "17-", "17-99999999999999999", "x-1", "17-1-2", "9" * 30 + "-1"])
def test_an_address_that_is_none_finds_nothing(inside: Client, text: str) -> None:
    assert inside.get(page(AuditLog, "change", text)).status_code == 302


def test_every_row_of_the_list_leads_to_its_entry(inside: Client, patient: Patient) -> None:
    text = inside.get(LIST, {"patient": patient.pk}).content.decode()

    (link,) = set(re.findall(r'href="([^"]*auditlog/\d+-\d+/change/[^"]*)"', text))
    assert "patients" in inside.get(link.replace("&amp;", "&")).content.decode()


def test_no_order_of_the_url_leaves_the_index(inside: Client) -> None:
    record(1)

    (rows,) = [one for one in asked(inside, LIST, o="3.4") if 'FROM "audit_logs"' in one]
    assert 'ORDER BY "audit_logs"."timestamp" DESC, "audit_logs"."id" DESC' in rows


# Filters.


def test_each_filter_keeps_what_it_says(inside: Client, administrator: User) -> None:
    with context.acting(purpose="TREAT", source="POST /charts/"):
        record(1, outcome=8, actor_id=administrator.pk)
    record(1)
    mine = AuditLog.objects.filter(table_name="made_up").order_by("id")

    def kept(**filters: Any) -> list[bool]:
        rows = shown(inside.get(LIST, filters))
        return [row in rows for row in mine]

    assert kept() == [True, True]
    assert kept(event="read") == [True, True]
    assert kept(event="update") == [False, False]
    assert kept(outcome="8") == [True, False]
    assert kept(purpose="TREAT") == [True, False]
    assert kept(source="POST /cha") == [True, False]
    assert kept(attributed="1") == [True, False]
    assert kept(attributed="0") == [False, True]
    assert kept(actor=administrator.pk) == [True, False]
    assert kept(since="2020-01-01T00:00") == [True, True]
    assert kept(until="2020-01-01T00:00") == [False, False]


def test_what_makes_no_sense_shows_nothing_but_its_complaint(inside: Client, patient: Patient) -> None:
    answer = inside.get(LIST, {"since": "yesterday"})

    assert shown(answer) == []
    assert "Enter a valid date/time." in answer.content.decode()


def test_a_filter_without_an_index_looks_back_a_month_and_says_so(inside: Client) -> None:
    answer = inside.get(LIST, {"outcome": "8"})

    assert "Of 31 days; say from when, to look further back." in answer.content.decode()
    assert "Of 31 days" not in inside.get(LIST, {"outcome": "8", "actor": "1"}).content.decode()


def test_a_patients_timeline_has_what_was_done_and_the_lists_that_showed_them(
    inside: Client, patient: Patient, other_patient: Patient
) -> None:
    inside.get(page(Patient, "change", patient.pk))
    inside.get(page(Patient, "changelist"))
    inside.get(page(Patient, "change", other_patient.pk))

    timeline = inside.get(reverse("admin:patients_patient_trail", args=[patient.pk]), follow=True)

    events = [row.event_type for row in shown(timeline)]
    assert events == ["query", "read", "create"]
    assert latest().patient_ids == [patient.pk]


@pytest.mark.parametrize("named", ["the one that goes on", "the merged one"])
def test_the_timeline_of_a_person_is_that_of_all_their_records(
    inside: Client, merged_patient: Patient, patient: Patient, named: str
) -> None:
    goes_on = merged_patient.merged_into
    asked_about = goes_on if named == "the one that goes on" else merged_patient

    answer = inside.get(reverse("admin:patients_patient_trail", args=[asked_about.pk]))

    assert answer.url == f"{LIST}?patient={asked_about.pk}"
    assert {row.patient_id for row in shown(inside.get(answer.url))} == {goes_on.pk, merged_patient.pk}
    assert latest().patient_ids == sorted([goes_on.pk, merged_patient.pk])


def test_an_export_of_a_person_has_all_their_records(inside: Client, merged_patient: Patient) -> None:
    lines = [json.loads(line) for line in exported(inside, "jsonl", f"?patient={merged_patient.pk}").splitlines()]

    assert {line["patient_id"] for line in lines} == {merged_patient.pk, merged_patient.merged_into_id}


def test_a_patient_that_is_not_there_can_be_asked_about(inside: Client) -> None:
    record(1, patient_id=999_999)

    assert [row.patient_id for row in shown(inside.get(LIST, {"patient": 999_999}))] == [999_999]


def test_an_accounts_timeline_has_what_it_did(inside: Client, administrator: User, patient: Patient) -> None:
    inside.get(page(Patient, "change", patient.pk))

    timeline = inside.get(reverse("admin:compliance_user_trail", args=[administrator.pk]), follow=True)

    assert {row.actor_id for row in shown(timeline)} == {administrator.pk}
    assert "read" in [row.event_type for row in shown(timeline)]


@pytest.mark.parametrize("known", ["A-1001", "quillf", "uid"])
def test_a_patient_is_found_by_number_name_or_public_identifier(inside: Client, patient: Patient, known: str) -> None:
    term = str(patient.uid) if known == "uid" else known

    answer = inside.post(LIST, {"q": term})

    assert answer.url == f"{LIST}?patient={patient.pk}"
    assert (latest().table_name, latest().patient_ids) == ("patients", [patient.pk])


def test_nobody_is_found_and_it_is_said(inside: Client) -> None:
    assert "No patient is found so." in inside.post(LIST, {"q": "nobody"}, follow=True).content.decode()


def test_who_may_see_the_trail_and_no_patients_sees_no_names(officer: Client, patient: Patient) -> None:
    text = officer.get(LIST, {"patient": patient.pk}).content.decode()

    assert f"patient {patient.pk}" in text
    assert "uillfeather" not in text
    assert officer.post(LIST, {"q": "quillf"}).status_code == 403


# Plans.


@pytest.fixture
def many(db: None) -> None:
    """Enough entries, and what PostgreSQL knows of them, that a wrong plan would show."""
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO audit_logs (action, event_type, patient_id, patient_ids, actor_id)"
            " SELECT 3, 'read', nullif(n %% 500, 0), CASE WHEN n %% 500 = 0 THEN ARRAY[n / 500, 7] END, n %% 300"
            " FROM generate_series(1, 20000) AS n",
            [],
        )
        cursor.execute("ANALYZE audit_logs")


@pytest.mark.parametrize(
    ("filters", "indexes"),
    [
        ({}, {"newest"}),
        ({"p": "after-1-4000000000000000"}, {"newest"}),
        ({"patient": "7"}, {"of_patient", "of_patients"}),
        ({"actor": "17"}, {"of_actor"}),
    ],
)
def test_each_way_to_ask_has_its_index(inside: Client, many: None, filters: dict[str, str], indexes: set[str]) -> None:
    (rows,) = [one for one in asked(inside, LIST, **filters) if 'FROM "audit_logs"' in one]
    columns = {
        "newest": "timestamp_id_idx",
        "of_patient": "patient_id_timestamp_idx",
        "of_patients": "patient_ids_idx",
        "of_actor": "actor_id_timestamp_idx",
    }
    with connection.cursor() as cursor:
        cursor.execute("EXPLAIN " + rows.partition(", true);")[2])  # without the setting that says who acts
        plan = "\n".join(line for (line,) in cursor.fetchall())

    month = AuditLog.objects.latest().timestamp.strftime("audit_logs_%Y_%m")
    used = set(re.findall(rf"{month}_(\w+_idx)", plan))
    assert used == {columns[index] for index in indexes}, plan
    assert f"Seq Scan on {month}" not in plan


# What changed.


@pytest.mark.parametrize(
    ("said", "rows"),
    [
        ({"status": ["booked", "arrived"]}, [("status", "booked", "arrived")]),
        ({"status": ["None", "booked"]}, [("status", "-", "booked")]),
        ({"name": ["***", "***"]}, [("name", "hidden", "changed")]),
        ({"name": ["None", "***"]}, [("name", "-", "hidden")]),
        ({"b": ["1", "2"], "a": [None, 3]}, [("a", "-", "3"), ("b", "1", "2")]),
        ({"m2m": {"type": "m2m"}}, [("m2m", "-", "{'type': 'm2m'}")]),
        ({"x": None}, [("x", "-", "-")]),
        (None, []),
        ("null", []),
        ([1, 2], []),
    ],
)
def test_what_changed_is_listed_whatever_stands_there(said: Any, rows: list[tuple[str, str, str]]) -> None:
    assert changes.changes(AuditLog(changes=said)) == rows


def test_the_page_of_an_entry_shows_what_changed_and_hides_what_is_masked(inside: Client, patient: Patient) -> None:
    Patient.objects.update(family_name="Featherquill")

    text = inside.get(page(AuditLog, "change", addresses.address(latest(event_type="update")))).content.decode()

    assert re.search(r"<th>family_name</th><td>hidden</td><td>→</td><td>changed</td>", text)
    assert re.search(r"<th>version</th><td>1</td><td>→</td><td>2</td>", text)
    assert "eatherquill" not in text


def test_an_entry_without_anything_is_shown(inside: Client) -> None:
    recording.record(EventType.VERIFY)

    assert inside.get(page(AuditLog, "change", addresses.address(latest()))).status_code == 200


def test_nobody_adds_changes_or_deletes_an_entry(inside: Client, patient: Patient) -> None:
    entry = addresses.address(latest())

    assert inside.get(page(AuditLog, "add")).status_code == 403
    assert inside.post(page(AuditLog, "change", entry), {"source": "x"}).status_code == 403
    assert inside.post(page(AuditLog, "delete", entry), {"post": "yes"}).status_code == 403


# Exports.


def exported(inside: Client, form: str, query: str = "") -> str:
    answer: Any = inside.post(f"{reverse('admin:compliance_auditlog_export')}{query}", {"format": form})
    assert answer.status_code == 200, answer.content
    return b"".join(answer.streaming_content).decode()


def test_the_rows_of_the_filters_are_exported_and_that_is_an_entry(inside: Client, patient: Patient) -> None:
    record(3, patient_id=patient.pk)
    record(1)

    lines = [json.loads(line) for line in exported(inside, "jsonl", f"?patient={patient.pk}").splitlines()]

    assert [line["event_type"] for line in lines] == ["read"] * 3 + ["create"]
    entry = latest()
    assert (entry.event_type, entry.table_name, entry.result_count) == ("export", "audit_logs", 4)
    assert (entry.patient_ids, entry.additional_data) == (
        [patient.pk],
        {"format": "jsonl", "asked": {"patient": [patient.pk]}},
    )
    assert entry.query_digest


def test_csv_has_the_same_rows_and_columns(inside: Client, patient: Patient) -> None:
    head, *rows = csv.reader(exported(inside, "csv", f"?patient={patient.pk}").splitlines())

    assert head == exporting.COLUMNS
    assert [row[head.index("object_repr")] for row in rows] == [f"patients {patient.pk}"]


@pytest.mark.parametrize("first", ["=", "+", "-", "@", "\t", "\r"])
def test_a_spreadsheet_computes_nothing_of_what_somebody_sent(inside: Client, first: str) -> None:
    record(1, source=f"{first}1+1", patient_id=5)

    text = exported(inside, "csv", "?patient=5")

    assert f"'{first}1+1" in text


def test_an_export_is_recorded_before_its_first_line_and_reads_by_a_cursor(many: None) -> None:
    with CaptureQueriesContext(connection) as captured:
        lines = exporting.export(AuditLog.objects.all(), "csv", asked={}, patients=())
        assert latest().event_type == "export"
        next(lines)
        next(lines)

    assert len([one for one in captured.captured_queries if one["sql"].startswith("DECLARE")]) == 1
    assert sum(1 for _ in lines) > 19_000


def test_an_export_that_cannot_be_recorded_sends_nothing(inside: Client, patient: Patient) -> None:
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE audit_logs ADD CONSTRAINT none CHECK (event_type <> 'export') NOT VALID")

    answer = inside.post(reverse("admin:compliance_auditlog_export"), {"format": "csv"})

    assert answer.status_code == 503


def test_exporting_takes_its_own_permission_and_a_known_format(client: Client, officer: Client) -> None:
    export = reverse("admin:compliance_auditlog_export")
    assert officer.post(export, {"format": "xlsx"}).status_code == 400
    assert officer.get(export).status_code == 405
    Permission.objects.get(codename="export_auditlog").group_set.clear()

    assert officer.post(export, {"format": "csv"}).status_code == 403
    assert latest().event_type == "denied"


def test_a_month_later_the_entry_is_still_found_by_its_time(inside: Client, patient: Patient) -> None:
    entry = latest()
    number, time = addresses.number_and_time(addresses.address(entry)) or (0, entry.timestamp + timedelta(1))

    assert (number, time) == (entry.pk, entry.timestamp)
