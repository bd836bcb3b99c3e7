"""Two tables; their foreign key and the indexes come as deferred SQL."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    """Create wards and beds."""

    initial = True
    dependencies = []
    operations = [
        migrations.CreateModel(
            name="Ward",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("name", models.CharField(max_length=100, unique=True)),
            ],
        ),
        migrations.CreateModel(
            name="Bed",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("label", models.CharField(db_index=True, max_length=20)),
                ("ward", models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, to="ward.ward")),
            ],
        ),
    ]
