"""A table of clinical rows with one encrypted field of each kind, which only these tests have."""

from __future__ import annotations

from typing import Any, ClassVar

from django.core.validators import RegexValidator
from django.db import models
from django.db.models import Q
from django.test.utils import isolate_apps

from compliance import phi
from compliance.clinical import ClinicalModel, row_facts
from compliance.encryption import normalising
from compliance.encryption.blind_index import BlindIndex
from compliance.encryption.fields import (
    EncryptedCharField,
    EncryptedDateField,
    EncryptedEmailField,
    EncryptedIntegerField,
    EncryptedJSONField,
    EncryptedTextField,
)
from compliance.encryption.rows import SealedQuerySet
from compliance.encryption.rules import indexed, once, sealed
from compliance.rules import rule

TABLE = "probes"
SEALED = ["ssn", "family_name", "birth_date", "note", "weight", "contact", "email"]
TAKEN = "Another probe has this social security number."
INDEX = phi.none("A blind index.")


def _sealed() -> dict[str, Any]:
    return {"null": True, "blank": True, "db_comment": phi.sensitive("A value.")}


# A registry of its own: the project's models, and what is made of them, do not know of this one.
with isolate_apps("compliance"):

    class Probe(ClinicalModel):
        """Everything that a row with encrypted values can have."""

        city = models.CharField(max_length=40, null=True, blank=True, db_comment=phi.none("In plain text."))
        ssn = EncryptedCharField(
            "social security number",
            max_length=11,
            validators=[RegexValidator(r"^\d{3}-\d{2}-\d{4}$", "Write it as 123-45-6789.")],
            **_sealed(),
        )
        ssn_index = BlindIndex("ssn", by=normalising.digits, slot=0, db_comment=INDEX)
        ssn_index_b = BlindIndex("ssn", by=normalising.digits, slot=1, db_comment=INDEX)
        family_name = EncryptedCharField(max_length=200, **_sealed())
        family_name_index = BlindIndex("family_name", by=normalising.name, db_comment=INDEX)
        family_name_start = BlindIndex("family_name", by=normalising.name, letters=3, db_comment=INDEX)
        birth_date = EncryptedDateField(**_sealed())
        name_and_birth = BlindIndex("family_name", "birth_date", by=normalising.name, db_comment=INDEX)
        note = EncryptedTextField(**_sealed())
        weight = EncryptedIntegerField(**_sealed())
        contact = EncryptedJSONField(**_sealed())
        email = EncryptedEmailField(**_sealed())

        objects = SealedQuerySet.as_manager()

        class Meta:
            app_label = "compliance"
            db_table = TABLE
            constraints: ClassVar[list[models.BaseConstraint]] = [
                *sealed(TABLE, *SEALED),
                indexed("ssn_index", "ssn_index_b", of=["ssn"], name="probes_ssn_indexed"),
                indexed("family_name_index", of=["family_name"], name="probes_family_name_indexed"),
                indexed("family_name_start", of=["family_name"], name="probes_family_name_start_indexed"),
                indexed("name_and_birth", of=["family_name", "birth_date"], name="probes_name_and_birth_indexed"),
                once("ssn_index", name="probes_ssn_once", message=TAKEN),
                once("ssn_index_b", name="probes_ssn_once_b", message=TAKEN),
                rule(
                    Q(weight__isnull=True) | Q(birth_date__isnull=False),
                    name="probes_weight_of_somebody_born",
                    message="A weight needs a birth date.",
                ),
                *row_facts(TABLE),
            ]


# As the trail and the versions of the clinical tables are held.
TRIGGERS = f"""
    CREATE TRIGGER zz_keep_row_facts BEFORE INSERT OR UPDATE ON {TABLE} FOR EACH ROW EXECUTE FUNCTION keep_row_facts();
    SELECT audit_table('{TABLE}', 'compliance.probe');
"""
