"""What the accounts room refuses."""

from compliance.errors import ComplianceError


class TrailIsReadOnly(ComplianceError):
    """Rows of user_audit_log are evidence: the application's models read them and never write them."""

    def __init__(self, refused: str) -> None:
        super().__init__(f"user_audit_log cannot be written through its model: {refused} refused.")
        self.refused = refused
