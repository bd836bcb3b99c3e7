"""Who speaks in a chart: the provider whom an account belongs to."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.utils import timezone

from providers.models import Provider
from records.errors import NotAProvider

if TYPE_CHECKING:
    from compliance.models import User


def provider_of(user: User) -> Provider:
    """Return the provider of an account, who gives care here today. Raises NotAProvider."""
    if (provider := Provider.objects.active_on(timezone.localdate()).filter(user=user).first()) is None:
        raise NotAProvider
    return provider
