"""What the accounts room refuses."""

from compliance.errors import ComplianceError


class TrailIsReadOnly(ComplianceError):
    """Rows of user_audit_log are evidence: the application's models read them and never write them."""

    def __init__(self, refused: str) -> None:
        super().__init__(f"user_audit_log cannot be written through its model: {refused} refused.")
        self.refused = refused


class SessionOver(ComplianceError):
    """A session ends once."""

    def __init__(self) -> None:
        super().__init__("This session has ended already.")


class OwnSecondFactor(ComplianceError):
    """A second factor that its owner can take away guards nothing."""

    def __init__(self) -> None:
        super().__init__(
            "Your own second factor is not removed here. Set up another app on your account's page, or ask another "
            "administrator."
        )


class StepUpRefused(ComplianceError):
    """Nobody has shown again that they are who they are logged in as."""

    def __init__(self, why: str = "The password or the token is not right.") -> None:
        super().__init__(f"{why} Nothing was done.")


class OneselfRefused(ComplianceError):
    """Somebody would change what they themselves may do."""

    def __init__(self) -> None:
        super().__init__("Nobody changes their own role, roles besides or rights. Ask another administrator.")


class SuperusersOnly(ComplianceError):
    """Only a superuser makes one, and changes the account of one."""

    def __init__(self) -> None:
        super().__init__("Only a superuser makes a superuser, or changes the account of one.")


class NoSuchAccount(ComplianceError):
    """No account has the address."""

    def __init__(self) -> None:
        super().__init__("No account has this e-mail address.")
