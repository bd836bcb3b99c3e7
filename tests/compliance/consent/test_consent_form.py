"""The form that is signed on paper: every statement that the law asks for, and a line for each element."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from compliance.consent.giving import draft
from compliance.consent.printing import FormError, parse, sheet
from compliance.consent.value_sets import AUTHORIZATIONS, OF_PART_2, ConsentType, Statement
from compliance.models import AuditLog, ConsentRecord, User
from tests.compliance.consent.typing_in import text_of
from tests.compliance.screens import page

if TYPE_CHECKING:
    from django.test import Client

    from patients.models import Patient
    from tests.compliance.consent.conftest import Gives


@pytest.mark.parametrize("kind", AUTHORIZATIONS)
def test_the_form_of_an_authorization_has_all_statements_that_a_consent_records(kind: ConsentType) -> None:
    form = sheet(kind)

    assert {one.statement for one in form.statements} - {""} == set(Statement.values)
    assert all(one.citation for one in form.statements)
    assert bool(form.notices) is (kind in OF_PART_2)


def test_an_empty_form_has_a_line_for_each_element(officer: Client, patient: Patient) -> None:
    answer = officer.get(page(ConsentRecord, "blank"), {"type": "part2_tpo", "patient": patient.pk})
    text = text_of(answer)

    assert "Quillfeather, Marigold, born 1980-02-29" in text
    assert "(42 CFR 2.31(a)(10)(ii); 45 CFR 164.508(c)(2)(ii))" in text
    assert "42 CFR part 2 prohibits unauthorized use or disclosure of these records." in text
    for element in ("What may be used or disclosed", "By whom", "To whom", "For what purpose", "Until which day"):
        assert element in text
    assert answer.content.decode().count('class="blank"') == 14


def test_an_empty_form_without_a_patient_or_of_an_unknown_type_shows_nobody(officer: Client, patient: Patient) -> None:
    for asked in ({}, {"type": "none"}, {"patient": "999999"}, {"patient": "x"}):
        answer = officer.get(page(ConsentRecord, "blank"), asked)
        assert "Authorization to use and disclose health information" in text_of(answer)
        assert "Quillfeather" not in text_of(answer)


def test_a_draft_is_printed_to_be_signed_and_a_consent_as_it_was_signed(
    officer: Client, patient: Patient, reviewer: User, gives: Gives
) -> None:
    unsigned = draft(patient, by=reviewer, consent_type=ConsentType.MARKETING, purposes=["HMARKT"])

    to_sign = text_of(officer.get(page(ConsentRecord, "printed", unsigned.pk)))
    signed = text_of(officer.get(page(ConsentRecord, "printed", gives().pk)))

    assert "a draft, which permits and denies nothing yet" in to_sign
    assert "Signature of the patient, or of who signs for the patient" in to_sign
    assert "Signed on 2024-05-06 09:00 UTC (on paper) by the patient." in signed
    assert "The registry of sore throats" in signed
    assert AuditLog.objects.filter(event_type="print", patient_id=patient.pk).count() == 2


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("version =", "not TOML"),
        ('address = "x"', "at the top: version is missing"),
        ('version = "1"\n[titles]\nfun = "x"', "there is no type of consent fun"),
        ('version = "1"\n[[statements]]\nof = ["research"]\ntext = "x"', "statements 1: says nothing of citation"),
        (
            'version = "1"\n[[notices]]\nof = ["fun"]\ntext = "x"\ncitation = "y"',
            "notices 1: there is no type of consent",
        ),
        (
            'version = "1"\n[[statements]]\nof = ["research"]\ntext = "x"\ncitation = "y"\nstatement = "fun"',
            "statements 1: there is no statement fun",
        ),
        (
            'version = "1"\n[[statements]]\nof = ["research"]\ntext = "x"\ncitation = "y"\nfun = "z"',
            "statements 1: fun is not known",
        ),
    ],
)
def test_what_the_form_cannot_say_is_refused_with_its_place(text: str, sentence: str) -> None:
    with pytest.raises(FormError, match=sentence):
        parse(text)
