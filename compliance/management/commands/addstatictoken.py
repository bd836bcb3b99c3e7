"""django-otp's command that adds a recovery code: here codes are kept as digests, and their owner makes them."""

from compliance.audit.refusing import RefusedCommand


class Command(RefusedCommand):
    """Refused."""

    help = "Refused: recovery codes are made by the owner of the account."
    refusal = (
        "Recovery codes are made on the account's page. If they are lost too: manage.py accounts remove_second_factor."
    )
