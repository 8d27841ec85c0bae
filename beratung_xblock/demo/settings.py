"""Django settings of the demo host. One SQLite file, mails as files, tasks run at once."""

import base64
import os
import secrets
from pathlib import Path

from celery import Celery

HERE = Path(__file__).resolve().parent
VAR = Path(os.environ.get("BERATUNG_DEMO_VAR", "var")).resolve()
PORT = int(os.environ.get("PORT", "8000"))


def _kept_secret(name: str) -> str:
    """Thirty-two random bytes, base64, made on first use and kept beside the database."""
    path = VAR / name
    if not path.exists():
        VAR.mkdir(parents=True, exist_ok=True)
        path.write_text(base64.b64encode(secrets.token_bytes(32)).decode(), encoding="ascii")
        path.chmod(0o600)
    return path.read_text(encoding="ascii").strip()


SECRET_KEY = _kept_secret("django.key")
DEBUG = False
ALLOWED_HOSTS = ["127.0.0.1", "localhost", "[::1]"]
USE_TZ = True
TIME_ZONE = "UTC"
USE_I18N = True
LANGUAGE_CODE = "de"
LANGUAGES = [
    ("de", "Deutsch"),
    ("en", "English"),
    ("ar", "العربية"),
    ("uk", "Українська"),
    ("ru", "Русский"),
    ("tr", "Türkçe"),
    ("fa", "فارسی"),
    ("fr", "Français"),
]
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
SITE_ID = 1

INSTALLED_APPS = [
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.messages",
    "django.contrib.sessions",
    "django.contrib.sites",
    "django.contrib.staticfiles",
    "waffle",
    "eventtracking.django.apps.EventTrackingConfig",
    "completion",
    "workbench",
    "beratung_xblock",
]
MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "crum.CurrentRequestUserMiddleware",
    "waffle.middleware.WaffleMiddleware",
]
ROOT_URLCONF = "beratung_xblock.demo.urls"
WSGI_APPLICATION = None
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [HERE / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "libraries": {"demo_texts": "beratung_xblock.demo.tags"},
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "beratung_xblock.demo.texts.chrome",
            ],
        },
    },
]
STATIC_URL = "/static/"
STATICFILES_DIRS = [HERE / "static"]
DATABASES = {
    "default": {
        "ENGINE": "django.db.backends.sqlite3",
        "NAME": VAR / "demo.sqlite3",
        "OPTIONS": {"timeout": 20},
    },
}
CACHES = {"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache", "LOCATION": "demo"}}
EMAIL_BACKEND = "django.core.mail.backends.filebased.EmailBackend"
EMAIL_FILE_PATH = VAR / "mails"
DEFAULT_FROM_EMAIL = "beratung@example.org"
LOGIN_URL = "/"
SESSION_COOKIE_NAME = "beratung_demo_session"
# The learning micro front end shows a unit inside an iframe of the same site.
X_FRAME_OPTIONS = "SAMEORIGIN"
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "handlers": {"console": {"class": "logging.StreamHandler"}},
    "root": {"handlers": ["console"], "level": "WARNING"},
    "loggers": {"django.server": {"level": "ERROR", "handlers": ["console"], "propagate": False}},
}
WORKBENCH = {"reset_state_on_restart": False, "services": {}}
EXCLUDED_XBLOCKS = set()

BERATUNG_KEYS = {"demo": _kept_secret("beratung.key")}
BERATUNG_ACTIVE_KEY = "demo"
BERATUNG_BASE_URL = os.environ.get("BERATUNG_DEMO_URL", f"http://127.0.0.1:{PORT}")

celery_app = Celery("beratung_demo")
# Tasks run where they are asked for. Tests that want to see a task waiting switch that off and run it themselves.
celery_app.conf.update(
    broker_url="memory://localhost/", task_always_eager=os.environ.get("BERATUNG_DEMO_EAGER", "1") == "1", task_eager_propagates=True
)
celery_app.set_default()

EVENT_TRACKING_ENABLED = True
