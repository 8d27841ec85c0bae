"""Django settings of the test suite.

``BERATUNG_TEST_DB=sqlite`` (default) or ``mariadb``. For MariaDB the socket of a running server comes in ``BERATUNG_MARIADB_SOCKET``
(``tools/mariadb.py run -- command`` sets it); without it ``tests/conftest.py`` starts a private server for the test run.
"""

import os
import tempfile
from pathlib import Path

from celery import Celery

TEST_DB = os.environ.get("BERATUNG_TEST_DB", "sqlite")
_SCRATCH = Path("/dev/shm") if os.access("/dev/shm", os.W_OK) else Path(tempfile.gettempdir())
MARIADB_SOCKET = os.environ.setdefault("BERATUNG_MARIADB_SOCKET", str(_SCRATCH / f"beratung-mariadb-{os.getpid()}" / "db.sock"))

SECRET_KEY = "tests-only"
DEBUG = False
ALLOWED_HOSTS = ["testserver", "localhost", "127.0.0.1"]
USE_TZ = True
TIME_ZONE = "UTC"
USE_I18N = True
LANGUAGE_CODE = "en"
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
    "beratung_xblock",
]
MIDDLEWARE = [
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
]
ROOT_URLCONF = "tests.urls"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
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
STATIC_URL = "/static/"
CACHES = {"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache", "LOCATION": "tests"}}
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
DEFAULT_FROM_EMAIL = "beratung@example.org"

if TEST_DB == "mariadb":
    DATABASES = {
        "default": {
            "ENGINE": "django.db.backends.mysql",
            "NAME": "beratung",
            "USER": "beratung",
            "PASSWORD": "",
            "HOST": MARIADB_SOCKET,
            # What Open edX uses: utf8mb4 and the isolation level of Django's default for MySQL.
            "OPTIONS": {"charset": "utf8mb4", "isolation_level": "read committed"},
            "TEST": {"CHARSET": "utf8mb4", "COLLATION": "utf8mb4_unicode_ci"},
        },
    }
elif TEST_DB == "sqlite":
    # A file, as in the demo: threads that share an in-memory database lock each other out at once, without waiting.
    SQLITE_FOLDER = Path("/dev/shm") if Path("/dev/shm").is_dir() else Path(tempfile.gettempdir())
    DATABASES = {
        "default": {
            "ENGINE": "django.db.backends.sqlite3",
            "NAME": ":memory:",
            "OPTIONS": {"timeout": 20},
            "TEST": {"NAME": str(SQLITE_FOLDER / f"beratung-tests-{os.getpid()}.sqlite3")},
        },
    }
else:
    raise SystemExit(f"BERATUNG_TEST_DB must be 'sqlite' or 'mariadb', not {TEST_DB!r}")

# Thirty-two bytes each, base64; a second, older key so that rotation can be tested.
BERATUNG_KEYS = {
    "t2": "dGVzdHMtb25seS1rZXktbnVtYmVyLXR3by0zMmJ5dGU=",
    "t1": "dGVzdHMtb25seS1rZXktbnVtYmVyLW9uZS0zMmJ5dGU=",
}
BERATUNG_ACTIVE_KEY = "t2"

celery_app = Celery("tests")
celery_app.conf.update(broker_url="memory://localhost/", task_always_eager=True, task_eager_propagates=True)
celery_app.set_default()

EVENT_TRACKING_ENABLED = True
