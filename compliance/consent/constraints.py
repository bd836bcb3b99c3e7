"""What PostgreSQL holds of consents: which of them are whole, and which may not be at all."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from django.db.models import Case, F, IntegerField, Q, UniqueConstraint, Value, When
from django.db.models.expressions import Func
from django.db.models.lookups import Exact, IsNull

from compliance.consent.value_sets import (
    AUTHORIZATIONS,
    BY_AUTHORIZATION,
    IN_WRITING,
    OF_PART_2,
    PART_2,
    REFUSALS,
    ConsentDecision,
    ConsentLabel,
    ConsentStatus,
    ConsentType,
    GrantorKind,
    RepresentativeAuthority,
    ResourceType,
    SignatureMethod,
    Statement,
    WithdrawalChannel,
)
from compliance.purposes import Purpose
from compliance.rules import held_in_sql, in_calendar, in_order, one_of, rule, said, some_of

if TYPE_CHECKING:
    from django.db.models import BaseConstraint

_ACTIVE, _INACTIVE = Q(status=ConsentStatus.ACTIVE), Q(status=ConsentStatus.INACTIVE)
_YES, _NO = Q(decision=ConsentDecision.PERMIT), Q(decision=ConsentDecision.DENY)
_AUTHORIZATION = Q(consent_type__in=AUTHORIZATIONS)
# The clock of the application may go before that of the server.
_BY_NOW = F("recorded_at") + timedelta(minutes=5)
_WHOLE = (
    Q(
        information_description__isnull=False,
        signed_at__isnull=False,
        signature_method__in=(SignatureMethod.INK, SignatureMethod.ELECTRONIC),
        statements_shown__contains=Statement.values,
    )
    & ~Q(disclosers=[])
    & ~Q(recipients=[])
    & (Q(ends_at__isnull=False) | Q(expires_event__isnull=False))
)


def _names(field: str) -> BaseConstraint:
    """Refuse empty names in a list, and a list of lists, in which PostgreSQL does not look for elements."""
    flat = Exact(Func(F(field), function="array_ndims", output_field=IntegerField()), 1)
    one_by_one = Case(When(Q(flat), then=F(field)))
    named = Q()
    for nothing in ("", None):
        place = Func(one_by_one, Value(nothing), function="array_position", output_field=IntegerField())
        named &= Q(IsNull(place, True))
    return rule(named & Q(flat), name=f"consent_records_{field}_named", message="Leave out a name that is empty.")


CONSENT: list[BaseConstraint] = [
    UniqueConstraint(
        fields=["consent_uid", "version_no"],
        name="consent_records_version_once",
        violation_error_message="Somebody else has changed this consent meanwhile. Look at it as it is now.",
    ),
    one_of("consent_type", ConsentType, name="consent_records_type_known", what="type of consent"),
    one_of("status", ConsentStatus, name="consent_records_status_known"),
    one_of("decision", ConsentDecision, name="consent_records_decision_known"),
    one_of("grantor_kind", GrantorKind, name="consent_records_grantor_known", what="kind of grantor"),
    one_of("representative_authority", RepresentativeAuthority, name="consent_records_authority_known"),
    one_of("signature_method", SignatureMethod, name="consent_records_signature_known"),
    one_of("withdrawal_channel", WithdrawalChannel, name="consent_records_channel_known"),
    some_of("purposes", Purpose, name="consent_records_purposes_known", what="purpose"),
    some_of("sensitivity_labels", ConsentLabel, name="consent_records_labels_known", what="label"),
    some_of("resource_types", ResourceType, name="consent_records_resources_known", what="resource type"),
    some_of("statements_shown", Statement, name="consent_records_statements_known", what="statement"),
    _names("disclosers"),
    _names("recipients"),
    _names("intermediaries"),
    said("expires_event", "form_version", "document_reference", name="consent_records_text_not_empty"),
    rule(
        ~_ACTIVE | (Q(starts_at__isnull=False) & ~Q(purposes=[])),
        name="consent_records_active_says_what",
        message="A consent that holds says from when, and for what purposes.",
    ),
    # 45 CFR 164.508(c)(1) and (2), 42 CFR 2.31(a)
    rule(
        ~_ACTIVE | ~_AUTHORIZATION | _WHOLE,
        name="consent_records_authorization_whole",
        message=(
            "An authorization holds once it says what is disclosed, by whom, to whom, for what and until when, is "
            "signed, and the signer was told of revocation, conditions and redisclosure."
        ),
    ),
    # 45 CFR 164.508(c)(1)(vi)
    rule(
        Q(grantor_kind=GrantorKind.PATIENT, grantor_name__isnull=True, representative_authority__isnull=True)
        | Q(
            grantor_kind=GrantorKind.REPRESENTATIVE,
            grantor_name__isnull=False,
            representative_authority__isnull=False,
        ),
        name="consent_records_representative_authorized",
        message="A representative has a name and an authority to act; the patient needs neither.",
    ),
    rule(
        (~_AUTHORIZATION | _YES) & (~Q(consent_type__in=REFUSALS) | _NO),
        name="consent_records_decision_of_its_type",
        message="An authorization permits; a restriction and an opt-out deny.",
    ),
    # 45 CFR 164.508(b)(3)(ii): combined with no other authorization
    rule(
        Q(consent_type=ConsentType.PSYCHOTHERAPY, sensitivity_labels=["PSYTHPN"])
        | (~Q(consent_type=ConsentType.PSYCHOTHERAPY) & (_NO | ~Q(sensitivity_labels__contains=["PSYTHPN"]))),
        name="consent_records_psychotherapy_alone",
        message="Psychotherapy notes have an authorization of their own, which names nothing else.",
    ),
    # 42 CFR 2.31
    rule(
        Q(consent_type__in=OF_PART_2, sensitivity_labels__contains=[PART_2])
        | (~Q(consent_type__in=OF_PART_2) & (_NO | ~Q(sensitivity_labels__contains=[PART_2]))),
        name="consent_records_part2_named",
        message="Records of a Part 2 program have consents of their own, which name them.",
    ),
    # 45 CFR 164.508(a)
    rule(
        _AUTHORIZATION | _NO | ~Q(purposes__overlap=[*BY_AUTHORIZATION]),
        name="consent_records_by_authorization",
        message="Research, marketing and disclosures to others take an authorization, with all that belongs to it.",
    ),
    rule(
        _YES
        | ~Q(purposes__contains=[Purpose.HOPERAT])
        | ~Q(sensitivity_labels=[])
        | (~Q(resource_types=[]) & ~Q(resource_types__contains=[ResourceType.PATIENT]))
        | Q(encounter__isnull=False),
        name="consent_records_operations_go_on",
        message=(
            "Health care operations as a whole cannot be refused: nobody could find the record, or lift the refusal. "
            "Name labels, a visit, or parts of the chart other than who the patient is."
        ),
    ),
    # 45 CFR 164.524
    rule(
        _YES | ~Q(purposes__contains=[Purpose.PATRQT]),
        name="consent_records_own_access_stays",
        message="A patient's access to their own record is a right, which no consent takes away.",
    ),
    # 45 CFR 164.522(a)(1)(vi)
    rule(
        Q(self_paid=False) | Q(consent_type=ConsentType.RESTRICTION, purposes__contains=[Purpose.HPAYMT]),
        name="consent_records_self_paid_restricts",
        message="What was paid in full by the patient is a restriction on payment.",
    ),
    rule(
        Q(ends_at__isnull=True) | Q(ends_at__gt=F("starts_at")),
        name="consent_records_forwards",
        message="The consent ends before it begins.",
    ),
    rule(
        ~_ACTIVE | Q(ends_at__isnull=True) | Q(ends_at__gt=F("recorded_at")),
        name="consent_records_not_over",
        message="The period of this consent is over: it cannot begin to hold any more.",
    ),
    in_order(
        "data_from", "data_until", name="consent_records_data_forwards", message="The data end before they begin."
    ),
    rule(
        Q(signed_at__isnull=True, signature_method__isnull=True)
        | Q(signed_at__isnull=False, signature_method__isnull=False, signed_at__lte=_BY_NOW),
        name="consent_records_signature_whole",
        message="A signature has its day, which is not to come, and its method.",
    ),
    rule(
        Q(verified_by__isnull=True, verified_at__isnull=True) | Q(verified_by__isnull=False, verified_at__isnull=False),
        name="consent_records_verification_whole",
        message="A verification has who verified it, and when.",
    ),
    rule(
        (
            _INACTIVE
            & Q(
                withdrawal_channel__isnull=False,
                withdrawal_received_at__isnull=False,
                withdrawal_received_at__lte=_BY_NOW,
            )
        )
        | (~_INACTIVE & Q(withdrawal_channel__isnull=True, withdrawal_received_at__isnull=True)),
        name="consent_records_withdrawal_whole",
        message="A withdrawal says how and when it came, which is not to come; nothing else does.",
    ),
    # 45 CFR 164.508(b)(5)
    rule(
        ~_INACTIVE | ~_AUTHORIZATION | Q(withdrawal_channel__in=IN_WRITING),
        name="consent_records_revoked_in_writing",
        message="An authorization is revoked in writing.",
    ),
    rule(
        Q(document_digest__isnull=True) | Q(document_digest__regex=r"^[0-9a-f]{64}$"),
        name="consent_records_digest",
        message="The SHA-256 of a document has 64 hexadecimal digits, in small letters.",
    ),
    in_calendar(
        dates=["data_from", "data_until"],
        moments=[
            "recorded_at",
            "starts_at",
            "ends_at",
            "signed_at",
            "verified_at",
            "withdrawal_received_at",
        ],
        name="consent_records_calendar",
    ),
    held_in_sql("consent_records_stand", "What was recorded of a consent stands: record a new version."),
    held_in_sql(
        "consent_records_versions",
        "This does not follow the version before: the same consent of the same patient, numbered on, and not ended.",
    ),
    held_in_sql("consent_records_same_patient", "The visit is another patient's."),
    held_in_sql("consent_records_patient_current", "This patient's record has been merged: use the one that goes on."),
]

PROVISION: list[BaseConstraint] = [
    UniqueConstraint(
        fields=["consent", "number"],
        name="consent_provisions_once",
        violation_error_message="There is an exception of this number already.",
    ),
    one_of("decision", ConsentDecision, name="consent_provisions_decision_known"),
    some_of("purposes", Purpose, name="consent_provisions_purposes_known", what="purpose"),
    some_of("sensitivity_labels", ConsentLabel, name="consent_provisions_labels_known", what="label"),
    some_of("resource_types", ResourceType, name="consent_provisions_resources_known", what="resource type"),
    in_order(
        "data_from", "data_until", name="consent_provisions_data_forwards", message="The data end before they begin."
    ),
    rule(Q(number__gte=1), name="consent_provisions_numbered", message="Exceptions are numbered from 1."),
    in_calendar(dates=["data_from", "data_until"], name="consent_provisions_calendar"),
    held_in_sql("consent_provisions_stand", "What was recorded of a consent stands: record a new version."),
    held_in_sql("consent_provisions_with_consent", "An exception is written together with its consent."),
    held_in_sql("consent_provisions_opposite", "An exception says the opposite of its consent."),
    held_in_sql(
        "consent_provisions_within",
        "An exception is about what its consent is about: the same purposes and labels, or fewer.",
    ),
    held_in_sql(
        "consent_provisions_as_a_consent",
        "An exception says nothing that a consent may not say: what takes an authorization is permitted by one, and a "
        "patient's own access or operations as a whole are not refused.",
    ),
    held_in_sql("consent_provisions_same_patient", "An exception is of the same patient as its consent."),
]
