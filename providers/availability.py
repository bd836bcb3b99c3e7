"""When a provider sees patients, week by week."""

from __future__ import annotations

import zoneinfo
from datetime import time
from typing import TYPE_CHECKING, Self

from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import F, Q

from compliance import phi, rights
from compliance.audit.querysets import AuditedQuerySet
from compliance.audit.registry import audited
from compliance.clinical import ClinicalModel, row_facts
from compliance.rules import held_in_sql, in_calendar, in_order, rule
from providers.provider import Provider
from providers.value_sets import Weekday

if TYPE_CHECKING:
    from datetime import date


def time_zone(value: str) -> None:
    """Take the name of a time zone that the IANA database has."""
    if value not in zoneinfo.available_timezones():
        raise ValidationError("This is not the name of a time zone, such as America/New_York.")


class ProviderAvailabilityQuerySet(AuditedQuerySet["ProviderAvailability"]):
    """Hours in the words of a scheduler."""

    def on(self, day: date) -> Self:
        """Keep those that hold on that day, by the calendar of their own time zone, for providers who work then."""
        return self.filter(
            Q(valid_until__isnull=True) | Q(valid_until__gte=day),
            Q(provider__active_to__isnull=True) | Q(provider__active_to__gte=day),
            weekday=day.isoweekday(),
            valid_from__lte=day,
            provider__active_from__lte=day,
        )


@audited()
class ProviderAvailability(ClinicalModel):
    """Hours of one weekday in which a provider may be booked, by the clock on the wall of `time_zone`."""

    Weekday = Weekday
    APP_MAY = rights.ALL  # hours that have not begun to hold may be taken back

    provider = models.ForeignKey(
        Provider, models.PROTECT, related_name="availability", db_comment=phi.none("Who sees patients then.")
    )
    weekday = models.SmallIntegerField(
        choices=Weekday.choices, db_comment=phi.none("Day of the week: 1 is Monday, 7 is Sunday.")
    )
    starts_at = models.TimeField(db_comment=phi.none("First moment, local time."))
    ends_at = models.TimeField(db_comment=phi.none("First moment after, local time, on the same day."))
    time_zone = models.CharField(
        max_length=64,
        validators=[time_zone],
        db_comment=phi.none("The IANA time zone whose clock is meant, such as America/New_York."),
    )
    slot_minutes = models.SmallIntegerField(
        default=30, db_default=30, db_comment=phi.none("Length of the slots that are offered, in minutes.")
    )
    valid_from = models.DateField(db_comment=phi.none("First day on which these hours hold."))
    valid_until = models.DateField(null=True, blank=True, db_comment=phi.none("Last such day; NULL while it is open."))

    objects = ProviderAvailabilityQuerySet.as_manager()

    class Meta:
        db_table = "provider_availability"
        db_table_comment = "Hours of the week in which providers may be booked."
        verbose_name = "availability"
        verbose_name_plural = "availability"
        constraints = [
            rule(
                Q(weekday__gte=1, weekday__lte=7),
                name="provider_availability_weekday_known",
                message="A weekday is 1, Monday, to 7, Sunday.",
            ),
            rule(
                Q(ends_at__gt=F("starts_at")),
                name="provider_availability_hours_forwards",
                message="The hours end before they begin; a night is two rows.",
            ),
            # PostgreSQL has 24:00, which Python cannot read.
            rule(
                Q(ends_at__lte=time.max),
                name="provider_availability_ends_same_day",
                message="The hours end on the same day, at 23:59:59 at the latest.",
            ),
            rule(
                Q(slot_minutes__gte=5, slot_minutes__lte=480),
                name="provider_availability_slot_length",
                message="A slot is 5 minutes to 8 hours long.",
            ),
            rule(
                Q(time_zone__regex=r"^(UTC|[A-Za-z_]+(/[A-Za-z0-9_+-]+)+)$"),
                name="provider_availability_zone_form",
                message="A time zone has a name such as America/New_York.",
            ),
            in_order(
                "valid_from",
                "valid_until",
                name="provider_availability_valid_forwards",
                message="These hours cease before they begin to hold.",
            ),
            in_calendar(dates=["valid_from", "valid_until"], name="provider_availability_calendar"),
            held_in_sql("provider_availability_zone_known", "This is not the name of a time zone."),
            held_in_sql(
                "provider_availability_hours_once",
                "The provider's hours on this weekday overlap with others that hold at the same time.",
            ),
            *row_facts("provider_availability"),
        ]
