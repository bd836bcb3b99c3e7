"""Fold a script's BEGIN and COMMIT into blocks, and refuse sequences of them that cannot be carried out."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sql_migrations.errors import BadTransaction, SqlFileError, UnclosedTransaction, locate
from sql_migrations.syntax.tree import constant, enum_name

if TYPE_CHECKING:
    from sql_migrations.statements import Script, Statement


@dataclass(slots=True)
class Block:
    """BEGIN … COMMIT as the file has it, or (begin None) one statement that stands outside."""

    begin: Statement | None
    statements: list[Statement]


_UNDOES = "ROLLBACK would undo what stands above it, and the migration would be recorded as applied: take it out"
_TWO_PHASE = (
    "a migration is recorded in the transaction it runs in, and a prepared one would end without it: take it out"
)
_FORBIDDEN = {
    "ROLLBACK": _UNDOES,
    "COMMIT": "COMMIT AND CHAIN opens a transaction that has no BEGIN of its own: write COMMIT, then BEGIN",
    "PREPARE": _TWO_PHASE,
    "COMMIT_PREPARED": _TWO_PHASE,
    "ROLLBACK_PREPARED": _TWO_PHASE,
}


def fold(script: Script) -> tuple[list[Block], Statement | None]:
    """Fold the statements into blocks; the second value is a COMMIT without BEGIN, if there is one."""
    blocks: list[Block] = []
    block: Block | None = None
    bare: Statement | None = None
    for statement in script.statements:
        match transaction_kind(statement):
            case "BEGIN" | "START":
                if block is not None:
                    raise bad(script, statement, _nested(script, block))
                block = Block(statement, [])
                blocks.append(block)
            case "COMMIT" if not statement.node.chain:
                bare, block = bare if block is not None else statement, None
            case "" | "SAVEPOINT" | "RELEASE" | "ROLLBACK_TO" if block is not None:
                block.statements.append(statement)
            case "" | "SAVEPOINT" | "RELEASE" | "ROLLBACK_TO":
                blocks.append(Block(None, [statement]))
            case kind:
                raise bad(script, statement, _FORBIDDEN[kind])
    if block is not None and block.begin is not None:
        problem = "BEGIN has no COMMIT, so the transaction would stay open: add COMMIT; at the end."
        raise UnclosedTransaction.at(problem, file=script.file, text=script.text, offset=block.begin.first)
    return blocks, bare


def transaction_kind(statement: Statement) -> str:
    """Give BEGIN, START, COMMIT, ROLLBACK, SAVEPOINT, RELEASE, ROLLBACK_TO, PREPARE …, or "" for other statements."""
    if statement.kind != "transaction_stmt":
        return ""
    return enum_name(statement.node, "kind").removeprefix("TRANS_STMT_")


def _nested(script: Script, block: Block) -> str:
    opened = f" opened in line {line_of(script, block.begin)}" if block.begin is not None else ""
    return (
        f"BEGIN inside the block{opened}: PostgreSQL only warns and goes on, so that the first COMMIT ends both. "
        "Take this BEGIN and its COMMIT out, or write SAVEPOINT"
    )


def bad(script: Script, statement: Statement, problem: str) -> SqlFileError:
    """Build the error that a statement cannot stand where it does; `problem` comes without its full stop."""
    return BadTransaction.at(f"{problem}.", file=script.file, text=script.text, offset=statement.first)


def line_of(script: Script, statement: Statement) -> int:
    """Give the line of a statement's first token, counting from 1."""
    return locate(script.text, statement.first)[0]


def begin_words(statement: Statement | None) -> str:
    """Write BEGIN with the options of the file's own."""
    words = ["BEGIN"]
    for option in statement.node.options if statement is not None else ():
        value = constant(option.def_elem.arg)
        match option.def_elem.defname:
            case "transaction_isolation":
                words.append(f"ISOLATION LEVEL {value.upper()}")
            case "transaction_read_only":
                words.append("READ ONLY" if value == "1" else "READ WRITE")
            case "transaction_deferrable":
                words.append("DEFERRABLE" if value == "1" else "NOT DEFERRABLE")
    return " ".join(words)


def is_setting(statement: Statement) -> bool:
    """Tell whether a statement is SET, RESET or a SELECT of nothing but set_config()."""
    if statement.kind != "select_stmt":
        return statement.kind == "variable_set_stmt"
    targets = statement.node.target_list
    return bool(targets) and not statement.node.from_clause and all(map(_is_set_config, targets))


def _is_set_config(target: Any) -> bool:
    names = target.res_target.val.func_call.funcname
    return bool(names) and names[-1].string.sval == "set_config"
