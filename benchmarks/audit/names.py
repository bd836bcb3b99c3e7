"""Who takes part."""

NAMES = ("plain", "webqx", "django-auditlog", "django-simple-history", "django-pghistory")
# The modules of those that this project does not install.
PACKAGES = {"django-simple-history": "simple_history", "django-pghistory": "pghistory"}
