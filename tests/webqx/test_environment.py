"""Production starts with good settings or says in one line which one is not."""

from __future__ import annotations

import os
import re
import secrets
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from webqx import environment, logins
from webqx.cluster import APP, OWNER
from webqx.errors import SettingError

BASE = Path(__file__).resolve().parents[2]
PRODUCTION = {
    "WEBQX_ENV": "production",
    "DJANGO_SECRET_KEY": secrets.token_urlsafe(64),
    "DJANGO_ALLOWED_HOSTS": "webqx.example.org",
    "DATABASE_URL": "postgresql://webqx_app:s3cr3t@db.example.org/webqx?sslmode=verify-full",
    "PHI_KEY_URI": "hcvault://vault.example.org:8200/transit/keys/webqx",
    "PHI_KEYSET": "/var/lib/webqx/keyset.json",
}


def run(*arguments: str, **settings: str) -> subprocess.CompletedProcess[str]:
    kept = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(("DJANGO_", "WEBQX_", "DATABASE_", "PHI_"))
    }
    return subprocess.run(
        [sys.executable, *arguments], cwd=BASE, env=kept | settings, capture_output=True, text=True, check=False
    )


def test_production_passes_djangos_deployment_checks() -> None:
    done = run("manage.py", "check", "--deploy", "--fail-level", "WARNING", **PRODUCTION)

    assert (done.returncode, done.stderr) == (0, "")


def test_a_bad_setting_is_one_line_on_the_command_line() -> None:
    done = run("manage.py", "check", **PRODUCTION | {"DJANGO_SECRET_KEY": "short"})

    assert (done.returncode, done.stdout) == (1, "")
    assert re.fullmatch(r"WebQx: DJANGO_SECRET_KEY has 5 characters; .+\n", done.stderr)


def test_a_bad_setting_stops_a_wsgi_server() -> None:
    done = run("-c", "import webqx.wsgi", **PRODUCTION | {"DATABASE_URL": ""})

    assert done.returncode == 1
    assert done.stderr.splitlines()[-1].startswith("webqx.errors.SettingError: DATABASE_URL is not set")


def test_the_development_server_does_not_run_in_production() -> None:
    done = run("manage.py", "runserver", **PRODUCTION)

    assert done.returncode == 1
    assert "webqx.wsgi:application" in done.stderr


def example_key() -> str:
    found = re.search(r"^#?DJANGO_SECRET_KEY=(.+)$", (BASE / ".env.example").read_text(), re.MULTILINE)
    assert found
    return found[1]


@pytest.mark.parametrize(
    "key",
    [
        "",
        " ",
        "x" * 60,
        "ab" * 40,
        secrets.token_urlsafe(30),
        "django-insecure-" + secrets.token_urlsafe(60),
        example_key(),
    ],
    ids=["missing", "blank", "one character", "two characters", "short", "Django's placeholder", "our example"],
)
def test_production_refuses_a_weak_secret_key(key: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("DJANGO_SECRET_KEY", key)

    with pytest.raises(SettingError, match=r"^DJANGO_SECRET_KEY ") as caught:
        environment.secret_key(tmp_path, production=True)

    assert not key.strip() or key not in str(caught.value)
    assert list(tmp_path.iterdir()) == []


def test_a_secret_key_that_begins_with_a_dollar_is_taken_as_it_is(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    key = f"${secrets.token_urlsafe(64)}"
    monkeypatch.setenv("DJANGO_SECRET_KEY", key)

    assert environment.secret_key(tmp_path, production=True) == key


def test_development_makes_a_private_random_key_and_keeps_it(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.delenv("DJANGO_SECRET_KEY", raising=False)

    first, second = (environment.secret_key(tmp_path, production=False) for _ in range(2))

    assert first == second
    assert len(first) >= environment.KEY_LENGTH
    [kept] = (tmp_path / ".local").iterdir()
    assert stat.S_IMODE(kept.stat().st_mode) == 0o600


@pytest.mark.parametrize("kind", ["prod", "Production", "test"])
def test_an_unknown_kind_of_environment_is_an_error(kind: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WEBQX_ENV", kind)

    with pytest.raises(SettingError, match=f"^WEBQX_ENV is '{kind}'"):
        environment.is_production()


@pytest.mark.parametrize(
    "url",
    [
        "",
        "postgresql://u:s3cr3t@db.example.org/webqx",
        "postgresql://u:s3cr3t@db.example.org/webqx?sslmode=require",
        "postgresql://u:s3cr3t@db.example.org/webqx?sslmode=verify-ca",
        "postgresql://u:s3cr3t@localhost,db.example.org/webqx",
        "postgresql://u:s3cr3t@/webqx?hostaddr=203.0.113.5",
        "postgresql://u:s3cr3t@/webqx?host=db.example.org",
        "postgresql://u:s3cr3t@/webqx?service=elsewhere",
    ],
)
def test_production_refuses_a_database_that_does_not_prove_who_it_is(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_URL", url)

    with pytest.raises(SettingError, match=r"^DATABASE_URL ") as caught:
        environment.database(APP, production=True)

    assert "s3cr3t" not in str(caught.value)


@pytest.mark.parametrize(
    "url",
    [
        "postgresql://u:s3cr3t@db.example.org/webqx?sslmode=verify-full",
        "postgresql://u@localhost:5433/webqx",
        "postgresql://u@[::1]/webqx",
        "postgresql://u@/webqx?host=/run/postgresql",
    ],
)
def test_production_accepts_a_database_that_is_local_or_verified(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_URL", url)
    monkeypatch.delenv("PGHOST", raising=False)

    assert environment.database(APP, production=True)["NAME"] == "webqx"


@pytest.mark.parametrize(
    "url", ["postgresql://u:s3cr3t@db.example.org/webqx", "postgresql://u:s3cr3t@db.example.org:54x/webqx"]
)
def test_the_owners_url_keeps_the_same_rules_and_is_not_shown(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_URL", "postgresql://u@localhost/webqx")
    monkeypatch.setenv("DATABASE_OWNER_URL", url)

    with pytest.raises(SettingError, match=r"^DATABASE_OWNER_URL ") as caught:
        environment.database(OWNER, production=True)

    assert "s3cr3t" not in str(caught.value)
    assert environment.database(APP, production=True)["HOST"] == "localhost"


def test_one_url_is_for_both_logins_unless_there_are_two(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_URL", "postgresql://one@localhost/webqx")
    monkeypatch.delenv("DATABASE_OWNER_URL", raising=False)
    alone = [environment.database(login, production=True)["USER"] for login in (APP, OWNER)]
    monkeypatch.setenv("DATABASE_OWNER_URL", "postgresql://two@localhost/webqx")
    both = [environment.database(login, production=True)["USER"] for login in (APP, OWNER)]

    assert (alone, both) == (["one", "one"], ["one", "two"])


def test_an_owner_alone_serves_nobody(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("DATABASE_URL", raising=False)
    monkeypatch.setenv("DATABASE_OWNER_URL", "postgresql://two@localhost/webqx")

    with pytest.raises(SettingError, match=r"^DATABASE_URL is not set, and DATABASE_OWNER_URL is"):
        environment.database(OWNER, production=False)


@pytest.mark.parametrize(
    ("words", "login"),
    [
        ("migrate", OWNER),
        ("--as a@clinic.example migrate --plan", OWNER),
        ("--purpose=TREAT showmigrations", OWNER),
        ("audit --json partitions", OWNER),
        ("audit partitions", OWNER),
        ("dbshell", OWNER),
        ("audit export", APP),
        ("runserver", APP),
        ("shell", APP),
        ("createsuperuser", APP),
        ("shell --command migrate", APP),
        ("a_command_of_tomorrow", APP),
        ("", APP),
    ],
)
def test_only_the_commands_that_are_named_connect_as_the_owner(words: str, login: str) -> None:
    try:
        logins.connect_for(["manage.py", *words.split()])

        assert logins.login() == login
    finally:
        logins.connect_as(APP)


def test_the_environment_of_libpq_cannot_move_a_local_database_elsewhere(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_URL", "postgresql://u@/webqx")
    monkeypatch.setenv("PGHOST", "db.example.org")

    with pytest.raises(SettingError, match=r"sslmode=verify-full"):
        environment.database(APP, production=True)


@pytest.mark.parametrize(
    "url",
    [
        "s3cr3t",
        "mysql://u:s3cr3t@host/webqx",
        "postgresql://u:s3cr3t@host:54x/webqx",
        "postgresql://u:s3cr3t@host:99999/webqx",
        "postgresql://u:s3cr3t@[::1/webqx",
        "postgresql://u:s3cr3t@host/",
        "postgresq://u:s3cr3t@host/webqx",
    ],
)
def test_a_malformed_url_is_refused_without_being_shown(url: str) -> None:
    with pytest.raises(SettingError, match=r"^DATABASE_URL must look like") as caught:
        environment.parse_database_url(url)

    assert "s3cr3t" not in str(caught.value)
    assert caught.value.__suppress_context__ or caught.value.__context__ is None


def test_a_percent_encoded_password_and_a_socket_folder_are_understood() -> None:
    settings = environment.parse_database_url("postgresql://u:p%40s%2Fs@/webqx?host=/tmp/a%20b&port=5433")

    assert (settings["PASSWORD"], settings["HOST"], settings["PORT"]) == ("p@s/s", "/tmp/a b", 5433)
    assert settings["OPTIONS"] == {"connect_timeout": environment.CONNECT_SECONDS}


@pytest.mark.parametrize("hosts", ["", "*", "webqx.example.org,*", "*.example.org", "."])
def test_production_refuses_missing_or_wildcard_hosts(hosts: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DJANGO_ALLOWED_HOSTS", hosts)

    with pytest.raises(SettingError, match=r"^DJANGO_ALLOWED_HOSTS "):
        environment.allowed_hosts(production=True)


def test_a_flag_that_is_neither_true_nor_false_is_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DJANGO_BEHIND_PROXY", "treu")

    with pytest.raises(SettingError, match=r"^DJANGO_BEHIND_PROXY must be true or false"):
        environment.flag("DJANGO_BEHIND_PROXY")


def test_a_variable_wins_over_the_env_file(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("WEBQX_ONE", "from the environment")
    monkeypatch.delenv("WEBQX_TWO", raising=False)
    (tmp_path / ".env").write_text(
        "﻿WEBQX_TWO='from the file'\n\n# WEBQX_THREE=no\nexport WEBQX_ONE=no\n", encoding="utf-8"
    )

    environment.read(tmp_path)

    assert (environment.text("WEBQX_ONE"), environment.text("WEBQX_TWO")) == ("from the environment", "from the file")
    monkeypatch.delenv("WEBQX_TWO")


def test_a_bad_line_in_the_env_file_is_named_but_not_shown(tmp_path: Path) -> None:
    (tmp_path / ".env").write_text("WEBQX_ENV=development\nDJANGO_SECRET_KEY = s3cr3t\n")

    with pytest.raises(SettingError, match=r"\.env:2 is not NAME=value") as caught:
        environment.read(tmp_path)

    assert "s3cr3t" not in str(caught.value)


def test_every_variable_that_is_read_is_explained_in_the_example() -> None:
    source = "".join(file.read_text() for file in (BASE / "webqx").glob("*.py")) + (BASE / "deploy.sh").read_text()
    # The one is ours to set; the other is asked for before .env can be read.
    known = {"DJANGO_SETTINGS_MODULE", "WEBQX_PYTHON"}
    read = set(re.findall(r"\b(?:DJANGO|WEBQX)_[A-Z_]+\b|\bDATABASE_(?:OWNER_)?URL\b", source)) - known

    assert read <= set(re.findall(r"^#?(\w+)=", (BASE / ".env.example").read_text(), re.MULTILINE))


def test_production_cannot_turn_the_second_factor_off(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WEBQX_SECOND_FACTOR", "false")
    with pytest.raises(SettingError, match="cannot be turned off"):
        environment.second_factor(production=True)
    assert environment.second_factor(production=False) is False

    monkeypatch.setenv("WEBQX_SECOND_FACTOR", "")
    assert environment.second_factor(production=True) is True
    assert environment.second_factor(production=False) is False


def test_production_may_shorten_the_time_of_idleness_and_not_lengthen_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WEBQX_IDLE_MINUTES", "5")
    assert environment.idle_minutes(production=True) == 5

    monkeypatch.setenv("WEBQX_IDLE_MINUTES", "16")
    assert environment.idle_minutes(production=False) == 16
    with pytest.raises(SettingError, match="from 1 to 15"):
        environment.idle_minutes(production=True)


def test_production_sends_no_mail_until_it_is_told_how(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("DJANGO_EMAIL_URL", raising=False)
    assert environment.mail(production=True) == {}
    assert environment.mail(production=False)["EMAIL_BACKEND"].endswith("console.EmailBackend")

    monkeypatch.setenv("DJANGO_EMAIL_URL", "smtp+tls://user:p%40ss@mail.example.org:587")
    monkeypatch.setenv("DJANGO_EMAIL_FROM", "webqx@example.org")
    said = environment.mail(production=True)
    assert (said["EMAIL_HOST"], said["EMAIL_PORT"], said["EMAIL_HOST_PASSWORD"]) == ("mail.example.org", 587, "p@ss")
    assert (said["EMAIL_USE_TLS"], said["DEFAULT_FROM_EMAIL"]) == (True, "webqx@example.org")


@pytest.mark.parametrize("url", ["smtp://mail.example.org", "consolemail://", "nonsense", "smtp+tls://h:s3cr3t"])
def test_production_sends_mail_over_tls_only(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DJANGO_EMAIL_URL", url)
    monkeypatch.setenv("DJANGO_EMAIL_FROM", "webqx@example.org")

    with pytest.raises(SettingError, match="DJANGO_EMAIL_URL") as refused:
        environment.mail(production=True)
    assert "s3cr3t" not in str(refused.value)


def test_mails_have_a_sender(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DJANGO_EMAIL_URL", "smtp+ssl://mail.example.org")
    monkeypatch.delenv("DJANGO_EMAIL_FROM", raising=False)

    with pytest.raises(SettingError, match="DJANGO_EMAIL_FROM"):
        environment.mail(production=True)
