"""Writes through models and querysets."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any

from django.db.models import Case, Value, When

from tests.compliance.audit.matrix.paths import path
from tests.compliance.audit.matrix.subject import waited

if TYPE_CHECKING:
    from tests.compliance.audit.matrix.subject import Subject


def stamps(subject: Subject) -> Counter[str]:
    return Counter(update=int(subject.stamped))


def cascades(subject: Subject) -> Counter[str]:
    return Counter(delete=subject.cascade)


@path("save() of a new row", "Model.save", creates=1)
def save_new(subject: Subject) -> None:
    subject.new(2).save()


@path("save() of a changed row", "Model.save", updates=1)
def save_changed(subject: Subject) -> None:
    subject.changed().save()


@path("save(update_fields=…)", "Model.save", updates=1)
def save_fields(subject: Subject) -> None:
    names = {field.attname: field.name for field in subject.model._meta.concrete_fields}
    subject.changed().save(update_fields=[names[name] for name in subject.change(1)])


@path("save() of an unchanged row", "Model.save", more=stamps)
def save_unchanged(subject: Subject) -> None:
    subject.fresh().save()


@path("save_base(raw=True)", "Model.save_base", creates=1)
def save_base(subject: Subject) -> None:
    subject.new(2).save_base(raw=True)


@path("asave()", "Model.asave", updates=1)
def asave(subject: Subject) -> None:
    waited(subject.changed().asave)()


@path("delete()", "Model.delete", deletes=1, more=cascades)
def delete(subject: Subject) -> None:
    subject.fresh("spare").delete()


@path("adelete()", "Model.adelete", deletes=1, more=cascades)
def adelete(subject: Subject) -> None:
    waited(subject.fresh("spare").adelete)()


@path("create()", "QuerySet.create", creates=1)
def create(subject: Subject) -> None:
    subject.rows.create(**said(subject, 2))


@path("acreate()", "QuerySet.acreate", creates=1)
def acreate(subject: Subject) -> None:
    waited(subject.rows.acreate)(**said(subject, 2))


@path("bulk_create()", "QuerySet.bulk_create", creates=3)
def bulk_create(subject: Subject) -> None:
    subject.rows.bulk_create([subject.new(number) for number in (2, 3, 4)])


@path("abulk_create()", "QuerySet.abulk_create", creates=2)
def abulk_create(subject: Subject) -> None:
    waited(subject.rows.abulk_create)([subject.new(number) for number in (2, 3)])


@path("bulk_create(update_conflicts=True)", "QuerySet.bulk_create", creates=1, updates=1)
def upsert(subject: Subject) -> None:
    names = {field.attname: field.name for field in subject.model._meta.concrete_fields}
    changed = [names[name] for name in subject.change(1)]
    subject.rows.bulk_create(
        [subject.changed(), with_key(subject, 2)], update_conflicts=True, update_fields=changed, unique_fields=["id"]
    )


@path("bulk_create(ignore_conflicts=True)", "QuerySet.bulk_create", creates=1)
def ignore(subject: Subject) -> None:
    subject.rows.bulk_create([subject.changed(), with_key(subject, 2)], ignore_conflicts=True)


@path("get_or_create() of a row that is not there", "QuerySet.get_or_create", creates=1)
def get_or_create(subject: Subject) -> None:
    subject.rows.get_or_create(pk=900_000, defaults=said(subject, 2))


@path("get_or_create() of a row that is there", "QuerySet.get_or_create")
def get_or_create_there(subject: Subject) -> None:
    subject.rows.get_or_create(pk=subject.row.pk, defaults=subject.change(1))


@path("aget_or_create()", "QuerySet.aget_or_create", creates=1)
def aget_or_create(subject: Subject) -> None:
    waited(subject.rows.aget_or_create)(pk=900_000, defaults=said(subject, 2))


@path("update_or_create() of a row that is not there", "QuerySet.update_or_create", creates=1)
def update_or_create(subject: Subject) -> None:
    subject.rows.update_or_create(pk=900_000, defaults=said(subject, 2))


@path("update_or_create() of a row that is there", "QuerySet.update_or_create", updates=1)
def update_or_create_there(subject: Subject) -> None:
    subject.rows.update_or_create(pk=subject.row.pk, defaults=subject.change(1))


@path("aupdate_or_create()", "QuerySet.aupdate_or_create", updates=1)
def aupdate_or_create(subject: Subject) -> None:
    waited(subject.rows.aupdate_or_create)(pk=subject.row.pk, defaults=subject.change(1))


@path("update() of two rows", "QuerySet.update", "QuerySet._update", updates=2)
def update(subject: Subject) -> None:
    both(subject).update(**each(subject))


@path("update() that changes nothing", "QuerySet.update")
def update_nothing(subject: Subject) -> None:
    row = subject.fresh()
    subject.rows.filter(pk=row.pk).update(**{name: getattr(row, name) for name in subject.change(1)})


@path("aupdate()", "QuerySet.aupdate", updates=1)
def aupdate(subject: Subject) -> None:
    waited(subject.rows.filter(pk=subject.row.pk).aupdate)(**subject.change(1))


@path("bulk_update()", "QuerySet.bulk_update", updates=2)
def bulk_update(subject: Subject) -> None:
    subject.rows.bulk_update(*changed_both(subject))


@path("abulk_update()", "QuerySet.abulk_update", updates=2)
def abulk_update(subject: Subject) -> None:
    waited(subject.rows.abulk_update)(*changed_both(subject))


@path("delete() of a queryset", "QuerySet.delete", deletes=1, more=cascades)
def delete_queryset(subject: Subject) -> None:
    subject.rows.filter(pk=subject.spare.pk).delete()


@path("adelete() of a queryset", "QuerySet.adelete", deletes=1, more=cascades)
def adelete_queryset(subject: Subject) -> None:
    waited(subject.rows.filter(pk=subject.spare.pk).adelete)()


@path("_raw_delete() of a queryset", "QuerySet._raw_delete", deletes=1, when=lambda subject: not subject.cascade)
def raw_delete(subject: Subject) -> None:
    rows = subject.rows.filter(pk=subject.spare.pk)
    rows._raw_delete(rows.db)


def said(subject: Subject, number: int) -> dict[str, Any]:
    """Give what a new row says, by attname; what the database fills is left out."""
    row = subject.new(number)
    said = {field.attname: getattr(row, field.attname) for field in subject.model._meta.concrete_fields}
    return {name: value for name, value in said.items() if name != "id" and type(value).__name__ != "DatabaseDefault"}


def with_key(subject: Subject, number: int) -> Any:
    row = subject.new(number)
    row.pk = 900_000
    return row


def both(subject: Subject) -> Any:
    return subject.rows.filter(pk__in=[subject.row.pk, subject.spare.pk])


def each(subject: Subject) -> dict[str, Any]:
    """Give values for update() that differ from row to row, since some must."""
    one, other = subject.change(1), subject.change(2)
    fields = {field.attname: field for field in subject.model._meta.concrete_fields}
    plain = {name: getattr(fields[name], "target_field", fields[name]) for name in one}
    return {
        name: Case(
            When(pk=subject.row.pk, then=Value(one[name], plain[name])),
            default=Value(other[name], plain[name]),
            output_field=plain[name],
        )
        for name in one
    }


def changed_both(subject: Subject) -> tuple[list[Any], list[str]]:
    names = {field.attname: field.name for field in subject.model._meta.concrete_fields}
    rows = [subject.changed(), subject.changed(2, "spare")]
    return rows, [names[name] for name in subject.change(1)]
