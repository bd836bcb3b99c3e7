"""Providers and when they see patients, in the words of FHIR R4 Practitioner, PractitionerRole and Schedule."""

from providers.availability import ProviderAvailability
from providers.provider import Provider

__all__ = ["Provider", "ProviderAvailability"]
