"""Django settings of the host that ``bench_session`` measures: MariaDB, Redis, sessions and users in the cache, as in an LMS."""

import os

os.environ["BERATUNG_TEST_DB"] = "mariadb"

from tests.settings import *  # noqa: F403  (one list of settings for tests and measurements)

DEBUG = False
ALLOWED_HOSTS = ["*"]
ROOT_URLCONF = "tools.session_host_urls"
SESSION_ENGINE = "django.contrib.sessions.backends.cache"
CACHES = {
    "default": {
        "BACKEND": "django.core.cache.backends.redis.RedisCache",
        "LOCATION": f"unix://{os.environ.get('BENCH_REDIS', '/tmp/none')}",
    },
}
MIDDLEWARE = [
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "tools.session_host_urls.CachedUser",
    "django.contrib.messages.middleware.MessageMiddleware",
]
CONN_MAX_AGE = 60
DATABASES["default"]["CONN_MAX_AGE"] = 60  # noqa: F405
LOGGING_CONFIG = None
