"""Faults with real processes: workers killed, a mail server that refuses, a broker that is gone."""

import asyncio
import datetime as dt
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path

import pytest
from aiosmtpd.controller import Controller
from celery import current_app
from django.core.mail import get_connection
from django.db import connection
from django.utils import timezone
from kombu import pools

from beratung_xblock import outbox
from beratung_xblock.api import signup
from beratung_xblock.mails import delivery
from beratung_xblock.models import OutboxMail, Registration
from tests.integration import storm, world
from tests.integration.test_signup_storm import new_round, wishes_for
from tests.ports import free_port

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.mariadb, pytest.mark.slow]
ROOT = Path(__file__).resolve().parent.parent.parent


def listens(port):
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


class Inbox:
    """Keeps Message-IDs; answers as the test says."""

    def __init__(self):
        self.ids = Counter()
        self.answer = None
        self.pause = 0.0

    async def handle_DATA(self, server, session, envelope):
        if self.pause:
            await asyncio.sleep(self.pause)
        if self.answer:
            return self.answer
        head = envelope.content.decode("utf-8", "replace").split("\r\n\r\n")[0].replace("\r\n ", " ")
        (line,) = [line for line in head.split("\r\n") if line.lower().startswith("message-id:")]
        self.ids[line.split(":", 1)[1].strip()] += 1
        return "250 OK"


@pytest.fixture
def inbox(settings):
    handler = Inbox()
    controller = Controller(handler, hostname="127.0.0.1", port=free_port(), ready_timeout=60)
    controller.start()
    handler.port = controller.port
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", controller.port
    yield handler
    controller.stop()


@pytest.fixture
def quiet(monkeypatch):
    monkeypatch.setattr(outbox, "announce", lambda: None)


def child(*arguments, **environment):
    env = {**os.environ, "BERATUNG_CHILD_DB": connection.settings_dict["NAME"], **environment}
    return subprocess.Popen(
        [sys.executable, "-m", "tests.integration.child", *arguments], cwd=ROOT, env=env, stdout=subprocess.PIPE
    )


def many_mails(count):
    world.place()
    uid = new_round(world.lead(), capacity=count)
    wishes = wishes_for(uid)
    crowd = storm.people(count)
    outcome = storm.at_once([lambda p=p: signup.register(actor=p, round_uid=uid, wishes=wishes) for p in crowd])
    assert outcome.errors == []
    return uid


def forget_connections():
    """Earlier tests may have opened connections to another broker; Celery keeps them in pools."""
    pools.reset()
    current_app._pool = None
    current_app.amqp._producer_pool = None


def wait_for(condition, seconds=60):
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if condition():
            return
        time.sleep(0.05)
    raise AssertionError("it did not happen in time")


def test_workers_killed_while_sending_lose_nothing(quiet, inbox):
    many_mails(120)
    inbox.pause = 0.01
    workers = [child("deliver", BERATUNG_CHILD_SMTP=str(inbox.port)) for _ in range(3)]
    wait_for(lambda: sum(inbox.ids.values()) > 30)
    for worker in workers:
        worker.send_signal(signal.SIGKILL)
        worker.wait()
        worker.stdout.close()
    interrupted = OutboxMail.objects.filter(state="sending").count()
    assert interrupted <= 3
    assert OutboxMail.objects.filter(state="waiting").count() > 0
    inbox.pause = 0.0
    delivery.deliver(now=timezone.now() + outbox.CLAIM_LASTS + dt.timedelta(seconds=1))
    assert set(OutboxMail.objects.values_list("state", flat=True)) == {"sent"}
    assert set(inbox.ids) == set(OutboxMail.objects.values_list("message_id", flat=True))
    assert sum(inbox.ids.values()) - 120 <= interrupted, "twice only what was in flight, under the same Message-ID"


def test_eight_workers_at_once_send_each_mail_once(quiet, inbox):
    many_mails(120)
    outcome = storm.at_once([delivery.deliver] * 8, connections_used=8)
    assert outcome.errors == []
    assert set(inbox.ids.values()) == {1}
    assert len(inbox.ids) == 120


def test_a_server_killed_while_people_sign_up_keeps_what_it_acknowledged(quiet):
    world.place()
    uid = new_round(world.lead(), capacity=60, max_groups=20)
    crowd = storm.people(200)
    server = child("sign_up", uid, *(str(person.user_id) for person in crowd))
    acknowledged = [int(server.stdout.readline()) for _ in range(90)]
    server.send_signal(signal.SIGKILL)
    acknowledged += [int(line) for line in server.stdout.read().split(b"\n") if line.strip()]
    server.wait()
    server.stdout.close()
    stored = set(Registration.objects.filter(round__uid=uid).values_list("user_id", flat=True))
    assert set(acknowledged) <= stored
    assert len(stored) < 200
    mailed = set(OutboxMail.objects.values_list("registration__user_id", flat=True))
    assert mailed == stored
    counts = storm.check(uid)
    assert counts["registered"] == min(60, len(stored))
    wishes = wishes_for(uid)
    rest = [person for person in crowd if person.user_id not in stored]
    outcome = storm.at_once([lambda p=p: signup.register(actor=p, round_uid=uid, wishes=wishes) for p in rest])
    assert outcome.errors == []
    assert storm.check(uid) == {"registered": 60, "offered": 0, "waiting": 140, "cancelled": 0}


def test_a_mail_server_that_refuses_for_a_while(quiet, inbox):
    many_mails(12)
    inbox.answer = "451 4.3.0 Try again later"
    result = delivery.deliver()
    assert (result.sent, result.postponed, result.server_is_away) == (0, 12, False)
    inbox.answer = None
    assert delivery.deliver().sent == 0, "not before the pause is over"
    assert delivery.deliver(now=timezone.now() + dt.timedelta(minutes=2)).sent == 12
    assert set(inbox.ids.values()) == {1}


def test_nobody_listens_at_the_mail_server_s_port(quiet, settings):
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", free_port()
    many_mails(12)
    result = delivery.deliver()
    assert (result.postponed, result.server_is_away) == (1, True)
    assert OutboxMail.objects.filter(state="waiting", attempts=0).count() == 11


def test_a_real_worker_sends_and_a_lost_broker_loses_no_mail(inbox, tmp_path):
    port = free_port()
    redis = subprocess.Popen(
        [
            shutil.which("redis-server"),
            "--port",
            str(port),
            "--bind",
            "127.0.0.1",
            "--save",
            "",
            "--dir",
            str(tmp_path),
        ],
        stdout=subprocess.DEVNULL,
    )
    broker = f"redis://127.0.0.1:{port}/0"
    before = {key: current_app.conf[key] for key in ("task_always_eager", "broker_url")}
    worker = None
    try:
        wait_for(lambda: listens(port), 20)
        env = {
            **os.environ,
            "BERATUNG_CHILD_DB": connection.settings_dict["NAME"],
            "BERATUNG_CHILD_SMTP": str(inbox.port),
            "BERATUNG_CHILD_BROKER": broker,
        }
        worker = subprocess.Popen(
            [sys.executable, "-m", "celery", "-A", "tests.integration.child:app", "worker", "-P", "solo", "-l", "error"],
            cwd=ROOT, env=env, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        )  # fmt: skip
        current_app.conf.update(task_always_eager=False, broker_url=broker)
        forget_connections()
        world.place()
        uid = new_round(world.lead(), capacity=10)
        wishes = wishes_for(uid)
        first, second = storm.people(2)
        signup.register(actor=first, round_uid=uid, wishes=wishes)
        wait_for(lambda: sum(inbox.ids.values()) == 1)
        wait_for(lambda: OutboxMail.objects.get().state == "sent")
        redis.kill()
        redis.wait()
        begin = time.monotonic()
        assert signup.register(actor=second, round_uid=uid, wishes=wishes).state == "registered"
        assert time.monotonic() - begin < 10
        assert delivery.deliver().sent == 1
        assert set(inbox.ids.values()) == {1}
        assert len(inbox.ids) == 2
    finally:
        current_app.conf.update(before)
        forget_connections()
        for process in (worker, redis):
            if process is not None:
                process.kill()
                process.wait()


def test_the_real_connection_takes_our_timeout(inbox):
    assert get_connection(timeout=delivery.SERVER_SECONDS).timeout == 30
