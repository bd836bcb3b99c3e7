"""What the environment says, checked: a missing or weak setting is one sentence that names it and the way out."""

from __future__ import annotations

import os
import secrets
from typing import TYPE_CHECKING, Any

import environ
from django.core.exceptions import ImproperlyConfigured

from webqx import embedded

if TYPE_CHECKING:
    from pathlib import Path


def read(base: Path) -> environ.Env:
    """The process's environment, with what .env adds to it: a variable that is set wins over the file."""
    env = environ.Env()
    env.read_env(base / ".env")
    return env


def is_production(env: environ.Env) -> bool:
    kind = env.str("WEBQX_ENV", default="development")
    if kind not in {"development", "production"}:
        msg = f"WEBQX_ENV is {kind!r}; it must be development or production."
        raise ImproperlyConfigured(msg)
    return kind == "production"


def secret_key(env: environ.Env, base: Path) -> str:
    key = env.str("DJANGO_SECRET_KEY", default="")
    if key:
        return key
    file = base / ".local" / "secret_key"
    if not file.exists():
        file.parent.mkdir(exist_ok=True, mode=0o711)
        os.close(os.open(file, os.O_CREAT | os.O_WRONLY, 0o600))
        file.write_text(secrets.token_urlsafe(50))
    return file.read_text()


def allowed_hosts(env: environ.Env) -> list[str]:
    hosts: list[str] = env.list("DJANGO_ALLOWED_HOSTS", default=[])
    return hosts


def database(env: environ.Env) -> dict[str, Any]:
    url = env.str("DATABASE_URL", default="") or embedded.ensure_running()
    settings: dict[str, Any] = environ.Env.db_url_config(url)
    settings["OPTIONS"] = {"connect_timeout": 5} | settings.get("OPTIONS", {})
    return settings
