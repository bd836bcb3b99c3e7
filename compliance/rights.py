"""What the application's database login may do with each table. The model says it, as `APP_MAY`; SQL files grant it.

A right is a word of GRANT, such as SELECT, or a word and a column: INSERT (table_name).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from django.apps import apps

if TYPE_CHECKING:
    from django.db.models import Model

Rights = frozenset[str]

NONE: Rights = frozenset()  # what only functions of the database read and write
READ: Rights = frozenset({"SELECT"})
ADD: Rights = READ | {"INSERT"}
WITHOUT_DELETE: Rights = ADD | {"UPDATE"}
ALL: Rights = WITHOUT_DELETE | {"DELETE"}
# Django's tables between two models, whose rows come and go.
LINK: Rights = ADD | {"DELETE"}


class AddOnly(NamedTuple):
    """The rights of a trail: to read it, and to add what the database does not keep by itself, by field."""

    kept: frozenset[str]


# Models that are not ours cannot say it. Of any that is missing here, everything but to read it is left to whoever
# installed it.
OF_OTHERS: dict[str, Rights] = {
    "admin.logentry": ADD,
    "auth.group": READ,  # migrate writes roles and their permissions
    "auth.group_permissions": READ,
    "auth.permission": READ,
    "axes.accessattempt": ALL,
    "axes.accessattemptexpiration": ALL,
    "contenttypes.contenttype": READ,
    "otp_static.staticdevice": ALL,
    "otp_static.statictoken": ALL,
    "otp_totp.totpdevice": ALL,
    "sessions.session": ALL,
    "sql_migrations.sqlmigrationhistory": READ,
}


# Tables that no model describes.
WITHOUT_MODEL: dict[str, Rights] = {"django_migrations": READ}


def needed(model: type[Model]) -> Rights:
    """Return what the application must be able to do with a model's table."""
    return READ if (said := _said(model)) is None else said


def allowed(model: type[Model]) -> Rights:
    """Return what the application may be able to do with a model's table, and nothing beyond."""
    return ALL if (said := _said(model)) is None else said


def models() -> list[type[Model]]:
    """List every model with a table of its own, also those that Django makes to join two models."""
    found = apps.get_models(include_auto_created=True)
    return [model for model in found if not model._meta.proxy]  # noqa: SLF001 - Django's API


def _said(model: type[Model]) -> Rights | None:
    if model._meta.auto_created:  # noqa: SLF001
        return OF_OTHERS.get(model._meta.label_lower, LINK)  # noqa: SLF001
    said: Rights | AddOnly | None = getattr(model, "APP_MAY", None)
    if isinstance(said, AddOnly):
        columns = {field.column for field in model._meta.concrete_fields if field.name not in said.kept}  # noqa: SLF001
        return READ | {f"INSERT ({column})" for column in columns if column}
    return OF_OTHERS.get(model._meta.label_lower) if said is None else said  # noqa: SLF001


def in_words(rights: Rights) -> str:
    """Write rights as GRANT takes them: SELECT, INSERT (one, another)."""
    columns = sorted(right.partition(" (")[2].rstrip(")") for right in rights if right.startswith("INSERT ("))
    return ", ".join(
        [word for word in ("SELECT", "INSERT", "UPDATE", "DELETE") if word in rights]
        + ([f"INSERT ({', '.join(columns)})"] if columns else [])
    )
