"""Deletes and changes that a rule of this project refuses: nothing happens, and the trail says nothing of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.compliance.audit.matrix.paths import path
from tests.compliance.audit.matrix.subject import delete, update
from tests.compliance.audit.matrix.through_sql import run

if TYPE_CHECKING:
    from tests.compliance.audit.matrix.subject import Subject


def may_be_held(subject: Subject) -> bool:
    return subject.holder is not None


def hold(subject: Subject) -> None:
    """Save a row that refers to the first one."""
    subject.holder().save()  # type: ignore[misc]


def may_be_signed(subject: Subject) -> bool:
    return bool(subject.signed)


def sign(subject: Subject) -> None:
    subject.rows.filter(pk=subject.spare.pk).update(**subject.signed)


@path("delete() of a row that others refer to", refused=True, own=True, when=may_be_held, given=hold)
def delete_held(subject: Subject) -> None:
    subject.fresh().delete()


@path("DELETE of a row that a RESTRICT foreign key holds", refused=True, own=True, when=may_be_held, given=hold)
def execute_delete_held(subject: Subject) -> None:
    run(delete(subject.row))


@path("delete() of a signed row", refused=True, own=True, when=may_be_signed, given=sign)
def delete_signed(subject: Subject) -> None:
    subject.fresh("spare").delete()


@path("DELETE of a signed row", refused=True, own=True, when=may_be_signed, given=sign)
def execute_delete_signed(subject: Subject) -> None:
    run(delete(subject.spare))


@path("UPDATE of a signed row", refused=True, own=True, when=may_be_signed, given=sign)
def execute_update_signed(subject: Subject) -> None:
    run(update(subject.changed(which="spare"), subject.change(1)))
