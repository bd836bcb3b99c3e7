"""A contender from within its small project: how tables are made, how it is told who acts, what it recorded."""

from __future__ import annotations

import contextlib
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.contrib.auth import get_user_model
from django.core.management import call_command
from django.db import connection

from benchmarks.audit.charts.models import AUDITED, Chart, tables

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

EMAIL = "clinician@clinic.example"


def prepare() -> None:
    """Make the tables in an empty database, put them under the contender's audit, and make the account that acts."""
    call_command("migrate", verbosity=0, interactive=False)
    with connection.schema_editor() as editor:
        for model in tables():
            editor.create_model(model)
    if settings.CONTENDER == "django-pghistory":
        call_command("pgtrigger", "install")
    user = get_user_model()
    named = {user.USERNAME_FIELD: EMAIL, "email": EMAIL}
    user.objects.create(**named)
    if settings.CONTENDER == "webqx":
        with connection.cursor() as cursor:
            for model in AUDITED:
                meta, patient = model._meta, "patient_id" if model is Chart else ""  # noqa: SLF001 - Django's API
                cursor.execute("SELECT audit_table(%s, %s, %s)", [meta.db_table, meta.label_lower, patient])


@contextlib.contextmanager
def acting() -> Iterator[None]:
    """Tell the contender who acts, and as much beside that as it takes."""
    user = get_user_model().objects.get(**{get_user_model().USERNAME_FIELD: EMAIL})
    with _saying(user):
        yield


def _saying(user: Any) -> contextlib.AbstractContextManager[Any]:
    source, address = "POST /charts/", "192.0.2.7"
    if settings.CONTENDER == "webqx":
        from compliance.audit.context import acting as saying  # noqa: PLC0415 - of this contender only

        return saying(user, cid="6f1c2b1e", addr=address, purpose="TREAT", source=source)
    if settings.CONTENDER == "django-auditlog":
        from auditlog.context import set_actor  # noqa: PLC0415

        return set_actor(user, remote_addr=address)  # type: ignore[no-any-return]
    if settings.CONTENDER == "django-pghistory":
        import pghistory  # noqa: PLC0415

        return pghistory.context(user=user.pk, url=source, addr=address)  # type: ignore[no-any-return]
    return _request(user) if settings.CONTENDER == "django-simple-history" else contextlib.nullcontext()


@contextlib.contextmanager
def _request(user: Any) -> Iterator[None]:
    from simple_history.models import HistoricalRecords  # noqa: PLC0415

    HistoricalRecords.context.request = SimpleNamespace(user=user)
    yield
    del HistoricalRecords.context.request


def bulk_create(rows: Sequence[Chart]) -> None:
    """Add many rows, in the way that the contender records, if it has one."""
    if settings.CONTENDER == "django-simple-history":
        from simple_history.utils import bulk_create_with_history  # noqa: PLC0415

        bulk_create_with_history(rows, Chart)
    else:
        Chart.objects.bulk_create(rows)


def update_all(title: str, keys: Sequence[int]) -> None:
    """Change a column of many rows, in the way that the contender records, if it has one."""
    rows = Chart.objects.filter(pk__in=keys)
    if settings.CONTENDER == "django-simple-history":
        from simple_history.utils import bulk_update_with_history  # noqa: PLC0415

        found = list(rows)
        for row in found:
            row.title = title
        bulk_update_with_history(found, Chart, ["title"])
    else:
        rows.update(title=title)


_RECORDED = {
    "webqx": ("SELECT attributed FROM audit_logs WHERE table_name LIKE 'charts%'",),
    "django-auditlog": ("SELECT actor_id IS NOT NULL FROM auditlog_logentry",),
    "django-simple-history": (
        "SELECT history_user_id IS NOT NULL FROM charts_historicalchart",
        "SELECT history_user_id IS NOT NULL FROM charts_historicallabel",
    ),
    "django-pghistory": (
        "SELECT pgh_context_id IS NOT NULL FROM charts_chartevent",
        "SELECT pgh_context_id IS NOT NULL FROM charts_labelevent",
        "SELECT pgh_context_id IS NOT NULL FROM charts_labelledevent",
    ),
}


def recorded() -> tuple[int, int]:
    """Count what the contender has recorded of the charts, and how much of that names somebody."""
    queries = _RECORDED.get(settings.CONTENDER, ())
    if not queries:
        return 0, 0
    with connection.cursor() as cursor:
        found = " UNION ALL ".join(queries)
        cursor.execute(f"SELECT count(*), count(*) FILTER (WHERE named) FROM ({found}) AS entries (named)")
        every, named = cursor.fetchone()
    return int(every), int(named)
