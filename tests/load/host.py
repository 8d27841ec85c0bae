"""Django settings of one web process or Celery worker of the installation under load: MariaDB, Redis, sessions and users in the cache.

`LOAD_DB` names the database on the server of `BERATUNG_MARIADB_SOCKET`; `LOAD_REDIS` is a Redis address (cache 1, broker 0);
`LOAD_SMTP` the port of a mail server on this machine. Requests are atomic, as the platform has them.
"""

import os

os.environ["BERATUNG_TEST_DB"] = "mariadb"

from tests.settings import *  # noqa: F403  (one list of settings for all tests)

ALLOWED_HOSTS = ["*"]
ROOT_URLCONF = "tests.load.host_urls"
DATABASES["default"]["NAME"] = os.environ["LOAD_DB"]  # noqa: F405
DATABASES["default"]["ATOMIC_REQUESTS"] = True  # noqa: F405
DATABASES["default"]["CONN_MAX_AGE"] = 60  # noqa: F405
REDIS = os.environ["LOAD_REDIS"]
CACHES = {"default": {"BACKEND": "django.core.cache.backends.redis.RedisCache", "LOCATION": f"{REDIS}/1"}}
SESSION_ENGINE = "django.contrib.sessions.backends.cache"
MIDDLEWARE = [
    "tests.load.host_urls.WhichProcess",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "tools.session_host_urls.CachedUser",
    "django.contrib.messages.middleware.MessageMiddleware",
    "crum.CurrentRequestUserMiddleware",
]
EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
EMAIL_HOST = "127.0.0.1"
EMAIL_PORT = int(os.environ.get("LOAD_SMTP", "1"))
BERATUNG_ASYNC_FROM = int(os.environ.get("LOAD_ASYNC_FROM", "500"))
BERATUNG_BASE_URL = "https://learning.example.org"
SILENCED_SYSTEM_CHECKS = ["admin.E408"]  # persons come from the cache here, by a middleware of another name
celery_app.conf.update(task_always_eager=False, broker_url=f"{REDIS}/0", worker_hijack_root_logger=False)  # noqa: F405
LOGGING = {
    "version": 1, "disable_existing_loggers": False,
    "handlers": {"console": {"class": "logging.StreamHandler"}}, "root": {"handlers": ["console"], "level": "WARNING"},
}  # fmt: skip
