"""Entry point for an ASGI server: `webqx.asgi:application`."""

import os

from django.core.asgi import get_asgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "webqx.settings")

application = get_asgi_application()
