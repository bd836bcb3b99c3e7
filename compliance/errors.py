"""The base of everything that the compliance rooms refuse."""


class ComplianceError(Exception):
    """A rule that protects health information refuses this."""
