"""The admin shows and searches encrypted fields as it does plain ones."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from django.contrib import admin
from django.contrib.admin import AdminSite
from django.contrib.admin.utils import display_for_field, lookup_field
from django.db import models
from django.test import RequestFactory

from compliance.admin import ClinicalAdmin
from compliance.encryption.errors import NotComparable
from compliance.encryption.fields import (
    EncryptedCharField,
    EncryptedDateField,
    EncryptedEmailField,
    EncryptedIntegerField,
    EncryptedJSONField,
    EncryptedTextField,
)
from tests.compliance.encryption.test_fields import FACTS

if TYPE_CHECKING:
    from tests.compliance.encryption.probe import Probe

pytestmark = pytest.mark.django_db
COUNTERPARTS: dict[type[models.Field], type[models.Field]] = {
    EncryptedCharField: models.CharField,
    EncryptedEmailField: models.EmailField,
    EncryptedTextField: models.TextField,
    EncryptedDateField: models.DateField,
    EncryptedIntegerField: models.IntegerField,
    EncryptedJSONField: models.JSONField,
}


class Screen(ClinicalAdmin[Any]):
    search_fields = ("ssn__iexact", "family_name__exact")


def shown(screen: Any, field: Any) -> tuple[type, type, bool, Any]:
    made = screen.formfield_for_dbfield(field, RequestFactory().get("/"))
    return type(made), type(made.widget), made.required, getattr(made, "max_length", None)


@pytest.mark.parametrize(("encrypted", "plain"), COUNTERPARTS.items())
@pytest.mark.parametrize("null", [True, False])
def test_a_form_of_the_admin_has_the_same_field_and_widget(
    probes: type[Probe], encrypted: Any, plain: Any, null: bool
) -> None:
    options = {"null": null, "blank": null}
    if issubclass(plain, models.CharField):
        options["max_length"] = 30
    fields = [made(**options) for made in (encrypted, plain)]
    for field in fields:
        field.set_attributes_from_name("value")
    screen = Screen(probes, AdminSite())

    assert shown(screen, fields[0]) == shown(screen, fields[1])


def test_a_list_shows_the_values(probes: type[Probe]) -> None:
    probes.objects.create(**FACTS)
    screen = Screen(probes, AdminSite())

    for name, value in FACTS.items():
        field, _attribute, found = lookup_field(name, probes.objects.get(), screen)
        assert found == value
        assert "unopened" not in display_for_field(found, field, "-")


def test_a_search_finds_by_the_whole_of_what_is_typed(probes: type[Probe]) -> None:
    row = probes.objects.create(ssn="123-45-6789", family_name="de la Cruz")
    probes.objects.create(ssn="987-65-4321", family_name="Smith")
    screen = Screen(probes, AdminSite())

    for term in ("123 45 6789", "DE LA CRUZ"):
        assert set(probes.objects.filter(screen.matches(term, screen.search_fields))) == {row}


def test_a_search_of_djangos_own_admin_finds_too_and_refuses_a_part(probes: type[Probe]) -> None:
    row = probes.objects.create(ssn="123-45-6789", family_name="Cruz")
    screen: Any = admin.ModelAdmin(probes, AdminSite())
    request, rows = RequestFactory().get("/"), probes.objects.all()

    screen.search_fields = ["=ssn", "family_name__begins"]
    assert set(screen.get_search_results(request, rows, "cruzado")[0]) == {row}
    assert set(screen.get_search_results(request, rows, "123456789")[0]) == {row}
    for lookup in ("family_name", "^family_name"):
        screen.search_fields = [lookup]
        with pytest.raises(NotComparable, match="a whole value is found by exact or in"):
            screen.get_search_results(request, rows, "cruz")
