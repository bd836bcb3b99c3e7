"""`manage.py export_fhir`: a patient's chart as a FHIR R4 Bundle."""

from __future__ import annotations

import argparse
import uuid
from functools import partial
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from compliance.audit.errors import NotRecorded
from compliance.commanding import on_migrated_database
from compliance.errors import AccessDenied
from compliance.whole_files import FileRefused
from records.fhir import export
from records.fhir.errors import ExportError


def uid(text: str) -> uuid.UUID:
    """Read a patient's uid. What was typed may be a name, and is not repeated."""
    try:
        return uuid.UUID(text)
    except ValueError:
        raise argparse.ArgumentTypeError(
            "this is not a uid, such as 123e4567-e89b-42d3-a456-426614174000. No name and no record number is taken, "
            "since command lines are logged."
        ) from None


class Command(BaseCommand):
    """Parses, lets the export write, and says what it wrote."""

    help = (
        "Write all that is held of a patient, and of the records merged into theirs, as a FHIR R4 Bundle. An account "
        "that --as names must be one that may see all of this chart; without one, run it as the owner. Guard it."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        """Declare whose chart, where to, and how it looks."""
        parser.add_argument("--patient", required=True, type=uid, metavar="UID", help="the patient's uid")
        parser.add_argument(
            "--output", type=Path, metavar="FILE", help="write a file that only you may read, once it is whole"
        )
        parser.add_argument("--indent", action="store_true", help="write it so that people can read it")

    def handle(self, *, patient: uuid.UUID, output: Path | None, indent: bool, **_options: Any) -> None:
        """Export, and report on standard error, so that standard output is the Bundle and nothing else."""
        try:
            with on_migrated_database():
                if output:
                    done = export.write_file(patient, output, indented=indent)
                else:
                    done = export.write(patient, partial(self.stdout.write, ending=""), indented=indent)
        except (AccessDenied, ExportError, FileRefused, NotRecorded) as error:
            raise CommandError(str(error)) from error
        except BrokenPipeError:
            raise CommandError("Whoever read the output went away before it was whole.") from None
        except OSError as error:
            raise CommandError(f"The output cannot be written, and is not whole: {error.strerror}.") from None
        if done.was_merged:
            self.stderr.write("This record was merged into another: that one was exported, with all merged into it.")
        self.stderr.write(f"Exported {done.entries} resources of {done.patients} patient record(s).")
