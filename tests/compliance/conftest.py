"""A browser of the admin that an administrator has logged in with."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from django.apps import apps
from django.urls import reverse

if TYPE_CHECKING:
    from django.test import Client

    from compliance.models import User


@pytest.fixture
def inside(client: Client, administrator: User) -> Client:
    from django.contrib.contenttypes.models import ContentType  # noqa: PLC0415 - models load after the settings

    client.force_login(administrator)
    # What a process asks once, and a session writes once in a while, is not counted.
    ContentType.objects.get_for_models(*apps.get_models())
    client.get(reverse("admin:index"))
    return client
