"""Every setting, in one file, from the environment. See .env.example for what can be set."""

import tomllib
from pathlib import Path

import django_stubs_ext
from django.templatetags.static import static

from webqx import environment, logins
from webqx.cluster import APP

django_stubs_ext.monkeypatch()

BASE_DIR = Path(__file__).resolve().parent.parent

environment.read(BASE_DIR)
PRODUCTION = environment.is_production()
DEBUG = not PRODUCTION
SECRET_KEY = environment.secret_key(BASE_DIR, production=PRODUCTION)
ALLOWED_HOSTS = environment.allowed_hosts(production=PRODUCTION)
CSRF_TRUSTED_ORIGINS = environment.trusted_origins(production=PRODUCTION)

# The first app wins: sql_migrations' migrate, makemigrations and check stand before Django's own, and what compliance
# refuses stands before django-auditlog's commands.
INSTALLED_APPS = [
    "sql_migrations",
    "records",
    "appointments",
    "patients",
    "providers",
    "compliance",
    "auditlog",
    "django_otp",
    "django_otp.plugins.otp_totp",
    "django_otp.plugins.otp_static",
    "unfold.apps.BasicAppConfig",
    "webqx.apps.SiteConfig",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.postgres",
    "django.contrib.staticfiles",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django_otp.middleware.OTPMiddleware",
    "compliance.audit.middleware.AuditMiddleware",
    "compliance.accounts.idle.IdleMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
]

ROOT_URLCONF = "webqx.urls"
WSGI_APPLICATION = "webqx.wsgi.application"
ASGI_APPLICATION = "webqx.asgi.application"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ],
        },
    },
]

# Database: this process connects as the owner of the tables only when manage.py runs a command that needs to.
_DATABASE = environment.database(logins.login(), production=PRODUCTION)
# What serves, whoever asks: `manage.py check --database default` looks at what that login may do.
SERVING_DATABASE = environment.database(APP, production=PRODUCTION)
# The second connects to the same database: what the trail records of reads is committed apart from the request.
DATABASES = {"default": _DATABASE, "audit": {**_DATABASE, "TEST": {"MIRROR": "default"}}}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
# A server for `sql_migrations verify` to rebuild on: a context manager that yields the URL of an empty database.
SQL_MIGRATIONS_SCRATCH = "webqx.embedded.throwaway"
SQL_MIGRATIONS_SCRATCH_ENVIRONMENT = {"DATABASE_OWNER_URL": ""}  # it must not lead from there to the real database
# The history of SQL files says which version of this project applied them.
SQL_MIGRATIONS_APP_VERSION = tomllib.loads((BASE_DIR / "pyproject.toml").read_text())["project"]["version"]
# What migrations write is attributed to them. What they leave without audit, or granted wrongly, ends in an error.
SQL_MIGRATIONS_AROUND = "compliance.audit.deploys.carrying_out"
SQL_MIGRATIONS_POSTFLIGHT = "compliance.postflight.problems"
# The months of the trail: the calendar makes them, not the plan.
SQL_MIGRATIONS_UNPLANNED_SCHEMAS = ["audit_partitions"]

UNFOLD = {
    "SITE_TITLE": "WebQx",
    "SITE_HEADER": "WebQx",
    "STYLES": [lambda _: static("compliance/screens.css")],
    "SITE_FAVICONS": [{"rel": "icon", "type": "image/svg+xml", "href": lambda _: static("compliance/icon.svg")}],
}

# People
PASSWORD_HASHERS = [
    "django.contrib.auth.hashers.Argon2PasswordHasher",
    "django.contrib.auth.hashers.PBKDF2PasswordHasher",
]
AUTHENTICATION_BACKENDS = ["compliance.access.backend.RoleBackend"]
AUTH_USER_MODEL = "compliance.User"
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 12}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.NumericPasswordValidator"},
]

# Whether roles that need a second factor are asked for it. Development asks nobody: work begins without a phone.
SECOND_FACTOR = environment.second_factor(production=PRODUCTION)
OTP_TOTP_ISSUER = "WebQx"
OTP_ADMIN_HIDE_SENSITIVE_DATA = True
# A session in which nothing happens ends after this time.
IDLE_SECONDS = 60 * environment.number("WEBQX_IDLE_MINUTES", default=15, highest=24 * 60)

# E-mail: where its links lead, and how many seconds a mail server may take to answer.
SITE_URL = environment.site_url(ALLOWED_HOSTS, production=PRODUCTION)
EMAIL_TIMEOUT = 5

# X-Forwarded-For is believed of these only.
AUDIT_TRUSTED_PROXIES = environment.networks("WEBQX_TRUSTED_PROXIES")
# The trail: django-auditlog's entries stand in our table, so that its own is not made.
AUDITLOG_LOGENTRY_MODEL = "compliance.AuditLog"
MIGRATION_MODULES = {"auditlog": None}

# Place and time: times are stored and shown in UTC; a clinic's own zone is a matter of display.
LANGUAGE_CODE = "en-us"
USE_I18N = True
USE_TZ = True
TIME_ZONE = "UTC"

STATIC_URL = "static/"
STATIC_ROOT = BASE_DIR / "staticfiles"

# Transport: production speaks HTTPS only. Believe the header only of a proxy that removes what a client sent in it.
SECURE_SSL_REDIRECT = PRODUCTION
SECURE_HSTS_SECONDS = 31_536_000 if PRODUCTION else 0  # 365 days, what the browsers' preload list asks for
SECURE_HSTS_INCLUDE_SUBDOMAINS = PRODUCTION
SECURE_HSTS_PRELOAD = PRODUCTION
SESSION_COOKIE_SECURE = PRODUCTION
SESSION_COOKIE_HTTPONLY = True
CSRF_COOKIE_SECURE = PRODUCTION
X_FRAME_OPTIONS = "DENY"
SECURE_REFERRER_POLICY = "same-origin"
if environment.flag("DJANGO_BEHIND_PROXY"):
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
