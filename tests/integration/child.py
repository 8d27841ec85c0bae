"""Work in a process of its own, so that a test can kill it: `python -m tests.integration.child <what> ...`.

`BERATUNG_CHILD_DB` names the test database, `BERATUNG_CHILD_SMTP` the port of a mail server on this machine.
"""

from __future__ import annotations

import os
import sys
from concurrent.futures import ThreadPoolExecutor

import django
from django.conf import settings

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tests.settings")
settings.DATABASES["default"]["NAME"] = os.environ["BERATUNG_CHILD_DB"]
settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
settings.EMAIL_HOST = "127.0.0.1"
settings.EMAIL_PORT = int(os.environ.get("BERATUNG_CHILD_SMTP", "1"))
django.setup()

from celery import current_app as app  # noqa: E402  (Django first)

if broker := os.environ.get("BERATUNG_CHILD_BROKER"):
    app.conf.update(task_always_eager=False, broker_url=broker)


def deliver() -> None:
    """Send what is due until nothing is left."""
    from beratung_xblock.mails import delivery

    delivery.deliver()


def sign_up(round_uid: str, *user_ids: str) -> None:
    """Sign up these people on eight connections; print each id once its write is acknowledged."""
    from django.db import connections

    from beratung_xblock import outbox
    from beratung_xblock.api import signup
    from tests.integration import world
    from tests.integration.test_signup_storm import wishes_for

    outbox.announce = lambda: None
    wishes = wishes_for(round_uid)

    class Who:
        def __init__(self, pk: str) -> None:
            self.pk = int(pk)

    def one(user_id: str) -> None:
        signup.register(actor=world.actor(Who(user_id)), round_uid=round_uid, wishes=wishes)
        os.write(1, f"{user_id}\n".encode())

    def share(ids: list[str]) -> None:
        for user_id in ids:
            one(user_id)
        connections.close_all()

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(share, [list(user_ids[n::8]) for n in range(8)]))


if __name__ == "__main__":
    {"deliver": deliver, "sign_up": sign_up}[sys.argv[1]](*sys.argv[2:])
