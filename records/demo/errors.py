"""Why demo data are not written."""

from __future__ import annotations


class SeedRefused(Exception):
    """The demo data would do harm here, or cannot be made as asked."""


class InProduction(SeedRefused):
    """Demo data have no place in production."""

    def __init__(self) -> None:
        super().__init__(
            "This is production (WEBQX_ENV): no made-up patient is written here, whatever the options. "
            "Seed a development database."
        )


class OthersPresent(SeedRefused):
    """The database holds patients that are not demo data."""

    def __init__(self) -> None:
        super().__init__(
            "This database holds patients that are not demo data. Seed another database, or say --beside-others "
            "when these are made up too."
        )


class SeededAlready(SeedRefused):
    """The database holds demo data."""

    def __init__(self) -> None:
        super().__init__(
            "This database holds demo data already, and nothing was added. Charts are never deleted, so to begin anew "
            "seed a new database: name it in DATABASE_URL and run ./deploy.sh migrate first."
        )


class ImpossiblePlan(SeedRefused):
    """The numbers do not go together."""
