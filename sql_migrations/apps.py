from django.apps import AppConfig


class SqlMigrationsConfig(AppConfig):
    name = "sql_migrations"
    verbose_name = "SQL migrations"
