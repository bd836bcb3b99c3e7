"""A small project with nodes of every kind, which the tests beside it interrupt in every place."""

import os
from pathlib import Path

import environ

SECRET_KEY = "a key for tests only"
INSTALLED_APPS = ["sql_migrations", "ward"]
DATABASES = {"default": environ.Env.db_url_config(os.environ["CHAOS_DATABASE_URL"])}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
USE_TZ = True
SQL_MIGRATIONS_DIR = Path(os.environ.get("CHAOS_SQL_DIR") or Path(__file__).parent / "sql")
