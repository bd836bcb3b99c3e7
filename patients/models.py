"""Patients, their insurance and their allergies, in the words of FHIR R4 and US Core."""

from patients.allergy import Allergy
from patients.insurance import InsuranceInfo
from patients.patient import Patient

__all__ = ["Allergy", "InsuranceInfo", "Patient"]
