"""The files that the dictionary is written to, and whether those that stand there are up to date."""

from __future__ import annotations

import json
from dataclasses import asdict
from itertools import zip_longest
from typing import TYPE_CHECKING

from compliance.dictionary.markdown import page
from compliance.dictionary.svg import picture

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from compliance.dictionary.facts import Dictionary

_SHOWN = 80  # characters of a line, from the first one that differs
_BEFORE = 20


def contents(dictionary: Dictionary) -> dict[str, str]:
    """Give the text of each file by its name."""
    return {"data-dictionary.md": page(dictionary), "data-dictionary.svg": picture(dictionary)}


def document(dictionary: Dictionary) -> str:
    """Give everything as JSON: the fields of facts.py."""
    return json.dumps(asdict(dictionary), indent=2, ensure_ascii=False)


def write(dictionary: Dictionary, folder: Path) -> list[Path]:
    """Write the files that differ from what stands in the folder, and return them."""
    written = []
    for name, text in contents(dictionary).items():
        path = folder / name
        if _text(path) != text:
            path.write_text(text, encoding="utf-8")
            written.append(path)
    return written


def stale(dictionary: Dictionary, folder: Path) -> Iterator[str]:
    """Name the first difference of each file that is not as it would be written now."""
    for name, text in contents(dictionary).items():
        path = folder / name
        if not path.is_file():
            yield f"{path} does not exist."
            continue
        pairs = zip_longest(_text(path).splitlines(), text.splitlines(), fillvalue="")
        for number, (old, new) in enumerate(pairs, 1):
            if old != new:
                said, meant = _excerpt(old, new), _excerpt(new, old)
                yield f"{path}:{number} is stale. It says:\n  {said}\nIt should say:\n  {meant}"
                break


def _text(path: Path) -> str:
    return path.read_text(encoding="utf-8") if path.is_file() else ""


def _excerpt(line: str, other: str) -> str:
    """Cut a line around where it begins to differ from another."""
    same = next((at for at, (one, two) in enumerate(zip(line, other, strict=False)) if one != two), None)
    start = max(0, (min(len(line), len(other)) if same is None else same) - _BEFORE)
    return f"{'…' * (start > 0)}{line[start : start + _SHOWN]}{'…' * (len(line) > start + _SHOWN)}" or "(nothing)"
