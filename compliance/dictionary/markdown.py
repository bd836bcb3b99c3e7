"""The dictionary as a page."""

from __future__ import annotations

from typing import TYPE_CHECKING

from compliance.phi import Identifier, Phi

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from compliance.dictionary.facts import Column, Dictionary, ForeignKey, Function, Rule, Table, Trigger

_OPENING = """\
# Data dictionary

What the database holds. `manage.py data_dictionary` writes this page and the picture from the live catalogue and the
models; do not edit them. [The schema, in prose](schema.md) says how it is meant and how to add to it.

![Tables and what they refer to](data-dictionary.svg)

Casts between types of text, which PostgreSQL adds by itself, are left out of the definitions, and lists of literals are
written as `IN (…)`.
"""


def page(dictionary: Dictionary) -> str:
    """Write the whole page, with a line break at its end."""
    parts = [_OPENING, _contents(dictionary), _classes(dictionary), _sealed(dictionary), _identifiers(dictionary)]
    parts += [_table(table) for table in dictionary.tables]
    parts.append(_functions(dictionary.functions))
    return "\n".join(parts)


def _contents(dictionary: Dictionary) -> str:
    rows = ([f"[{table.name}](#{table.name})", table.app, _cell(table.comment)] for table in dictionary.tables)
    return "## Tables\n\n" + _grid(["table", "app", "what it holds"], rows)


def _classes(dictionary: Dictionary) -> str:
    meaning = {
        Phi.NONE: "nothing about a patient: keys, times of the row, facts about staff and places",
        Phi.IDENTIFIER: "says who the patient is: one of the 18 below",
        Phi.CLINICAL: "health, care, payment or demographics: protected once it is known whose it is",
        Phi.SENSITIVE: "clinical, and of a kind or a freedom of text that harms by itself",
    }
    columns = [column for table in dictionary.tables for column in table.columns]
    rows = []
    for phi, words in meaning.items():
        of_class = [one.classification for one in columns if one.classification and one.classification.phi == phi]
        rows.append([phi, words, str(len(of_class)), str(sum(one.sealed for one in of_class))])
    if unclassified := sum(column.classification is None for column in columns):
        rows.append(["**without one**", "`manage.py check` refuses it", str(unclassified), "0"])
    return "## PHI classes\n\nEvery column has one, in its comment.\n\n" + _grid(
        ["class", "what it means", "columns", "of them to be encrypted"], rows
    )


def _sealed(dictionary: Dictionary) -> str:
    rows = []
    for table, column in _all(dictionary):
        if column.classification and column.classification.sealed:
            kept = " ".join(map(_cell, column.kept_by_field))
            rows.append([f"`{table.name}.{column.name}`", _class(column), kept, _names(_looked_up_by(table, column))])
    return (
        "## To be encrypted\n\nPostgreSQL will see that there is a value, and whether it is equal to another (by a\n"
        "keyed blind index), not what it is. Its database rules may say no more than that; the rest is kept by the\n"
        "field, in the admin and wherever a model is cleaned.\n\n"
        + _grid(["column", "class", "kept by the field", "looked up by"], rows)
    )


def _looked_up_by(table: Table, column: Column) -> list[str]:
    """Name the unique rules and the indexes on a column, which a blind index will have to serve."""
    unique = [rule.name for rule in table.rules if rule.name in column.rules and rule.definition.startswith("UNIQUE")]
    return unique + [index.name for index in table.indexes if column.name in index.columns]


def _identifiers(dictionary: Dictionary) -> str:
    holding: dict[Identifier, list[str]] = {identifier: [] for identifier in Identifier}
    for table, column in _all(dictionary):
        if column.classification and column.classification.identifier:
            holding[column.classification.identifier].append(f"{table.name}.{column.name}")
    rows = ([str(number), kind, _names(found) or "none"] for number, (kind, found) in enumerate(holding.items(), 1))
    return (
        "## The 18 identifiers\n\nOf the safe harbour method, 45 CFR 164.514(b)(2)(i)(A) to (R): who takes these out\n"
        "of an extract has taken out what this schema holds of them in columns of their own. Free text (the class\n"
        "sensitive) may hold any of them.\n\n" + _grid(["", "identifier", "columns"], rows)
    )


def _table(table: Table) -> str:
    columns = _grid(["column", "type", "PHI", "what it holds", "rules"], map(_column, table.columns))
    parts = [f"## {table.name}\n\n{table.comment or '**No comment.**'} Model `{table.model}`.\n", columns]
    kept = [f"`{one.name}`: {' '.join(one.kept_by_field)}" for one in table.columns if one.kept_by_field]
    parts += _section("Kept by the field, since the column is to be encrypted", kept)
    parts += _section("Rules", map(_rule, table.rules))
    keys = [f"`{key.name}`: {'PRIMARY KEY' if key.primary else 'UNIQUE'} ({_names(key.columns)})" for key in table.keys]
    parts += _section("Keys", keys)
    parts += _section("Refers to", map(_foreign_key, table.foreign_keys))
    parts += _section("Indexes", [f"`{one.name}`: `{one.definition}`" for one in table.indexes])
    parts += _section("Triggers", map(_trigger, table.triggers))
    return "\n".join(parts)


def _column(column: Column) -> list[str]:
    facts = [column.type, "NULL" if column.nullable else "", f"default {column.default}" if column.default else ""]
    where = "" if column.where == "both" else f" **{column.where}**"
    return [
        f"`{column.name}`{where}",
        f"`{_cell(', '.join(filter(None, facts)))}`",
        _class(column),
        _cell(column.comment) or "**no comment**",
        _names(column.rules),
    ]


def _class(column: Column) -> str:
    return str(column.classification) if column.classification else "**none declared**"


def _rule(rule: Rule) -> str:
    sentence = rule.message or "**No model declares it.**"
    held = [f"`{rule.definition}`"] * bool(rule.definition)
    held += [f"held by the trigger {_names(rule.triggers)}"] * bool(rule.triggers)
    return f"`{rule.name}`: {sentence}\n  {', '.join(held) or '**held by nothing**'}"


def _foreign_key(key: ForeignKey) -> str:
    facts = ["one row at most for each"] * key.unique + ["deletes restricted" if key.restricts else "**not RESTRICT**"]
    facts += ["checked when the transaction ends"] * key.deferred
    target = f"[{key.table}](#{key.table}) ({_names(key.referred)})"
    return f"({_names(key.columns)}) → {target}: {', '.join(facts)}. `{key.name}`"


def _trigger(trigger: Trigger) -> str:
    held = f" Holds {_names(trigger.rules)}." if trigger.rules else ""
    purpose = f" {trigger.comment}" if trigger.comment else ""
    return f"`{trigger.name}`: `{trigger.definition}` calls `{trigger.function}()`.{purpose}{held}"


def _functions(functions: Iterable[Function]) -> str:
    rows = (
        [f"`{_cell(one.signature)}`", f"`{one.returns}`", _cell(one.comment) or "**no comment**", ", ".join(one.traits)]
        for one in functions
    )
    return "## Functions\n\n" + _grid(["function", "returns", "what it does", "how"], rows)


def _all(dictionary: Dictionary) -> Iterator[tuple[Table, Column]]:
    return ((table, column) for table in dictionary.tables for column in table.columns)


def _section(title: str, items: Iterable[str]) -> list[str]:
    lines = [f"- {item}\n" for item in items]
    return [f"**{title}**\n\n" + "".join(lines)] if lines else []


def _grid(heads: list[str], rows: Iterable[list[str]]) -> str:
    lines = [heads, ["---"] * len(heads), *rows]
    return "".join(f"| {' | '.join(line)} |\n" for line in lines)


def _names(columns: Iterable[str]) -> str:
    return ", ".join(f"`{name}`" for name in columns)


def _cell(text: str) -> str:
    """Keep a text within its cell."""
    return text.replace("|", r"\|").replace("\n", " ")
