"""The policy as tables that a privacy officer reads: on a page of the admin, and in docs/access-policy.md."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.apps import apps

from compliance.access.rule import Reach

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from compliance.access.policy import Grant, Policy, Role, Rule

_OPENING = """\
# Access policy

Who may do what, with whose records, and for what purpose. `manage.py access policy` writes this page from
`compliance/access/policy.toml`; edit that file, not this one. The rules are held by the database itself. They are
defaults to be edited by your privacy officer; nothing here is legal advice.

A role is what an account's `role` says, or a group that it is in besides. An account may do what one of its roles may,
for the purpose that it acts for: the first of its role's purposes, unless it says another. A superuser has the role
`admin` besides, and no health information by it.
"""
_WHOSE = {
    Reach.ALL: "everybody's",
    Reach.CARE: "of patients in one's care",
    Reach.OWN: "one's own",
}


@dataclass(frozen=True, slots=True)
class Line:
    """One line of what a role may, in words. `differs` says that the database does not hold it so."""

    what: str
    verbs: str
    whose: str
    purposes: str
    columns: str
    differs: bool = False


@dataclass(frozen=True, slots=True)
class Section:
    """A role in words. `extra` are rules of the database that the policy does not have."""

    name: str
    title: str
    purposes: str
    second_factor: bool
    break_glass: bool
    lines: tuple[Line, ...]
    extra: tuple[str, ...] = ()


def sections(policy: Policy, standing: Iterable[Rule] | None = None) -> list[Section]:
    """Describe each role. With the rules that the database holds, mark the lines that it holds differently."""
    held = None if standing is None else set(standing)
    described = [_section(policy, role, held) for role in policy.roles.values()]
    unknown = sorted({rule.role for rule in held or ()} - policy.roles.keys())
    return described + [
        Section(
            name, "not in the policy", "-", second_factor=False, break_glass=False, lines=(), extra=_extra(name, held)
        )
        for name in unknown
    ]


def page(policy: Policy) -> str:
    """Write docs/access-policy.md, with a line break at its end."""
    return "\n".join([_OPENING, _overview(policy), _columns(policy), *map(_role, sections(policy))])


def _section(policy: Policy, role: Role, held: set[Rule] | None) -> Section:
    wanted = set(role.rules())
    missing = {(rule.permission, rule.purpose) for rule in wanted - held} if held is not None else set()
    lines = tuple(_line(policy, grant, label, missing) for grant in role.grants for label in grant.models)
    extra = tuple(_said(rule) for rule in sorted(held or ()) if rule.role == role.name and rule not in wanted)
    return Section(role.name, role.title, ", ".join(role.purposes), role.second_factor, role.break_glass, lines, extra)


def _line(policy: Policy, grant: Grant, label: str, missing: set[tuple[str, str]]) -> Line:
    app, name = label.split(".")
    mine = {(f"{app}.{verb}_{name}", purpose) for verb in grant.verbs for purpose in grant.purposes}
    groups = policy.columns.get(label)
    shown = "all" if groups is None or grant.columns is None else ", ".join(grant.columns)
    model = apps.get_model(label)
    return Line(
        str(model._meta.verbose_name_plural),  # noqa: SLF001 - Django's API
        ", ".join(verb.replace("_", " ") for verb in grant.verbs),
        "-" if not _has_patient(model) else _WHOSE[Reach(grant.reach)],
        ", ".join(grant.purposes),
        shown,
        differs=not mine.isdisjoint(missing),
    )


def _has_patient(model: type) -> bool:
    from compliance.audit.subjects import patient_column  # noqa: PLC0415 - models load before

    return bool(patient_column(model))


def _extra(name: str, held: set[Rule] | None) -> tuple[str, ...]:
    return tuple(_said(rule) for rule in sorted(held or ()) if rule.role == name)


def _said(rule: Rule) -> str:
    return f"{rule.permission} for {rule.purpose}, {_WHOSE[Reach(rule.reach)]}"


def _overview(policy: Policy) -> str:
    rows = (
        [f"[{role.title}](#{_anchor(role.title)})", f"`{role.name}`", ", ".join(role.purposes), *_yes(role)]
        for role in policy.roles.values()
    )
    table = _grid(["role", "name", "purposes", "second factor", "may break the glass"], rows)
    return f"## Roles\n\n{table}\nWho holds what is looked at again every {policy.recertify_days} days, and signed.\n"


def _yes(role: Role) -> list[str]:
    return ["yes" if said else "no" for said in (role.second_factor, role.break_glass)]


def _columns(policy: Policy) -> str:
    rows = (
        [str(apps.get_model(label)._meta.verbose_name_plural), group, ", ".join(names)]  # noqa: SLF001
        for label, groups in policy.columns.items()
        for group, names in groups.items()
    )
    return (
        "## Groups of columns\n\nOf these tables a role may be shown some columns only. Columns in no group, such as\n"
        "keys and times of the row, are seen by whoever sees the row.\n\n" + _grid(["table", "group", "columns"], rows)
    )


def _role(section: Section) -> str:
    rows = ([line.what, line.verbs, line.whose, line.purposes, line.columns] for line in section.lines)
    nothing = "May do nothing.\n"
    table = _grid(["what", "may", "whose", "for", "columns"], rows) if section.lines else nothing
    return f"## {section.title}\n\n{table}"


def _anchor(title: str) -> str:
    return title.lower().replace(" ", "-")


def _grid(head: list[str], rows: Iterable[list[str]]) -> str:
    return "\n".join(_lines(head, rows)) + "\n"


def _lines(head: list[str], rows: Iterable[list[str]]) -> Iterator[str]:
    yield f"| {' | '.join(head)} |"
    yield f"|{'---|' * len(head)}"
    for row in rows:
        yield f"| {' | '.join(row)} |"
