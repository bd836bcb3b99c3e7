"""Which tables Django's migrations really make: their history, table by table, read from the graph. Pure.

Only what reaches the database counts: state-only operations name a table but do not make it, and neither do unmanaged,
proxy and swapped models.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, ClassVar

from django.conf import settings
from django.db.migrations import operations as ops

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from django.db.migrations import Migration
    from django.db.migrations.graph import MigrationGraph
    from django.db.migrations.loader import MigrationLoader
    from django.db.migrations.operations.base import Operation

Node = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Touch:
    """What one migration does to one table.

    `adds` are columns that exist from here on, `lost` those dropped or renamed; "*" stands for the table itself.
    """

    migration: Node
    adds: frozenset[str] = frozenset()
    lost: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Owner:
    """The ORM model that a table belongs to: `patients`, `Patient`, `0001_initial`, and what touches it last."""

    app: str
    model: str
    migration: str
    last: Node


@dataclass(slots=True)
class _Model:
    app: str
    name: str
    table: str
    default: bool  # the table's name follows the model's name
    migrates: bool  # managed, no proxy, not swapped
    columns: dict[str, str] = field(default_factory=dict)  # field -> column
    links: dict[str, str] = field(default_factory=dict)  # many-to-many field -> its own table


class History:
    """Every table under every name it had, with the migrations that touched it, in the order of the graph."""

    def __init__(self, loader: MigrationLoader) -> None:
        self.touches: dict[str, list[Touch]] = {}
        self.owners: dict[str, Owner] = {}
        self._models: dict[tuple[str, str], _Model] = {}
        for key, migration in _in_order(loader.graph):
            for operation, real in _flat(migration.operations, real=True):
                self._read(key, operation, real=real)

    def _touch(
        self, model: _Model, key: Node, *, table: str = "", adds: Iterable[str] = (), lost: Iterable[str] = ()
    ) -> None:
        """Note that a migration reaches the model's table, or another `table` that belongs to it."""
        if not model.migrates:
            return
        table, touch = table or model.table, Touch(key, frozenset(adds), frozenset(lost))
        self.touches.setdefault(table, []).append(touch)
        before = self.owners.get(table)
        if "*" in touch.lost:
            self.owners.pop(table, None)
        elif "*" in touch.adds:
            self.owners[table] = Owner(model.app, model.name, key[1], key)
        elif before is not None:
            self.owners[table] = replace(before, last=key)

    def _read(self, key: Node, operation: Operation, *, real: bool) -> None:
        for kind, reader in self._READERS:
            if isinstance(operation, kind):
                reader(self, key, operation, real)
                return

    def _model(self, key: Node, name: str) -> _Model | None:
        return self._models.get((key[0], name.lower()))

    def _create(self, key: Node, operation: Any, real: bool) -> None:
        options, app = operation.options, key[0]
        default = f"{app}_{operation.name_lower}"
        table = options.get("db_table") or default
        migrates = options.get("managed", True) and not options.get("proxy") and not _swapped(key, operation)
        model = _Model(app, operation.name, table, default=table == default, migrates=migrates)
        self._models[app, operation.name_lower] = model
        for name, one in operation.fields:
            self._add(key, model, name, one, real=real)
        if real:
            self._touch(model, key, adds=["*", *model.columns.values()])

    def _add(self, key: Node, model: _Model, name: str, one: Any, *, real: bool) -> None:
        if not one.many_to_many:
            model.columns[name] = _column(name, one)
        elif one.remote_field.through is None:
            model.links[name] = one.db_table or f"{model.table}_{name}"
            if real:
                self._touch(model, key, table=model.links[name], adds="*")

    def _add_field(self, key: Node, operation: Any, real: bool) -> None:
        if (model := self._model(key, operation.model_name)) is not None:
            self._add(key, model, operation.name, operation.field, real=real)
            if real and operation.name in model.columns:
                self._touch(model, key, adds=[model.columns[operation.name]])

    def _remove_field(self, key: Node, operation: Any, real: bool) -> None:
        if (model := self._model(key, operation.model_name)) is None:
            return
        link = model.links.pop(operation.name, None)
        column = model.columns.pop(operation.name, operation.name)
        if real and link is not None:
            self._touch(model, key, table=link, lost="*")
        elif real:
            self._touch(model, key, lost=[column])

    def _alter_field(self, key: Node, operation: Any, real: bool) -> None:
        if (model := self._model(key, operation.model_name)) is None or operation.field.many_to_many:
            return
        before = model.columns.get(operation.name)
        model.columns[operation.name] = after = _column(operation.name, operation.field)
        if real and before == after:
            self._touch(model, key)
        elif real:
            self._touch(model, key, adds=[after], lost=[before] if before else [])

    def _rename_field(self, key: Node, operation: Any, real: bool) -> None:
        model = self._model(key, operation.model_name)
        if model is None:
            return
        if operation.old_name in model.links:
            old = model.links.pop(operation.old_name)
            self._rename_link(key, model, operation.new_name, old, real=real)
            return
        old = model.columns.pop(operation.old_name, operation.old_name)
        # A column that did not follow the field's name keeps its own.
        follows = old in {operation.old_name, f"{operation.old_name}_id"}
        suffix = "_id" if old == f"{operation.old_name}_id" else ""
        new = f"{operation.new_name}{suffix}" if follows else old
        model.columns[operation.new_name] = new
        if real:
            self._touch(model, key, adds=[new], lost=[old] if new != old else [])

    def _rename_link(self, key: Node, model: _Model, name: str, old: str, *, real: bool) -> None:
        model.links[name] = f"{model.table}_{name}"
        if real and model.links[name] != old:
            self._touch(model, key, table=old, lost="*")
            self._touch(model, key, table=model.links[name], adds="*")

    def _rename_model(self, key: Node, operation: Any, real: bool) -> None:
        model = self._models.pop((key[0], operation.old_name_lower), None)
        if model is None:
            return
        model.name = operation.new_name
        self._models[key[0], operation.new_name_lower] = model
        if model.default:
            self._rename_table(key, model, f"{model.app}_{operation.new_name_lower}", real=real)

    def _alter_table(self, key: Node, operation: Any, real: bool) -> None:
        if (model := self._model(key, operation.name)) is not None:
            default = f"{model.app}_{operation.name_lower}"
            model.default = not operation.table
            self._rename_table(key, model, operation.table or default, real=real)

    def _rename_table(self, key: Node, model: _Model, new: str, *, real: bool) -> None:
        old, model_links = model.table, list(model.links.items())
        if new == old:
            return
        if real:
            self._touch(model, key, lost="*")
        model.table = new
        if real:
            self._touch(model, key, adds=["*", *model.columns.values()])
        for name, link in model_links:
            if link == f"{old}_{name}":
                self._rename_link(key, model, name, link, real=real)

    def _delete(self, key: Node, operation: Any, real: bool) -> None:
        model = self._models.pop((key[0], operation.name_lower), None)
        if model is not None and real:
            for table in (*model.links.values(), model.table):
                self._touch(model, key, table=table, lost="*")

    _READERS: ClassVar[list[tuple[type[Operation], Callable[[History, Node, Any, bool], None]]]] = [
        (ops.CreateModel, _create),
        (ops.DeleteModel, _delete),
        (ops.RenameModel, _rename_model),
        (ops.AlterModelTable, _alter_table),
        (ops.AddField, _add_field),
        (ops.RemoveField, _remove_field),
        (ops.AlterField, _alter_field),
        (ops.RenameField, _rename_field),
    ]


def _in_order(graph: MigrationGraph) -> Iterator[tuple[Node, Migration]]:
    """Give each migration once, after everything it depends on."""
    seen: set[Node] = set()
    for leaf in graph.leaf_nodes():
        for key in graph.forwards_plan(leaf):
            migration = graph.nodes[key]
            if key not in seen and migration is not None:
                seen.add(key)
                yield key, migration


def _flat(operations: Sequence[Operation], *, real: bool) -> Iterator[tuple[Operation, bool]]:
    """Give each operation and whether it reaches the database."""
    for operation in operations:
        if isinstance(operation, ops.SeparateDatabaseAndState):
            yield from _flat(operation.database_operations, real=real)
            yield from _flat(operation.state_operations, real=False)
        else:
            yield operation, real


def _swapped(key: Node, operation: Any) -> bool:
    setting = operation.options.get("swappable")
    chosen = getattr(settings, setting, None) if setting else None
    return bool(chosen) and str(chosen).lower() != f"{key[0]}.{operation.name}".lower()


def _column(name: str, one: Any) -> str:
    if one.db_column:
        return str(one.db_column)
    return f"{name}_id" if one.many_to_one or one.one_to_one else name
