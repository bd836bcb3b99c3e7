"""Checks where the key-encryption key is kept."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Error, Tags, register
from django.core.checks import Warning as CheckWarning

from compliance.encryption import key_uri
from compliance.encryption.errors import KeyUriRefused
from compliance.encryption.key_uri import KeyFile

_WAY_OUT = "Keep the key in a key server (PHI_KEY_URI=hcvault://…), as docs/keys.md says."


@register
def key_is_named(app_configs: Any = None, **_: object) -> list[CheckMessage]:
    """Check that PHI_KEY_URI can be understood."""
    try:
        key_uri.parse(settings.PHI_KEY_URI)
    except KeyUriRefused as refused:
        return [Error(str(refused), hint="See docs/keys.md.", id="compliance.E060")]
    return []


@register(Tags.security, deploy=True)
def key_is_apart(app_configs: Any = None, **_: object) -> list[CheckMessage]:
    """Check what production refuses to start with, wherever its settings come from; warn of any key in a file."""
    try:
        place = key_uri.parse(settings.PHI_KEY_URI)
    except KeyUriRefused:
        return []
    keyset = Path(settings.PHI_KEYSET)
    if problem := key_uri.why_not_in_production(place, base=Path(settings.BASE_DIR), keyset=keyset):
        return [Error(f"PHI_KEY_URI {problem}", hint=_WAY_OUT, id="compliance.E061")]
    if isinstance(place, KeyFile):
        told = f"The keyset is sealed with a key in clear, {place.path}: whoever copies both reads all that is sealed."
        return [CheckWarning(told, hint=_WAY_OUT, id="compliance.W060")]
    return []
