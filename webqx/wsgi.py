"""Entry point for a WSGI server: `webqx.wsgi:application`."""

import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "webqx.settings")

application = get_wsgi_application()
