"""What was found and what was prescribed, in the words of FHIR R4."""

from records.medical_record import MedicalRecord
from records.prescription import Prescription

__all__ = ["MedicalRecord", "Prescription"]
