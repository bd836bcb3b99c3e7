"""The policy as the database holds it: what `migrate` makes of policy.toml, and what row-level security reads."""

from __future__ import annotations

from django.db import models

from compliance import phi, rights
from compliance.audit.registry import audited
from compliance.rules import one_of


class Reach(models.TextChoices):
    """Whose rows a rule is about."""

    ALL = "all", "Everybody's"
    CARE = "care", "Those of patients in one's care"
    OWN = "own", "One's own"


class Action(models.TextChoices):
    """What a permission lets a statement do with the rows of its table."""

    READ = "read", "Read"
    WRITE = "write", "Write"
    NONE = "none", "Nothing by itself"


@audited()
class AccessRule(models.Model):
    """A role may do something for a purpose, with the rows of a table, of the patients within its reach."""

    Action, Reach = Action, Reach
    APP_MAY = rights.READ

    id = models.BigAutoField(primary_key=True, db_comment=phi.none("Surrogate key."))
    role = models.CharField(max_length=50, db_comment=phi.none("Name of the role: users.role, or a group's name."))
    purpose = models.CharField(max_length=20, db_comment=phi.none("What for: an HL7 PurposeOfUse code."))
    permission = models.CharField(max_length=150, db_comment=phi.none("Django's permission, app.codename."))
    table_name = models.CharField(max_length=63, db_comment=phi.none("The table whose rows it is about."))
    action = models.CharField(
        max_length=6, choices=Action.choices, db_comment=phi.none("What it lets a statement do with rows of the table.")
    )
    reach = models.CharField(
        max_length=4, choices=Reach.choices, db_comment=phi.none("Whose rows: everybody's, in one's care, one's own.")
    )

    class Meta:
        db_table = "access_rules"
        db_table_comment = "Who may do what with whose rows: policy.toml as migrate wrote it, read by each statement."
        constraints = [
            models.UniqueConstraint(
                fields=["role", "purpose", "permission"],
                name="access_rules_once",
                violation_error_message="There is a rule for this role, purpose and permission already.",
            ),
            one_of("action", Action, name="access_rules_action_known"),
            one_of("reach", Reach, name="access_rules_reach_known"),
        ]
        default_permissions = ("view",)

    def __str__(self) -> str:
        return f"{self.role} {self.permission} for {self.purpose}"
