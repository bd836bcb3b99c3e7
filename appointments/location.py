"""Places of care, in the words of FHIR Location."""

from __future__ import annotations

from typing import Self

from django.db import models
from django.db.models import F, Q

from appointments.value_sets import ROOMS, LocationKind, LocationStatus
from compliance import phi
from compliance.audit.querysets import AuditedQuerySet
from compliance.audit.registry import audited
from compliance.clinical import ClinicalModel, row_facts
from compliance.rules import held_in_sql, one_of, rule, said


class LocationQuerySet(AuditedQuerySet["Location"]):
    """Places in the words of a scheduler."""

    def rooms(self) -> Self:
        """Keep those that one appointment at a time can have to itself, and that are in use."""
        return self.filter(kind__in=ROOMS, status=LocationStatus.ACTIVE)


@audited()
class Location(ClinicalModel):
    """A place of care: a site, a building, a room."""

    Kind = LocationKind
    Status = LocationStatus

    name = models.CharField(max_length=120, db_comment=phi.none("Name, as it stands on the door."))
    kind = models.CharField(
        max_length=3, choices=LocationKind.choices, db_comment=phi.none("What it is: FHIR location-physical-type.")
    )
    status = models.CharField(
        max_length=9,
        choices=LocationStatus.choices,
        default=LocationStatus.ACTIVE,
        db_default=LocationStatus.ACTIVE.value,
        db_comment=phi.none("Whether it is in use."),
    )
    part_of = models.ForeignKey(
        "self",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="parts",
        db_comment=phi.none("The place that it is in."),
    )
    phone = models.CharField(max_length=32, null=True, blank=True, db_comment=phi.none("Telephone number."))
    address_line = models.CharField(
        max_length=300, null=True, blank=True, db_comment=phi.none("Street and number; of a site or a building.")
    )
    city = models.CharField(max_length=100, null=True, blank=True, db_comment=phi.none("City or town."))
    state = models.CharField(
        max_length=2, null=True, blank=True, db_comment=phi.none("State, the USPS two-letter code.")
    )
    postal_code = models.CharField(
        "ZIP code", max_length=10, null=True, blank=True, db_comment=phi.none("ZIP or ZIP+4 code.")
    )

    objects = LocationQuerySet.as_manager()

    class Meta:
        db_table = "locations"
        db_table_comment = "Places of care. Inactive, never deleted: appointments name them."
        constraints = [
            one_of("kind", LocationKind, name="locations_kind_known"),
            one_of("status", LocationStatus, name="locations_status_known"),
            said("name", "phone", "address_line", "city", name="locations_text_not_empty"),
            models.UniqueConstraint(
                fields=["part_of", "name"],
                nulls_distinct=False,
                name="locations_name_once",
                violation_error_message="There is a place of this name there already.",
            ),
            rule(~Q(part_of=F("id")), name="locations_not_in_itself", message="A place is not in itself."),
            held_in_sql("locations_outside_itself", "That place is in this one already: places do not form a circle."),
            rule(
                Q(state__regex=r"^[A-Z]{2}$"),
                name="locations_state_form",
                message="A state is two capital letters, such as CA.",
            ),
            rule(
                Q(postal_code__regex=r"^[0-9]{5}(-[0-9]{4})?$"),
                name="locations_postal_code_form",
                message="A ZIP code is five digits, or nine as in 12345-6789.",
            ),
            *row_facts("locations"),
        ]
