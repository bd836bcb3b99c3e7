"""Derive the way back of a SQL file: only where it restores what was, and never by taking what was there before.

What is undone is what the history proves this very apply created. Everything that hangs on such a table goes with it.
Whatever else the file did must be undone by hand, in `<stem>.down.sql`, and is refused here. Pure: gives SQL only.

Names are compared as written: `t` and `public.t` count as two tables. A trigger or rule that an INSERT into a new table
sets off is not looked into.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sql_migrations.errors import NotReversible
from sql_migrations.reversing.datachanges import changes_data, copy, truncate
from sql_migrations.reversing.drops import rename_back_sql
from sql_migrations.reversing.made import Impossible, Made, owning_column
from sql_migrations.reversing.undo import mentions, ordered
from sql_migrations.syntax.addresses import HANGING, Address, address, addressed, of_relation, spoken
from sql_migrations.syntax.nodes import (
    QualifiedName,
    descend,
    literal,
    message,
    quote,
    relation,
    strings,
    unwrap,
    unwrapped,
)
from sql_migrations.syntax.objects import created_by
from sql_migrations.syntax.tree import enum_name

if TYPE_CHECKING:
    from collections.abc import Callable, Collection

    from sql_migrations.statements import Script, Statement
    from sql_migrations.syntax.objects import Key


@dataclass(frozen=True, slots=True)
class Reverse:
    """The way back: statements in the order to run, without `;`, and what stays because it was there before."""

    statements: list[str]
    kept: list[str]


def derive(script: Script, created_by_this_apply: Collection[Key] | None) -> Reverse:
    """Derive the way back, or raise NotReversible with the place, the reason and the way out.

    `created_by_this_apply` is what the history row recorded (see `objects.proven`). None asks whether a file that has
    not run yet could be undone if it created everything it names.
    """
    made = Made(created_by_this_apply)
    moves_names = any(_moves_names(statement.node) for statement in script.statements)
    for statement in script.statements:
        try:
            _account(statement, made)
            if moves_names:
                _refuse_unqualified(statement)
        except Impossible as reason:
            raise _not_reversible(script, statement, str(reason)) from None
    kept = [f"{found} was there before this file and stays" for found in made.kept]
    return Reverse(ordered(made.steps), kept)


def _not_reversible(script: Script, statement: Statement, reason: str) -> NotReversible:
    text = " ".join(script.sql(statement).split()).rstrip(";")
    shown = text if len(text) <= 60 else f"{text[:60].rstrip()}…"  # noqa: PLR2004 -- what fits into one line
    down = f"{script.file.removesuffix('.sql')}.down.sql"
    problem = f"the way back cannot be derived: {reason} ({shown}). Write {down}."
    return NotReversible.at(problem, file=script.file, text=script.text, offset=statement.first)


def _account(statement: Statement, made: Made) -> None:
    """Account for one statement, or raise Impossible."""
    if statement.kind in _CHANGES_NOTHING:
        return
    handler = _HANDLERS.get(statement.kind)
    if handler is not None:
        handler(statement.node, made)
    elif not created_by(statement):
        places = addressed(statement.node)
        if not places:
            raise Impossible("what it changes cannot be told from the file")
        _must_own(places, made)
    if statement.kind == "alter_table_stmt":
        _alter_table(statement, made)
        return
    for found in created_by(statement):
        made.add(found)
    if statement.kind in {"create_seq_stmt", "alter_seq_stmt"}:
        _hand_over(statement.node, made)


def _must_own(places: Collection[Address], made: Made) -> None:
    for place in places:
        if made.owner(place) is None:
            raise Impossible(f"it changes the {spoken(place)}, which this file did not create")


def _transaction(node: Any, _made: Made) -> None:
    if "ROLLBACK" in enum_name(node, "kind"):
        raise Impossible("what ROLLBACK took back cannot be told from what stayed")


def _drop(node: Any, made: Made) -> None:
    if enum_name(node, "behavior") == "DROP_CASCADE":
        raise Impossible("what it dropped is not known any more")
    places = addressed(node)
    if any(made.owner(place) is None for place in places):
        raise Impossible("what it dropped is not known any more")
    for place in places:
        made.forget(place)


def _rename(node: Any, made: Made) -> None:
    """Give back the old name, unless the thing goes anyway with a table that the file made."""
    (place,) = addressed(node)
    owner = made.owner(place)
    if owner is not None and (not owner.sql or not made.is_main(place)):
        made.rename(place, node.newname)
        return
    back = rename_back_sql(node)
    if not back:
        raise Impossible("its old name cannot be given back")
    made.step(back, barrier=True)
    made.rename(place, node.newname)


def _alter_enum(node: Any, made: Made) -> None:
    """RENAME VALUE has a way back; ADD VALUE is accounted for as a created object."""
    name = QualifiedName(*addressed(node)[0][1:3])
    if node.old_val and made.owner(Address("type", *name, "")) is None:
        back = f"ALTER TYPE {name.sql} RENAME VALUE {literal(node.new_val)} TO {literal(node.old_val)}"
        made.step(back, barrier=True)


def _hand_over(node: Any, made: Made) -> None:
    """A sequence that is handed to a column of the file's own goes with that column."""
    owner = owning_column(node.options)
    if owner is not None:
        table, column = owner
        holder = made.owner(Address("column", None, column, str(table)))
        if holder is not None:
            made.absorb(of_relation(relation(node.sequence)), holder)


def _set_schema(_node: Any, _made: Made) -> None:
    raise Impossible("it moves an object to another schema")


def _alter_table(statement: Statement, made: Made) -> None:
    """Account command by command: one ALTER TABLE may add a column of its own and change an older one."""
    node = statement.node
    (table,) = addressed(node)
    holder = made.owner(table)
    added = created_by(statement)
    for command in unwrapped(node.cmds):
        attached = _attached(command)
        if attached is not None:
            _must_own([of_relation(attached)], made)
            made.precede(of_relation(attached), table.name)
        elif holder is not None:
            holder.mentions |= mentions(command)
        if (found := next((one for one in added if one.node == command), None)) is not None:
            made.add(found)
        elif holder is None and attached is None:
            _alter_older_table(node, command, made)


def _attached(command: Any) -> QualifiedName | None:
    """Name the partition of ATTACH PARTITION: dropping its parent would drop it."""
    if enum_name(command, "subtype") != "AT_AttachPartition":
        return None
    return relation(unwrap(getattr(command, "def")).name)


def _alter_older_table(node: Any, command: Any, made: Made) -> None:
    """Accept changes to a column or constraint that this file itself added to an older table."""
    what, table = enum_name(command, "subtype"), str(relation(node.relation))
    part = "constraint" if "Constraint" in what else "column"
    place = Address(part, None, command.name, table)
    if not command.name or not made.is_main(place):
        raise Impossible(f"how {table} was before is not known any more")
    if what in {"AT_DropColumn", "AT_DropConstraint"}:
        if enum_name(command, "behavior") == "DROP_CASCADE":
            raise Impossible("what CASCADE dropped is not known any more")
        made.forget(place)


def _default_privileges(node: Any, made: Made) -> None:
    schemas = [name for one in unwrapped(node.options) if one.defname == "schemas" for name in _schema_names(one)]
    if not schemas:
        raise Impossible("which privileges were the default before is not known any more")
    _must_own([Address("schema", None, name, "") for name in schemas], made)


def _schema_names(element: Any) -> list[str]:
    return strings(unwrap(element.arg).items)


# "$user" in the search_path stands for the role.
_MOVE_NAMES = frozenset({"search_path", "role", "session_authorization"})


def _moves_names(node: Any) -> bool:
    """Tell whether a name without a schema may mean another object after this statement."""
    if message(node) == "VariableSetStmt":
        return node.name.lower() in _MOVE_NAMES
    for call in descend(node):
        if message(call) == "FuncCall" and strings(call.funcname)[-1] == "set_config" and call.args:
            first = unwrap(call.args[0])
            if message(first) != "A_Const" or first.sval.sval.lower() in _MOVE_NAMES:
                return True
    return False


_WITHOUT_SCHEMA = frozenset(
    {
        *("schema", "extension", "server", "foreign data wrapper", "event trigger", "publication", "cast"),
        *("access method", "language", "transform"),
    }
)


def _refuse_unqualified(statement: Statement) -> None:
    """Refuse names that the way back, which has another search_path or role, would look up elsewhere."""
    for place in _undone(statement):
        schema, name = QualifiedName.read(place.detail) if place.kind in HANGING else place[1:3]
        if schema is None and place.kind not in _WITHOUT_SCHEMA:
            raise Impossible(
                f"the file sets search_path or the role, so where {quote(name)} is cannot be told without a schema"
            )


def _undone(statement: Statement) -> list[Address]:
    """List what the way back of a statement would name."""
    if statement.kind in {"rename_stmt", "alter_enum_stmt"}:
        return addressed(statement.node)
    return [address(found) for found in created_by(statement) if not found.temporary]


_CHANGES_NOTHING = frozenset(
    {
        *("variable_set_stmt", "variable_show_stmt", "vacuum_stmt", "reindex_stmt", "lock_stmt"),
        *("check_point_stmt", "discard_stmt", "constraints_set_stmt", "load_stmt", "deallocate_stmt"),
        *("notify_stmt", "listen_stmt", "unlisten_stmt"),
    }
)
_HANDLERS: dict[str, Callable[[Any, Made], None]] = {
    "transaction_stmt": _transaction,
    "insert_stmt": changes_data,
    "update_stmt": changes_data,
    "delete_stmt": changes_data,
    "merge_stmt": changes_data,
    "select_stmt": changes_data,
    "create_table_as_stmt": changes_data,
    "copy_stmt": copy,
    "truncate_stmt": truncate,
    "drop_stmt": _drop,
    "rename_stmt": _rename,
    "alter_enum_stmt": _alter_enum,
    "alter_object_schema_stmt": _set_schema,
    "alter_table_stmt": lambda _node, _made: None,
    "alter_default_privileges_stmt": _default_privileges,
}
