"""Fieldsets with fields left out, or with something else in their place."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Container, Iterable, Mapping

Fieldsets = list[tuple[str | None, dict[str, Any]]]


def without(fieldsets: Iterable[Any], names: Container[str]) -> Fieldsets:
    """Leave out fields that have a line to themselves, and what has none left."""
    kept = [(name, {**options, "fields": _others(options["fields"], names)}) for name, options in fieldsets]
    return [(name, options) for name, options in kept if options["fields"]]


def replaced(fieldsets: Iterable[Any], shown: Mapping[str, Any]) -> Fieldsets:
    """Put what is to be shown in the place of the names. A tuple is a line of several fields."""

    def line(one: Any) -> Any:
        return tuple(shown.get(name, name) for name in one) if isinstance(one, tuple) else shown.get(one, one)

    return [(name, {**options, "fields": [line(one) for one in options["fields"]]}) for name, options in fieldsets]


def _others(lines: Iterable[Any], names: Container[str]) -> list[Any]:
    return [one for one in lines if isinstance(one, tuple) or one not in names]
