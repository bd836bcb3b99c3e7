"""The rows within an account's reach, as a condition of a query. The functions in PostgreSQL decide."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.db.models import BooleanField, F, Func

from compliance.access.rule import Reach

if TYPE_CHECKING:
    from django.db.backends.base.base import BaseDatabaseWrapper
    from django.db.models.sql.compiler import SQLCompiler

_REACH = "access_reach(%s, %s, %s, %s)"


class WithinReach(Func):
    """Whether a patient, whose key a column has, is within the reach of an account for a purpose.

    `everybody` may be False where the policy gives no more than the rows of those in care: an index on the patient then
    serves, which an OR would keep out. Each function is asked once for a query, not for each row.
    """

    output_field = BooleanField()

    def __init__(self, column: str, *, account: int, purpose: str, table: str, everybody: bool) -> None:
        super().__init__(F(column))
        self.account, self.asked, self.everybody = account, [account, purpose, table, "read"], everybody

    def as_sql(self, compiler: SQLCompiler, connection: BaseDatabaseWrapper, **_: Any) -> tuple[str, list[Any]]:  # type: ignore[override]
        column, params = compiler.compile(self.source_expressions[0])
        whom = f"{column} = ANY ((SELECT access_patients(%s, {_REACH}))::bigint[])"
        asked = [*params, self.account, *self.asked]
        if not self.everybody:
            return whom, asked
        return f"((SELECT '{Reach.ALL.value}' = ANY ({_REACH})) OR {whom})", [*self.asked, *asked]
