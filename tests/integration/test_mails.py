"""When mails go out and to whom: reminders, links in them, and the mails that follow a session."""

import datetime as dt

import pytest
from django.contrib.auth import get_user_model
from django.core import mail

from beratung_xblock.api import periodic, reminders
from beratung_xblock.models import Membership, OutboxMail, Registration, Slot, Takeaway
from tests.integration import world
from tests.integration.mail_world import kinds, mail_of

pytestmark = pytest.mark.django_db(transaction=True)


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


def test_confirm_and_decline_links(published, client):
    _, _, _uid, people = published
    message = next(m for m in mail.outbox if m.subject.startswith("Termin am") and m.to == [mail_of(people[3])])
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
    message = next(m for m in mail.outbox[24:] if m.to == [mail_of(people[0])])
    Registration.objects.filter(user_id=people[0].user_id).update(wants_refresher=True)
    lines = message.body.splitlines()
    stop = lines[lines.index("Keine Erinnerungen mehr:") + 1]
    assert "Möchten Sie keine Erinnerungen" in client.get(stop).content.decode()
    assert Registration.objects.get(user_id=people[0].user_id).wants_reminders
    assert client.post(stop).status_code == 200
    row = Registration.objects.get(user_id=people[0].user_id)
    assert (row.wants_reminders, row.wants_refresher, row.state) == (False, False, "registered")


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
