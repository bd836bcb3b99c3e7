"""Who acts when `manage.py` runs: whoever is named by --as or WEBQX_AS, for what --purpose or WEBQX_PURPOSE says.

The words are taken out before a command sees its own, so that they hold for every command, Django's too. A command that
asks about somebody's access has the same words for whom it asks about: of its line, those before it say who asks.
"""

from __future__ import annotations

import contextlib
from argparse import ArgumentParser
from itertools import pairwise
from typing import TYPE_CHECKING, NamedTuple

import django
from django.db import Error
from django.db.models import Value
from django.db.models.functions import Lower

from compliance.audit.context import acting
from compliance.audit.errors import NoSuchActor

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from compliance.accounts.models import User


# The commands that have --as and --purpose themselves.
_ASKING = {("consent", "explain")}


class Words(NamedTuple):
    """What was said to manage.py: who acts, by e-mail address, what for, and the words that are the command's own."""

    email: str
    purpose: str
    rest: list[str]


def words(argv: Sequence[str], environ: Mapping[str, str]) -> Words:
    """Read the words of a command line; what it does not say, the environment may."""
    parser = ArgumentParser(add_help=False, allow_abbrev=False)
    parser.add_argument("--as", dest="email", default=environ.get("WEBQX_AS", ""))
    parser.add_argument("--purpose", default=environ.get("WEBQX_PURPOSE", ""))
    ours = next((place for place, pair in enumerate(pairwise(argv)) if pair in _ASKING), len(argv))
    said, rest = parser.parse_known_args(argv[:ours])
    return Words(said.email.strip(), said.purpose.strip(), [*rest, *argv[ours:]])


@contextlib.contextmanager
def said(words: Words) -> Iterator[None]:
    """Let a command act in the name of whom the words name. Raises NoSuchActor."""
    source = " ".join(["manage.py", *words.rest[1:2]])
    with acting(_account(words.email) if words.email else None, purpose=words.purpose or None, source=source):
        yield


def _account(email: str) -> User:
    """Find an active account. Django is set up for it, as it would be a moment later."""
    django.setup()
    from compliance.accounts.models import User  # noqa: PLC0415 - models need Django set up

    # Not the whole row: a migration may be about to add a column to it.
    named = User.objects.only("id", "email", "role").alias(any_case=Lower("email"))
    try:
        return named.get(any_case=Lower(Value(email)), is_active=True)
    except User.DoesNotExist:
        raise NoSuchActor("names no active account.") from None
    except Error as error:
        raise NoSuchActor(
            f"cannot be looked up: {type(error).__name__}. Leave it out until the accounts are there."
        ) from error
