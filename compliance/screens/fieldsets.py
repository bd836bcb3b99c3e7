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


def stripped(fieldsets: Iterable[Any], names: Container[str]) -> Fieldsets:
    """Leave out fields wherever they stand, also among others on a line, and what has none left."""
    kept: Fieldsets = []
    for title, options in fieldsets:
        lines = [
            tuple(name for name in one if name not in names) if isinstance(one, tuple | list) else one
            for one in options["fields"]
        ]
        if lines := [one for one in lines if one and one not in names]:
            kept.append((title, {**options, "fields": lines}))
    return kept


def _others(lines: Iterable[Any], names: Container[str]) -> list[Any]:
    return [one for one in lines if isinstance(one, tuple) or one not in names]
