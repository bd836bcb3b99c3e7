"""Who may do what with whose data: the one door that every capability and every list goes through."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

from django.db import connection

from compliance.audit import context, recording, subjects
from compliance.consent.errors import ConsentMissing
from compliance.consent.subjects import is_consented
from compliance.errors import AccessDenied, OutsideCare

if TYPE_CHECKING:
    from django.db.models import Model, QuerySet

    from compliance.accounts.models import User

Row = TypeVar("Row", bound="Model")


def require(user: User | None, permission: str, row: Model | None = None, *, purpose: str | None = None) -> None:
    """Let an account through that has the permission `app.codename` for a purpose and for the patient of a row.

    Nobody, None, has no permission: so it is when a caller forgot to ask who is there. Without a row, it is asked
    whether the account may do so at all; with one that is written already, also whether the patient's consent lets it.
    Raises AccessDenied, OutsideCare or ConsentMissing, once the trail has recorded that it was asked for.
    """
    refusal: AccessDenied | None = None
    if user is None or not permits(user, permission, purpose=purpose):
        refusal = AccessDenied(permission)
    else:
        reached, let = _asked(user, permission, row, purpose)
        if not reached:
            refusal = OutsideCare(permission)
        elif not let:
            refusal = ConsentMissing(permission, purpose or purpose_of(user) or "")
    if refusal is not None:
        with context.acting(user, **({} if purpose is None else {"purpose": purpose})):
            recording.denied(str(refusal), **(subjects.about(row) if row is not None and row.pk else {}))
        raise refusal


def permits(user: User, permission: str, row: Model | None = None, *, purpose: str | None = None) -> bool:
    """Say whether an account may do something for a purpose, with what belongs to the patient of a row."""
    return user.has_perm(permission) and all(_asked(user, permission, row, purpose))


def _asked(user: User, permission: str, row: Model | None, purpose: str | None) -> tuple[bool, bool]:
    """Ask whether the patient of a row is within reach, and whether consent lets the account have that row.

    Consents are about what is written: about a row that is to be added there is nothing yet to show.
    """
    purpose = purpose or purpose_of(user)
    asked = [user.pk, purpose, permission, None if row is None else subjects.patient_of(row)]
    question = "SELECT access_permits(%s, %s, %s, %s), true"
    if row is not None and row.pk is not None and is_consented(type(row)):
        question = "SELECT access_permits(%s, %s, %s, %s), coalesce((consent_about(%s, %s, %s, %s)).permits, true)"
        asked += [row._meta.db_table, row.pk, user.pk, purpose]  # noqa: SLF001 - Django's API
    with connection.cursor() as cursor:
        cursor.execute(question, asked)
        reached, let = cursor.fetchone()
    return reached is True, let is True


def visible_to(rows: QuerySet[Row], user: User, purpose: str | None = None) -> QuerySet[Row]:
    """Keep the rows that an account may see for a purpose; of a table that is about no patient, all or none."""
    from compliance.access.holders import roles_of  # noqa: PLC0415 - models load before
    from compliance.access.policy import policy  # noqa: PLC0415
    from compliance.access.reach import WithinReach  # noqa: PLC0415

    meta = rows.model._meta  # noqa: SLF001 - Django's API
    if not (column := subjects.patient_column(rows.model)):
        return rows if user.has_perm(f"{meta.app_label}.view_{meta.model_name}") else rows.none()
    if (purpose := purpose or purpose_of(user)) is None:
        return rows.none()
    everybody = policy().may_reach_everybody(roles_of(user), purpose, meta.db_table)
    return rows.filter(
        WithinReach(
            column,
            account=user.pk,
            purpose=purpose,
            table=meta.db_table,
            everybody=everybody,
            consented=is_consented(rows.model),
        )
    )


def purpose_of(user: User) -> str | None:
    """Give what an account acts for now: what has been said or, when nothing was, what its role is for."""
    said = context.current()
    if said is not None and said.purpose is not None and said.actor in {None, user.pk}:
        return said.purpose
    return user.usual_purpose
