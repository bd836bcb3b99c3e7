"""Why health information is used or disclosed: HL7 v3 PurposeOfUse, the codes that this project knows."""

from __future__ import annotations

from django.db import models


class Purpose(models.TextChoices):
    """The general set of PurposeOfUse, and the disclosures to others that rules name."""

    TREAT = "TREAT", "Treatment"
    ETREAT = "ETREAT", "Emergency treatment"
    HPAYMT = "HPAYMT", "Payment"
    HOPERAT = "HOPERAT", "Health care operations"
    HRESCH = "HRESCH", "Research"
    HMARKT = "HMARKT", "Marketing"
    PATRQT = "PATRQT", "The patient's own request"
    FAMRQT = "FAMRQT", "A family member's request"
    HDIRECT = "HDIRECT", "Facility directory"
    HLEGAL = "HLEGAL", "Legal proceedings"
    PUBHLTH = "PUBHLTH", "Public health"
    COVERAGE = "COVERAGE", "Coverage under a policy or program"
