"""Consent: what a patient allowed or refused, as it was given, and what follows from it for every statement."""
