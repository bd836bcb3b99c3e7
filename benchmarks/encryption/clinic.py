"""The same patients in two tables: one in plain text with its indexes, and one encrypted with blind indexes."""

from __future__ import annotations

import random
from datetime import date, timedelta
from typing import Any, ClassVar

from django.db import models
from django.db.models import Index, UniqueConstraint
from django.test.utils import isolate_apps

from compliance import phi
from compliance.clinical import ClinicalModel
from compliance.encryption import normalising
from compliance.encryption.blind_index import BlindIndex
from compliance.encryption.fields import EncryptedCharField, EncryptedDateField
from compliance.encryption.rows import SealedQuerySet
from compliance.encryption.rules import indexed, once, sealed

# The columns of a patient that are to be encrypted and have a value as a rule, as patients/patient.py has them.
TEXTS = ("mrn", "family_name", "given_name", "middle_name", "ssn", "phone", "mobile_phone", "email")
MORE = ("address_line", "city", "postal_code", "contact_name", "contact_phone")
SEALED = (*TEXTS, *MORE, "birth_date")
SEARCHED = {
    "family_name": normalising.name,
    "phone": normalising.telephone,
    "mobile_phone": normalising.telephone,
    "email": normalising.e_mail,
}
LISTED = ["mrn", "family_name", "given_name", "birth_date", "phone"]  # what a page of a list shows
SECRET = phi.sensitive("A value.")
INDEX = phi.none("A blind index.")


def _options() -> dict[str, Any]:
    return {"max_length": 300, "null": True, "db_comment": SECRET}


def _indexes() -> dict[str, BlindIndex]:
    found = {f"{name}_index": BlindIndex(name, by=by, db_comment=INDEX) for name, by in SEARCHED.items()}
    for slot in (0, 1):
        for name, by in (("mrn", normalising.code), ("ssn", normalising.digits)):
            found[f"{name}_index_{slot}"] = BlindIndex(name, by=by, slot=slot, db_comment=INDEX)
    found["family_name_start"] = BlindIndex("family_name", by=normalising.name, letters=3, db_comment=INDEX)
    found["name_and_birth"] = BlindIndex("family_name", "birth_date", by=normalising.name, db_comment=INDEX)
    return found


def _sealed_rules() -> list[Any]:
    plural = [("mrn_index_0", "mrn_index_1"), ("ssn_index_0", "ssn_index_1")]
    single = [(name,) for name in _indexes() if not name.endswith(("_0", "_1"))]
    of = {"name_and_birth": ["family_name", "birth_date"], "family_name_start": ["family_name"]}
    return [
        *sealed("sealed_patients", *SEALED),
        *(
            indexed(*names, of=of.get(names[0], [names[0].partition("_index")[0]]), name=f"sealed_{names[0]}_held")
            for names in [*plural, *single]
        ),
        *(once(one, name=f"sealed_{one}_once", message="There is one.") for names in plural for one in names),
    ]


with isolate_apps("compliance"):

    class PlainPatient(ClinicalModel):
        """In plain text."""

        birth_date = models.DateField(null=True, db_comment=SECRET)

        class Meta:
            app_label = "compliance"
            db_table = "plain_patients"
            indexes: ClassVar = [
                Index(fields=["family_name", "birth_date"], name="plain_name_birth"),
                Index(fields=["phone"], name="plain_phone"),
                Index(fields=["mobile_phone"], name="plain_mobile"),
                Index(fields=["email"], name="plain_email"),
            ]
            constraints: ClassVar = [
                UniqueConstraint(fields=["mrn"], name="plain_mrn_once"),
                UniqueConstraint(fields=["ssn"], name="plain_ssn_once"),
            ]

    class SealedPatient(ClinicalModel):
        """Encrypted."""

        birth_date = EncryptedDateField(null=True, db_comment=SECRET)
        objects = SealedQuerySet.as_manager()

        class Meta:
            app_label = "compliance"
            db_table = "sealed_patients"
            constraints: ClassVar = _sealed_rules()
            indexes: ClassVar = [
                Index(fields=[name], name=f"sealed_{name}")
                for name in _indexes()
                if not name.endswith(("_index_0", "_index_1"))
            ]

    for _name in (*TEXTS, *MORE):
        PlainPatient.add_to_class(_name, models.CharField(**_options()))
        SealedPatient.add_to_class(_name, EncryptedCharField(**_options()))
    for _name, _index in _indexes().items():
        SealedPatient.add_to_class(_name, _index)

MODELS = {"plain": PlainPatient, "encrypted": SealedPatient}
TRIGGERS = """
    CREATE TRIGGER zz_keep_row_facts BEFORE INSERT OR UPDATE ON {0} FOR EACH ROW EXECUTE FUNCTION keep_row_facts();
    SELECT audit_table('{0}', 'compliance.patient');
"""
NAMES = (
    *("Lopez", "Smith", "Chen", "Nguyen", "Garcia", "Kim", "Patel", "Okafor"),
    *("Johansson", "Ivanova", "Cohen", "Haddad", "Silva", "Tanaka", "Brown", "Weber"),
)


def facts(number: int) -> dict[str, Any]:
    """Make up the patient of that number, the same at every run."""
    pick = random.Random(number)
    family = f"{pick.choice(NAMES)}-{pick.choice(NAMES)}"
    digits = f"{number:09}"
    return {
        "mrn": f"MRN{digits}",
        "family_name": family,
        "given_name": pick.choice(NAMES),
        "middle_name": pick.choice(NAMES),
        "ssn": f"{digits[:3]}-{digits[3:5]}-{digits[5:]}",
        "phone": f"(555) {pick.randrange(100, 999)}-{pick.randrange(1000, 9999)}",
        "mobile_phone": f"(556) {pick.randrange(100, 999)}-{pick.randrange(1000, 9999)}",
        "email": f"{family}.{number}@example.org",
        "address_line": f"{number % 9999} Long Street, Apt. {number % 99}",
        "city": "Springfield",
        "postal_code": f"{number % 99999:05}",
        "contact_name": f"{pick.choice(NAMES)} {family}",
        "contact_phone": f"(557) {pick.randrange(100, 999)}-{pick.randrange(1000, 9999)}",
        "birth_date": date(1930, 1, 1) + timedelta(days=pick.randrange(33_000)),
    }
