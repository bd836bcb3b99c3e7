"""A small project with one contender's audit. BENCHMARK_CONTENDER names it; DATABASE_URL names its database."""

import os

from webqx.settings import *  # noqa: F403 -- this project, with one more app; the others take the connection from it

CONTENDER = os.environ["BENCHMARK_CONTENDER"]
DEBUG = False
_CHARTS = "benchmarks.audit.charts"
_THEIRS = {
    "plain": [],
    "django-auditlog": ["auditlog"],
    "django-simple-history": ["simple_history"],
    "django-pghistory": ["pgtrigger", "pghistory"],
}
if CONTENDER == "webqx":
    INSTALLED_APPS += [_CHARTS]  # noqa: F405
else:
    INSTALLED_APPS = ["django.contrib.contenttypes", "django.contrib.auth", *_THEIRS[CONTENDER], _CHARTS]
    MIDDLEWARE: list[str] = []
    MIGRATION_MODULES: dict[str, None] = {}
    AUTH_USER_MODEL = "auth.User"
    AUDITLOG_LOGENTRY_MODEL = "auditlog.LogEntry"
    DATABASES = {"default": DATABASES["default"]}  # noqa: F405
    AUTH_PASSWORD_VALIDATORS: list[dict[str, str]] = []
