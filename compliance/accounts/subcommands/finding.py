"""Finding the account that a command is about."""

from __future__ import annotations

from typing import TYPE_CHECKING

from compliance.accounts.errors import NoSuchAccount
from compliance.accounts.models import User

if TYPE_CHECKING:
    from argparse import ArgumentParser


def add_account(parser: ArgumentParser) -> None:
    """Take the e-mail address of an account."""
    parser.add_argument("email", metavar="EMAIL", help="The account's e-mail address.")


def found(email: str) -> User:
    """Find the account. Raises NoSuchAccount."""
    try:
        return User.objects.get_by_natural_key(email)
    except User.DoesNotExist:
        raise NoSuchAccount from None
