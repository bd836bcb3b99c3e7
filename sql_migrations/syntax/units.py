"""Decide how a script is carried out: in one transaction, or statement by statement with a journal."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

from sql_migrations.syntax.blocks import Block, bad, begin_words, fold, is_setting, line_of, transaction_kind
from sql_migrations.syntax.outside import enum_values_used, refused_in_transaction
from sql_migrations.syntax.tree import constant, enum_name

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from sql_migrations.statements import Script, Statement


@dataclass(frozen=True, slots=True)
class Unit:
    """Statements that take effect together, without the BEGIN and COMMIT around them.

    `begin` is the BEGIN to send, with the file's own options; None means outside of any transaction block.
    """

    statements: tuple[Statement, ...]
    begin: str | None


@dataclass(frozen=True, slots=True)
class Plan:
    """How to carry a script out. Mode "transaction" has exactly one unit, possibly without statements."""

    mode: Literal["transaction", "journalled"]
    reason: str
    units: tuple[Unit, ...]
    explicit: bool


@dataclass(frozen=True, slots=True)
class Chunk:
    """One message to the server: SQL as it stands at `offset` in the file, and the COPY data that answers it.

    PostgreSQL's error position p (from 1) is the file's offset + p - 1. `statements` are in the order of their results;
    `data` belongs to the last one.
    """

    sql: str
    offset: int
    statements: tuple[Statement, ...]
    data: str | None


def plan(script: Script, *, transaction: Literal["auto", "none"]) -> Plan:
    """Decide the transaction mode; raise UnclosedTransaction or BadTransaction for what cannot be carried out."""
    blocks, bare_commit = fold(script)
    _check_blocks(script, blocks)
    explicit = any(block.begin is not None for block in blocks)
    if transaction == "none":
        reason = "the header says Transaction: none"
    else:
        reason = _several(script, blocks, bare_commit) or _refused(script, blocks) or _enum(script, explicit=explicit)
    if reason:
        return Plan("journalled", reason, tuple(_journalled(script, blocks)), explicit)
    begin = next((block.begin for block in blocks if block.begin is not None), None)
    statements = tuple(statement for block in blocks for statement in block.statements)
    return Plan("transaction", "", (Unit(statements, begin_words(begin)),), explicit)


def _check_blocks(script: Script, blocks: list[Block]) -> None:
    for block in blocks:
        for statement in block.statements if block.begin is not None else ():
            if (words := refused_in_transaction(statement)) is not None:
                raise bad(script, statement, f"{words} cannot run inside a transaction: take out BEGIN and COMMIT")
    together = {statement.start: block.begin for block in blocks for statement in block.statements}
    for added, used, value, certain in enum_values_used(script):
        begin = together[added.start]
        if certain and begin is not None and begin is together[used.start]:
            problem = (
                f"the value '{value}' that line {line_of(script, added)} adds cannot be used before that is committed: "
                "take out BEGIN and COMMIT, or put the use into a later file"
            )
            raise bad(script, used, problem)


def _several(script: Script, blocks: list[Block], bare_commit: Statement | None) -> str:
    if bare_commit is not None:
        return f"line {line_of(script, bare_commit)}: COMMIT without BEGIN"
    begins = [block.begin for block in blocks if block.begin is not None]
    if len(begins) > 1:
        return f"line {line_of(script, begins[1])}: a second BEGIN … COMMIT block"
    for block in blocks if begins else ():
        if block.begin is None and not is_setting(block.statements[0]):
            return f"line {line_of(script, block.statements[0])}: a statement outside of BEGIN … COMMIT"
    return ""


def _refused(script: Script, blocks: list[Block]) -> str:
    for block in blocks:
        for statement in block.statements:
            if (words := refused_in_transaction(statement)) is not None:
                return f"line {line_of(script, statement)}: {words} cannot run inside a transaction"
    return ""


def _enum(script: Script, *, explicit: bool) -> str:
    if not explicit:
        for added, used, value, _ in enum_values_used(script):
            lines = f"line {line_of(script, added)} adds it, line {line_of(script, used)}"
            return f"the enum value '{value}' must be committed before it is used ({lines} may use it)"
    return ""


def _journalled(script: Script, blocks: list[Block]) -> Iterator[Unit]:
    for block in blocks:
        first = block.statements[0] if block.statements else None
        if first is None:
            continue
        if block.begin is not None:
            yield Unit(tuple(block.statements), begin_words(block.begin))
        elif transaction_kind(first):
            raise bad(script, first, "SAVEPOINT, RELEASE and ROLLBACK TO need a BEGIN … COMMIT around them here")
        else:
            # A setting must last for the session, so it is made outside of any transaction.
            alone = is_setting(first) or refused_in_transaction(first) is not None
            yield Unit((first,), None if alone else "BEGIN")


def settings(script: Script, before: int) -> tuple[Statement, ...]:
    """Give the settings of the session that were made before a character offset, to make again when a file is resumed.

    Those of completed blocks count too: they outlive COMMIT. SET LOCAL and SET TRANSACTION do not.
    """
    return tuple(
        statement
        for block in fold(script)[0]
        if block.statements and block.statements[-1].first < before
        for statement in block.statements
        if is_setting(statement) and not _ends_with_transaction(statement)
    )


def _ends_with_transaction(statement: Statement) -> bool:
    node = statement.node
    if statement.kind == "variable_set_stmt":
        return bool(node.is_local) or node.name in {"TRANSACTION", "TRANSACTION SNAPSHOT"}
    calls = [target.res_target.val.func_call for target in node.target_list]
    return all(constant(call.args[-1]) == "true" for call in calls)


def chunks(script: Script, unit: Unit) -> Iterator[Chunk]:
    """Cut a unit into as few messages as can be: a COPY … FROM stdin, or a BEGIN or COMMIT of the file, ends one."""
    part: list[Statement] = []
    for statement in unit.statements:
        if part and (part[-1].data is not None or part[-1].end != statement.start):
            yield _chunk(script, part)
            part = []
        part.append(statement)
    if part:
        yield _chunk(script, part)


def _chunk(script: Script, part: list[Statement]) -> Chunk:
    start, last = part[0].first, part[-1]
    data = script.text[slice(*last.data)] if last.data is not None else None
    return Chunk(script.blanked[start : last.end].rstrip(), start, tuple(part), data)


def temp_objects(script: Script, before: int) -> tuple[str, ...]:
    """Name what was created for the session alone before a character offset and not dropped again since.

    A resumed file has a new session, in which these are gone. Tables with ON COMMIT DROP were not meant to last.
    """
    alive: dict[str, None] = {}
    for statement in script.statements:
        if statement.first >= before:
            break
        for name in _created_temporary(statement):
            alive[name] = None
        for name in _dropped(statement, alive):
            alive.pop(name, None)
    return tuple(alive)


def _created_temporary(statement: Statement) -> Iterator[str]:
    node = statement.node
    match statement.kind:
        case "create_stmt" if enum_name(node, "oncommit") != "ONCOMMIT_DROP":
            yield from _temporary(node.relation)
        case "view_stmt":
            yield from _temporary(node.view)
        case "create_seq_stmt":
            yield from _temporary(node.sequence)
        case "create_table_as_stmt" if enum_name(node.into, "on_commit") != "ONCOMMIT_DROP":
            yield from _temporary(node.into.rel)
        case "select_stmt" if enum_name(node.into_clause, "on_commit") != "ONCOMMIT_DROP":
            yield from _temporary(node.into_clause.rel)
        case "create_function_stmt" if node.funcname[0].string.sval == "pg_temp":
            yield node.funcname[-1].string.sval


def _temporary(relation: Any) -> Iterator[str]:
    if relation.relname and (relation.relpersistence == "t" or relation.schemaname == "pg_temp"):
        yield relation.relname


def _dropped(statement: Statement, alive: Iterable[str]) -> Iterable[str]:
    if statement.kind == "discard_stmt":
        return tuple(alive) if enum_name(statement.node, "target") in {"DISCARD_ALL", "DISCARD_TEMP"} else ()
    if statement.kind != "drop_stmt":
        return ()
    # A function stands in the tree with its arguments, everything else as a list of names.
    names = [one.object_with_args.objname or one.list.items for one in statement.node.objects]
    return [parts[-1].string.sval for parts in names if parts]
