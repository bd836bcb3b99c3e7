"""Every setting, in one file, from the environment. See .env.example for what can be set."""

import tomllib
from datetime import timedelta
from pathlib import Path

import django_stubs_ext
from csp import constants as csp
from django.templatetags.static import static
from django.urls import reverse_lazy

from webqx import encryption, environment, logins
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
    "axes",
    "csp",
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
    "csp.middleware.CSPMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django_otp.middleware.OTPMiddleware",
    "compliance.audit.middleware.AuditMiddleware",
    "compliance.accounts.idle.IdleMiddleware",
    "compliance.accounts.gate.SecondFactorMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "axes.middleware.AxesMiddleware",
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
    "LOGIN": {"form": "compliance.accounts.forms.LoginForm"},
    "ACCOUNT": {"navigation": [{"title": "Sign-in and sessions", "link": reverse_lazy("account:home")}]},
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
# migrate writes policy.toml into the database.
ACCESS_POLICY_SYNC = True
AUTHENTICATION_BACKENDS = ["compliance.accounts.lockout.Backend"]
LOGIN_URL = "admin:login"
LOGIN_REDIRECT_URL = "admin:index"
AUTH_USER_MODEL = "compliance.User"
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 12}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.NumericPasswordValidator"},
]

# Who fails so often is shut out for a while. Behind one address many may sit, so that it may fail more often.
AXES_FAILURE_LIMIT = 5
LOCKOUT_ADDRESS_LIMIT = 50
AXES_COOLOFF_TIME = timedelta(minutes=15)
AXES_HANDLER = "compliance.accounts.lockout.Handler"
AXES_LOCKOUT_PARAMETERS = ["username", "ip_address"]
AXES_LOCKOUT_CALLABLE = "compliance.accounts.lockout.answer"
AXES_USERNAME_CALLABLE = "compliance.accounts.lockout.name_of"
AXES_CLIENT_IP_CALLABLE = "compliance.accounts.lockout.address_of"
AXES_ENABLE_ADMIN = AXES_VERBOSE = False
# Whether roles that need a second factor are asked for it. Development asks nobody: work begins without a phone.
SECOND_FACTOR = environment.second_factor(production=PRODUCTION)
OTP_TOTP_ISSUER = "WebQx"
OTP_ADMIN_HIDE_SENSITIVE_DATA = True
# A session in which nothing happens ends after this time.
IDLE_SECONDS = 60 * environment.idle_minutes(production=PRODUCTION)
# A password is reset by mail where mail is set up, and not at all where it is not.
_MAIL = environment.mail(production=PRODUCTION)
PASSWORD_RESET = bool(_MAIL)
PASSWORD_RESET_TIMEOUT = 60 * 60  # seconds
globals().update(_MAIL)

# E-mail: where its links lead, and how many seconds a mail server may take to answer.
SITE_URL = environment.site_url(ALLOWED_HOSTS, production=PRODUCTION)
EMAIL_TIMEOUT = 5

# X-Forwarded-For is believed of these only.
AUDIT_TRUSTED_PROXIES = environment.networks("WEBQX_TRUSTED_PROXIES")
# The trail: django-auditlog's entries stand in our table, so that its own is not made.
AUDITLOG_LOGENTRY_MODEL = "compliance.AuditLog"
MIGRATION_MODULES = {"auditlog": None}

# What is sensitive is sealed with the keyset in the one place, which opens with the key in the other. See docs/keys.md.
_ENCRYPTION = encryption.where(BASE_DIR, production=PRODUCTION)
PHI_KEYSET = _ENCRYPTION["PHI_KEYSET"]
PHI_KEY_URI = _ENCRYPTION["PHI_KEY_URI"]

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
# __Host- makes a browser refuse a cookie that came without TLS, for another path, or from another host of the domain.
SESSION_COOKIE_NAME = "__Host-sessionid" if PRODUCTION else "sessionid"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = PRODUCTION
SESSION_COOKIE_HTTPONLY = CSRF_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = CSRF_COOKIE_SAMESITE = "Lax"  # Strict would log out whoever follows a link from a mail
SESSION_EXPIRE_AT_BROWSER_CLOSE = True
CSRF_COOKIE_NAME = "__Host-csrftoken" if PRODUCTION else "csrftoken"
# Nothing from elsewhere, and no script but from a file. Two holes are left for unfold: Alpine reads its attributes as
# programs ('unsafe-eval'), and its templates and HTMX write styles into the page. See docs/accounts.md.
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [csp.SELF],
        "script-src": [csp.SELF, csp.UNSAFE_EVAL],
        "style-src": [csp.SELF, csp.UNSAFE_INLINE],
        "img-src": [csp.SELF, "data:"],
        "object-src": [csp.NONE],
        "base-uri": [csp.NONE],
        "form-action": [csp.SELF],
        "frame-ancestors": [csp.NONE],
    }
}
X_FRAME_OPTIONS = "DENY"
SECURE_REFERRER_POLICY = "same-origin"
if environment.flag("DJANGO_BEHIND_PROXY"):
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
