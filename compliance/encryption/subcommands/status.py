"""List the keys, what has been done with each, and what comes next. Exit code 0."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from django.conf import settings

from compliance.encryption import keyset_file
from compliance.encryption.key_uri import parse
from compliance.encryption.keyset import Status
from sql_migrations.subcommands.console import OK, Console, add_json

if TYPE_CHECKING:
    from argparse import ArgumentParser

    from compliance.encryption.keyset import Key


def arguments(parser: ArgumentParser) -> None:
    """Declare the words of this subcommand."""
    add_json(parser)


def run(console: Console, **_: Any) -> int:
    """Read the keyset, which needs the key that it is sealed with."""
    path, uri = Path(settings.PHI_KEYSET), settings.PHI_KEY_URI
    keysets = keyset_file.read(path, uri)
    keys = list(keysets.every_key())
    console.document(
        {
            "keyset": str(path),
            "revision": keysets.revision,
            "sealed_with": str(parse(uri)),
            "keys": [
                {"id": key.id, "kind": key.kind, "status": key.status, "primary": key.primary, "dates": key.dates}
                for key in keys
            ],
        }
    )
    console.line(f"{path}, revision {keysets.revision}, opens with {parse(uri)}")
    for key in keys:
        dates = ", ".join(f"{step} {date[:10]}" for step, date in key.dates.items())
        console.line(f"{key.kind:7}  {key.id:10}  {'primary' if key.primary else key.status:9}  {dates}")
    for key in keys:
        if following := _next(key):
            console.line(f"Next for key {key.id}: {following}")
    return OK


def _next(key: Key) -> str:
    match key.status:
        case Status.ENABLED if "promoted" not in key.dates:
            return f"once every machine has this file, manage.py keys promote {key.id}"
        case Status.ENABLED if not key.primary:
            return f"once nothing needs it any more, manage.py keys disable {key.id}"
        case Status.DISABLED:
            return f"if nothing was missed, manage.py keys destroy {key.id}; if it was, manage.py keys enable {key.id}"
    return ""
