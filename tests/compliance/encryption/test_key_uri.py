"""Where the key may be: what PHI_KEY_URI takes, and what production refuses to start with."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from django.core.checks import run_checks

from compliance.encryption import key_uri
from compliance.encryption.errors import KeyUriRefused
from compliance.encryption.key_uri import KeyFile, VaultKey
from tests.webqx.test_environment import PRODUCTION
from webqx import encryption
from webqx.errors import SettingError

if TYPE_CHECKING:
    from django.core.checks import CheckMessage
    from pytest_django.fixtures import SettingsWrapper

BASE = Path(__file__).resolve().parents[3]


@pytest.mark.parametrize(
    ("uri", "place"),
    [
        ("file:///etc/webqx/key", KeyFile(Path("/etc/webqx/key"))),
        ("file:/etc/webqx/key", KeyFile(Path("/etc/webqx/key"))),
        ("file:///etc/web%20qx/key", KeyFile(Path("/etc/web qx/key"))),
        ("hcvault://vault.clinic:8200/transit/keys/webqx", VaultKey("https://vault.clinic:8200", "transit/keys/webqx")),
        ("hcvault://vault/teams/phi/keys/webqx-1", VaultKey("https://vault", "teams/phi/keys/webqx-1")),
        ("hcvault+http://127.0.0.1:8100/transit/keys/webqx", VaultKey("http://127.0.0.1:8100", "transit/keys/webqx")),
        ("hcvault+http://[::1]:8100/transit/keys/webqx", VaultKey("http://[::1]:8100", "transit/keys/webqx")),
    ],
)  # fmt: skip
def test_a_uri_names_a_file_or_a_key_of_vault(uri: str, place: key_uri.KeyPlace) -> None:
    assert key_uri.parse(uri) == place


@pytest.mark.parametrize(
    ("uri", "problem"),
    [
        ("s3cr3t", "must look like file:"),
        ("https://s3cr3t/transit/keys/webqx", "must look like file:"),
        ("file://s3cr3t/key", "by its whole path"),
        ("file:s3cr3t", "by its whole path"),
        ("file:///", "by its whole path"),
        ("hcvault://u:s3cr3t@vault/transit/keys/webqx", "the token is VAULT_TOKEN"),
        ("hcvault://vault/transit/keys/webqx?token=s3cr3t", "the token is VAULT_TOKEN"),
        ("hcvault://vault:s3cr3t/transit/keys/webqx", "must look like file:"),
        ("hcvault://vault/s3cr3t", "must look like hcvault:"),
        ("hcvault:///transit/keys/s3cr3t", "must look like hcvault:"),
        ("hcvault+http://s3cr3t.example.org/transit/keys/webqx", "speaks without TLS to another machine"),
        ("aws-kms://arn:aws:kms:s3cr3t", "which is not built in"),
        ("gcp-kms://projects/s3cr3t", "which is not built in"),
    ],
)
def test_anything_else_is_refused_and_not_repeated(uri: str, problem: str) -> None:
    with pytest.raises(KeyUriRefused, match=problem) as caught:
        key_uri.parse(uri)

    assert "s3cr3t" not in str(caught.value)


def test_development_keeps_both_below_local(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in ("PHI_KEY_URI", "PHI_KEYSET"):
        monkeypatch.delenv(name, raising=False)

    assert encryption.where(tmp_path, production=False) == {
        "PHI_KEY_URI": f"file://{tmp_path}/.local/phi/key",
        "PHI_KEYSET": f"{tmp_path}/.local/phi/keyset.json",
    }
    assert list(tmp_path.iterdir()) == [], "nothing is made before it is needed"


@pytest.mark.parametrize(
    ("key", "problem"),
    [
        ("", "is not set, and production has no default for it"),
        ("project/key", "beside the settings of the database"),
        ("project/.local/phi/key", "beside the settings of the database"),
        ("link/key", "beside the settings of the database"),
        ("keyset/key", "beside the keyset that it opens"),
        ("apart/loose", r"which others than its owner may use: chmod 600"),
    ],
)
def test_production_refuses_a_plain_key_that_is_not_kept_apart(
    key: str, problem: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for folder in ("project", "keyset", "apart"):
        (tmp_path / folder).mkdir()
    (tmp_path / "link").symlink_to(tmp_path / "project")
    (tmp_path / "apart" / "loose").touch(mode=0o644)
    monkeypatch.setenv("PHI_KEY_URI", (tmp_path / key).as_uri() if key else "")
    monkeypatch.setenv("PHI_KEYSET", str(tmp_path / "keyset" / "keyset.json"))

    with pytest.raises(SettingError, match=rf"^PHI_KEY_URI .*{problem}"):
        encryption.where(tmp_path / "project", production=True)
    monkeypatch.setenv("PHI_KEY_URI", (tmp_path / "apart" / "key").as_uri())
    (tmp_path / "apart" / "key").touch(mode=0o600)
    assert encryption.where(tmp_path / "project", production=True)


def test_production_needs_a_keyset_by_its_whole_path(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PHI_KEY_URI", PRODUCTION["PHI_KEY_URI"])
    for named in ("", "keyset.json"):
        monkeypatch.setenv("PHI_KEYSET", named)
        with pytest.raises(SettingError, match=r"^PHI_KEYSET must be the whole path"):
            encryption.where(tmp_path, production=True)


def test_a_process_does_not_start_in_production_with_the_key_beside_its_settings() -> None:
    done = subprocess.run(
        [sys.executable, "manage.py", "check"],
        cwd=BASE,
        env=PRODUCTION | {"PHI_KEY_URI": (BASE / "key").as_uri(), "PATH": "/usr/bin:/bin"},
        capture_output=True,
        text=True,
        check=False,
    )

    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.startswith(f"WebQx: PHI_KEY_URI names {BASE / 'key'}, beside the settings of the database")


def found(settings: SettingsWrapper, key: str, keyset: str = "/var/lib/webqx/keyset.json") -> list[CheckMessage]:
    settings.PHI_KEY_URI, settings.PHI_KEYSET = key, keyset
    return [one for one in run_checks(include_deployment_checks=True) if (one.id or "").endswith(("060", "061"))]


def test_the_deployment_check_speaks_of_a_plain_key(settings: SettingsWrapper) -> None:
    (beside,) = found(settings, (BASE / "key").as_uri())
    (apart,) = found(settings, "file:///etc/webqx/key")
    (unclear,) = found(settings, "vault")

    assert beside.id == "compliance.E061"
    assert beside.msg.startswith(f"PHI_KEY_URI names {BASE / 'key'}, beside the settings of the database")
    assert apart.id == "compliance.W060"
    assert "whoever copies both reads all that is sealed" in apart.msg
    assert unclear.id == "compliance.E060"
    assert found(settings, PRODUCTION["PHI_KEY_URI"]) == []
