"""A browser of the admin that an administrator has logged in with."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from django.apps import apps

if TYPE_CHECKING:
    from django.test import Client

    from compliance.models import User


@pytest.fixture
def inside(client: Client, administrator: User) -> Client:
    from django.contrib.contenttypes.models import ContentType  # noqa: PLC0415 - models load after the settings

    ContentType.objects.get_for_models(*apps.get_models())  # what a process asks once is not counted
    client.force_login(administrator)
    return client
