"""The engine's tables as read-only models, for the admin. `history.py` owns the tables and is their only writer."""

from __future__ import annotations

from django.db import models


class SqlMigrationHistory(models.Model):
    """One event in the life of a SQL file. Hash-chained: `manage.py sql_migrations verify` checks the chain."""

    id = models.BigIntegerField(primary_key=True)
    event = models.TextField()
    name = models.TextField()
    sha256 = models.TextField("SHA-256 of the file")
    tokens_sha256 = models.TextField("SHA-256 of its SQL without comments")
    mode = models.TextField()
    statements = models.IntegerField()
    milliseconds = models.IntegerField()
    notices = models.JSONField()
    created = models.JSONField()
    error = models.TextField()
    db_role = models.TextField("database role")
    os_user = models.TextField("operating system user")
    host = models.TextField()
    app_version = models.TextField()
    plan_hash = models.TextField()
    fingerprint = models.TextField()
    at = models.DateTimeField()
    previous_hash = models.TextField()
    row_hash = models.TextField()

    class Meta:
        managed = False
        db_table = "sql_migration_history"
        verbose_name = "SQL migration event"
        ordering = ["-id"]

    def __str__(self) -> str:
        return f"{self.event} {self.name}"


OWN_MODELS = (SqlMigrationHistory,)
