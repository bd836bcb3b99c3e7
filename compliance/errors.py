"""The base of everything that the compliance rooms and the domain refuse."""


class ComplianceError(Exception):
    """A rule that protects health information refuses this."""


class RuleBroken(ComplianceError):
    """The database refused a row. `rule` is the constraint's name, the message its sentence; no value stands in it."""

    def __init__(self, rule: str, message: str) -> None:
        super().__init__(message)
        self.rule, self.message = rule, message


class FieldsRefused(ComplianceError):
    """Fields refused their values. `fields` has the sentences of each, by its name; no value stands in them."""

    def __init__(self, fields: dict[str, list[str]]) -> None:
        super().__init__(" ".join(f"{name}: {' '.join(sentences)}" for name, sentences in fields.items()))
        self.fields = fields


class AccessDenied(ComplianceError):
    """The account may not do this."""

    def __init__(self, permission: str) -> None:
        super().__init__(f"This account does not have the permission {permission}.")
        self.permission = permission


class OutsideCare(AccessDenied):
    """The account may do this, but not with this patient's data."""

    def __init__(self, permission: str) -> None:
        super().__init__(permission)
        self.args = (f"This account may do this ({permission}), but not for this patient, who is not in its care.",)


class OutOfSight(ComplianceError):
    """Row-level security refuses to write a row that would not be shown to whoever writes it. Nothing was written."""

    def __init__(self) -> None:
        super().__init__(
            "This cannot be written so: it would be outside of your care, or the patient's consent would not let you "
            "see it. Take away what makes it so, such as a label, or leave it to somebody who may."
        )


class Contended(ComplianceError):
    """Others change the same rows all the time, so that this could not be done. Nothing was written."""

    def __init__(self) -> None:
        super().__init__("Others are changing the same at this moment, so nothing was written. Try again.")
