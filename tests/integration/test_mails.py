"""What mails say: every kind in both languages, calendar files, links; and what they must never say."""

import datetime as dt
import re
from zoneinfo import ZoneInfo

import pytest
import time_machine
import vobject
from django.contrib.auth import get_user_model
from django.core import mail
from django.utils import timezone

from beratung_xblock import outbox
from beratung_xblock.api import assignment, calendar, cases, desk, periodic, publishing, reminders, rounds, signup, waiting
from beratung_xblock.compat import Preferences, StandInPlatform
from beratung_xblock.exceptions import NotFound
from beratung_xblock.mails import texts
from beratung_xblock.models import Membership, OutboxMail, Registration, Slot, Takeaway
from tests.integration import world

pytestmark = pytest.mark.django_db(transaction=True)
START = dt.datetime(2027, 3, 1, 9, 0, tzinfo=dt.UTC)


@pytest.fixture
def published():
    """Twelve people in two groups; the evenings lie after the change of the clock on 28 March 2027."""
    with time_machine.travel(START, tick=False) as clock:
        world.place(hotline="02331 12345")
        lead = world.lead()
        uid = world.open_round(lead, in_days=43)
        people = [world.actor(world.user()) for _ in range(12)]
        for number, person in enumerate(people):
            world.sign_up(person, uid, can_moderate=number < 3, brings_case=number in (4, 5))
            if number in (4, 5):
                cases.submit(actor=person, round_uid=uid, case=world.CASE, boundaries=world.NO_BOUNDARY)
        number = assignment.propose(actor=lead, round_uid=uid, number=0)
        publishing.publish(actor=lead, round_uid=uid, number=number, ends_signup=True)
        yield clock, lead, uid, people


def kinds():
    found = {}
    for kind, state in OutboxMail.objects.values_list("kind", "state"):
        found[f"{kind}:{state}"] = found.get(f"{kind}:{state}", 0) + 1
    return found


def calendar_of(message):
    (part,) = [item for item in message.attachments if item.get_content_type() == "text/calendar"]
    read = vobject.readOne(part.get_payload(decode=True).decode())
    assert part.get_param("method") == read.method.value
    return read


def test_a_round_s_mails_from_sign_up_to_thanks(published):
    clock, _, _uid, people = published
    assert kinds() == {"confirmation:sent": 12, "assigned:sent": 12}
    mail.outbox.clear()
    slot = Membership.objects.filter(registration__user_id=people[0].user_id).get().group.slot
    expected = [("14d", 336), ("3d", 72), ("1d", 24), ("1h", 1)]
    for word, hours in expected:
        clock.move_to(reminders.reminder_moment(word, slot.starts_at, slot.time_zone) + dt.timedelta(minutes=4))
        periodic.run()
        periodic.run()
        hits = OutboxMail.objects.filter(
            kind="reminder", registration__user_id=people[0].user_id, context__hours=hours, state="sent"
        )
        assert hits.count() == 1, word
    clock.move_to(Slot.objects.order_by("-ends_at").first().ends_at + dt.timedelta(minutes=90))
    periodic.run()
    assert kinds() == {
        "confirmation:sent": 12, "assigned:sent": 12, "reminder:sent": 48, "after_session:sent": 12,
    }  # fmt: skip
    assert len(mail.outbox) == 60


def test_reminders_respect_wishes_lateness_and_moves(published):
    clock, _, _uid, people = published
    Registration.objects.filter(user_id=people[0].user_id).update(wants_reminders=False)
    slot = Membership.objects.filter(registration__user_id=people[1].user_id).get().group.slot
    clock.move_to(slot.starts_at - dt.timedelta(hours=30))  # two reminders were missed; both are too late by now
    assert periodic.run().counts["reminders"] == 0
    clock.move_to(slot.starts_at - dt.timedelta(hours=23))
    periodic.run()
    in_slot = Membership.objects.filter(group__slot=slot)
    told = set(OutboxMail.objects.filter(kind="reminder").values_list("registration__user_id", flat=True))
    assert told == set(in_slot.values_list("registration__user_id", flat=True)) - {people[0].user_id}


REFRESHER = "Auf Ihrer Seite gibt es eine Auffrischung von 5 Minuten."
COURSE_LINK = "https://lms.example/courses/course-v1:Diakonie+Teams+2027/"


@pytest.mark.parametrize(("link", "extra"), [(COURSE_LINK, [72]), ("", [])])
def test_the_short_exercise_comes_three_days_before_to_those_who_want_it(published, link, extra):
    clock, _, _uid, people = published
    world.place(teams_course_url=link)
    slot = Membership.objects.filter(registration__user_id=people[0].user_id).get().group.slot
    both, alone, neither = Registration.objects.filter(memberships__group__slot=slot).order_by("pk")[:3]
    Registration.objects.filter(pk=both.pk).update(wants_refresher=True)
    Registration.objects.filter(pk=alone.pk).update(wants_refresher=True, wants_reminders=False)
    mail.outbox.clear()
    for word in ("14d", "3d", "1d", "1h"):
        clock.move_to(reminders.reminder_moment(word, slot.starts_at, slot.time_zone) + dt.timedelta(minutes=4))
        periodic.run()
        periodic.run()
    sent = OutboxMail.objects.filter(kind="reminder", state="sent")
    told = {row.pk: set(sent.filter(registration=row).values_list("context__hours", flat=True)) for row in (both, alone, neither)}
    assert told == {both.pk: {336, 72, 24, 1}, alone.pk: set(extra), neither.pk: {336, 72, 24, 1}}
    addresses = {get_user_model().objects.get(pk=row.user_id).email: row.pk for row in (both, alone, neither)}
    offered = [addresses[message.to[0]] for message in mail.outbox if message.to[0] in addresses and REFRESHER in message.body]
    assert sorted(offered) == sorted([both.pk, alone.pk] * len(extra))


def test_assigned_mail_in_german_with_calendar_and_links(published):
    slot = Membership.objects.filter(registration__user_id=published[3][0].user_id).get().group.slot
    message = next(m for m in mail.outbox if m.subject.startswith("Termin am") and m.to == [_mail_of(published[3][0])])
    day = f"{slot.starts_at.day:02d}.{slot.starts_at.month:02d}."
    assert message.subject == f"Termin am {day}, 18 Uhr"
    assert "18 bis 20 Uhr" in message.body
    read = calendar_of(message)
    assert read.method.value == "PUBLISH"
    event = read.vevent
    assert event.dtstart.value.utcoffset() == dt.timedelta(hours=2)
    assert event.dtstart.value.astimezone(dt.UTC) == slot.starts_at
    assert event.sequence.value == "0"
    assert "Ich komme:\nhttp" in message.body or "Ich komme:\n/beratung/m/" in message.body


def _mail_of(person):
    return get_user_model().objects.get(pk=person.user_id).email


def test_moving_and_cancelling_keep_the_uid_and_raise_the_sequence(published):
    clock, lead, _uid, people = published
    seat = Membership.objects.filter(registration__user_id=people[0].user_id).get()

    def mine():
        return [m for m in mail.outbox if m.to == [_mail_of(people[0])]]

    first = calendar_of(mine()[-1]).vevent
    slot = seat.group.slot
    clock.shift(60)
    rounds.update_slot(
        actor=lead,
        slot_uid=slot.uid,
        slot={"starts_at": slot.starts_at + dt.timedelta(hours=1), "ends_at": slot.ends_at + dt.timedelta(hours=1)},
    )
    moved = calendar_of(mine()[-1])
    assert mine()[-1].subject.startswith("Geändert: Termin am")
    clock.shift(60)
    rounds.cancel_slot(actor=lead, slot_uid=slot.uid)
    gone = calendar_of(mine()[-1])
    assert mine()[-1].subject.startswith("Abgesagt: Termin am")
    assert [moved.method.value, gone.method.value] == ["PUBLISH", "CANCEL"]
    assert {first.uid.value, moved.vevent.uid.value, gone.vevent.uid.value} == {first.uid.value}
    assert [e.sequence.value for e in (first, moved.vevent, gone.vevent)] == ["0", "1", "2"]
    assert moved.vevent.dtstart.value - first.dtstart.value == dt.timedelta(hours=1)


def test_cancelling_oneself_takes_the_date_out_of_the_calendar(published):
    clock, _, uid, people = published
    clock.shift(60)
    signup.cancel(actor=people[0], round_uid=uid, reason="ill")
    message = mail.outbox[-1]
    assert message.subject == "Sie sind abgemeldet"
    assert calendar_of(message).method.value == "CANCEL"


def test_confirm_and_decline_links(published, client):
    _, _, _uid, people = published
    message = next(m for m in mail.outbox if m.subject.startswith("Termin am") and m.to == [_mail_of(people[3])])
    lines = message.body.splitlines()
    confirm = lines[lines.index("Ich komme:") + 1]
    decline = lines[lines.index("Ich kann nicht kommen:") + 1]
    seat = Membership.objects.filter(registration__user_id=people[3].user_id)
    assert client.get(confirm).status_code == 200
    assert seat.get().confirmed_at is None
    assert client.post(confirm).status_code == 200
    assert seat.get().confirmed_at is not None
    assert client.post(decline).status_code == 200
    assert seat.get().left_at is not None
    assert Registration.objects.get(user_id=people[3].user_id).state == "cancelled"
    assert client.post(decline).status_code == 200
    assert client.post(confirm).status_code == 409


def test_reminders_are_stopped_by_their_own_link(published, client):
    clock, _, _uid, people = published
    slot = Membership.objects.filter(registration__user_id=people[0].user_id).get().group.slot
    clock.move_to(reminders.reminder_moment("14d", slot.starts_at, slot.time_zone))
    periodic.run()
    message = next(m for m in mail.outbox[24:] if m.to == [_mail_of(people[0])])
    Registration.objects.filter(user_id=people[0].user_id).update(wants_refresher=True)
    lines = message.body.splitlines()
    stop = lines[lines.index("Keine Erinnerungen mehr:") + 1]
    assert "Möchten Sie keine Erinnerungen" in client.get(stop).content.decode()
    assert Registration.objects.get(user_id=people[0].user_id).wants_reminders
    assert client.post(stop).status_code == 200
    row = Registration.objects.get(user_id=people[0].user_id)
    assert (row.wants_reminders, row.wants_refresher, row.state) == (False, False, "registered")


def test_no_mail_names_others_or_the_case_or_the_meeting(published):
    names = dict(Registration.objects.values_list("user_id", "display_name"))
    words = list(re.findall(r"\w{9,}", " ".join(str(v) for v in world.CASE.values())))
    emails = {_mail_of(person): person.user_id for person in published[3]}
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
    (told,) = [message for message in mail.outbox if message.to == [_mail_of(leaver)]]
    assert sentence in told.body
    assert "verzogen" not in told.body
    assert "War das ein Versehen? Solange die Anmeldung" in told.body


def written(row, kind):
    """Compose one mail of a kind with the world bent so that it is true."""
    from beratung_xblock.mails.compose import compose
    from beratung_xblock.models import Case, PlaceOffer

    now = timezone.now()
    context = {}
    Registration.objects.filter(pk=row.pk).update(
        state={"waiting": "waiting", "offer": "offered", "offer_expired": "waiting"}.get(kind, "registered")
    )
    if kind == "offer":
        offer = PlaceOffer.objects.create(registration=row, offered_at=now, expires_at=now + dt.timedelta(days=2))
        context = {"offer": offer.uid}
    if kind == "deletion_notice":
        case = Case.objects.filter(owner_id=row.user_id).first()
        context = {"case": case.row_uid, "until": "2027-04-20"}
    if kind == "reminder":
        context = {"hours": 72}
    if kind == "case_wanted":
        Case.objects.filter(registration=row).update(state="draft")
    if kind == "moderator_wanted":
        Registration.objects.filter(pk=row.pk).update(can_moderate=False)
    if kind == "round_open":
        type(row.round).objects.filter(pk=row.round_id).update(state="open")
    if kind == "not_placed":
        Membership.objects.filter(registration=row).update(left_at=now)
    outbox.put(
        kind=kind, place_id=row.round.place_id, round_id=row.round_id, registration=row, dedupe_key=f"t:{kind}",
        context=context,
    )  # fmt: skip
    message = compose(OutboxMail.objects.get(dedupe_key=f"t:{kind}"))
    Membership.objects.filter(registration=row).update(left_at=None)
    type(row.round).objects.filter(pk=row.round_id).update(state="published")
    return message


def test_a_reader_elsewhere_sees_both_times(published, monkeypatch):
    monkeypatch.setattr(outbox, "announce", lambda: None)
    row = Registration.objects.get(user_id=published[3][4].user_id)
    Registration.objects.filter(pk=row.pk).update(time_zone="Europe/Kyiv")
    row.refresh_from_db()
    body = written(row, "reminder").body
    assert "18 bis 20 Uhr (deutsche Zeit)" in body
    assert "19 bis 21 Uhr (Zeit in Kyjiw)" in body


# --- the calendar as a subscription ----------------------------------------------------------------------------------


def test_the_secret_calendar_address(published, client):
    _, lead, _uid, people = published
    person = people[0]
    assert not calendar.has_subscription(actor=person)
    secret = calendar.subscribe(actor=person)
    answer = client.get(f"/beratung/calendar/{secret}.ics")
    assert answer.status_code == 200
    assert answer["Content-Type"] == "text/calendar; charset=utf-8"
    assert answer["Cache-Control"] == "no-store, private"
    read = vobject.readOne(answer.content.decode())
    assert [event.status.value for event in read.vevent_list] == ["CONFIRMED"]
    second = calendar.subscribe(actor=person)
    assert client.get(f"/beratung/calendar/{secret}.ics").status_code == 404
    seat = Membership.objects.filter(registration__user_id=person.user_id).get()
    rounds.cancel_slot(actor=lead, slot_uid=seat.group.slot.uid)
    gone = vobject.readOne(client.get(f"/beratung/calendar/{second}.ics").content.decode())
    assert gone.vevent.status.value == "CANCELLED"
    assert int(gone.vevent.sequence.value) > int(read.vevent.sequence.value)
    calendar.revoke(actor=person)
    assert client.get(f"/beratung/calendar/{second}.ics").status_code == 404
    assert client.get("/beratung/calendar/guess.ics").status_code == 404


def test_only_members_get_the_file_of_a_session(published):
    _, _, _uid, people = published
    seat = Membership.objects.filter(registration__user_id=people[0].user_id).get()
    stranger = next(
        p for p in people if not Membership.objects.filter(registration__user_id=p.user_id, group=seat.group).exists()
    )
    read = vobject.readOne(calendar.file_of_group(actor=people[0], group_uid=seat.group.uid).decode())
    assert read.vevent.uid.value == f"{seat.registration.uid}@example.org"
    with pytest.raises(NotFound):
        calendar.file_of_group(actor=stranger, group_uid=seat.group.uid)


def test_a_reminder_to_oneself_goes_out_once_on_its_day(published):
    clock, _, _uid, people = published
    from beratung_xblock.models import SessionCase

    seat = Membership.objects.filter(registration__user_id=people[4].user_id).get()
    chosen = SessionCase.objects.create(session=seat.group.session, giver=seat.registration)
    Takeaway.objects.create(session_case=chosen, owner_id=people[4].user_id, remind_on=dt.date(2027, 3, 10))
    assert reminders.queue_self_reminders() == 0
    clock.move_to(dt.datetime(2027, 3, 10, 8, tzinfo=dt.UTC))
    assert reminders.queue_self_reminders() == 1
    assert reminders.queue_self_reminders() == 0
    assert mail.outbox[-1].subject == "Ihre Erinnerung an sich selbst"


def test_owners_hear_of_a_deletion_a_week_before(published):
    clock, _, _uid, _people = published
    assert reminders.queue_deletion_notices() == 0
    last = Slot.objects.order_by("-ends_at").first().ends_at
    clock.move_to(last + dt.timedelta(days=24))
    assert reminders.queue_deletion_notices() == 2
    assert reminders.queue_deletion_notices() == 0
    assert {m.subject for m in mail.outbox[-2:]} == {"Wir löschen bald etwas von Ihnen"}


# --- whole rounds on a simulated calendar ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    "evening",
    [dt.date(2027, 3, 29), dt.date(2027, 11, 1), dt.date(2028, 2, 29), dt.date(2028, 3, 1)],
    ids=["after the spring change", "after the autumn change", "leap day", "after the leap day"],
)
def test_a_round_lived_through_the_calendar(evening):
    """From sign-up to thanks with the periodic run every three hours, and every twenty minutes near the session."""
    start = dt.datetime.combine(evening - dt.timedelta(days=21), dt.time(9), tzinfo=dt.UTC)
    with time_machine.travel(start, tick=False) as clock:
        world.place()
        lead = world.lead()
        uid = world.open_round(lead, in_days=21, evenings=1)
        people = [world.actor(world.user()) for _ in range(6)]
        for number, person in enumerate(people):
            world.sign_up(person, uid, can_moderate=number == 0, brings_case=number == 2)
        cases.submit(actor=people[2], round_uid=uid, case=world.CASE, boundaries=world.NO_BOUNDARY)
        publishing.publish(actor=lead, round_uid=uid, number=assignment.propose(actor=lead, round_uid=uid, number=0), ends_signup=True)
        slot = Slot.objects.get()
        local = slot.starts_at.astimezone(ZoneInfo("Europe/Berlin"))
        assert (local.date(), local.hour) == (evening, 18)
        mail.outbox.clear()
        sent_at = {}
        moment = start
        while moment < slot.ends_at + dt.timedelta(hours=3):
            near = slot.starts_at - moment < dt.timedelta(hours=3)
            moment += dt.timedelta(minutes=20) if near else dt.timedelta(hours=3)
            clock.move_to(moment)
            periodic.run()
            for message in mail.outbox:
                if message.to == [_mail_of(people[1])]:
                    sent_at[message.subject, message.body] = moment
            mail.outbox.clear()
        lines = [(subject, body.splitlines()[2], when) for (subject, body), when in sent_at.items()]
    day = f"{evening.day:02d}.{evening.month:02d}., 18 Uhr"
    assert [(subject, first) for subject, first, _when in lines] == [
        (f"Erinnerung: Termin am {day}", "Ihr Termin ist in 14 Tagen."),
        (f"Erinnerung: Termin am {day}", "Ihr Termin ist in 3 Tagen."),
        (f"Erinnerung: Termin am {day}", "Ihr Termin ist morgen um 18 Uhr."),
        (f"Erinnerung: Termin am {day}", "Ihr Termin ist heute um 18 Uhr."),
        (f"Nach dem Termin am {day}", "Danke, dass Sie sich Zeit genommen haben."),
    ]
    clocks = [when.astimezone(ZoneInfo("Europe/Berlin")) for _subject, _first, when in lines]
    for when in clocks[:3]:
        assert dt.time(18) <= when.time() < dt.time(21, 1)
    assert slot.starts_at - dt.timedelta(hours=1) <= lines[3][2] < slot.starts_at
    assert slot.ends_at + dt.timedelta(hours=1) <= lines[4][2] < slot.ends_at + dt.timedelta(hours=2)
