"""What holds where no consent says anything: rules.toml as `migrate` wrote it, with the time during which it held."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q

from compliance import phi, rights
from compliance.audit.registry import audited
from compliance.consent.value_sets import ConsentDecision
from compliance.rules import in_calendar, one_of, rule


@audited()
class ConsentRule(models.Model):
    """A default for a purpose and a label; `*` stands for any. A rule that was changed ends, and another begins."""

    APP_MAY = rights.READ

    id = models.BigAutoField(primary_key=True, db_comment=phi.none("Surrogate key."))
    purpose = models.CharField(max_length=20, db_comment=phi.none("For what: an HL7 PurposeOfUse code; * for any."))
    label = models.CharField(
        max_length=10,
        db_comment=phi.none("For what kind of information: a label; * for whatever has no rule of its own."),
    )
    decision = models.CharField(
        max_length=6, choices=ConsentDecision.choices, db_comment=phi.none("Without any consent: permit or deny.")
    )
    in_emergency = models.CharField(
        max_length=6,
        choices=ConsentDecision.choices,
        db_comment=phi.none("permit: an emergency goes before any refusal."),
    )
    unless_author = models.BooleanField(
        db_comment=phi.none("Whether it does not bind whoever wrote the record, when they treat.")
    )
    citation = models.CharField(max_length=200, db_comment=phi.none("Where it is written."))
    reason = models.CharField(max_length=300, db_comment=phi.none("What it says, in a sentence."))
    starts_at = models.DateTimeField(db_comment=phi.none("From when it held."))
    ends_at = models.DateTimeField(
        null=True, db_comment=phi.none("Until when, not included; NULL for the one that holds.")
    )

    class Meta:
        db_table = "consent_rules"
        db_table_comment = "What holds without a consent, and on what ground: compliance/consent/rules.toml, over time."
        default_permissions = ("view",)
        constraints = [
            models.UniqueConstraint(
                fields=["purpose", "label"],
                name="consent_rules_once",
                condition=Q(ends_at__isnull=True),
                violation_error_message="There is a rule for this purpose and label already.",
            ),
            one_of("decision", ConsentDecision, name="consent_rules_decision_known"),
            one_of("in_emergency", ConsentDecision, name="consent_rules_emergency_known"),
            rule(
                Q(ends_at__isnull=True) | Q(ends_at__gte=F("starts_at")),
                name="consent_rules_forwards",
                message="It ends before it begins.",
            ),
            in_calendar(moments=["starts_at", "ends_at"], name="consent_rules_calendar"),
        ]

    def __str__(self) -> str:
        return f"consent rule {self.purpose} {self.label}"
