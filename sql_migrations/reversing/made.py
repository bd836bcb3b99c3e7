"""What a file has made so far, read from its start: the account that the way back is derived from. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sql_migrations.reversing.drops import drop_sql
from sql_migrations.reversing.undo import Step, mentions
from sql_migrations.syntax.addresses import ANY_ARGUMENTS, Address, address, of_relation, table_of
from sql_migrations.syntax.nodes import QualifiedName, descend, message, option, strings, type_name, unwrapped
from sql_migrations.syntax.tree import enum_name

if TYPE_CHECKING:
    from collections.abc import Collection

    from sql_migrations.syntax.objects import Created, Key

_ON_TYPE = frozenset({"attribute", "domain constraint", "enum value"})
_SERIALS = frozenset({"serial", "bigserial", "smallserial", "serial4", "serial8", "serial2"})
_INDEXED = frozenset({"CONSTR_PRIMARY", "CONSTR_UNIQUE", "CONSTR_EXCLUSION"})
_NO_WAY_BACK = {
    "enum value": "PostgreSQL cannot take a value out of an enum",
    "base type": "a base type and its functions need each other",
    "role": "a role belongs to the whole server",
    "database": "a database is not part of this one",
    "tablespace": "a tablespace belongs to the whole server",
    "subscription": "a subscription also lives on another server",
    "user mapping": "a user mapping may hold a password that is not known any more",
}


class Impossible(Exception):
    """The reason, in words, why a statement cannot be undone; reverse.py adds the place and the way out."""


class Made:
    """The objects that the file has made and the steps that undo them.

    `proven` is what the history recorded as created by this very apply; None assumes that everything was.
    """

    def __init__(self, proven: Collection[Key] | None) -> None:
        self.steps: list[Step] = []
        self.kept: list[Created] = []
        self._proven = None if proven is None else frozenset(proven)
        self._own: dict[Address, Step] = {}
        self._main: set[Address] = set()  # the objects themselves, without the parts that go with them
        self._tables: set[Address] = set()
        self.watched: set[Address] = set()  # own tables whose triggers or rules may write elsewhere

    def owner(self, place: Address) -> Step | None:
        """Find the step that takes an addressed object away; None for what was there before the file."""
        place = self._resolved(place)
        if place in self._own:
            return self._own[place]
        if place.kind in _ON_TYPE:
            return self._own.get(Address("type", *QualifiedName.read(place.detail), ""))
        table = table_of(place)
        return self._own.get(of_relation(table)) if table is not None else None

    def is_main(self, place: Address) -> bool:
        """Tell an object that the file made from a part that merely goes with one."""
        return self._resolved(place) in self._main

    def is_table(self, place: Address) -> bool:
        """Tell whether rows written to this name go on the way back."""
        return place in self._tables

    def add(self, found: Created) -> None:
        """Account for a created object, or raise Impossible."""
        if found.kind in {"trigger", "rule"} and found.on is not None:
            self.watched.add(of_relation(found.on))
        holder = self._holder(found)
        if holder is not None:
            self._hold(found, holder)
        elif found.temporary:
            self._hold(found, self._main_step(found, ""))
        elif self._is_proven(found):
            self._refuse(found)
            sql = drop_sql(found)
            if not sql:
                raise Impossible(f"there is no DROP for a {found.kind}")
            step = self._main_step(found, sql)
            step.table = found.name.sql if found.kind == "table" else ""
            self._hold(found, step)
            self._absorb_index(found, step)
        else:
            self.kept.append(found)

    def step(self, sql: str, name: str = "", *, barrier: bool = False) -> Step:
        """Append a step; an empty `sql` undoes nothing by itself."""
        self.steps.append(Step(len(self.steps), sql, name, barrier=barrier))
        return self.steps[-1]

    def forget(self, place: Address) -> None:
        """Account for a DROP of what the file itself made; a dropped part leaves the rest of its table."""
        place = self._resolved(place)
        step = self._own.pop(place, None)
        if step is not None and place in self._main:
            step.sql = step.table = ""
            step.mentions.clear()
            gone = {own for own, other in self._own.items() if other is step} | {place}
            self._own = {own: other for own, other in self._own.items() if own not in gone}
            self._main -= gone
            self._tables -= gone

    def rename(self, place: Address, new: str) -> None:
        """Account for a new name of what the file itself made."""
        place = self._resolved(place)
        if place in self._own:
            renamed = place._replace(name=new)
            self._own[renamed] = self._own.pop(place)
            for names in (self._main, self._tables):
                if place in names:
                    names.remove(place)
                    names.add(renamed)

    def absorb(self, inner: Address, outer: Step) -> None:
        """Account for an object that goes when another one does, such as a sequence that a column owns."""
        if inner in self._own and self._own[inner] is not outer:
            self._own[inner].sql = ""
            self._own[inner].mentions.clear()
            self._own[inner] = outer

    def precede(self, partition: Address, parent: str) -> None:
        """Drop a partition before its parent, which would take it along."""
        step = self.owner(partition)
        if step is not None:
            step.mentions.add(parent)

    def _resolved(self, place: Address) -> Address:
        """Find the routine of a name that is given without its arguments."""
        if place.detail != ANY_ARGUMENTS:
            return place
        return next((own for own in self._own if own[:3] == place[:3]), place)

    def _main_step(self, found: Created, sql: str) -> Step:
        self._main.add(address(found))
        self._tables |= {address(found)} if found.kind == "table" else set()
        return self.step(sql, found.name.name)

    def _absorb_index(self, found: Created, step: Step) -> None:
        """ADD CONSTRAINT … USING INDEX takes the index over: both go together."""
        index = _definition(found.node).indexname if found.kind == "constraint" else ""
        if index and found.on:
            self.absorb(of_relation(QualifiedName(found.on.schema, index)), step)

    def _holder(self, found: Created) -> Step | None:
        if found.on is None:
            return None
        kind = "type" if found.kind in _ON_TYPE else "relation"
        return self._own.get(Address(kind, *found.on, ""))

    def _is_proven(self, found: Created) -> bool:
        """Tell whether this apply made the object; raise Impossible where that decides over a loss."""
        if self._proven is None or found.key in self._proven:
            return True
        if not found.name.name and found.kind != "cast":
            return True  # refused for want of a name, which says more
        if found.conditional:
            return False
        if found.replaces:
            raise Impossible(f"the {found} may have replaced an earlier one, which is not known any more")
        took_over = ", or it took over those of partitions" if found.kind in {"index", "constraint"} else ""
        raise Impossible(f"the history does not say that this very file created the {found}{took_over}")

    def _refuse(self, found: Created) -> None:
        if found.kind in _NO_WAY_BACK:
            raise Impossible(_NO_WAY_BACK[found.kind])
        if not found.name.name and found.kind != "cast":
            raise Impossible(f"PostgreSQL chose the name of the {found.kind}: give it one in the file")
        if found.kind == "extension" and option(found.node.options, "cascade") is not None:
            raise Impossible("CASCADE may have created other extensions too")
        if found.kind == "operator class" and not found.node.opfamilyname:
            raise Impossible("it may have created an operator family too: name the FAMILY")
        if found.kind == "constraint":
            self._refuse_constraint(_definition(found.node), found.on)

    def _refuse_constraint(self, constraint: Any, on: QualifiedName | None) -> None:
        if enum_name(constraint, "contype") in {"CONSTR_PRIMARY", "CONSTR_NOTNULL"}:
            raise Impossible("it makes columns NOT NULL, and which of them were so before is not known any more")
        index = of_relation(QualifiedName(on.schema if on else None, constraint.indexname))
        if constraint.indexname and index not in self._own:
            raise Impossible(f"dropping it would drop the index {constraint.indexname} too")

    def _hold(self, found: Created, step: Step) -> None:
        self._own[address(found)] = step
        step.mentions |= mentions(found.node) | set(filter(None, [found.name.schema]))
        for inner in descend(found.node):
            if message(inner) == "ColumnDef" and _has_sequence(inner):
                table = found.on or found.name
                sequence = QualifiedName(table.schema, f"{table.name}_{inner.colname}_seq")
                self._own.setdefault(of_relation(sequence), step)
            elif message(inner) == "Constraint" and _names_an_index(inner) and found.kind in {"table", "constraint"}:
                table = found.on or found.name
                self._own.setdefault(of_relation(QualifiedName(table.schema, inner.conname)), step)


def _definition(command: Any) -> Any:
    return unwrapped([getattr(command, "def")])[0]


def _names_an_index(constraint: Any) -> bool:
    """Tell a constraint whose name is also an index's. A CHECK or foreign key may bear the name of an older table."""
    return bool(constraint.conname) and enum_name(constraint, "contype") in _INDEXED


def _has_sequence(column: Any) -> bool:
    if column.HasField("type_name") and type_name(column.type_name).name in _SERIALS:
        return True
    return any(message(one) == "Constraint" and _is_identity(one) for one in unwrapped(column.constraints))


def _is_identity(constraint: Any) -> bool:
    return bool(constraint.generated_when) and not constraint.HasField("raw_expr")


def owning_column(options: Any) -> tuple[QualifiedName, str] | None:
    """Read OWNED BY of a sequence: (table, column); None without it or for OWNED BY NONE."""
    owner = option(options, "owned_by")
    parts = strings(owner.items) if owner is not None else []
    if len(parts) < 2:  # noqa: PLR2004 -- a table and its column
        return None
    *table, column = parts
    return QualifiedName(table[-2] if len(table) > 1 else None, table[-1]), column
