"""The Celery app of a worker under load: `celery -A tests.load.worker:app worker`."""

import django

django.setup()

from celery import current_app as app  # noqa: E402, F401  (Django first)
