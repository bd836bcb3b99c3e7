"""The policy, as policy.toml says it: roles, what each may do with whose rows for what purpose, and which columns."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from functools import cache
from itertools import product
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from django.apps import apps
from django.core.exceptions import ImproperlyConfigured

from compliance.access.rule import Action, Reach
from compliance.purposes import Purpose

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping

FILE = Path(__file__).with_name("policy.toml")
# The role whose rights a superuser has besides its own: administration, and no health information.
ADMINISTRATION = "admin"
# What a verb does with rows; every other one writes. To locate is to ask a function, which shows little of everybody.
_ACTIONS = {"view": Action.READ, "export": Action.READ, "locate": Action.NONE}
_KEYS = {
    "role": {"title", "purposes", "second_factor", "break_glass", "may"},
    "may": {"do", "on", "of", "for", "columns"},
}


class PolicyError(ImproperlyConfigured):
    """policy.toml cannot be understood. The sentence says where."""

    def __init__(self, where: str, problem: str) -> None:
        super().__init__(f"{FILE.name}: {where}: {problem}")


class Rule(NamedTuple):
    """One row of access_rules, as the policy has it."""

    role: str
    purpose: str
    permission: str
    table_name: str
    action: str
    reach: str


@dataclass(frozen=True, slots=True)
class Grant:
    """A line of `may`. `columns` are names of groups; None for all columns."""

    verbs: tuple[str, ...]
    models: tuple[str, ...]
    reach: str
    purposes: tuple[str, ...]
    columns: tuple[str, ...] | None

    def permissions(self) -> Iterator[tuple[str, str, str]]:
        """Give each permission with its model and its verb."""
        for verb, label in product(self.verbs, self.models):
            app, model = label.split(".")
            yield f"{app}.{verb}_{model}", label, verb


@dataclass(frozen=True, slots=True)
class Role:
    """What the policy says of a role. Its first purpose holds when no other is said."""

    name: str
    title: str
    purposes: tuple[str, ...]
    second_factor: bool
    break_glass: bool
    grants: tuple[Grant, ...]

    def permissions(self) -> set[str]:
        """Give the permissions of the role, for whatever purpose."""
        return {permission for grant in self.grants for permission, _, _ in grant.permissions()}

    def rules(self) -> Iterator[Rule]:
        """Give the rows of access_rules; of two lines about one permission and purpose the wider reach holds."""
        widest: dict[tuple[str, str], Rule] = {}
        for grant in self.grants:
            for (permission, label, verb), purpose in product(list(grant.permissions()), grant.purposes):
                table = apps.get_model(label)._meta.db_table  # noqa: SLF001 - Django's API
                new = Rule(self.name, purpose, permission, table, _ACTIONS.get(verb, Action.WRITE).value, grant.reach)
                old = widest.get((permission, purpose))
                if old is None or _width(new.reach) > _width(old.reach):
                    widest[permission, purpose] = new
        yield from widest.values()


@dataclass(frozen=True, slots=True)
class Policy:
    """All of it. `columns` are the groups of each model: {app.model: {group: (column, …)}}."""

    roles: Mapping[str, Role]
    columns: Mapping[str, Mapping[str, tuple[str, ...]]]
    recertify_days: int = 90

    def role(self, name: str) -> Role | None:
        """Find a role; None for a name that the policy does not know, which therefore may do nothing."""
        return self.roles.get(name)

    def rules(self) -> set[Rule]:
        return {rule for role in self.roles.values() for rule in role.rules()}

    def may_reach_everybody(self, roles: Collection[str], purpose: str, table: str) -> bool:
        """Tell whether one of these roles may see everybody's rows of a table; one that is not known here may."""
        known = [self.roles.get(name) for name in roles]
        return None in known or any(
            (rule.purpose, rule.table_name, rule.action, rule.reach) == (purpose, table, Action.READ, Reach.ALL)
            for role in known
            if role is not None
            for rule in role.rules()
        )

    def hidden(self, roles: Collection[str], purpose: str, label: str, verb: str = "view") -> frozenset[str]:
        """Give the columns of a model that none of these roles is shown for a purpose."""
        groups = self.columns.get(label, {})
        shown: set[str] = set()
        for role in filter(None, map(self.roles.get, roles)):
            for grant in role.grants:
                if verb in grant.verbs and label in grant.models and purpose in grant.purposes:
                    shown.update(groups if grant.columns is None else grant.columns)
        return frozenset(column for name, columns in groups.items() if name not in shown for column in columns)


def _width(reach: str) -> int:
    return [Reach.OWN, Reach.CARE, Reach.ALL].index(Reach(reach))


@cache
def policy() -> Policy:
    """Read policy.toml, once. Raises PolicyError."""
    return parse(FILE.read_text(encoding="utf-8"))


def parse(text: str) -> Policy:
    """Read a policy. What it names, models and permissions, `manage.py check` looks up. Raises PolicyError."""
    try:
        said = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise PolicyError("not TOML", str(error)) from error
    _refuse_others(said, {"roles", "columns", "recertify_days"}, "at the top")
    days = said.get("recertify_days")
    if not isinstance(days, int) or isinstance(days, bool) or days < 1:
        raise PolicyError("recertify_days", "is a whole number of days, one at least.")
    columns = {
        label: {group: tuple(names) for group, names in groups.items()}
        for label, groups in said.get("columns", {}).items()
    }
    return Policy({name: _role(name, facts) for name, facts in said.get("roles", {}).items()}, columns, days)


def _role(name: str, facts: dict[str, Any]) -> Role:
    where = f"role {name}"
    _refuse_others(facts, _KEYS["role"], where)
    if missing := _KEYS["role"] - facts.keys():
        raise PolicyError(where, f"says nothing of {', '.join(sorted(missing))}.")
    purposes = tuple(facts["purposes"])
    if not purposes or set(purposes) - set(Purpose.values):
        raise PolicyError(where, f"its purposes are of {', '.join(Purpose.values)}, and there is at least one.")
    grants = tuple(
        _grant(line, f"{where}, line {number} of may", purposes) for number, line in enumerate(facts["may"], 1)
    )
    return Role(name, facts["title"], purposes, facts["second_factor"] is True, facts["break_glass"] is True, grants)


def _grant(line: dict[str, Any], where: str, purposes: tuple[str, ...]) -> Grant:
    _refuse_others(line, _KEYS["may"], where)
    if missing := {"do", "on", "of"} - line.keys():
        raise PolicyError(where, f"says nothing of {', '.join(sorted(missing))}.")
    if line["of"] not in Reach.values:
        raise PolicyError(where, f"`of` is one of {', '.join(Reach.values)}, not {line['of']}.")
    given = tuple(line.get("for", purposes))
    if strange := set(given) - set(purposes):
        raise PolicyError(where, f"is for {', '.join(sorted(strange))}, which is no purpose of the role.")
    if wrong := [label for label in line["on"] if label.count(".") != 1]:
        raise PolicyError(where, f"a model is app.model, not {wrong[0]}.")
    columns = tuple(line["columns"]) if "columns" in line else None
    return Grant(tuple(line["do"]), tuple(line["on"]), line["of"], given, columns)


def _refuse_others(said: dict[str, Any], known: set[str], where: str) -> None:
    if strange := said.keys() - known:
        raise PolicyError(where, f"{', '.join(sorted(strange))} is not known; there are {', '.join(sorted(known))}.")
