"""What mails say, in every language, and what they must never say."""

import re

import pytest
from django.core import mail

from beratung_xblock import outbox
from beratung_xblock.api import desk, rounds, signup, waiting
from beratung_xblock.compat import Preferences, StandInPlatform
from beratung_xblock.mails import texts
from beratung_xblock.models import Registration
from tests.integration import world
from tests.integration.mail_world import mail_of, written

pytestmark = pytest.mark.django_db(transaction=True)


def test_no_mail_names_others_or_the_case_or_the_meeting(published):
    names = dict(Registration.objects.values_list("user_id", "display_name"))
    words = list(re.findall(r"\w{9,}", " ".join(str(v) for v in world.CASE.values())))
    emails = {mail_of(person): person.user_id for person in published[3]}
    assert len(mail.outbox) == 24
    for message in mail.outbox:
        whole = message.message().as_string() + message.body + str(message.alternatives)
        for user_id, name in names.items():
            if user_id != emails[message.to[0]]:
                assert not re.search(rf"{name}\b", whole)
        assert "teams.microsoft" not in whole
        assert not any(word in whole for word in words)
        assert len(message.to) == 1
        assert not message.cc
        assert not message.bcc


@pytest.fixture(scope="module")
def english():
    """What the letters say in English, to find a sentence that stayed English in another language."""
    return {}


@pytest.mark.parametrize("language", ["en", "de", "uk", "ru", "ar", "tr", "fr", "fa"])
def test_every_kind_can_be_written_in_text_and_html(published, language, monkeypatch, english):
    _clock, _, _uid, people = published
    monkeypatch.setattr(outbox, "announce", lambda: None)
    row = Registration.objects.get(user_id=people[4].user_id)
    Registration.objects.filter(pk=row.pk).update(language=language)
    row.refresh_from_db()
    mail.outbox.clear()
    subjects = {}
    for kind in texts.KINDS:
        message = written(row, kind)
        html = {kind: body for body, kind in message.alternatives}["text/html"]
        assert message.body.strip()
        assert f'lang="{language}"' in html
        assert ('dir="rtl"' in html) == (language in ("ar", "fa"))
        assert message.extra_headers["Content-Language"] == language
        assert "{" not in message.subject + message.body
        subjects[kind] = message.subject
        lines = {line.strip() for line in message.body.splitlines() if len(line.split()) > 2}
        if language == "en":
            english[kind] = lines
        elif english:
            assert not lines & english[kind], "a sentence that is not translated"
    assert len(set(subjects.values())) == len(texts.KINDS)


def test_a_language_we_do_not_have_is_written_and_called_english(published, monkeypatch):
    monkeypatch.setattr(outbox, "announce", lambda: None)
    row = Registration.objects.get(user_id=published[3][4].user_id)
    Registration.objects.filter(pk=row.pk).update(language="es")
    row.refresh_from_db()
    message = written(row, "reminder")
    assert message.subject.startswith("Reminder: ")
    assert message.extra_headers["Content-Language"] == "en"
    assert 'lang="en"' in message.alternatives[0][0]


@pytest.mark.parametrize(("known", "subject"), [("uk", "Запис відкрито"), ("", "Registration is open")])
def test_who_only_asked_to_be_told_reads_it_in_the_language_of_their_account(published, monkeypatch, known, subject):
    monkeypatch.setattr(StandInPlatform, "preferences", lambda self, user: Preferences(language=known))
    _clock, lead, _uid, people = published
    rounds.note_interest(actor=world.actor(world.user()))
    mail.outbox.clear()
    world.open_round(lead, in_days=60)
    assert [message.subject for message in mail.outbox] == [subject]
    mail.outbox.clear()
    rounds.note_interest(actor=people[0])
    world.open_round(lead, in_days=90)
    assert [message.subject for message in mail.outbox] == [subject if known else "Die Anmeldung ist offen"], "as at the last sign-up"


@pytest.mark.parametrize(
    ("left_as", "by_owner", "sentence"),
    [
        ("registered", True, "Sie haben abgesagt."),
        ("waiting", True, "Sie stehen nicht mehr auf der Warteliste."),
        ("offered", True, "Sie haben den Platz abgelehnt."),
        ("registered", False, "Die Koordination hat Ihre Anmeldung abgesagt."),
    ],
)
def test_the_mail_after_leaving_says_what_happened(left_as, by_owner, sentence):
    world.place()
    lead = world.lead()
    uid = world.open_round(lead, evenings=1, capacity=1)
    first, second = (world.actor(world.user()) for _ in range(2))
    world.sign_up(first, uid)
    world.sign_up(second, uid)
    if left_as == "offered":
        signup.cancel(actor=first, round_uid=uid)
    mail.outbox.clear()
    leaver = first if left_as == "registered" else second
    if left_as == "offered":
        waiting.decline_offer(actor=leaver, round_uid=uid)
    elif by_owner:
        signup.cancel(actor=leaver, round_uid=uid)
    else:
        row = Registration.objects.get(user_id=leaver.user_id)
        desk.cancel_registration(actor=lead, registration_uid=row.uid, reason="verzogen")
    (told,) = [message for message in mail.outbox if message.to == [mail_of(leaver)]]
    assert sentence in told.body
    assert "verzogen" not in told.body
    assert "War das ein Versehen? Solange die Anmeldung" in told.body


def test_a_reader_elsewhere_sees_both_times(published, monkeypatch):
    monkeypatch.setattr(outbox, "announce", lambda: None)
    row = Registration.objects.get(user_id=published[3][4].user_id)
    Registration.objects.filter(pk=row.pk).update(time_zone="Europe/Kyiv")
    row.refresh_from_db()
    body = written(row, "reminder").body
    assert "18 bis 20 Uhr (deutsche Zeit)" in body
    assert "19 bis 21 Uhr (Zeit in Kyjiw)" in body
