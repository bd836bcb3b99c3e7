"""What would change a decision, in words. Reads what spoke, and asks nothing more."""

from __future__ import annotations

from itertools import groupby
from operator import attrgetter
from typing import TYPE_CHECKING

from compliance.consent.value_sets import ANY_LABEL, PART_2
from compliance.purposes import Purpose

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from compliance.consent.voices import Voice

_TREATING = (Purpose.TREAT, Purpose.ETREAT)
# From this weight on nothing but an emergency goes before it: it names the label itself.
_NAMING_CONSENT = 5


def changes(voices: Iterable[Voice], labels: Sequence[str], purpose: str) -> list[str]:
    """Give what would make a no a yes or, when all labels are permitted, the yes a no. Of several labels, each.

    `labels` are those that were asked about, * alone for none.
    """
    spoke = {label: list(those) for label, those in groupby(voices, key=attrgetter("asked"))}
    by_label = {label: spoke.get(label, []) for label in labels}
    denied = {label: those for label, those in by_label.items() if not _permits(those)}
    how = _to_permit if denied else _to_deny
    found: list[str] = []
    for label, those in (denied or by_label).items():
        about = f"about {label}: " if len(denied or by_label) > 1 else ""
        found += [f"{about}{one}" for one in how(those, label, purpose)]
    return found


def _permits(voices: Sequence[Voice]) -> bool:
    return bool(voices) and voices[0].permits


def _to_permit(voices: Sequence[Voice], label: str, purpose: str) -> Iterator[str]:
    top = voices[0] if voices else None
    if top is not None and top.number is not None:
        yield f"a new version of consent {top.consent} without its exception {top.number}"
    withdrawn, rest = _without_refusals(voices)
    if withdrawn and _permits(rest):
        yield f"withdrawing {_consents(withdrawn)}"
    elif withdrawn:
        yield f"withdrawing {_consents(withdrawn)}, and then {_new(label, purpose)}"
    elif top is None or top.rule is not None:
        yield _new(label, purpose)
    if withdrawn and top is not None and label != ANY_LABEL and top.weight < _NAMING_CONSENT:
        yield _new(label, purpose)
    if purpose == Purpose.TREAT and (rule := _narrowest(voices)) is not None and rule.in_emergency:
        yield "opening an emergency"
    if top is not None and top.unless_author and purpose in _TREATING:
        yield "being the one who wrote the record: its author may treat with it"


def _to_deny(voices: Sequence[Voice], label: str, purpose: str) -> Iterator[str]:
    top = voices[0]
    rest = [one for one in voices if not one.emergency]
    if top.emergency:
        if not _permits(rest) and purpose == Purpose.TREAT:
            yield "the end of the emergency"
        return
    if top.consent is not None and not _permits([one for one in voices if one.consent != top.consent]):
        yield f"withdrawing consent {top.consent}, or its end"
    if purpose == Purpose.PATRQT:
        return
    if purpose == Purpose.HOPERAT and label == ANY_LABEL:
        yield "a restriction that names labels, parts of the chart or a visit: operations as a whole go on"
    else:
        named = "" if label == ANY_LABEL else f" that names {label}"
        yield f"a restriction{named} for {purpose}, once it is agreed to"


def _without_refusals(voices: Sequence[Voice]) -> tuple[list[int], Sequence[Voice]]:
    """Take out consents for as long as one of them is what denies."""
    withdrawn: list[int] = []
    while voices and not voices[0].permits and voices[0].consent is not None:
        withdrawn.append(gone := voices[0].consent)
        voices = [one for one in voices if one.consent != gone]
    return withdrawn, voices


def _narrowest(voices: Sequence[Voice]) -> Voice | None:
    """Give the rule that says what an emergency may do: the one of the label before the one of any."""
    rules = [one for one in voices if one.rule is not None and not one.emergency]
    return min(rules, key=lambda one: one.label == ANY_LABEL, default=None)


def _consents(keys: Sequence[int]) -> str:
    return ("consent " if len(keys) == 1 else "consents ") + " and ".join(map(str, keys))


def _new(label: str, purpose: str) -> str:
    if label == ANY_LABEL:
        return f"an authorization for {purpose}"
    kind = "a Part 2 consent" if label == PART_2 else "an authorization"
    return f"{kind} that names {label}, for {purpose}"
