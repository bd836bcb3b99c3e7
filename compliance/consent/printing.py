"""The form that is signed: what a consent says, or lines to fill in, with what a signer must have been told."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from django.core.exceptions import ImproperlyConfigured

from compliance.consent.value_sets import ConsentLabel, ConsentType, ResourceType, Statement
from compliance.consent.wording import day, exceptions_in_words, known_as, one_after_another
from compliance.purposes import Purpose

if TYPE_CHECKING:
    from collections.abc import Iterable

    from compliance.consent.consent_record import ConsentRecord

FILE = Path(__file__).with_name("form.toml")


class FormError(ImproperlyConfigured):
    """form.toml cannot be understood. The sentence says where."""

    def __init__(self, where: str, problem: str) -> None:
        super().__init__(f"{FILE.name}: {where}: {problem}")


class Told(NamedTuple):
    """A paragraph of the form, and where it is asked for. `statement` is a code of Statement, or empty.

    `fill_in` says that a line to write on follows.
    """

    of: tuple[str, ...]
    citation: str
    text: str
    statement: str = ""
    fill_in: bool = False


@dataclass(frozen=True, slots=True)
class Texts:
    """All paragraphs."""

    version: str
    address: str
    titles: dict[str, str]
    statements: tuple[Told, ...]
    notices: tuple[Told, ...]


class Line(NamedTuple):
    """What a line of the form is about, and what stands on it; empty for a line to fill in."""

    what: str
    said: str


@dataclass(frozen=True, slots=True)
class Sheet:
    """A form of one type of consent."""

    title: str
    version: str
    address: str
    lines: tuple[Line, ...]
    statements: tuple[Told, ...]
    notices: tuple[Told, ...]


def sheet(consent_type: ConsentType, consent: ConsentRecord | None = None) -> Sheet:
    """Give the form of a type of consent, with what a draft or a consent says; without one, to fill in."""
    known = texts()
    return Sheet(
        known.titles.get(consent_type, consent_type.label),
        known.version,
        known.address,
        tuple(_lines(consent)),
        tuple(one for one in known.statements if consent_type in one.of),
        tuple(one for one in known.notices if consent_type in one.of),
    )


@cache
def texts() -> Texts:
    """Read form.toml, once. Raises FormError."""
    return parse(FILE.read_text(encoding="utf-8"))


def parse(text: str) -> Texts:
    """Read the paragraphs. Raises FormError for what is missing or not known."""
    try:
        said = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise FormError("not TOML", str(error)) from error
    if not said.get("version"):
        raise FormError("at the top", "version is missing.")
    titles = said.get("titles", {})
    if strange := titles.keys() - {*ConsentType.values}:
        raise FormError("titles", f"there is no type of consent {', '.join(sorted(strange))}.")
    statements, notices = (
        tuple(_told(facts, f"{kind} {number}") for number, facts in enumerate(said.get(kind, []), 1))
        for kind in ("statements", "notices")
    )
    return Texts(str(said["version"]), str(said.get("address", "")), titles, statements, notices)


def _told(facts: dict[str, Any], where: str) -> Told:
    if missing := {"of", "citation", "text"} - facts.keys():
        raise FormError(where, f"says nothing of {', '.join(sorted(missing))}.")
    if strange := facts.keys() - {*Told._fields}:
        raise FormError(where, f"{', '.join(sorted(strange))} is not known.")
    if strange := set(facts["of"]) - {*ConsentType.values}:
        raise FormError(where, f"there is no type of consent {', '.join(sorted(strange))}.")
    if (statement := facts.get("statement", "")) not in {"", *Statement.values}:
        raise FormError(where, f"there is no statement {statement}.")
    text = " ".join(facts["text"].split())
    return Told(tuple(facts["of"]), facts["citation"], text, statement, bool(facts.get("fill_in", False)))


def _lines(consent: ConsentRecord | None) -> Iterable[Line]:
    """Give the elements of 45 CFR 164.508(c)(1) and 42 CFR 2.31(a), each on a line."""
    yield Line("What may be used or disclosed", _information(consent))
    yield Line("By whom", one_after_another(consent.disclosers) if consent else "")
    yield Line("To whom", one_after_another(consent.recipients) if consent else "")
    if consent is None or consent.intermediaries:
        yield Line("Through whom, if through an exchange", one_after_another(consent.intermediaries) if consent else "")
    yield Line("For what purpose", known_as(Purpose, consent.purposes) if consent else "")
    yield Line("From when on", day(consent.starts_at) if consent and consent.starts_at else "")
    yield Line("Until which day, or which event", _end(consent))
    exceptions = exceptions_in_words(consent) if consent is not None else []
    if consent is None or exceptions:
        yield Line("Except", " ".join(exceptions))


def _information(consent: ConsentRecord | None) -> str:
    if consent is None:
        return ""
    said = [consent.information_description or ""]
    said.append(known_as(ConsentLabel, consent.sensitivity_labels))
    said.append(known_as(ResourceType, consent.resource_types))
    if consent.data_from or consent.data_until:
        said.append(f"of {consent.data_from or 'the beginning'} to {consent.data_until or 'any day'}")
    return "; ".join(filter(None, said))


def _end(consent: ConsentRecord | None) -> str:
    if consent is None:
        return ""
    return day(consent.ends_at) if consent.ends_at else consent.expires_event or ""
