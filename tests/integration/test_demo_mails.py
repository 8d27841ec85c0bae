"""The demo's mail server and its page: what is sent on this machine can be read there, and goes nowhere else."""

import pytest
from django.core import mail
from django.utils import timezone

from beratung_xblock.demo import mail_sink, mailbox


@pytest.fixture
def sink(settings, tmp_path):
    settings.EMAIL_FILE_PATH = tmp_path / "mails"
    settings.EMAIL_BACKEND, settings.EMAIL_HOST, settings.EMAIL_PORT = "", "", 0  # put back by the fixture
    controller = mail_sink.start(tmp_path / "mails")
    yield controller
    controller.stop()


def test_mails_arrive_whole_and_newest_first(sink):
    assert mailbox.read(limit=5) == []
    for subject in ("Erste", "Zweite: Termin am 14.04., 18 Uhr"):
        message = mail.EmailMultiAlternatives(subject, "Grüße\n", "a@example.org", ["b@example.org"])
        message.attach_alternative("<p>Grüße</p>", "text/html")
        message.attach("termin.ics", "BEGIN:VCALENDAR", "text/calendar")
        assert message.send() == 1
    newest, oldest = mailbox.read(limit=5)
    assert (newest.subject, oldest.subject) == ("Zweite: Termin am 14.04., 18 Uhr", "Erste")
    assert newest.text.strip() == "Grüße"
    assert newest.html.strip() == "<p>Grüße</p>"
    assert abs((newest.date - timezone.now()).total_seconds()) < 60
    assert newest.attachments == ("termin.ics",)
    assert [found.to for found in mailbox.read(to="b@example.org", limit=1)] == ["b@example.org"]
    assert mailbox.read(to="c@example.org", limit=1) == []
    assert sink.hostname == "127.0.0.1"
