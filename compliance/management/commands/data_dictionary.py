"""`manage.py data_dictionary`: write down what the database holds."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import DEFAULT_DB_ALIAS, connections

from compliance.commanding import on_migrated_database
from compliance.dictionary import files
from compliance.dictionary.errors import TablesMissing
from compliance.dictionary.gather import gather

if TYPE_CHECKING:
    from compliance.dictionary.facts import Dictionary


class Command(BaseCommand):
    """Writes, prints or compares; compliance.dictionary knows what."""

    help = "Write the data dictionary and its picture, from the live catalogue and the models."

    def add_arguments(self, parser: CommandParser) -> None:
        """Declare what to do instead of writing, and where."""
        instead = parser.add_mutually_exclusive_group()
        instead.add_argument("--json", action="store_true", dest="as_json", help="Print it as JSON; write nothing.")
        instead.add_argument("--check", action="store_true", help="Leave with 1 if the files are stale; write nothing.")
        parser.add_argument(
            "--output",
            type=Path,
            default=Path(settings.BASE_DIR) / "docs",
            metavar="FOLDER",
            help="Folder of data-dictionary.md and data-dictionary.svg; docs/ if none is named.",
        )
        parser.add_argument("--database", default=DEFAULT_DB_ALIAS, choices=sorted(connections.settings))

    def handle(self, *, as_json: bool, check: bool, output: Path, database: str, **_options: Any) -> None:
        """Read the facts once, then do the one thing that was asked for."""
        try:
            with on_migrated_database():
                dictionary = gather(connections[database])
        except TablesMissing as refused:
            raise CommandError(str(refused)) from refused
        try:
            self._report(dictionary, as_json=as_json, check=check, output=output)
        except OSError as error:
            raise CommandError(f"{error.filename or 'The output'} cannot be written: {error.strerror}.") from error

    def _report(self, dictionary: Dictionary, *, as_json: bool, check: bool, output: Path) -> None:
        if as_json:
            self.stdout.write(files.document(dictionary))
            return
        if not output.is_dir():
            raise CommandError(f"{output} is not a folder. Make it, or name another with --output.")
        if check:
            if found := list(files.stale(dictionary, output)):
                raise CommandError("\n".join([*found, "Write them anew: manage.py data_dictionary"]))
            self.stdout.write("The data dictionary is up to date.")
            return
        written = files.write(dictionary, output)
        for path in written:
            self.stdout.write(f"Wrote {path}")
        if not written:
            self.stdout.write("Nothing to write: the data dictionary is up to date.")
