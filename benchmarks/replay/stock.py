"""Django's own `migrate` on this project: the command line that manage.py runs, without the engine's command."""

import django
from django.core.management.commands.migrate import Command

if __name__ == "__main__":
    django.setup()
    Command().run_from_argv(["manage.py", "migrate"])
