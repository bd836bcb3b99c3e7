"""What the environment says, checked: a missing or weak setting is one sentence that names it and the way out.

Values are read as they are: django-environ's own getters take one that begins with `$` for the name of another
variable, and would print the rest of a secret in their error.
"""

from __future__ import annotations

import contextlib
import ipaddress
import os
import re
import secrets
import tempfile
import warnings
from pathlib import Path
from typing import Any

import environ

from webqx import embedded
from webqx.cluster import OWNER
from webqx.errors import SettingError

TRUE, FALSE = {"1", "true", "yes", "on"}, {"0", "false", "no", "off", ""}
# What a placeholder looks like: Django's own begins with django-insecure, ours is the one in .env.example.
PLACEHOLDERS = ("insecure", "replace-me")
# 50 is what Django's check --deploy asks for. A random key of that length has far more than 10 different characters.
KEY_LENGTH, KEY_VARIETY = 50, 10
NEW_KEY = """python3 -c 'import secrets; print(secrets.token_urlsafe(64))'"""
# A host that does not answer would otherwise take 30 s to fail.
CONNECT_SECONDS = 5
LOCAL_HOSTS = {"", "localhost", "::1"}


def read(base: Path) -> None:
    """Add to the environment what .env says. A variable that is set already wins over the file.

    Raises SettingError for a line that is not NAME=value; django-environ would print it, secret and all, and go on.
    """
    file = base / ".env"
    if not file.exists():
        return
    try:
        lines = file.read_text(encoding="utf-8-sig").splitlines()
    except (OSError, UnicodeDecodeError) as problem:
        raise SettingError(str(file), f"cannot be read as UTF-8 text: {type(problem).__name__}.") from problem
    for number, line in enumerate(lines, start=1):
        if line.strip() and not line.startswith("#") and not re.match(r"(?:export )?\w+=", line):
            raise SettingError(f"{file}:{number}", "is not NAME=value, without spaces around the = or before the name.")
    environ.Env.read_env(file, encoding="utf-8-sig")


def text(name: str, default: str = "") -> str:
    return os.environ.get(name, "").strip() or default


def flag(name: str, default: str = "") -> bool:
    value = text(name, default).lower()
    if value not in TRUE | FALSE:
        raise SettingError(name, "must be true or false.")
    return value in TRUE


def items(name: str) -> list[str]:
    """The values of a comma-separated list."""
    return [item.strip() for item in text(name).split(",") if item.strip()]


def number(name: str, *, default: int, highest: int) -> int:
    """A whole number from 1."""
    value = text(name, str(default))
    if not value.isdecimal() or not 1 <= int(value) <= highest:
        raise SettingError(name, f"must be a whole number from 1 to {highest}.")
    return int(value)


def networks(name: str) -> list[ipaddress.IPv4Network | ipaddress.IPv6Network]:
    """The networks of a comma-separated list; an address is a network of one."""
    found = []
    for item in items(name):
        try:
            network = ipaddress.ip_network(item)
        except ValueError as problem:
            raise SettingError(name, f"is a list of addresses and networks by commas, but: {problem}.") from None
        if network.prefixlen == 0:
            raise SettingError(name, f"has {item}, which is everybody: anybody could say to be at any address.")
        found.append(network)
    return found


def is_production() -> bool:
    # Set to nothing is no choice: a variable that was not filled in would start development where production is meant.
    kind = os.environ.get("WEBQX_ENV", "development").strip()
    if kind not in {"development", "production"}:
        raise SettingError("WEBQX_ENV", f"is {kind!r}; it must be development or production.")
    return kind == "production"


def second_factor(*, production: bool) -> bool:
    """Whether a second factor is asked for; production always does."""
    wanted = flag("WEBQX_SECOND_FACTOR", default="true" if production else "false")
    if production and not wanted:
        raise SettingError("WEBQX_SECOND_FACTOR", "is false; in production the second factor cannot be turned off.")
    return wanted


def idle_minutes(*, production: bool) -> int:
    """How long a session may be idle; production may shorten the 15 minutes, not lengthen them."""
    return number("WEBQX_IDLE_MINUTES", default=15, highest=15 if production else 24 * 60)


def mail(*, production: bool) -> dict[str, Any]:
    """Django's settings for DJANGO_EMAIL_URL; in development mails go to the console without it. Empty: no mail."""
    url = text("DJANGO_EMAIL_URL", "" if production else "consolemail://")
    if not url:
        return {}
    shape = "must look like smtp+tls://user:password@host:587, with special characters percent-encoded."
    try:
        found: dict[str, Any] = environ.Env.email_url_config(url)
    except (ValueError, KeyError, environ.ImproperlyConfigured):
        raise SettingError("DJANGO_EMAIL_URL", shape) from None
    smtp = found["EMAIL_BACKEND"] == environ.Env.EMAIL_SCHEMES["smtp"]
    if production and not (smtp and (found.get("EMAIL_USE_TLS") or found.get("EMAIL_USE_SSL"))):
        raise SettingError("DJANGO_EMAIL_URL", "must be smtp+tls:// or smtp+ssl://: a mail that opens an account.")
    sender = text("DJANGO_EMAIL_FROM", "" if production else "webqx@localhost")
    if "@" not in sender:
        raise SettingError("DJANGO_EMAIL_FROM", "must be the address that mails come from.")
    kept = {name: found[name] for name in found if name.startswith("EMAIL_")}
    return {**kept, "DEFAULT_FROM_EMAIL": sender, "EMAIL_TIMEOUT": CONNECT_SECONDS}


def secret_key(base: Path, *, production: bool) -> str:
    key = text("DJANGO_SECRET_KEY")
    if production:
        _refuse_weak_key(key)
    return key or _kept_key(base / ".local" / "secret_key")


def _refuse_weak_key(key: str) -> None:
    if not key:
        problem = "is not set, and production has no default for it."
    elif any(placeholder in key for placeholder in PLACEHOLDERS):
        problem = "is a placeholder that everybody can read in the source."
    elif len(key) < KEY_LENGTH:
        problem = f"has {len(key)} characters; production needs at least {KEY_LENGTH}."
    elif len(set(key)) < KEY_VARIETY:
        problem = f"has {len(set(key))} different characters; a random key has at least {KEY_VARIETY}."
    else:
        return
    raise SettingError("DJANGO_SECRET_KEY", f"{problem} Make one with: {NEW_KEY}")


def _kept_key(file: Path) -> str:
    """A random key for development, kept so that sessions outlive a restart. Of two that make it at once, one wins."""
    try:
        if not file.exists():
            file.parent.mkdir(mode=0o711, exist_ok=True)
            descriptor, new = tempfile.mkstemp(dir=file.parent, prefix="secret_key.")  # mode 0600
            with os.fdopen(descriptor, "w") as stream:
                stream.write(secrets.token_urlsafe(KEY_LENGTH))
            with contextlib.suppress(FileExistsError):
                os.link(new, file)
            Path(new).unlink()
        return file.read_text()
    except OSError as problem:
        message = f"is not set, and the one for development in {file} cannot be used: {problem.strerror}."
        raise SettingError("DJANGO_SECRET_KEY", message) from problem


def allowed_hosts(*, production: bool) -> list[str]:
    hosts = items("DJANGO_ALLOWED_HOSTS")
    if production and not hosts:
        raise SettingError("DJANGO_ALLOWED_HOSTS", "is not set: name the hosts that this site answers to, by commas.")
    if production and any("*" in host or (host.startswith(".") and "." not in host[1:]) for host in hosts):
        raise SettingError("DJANGO_ALLOWED_HOSTS", "has a wildcard: name each host that this site answers to.")
    return hosts


def site_url(hosts: list[str], *, production: bool) -> str:
    """Where people reach this site: the first host that it answers to. A link in an e-mail never trusts a request."""
    return f"https://{hosts[0].removeprefix('.')}" if production else "http://localhost:8000"


def trusted_origins(*, production: bool) -> list[str]:
    origins = items("DJANGO_CSRF_TRUSTED_ORIGINS")
    if production and not all(origin.startswith("https://") for origin in origins):
        raise SettingError("DJANGO_CSRF_TRUSTED_ORIGINS", "may hold https:// origins only.")
    return origins


def database(login: str, *, production: bool) -> dict[str, Any]:
    """Django's settings for one of the two logins of cluster.py.

    DATABASE_URL is the application's, DATABASE_OWNER_URL the owner's; without the second, the first is both. Outside
    production the built-in server stands in for them, and is started if need be.
    """
    owners = text("DATABASE_OWNER_URL")
    if owners and not text("DATABASE_URL"):
        raise SettingError("DATABASE_URL", "is not set, and DATABASE_OWNER_URL is: name the login that serves, too.")
    name = "DATABASE_OWNER_URL" if login == OWNER and owners else "DATABASE_URL"
    if not text(name) and production:
        raise SettingError("DATABASE_URL", "is not set; the built-in PostgreSQL is for development and tests only.")
    settings = parse_database_url(text(name) or embedded.ensure_running(login), name)
    if production and not _is_local(settings) and settings["OPTIONS"].get("sslmode") != "verify-full":
        problem = "does not prove which server it reaches: add sslmode=verify-full&sslrootcert=… to it."
        raise SettingError(name, problem)
    return settings


def parse_database_url(url: str, name: str = "DATABASE_URL") -> dict[str, Any]:
    """Django's settings for a PostgreSQL URL. No error shows any part of it, since a password stands in it."""
    shape = "must look like postgresql://user:password@host:5432/name, with special characters percent-encoded."
    try:
        with warnings.catch_warnings(action="ignore"):  # one of them shows the password
            settings: dict[str, Any] = environ.Env.db_url_config(url)
    except ValueError:
        raise SettingError(name, shape) from None
    if settings.get("ENGINE") != "django.db.backends.postgresql" or not settings["NAME"]:
        raise SettingError(name, shape)
    options = {"connect_timeout": CONNECT_SECONDS} | settings.get("OPTIONS", {})
    # libpq's way to name a socket folder; dbshell and the like look for it in HOST.
    for place in ("host", "port"):
        if place in options:
            settings[place.upper()] = options.pop(place)
    return settings | {"OPTIONS": options}


def _is_local(settings: dict[str, Any]) -> bool:
    """Whether every one of libpq's comma-separated hosts is this machine: a socket folder or the loopback address."""
    if {"hostaddr", "service"} & set(settings["OPTIONS"]):
        return False
    hosts = settings["HOST"] or os.environ.get("PGHOST", "")
    return all(host in LOCAL_HOSTS or host.startswith(("/", "127.")) for host in hosts.split(","))
