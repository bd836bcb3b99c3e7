"""What an account leaves behind when it is deactivated, as numbers: whoever deactivates it need not see any of it."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple, Self

from django.db import connection

if TYPE_CHECKING:
    from compliance.accounts.models import User


class OpenWork(NamedTuple):
    """How many care relationships of an account hold now, and how many appointments with it are to come."""

    relationships: int
    appointments: int

    @classmethod
    def of(cls, user: User) -> Self:
        """Count, by functions of the database that tell no more than the numbers."""
        with connection.cursor() as cursor:
            cursor.execute("SELECT access_open_care(%s), access_open_appointments(%s)", [user.pk, user.pk])
            return cls(*cursor.fetchone())

    def said(self) -> str:
        """Say what there is; nothing when there is nothing."""
        return f"This account has {self._counted()}." if any(self) else ""

    def left(self) -> str:
        """Say what somebody else has to take over."""
        return f"Somebody else has to take over {self._counted()}." if any(self) else ""

    def _counted(self) -> str:
        return f"{self.relationships} open care relationships and {self.appointments} appointments to come"
