"""Dates in mails and in the calendar as a subscription; whole rounds on a simulated calendar."""

import datetime as dt
from zoneinfo import ZoneInfo

import pytest
import time_machine
import vobject
from django.core import mail

from beratung_xblock.api import assignment, calendar, cases, periodic, publishing, rounds, signup
from beratung_xblock.exceptions import NotFound
from beratung_xblock.models import Membership, Slot
from tests.integration import world
from tests.integration.mail_world import calendar_of, mail_of

pytestmark = pytest.mark.django_db(transaction=True)


def test_assigned_mail_in_german_with_calendar_and_links(published):
    slot = Membership.objects.filter(registration__user_id=published[3][0].user_id).get().group.slot
    message = next(m for m in mail.outbox if m.subject.startswith("Termin am") and m.to == [mail_of(published[3][0])])
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


def test_moving_and_cancelling_keep_the_uid_and_raise_the_sequence(published):
    clock, lead, _uid, people = published
    seat = Membership.objects.filter(registration__user_id=people[0].user_id).get()

    def mine():
        return [m for m in mail.outbox if m.to == [mail_of(people[0])]]

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
                if message.to == [mail_of(people[1])]:
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
