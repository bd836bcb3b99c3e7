"""`manage.py import_fhir_consent`: record a FHIR R4 Consent for a patient."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from compliance.audit import context
from compliance.audit.errors import NotRecorded
from compliance.commanding import on_migrated_database
from compliance.errors import ComplianceError
from compliance.models import User
from patients.models import Patient
from records.fhir.consent_import import import_consent
from records.fhir.consent_reading import parse
from records.fhir.errors import NoSuchPatient
from records.management.commands.export_fhir import uid

if TYPE_CHECKING:
    import uuid


class Command(BaseCommand):
    """Parses, lets the capability record, and says what it recorded."""

    help = (
        "Record what a FHIR R4 Consent says of a patient, in the name of the account that --as names. What it says and "
        "this schema does not hold is refused, each with its FHIR path; then nothing is recorded."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        """Declare which file, and for whom."""
        parser.add_argument("file", type=Path, metavar="FILE", help="the Consent, as JSON")
        parser.add_argument("--patient", required=True, type=uid, metavar="UID", help="the patient's uid")

    def handle(self, *, file: Path, patient: uuid.UUID, **_options: Any) -> None:
        """Record, and say what became of it."""
        said = context.current()
        if said is None or said.actor is None:
            raise CommandError("Say who records it, for example --as ada@clinic.example.")
        try:
            resource = parse(file.read_bytes())
            with on_migrated_database():
                found = Patient.objects.filter(uid=patient).first()
                if found is None:
                    raise NoSuchPatient
                consent = import_consent(resource, found, by=User.objects.get(pk=said.actor))
        except (ComplianceError, NotRecorded) as error:
            raise CommandError(str(error)) from error
        except OSError as error:
            raise CommandError(f"{file} cannot be read: {error.strerror}.") from None
        self.stdout.write(
            f"Recorded consent {consent.consent_uid}, version {consent.version_no}, {consent.get_status_display()}."
        )
