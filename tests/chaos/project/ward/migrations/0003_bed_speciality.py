"""Stands on a SQL file, and a SQL file stands on it."""

from django.db import migrations, models


class Migration(migrations.Migration):
    """Say what a bed is for."""

    dependencies = [
        ("ward", "0002_first_wards"),
        ("sql_migrations", "20250102_090000_load_specialities"),
    ]
    operations = [migrations.AddField("bed", "speciality", models.IntegerField(default=0))]
