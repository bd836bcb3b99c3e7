"""Which apps hold health information, found by what they declare: a table of care, or the accounts."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.apps import apps
from django.contrib.auth import get_user_model

from compliance.clinical import ClinicalModel

if TYPE_CHECKING:
    from collections.abc import Iterable

    from django.apps import AppConfig
    from django.db.models import Model


def models(app_configs: Iterable[AppConfig] | None = None) -> list[type[Model]]:
    """List the models of the apps that have a ClinicalModel or the user model, of those given, or of all.

    Not the tables that Django makes by itself to join two models.
    """
    configs = apps.get_app_configs() if app_configs is None else app_configs
    found = [list(config.get_models()) for config in configs]
    return [model for of_app in found if any(map(_declares, of_app)) for model in of_app if not model._meta.proxy]  # noqa: SLF001


def _declares(model: type[Model]) -> bool:
    return issubclass(model, ClinicalModel) or model is get_user_model()
