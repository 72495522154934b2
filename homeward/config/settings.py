"""How Homeward is put together: one file, everything that differs between places comes from the environment.

HOMEWARD_DB_HOST, HOMEWARD_DB_PORT, HOMEWARD_DB_NAME  where PostgreSQL is; without a host, the embedded one
HOMEWARD_ROLE_SECRET      file from which each role's password is derived (embedded), or
HOMEWARD_DB_PASSWORD_APP, …_JOB, …_AUTH, …_MIGRATE, …_SEALER  the roles' passwords
HOMEWARD_STATE            folder of the embedded database, keys and anchors
HOMEWARD_SECRET_KEY, HOMEWARD_DOCUMENT_KEY, HOMEWARD_NAME_KEY  required as soon as HOMEWARD_DB_HOST is set
HOMEWARD_HOSTS            host names served, comma separated
HOMEWARD_ROLE=job         this process is the worker
HOMEWARD_PACK             country pack, default kosovo
HOMEWARD_HTTPS            1 (default outside a demonstration): cookies travel over TLS alone
HOMEWARD_PROXY=1          a proxy that speaks TLS stands in front and sets X-Forwarded-Proto and X-Forwarded-For
HOMEWARD_PROXY_COUNT      how many proxies stand in front, default 1 with HOMEWARD_PROXY, else 0
HOMEWARD_ORIGINS          origins forms may come from, https://name, comma separated
HOMEWARD_DEMONSTRATION    1: says on every page that nobody here is real; members with a published password may be made
HOMEWARD_SECOND_FACTOR    "required" (default) or "offered" (a demonstration only)
"""

import os
from pathlib import Path
from typing import Any

from csp.constants import NONE, SELF
from django.core.exceptions import ImproperlyConfigured
from django.utils.translation import gettext_lazy as _

from tools import devdb

ROOT = Path(__file__).resolve().parent.parent.parent
env = os.environ.get

CLUSTER = devdb.describe()
STATE = CLUSTER.state

DEMONSTRATION = env("HOMEWARD_DEMONSTRATION", "0") == "1"


# --- keys ---------------------------------------------------------------------------------------------------
def key(variable: str, name: str) -> str:
    """A secret of this installation. Only the embedded database may derive its own: its folder guards both."""
    given = env(variable)
    if not given and env("HOMEWARD_DB_HOST"):
        raise ImproperlyConfigured(f"{variable} is required when HOMEWARD_DB_HOST names a server")
    return given or CLUSTER.role_password(name)


SECRET_KEY = key("HOMEWARD_SECRET_KEY", "web-secret-key")
DOCUMENT_KEY = key(
    "HOMEWARD_DOCUMENT_KEY", "document-key"
)  # also guards second factors (signin.SealedFactors)
NAME_KEY = key("HOMEWARD_NAME_KEY", "name-key")  # what names are searched by; may never change
DEBUG = False
ALLOWED_HOSTS = env("HOMEWARD_HOSTS", "localhost,127.0.0.1,[::1]").split(",")
HTTPS = env("HOMEWARD_HTTPS", "0" if DEMONSTRATION else "1") == "1"
PROXY = env("HOMEWARD_PROXY", "0") == "1"
# Anybody can write these headers: they are believed only where a proxy is known to overwrite them.
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if PROXY else None
ALLAUTH_TRUSTED_PROXY_COUNT = int(env("HOMEWARD_PROXY_COUNT", "1" if PROXY else "0"))
CSRF_TRUSTED_ORIGINS = [origin.strip() for origin in env("HOMEWARD_ORIGINS", "").split(",") if origin.strip()]

# --- parts --------------------------------------------------------------------------------------------------
INSTALLED_APPS = [
    "homeward.config",
    "homeward.foundation.kernel",
    "homeward.foundation.audit",
    "homeward.foundation.institutions",
    "homeward.foundation.access",
    "homeward.foundation.jobs",
    "homeward.foundation.web",
    "homeward.casework.people",
    "homeward.casework.cases",
    "homeward.casework.assistance",
    "homeward.doors.intake",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.humanize",
    "django.forms",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "django_htmx",
    "csp",
    "procrastinate.contrib.django",
]
MIDDLEWARE = [
    "homeward.config.middleware.PlainWhenDown",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "homeward.foundation.web.languages.LanguageMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "homeward.config.middleware.MemberContext",
]
ROOT_URLCONF = "homeward.config.urls"
WSGI_APPLICATION = "homeward.config.wsgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.template.context_processors.i18n",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "homeward.foundation.web.navigation.chrome",
            ],
            "builtins": ["homeward.foundation.web.templatetags.components"],
        },
    }
]
FORM_RENDERER = "homeward.foundation.web.components.renderer.GovukRenderer"


# --- database -----------------------------------------------------------------------------------------------
# A question here is short and stands behind many guards: the planner thinks it dear and has it compiled, which takes longer
# than the answer. Without it a case page is a fifth faster.
NO_COMPILING = "-c jit=off"


def role(name: str, **options: Any) -> dict[str, Any]:
    """The connection of one database role (see the ADR on access roles)."""
    return {
        "ENGINE": "django.db.backends.postgresql",
        "HOST": env("HOMEWARD_DB_HOST") or CLUSTER.host,
        "PORT": env("HOMEWARD_DB_PORT") or CLUSTER.port,
        "NAME": env("HOMEWARD_DB_NAME", "homeward"),
        "USER": f"homeward_{name}",
        "PASSWORD": env(f"HOMEWARD_DB_PASSWORD_{name.upper()}") or CLUSTER.role_password(f"homeward_{name}"),
        "CONN_MAX_AGE": 0,
        "TIME_ZONE": None,
        "OPTIONS": {"options": NO_COMPILING, **options},
        "TEST": {"NAME": env("HOMEWARD_DB_NAME", "homeward")},
    }


# Stacked statements are refused by server-side binding, so a hole in a query stays one query wide.
# What is asked a second time is prepared, and from the third time on only answered: reading a question and putting the guards
# around it took more than half of its time. `config/apps.py` says how many a connection remembers; a step that was refused
# (any ROLLBACK) makes it forget them. No pooler may stand between: a prepared question belongs to one session (ADR 0018).
POOLED = {
    "server_side_binding": True,
    "pool": {"min_size": 1, "max_size": 6, "timeout": 5},
    "prepare_threshold": 1,
}
DATABASES = {
    "default": role(env("HOMEWARD_ROLE", "app"), **POOLED),
    "auth": role("auth", **POOLED),
    "migrate": role("migrate", options=f"-c role=homeward_owner {NO_COMPILING}"),
    "sealer": role("sealer"),
}
DATABASE_ROUTERS = ["homeward.config.router.ByRole"]
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

# --- sign-in ------------------------------------------------------------------------------------------------
AUTH_USER_MODEL = "institutions.Account"
AUTHENTICATION_BACKENDS = ["allauth.account.auth_backends.AuthenticationBackend"]
PASSWORD_HASHERS = ["django.contrib.auth.hashers.Argon2PasswordHasher"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 12}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "home"
ACCOUNT_LOGIN_METHODS = {"username"}
ACCOUNT_SIGNUP_FIELDS = ["username*", "password1*", "password2*"]
ACCOUNT_ADAPTER = "homeward.config.signin.ClosedDoor"
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_PASSWORD_RESET_TOKEN_GENERATOR = "homeward.config.signin.Links"
PASSWORD_RESET_TIMEOUT = 3 * 24 * 3600  # as long as the first link works (sql/policies.sql, sec.invite)
ACCOUNT_USER_MODEL_EMAIL_FIELD = "email"
ACCOUNT_SESSION_REMEMBER = False
ACCOUNT_REAUTHENTICATION_REQUIRED = True
ACCOUNT_REAUTHENTICATION_TIMEOUT = 300
ACCOUNT_RATE_LIMITS = {
    "login": "30/m/ip",
    "login_failed": "10/m/ip,5/5m/key",
    "reauthenticate": "10/m/user",
    "change_password": "5/m/user",
    "reset_password": "20/m/ip,5/m/key",
}
MFA_ADAPTER = "homeward.config.signin.SealedFactors"
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
MFA_TOTP_ISSUER = "Homeward"
MFA_PASSKEY_LOGIN_ENABLED = False
MFA_WEBAUTHN_ALLOW_INSECURE_ORIGIN = not HTTPS
SECOND_FACTOR = env("HOMEWARD_SECOND_FACTOR", "required")
if SECOND_FACTOR not in ("required", "offered"):
    raise ImproperlyConfigured('HOMEWARD_SECOND_FACTOR is "required" or "offered"')
if SECOND_FACTOR == "offered" and not DEMONSTRATION:
    raise ImproperlyConfigured(
        "HOMEWARD_SECOND_FACTOR=offered is for a demonstration (HOMEWARD_DEMONSTRATION=1)"
    )
EMAIL_BACKEND = env("HOMEWARD_EMAIL_BACKEND", "django.core.mail.backends.console.EmailBackend")

SESSION_COOKIE_NAME = "homeward_session"
SESSION_COOKIE_AGE = 12 * 3600
SESSION_EXPIRE_AT_BROWSER_CLOSE = True
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = HTTPS
CSRF_COOKIE_HTTPONLY = True
CSRF_FAILURE_VIEW = "homeward.foundation.web.views.csrf_failure"
MESSAGE_STORAGE = "django.contrib.messages.storage.session.SessionStorage"
CACHES = {"default": {"BACKEND": "homeward.config.tallies.Tallies"}}  # attempts to sign in, and nothing else

# --- what a browser may do ----------------------------------------------------------------------------------
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
SECURE_HSTS_SECONDS = 31536000 if HTTPS else 0
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF],
        "style-src": [SELF],
        "img-src": [SELF, "data:"],
        "font-src": [SELF],
        "connect-src": [SELF],
        "form-action": [SELF],
        "base-uri": [NONE],
        "frame-ancestors": [NONE],
        "manifest-src": [SELF],
    }
}

# --- languages ----------------------------------------------------------------------------------------------
USE_TZ = True
TIME_ZONE = "Europe/Belgrade"  # tzdata has no Europe/Pristina; the clock there is the same
USE_I18N = True
LANGUAGE_CODE = "sq"
LANGUAGES = [
    ("sq", _("Albanian")),
    ("sr-latn", _("Serbian (Latin)")),
    ("sr", _("Serbian (Cyrillic)")),
    ("en", _("English")),
]
LOCALE_PATHS = [ROOT / "homeward" / "locale"]
FORMAT_MODULE_PATH = ["homeward.foundation.web.formats"]
LANGUAGE_COOKIE_NAME = "homeward_language"
LANGUAGE_COOKIE_SAMESITE = "Lax"

# --- files --------------------------------------------------------------------------------------------------
STATIC_URL = "/static/"
STATIC_ROOT = STATE / "static"
STORAGES = {
    "default": {
        "BACKEND": "django.core.files.storage.FileSystemStorage",
        "OPTIONS": {"location": STATE / "files"},
    },
    "staticfiles": {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"},
}
WHITENOISE_USE_FINDERS = False
DATA_UPLOAD_MAX_MEMORY_SIZE = 5 * 1024 * 1024
FILE_UPLOAD_MAX_MEMORY_SIZE = 2 * 1024 * 1024

# --- country pack and jobs ----------------------------------------------------------------------------------
PACK = env("HOMEWARD_PACK", "kosovo")
PACKS = ROOT / "packs"
PROCRASTINATE_DATABASE_ALIAS = "default"
ANCHORS = STATE / "anchors"

LOGGING: dict[str, Any] = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"format": "{asctime} {levelname} {name} {message}", "style": "{"}},
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["console"], "level": env("HOMEWARD_LOG", "WARNING")},
}
SILENCED_SYSTEM_CHECKS: list[str] = []
