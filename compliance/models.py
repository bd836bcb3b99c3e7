"""The rooms' models, where Django looks for them."""

from compliance.access.access_review import AccessReview
from compliance.access.break_glass_grant import BreakGlassGrant
from compliance.access.care_relationship import CareRelationship
from compliance.access.notice import Notice
from compliance.access.rule import AccessRule
from compliance.accounts.models import User, UserAuditLog
from compliance.accounts.sessions import AccountSession
from compliance.audit.models import AuditLog
from compliance.consent.consent_effect import ConsentEffect
from compliance.consent.consent_provision import ConsentProvision
from compliance.consent.consent_record import ConsentRecord
from compliance.consent.consent_rule import ConsentRule

__all__ = [
    "AccessReview",
    "AccessRule",
    "AccountSession",
    "AuditLog",
    "BreakGlassGrant",
    "CareRelationship",
    "ConsentEffect",
    "ConsentProvision",
    "ConsentRecord",
    "ConsentRule",
    "Notice",
    "User",
    "UserAuditLog",
]
