"""What goes out as a FHIR Consent comes in as it was, for another patient too."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from compliance.consent.giving import decline, draft, give
from records.fhir.consent_import import import_consent
from records.fhir.consent_reading import parse
from tests.records.fhir.consents import but_for_identifiers, for_another, versions
from tests.records.fhir.drawn_consents import consents

if TYPE_CHECKING:
    from appointments.models import Encounter
    from compliance.models import User as Account
    from patients.models import Patient
    from providers.models import Provider

pytestmark = pytest.mark.django_db


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(data=st.data(), status=st.sampled_from(["active", "draft", "not-done"]))
def test_a_consent_that_is_exported_and_imported_is_exported_the_same(
    *,
    encounter: Encounter,
    other_patient: Patient,
    physician: Provider,
    clerk: Account,
    administrator: Account,
    data: st.DataObject,
    status: str,
) -> None:
    visit = type(encounter)(patient=other_patient, provider=encounter.provider, starts_at=encounter.starts_at)
    accounts = [physician.user, clerk]
    with transaction.atomic():
        visit.save()
        words = data.draw(consents(holds=status == "active", visit=encounter, accounts=accounts))
        written = (give if status == "active" else draft)(encounter.patient, by=administrator, **words)
        if status == "not-done":
            written = decline(written, by=administrator)
        before = versions(written)[-1]

        text = json.dumps(for_another(before, other_patient)).replace(str(encounter.uid), str(visit.uid))
        imported = import_consent(parse(text), other_patient, by=administrator)

        after = json.dumps(versions(imported)[-1]).replace(str(visit.uid), str(encounter.uid))
        transaction.set_rollback(True)
    assert but_for_identifiers(json.loads(after)) == but_for_identifiers(before)
