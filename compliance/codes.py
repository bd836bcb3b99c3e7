"""The code systems that codes are from. Which codes a system has is not shipped: terminologies are licensed."""

from __future__ import annotations

from django.db import models

from compliance.rules import one_of, passes, rule


class CodeSystem(models.TextChoices):
    """Code systems by their FHIR URI. The SQL function code_is_valid knows the form of each one's codes."""

    ICD_10_CM = "http://hl7.org/fhir/sid/icd-10-cm", "ICD-10-CM"
    LOINC = "http://loinc.org", "LOINC"
    SNOMED_CT = "http://snomed.info/sct", "SNOMED CT"
    RXNORM = "http://www.nlm.nih.gov/research/umls/rxnorm", "RxNorm"
    NDC = "http://hl7.org/fhir/sid/ndc", "NDC"
    CVX = "http://hl7.org/fhir/sid/cvx", "CVX"


def coded(system: str, code: str, *, table: str) -> list[models.BaseConstraint]:
    """Give the rules on a code and its system: both or neither, a known system, a code in that system's form."""
    return [
        rule(
            models.Q((f"{system}__isnull", True), (f"{code}__isnull", True))
            | models.Q((f"{system}__isnull", False), (f"{code}__isnull", False)),
            name=f"{table}_{code}_with_system",
            message="A code needs its code system, and a code system its code.",
        ),
        # Its name stands before `with_system`: PostgreSQL looks at CHECKs in the order of their names.
        one_of(system, CodeSystem, name=f"{table}_{code}_system_known", what="code system"),
        passes(
            "code_is_valid",
            system,
            code,
            name=f"{table}_{code}_form",
            message="This is not a code of that system: its form or its check digit is wrong.",
        ),
    ]
