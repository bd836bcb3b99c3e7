"""Who acts travels with every statement, and nowhere else."""

from __future__ import annotations

import asyncio
import contextlib
import threading
import uuid
from typing import TYPE_CHECKING, Any

import pytest
from asgiref.sync import async_to_sync
from django.db import Error, connection, transaction
from hypothesis import given
from hypothesis import strategies as st
from psycopg import sql

from compliance.audit.context import acting, current
from compliance.models import AuditLog
from providers.models import Provider

if TYPE_CHECKING:
    from compliance.models import User

pytestmark = pytest.mark.django_db


def entries(provider: Provider) -> list[AuditLog]:
    return list(AuditLog.objects.filter(table_name="providers", object_pk=str(provider.pk)).order_by("id"))


def last(provider: Provider) -> AuditLog:
    return entries(provider)[-1]


def setting() -> str | None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_setting('webqx.context', true)")
        return cursor.fetchone()[0]


def test_a_change_is_attributed_to_who_acts(provider: Provider, administrator: User) -> None:
    with acting(administrator, purpose="TREAT", addr="192.0.2.7", source="a test", cid="c-1"):
        Provider.objects.filter(pk=provider.pk).update(specialty="Surgery")

    entry = last(provider)
    assert (entry.actor_id, entry.actor_email, entry.actor_role) == (administrator.pk, administrator.email, "admin")
    assert (entry.purpose_of_use, entry.remote_addr, entry.source, entry.cid) == (
        *("TREAT", "192.0.2.7", "a test", "c-1"),
    )
    assert entry.attributed
    assert entry.changes["specialty"] == ["None", "Surgery"]


def test_a_change_without_one_is_flagged_and_has_the_login(provider: Provider) -> None:
    entry = last(provider)

    assert not entry.attributed
    assert entry.actor_id is None
    assert entry.db_role == connection.settings_dict["USER"]


def test_what_is_said_inside_adds_to_what_is_said_outside_and_ends_with_it(administrator: User) -> None:
    with acting(administrator, purpose="TREAT"):
        with acting(source="inside"):
            inner = current()
        outer = current()

    assert inner is not None
    assert outer is not None
    assert (inner.actor, inner.purpose, inner.source) == (administrator.pk, "TREAT", "inside")
    assert outer.source is None
    assert current() is None


def test_a_savepoint_that_is_rolled_back_does_not_lose_it(provider: Provider) -> None:
    with acting(actor=7):
        with contextlib.suppress(ZeroDivisionError), transaction.atomic():
            Provider.objects.filter(pk=provider.pk).update(specialty="Lost")
            raise ZeroDivisionError
        Provider.objects.filter(pk=provider.pk).update(specialty="Kept")

    assert [entry.changes.get("specialty") for entry in entries(provider)[1:]] == [["None", "Kept"]]
    assert last(provider).actor_id == 7


@pytest.mark.parametrize(
    "email", ["o'hara@clinic.example", '"q"@x', "50%@x", "%s", "nul\0l", "back\\slash", "snow☃man", "$$", "x" * 5000]
)
def test_whatever_stands_in_it_arrives_and_breaks_nothing(provider: Provider, email: str) -> None:
    with acting(actor=7, email=email), connection.cursor() as cursor:
        cursor.execute("UPDATE providers SET specialty = %s WHERE id = %s", ["50 %", provider.pk])

    assert last(provider).changes["specialty"] == ["None", "50 %"]
    assert last(provider).actor_id == 7
    assert last(provider).actor_email == email.replace("\0", "\ufffd")[:254]


def statements(provider: Provider) -> dict[str, Any]:
    key, literal = provider.pk, "UPDATE providers SET specialty = 'x' WHERE id = "
    return {
        "without parameters": (f"{literal}{key}", None),
        "with parameters": (f"{literal}%s", [key]),
        "with named parameters": (f"{literal}%(key)s", {"key": key}),
        "a percent sign and no parameters": (f"{literal}{key} AND '%' = '%'", None),
        "composed": (sql.SQL("{}{}").format(sql.SQL(literal), sql.Literal(key)), None),
        "bytes": (f"{literal}{key}".encode(), None),
        "behind comments": (f"-- why\n/* what */ {literal}{key}", None),
        "a data-modifying WITH": (f"WITH done AS ({literal}{key} RETURNING id) SELECT * FROM done", None),
        "several in one": (f"{literal}{key}; SELECT 1", None),
    }


@pytest.mark.parametrize("name", statements(Provider(pk=0)))
def test_every_way_to_write_a_statement_carries_it(provider: Provider, name: str) -> None:
    statement, parameters = statements(provider)[name]
    with acting(actor=7), connection.cursor() as cursor:
        cursor.execute(statement, parameters)

    assert last(provider).changes["specialty"] == ["None", "x"]
    assert last(provider).actor_id == 7


def test_the_result_and_the_count_are_those_of_the_statement(provider: Provider) -> None:
    with acting(actor=7), connection.cursor() as cursor:
        cursor.execute("UPDATE providers SET specialty = 'x' WHERE id = %s RETURNING id", [provider.pk])
        assert (cursor.rowcount, cursor.fetchall(), cursor.description[0].name) == (1, [(provider.pk,)], "id")
        cursor.executemany("UPDATE providers SET specialty = %s WHERE id = %s", [["a", provider.pk], ["b", 0]])
        assert cursor.rowcount == 1
        assert list(Provider.objects.iterator()) == [provider]

    assert [entry.actor_id for entry in entries(provider)[1:]] == [7, 7]


def test_a_statement_that_is_refused_in_company_goes_alone(provider: Provider) -> None:
    with acting(actor=7), connection.cursor() as cursor:
        cursor.execute("SAVEPOINT here")
        cursor.execute("ROLLBACK TO SAVEPOINT here")
        cursor.execute("SHOW server_version")
        assert cursor.fetchone()


def test_it_does_not_reach_the_next_statement_of_the_transaction_once_nobody_acts(provider: Provider) -> None:
    with acting(actor=7):
        assert '"actor": 7' in (setting() or "")
    Provider.objects.filter(pk=provider.pk).update(specialty="x")

    assert last(provider).actor_id is None
    assert not last(provider).attributed


def test_another_thread_says_nothing_by_itself() -> None:
    said: list[Any] = []
    with acting(actor=7):
        thread = threading.Thread(target=lambda: said.append(current()))
        thread.start()
        thread.join()

    assert said == [None]


def test_tasks_do_not_mix_what_they_say() -> None:
    async def act(actor: int) -> int | None:
        with acting(actor=actor):
            await asyncio.sleep(0.001)
            said = current()
        return said.actor if said else None

    async def both() -> list[int | None]:
        return list(await asyncio.gather(act(1), act(2)))

    assert asyncio.run(both()) == [1, 2]


def write(provider: Provider, specialty: str) -> None:
    Provider.objects.filter(pk=provider.pk).update(specialty=specialty)


def test_a_savepoint_that_is_rolled_back_does_not_bring_back_who_acted_before(provider: Provider) -> None:
    with acting(actor=7):
        write(provider, "theirs")
    with contextlib.suppress(ZeroDivisionError), transaction.atomic():
        write(provider, "lost")
        raise ZeroDivisionError
    write(provider, "nobody's")

    assert [entry.actor_id for entry in entries(provider)[1:]] == [7, None]


def test_copy_carries_it(provider: Provider) -> None:
    with acting(actor=7), connection.cursor() as cursor:
        with cursor.copy("COPY locations (uid, name, kind) FROM STDIN") as copy:
            copy.write_row((str(uuid.uuid4()), "Room 9", "ro"))
        with cursor.copy("COPY (SELECT id FROM locations) TO STDOUT") as copy:
            assert len(list(copy.rows())) == 1

    assert AuditLog.objects.get(table_name="locations").actor_id == 7


def test_an_error_in_copy_shows_no_value_and_leaves_the_connection_usable(provider: Provider) -> None:
    with (
        pytest.raises(Error, match="violates not-null constraint") as refused,
        acting(actor=7),
        transaction.atomic(),
        connection.cursor() as cursor,
        cursor.copy("COPY locations (name, kind) FROM STDIN") as copy,
    ):
        copy.write_row(("Quillfeather", None))

    assert "Quillfeather" not in str(refused.value)
    assert Provider.objects.count() == 1


def test_stream_and_callproc_carry_it(provider: Provider) -> None:
    statement = "UPDATE providers SET specialty = 'streamed' WHERE id = %s RETURNING id"
    with connection.cursor() as cursor:
        cursor.execute(
            "CREATE FUNCTION touch(key bigint) RETURNS bigint LANGUAGE sql AS "
            "$$ UPDATE providers SET specialty = 'called' WHERE id = key RETURNING id $$"
        )
    with acting(actor=7), connection.cursor() as cursor:
        assert list(cursor.stream(statement, [provider.pk])) == [(provider.pk,)]
        cursor.callproc("touch", [provider.pk])
        assert cursor.fetchall() == [(provider.pk,)]

    assert [(entry.changes["specialty"][1], entry.actor_id) for entry in entries(provider)[1:]] == [
        *(("streamed", 7), ("called", 7)),
    ]


def test_a_pipeline_carries_it(provider: Provider) -> None:
    with acting(actor=7), connection.connection.pipeline(), connection.cursor() as cursor:
        cursor.execute("UPDATE providers SET specialty = %s WHERE id = %s", ["x", provider.pk])

    assert last(provider).actor_id == 7


def test_a_statement_that_was_prepared_by_name_carries_it(provider: Provider) -> None:
    with acting(actor=7), connection.cursor() as cursor:
        cursor.execute("PREPARE change AS UPDATE providers SET specialty = 'x' WHERE id = $1")
        cursor.execute("EXECUTE change (%s)", [provider.pk])
        cursor.execute("DEALLOCATE change")

    assert last(provider).actor_id == 7


def test_asave_and_its_friends_carry_it(provider: Provider) -> None:
    async def act() -> None:
        with acting(actor=7):
            provider.specialty = "saved"
            await provider.asave()
            await Provider.objects.filter(pk=provider.pk).aupdate(specialty="updated")
            async for found in Provider.objects.all():
                assert found == provider

    async_to_sync(act)()

    assert [entry.actor_id for entry in entries(provider)[1:]] == [7, 7]


@given(
    email=st.text(),
    source=st.text(st.characters(categories=["Cs", "Cc", "L"]) | st.characters(), max_size=300),
)
def test_whatever_text_there_is_postgresql_takes(email: str, source: str) -> None:
    said = None
    with acting(email=email, source=source) as context:
        said = context
        with connection.cursor() as cursor:
            cursor.execute("SELECT audit_context() ->> 'email', audit_context() ->> 'source'")
            assert cursor.fetchone() == (said.email, said.source)
    assert len(said.email or "") <= 254
    assert len(said.source or "") <= 100
