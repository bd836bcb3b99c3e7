"""Searching without a name in the URL, where access logs, histories and Referer headers would keep it.

What is typed is sent by POST and kept in the session; the URL carries a random token for it.
"""

from __future__ import annotations

import secrets
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from django.http import HttpRequest

_KEPT = 20  # searches of one session that can still be gone back to
_SESSION_KEY = "searches"


def keep(request: HttpRequest, term: str) -> str:
    """Keep what was searched for, and return the token that stands for it."""
    kept: dict[str, str] = request.session.get(_SESSION_KEY, {})
    token = next((token for token, one in kept.items() if one == term), None) or f"~{secrets.token_urlsafe(8)}"
    kept[token] = term
    request.session[_SESSION_KEY] = dict(list(kept.items())[-_KEPT:])
    return token


def recall(request: HttpRequest, token: str) -> str:
    """Return what the token stands for; what is no token of this session stands for itself."""
    kept: dict[str, str] = request.session.get(_SESSION_KEY, {})
    return kept.get(token, token)
