"""The entity-relationship picture: tables, their keys, and what refers to what. On dark and on light screens."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.utils.html import escape

from compliance.dictionary.layout import HEAD, MARGIN, PAD, ROW, lay_out

if TYPE_CHECKING:
    from collections.abc import Iterator

    from compliance.dictionary.facts import Dictionary
    from compliance.dictionary.layout import Box, Bundle, Picture

# A colour for each table that others refer to, on light and on dark; of a contrast of 4.5 or more to the background.
_COLOURS = [
    *(("#1f5fa8", "#7db4f5"), ("#a8480f", "#f5a25d"), ("#23743c", "#7fd197"), ("#87359a", "#d79be6")),
    *(("#7a6000", "#dcc04f"), ("#b3265e", "#f58db4"), ("#006d73", "#5fd0d6"), ("#555b66", "#b4bcc8")),
]
_LIGHT = {"ground": "#ffffff", "card": "#f6f7f9", "line": "#c9ced6", "ink": "#1c2128", "soft": "#59636e"}
_DARK = {"ground": "#14181d", "card": "#1e242b", "line": "#46505c", "ink": "#e6eaef", "soft": "#a3adb8"}
_FOOT, _SPREAD = 10, 5  # of the crow's foot, in pixels
_TITLE = "Tables and what they refer to"
_LEGEND = (
    "PK primary key · FK refers to a row · U unique, alone or together · fork: many rows refer to one · bar: one does"
)
_FOOTER = 32


def picture(dictionary: Dictionary) -> str:
    """Draw the dictionary as an SVG document."""
    drawn = lay_out(dictionary)
    height = drawn.height + _FOOTER
    lines = [
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{drawn.width:g}" height="{height:g}"',
        f'viewBox="0 0 {drawn.width:g} {height:g}" role="img" aria-labelledby="title desc">',
        f'<title id="title">{_TITLE}</title>',
        f'<desc id="desc">{escape(_described(dictionary))}</desc>',
        f"<style>{_style(len(drawn.bundles))}</style>",
        f'<rect class="ground" width="{drawn.width:g}" height="{height:g}" rx="8"/>',
        *_drawing(drawn),
        f'<text class="soft" x="{MARGIN}" y="{drawn.height + _FOOTER / 3:g}">{_LEGEND}</text>',
        "</svg>",
    ]
    return "\n".join(lines) + "\n"


def _described(dictionary: Dictionary) -> str:
    """Say the picture in words, for who does not see it."""
    sentences = ["A box for each table with its keys; a line from a column to the table that it refers to."]
    for table in dictionary.tables:
        referred = sorted({key.table for key in table.foreign_keys})
        sentences.append(f"{table.name} refers to {', '.join(referred) if referred else 'no other table'}.")
    return " ".join(sentences)


def _style(colours: int) -> str:
    light, dark = dict(_LIGHT), dict(_DARK)
    for number in range(colours):
        light[f"c{number}"], dark[f"c{number}"] = _COLOURS[number % len(_COLOURS)]
    rules = [
        f"svg{{{_variables(light)}}}",
        f"@media(prefers-color-scheme:dark){{svg{{{_variables(dark)}}}}}",
        "text{font:13px ui-monospace,'DejaVu Sans Mono',Menlo,Consolas,monospace;fill:var(--ink)}",
        ".name{font-weight:bold}.soft{fill:var(--soft)}.ground{fill:var(--ground)}",
        ".card{fill:var(--card);stroke:var(--line)}path{fill:none;stroke-width:1.6}",
        ".gap{stroke:var(--ground);stroke-width:5}",
        *(f".c{number}{{stroke:var(--c{number})}}.f{number}{{fill:var(--c{number})}}" for number in range(colours)),
    ]
    return "".join(rules)


def _variables(values: dict[str, str]) -> str:
    return ";".join(f"--{name}:{value}" for name, value in values.items())


def _drawing(drawn: Picture) -> Iterator[str]:
    for number, bundle in enumerate(drawn.bundles):
        yield from _bundle(number, bundle)
    numbers = {bundle.target.table.name: number for number, bundle in enumerate(drawn.bundles)}
    for box in drawn.boxes:
        yield from _box(box, numbers.get(box.table.name))
    for name, x, y in drawn.apps:
        yield f'<text class="soft" x="{x:g}" y="{y:g}">{escape(name)}</text>'


def _bundle(number: int, bundle: Bundle) -> Iterator[str]:
    """Draw a line, with a gap in what it crosses, crow's feet where many rows refer and a bar where one does."""
    (x, y), tracks = bundle.start, list(bundle.risers)
    pieces = [f"M{x:g} {y:g}H{tracks[0]:g}"]
    pieces += [f"M{at:g} {min(heights):g}V{max(heights):g}" for at, heights in bundle.risers.items()]
    if bundle.lane is not None:
        pieces.append(f"M{min(tracks):g} {bundle.lane:g}H{max(tracks):g}")
    feet = [f"M{x + _FOOT / 2:g} {y - _SPREAD:g}v{2 * _SPREAD:g}"]
    for end in bundle.ends:
        out = -_FOOT if end.track < end.x else _FOOT
        pieces.append(f"M{end.track:g} {end.y:g}H{end.x:g}")
        if end.unique:
            feet.append(f"M{end.x + out / 2:g} {end.y - _SPREAD:g}v{2 * _SPREAD:g}")
        else:
            feet.append(f"M{end.x:g} {end.y - _SPREAD:g}L{end.x + out:g} {end.y:g}L{end.x:g} {end.y + _SPREAD:g}")
    yield f"<g><title>What refers to {escape(bundle.target.table.name)}</title>"
    yield f'<path class="gap" d="{"".join(pieces)}"/><path class="c{number}" d="{"".join(pieces + feet)}"/>'
    for end in bundle.ends:
        heights = bundle.risers[end.track]
        if min(heights) < end.y < max(heights):
            yield f'<circle class="f{number}" cx="{end.track:g}" cy="{end.y:g}" r="3"/>'
    yield "</g>"


def _box(box: Box, number: int | None) -> Iterator[str]:
    """Draw a table. The bar at its head has the colour of the line that leads to it."""
    yield f'<rect class="card" x="{box.x:g}" y="{box.y:g}" width="{box.width:g}" height="{box.height:g}" rx="4"/>'
    if number is not None:
        yield f'<rect class="f{number}" x="{box.x:g}" y="{box.y:g}" width="{box.width:g}" height="5" rx="2"/>'
    left, right = box.x + PAD, box.x + box.width - PAD
    yield f'<text class="name" x="{left:g}" y="{box.y + HEAD - 8:g}">{escape(box.table.name)}</text>'
    for row in box.rows:
        base = box.line(row.name) + ROW / 5
        yield f'<text x="{left:g}" y="{base:g}">{escape(row.name)}</text>'
        yield f'<text class="soft" text-anchor="end" x="{right:g}" y="{base:g}">{row.marks}</text>'
