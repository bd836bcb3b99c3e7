"""Folders of other migration tools, read as this engine's files. One module for each layout."""

from __future__ import annotations

import os
import re
from collections import defaultdict
from typing import TYPE_CHECKING

from sql_migrations.errors import SqlMigrationsError
from sql_migrations.importers import (
    convention,
    dbmate,
    diesel,
    flyway,
    golang_migrate,
    goose,
    node_pg_migrate,
    plain,
    postgrator,
    prisma,
    sqitch,
    sql_migrate,
    sqlx,
    supabase,
    tern,
)
from sql_migrations.importers.listing import Import, Layout, Listing, is_sql, list_folder

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from sql_migrations.files import SqlFile

# In the order in which they are asked: the surest signs first. `plain` takes whatever nobody claims.
_LAYOUTS: tuple[Layout, ...] = (
    sqitch,
    dbmate,
    goose,
    sql_migrate,
    node_pg_migrate,
    tern,
    convention,
    flyway,
    postgrator,
    sqlx,
    golang_migrate,
    supabase,
    diesel,
    prisma,
    plain,
)
LAYOUTS = {layout.NAME: layout for layout in _LAYOUTS}

# A migration that a program carries out, between the SQL files: leaving it out changes what the others find.
_CODE = re.compile(r"[VRU]?\d.*\.(?:go|js|mjs|ts|py|rb|java|kt|php|cs|rs)")
_IN_CODE = "a migration in code: what it does is missing here until it is written as SQL"

__all__ = ["LAYOUTS", "Import", "read", "read_files"]


def read(folder: Path, *, layout: str | None = None) -> Import:
    """Read a folder in the layout it is in, or in the one that is named.

    Raises SqlMigrationsError when there is no such folder or layout, or no SQL file in it.
    """
    # `deploy/` alone, in alphabetical order, would be another project than its plan says.
    if folder.name == "deploy" and (folder.parent / sqitch.PLAN).is_file() and layout in {None, sqitch.NAME}:
        folder = folder.parent
    try:
        listing = list_folder(folder)
    except OSError as problem:
        raise SqlMigrationsError(f"{folder} cannot be read: {problem.strerror}. Name a folder of SQL files.") from None
    return _read(listing, layout)


def read_files(paths: Iterable[Path], *, layout: str | None = None) -> Import:
    """Read single files of one folder, as that folder's layout would order them."""
    chosen = list(paths)
    for path in chosen:
        if not path.is_file():
            raise SqlMigrationsError(f"{path} is not a file. Name SQL files, or a folder that holds them.")
    names = sorted({path.name for path in chosen})
    return _read(Listing(chosen[0].parent, tuple(names), ()), layout)


def _read(listing: Listing, layout: str | None) -> Import:
    chosen = _named(layout) if layout else next(one for one in _LAYOUTS if one.claims(listing))
    files = chosen.read(listing)
    if not files:
        raise SqlMigrationsError(_nothing(listing, chosen))
    _warn_of_the_rest(listing, chosen, files)
    _warn_of_duplicates(listing, files)
    return Import(listing.path, chosen.NAME, tuple(files), listing.all_warnings())


def _named(layout: str) -> Layout:
    if layout not in LAYOUTS:
        raise SqlMigrationsError(f"there is no layout '{layout}'. Known are: {', '.join(sorted(LAYOUTS))}.")
    return LAYOUTS[layout]


def _nothing(listing: Listing, layout: Layout) -> str:
    below = _folders_with_sql(listing)
    hint = f" There are some in {', '.join(below)}: name that folder." if below else ""
    if listing.sql:
        hint = f" None of its names is one of {layout.NAME}'s: {', '.join(listing.sql[:3])}. Try --layout plain."
    return f"{listing.path} holds no SQL migration.{hint}"


def _warn_of_the_rest(listing: Listing, layout: Layout, files: list[SqlFile]) -> None:
    used = {file.path for file in files} | {file.down_path for file in files}
    others = [name for name in listing.names if not is_sql(name) and listing.path / name not in used]
    for name in others:
        if name not in getattr(layout, "OWN", ()):
            listing.leave_out(name, _IN_CODE if _CODE.fullmatch(name) else "not a SQL file")
    folders = [folder for folder in _folders_with_sql(listing) if not _used_below(listing.path / folder, used)]
    for folder in folders:
        listing.leave_out(f"{folder}/", "SQL files in a sub-folder are not part of this layout")


def _used_below(folder: Path, used: set[Path | None]) -> bool:
    return any(path is not None and path.is_relative_to(folder) for path in used)


def _folders_with_sql(listing: Listing) -> list[str]:
    return [
        folder
        for folder in listing.folders
        if any(is_sql(name) for _, _, names in os.walk(listing.path / folder) for name in names)
    ]


def _warn_of_duplicates(listing: Listing, files: list[SqlFile]) -> None:
    same: dict[str, list[str]] = defaultdict(list)
    for file in files:
        same[file.sha256].append(listing.shown(file.path))
    for names in same.values():
        if len(names) > 1:
            listing.warn(f"{' and '.join(names)} have the same content. Each is a migration of its own here.")
