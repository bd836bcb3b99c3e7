"""What still needs a key: whoever keeps something that was made with keys registers a counter of it.

    @counts
    def rows(key: Key) -> str | None:
        "Say what still needs the key, as in `patients.ssn has 20 values of it.`, or None."

A key that something needs is neither disabled nor destroyed. Columns that nobody counts count as needing every key.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.apps import apps

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from django.db.models import Field

    from compliance.encryption.keyset import Key

    Counter = Callable[[Key], str | None]

SHOWN = 3  # columns, in a sentence
_counters: list[Counter] = []
_ROOM = __name__.rpartition(".")[0]


def counts(counter: Counter) -> Counter:
    """Register a counter; see above."""
    _counters.append(counter)
    return counter


def still_needed(key: Key) -> str | None:
    """Say what still needs a key, or None when nothing does."""
    for counter in _counters:
        if why := counter(key):
            return why
    if not _counters and (columns := list(encrypted_columns())):
        named = ", ".join(columns[:SHOWN]) + (" …" if len(columns) > SHOWN else "")
        return f"nothing can count yet what these columns need: {named}."
    return None


def encrypted_columns() -> Iterator[str]:
    """Name the columns whose fields come from this room, as table.column."""
    for model in apps.get_models():
        for field in model._meta.local_concrete_fields:  # noqa: SLF001 - Django's API
            if _is_ours(field):
                yield f"{model._meta.db_table}.{field.column}"  # noqa: SLF001


def _is_ours(field: Field[object, object]) -> bool:
    return any(kind.__module__.startswith(f"{_ROOM}.") for kind in type(field).__mro__)
