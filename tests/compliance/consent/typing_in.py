"""The form of a consent as a browser sends it."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from compliance.models import ConsentRecord
from tests.compliance.screens import page

if TYPE_CHECKING:
    from django.test import Client

    from patients.models import Patient

ADD = "/admin/compliance/consentrecord/add/"
DIALOG = {"_form_submitted": "on"}


def typed(patient: Patient | None, *exceptions: dict[str, Any], **facts: Any) -> dict[str, Any]:
    """What a browser sends of the form of a new consent: a yes to treatment, but for what is said otherwise."""
    sent: dict[str, Any] = {"step": "give", "grantor_kind": "patient", "purposes": ["TREAT"]}
    if patient is not None:
        sent |= {"patient": patient.pk, "consent_type": "treatment", "decision": "permit"}
    sent |= {"provisions-TOTAL_FORMS": len(exceptions), "provisions-INITIAL_FORMS": 0}
    for number, one in enumerate(exceptions):
        sent |= {f"provisions-{number}-{name}": value for name, value in one.items()}
    return {**sent, **facts}


def authorization(**facts: Any) -> dict[str, Any]:
    """What makes an authorization whole, as a browser sends it."""
    return {
        "consent_type": "research",
        "purposes": ["HRESCH"],
        "information_description": "Laboratory results",
        "disclosers": "Example Clinic",
        "recipients": "Example University\nExample Registry",
        "expires_event": "end of the study",
        "statements_shown": ["revocation", "conditioning", "redisclosure"],
        "signed_at_0": "2024-05-06",
        "signed_at_1": "09:00",
        "signature_method": "ink",
        **facts,
    }


def confirmed(client: Client, sent: dict[str, Any], address: str = ADD) -> Any:
    """Send the form, read what it comes to, and send it again with a yes."""
    shown = client.post(address, sent).context
    assert shown["confirm"] is not None, said(shown)
    return client.post(address, {**sent, "confirmed": shown["confirm"].digest})


def said(context: Any) -> list[str]:
    """All sentences with which a form was refused."""
    forms = [context["adminform"].form, *(one for formset in context["inline_admin_formsets"] for one in formset.forms)]
    return [sentence for form in forms for sentences in form.errors.values() for sentence in sentences]


def of(patient: Patient) -> list[tuple[str, str, int]]:
    """Every version that there is: its type, its status and its number."""
    found = ConsentRecord.objects.filter(patient=patient).order_by("pk")
    return list(found.values_list("consent_type", "status", "version_no"))


def pressed(client: Client, consent: ConsentRecord, button: str, **answers: Any) -> Any:
    return client.post(page(ConsentRecord, button, consent.pk), {**DIALOG, **answers})


def text_of(answer: Any) -> str:
    """What is read on a page, with one space between words."""
    return " ".join(re.sub(r"<[^>]*>", " ", answer.content.decode()).split())
