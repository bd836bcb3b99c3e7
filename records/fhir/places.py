"""Read a resource element by element, and know at the end what of it nobody has read.

Whatever this project has no place for is refused that way, also what nobody thought of: nothing gets lost unsaid.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from records.fhir import systems
from records.fhir.elements import filled

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping

# A name that no element of FHIR has may be anything, and is not repeated.
_NAME = re.compile(r"_?[A-Za-z]{1,40}")


class Place:
    """An element of a resource: where it stands, and what of it has been read.

    `problems` is one list for the whole resource, of pairs of path and sentence.
    """

    def __init__(self, value: Any, path: str, problems: list[tuple[str, str]]) -> None:
        self.value, self.path, self.problems = value, path, problems
        self._read: dict[str, list[Place]] = {}
        self._touched = False

    def refuse(self, why: str) -> None:
        """Note a problem with this element."""
        self._touched = True
        self.problems.append((self.path, why))

    def lacks(self, name: str, why: str) -> None:
        """Note that something is needed inside, and missing or not as it has to be."""
        self.problems.append((f"{self.path}.{name}", why))

    def one(self, name: str) -> Place | None:
        """Read an object inside, if it is there."""
        return self._only(name, dict, "an object")

    def each(self, name: str) -> list[Place]:
        """Read a list of objects inside; none if it is not there."""
        return self._several(name, dict, "an object")

    def text(self, name: str) -> str | None:
        """Read a text or a code inside, if it is there."""
        found = self._only(name, str, "a text")
        return None if found is None else found.words()

    def words(self) -> str | None:
        """Read this element itself as a text."""
        self._touched = True
        if filled(self.value) == self.value and _storable(self.value):
            return str(self.value)
        self.refuse("This text is empty, or has a character that FHIR's texts may not have.")
        return None

    def flag(self, name: str) -> bool | None:
        """Read a true or false inside, if it is there."""
        found = self._only(name, bool, "true or false")
        return None if found is None else bool(found.value)

    def code(self, name: str, values: Collection[str]) -> str | None:
        """Read a code that is one of these, if it is there."""
        found = self.text(name)
        if found is not None and found not in values:
            self.lacks(name, f"This code is not known here. There are {', '.join(sorted(values))}.")
            return None
        return found

    def coding(self, systems: Mapping[str, Collection[str]]) -> tuple[str, str] | None:
        """Read this element as a Coding of one of these systems; its display says nothing of its own."""
        system, code = self.text("system"), self.text("code")
        self.leave("display")
        if system is None or code is None or code not in systems.get(system, ()):
            known = "; ".join(f"{one}: {', '.join(sorted(codes))}" for one, codes in systems.items())
            self.refuse(f"This code is not known here. There are, of {known}.")
            return None
        return system, code

    def concept(self, systems: Mapping[str, Collection[str]]) -> dict[str, str]:
        """Read this element as a CodeableConcept of codings of these systems, one each. Gives code by system."""
        found = [pair for one in self.each("coding") if (pair := one.coding(systems)) is not None]
        if len(dict(found)) != len(found):
            self.refuse("It has two codes of one system, of which one would get lost.")
        return dict(found)

    def extensions(self, *names: str, many: Collection[str] = ()) -> dict[str, list[Place]]:
        """Read the extensions of this project that have these names, once each but for `many`. Others stay unread."""
        return self._extensions({systems.own_extension(name): name for name in (*names, *many)}, many)

    def parts(self, *names: str) -> dict[str, list[Place]]:
        """Read the extensions inside this extension, whose URLs are these names, once each."""
        return self._extensions({name: name for name in names})

    def leave(self, *names: str) -> None:
        """Count elements as read, whatever stands in them; all of this one, if none is named."""
        self._touched = True
        for name in names or self._object():
            if name in self._object():
                self._read[name] = []

    def unread(self) -> Iterator[str]:
        """Give the paths of what is here and nobody has read."""
        if not self._touched:
            yield self.path
            return
        for name in self._object():
            if name not in self._read:
                yield f"{self.path}.{name if _NAME.fullmatch(name) else '?'}"
        for places in self._read.values():
            for one in places:
                yield from one.unread()

    def _extensions(self, urls: Mapping[str, str], many: Collection[str] = ()) -> dict[str, list[Place]]:
        found: dict[str, list[Place]] = {}
        for one in self.each("extension"):
            name = urls.get(str(one.value.get("url")))
            if name is None:
                continue
            if name in found and name not in many:
                one.refuse("It stands here twice.")
            one.leave("url")
            found.setdefault(name, []).append(one)
        return found

    def _object(self) -> dict[str, Any]:
        return self.value if isinstance(self.value, dict) else {}

    def _only(self, name: str, kind: type, called: str) -> Place | None:
        self._touched = True
        if name not in self._object():
            return None
        return self._child(self.value[name], f"{self.path}.{name}", kind, called, name)

    def _several(self, name: str, kind: type, called: str) -> list[Place]:
        self._touched = True
        if name not in self._object():
            return []
        values, path = self.value[name], f"{self.path}.{name}"
        if not isinstance(values, list):
            self._child(values, path, list, "a list", name)
            return []
        self._read.setdefault(name, [])
        numbered = [self._child(one, f"{path}[{n}]", kind, called, name) for n, one in enumerate(values)]
        return [one for one in numbered if one is not None]

    def _child(self, value: Any, path: str, kind: type, called: str, name: str) -> Place | None:
        child = Place(value, path, self.problems)
        self._read.setdefault(name, []).append(child)
        if isinstance(value, kind):
            return child
        child.refuse(f"FHIR R4 has {called} here.")
        return None


def _storable(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True
