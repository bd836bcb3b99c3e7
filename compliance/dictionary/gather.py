"""Put what the catalogue says and what the models say together."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from compliance import domain, phi
from compliance.dictionary import catalogue, declared
from compliance.dictionary.errors import TablesMissing
from compliance.dictionary.facts import Column, Dictionary, ForeignKey, Function, Index, Key, Rule, Table, Trigger
from compliance.dictionary.wording import names, plain, type_name

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from django.db.backends.base.base import BaseDatabaseWrapper
    from django.db.models import Field, Model

    from compliance.dictionary.catalogue import Catalogue, ColumnRow, ConstraintRow, FunctionRow, IndexRow, TriggerRow


def gather(connection: BaseDatabaseWrapper, models: Iterable[type[Model]] | None = None) -> Dictionary:
    """Describe the tables of models; without them, those of every app that holds health information.

    Raises TablesMissing where a table has not been made yet.
    """
    by_table = {model._meta.db_table: model for model in models or domain.models()}  # noqa: SLF001
    found = catalogue.read(connection, list(by_table))
    if missing := by_table.keys() - found.comments.keys():
        raise TablesMissing(missing)
    tables = tuple(_Part.of(found, name, by_table[name]).table(connection) for name in sorted(by_table))
    return Dictionary(tables, tuple(map(_function, found.functions)))


@dataclass(frozen=True, slots=True)
class _Part:
    """What the catalogue says of one table, beside its model."""

    name: str
    model: type[Model]
    comment: str
    columns: dict[str, ColumnRow]
    constraints: list[ConstraintRow]
    indexes: list[IndexRow]
    triggers: list[TriggerRow]

    @classmethod
    def of(cls, found: Catalogue, name: str, model: type[Model]) -> _Part:
        """Pick the rows of one table."""
        return cls(
            name,
            model,
            found.comments.get(name, ""),
            {row.name: row for row in found.columns if row.table == name},
            [row for row in found.constraints if row.table == name],
            [row for row in found.indexes if row.table == name],
            [row for row in found.triggers if row.table == name],
        )

    def table(self, connection: BaseDatabaseWrapper) -> Table:
        """Tell everything about the table."""
        rules = tuple(self._rules())
        told = {rule.name for rule in rules}
        return Table(
            name=self.name,
            model=self.model._meta.label,  # noqa: SLF001 - Django's API
            comment=self.comment,
            columns=tuple(self._columns(connection, rules)),
            rules=rules,
            keys=tuple(
                Key(row.name, tuple(row.columns), primary=row.kind == "p")
                for row in self.constraints
                if row.kind == "p" or (row.kind == "u" and row.name not in told)
            ),
            foreign_keys=tuple(self._foreign_key(row) for row in self.constraints if row.kind == "f"),
            indexes=tuple(
                Index(row.name, _index(row), tuple(name for name in self.columns if name in names(row.definition)))
                for row in self.indexes
                if row.name not in told
            ),
            triggers=tuple(self._trigger(row, told) for row in self.triggers),
        )

    def _rules(self) -> Iterator[Rule]:
        """Give the rules that the model declares, in its order, then the CHECK and EXCLUDE that it does not know."""
        definitions = {row.name: _index(row) for row in self.indexes}
        definitions |= {row.name: plain(row.definition) for row in self.constraints}
        sentences = declared.rules(self.model)
        for name, message in sentences.items():
            triggers = tuple(row.name for row in self.triggers if row.holds(name))
            yield Rule(name, message, definitions.get(name, ""), triggers)
        for row in self.constraints:
            if row.kind in "cx" and row.name not in sentences:
                yield Rule(row.name, "", plain(row.definition), ())

    def _columns(self, connection: BaseDatabaseWrapper, rules: tuple[Rule, ...]) -> Iterator[Column]:
        """Give the columns in the order of the model's fields, and then those that it does not know."""
        fields: dict[str, Field[Any, Any]] = {
            field.column or field.name: field
            for field in self.model._meta.concrete_fields  # noqa: SLF001
        }
        for name, field in fields.items():
            if name in self.columns:
                yield self._column(self.columns[name], field, rules)
            else:
                comment, kind = field.db_comment or "", field.db_type(connection) or ""
                yield Column(
                    *(name, type_name(kind), field.null, "", phi.description(comment), phi.of(field), ()),
                    declared.kept_by(field),
                    "only in the model",
                )
        for name, row in self.columns.items():
            if name not in fields:
                yield self._column(row, None, rules)

    def _column(self, row: ColumnRow, field: Field[Any, Any] | None, rules: tuple[Rule, ...]) -> Column:
        return Column(
            row.name,
            type_name(row.type),
            row.nullable,
            plain(row.default),
            phi.description(row.comment),
            phi.in_comment(row.comment),
            tuple(rule.name for rule in rules if row.name in names(rule.definition)),
            declared.kept_by(field) if field else (),
            "both" if field else "only in the database",
        )

    def _foreign_key(self, row: ConstraintRow) -> ForeignKey:
        unique = any(set(other.columns) <= set(row.columns) for other in self.constraints if other.kind in "pu")
        return ForeignKey(
            row.name,
            tuple(row.columns),
            row.referred_table,
            tuple(row.referred),
            row.restricts,
            row.deferrable,
            unique,
        )

    def _trigger(self, row: TriggerRow, rules: set[str]) -> Trigger:
        when = row.definition.partition(f"TRIGGER {row.name} ")[2].replace(f" ON {row.table} ", " ", 1)
        held = sorted(rule for rule in rules if row.holds(rule))
        return Trigger(row.name, plain(when.partition(" EXECUTE FUNCTION ")[0]), row.function, row.comment, tuple(held))


def _index(row: IndexRow) -> str:
    head, _, rest = row.definition.partition(" USING ")
    return ("UNIQUE INDEX " if head.startswith("CREATE UNIQUE") else "") + plain(rest)


def _function(row: FunctionRow) -> Function:
    traits = [row.language, *([] if row.result == "trigger" else [row.volatility])]
    traits += ["security definer"] * row.definer + [f"set {row.settings}"] * bool(row.settings)
    return Function(row.name, f"{row.name}({row.arguments})", row.result, tuple(traits), row.comment)
