#!/usr/bin/env python3
"""Django's command line. A setting that is missing or weak ends it with one line that names the setting."""

import os
import sys


def main() -> None:
    """Load the settings first, so that what is wrong with them is a sentence and not a traceback."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "webqx.settings")
    try:
        from django.conf import settings  # noqa: PLC0415 - a missing Django is an error with a way out
        from django.core.exceptions import ImproperlyConfigured  # noqa: PLC0415
        from django.core.management import execute_from_command_line  # noqa: PLC0415
    except ModuleNotFoundError as missing:
        sys.exit(f"WebQx: {missing.name} is not installed. Run ./deploy.sh, which installs it into .venv.")
    from webqx import logins  # noqa: PLC0415 - an error of it needs the above

    logins.connect_for(sys.argv)
    try:
        production = getattr(settings, "PRODUCTION", False)  # reading one setting loads them all
    except ImproperlyConfigured as problem:
        sys.exit(f"WebQx: {problem}")
    if production and "runserver" in sys.argv[1:2]:
        sys.exit("WebQx: runserver is for development. Run a WSGI server, for example: gunicorn webqx.wsgi:application")
    from compliance.audit import commands  # noqa: PLC0415 - they need the settings
    from compliance.audit.errors import NoSuchActor  # noqa: PLC0415

    words = commands.words(sys.argv, os.environ)
    try:
        with commands.said(words):
            execute_from_command_line(words.rest)
    except NoSuchActor as problem:
        sys.exit(f"WebQx: {problem}")


if __name__ == "__main__":
    main()
