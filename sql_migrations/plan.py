"""The whole plan, ORM and SQL, and its hash: two people who see one hash see one order of one text."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

from sql_migrations.graph import SqlMigration

if TYPE_CHECKING:
    from django.db.migrations import Migration

    from sql_migrations.executor import Executor


def whole_plan(executor: Executor) -> list[Migration]:
    """Return every node in the order in which an empty database would get them."""
    return [node for node, _ in executor.migration_plan(executor.loader.graph.leaf_nodes(), clean_start=True)]


def plan_hash(executor: Executor) -> str:
    """Hash the order of all nodes, and the bytes of the SQL files among them: SHA-256 in hex."""
    digest = hashlib.sha256()
    for node in whole_plan(executor):
        content = node.file.sha256 if isinstance(node, SqlMigration) else ""
        digest.update(f"{node.app_label}.{node.name} {content}\n".encode())
    return digest.hexdigest()
