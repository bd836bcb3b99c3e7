"""What the audit room refuses."""

from compliance.errors import ComplianceError


class TrailIsAppendOnly(ComplianceError):
    """Entries of the trail are evidence: they are added, and neither changed nor taken out."""

    def __init__(self, refused: str) -> None:
        super().__init__(f"The audit trail is append-only: {refused} refused.")
        self.refused = refused


class NotRecorded(ComplianceError):
    """What cannot be recorded is not shown."""

    def __init__(self) -> None:
        super().__init__(
            "This cannot be shown now, because the audit trail could not record that it was looked at. "
            "Tell whoever runs this system."
        )


class TrailMissing(ComplianceError):
    """The tables of the trail are not in this database."""

    def __init__(self) -> None:
        super().__init__("audit_logs is not there yet. Make it with: manage.py migrate")


class NoSuchActor(ComplianceError):
    """Nobody acts in the name of an account that is not there, or not active."""

    def __init__(self, why: str) -> None:
        super().__init__(f"--as (or WEBQX_AS) {why}")


class UnknownPatient(ComplianceError):
    """No patient has this uid."""

    def __init__(self) -> None:
        super().__init__("No patient has this uid. It stands on the patient's page, under Row.")
