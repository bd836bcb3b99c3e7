"""Where the picture puts things: a column for each app, its tables below each other, lines in the gaps between.

All references to one table share a line. It leaves the table to the right and goes up and down in the gap beside it. To
tables further away it goes along a lane above all tables, and down in the gap beside them. So no line crosses a table.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import groupby
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

    from compliance.dictionary.facts import Dictionary, ForeignKey, Table

# In pixels. A letter of the monospaced font is 0.6 of its 13 px wide.
LETTER, ROW, HEAD = 7.8, 20, 28
MARGIN, TRACK, BELOW = 24, 12, 26
PAD, SIDE = 10, 22  # within a box; between a box and the nearest track


@dataclass(frozen=True, slots=True)
class Row:
    """A column that is a key or part of one, with what it is."""

    name: str
    marks: str


@dataclass(slots=True)
class Box:
    """A table: the number of its column of the picture, and its place."""

    table: Table
    rows: list[Row]
    column: int = 0
    x: float = 0
    y: float = 0
    width: float = 0

    @property
    def height(self) -> float:
        """The head, the rows and a little room."""
        return HEAD + ROW * len(self.rows) + PAD / 2

    def line(self, name: str) -> float:
        """Give the height at which a line meets the row of a column."""
        return self.y + HEAD + ROW * ([row.name for row in self.rows].index(name) + 0.5)


@dataclass(frozen=True, slots=True)
class End:
    """Where a line meets a row: x of the box, x of the line, and whether at most one row refers to each."""

    x: float
    y: float
    track: float
    unique: bool


@dataclass(slots=True)
class Bundle:
    """The line that all references to one table share. `risers` are vertical pieces: x -> heights on it."""

    target: Box
    start: tuple[float, float] = (0, 0)
    ends: list[End] = field(default_factory=list)
    risers: dict[float, list[float]] = field(default_factory=dict)
    lane: float | None = None


@dataclass(frozen=True, slots=True)
class Picture:
    """Everything in its place."""

    boxes: list[Box]
    bundles: list[Bundle]
    apps: list[tuple[str, float, float]]  # name, x, y of its base line
    width: float
    height: float


def lay_out(dictionary: Dictionary) -> Picture:
    """Place the tables and the lines of a dictionary; the same facts give the same picture."""
    columns = _columns(dictionary.tables)
    boxes = {table.name: Box(table, _rows(table), number) for number, column in enumerate(columns) for table in column}
    referred = [name for name in boxes if any(key.table == name for box in boxes.values() for key in _drawn(box.table))]
    bundles = {name: Bundle(boxes[name]) for name in referred}
    gaps = _gaps(boxes, referred)
    far = [name for name in referred if sum(name in gap for gap in gaps) > 1]
    top: float = MARGIN + TRACK * len(far) + BELOW
    edges = _place(columns, boxes, gaps, top)
    for place, name in enumerate(far):
        bundles[name].lane = MARGIN + TRACK * place
    _connect(boxes, bundles, gaps)
    apps = [(column[0].app, boxes[column[0].name].x, top - PAD) for column in columns]
    bottom = max(box.y + box.height for box in boxes.values()) + BELOW
    return Picture(list(boxes.values()), list(bundles.values()), apps, edges, bottom)


def _drawn(table: Table) -> list[ForeignKey]:
    """Keep the references of one column: those over two only add that the patient is the same."""
    return [key for key in table.foreign_keys if len(key.columns) == 1]


def _columns(tables: Iterable[Table]) -> list[list[Table]]:
    """Group tables by app: next comes the app that refers to the fewest that have no place yet."""
    by_app = {app: list(found) for app, found in groupby(sorted(tables, key=lambda one: one.app), lambda one: one.app)}
    app_of = {table.name: app for app, found in by_app.items() for table in found}
    needs = {
        app: {app_of[key.table] for table in found for key in table.foreign_keys if key.table in app_of} - {app}
        for app, found in by_app.items()
    }
    references = [key.table for found in by_app.values() for table in found for key in _drawn(table)]
    columns = []
    while needs:
        chosen = min(needs, key=lambda app: (len(needs[app] & needs.keys()), app))
        del needs[chosen]
        columns.append(sorted(by_app[chosen], key=lambda table: (-references.count(table.name), table.name)))
    return columns


def _rows(table: Table) -> list[Row]:
    primary = {name for key in table.keys if key.primary for name in key.columns}
    # A UNIQUE that adds columns to the primary key is there for references over two columns.
    unique = {name for key in table.keys if not primary < set(key.columns) for name in key.columns}
    unique |= {
        column.name
        for rule in table.rules
        if rule.definition.startswith("UNIQUE ") and " WHERE " not in rule.definition
        for column in table.columns
        if rule.name in column.rules
    }
    foreign = {name for key in _drawn(table) for name in key.columns}
    rows = []
    for column in table.columns:
        marks = [
            *["PK"] * (column.name in primary),
            *["FK"] * (column.name in foreign),
            *["U"] * (column.name in unique - primary),
            *["NULL"] * column.nullable,
        ]
        if column.name in primary | unique | foreign:
            rows.append(Row(column.name, " ".join(marks)))
    return rows


def _gap(referring: Box, target: Box) -> int:
    """Give the gap beside the referring table, on the side where its target is: gap n is right of column n."""
    return referring.column - 1 if referring.column > target.column else referring.column


def _gaps(boxes: dict[str, Box], referred: list[str]) -> list[list[str]]:
    """List, for each gap, the tables whose lines go up or down in it: first those that stay on its left side."""
    # By gap and table, the sides on which the line has an end: False is left.
    sides: list[dict[str, list[bool]]] = [{} for _ in range(max(box.column for box in boxes.values()) + 1)]
    for name in referred:
        target = boxes[name]
        sides[target.column][name] = [False]
        for box in boxes.values():
            for _ in (key for key in _drawn(box.table) if key.table == name):
                sides[_gap(box, target)].setdefault(name, []).append(box.column > target.column)
    return [sorted(gap, key=lambda name: sum(gap[name]) / len(gap[name])) for gap in sides]


def _place(columns: list[list[Table]], boxes: dict[str, Box], gaps: list[list[str]], top: float) -> float:
    """Give every box its place, and return the width of the picture."""
    x: float = MARGIN
    for column, gap in zip(columns, gaps, strict=True):
        inside = [boxes[table.name] for table in column]
        longest = [len(box.table.name) + 2 for box in inside]
        longest += [len(row.name) + len(row.marks) + 2 for box in inside for row in box.rows]
        y = top
        for box in inside:
            box.x, box.y, box.width = x, y, 2 * PAD + LETTER * max(longest)
            y += box.height + BELOW
        x += inside[0].width + (2 * SIDE + TRACK * (len(gap) - 1) if gap else 0)
    return x + MARGIN


def _connect(boxes: dict[str, Box], bundles: dict[str, Bundle], gaps: list[list[str]]) -> None:
    right = {box.column: box.x + box.width for box in boxes.values()}

    def track(gap: int, name: str) -> float:
        return right[gap] + SIDE + TRACK * gaps[gap].index(name)

    for name, bundle in bundles.items():
        target = bundle.target
        bundle.start = (target.x + target.width, target.line(target.rows[0].name))
        bundle.risers[track(target.column, name)] = [bundle.start[1]]
        for box in boxes.values():
            for key in (key for key in _drawn(box.table) if key.table == name):
                at = track(_gap(box, target), name)
                side = box.x if box.column > target.column else box.x + box.width
                bundle.ends.append(End(side, box.line(key.columns[0]), at, key.unique))
                bundle.risers.setdefault(at, []).append(bundle.ends[-1].y)
        if bundle.lane is not None:
            for heights in bundle.risers.values():
                heights.append(bundle.lane)
