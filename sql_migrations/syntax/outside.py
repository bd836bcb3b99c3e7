"""What PostgreSQL refuses to do inside a transaction block, told from the parse tree before anything runs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sql_migrations.statements import tokens
from sql_migrations.syntax.tree import constant, enum_name, walk

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from sql_migrations.statements import Script, Statement

_FALSE = {"false", "off", "0"}
# In PL/pgSQL a statement begins after one of these; elsewhere COMMIT is a name or a word of a condition.
_BEFORE_STATEMENT = {";", "begin", "then", "else", "loop"}
_CONTROL = {"commit", "rollback"}
# Statements in which a string can be the new enum value only as a label or as prose, never as the value itself.
_NAMES_ONLY = {"alter_enum_stmt", "create_enum_stmt", "comment_stmt", "variable_set_stmt", "copy_stmt"}


def refused_in_transaction(statement: Statement) -> str | None:
    """Name what PostgreSQL would refuse inside a transaction block (`CREATE INDEX CONCURRENTLY`), or None.

    Source: every caller of PreventInTransactionBlock() in PostgreSQL 18. CALL is not among them: whether a procedure
    commits is known only to the server.
    """
    find = _REFUSED.get(statement.kind)
    return find(statement.node) if find is not None else None


def _flag(options: Iterable[Any], name: str, *, default: bool) -> bool:
    """Read a boolean option as PostgreSQL's defGetBoolean() does: without a value it is on."""
    for option in options:
        if option.def_elem.defname == name:
            arg = option.def_elem.arg
            match arg.WhichOneof("node"):
                case None:
                    return True
                case "integer":
                    return bool(arg.integer.ival)
                case "boolean":
                    return bool(arg.boolean.boolval)
                case "type_name":  # the grammar takes a bare word, such as off, for the name of a type
                    return arg.type_name.names[-1].string.sval.lower() not in _FALSE
            return arg.string.sval.lower() not in _FALSE
    return default


def _always(words: str) -> Callable[[Any], str | None]:
    return lambda _: words


def _reindex(node: Any) -> str | None:
    if _flag(node.params, "concurrently", default=False):
        return "REINDEX CONCURRENTLY"
    kind = enum_name(node, "kind").removeprefix("REINDEX_OBJECT_")
    return f"REINDEX {kind}" if kind in {"SCHEMA", "SYSTEM", "DATABASE"} else None


def _alter_table(node: Any) -> str | None:
    detaches = any(_detaches_concurrently(command.alter_table_cmd) for command in node.cmds)
    return "ALTER TABLE … DETACH PARTITION CONCURRENTLY" if detaches else None


def _detaches_concurrently(command: Any) -> bool:
    return bool(getattr(command, "def").partition_cmd.concurrent)


def _alter_database(node: Any) -> str | None:
    moves = any(option.def_elem.defname == "tablespace" for option in node.options)
    return "ALTER DATABASE … SET TABLESPACE" if moves else None


def _create_subscription(node: Any) -> str | None:
    connects = _flag(node.options, "connect", default=True)
    return "CREATE SUBSCRIPTION" if _flag(node.options, "create_slot", default=connects) else None


def _alter_subscription(node: Any) -> str | None:
    kind = enum_name(node, "kind")
    # A change of the publications refreshes unless it is told not to.
    if "REFRESH" in kind or ("PUBLICATION" in kind and _flag(node.options, "refresh", default=True)):
        return "ALTER SUBSCRIPTION with a refresh"
    return None


def _discard(node: Any) -> str | None:
    return "DISCARD ALL" if enum_name(node, "target") == "DISCARD_ALL" else None


def _do(node: Any) -> str | None:
    body, language = _do_body(node)
    if language != "plpgsql":
        return None
    words = [token.lower() for token in tokens(body)]
    for before, word, after in zip([";", *words], words, [*words[1:], ""], strict=False):
        if word in _CONTROL and before in _BEFORE_STATEMENT and after in {";", "and"}:
            return f"DO with {word.upper()} in it"
    return None


def _do_body(node: Any) -> tuple[str, str]:
    options = {arg.def_elem.defname: arg.def_elem.arg.string.sval for arg in node.args}
    return options.get("as", ""), options.get("language", "plpgsql").lower()


_REFUSED: dict[str, Callable[[Any], str | None]] = {
    "index_stmt": lambda node: "CREATE INDEX CONCURRENTLY" if node.concurrent else None,
    "drop_stmt": lambda node: "DROP INDEX CONCURRENTLY" if node.concurrent else None,
    "reindex_stmt": _reindex,
    "vacuum_stmt": lambda node: "VACUUM" if node.is_vacuumcmd else None,
    "cluster_stmt": lambda node: None if node.HasField("relation") else "CLUSTER without a table",
    "createdb_stmt": _always("CREATE DATABASE"),
    "dropdb_stmt": _always("DROP DATABASE"),
    "create_table_space_stmt": _always("CREATE TABLESPACE"),
    "drop_table_space_stmt": _always("DROP TABLESPACE"),
    "alter_system_stmt": _always("ALTER SYSTEM"),
    "alter_database_stmt": _alter_database,
    "alter_table_stmt": _alter_table,
    "create_subscription_stmt": _create_subscription,
    "alter_subscription_stmt": _alter_subscription,
    "drop_subscription_stmt": _always("DROP SUBSCRIPTION"),
    "discard_stmt": _discard,
    "do_stmt": _do,
}


def enum_values_used(script: Script) -> Iterator[tuple[Statement, Statement, str, bool]]:
    """Yield (ALTER TYPE … ADD VALUE, a later statement with that string, the value, certain).

    PostgreSQL refuses a new value before the transaction that added it has committed, unless that transaction also
    created the type. `certain`: the string is cast to that type; otherwise it may as well be text that reads the same.
    """
    created = set()
    for position, statement in enumerate(script.statements):
        if statement.kind == "create_enum_stmt":
            created.add(_type_name(statement.node))
        if statement.kind != "alter_enum_stmt" or statement.node.old_val or not statement.node.new_val:
            continue
        name, value = _type_name(statement.node), statement.node.new_val
        if name in created:
            continue
        for later in script.statements[position + 1 :]:
            if later.kind not in _NAMES_ONLY and _has_string(script, later, value):
                yield statement, later, value, _casts(later, value, name)


def _type_name(node: Any) -> str:
    return str(node.type_name[-1].string.sval)


def _has_string(script: Script, statement: Statement, value: str) -> bool:
    quoted = "'" + value.replace("'", "''") + "'"
    text = script.sql(statement)
    # The parser reads only texts that can hold the value, so that a long file is not read once for each value.
    if quoted not in text:
        return False
    return any(quoted in tokens(part) for part in (text, _evaluated_body(statement)))


def _evaluated_body(statement: Statement) -> str:
    """Give the code in a string that PostgreSQL evaluates at once: of DO, and of a function in SQL."""
    if statement.kind == "do_stmt":
        return _do_body(statement.node)[0]
    if statement.kind == "create_function_stmt":
        options = {one.def_elem.defname: one.def_elem.arg for one in statement.node.options}
        if "as" in options and options["language"].string.sval.lower() == "sql":
            return str(options["as"].list.items[0].string.sval)
    return ""


def _casts(statement: Statement, value: str, name: str) -> bool:
    return any(
        constant(cast.arg) == value and cast.type_name.names[-1].string.sval == name
        for cast in walk(statement.node, "TypeCast")
    )
