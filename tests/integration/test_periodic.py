"""The periodic run: safe twice at once, and one failing step stops no other."""

import datetime as dt

import pytest
from django.core import mail
from django.core.cache import cache
from django.core.management import CommandError, call_command
from django.db import connection
from django.utils import timezone

from beratung_xblock import outbox
from beratung_xblock.api import periodic, reminders, retention, signup
from beratung_xblock.models import OutboxMail, PlaceOffer, Registration
from tests.integration import storm, world
from tests.integration.test_signup_storm import new_round, wishes_for

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def _a_new_day():
    cache.clear()


@pytest.fixture
def offer_that_ran_out(monkeypatch):
    """One place, three people in line after it, the first one's offer over."""
    monkeypatch.setattr(outbox, "announce", lambda: None)
    world.place()
    uid = new_round(world.lead(), capacity=1)
    crowd = storm.people(4)
    for person in crowd:
        signup.register(actor=person, round_uid=uid, wishes=wishes_for(uid))
    signup.cancel(actor=crowd[0], round_uid=uid)
    PlaceOffer.objects.update(expires_at=timezone.now() - dt.timedelta(seconds=1))
    return uid


def test_four_runs_at_once_do_everything_once(offer_that_ran_out):
    runs = storm.at_once([periodic.run] * 4, connections_used=2 if connection.vendor == "sqlite" else 4)
    assert runs.errors == []
    assert [report.failed for report in runs.results] == [{}] * 4
    assert sum(report.counts["offers_expired"] for report in runs.results) == 1
    assert storm.check(offer_that_ran_out) == {"registered": 0, "offered": 1, "waiting": 2, "cancelled": 1}
    assert PlaceOffer.objects.filter(state="open").count() == 1
    assert OutboxMail.objects.filter(state__in=("waiting", "sending")).count() == 0
    ids = [message.extra_headers["Message-ID"] for message in mail.outbox]
    assert len(ids) == len(set(ids)) == OutboxMail.objects.filter(state="sent").count()


def test_a_failing_step_is_named_and_the_others_run(offer_that_ran_out, monkeypatch, capsys):
    def broken(**_):
        raise RuntimeError("not for the console")

    monkeypatch.setattr(reminders, "queue_due", broken)
    with pytest.raises(CommandError, match=r"^failed steps: reminders \(RuntimeError\)$"):
        call_command("beratung_tick")
    assert "offers expired: 1" in capsys.readouterr().out
    assert Registration.objects.filter(state="offered").count() == 1


def test_daily_work_runs_once_a_day_and_again_after_a_failure(monkeypatch):
    world.place()
    calls = []

    def purge(*, now):
        calls.append(now)
        if len(calls) == 1:
            raise RuntimeError
        return {"cases": 3}

    monkeypatch.setattr(retention, "purge", purge)
    first, second, third = (periodic.run() for _ in range(3))
    assert first.failed == {"rows_purged": "RuntimeError"}
    assert (second.counts["rows_purged"], third.counts["rows_purged"]) == (3, 0)
    assert len(calls) == 2
    assert periodic.run(now=timezone.now() + dt.timedelta(days=1)).counts["rows_purged"] == 3
