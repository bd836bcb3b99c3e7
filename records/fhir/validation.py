"""Whether a resource is valid FHIR: by the models of fhir.resources, and by what those leave out.

The models are those of R4B. Of the resources that are exported here R4B changed nothing but its version, so what is
valid in R4B and uses R4's codes is valid in R4. They check elements, types and cardinalities but neither the codes of
required bindings nor a list that must not be empty.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from fhir.resources.R4B import get_fhir_model_class
from pydantic import BaseModel, ValidationError

from records.fhir.errors import NotFhir

if TYPE_CHECKING:
    from collections.abc import Iterator

    from records.fhir.elements import Element


def check(resource: Element) -> None:
    """Let a valid resource pass. Raises NotFhir, which names elements and no value."""
    if places := invalid(resource):
        raise NotFhir(resource["resourceType"], resource["id"], places)


def invalid(resource: Element) -> list[str]:
    """Give the paths of what is not FHIR in a resource, such as Patient.link[0].other; none for a valid one."""
    kind = resource["resourceType"]
    try:
        return sorted(set(_wrong_codes(get_fhir_model_class(kind).model_validate(resource), kind)))
    except ValidationError as error:
        return [kind + "".join(map(_step, one["loc"])) for one in error.errors(include_input=False)]


def _step(name: str | int) -> str:
    return f"[{name}]" if isinstance(name, int) else f".{name}"


def _wrong_codes(model: BaseModel, place: str) -> Iterator[str]:
    """Find the codes that their required binding does not have, and the elements that are needed and missing."""
    for name, field in type(model).model_fields.items():
        value = getattr(model, name)
        values = value if isinstance(value, list) else [] if value is None else [value]
        rules = field.json_schema_extra if isinstance(field.json_schema_extra, dict) else {}
        allowed: Any = rules.get("enum_values")
        # "+" stands for codes that are not named: of Encounter.status, which the table's own rule holds to R4's codes.
        unknown = bool(allowed) and "+" not in allowed and any(one not in allowed for one in values)
        if unknown or (field.is_required() and not values):
            yield f"{place}.{name}"
        for number, one in enumerate(values):
            if isinstance(one, BaseModel):
                step = f"[{number}]" if isinstance(value, list) else ""
                yield from _wrong_codes(one, f"{place}.{name}{step}")
