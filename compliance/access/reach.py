"""The rows within an account's reach, as a condition of a query. The functions in PostgreSQL decide."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.db.models import BooleanField, F, Func

if TYPE_CHECKING:
    from django.db.backends.base.base import BaseDatabaseWrapper
    from django.db.models.sql.compiler import SQLCompiler


class WithinReach(Func):
    """Whether a patient, whose key a column has, is within the reach of an account for a purpose, and consent lets it.

    `everybody` may be False where the policy gives no more than the rows of those in care: an index on the patient then
    serves, which an OR would keep out. How far an account reaches is asked once for a query; `consented` rows are asked
    for one by one.
    """

    output_field = BooleanField()

    def __init__(
        self, column: str, *, account: int, purpose: str, table: str, everybody: bool, consented: bool
    ) -> None:
        super().__init__(F(column))
        self.account, self.purpose, self.table = account, purpose, table
        self.everybody, self.consented = everybody, consented

    def as_sql(self, compiler: SQLCompiler, connection: BaseDatabaseWrapper, **_: Any) -> tuple[str, list[Any]]:  # type: ignore[override]
        key: Any = self.source_expressions[0]
        column, inner = compiler.compile(key)
        asked: list[Any] = [self.account, self.purpose, self.table]
        within = f"{column} = ANY ((SELECT access_whom(%s, %s, %s, 'read'))::bigint[])"
        params = [*inner, *asked]
        if self.everybody:
            within = f"((SELECT access_everybody(%s, %s, %s, 'read')) OR {within})"
            params = [*asked, *params]
        if self.consented:
            # The row itself, whose columns the function of its table reads, by the name it has in this query.
            row = column.rpartition(".")[0]
            within = f"({within} AND consent_lets({row}.*, %s, %s))"
            params += [self.account, self.purpose]
        return within, params
