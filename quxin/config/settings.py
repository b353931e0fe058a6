"""Django settings. Everything that may differ between installations comes from the environment (docs/operate/settings.md)."""

import os
import sys
from pathlib import Path

import environ
import structlog
from csp.constants import NONCE, NONE, SELF
from django.utils.translation import gettext_lazy as _

from quxin.config.environment import home, read_choice, read_flag, read_int, read_list, register_signatures, secret

BASE_DIR = Path(__file__).resolve().parents[2]
QUXIN_HOME = home()
TESTING = "pytest" in sys.modules

DEBUG = read_flag("QUXIN_DEBUG", False)
DEMO = read_flag("QUXIN_DEMO", (QUXIN_HOME / "demo").exists())
SECRET_KEY = secret(QUXIN_HOME, "secret_key")
FIELD_KEY = secret(QUXIN_HOME, "field_key")
ALLOWED_HOSTS = read_list("QUXIN_HOSTS") or ["127.0.0.1", "localhost", "[::1]"]
CSRF_TRUSTED_ORIGINS = read_list("QUXIN_ORIGINS")
PUBLIC_URL = os.environ.get("QUXIN_PUBLIC_URL", "").rstrip("/")
PORT = read_int("PORT", 8000, 1, 65535)
DIGEST = read_choice("QUXIN_DIGEST", "sha256", ("sha256", "sm3"))
register_signatures(read_list("QUXIN_SIGNATURES"))

INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.humanize",
    "django_cotton",
    "django_htmx",
    "axes",
    "ninja",
    "quxin.ledger",
    "quxin.ui",
    "quxin.orgs",
    "quxin.files",
    "quxin.packs",
    "quxin.runs",
    "quxin.records.campaigns",
    "quxin.records.commitments",
    "quxin.records.activities",
    "quxin.records.evaluations",
    "quxin.measures",
    "quxin.briefs",
    "quxin.reports",
    "quxin.desk",
    "quxin.portal",
    "quxin.api",
    "quxin.jobs",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "axes.middleware.AxesMiddleware",
]

ROOT_URLCONF = "quxin.config.urls"
WSGI_APPLICATION = "quxin.config.wsgi.application"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": False,
        "OPTIONS": {
            "loaders": [
                (
                    "django.template.loaders.cached.Loader",
                    [
                        "django_cotton.cotton_loader.Loader",
                        "django.template.loaders.filesystem.Loader",
                        "django.template.loaders.app_directories.Loader",
                    ],
                )
            ],
            "builtins": ["django_cotton.templatetags.cotton", "quxin.ui.templatetags.ui"],
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "csp.context_processors.nonce",
                "quxin.config.context.site",
            ],
        },
    }
]

# ---- database -------------------------------------------------------------------------------------------------------
DATABASE_URL = os.environ.get("DATABASE_URL", "").strip()
if DATABASE_URL:
    DATABASES = {"default": environ.Env.db_url_config(DATABASE_URL)}
    DATABASES["default"].setdefault("CONN_MAX_AGE", 60)
else:
    DATABASES = {
        "default": {
            "ENGINE": "django.db.backends.sqlite3",
            "NAME": QUXIN_HOME / "quxin.sqlite3",
            # Opening a file costs more than most questions asked of it; each server thread keeps its own for a while.
            "CONN_MAX_AGE": 60,
            "OPTIONS": {
                "transaction_mode": "IMMEDIATE",
                "timeout": 30,
                # recursive_triggers: without it REPLACE INTO slips past the ledger's delete trigger.
                # secure_delete: a key or a mark that was thrown away must not stand on in the file's free pages.
                "init_command": (
                    "PRAGMA journal_mode=WAL;PRAGMA synchronous=FULL;PRAGMA foreign_keys=ON;"
                    "PRAGMA recursive_triggers=ON;PRAGMA secure_delete=ON;PRAGMA cache_size=-65536;PRAGMA mmap_size=268435456"
                ),
            },
        }
    }
if DATABASES["default"]["ENGINE"].endswith("postgresql"):
    # Every migration writes its own SQL for partitions and triggers; a test database per worker and per work tree.
    DATABASES["default"].setdefault("TEST", {})["NAME"] = os.environ.get("QUXIN_TEST_DB", "test_quxin")
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

# ---- people ---------------------------------------------------------------------------------------------------------
AUTH_USER_MODEL = "orgs.Account"
AUTHENTICATION_BACKENDS = ["axes.backends.AxesStandaloneBackend", "django.contrib.auth.backends.ModelBackend"]
PASSWORD_HASHERS = [
    "django.contrib.auth.hashers.Argon2PasswordHasher",
    "django.contrib.auth.hashers.PBKDF2PasswordHasher",
]
if TESTING:
    PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 10}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.NumericPasswordValidator"},
]
LOGIN_URL = "/desk/login/"
LOGIN_REDIRECT_URL = "/desk/"
LOGOUT_REDIRECT_URL = "/"
AXES_FAILURE_LIMIT = read_int("QUXIN_LOGIN_ATTEMPTS", 5, 3, 100)
AXES_COOLOFF_TIME = 0.25  # hours
AXES_LOCKOUT_PARAMETERS = [["username", "ip_address"]]
AXES_LOCKOUT_TEMPLATE = "desk/locked.html"
AXES_ENABLED = not TESTING or read_flag("QUXIN_TEST_AXES", False)
AXES_VERBOSE = False
SESSION_COOKIE_AGE = read_int("QUXIN_SESSION_MINUTES", 480, 5, 10080) * 60
SESSION_SAVE_EVERY_REQUEST = False
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
CSRF_COOKIE_SAMESITE = "Lax"
CSRF_FAILURE_VIEW = "quxin.config.errors.csrf_failure"
HTTPS = read_flag("QUXIN_HTTPS", False)
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = HTTPS
SECURE_HSTS_SECONDS = 31536000 if HTTPS else 0
SECURE_SSL_REDIRECT = False
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if HTTPS else None
# How many proxies of ours stand in front; each appends to X-Forwarded-For. 0: the header is a stranger's word, not read.
PROXIES = read_int("QUXIN_PROXIES", 0, 0, 5)
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [SELF],
        "script-src": [SELF, NONCE],
        "style-src": [SELF, NONCE],
        "img-src": [SELF, "data:"],
        "object-src": [NONE],
        "base-uri": [NONE],
        "form-action": [SELF],
        "frame-ancestors": [NONE],
    }
}

# ---- words and time -------------------------------------------------------------------------------------------------
LANGUAGE_CODE = "zh-hans"
LANGUAGES = [("zh-hans", _("简体中文")), ("en", "English")]
LOCALE_PATHS = [BASE_DIR / "locale"]
USE_I18N = True
USE_TZ = True
TIME_ZONE = "Asia/Shanghai"

# ---- files ----------------------------------------------------------------------------------------------------------
STATIC_URL = "/static/"
STATIC_ROOT = QUXIN_HOME / "static"
STATIC_ROOT.mkdir(exist_ok=True)
WHITENOISE_USE_FINDERS = True
WHITENOISE_AUTOREFRESH = DEBUG
MEDIA_ROOT = QUXIN_HOME / "files"
UPLOAD_LIMIT = read_int("QUXIN_UPLOAD_MB", 20, 1, 200) * 1024 * 1024
DATA_UPLOAD_MAX_MEMORY_SIZE = 5 * 1024 * 1024
# An office sends the forms of all its branches at once.
DATA_UPLOAD_MAX_NUMBER_FILES = 400
FILE_UPLOAD_MAX_MEMORY_SIZE = 2 * 1024 * 1024
# An activity entered more than so many days after it was held is marked as a late entry.
LATE_ENTRY_DAYS = read_int("QUXIN_LATE_ENTRY_DAYS", 30, 1, 3660)
# Ballots of closed rounds from one network in a minute: a hall of voters behind one address fits, a flood does not.
CASTS_PER_MINUTE = read_int("QUXIN_CASTS_PER_MINUTE", 3000, 60, 10_000_000)
PREVIEW_DAYS = read_int("QUXIN_PREVIEW_DAYS", 7, 1, 3660)
PACKS_DIR = Path(os.environ.get("QUXIN_PACKS") or BASE_DIR / "packs")

# ---- logs: structured, without personal data (field values never enter them) ----------------------------------------
LOG_LEVEL = read_choice("QUXIN_LOG", "INFO", ("DEBUG", "INFO", "WARNING", "ERROR"))
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {
        "plain": {
            "()": structlog.stdlib.ProcessorFormatter,
            # Plain tracebacks: the pretty ones print local variables, and those may hold personal data.
            "processor": structlog.dev.ConsoleRenderer(colors=False, exception_formatter=structlog.dev.plain_traceback),
            "foreign_pre_chain": [
                structlog.stdlib.add_log_level,
                structlog.processors.TimeStamper(fmt="iso"),
            ],
        }
    },
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "plain"}},
    "root": {"handlers": ["console"], "level": LOG_LEVEL},
    "loggers": {"axes": {"level": "ERROR"}, "django.request": {"level": "ERROR"}},
}
structlog.configure(
    processors=[
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.processors.TimeStamper(fmt="iso"),
        structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
    ],
    logger_factory=structlog.stdlib.LoggerFactory(),
    wrapper_class=structlog.stdlib.BoundLogger,
    cache_logger_on_first_use=True,
)
