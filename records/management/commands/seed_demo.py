"""`manage.py seed_demo`: fill a database with a clinic that does not exist."""

from __future__ import annotations

import argparse
import sys
import time
from datetime import date
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from compliance.commanding import on_migrated_database
from compliance.errors import RuleBroken
from records.demo import Plan, seed
from records.demo.errors import SeedRefused
from records.demo.seed import steps
from sql_migrations.progress import counted, progress

INTERRUPTED = 130  # what a shell says of a program that Ctrl-C ended


def day(text: str) -> date:
    """Read a day."""
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise argparse.ArgumentTypeError("this is not a day, such as 2024-05-06.") from None


class Command(BaseCommand):
    """Parses the plan, has it carried out, reports."""

    help = "Fill the database with made-up patients and their history. The same numbers give the same people."

    def add_arguments(self, parser: CommandParser) -> None:
        """Declare the numbers of the plan."""
        parser.add_argument("--patients", type=int, required=True, metavar="N", help="how many patients")
        parser.add_argument("--seed", type=int, default=1, metavar="S", help="where chance begins (default: 1)")
        parser.add_argument(
            "--visits", type=int, default=6, metavar="V", help="visits of a patient in three years, on average (6)"
        )
        parser.add_argument(
            "--teams",
            type=int,
            default=0,
            metavar="T",
            help="care teams: a family physician, a pediatrician, a psychologist and a nurse (as many as are needed)",
        )
        parser.add_argument("--as-of", type=day, metavar="DATE", help="the day on which the history is told (today)")
        parser.add_argument(
            "--beside-others", action="store_true", help="seed although there are patients that are not demo data"
        )

    def handle(self, *, beside_others: bool, as_of: date | None, **options: Any) -> None:
        """Seed, and say how much in what time."""
        asked = {name: options[name] for name in ("patients", "seed", "visits", "teams")}
        if as_of:
            asked["as_of"] = as_of
        started = time.monotonic()
        try:
            plan = Plan(**asked)
            with on_migrated_database(), progress(steps(plan), self.stdout, quiet=options["verbosity"] == 0) as step:
                seeded = seed(plan, progress=step, beside_others=beside_others)
        except (SeedRefused, RuleBroken) as refused:
            raise CommandError(str(refused)) from refused
        except KeyboardInterrupt:
            self.stderr.write("Interrupted: nothing was written, the database is as before.")
            sys.exit(INTERRUPTED)
        took = time.monotonic() - started
        self.stdout.write(
            f"{counted(seeded.patients, 'patient')} with their history, {counted(seeded.rows, 'row')}, in {took:.1f} s."
        )
