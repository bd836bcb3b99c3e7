"""Begin a new SQL file: a name after every other, and a template that explains itself."""

from __future__ import annotations

import contextlib
import unicodedata
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from sql_migrations import stamps
from sql_migrations.errors import SqlFileError, SqlMigrationsError
from sql_migrations.graph import APP
from sql_migrations.names import PATTERN, slug

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from django.db.migrations.loader import MigrationLoader

# A file name has 255 bytes: 16 for the timestamp, 9 for `.down.sql`, and some to spare for editors' own endings.
_LONGEST = 200

_TEMPLATE = """\
-- WHY: say in one sentence why this change is needed, in place of this line.
-- Migration: {description}
-- Date: {date}
{depends}{body}"""
_EMPTY = """\
-- Plain statements that fail loudly (no IF NOT EXISTS). BEGIN and COMMIT make one transaction, with the record of this
-- file in it. The way back, if you write one, goes into a file of this name that ends in .down.sql
BEGIN;

COMMIT;
"""


def new(
    description: str,
    folder: Path,
    *,
    now: datetime | None = None,
    sql: str | None = None,
    loader: MigrationLoader | None = None,
    say: Callable[[str], None] = lambda _: None,
) -> Path:
    """Write a new file that sorts after every present one, and return its path. Never overwrites.

    With `sql`, those statements are checked and put in, with the `-- Depends:` lines that they need. Raises
    SqlMigrationsError for a description that makes no name, SqlFileError for SQL that cannot be carried out.
    """
    words = _words(description)
    moment = _moment(folder, now or datetime.now(UTC), say)
    while True:
        stem = f"{stamps.stamp(moment)}_{words}"
        depends, body = _content(sql, stem, loader)
        title = " ".join(description.split())
        text = _TEMPLATE.format(description=title, date=f"{moment:%Y-%m-%d}", depends=depends, body=body)
        path = folder / f"{stem}.sql"
        try:
            with path.open("x", encoding="utf-8", newline="") as file:
                file.write(text)
        except FileExistsError:
            moment += stamps.SECOND
        except OSError as problem:
            raise SqlMigrationsError(f"{path} cannot be written: {problem.strerror}.") from None
        else:
            return path


def _words(description: str) -> str:
    # Letters with marks become plain ones: Überweisung is uberweisung, not berweisung.
    plain = unicodedata.normalize("NFKD", description).encode("ascii", "ignore").decode()
    words = slug(plain)
    if not words:
        raise SqlMigrationsError(f"'{description}' makes no file name ({PATTERN}): use letters and digits.")
    if len(words) > _LONGEST:
        raise SqlMigrationsError(
            f"the description has {len(words)} characters, and a file name takes {_LONGEST}. Say it in a few words; "
            "the file itself has room for the rest."
        )
    return words


def _moment(folder: Path, now: datetime, say: Callable[[str], None]) -> datetime:
    try:
        newest = stamps.newest(folder)
    except OSError as problem:
        raise SqlMigrationsError(f"{folder} cannot be read: {problem.strerror}.") from None
    moment = now.astimezone(UTC).replace(microsecond=0)
    if newest is None or moment > newest:
        return moment
    if moment < newest:
        say(
            f"The newest file is dated {stamps.stamp(newest)}, ahead of the clock ({stamps.stamp(moment)} UTC): "
            "the new one is dated a second later, so that it comes last."
        )
    return newest + stamps.SECOND


def _content(sql: str | None, stem: str, loader: MigrationLoader | None) -> tuple[str, str]:
    """Return the `Depends` lines and the statements, in BEGIN … COMMIT where they can be and are not yet."""
    if sql is None:
        return "", _EMPTY
    # The parser costs 0.2 s, which an empty file does not need.
    from sql_migrations.infer import edges  # noqa: PLC0415
    from sql_migrations.statements import parse  # noqa: PLC0415
    from sql_migrations.syntax.units import plan  # noqa: PLC0415

    script = parse(sql, file=f"{stem}.sql")
    how = plan(script, transaction="auto")
    depends = edges(script, loader, after=(APP, stem)) if loader is not None else []
    body = sql.strip("\r\n") + "\n"
    if how.mode == "transaction" and not how.explicit:
        body = _in_transaction(body, len(script.statements))
    return "".join(f"{line}\n" for line in depends), body


def _in_transaction(body: str, statements: int) -> str:
    """Put BEGIN and COMMIT around statements. The last one may lack its semicolon, or hide it in a comment."""
    from sql_migrations.statements import parse  # noqa: PLC0415

    whole = f"BEGIN;\n{body}COMMIT;\n"
    with contextlib.suppress(SqlFileError):
        if len(parse(whole, file="").statements) == statements + len(("BEGIN", "COMMIT")):
            return whole
    return f"BEGIN;\n{body};\nCOMMIT;\n"
