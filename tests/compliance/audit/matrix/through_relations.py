"""Writes through the managers of relations: the rows of tables that Django makes by itself, and foreign keys."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any

from tests.compliance.audit.matrix.paths import path
from tests.compliance.audit.matrix.subject import waited

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.compliance.audit.matrix.subject import Subject


def joins(subject: Subject) -> bool:
    return subject.relation is not None


def refers(subject: Subject) -> bool:
    return subject.referrers is not None


def with_target(subject: Subject) -> Counter[str]:
    return Counter(create=int(joins(subject) and subject.relation.target_is_audited))  # type: ignore[union-attr]


def points(subject: Subject) -> None:
    subject.referrers.add(subject.row, subject.spare)


def many(subject: Subject) -> tuple[Any, Any]:
    assert subject.relation is not None
    return subject.relation.manager, subject.relation.targets


def sync(function: Callable[..., Any]) -> Callable[..., Any]:
    return function


# The names of the methods, and the way to call them: each is tried as it is and as its asynchronous twin.
for prefix, called in (("", sync), ("a", waited)):

    @path(f"many-to-many {prefix}add()", f"ManyRelatedManager.{prefix}add", creates=2, when=joins)
    def add(subject: Subject, name: str = f"{prefix}add", called: Callable[..., Any] = called) -> None:
        manager, targets = many(subject)
        called(getattr(manager, name))(targets[1], targets[2], targets[3])

    @path(f"many-to-many {prefix}remove()", f"ManyRelatedManager.{prefix}remove", deletes=1, when=joins)
    def remove(subject: Subject, name: str = f"{prefix}remove", called: Callable[..., Any] = called) -> None:
        manager, targets = many(subject)
        called(getattr(manager, name))(targets[1])

    @path(f"many-to-many {prefix}set()", f"ManyRelatedManager.{prefix}set", creates=1, deletes=1, when=joins)
    def set_(subject: Subject, name: str = f"{prefix}set", called: Callable[..., Any] = called) -> None:
        manager, targets = many(subject)
        called(getattr(manager, name))([targets[0], targets[2]])

    @path(f"many-to-many {prefix}clear()", f"ManyRelatedManager.{prefix}clear", deletes=2, when=joins)
    def clear(subject: Subject, name: str = f"{prefix}clear", called: Callable[..., Any] = called) -> None:
        manager, _ = many(subject)
        called(getattr(manager, name))()

    @path(
        f"many-to-many {prefix}create()",
        f"ManyRelatedManager.{prefix}create",
        creates=1,
        when=joins,
        more=with_target,
    )
    def create(subject: Subject, name: str = f"{prefix}create", called: Callable[..., Any] = called) -> None:
        manager, _ = many(subject)
        called(getattr(manager, name))(**subject.relation.target)  # type: ignore[union-attr]

    for verb in ("get_or_create", "update_or_create"):

        @path(
            f"many-to-many {prefix}{verb}()",
            f"ManyRelatedManager.{prefix}{verb}",
            creates=1,
            when=joins,
            more=with_target,
        )
        def or_create(subject: Subject, name: str = f"{prefix}{verb}", called: Callable[..., Any] = called) -> None:
            manager, _ = many(subject)
            called(getattr(manager, name))(**subject.relation.target)  # type: ignore[union-attr]

    @path(f"foreign key {prefix}add()", f"RelatedManager.{prefix}add", updates=2, when=refers)
    def refer(subject: Subject, name: str = f"{prefix}add", called: Callable[..., Any] = called) -> None:
        called(getattr(subject.referrers, name))(subject.row, subject.spare)

    @path(f"foreign key {prefix}remove()", f"RelatedManager.{prefix}remove", updates=1, when=refers, given=points)
    def let_go(subject: Subject, name: str = f"{prefix}remove", called: Callable[..., Any] = called) -> None:
        called(getattr(subject.referrers, name))(subject.row)

    @path(f"foreign key {prefix}set()", f"RelatedManager.{prefix}set", updates=1, when=refers, given=points)
    def set_referrers(subject: Subject, name: str = f"{prefix}set", called: Callable[..., Any] = called) -> None:
        called(getattr(subject.referrers, name))([subject.row])

    @path(f"foreign key {prefix}clear()", f"RelatedManager.{prefix}clear", updates=2, when=refers, given=points)
    def clear_referrers(subject: Subject, name: str = f"{prefix}clear", called: Callable[..., Any] = called) -> None:
        called(getattr(subject.referrers, name))()

    for verb in ("create", "get_or_create", "update_or_create"):

        @path(f"foreign key {prefix}{verb}()", f"RelatedManager.{prefix}{verb}", creates=1, when=refers)
        def refer_new(subject: Subject, name: str = f"{prefix}{verb}", called: Callable[..., Any] = called) -> None:
            row, key = subject.new(2), subject.referrers.field.attname
            fields = {field.attname: field for field in subject.model._meta.concrete_fields}
            said = {one: getattr(row, one) for one in fields if one not in {"id", key}}
            said = {one: value for one, value in said.items() if type(value).__name__ != "DatabaseDefault"}
            called(getattr(subject.referrers, name))(**said)
