"""Mails through edx-ace, with the real package at the version the platform pins. It is installed without its own requirements (Google's and
Firebase's clients), which its e-mail channel does not use."""

import re
import smtplib
import subprocess
import sys
from importlib.metadata import distributions

import pytest
from django.core import mail

from beratung_xblock import outbox
from beratung_xblock.mails import ace, delivery
from beratung_xblock.models import OutboxMail, Registration
from tests.integration import world
from tests.packaging.test_requirements import pins

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(scope="module")
def package(tmp_path_factory):
    folder = tmp_path_factory.mktemp("edx-ace")
    wanted = f"edx-ace=={pins()['edx-ace']}"
    subprocess.run(
        [sys.executable, "-m", "pip", "install", "-q", "--disable-pip-version-check", "--no-deps", "--target", str(folder), wanted], check=True
    )
    return folder


@pytest.fixture
def channel(package, monkeypatch, settings):
    """edx-ace importable and set up as the platform has it; answers the class of its e-mail channel."""
    monkeypatch.syspath_prepend(str(package))
    assert any(found.name == "edx-ace" for found in distributions())
    settings.ACE_ENABLED_CHANNELS = ["django_email"]
    settings.ACE_CHANNEL_DEFAULT_EMAIL = settings.ACE_CHANNEL_TRANSACTIONAL_EMAIL = "django_email"
    settings.BERATUNG_MAIL_THROUGH_ACE = True
    from edx_ace.channel.django_email import DjangoEmailChannel

    yield DjangoEmailChannel
    for name in [name for name in sys.modules if name.partition(".")[0] == "edx_ace"]:
        del sys.modules[name]


@pytest.fixture
def waiting(settings):
    """One registered person with a confirmation that waits."""
    settings.BERATUNG_MAIL_THROUGH_ACE = False
    world.place()
    uid = world.open_round(world.lead())
    world.sign_up(world.actor(world.user("person")), uid)
    OutboxMail.objects.all().delete()
    mail.outbox.clear()
    row = Registration.objects.select_related("round").get()

    def put(kind="confirmation"):
        outbox.tell(row, kind=kind, place_id=row.round.place_id, cause="ace")
        return OutboxMail.objects.get(kind=kind)

    return put


@pytest.fixture
def asleep(monkeypatch):
    """Nobody sends on commit: the test sends."""
    monkeypatch.setattr(outbox, "announce", lambda: None)


def test_a_mail_goes_through_the_channel_with_its_identity(waiting, asleep, channel, monkeypatch):
    seen = []
    deliver = channel.deliver
    monkeypatch.setattr(channel, "deliver", lambda self, message, rendered: (seen.append((message, rendered)), deliver(self, message, rendered))[1])
    row = waiting()
    assert delivery.deliver().sent == 1
    ((message, rendered),) = seen
    assert (message.recipient.lms_user_id, message.recipient.email_address) == (row.user_id, row.user.email)
    assert (message.options["transactional"], message.language) == (True, row.language)
    (letter,) = mail.outbox
    assert letter.extra_headers["Message-ID"] == row.message_id
    assert letter.from_email == outbox.sender_address()
    assert letter.body == rendered.body
    html = letter.alternatives[0][0]
    assert len(re.findall(r"<(?:html|head|body)\b", html)) == 3  # no page inside a page
    assert f'<div lang="{row.language}" dir="ltr"><div style="margin:0' in html
    row.refresh_from_db()
    assert row.state == "sent"


def test_a_mail_with_a_calendar_file_goes_directly(channel, monkeypatch):
    monkeypatch.setattr(channel, "deliver", lambda *args: pytest.fail("a channel carries no attachment"))
    message = mail.EmailMultiAlternatives("Termin", "Text", "a@example.org", ["b@example.org"])
    message.attach("termin.ics", "BEGIN:VCALENDAR", "text/calendar")
    backend = ace.AceBackend(timeout=5)
    assert backend.send_messages([message]) == 1
    backend.close()
    assert mail.outbox[-1].attachments[0][0] == "termin.ics"


@pytest.mark.parametrize(
    ("cause", "state", "word"),
    [
        (smtplib.SMTPRecipientsRefused({"b@example.org": (550, b"no such person")}), "failed", "SMTPRecipientsRefused 550"),
        (None, "waiting", "SMTPDataError 451"),
    ],
)
def test_what_the_channel_refuses_is_kept_and_tried_again(waiting, asleep, channel, monkeypatch, cause, state, word):
    from edx_ace.errors import FatalChannelDeliveryError

    def refuse(self, message, rendered):
        raise FatalChannelDeliveryError("person@example.org is unknown") from cause

    monkeypatch.setattr(channel, "deliver", refuse)
    row = waiting()
    result = delivery.deliver()
    row.refresh_from_db()
    assert (row.state, row.last_error, result.server_is_away) == (state, word, False)


def test_without_edx_ace_mails_go_out_all_the_same(waiting, asleep, settings):
    settings.BERATUNG_MAIL_THROUGH_ACE = True
    assert not ace.available()
    waiting()
    assert delivery.deliver().sent == 1
    assert len(mail.outbox) == 1
