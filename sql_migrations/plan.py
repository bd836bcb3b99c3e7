"""The order of the whole plan, ORM and SQL, and its hash: two people who see one hash see one order of one text."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

from sql_migrations.graph import SqlMigration

if TYPE_CHECKING:
    from collections.abc import Iterable

    from django.db.migrations import Migration

    from sql_migrations.executor import Executor


def whole_plan(executor: Executor) -> list[Migration]:
    """Return every node in the order in which an empty database would get them."""
    return [node for node, _ in executor.migration_plan(executor.loader.graph.leaf_nodes(), clean_start=True)]


def plan_hash(executor: Executor) -> str:
    """Hash the order of all nodes, and the bytes of the SQL files among them: SHA-256 in hex."""
    return hash_of((str(node), _sha256(node)) for node in whole_plan(executor))


def hash_of(nodes: Iterable[tuple[str, str]]) -> str:
    """Hash labels, each with the hash of its file's bytes or nothing."""
    digest = hashlib.sha256()
    for label, content in nodes:
        digest.update(f"{label} {content}\n".encode())
    return digest.hexdigest()


def _sha256(node: Migration) -> str:
    return node.file.sha256 if isinstance(node, SqlMigration) else ""
