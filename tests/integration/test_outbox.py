"""Mails as rows: written with their cause, sent once, kept when the mail server is away."""

import datetime as dt
import smtplib

import pytest
from django.core import mail
from django.db import InterfaceError, OperationalError
from django.utils import timezone

from beratung_xblock import outbox
from beratung_xblock.api import signup
from beratung_xblock.exceptions import Away
from beratung_xblock.mails import delivery
from beratung_xblock.models import OutboxMail, Registration
from tests.integration import world

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def quiet(monkeypatch):
    """Nobody sends after a commit; the test decides when."""
    monkeypatch.setattr(outbox, "announce", lambda: None)


def signed_up(**changes):
    world.place(hotline="02331 12345", organisation_name="Diakonie", **changes)
    uid = world.open_round(world.lead())
    person = world.actor(world.user())
    world.sign_up(person, uid)
    return person, uid


def states():
    return list(OutboxMail.objects.order_by("pk").values_list("kind", "state"))


def test_sign_up_sends_one_mail_after_its_commit():
    signed_up()
    assert states() == [("confirmation", "sent")]
    (message,) = mail.outbox
    row = OutboxMail.objects.get()
    assert message.extra_headers["Message-ID"] == row.message_id
    assert row.message_id.endswith("@example.org>")
    assert message.subject == "Ihre Anmeldung"
    assert message.to == [row.user.email]
    assert "02331 12345" in message.body


def test_the_same_cause_is_told_once(quiet):
    signed_up()
    row = Registration.objects.get()
    place_id = row.round.place_id
    for _ in range(3):
        outbox.tell(row, kind="changed", place_id=place_id, cause="v9")
    assert states() == [("confirmation", "waiting"), ("changed", "waiting")]


def test_a_refused_connection_keeps_every_mail_and_tries_one(quiet, monkeypatch):
    person, uid = signed_up()
    signup.cancel(actor=person, round_uid=uid)
    world.sign_up(world.actor(world.user()), uid)

    class Away:
        def __init__(self, **_):
            pass

        def open(self):
            raise ConnectionRefusedError(111, "refused")

        def close(self):
            pass

    monkeypatch.setattr(mail, "get_connection", Away)
    result = delivery.deliver()
    assert (result.sent, result.server_is_away) == (0, True)
    postponed = OutboxMail.objects.exclude(last_error="").exclude(state="dropped").get()
    assert (postponed.attempts, postponed.last_error) == (1, "ConnectionRefusedError")
    assert postponed.not_before > timezone.now()
    assert mail.outbox == []
    monkeypatch.undo()
    later = delivery.deliver(now=timezone.now() + dt.timedelta(minutes=2))
    assert later.sent == OutboxMail.objects.exclude(state="dropped").count()
    assert OutboxMail.objects.filter(state="waiting").count() == 0


@pytest.mark.parametrize(
    ("error", "state", "note"),
    [
        (lambda to: smtplib.SMTPRecipientsRefused({to: (550, b"no such user")}), "failed", "SMTPRecipientsRefused 550"),
        (lambda to: smtplib.SMTPRecipientsRefused({to: (451, b"later")}), "waiting", "SMTPRecipientsRefused 451"),
        (lambda to: smtplib.SMTPDataError(452, b"disk full"), "waiting", "SMTPDataError 452"),
        (lambda to: smtplib.SMTPServerDisconnected("gone"), "waiting", "SMTPServerDisconnected"),
        (lambda to: TimeoutError(), "waiting", "TimeoutError"),
    ],
)
def test_replies_of_the_mail_server(quiet, monkeypatch, error, state, note):
    signed_up()
    monkeypatch.setattr(mail.EmailMessage, "send", lambda self, **_: (_ for _ in ()).throw(error(self.to[0])))
    delivery.deliver()
    row = OutboxMail.objects.get()
    assert (row.state, row.last_error) == (state, note)
    assert row.user.email not in row.last_error


def test_giving_up_after_three_days_and_starting_again_by_hand(quiet, monkeypatch):
    signed_up()
    monkeypatch.setattr(mail.EmailMessage, "send", lambda self, **_: (_ for _ in ()).throw(TimeoutError()))
    begin = now = timezone.now()
    for _ in range(40):
        row = OutboxMail.objects.get()
        if row.state == "failed":
            break
        now = max(now, row.not_before)
        delivery.deliver(now=now)
    assert row.state == "failed"
    assert row.attempts == len(outbox.PAUSES) + 1
    assert dt.timedelta(days=3) < now - begin < dt.timedelta(days=4)
    monkeypatch.undo()
    assert outbox.send_again(pks=[row.pk]) == 1
    delivery.deliver(now=timezone.now() + dt.timedelta(seconds=1))
    assert OutboxMail.objects.get().state == "sent"


def test_two_workers_never_take_the_same_mail(quiet):
    signed_up()
    first = outbox.claim_next()
    assert first is not None
    assert outbox.claim_next() is None


def test_a_dead_worker_s_claim_runs_out_and_the_mail_keeps_its_id(quiet):
    signed_up()
    lost = outbox.claim_next()
    now = timezone.now()
    assert outbox.claim_next(now=now + outbox.CLAIM_LASTS - dt.timedelta(seconds=5)) is None
    delivery.deliver(now=now + outbox.CLAIM_LASTS + dt.timedelta(seconds=1))
    assert [m.extra_headers["Message-ID"] for m in mail.outbox] == [lost.message_id]
    outbox.mark_retry(lost, "woke up late")  # the worker was only slow: its word no longer counts
    assert OutboxMail.objects.get().state == "sent"


@pytest.mark.parametrize(
    ("change", "reason"),
    [({"email": ""}, "no_address"), ({"is_active": False}, "no_address")],
)
def test_nobody_to_write_to(quiet, change, reason):
    signed_up()
    user = OutboxMail.objects.get().user
    type(user).objects.filter(pk=user.pk).update(**change)
    delivery.deliver()
    row = OutboxMail.objects.get()
    assert (row.state, row.last_error) == ("dropped", reason)
    assert mail.outbox == []


def test_a_mail_that_is_no_longer_true_is_not_sent(quiet):
    person, uid = signed_up()
    signup.cancel(actor=person, round_uid=uid)
    delivery.deliver()
    assert states() == [("confirmation", "dropped"), ("withdrawn", "sent")]


def test_a_broker_that_is_away_does_not_disturb_the_write(monkeypatch):
    def broken(**_):
        raise ConnectionError

    monkeypatch.setattr("beratung_xblock.tasks.deliver_mails.apply_async", broken)
    signed_up()
    assert states() == [("confirmation", "waiting")]
    assert delivery.deliver().sent == 1


def test_a_write_that_fails_leaves_no_mail(monkeypatch):
    def full(*_args, **_kwargs):
        from django.db import OperationalError

        raise OperationalError(1114, "The table is full")

    world.place()
    uid = world.open_round(world.lead())
    person = world.actor(world.user())
    monkeypatch.setattr(OutboxMail.objects, "bulk_create", full)
    with pytest.raises(Away):
        world.sign_up(person, uid)
    assert not Registration.objects.exists()
    assert not OutboxMail.objects.exists()


@pytest.mark.parametrize("error", [OperationalError(2006, "gone"), OperationalError(2013, "lost"), InterfaceError(0, "")])
def test_a_sent_mail_is_noted_when_the_database_is_back(quiet, monkeypatch, error):
    signed_up()
    change, pauses, failures = outbox._change, [], [error, error, error]

    def away(pk, where, **values):
        if values["state"] == "sent" and failures:
            raise failures.pop()
        return change(pk, where, **values)

    monkeypatch.setattr(outbox, "_change", away)
    monkeypatch.setattr(outbox.time, "sleep", pauses.append)
    assert delivery.deliver().sent == 1
    assert states() == [("confirmation", "sent")]
    assert (pauses, len(mail.outbox)) == ([1.0] * 3, 1)


def test_a_database_that_stays_away_is_given_up_well_within_the_claim(quiet, monkeypatch):
    signed_up()
    change, clock = outbox._change, [0.0]

    def away(pk, where, **values):
        if values["state"] == "sent":
            raise OperationalError(2002, "no server")
        return change(pk, where, **values)

    monkeypatch.setattr(outbox, "_change", away)
    monkeypatch.setattr(outbox.time, "monotonic", lambda: clock[0])
    monkeypatch.setattr(outbox.time, "sleep", lambda seconds: clock.__setitem__(0, clock[0] + seconds))
    with pytest.raises(OperationalError):
        delivery.deliver()
    assert outbox.NOTE_SECONDS <= clock[0] < outbox.CLAIM_LASTS.total_seconds() / 2


def test_a_mail_that_cannot_be_written_for_want_of_the_database_is_tried_again_and_stops_no_other(quiet, monkeypatch):
    signed_up()
    person = world.actor(world.user())
    world.sign_up(person, Registration.objects.get().round.uid)
    first = OutboxMail.objects.order_by("pk").first()
    compose = delivery.compose

    def away(row, **options):
        if row.pk == first.pk:
            raise OperationalError(2006, "gone")
        return compose(row, **options)

    with monkeypatch.context() as patch:
        patch.setattr(delivery, "compose", away)
        result = delivery.deliver()
    assert (result.sent, result.postponed) == (1, 1)
    assert delivery.deliver(now=timezone.now() + dt.timedelta(minutes=2)).sent == 1
