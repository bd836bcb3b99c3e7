"""Data: a half-run of this would leave some of the rows."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import migrations

if TYPE_CHECKING:
    from django.apps.registry import Apps
    from django.db.backends.base.schema import BaseDatabaseSchemaEditor


def add(apps: Apps, _editor: BaseDatabaseSchemaEditor) -> None:
    """Row by row, so that each is a statement to be killed at."""
    for number, name in enumerate(("Surgery", "Maternity"), start=1):
        ward = apps.get_model("ward", "Ward").objects.create(id=number, name=name)
        apps.get_model("ward", "Bed").objects.create(id=number, ward=ward, label=f"{name[0]}1")


def remove(apps: Apps, _editor: BaseDatabaseSchemaEditor) -> None:
    """Take the rows back."""
    apps.get_model("ward", "Bed").objects.filter(id__lte=2).delete()
    apps.get_model("ward", "Ward").objects.filter(id__lte=2).delete()


class Migration(migrations.Migration):
    """Fill in the first wards."""

    dependencies = [("ward", "0001_initial")]
    operations = [migrations.RunPython(add, remove)]
