"""The project's settings, with the SQL files from the folder that BENCHMARK_SQL_DIR names."""

import os

from webqx.settings import *  # noqa: F403 -- the same project but for one setting

SQL_MIGRATIONS_DIR = os.environ["BENCHMARK_SQL_DIR"]
