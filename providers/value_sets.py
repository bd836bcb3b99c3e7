"""The value sets of providers. The database holds each of them as a CHECK."""

from __future__ import annotations

from django.db import models


class DeaSchedule(models.TextChoices):
    """Schedules of the Controlled Substances Act under which something may be prescribed."""

    II = "II", "Schedule II"
    III = "III", "Schedule III"
    IV = "IV", "Schedule IV"
    V = "V", "Schedule V"


class Weekday(models.IntegerChoices):
    """Days of the week, as ISO 8601 and PostgreSQL's isodow number them."""

    MONDAY = 1, "Monday"
    TUESDAY = 2, "Tuesday"
    WEDNESDAY = 3, "Wednesday"
    THURSDAY = 4, "Thursday"
    FRIDAY = 5, "Friday"
    SATURDAY = 6, "Saturday"
    SUNDAY = 7, "Sunday"
