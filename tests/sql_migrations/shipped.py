"""The SQL files that this project ships, by their place in its folder: a test that wants just any file names none."""

from __future__ import annotations

from pathlib import Path

import sql_migrations
from sql_migrations.files import scan

SHIPPED = [file.name for file in scan(Path(sql_migrations.__file__).parent).files]
FIRST, NEWEST = SHIPPED[0], SHIPPED[-1]
