"""What the environment says of the keys of what is encrypted, checked as `environment` checks the rest."""

from __future__ import annotations

from pathlib import Path

from compliance.encryption import key_uri
from compliance.encryption.errors import KeyUriRefused
from webqx import environment
from webqx.errors import SettingError


def where(base: Path, *, production: bool) -> dict[str, str]:
    """Where the keyset is, and the key that it is sealed with; development makes both in .local/phi.

    The files themselves are not opened: that is done when something is sealed or read. See docs/keys.md.
    """
    own = base / ".local" / "phi"
    uri = environment.text("PHI_KEY_URI", "" if production else (own / "key").as_uri())
    keyset = Path(environment.text("PHI_KEYSET", "" if production else str(own / "keyset.json")))
    if not uri:
        raise SettingError("PHI_KEY_URI", f"is not set, and production has no default for it: {key_uri.SHAPES}.")
    if not keyset.is_absolute():
        raise SettingError("PHI_KEYSET", "must be the whole path of the file that the keyset lies in.")
    try:
        place = key_uri.parse(uri)
        problem = key_uri.why_not_in_production(place, base=base, keyset=keyset) if production else None
    except KeyUriRefused as refused:
        problem = refused.problem
    if problem:
        raise SettingError("PHI_KEY_URI", problem)
    return {"PHI_KEY_URI": uri, "PHI_KEYSET": str(keyset)}
