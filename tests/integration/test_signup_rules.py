"""The rules of sign-up, each at its door: deadlines, late sign-up by the staff, rounds that open and are cancelled, settings, times."""

import datetime as dt
from collections import Counter

import pytest
import time_machine
from django.core import mail
from django.utils import timezone
from django.utils.translation import override

from beratung_xblock import outbox
from beratung_xblock.api import assignment, desk, periodic, publishing, rounds, signup, waiting
from beratung_xblock.exceptions import Conflict, Invalid, NotFound
from beratung_xblock.mails import delivery
from beratung_xblock.models import InterestNote, OutboxMail, PlaceOffer, Registration, Round
from tests.blocks import journey, stage
from tests.integration import world

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def lead():
    world.place()
    return world.lead()


@pytest.fixture
def quiet(monkeypatch):
    monkeypatch.setattr(outbox, "announce", lambda: None)


def state(person, uid):
    return signup.own_registration(actor=person, round_uid=uid).state


def wishes(uid, **more):
    return {"display_name": "Renate", "languages": ["de"], "answers": dict.fromkeys(journey.slots(uid), "yes"), **more}


def over(uid):
    """The deadline passes."""
    Round.objects.filter(uid=uid).update(closes_at=timezone.now() - dt.timedelta(minutes=1))


# --- the deadline ----------------------------------------------------------------------------------------------------


def test_after_the_deadline_people_neither_come_nor_change(lead):
    uid = world.open_round(lead)
    renate, late = world.actor(world.user()), world.actor(world.user())
    world.sign_up(renate, uid)
    over(uid)
    with pytest.raises(Conflict, match="closed"):
        world.sign_up(late, uid)
    with pytest.raises(Conflict, match="closed"):
        signup.update(actor=renate, round_uid=uid, wishes=wishes(uid))
    assert Registration.objects.count() == 1


@pytest.mark.parametrize("by_hand", [False, True])
def test_after_the_deadline_cancelling_takes_a_reason_and_frees_the_place_at_once(lead, by_hand):
    uid = world.open_round(lead, capacity=1)
    holder, waiter = world.actor(world.user()), world.actor(world.user())
    world.sign_up(holder, uid)
    assert world.sign_up(waiter, uid).state == "waiting"
    rounds.close_round(actor=lead, round_uid=uid) if by_hand else over(uid)
    with pytest.raises(Invalid) as refused:
        signup.cancel(actor=holder, round_uid=uid)
    assert refused.value.errors == {"reason": "required"}
    assert (state(holder, uid), state(waiter, uid)) == ("registered", "waiting")
    with pytest.raises(Invalid):
        signup.cancel(actor=holder, round_uid=uid, reason="x" * 301)
    signup.cancel(actor=holder, round_uid=uid, reason="Ich bin krank.")
    assert (state(holder, uid), state(waiter, uid)) == ("cancelled", "offered")
    assert Registration.objects.get(user_id=holder.user_id).cancel_reason == "Ich bin krank."


def test_the_staff_register_late_with_and_without_an_account_but_never_beyond_the_limit(lead):
    uid = world.open_round(lead, capacity=2)
    rounds.close_round(actor=lead, round_uid=uid)
    known = world.user()
    assert signup.register_by_phone(actor=lead, round_uid=uid, wishes=wishes(uid), user_id=known.pk).state == "registered"
    guest = signup.register_by_phone(actor=lead, round_uid=uid, wishes=wishes(uid, display_name="Herr Ohnekonto"), phone="02331 1")
    assert (guest.state, guest.is_guest) == ("registered", True)
    assert signup.register_by_phone(actor=lead, round_uid=uid, wishes=wishes(uid, display_name="Dritte")).state == "waiting"
    with pytest.raises(NotFound):
        signup.register_by_phone(actor=world.actor(known), round_uid=uid, wishes=wishes(uid))


def test_what_a_confirmation_promises_fits_the_state_of_the_round(lead, quiet):
    uid = world.open_round(lead)
    first, late = world.actor(world.user()), world.user()
    world.sign_up(first, uid)
    rounds.close_round(actor=lead, round_uid=uid)
    signup.register_by_phone(actor=lead, round_uid=uid, wishes=wishes(uid), user_id=late.pk)
    Round.objects.filter(uid=uid).update(state="open")
    with override("de"):
        delivery.deliver(limit=1)
        Round.objects.filter(uid=uid).update(state="published")
        delivery.deliver()
    early, afterwards = (message.body for message in mail.outbox)
    assert "Wir bilden jetzt die Gruppen." in early
    assert "ändern oder absagen" in early
    assert "Wir suchen jetzt eine Gruppe für Sie." in afterwards
    assert "ändern oder absagen" not in afterwards


# --- rounds that open and are cancelled ------------------------------------------------------------------------------


def draft(lead):
    day = timezone.localdate() + dt.timedelta(days=20)
    return rounds.create_round(
        actor=lead, title="3. Quartal", closes_at=f"{day - dt.timedelta(days=2)}T12:00",
        slots=[{"starts_at": f"{day}T18:00", "minutes": 120, "max_groups": 2}],
    )


def test_who_asked_to_be_told_gets_one_mail_when_the_next_round_opens(lead, quiet):
    curious, twice, undecided = (world.actor(world.user()) for _ in range(3))
    for person in (curious, twice, twice, undecided):
        rounds.note_interest(actor=person)
    rounds.note_interest(actor=undecided, wanted=False)
    uid = draft(lead)
    assert not OutboxMail.objects.exists(), "a draft is nobody's business"
    rounds.open_round(actor=lead, round_uid=uid)
    assert Counter(OutboxMail.objects.values_list("kind", "user_id")) == {("round_open", curious.user_id): 1, ("round_open", twice.user_id): 1}
    assert not InterestNote.objects.exists()
    assert delivery.deliver().sent == 2
    assert all("/jump_to/" in message.body for message in mail.outbox)
    rounds.close_round(actor=lead, round_uid=uid)
    rounds.reopen_round(actor=lead, round_uid=uid)
    assert OutboxMail.objects.count() == 2


def test_a_cancelled_round_is_told_to_all_who_wait_or_have_a_place_and_to_nobody_else(lead, quiet):
    uid = world.open_round(lead, evenings=1, capacity=2)
    holder, second, asked, queued, gone = (world.actor(world.user()) for _ in range(5))
    for person in (holder, second, asked, queued, gone):
        world.sign_up(person, uid)
    signup.cancel(actor=second, round_uid=uid)
    signup.cancel(actor=gone, round_uid=uid)
    assert [state(p, uid) for p in (holder, second, asked, queued, gone)] == ["registered", "cancelled", "offered", "waiting", "cancelled"]
    delivery.deliver()
    mail.outbox.clear()
    rounds.cancel_round(actor=lead, round_uid=uid)
    told = Counter(OutboxMail.objects.filter(kind="cancelled").values_list("user_id", flat=True))
    assert told == {holder.user_id: 1, asked.user_id: 1, queued.user_id: 1}
    assert delivery.deliver().sent == 3
    with pytest.raises(Conflict):
        rounds.cancel_round(actor=lead, round_uid=uid)
    with pytest.raises(Conflict):
        waiting.accept_offer(actor=asked, round_uid=uid)
    periodic.run(now=timezone.now() + dt.timedelta(days=3))
    assert len(mail.outbox) == 3, "nobody hears of the offer or of reminders any more"
    assert OutboxMail.objects.filter(kind="cancelled").count() == 3


# --- settings --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("hours", [24, 48, 72])
def test_how_long_an_offer_holds_is_set_by_the_author(quiet, hours):
    world.place(offer_hours=hours)
    lead = world.lead()
    uid = world.open_round(lead, capacity=1, in_days=60)
    holder, waiter = world.actor(world.user()), world.actor(world.user())
    world.sign_up(holder, uid)
    world.sign_up(waiter, uid)
    signup.cancel(actor=holder, round_uid=uid)
    offer = PlaceOffer.objects.get()
    assert offer.expires_at - offer.offered_at == dt.timedelta(hours=hours)


def test_nobody_who_cancelled_is_asked_again_and_nobody_twice_at_once(lead, quiet):
    uid = world.open_round(lead, evenings=1, capacity=1, in_days=60)
    holder, first, second = (world.actor(world.user()) for _ in range(3))
    for person in (holder, first, second):
        world.sign_up(person, uid)
    signup.cancel(actor=first, round_uid=uid)
    signup.cancel(actor=holder, round_uid=uid)
    for _ in range(3):
        periodic.run()
    assert list(PlaceOffer.objects.values_list("registration__user_id", "state")) == [(second.user_id, "open")]
    assert OutboxMail.objects.filter(kind="offer").count() == 1
    waiting.decline_offer(actor=second, round_uid=uid)
    assert not PlaceOffer.objects.filter(state="open").exists()


# --- what the coordinator and readers elsewhere see -------------------------------------------------------------------


def test_the_coordinator_sees_what_waits_what_went_out_and_what_failed(lead, quiet):
    uid = world.open_round(lead)
    people = [world.actor(world.user()) for _ in range(3)]
    for person in people:
        world.sign_up(person, uid)
    first, second, _third = OutboxMail.objects.order_by("pk")
    OutboxMail.objects.filter(pk=first.pk).update(state="sent", sent_at=timezone.now())
    OutboxMail.objects.filter(pk=second.pk).update(state="failed", last_error="SMTPRecipientsRefused 550")
    lines, counts = desk.mails(actor=lead)
    assert sorted(line.state for line in lines) == ["failed", "sent", "waiting"]
    assert {word: counts[word] for word in ("failed", "sent", "waiting")} == {"failed": 1, "sent": 1, "waiting": 1}
    assert not any("@" in str(line) for line in lines), "no address"


def test_the_page_names_both_times_to_a_volunteer_in_another_zone(lead, monkeypatch):
    user = stage.enrol(world.user())
    with time_machine.travel(dt.datetime(2027, 3, 29, 9, tzinfo=dt.UTC)):
        uid = rounds.create_round(
            actor=lead, title="2. Quartal", closes_at="2027-04-12T12:00", slots=[{"starts_at": "2027-04-14T18:00", "minutes": 120}],
        )
        rounds.open_round(actor=lead, round_uid=uid)
        world.sign_up(world.actor(user), uid)
        from beratung_xblock.compat import Preferences, StandInPlatform

        with override("de"):
            assert "Mittwoch, 14. April 2027, 18 bis 20 Uhr" in stage.show(user)
            assert "Kyjiw" not in stage.show(user)
            monkeypatch.setattr(StandInPlatform, "preferences", lambda *_: Preferences(time_zone="Europe/Kyiv", full_name="R"))
            page = stage.show(user)
    assert "18 bis 20 Uhr (deutsche Zeit)" in page
    assert "19 bis 21 Uhr (Zeit in Kyjiw)" in page
    assert "12 Uhr (deutsche Zeit)" in page, "the deadline"


def test_after_the_round_nobody_is_shown_as_waiting_and_everybody_can_ask_to_be_told(lead, quiet):
    uid = world.open_round(lead, evenings=1, capacity=1)
    users = [stage.enrol(world.user()) for _ in range(2)]
    for user in users:
        world.sign_up(world.actor(user), uid)
    with override("de"):
        assert "Ihr Platz auf der Liste: 1" in stage.show(users[1])
        Round.objects.filter(uid=uid).update(state="finished")
        for user in users:
            page = stage.show(user)
            assert "Diese Runde ist vorbei" in page
            assert "Warteliste" not in page
            assert "Ich kann nicht kommen" not in page
            assert "Mich benachrichtigen" in page
            told = stage.act(user, "tell_me", {})
            assert told.status_int == 200
    assert InterestNote.objects.count() == 2


def test_which_reminders_go_out_is_set_by_the_author(quiet):
    with time_machine.travel(dt.datetime(2027, 3, 1, 9, tzinfo=dt.UTC), tick=False) as clock:
        world.place(reminders=["2d", "5h"])
        lead = world.lead()
        uid = world.open_round(lead, in_days=40, evenings=1)
        people = [world.actor(world.user()) for _ in range(6)]
        for number, person in enumerate(people):
            world.sign_up(person, uid, can_moderate=number < 2, brings_case=number > 3)
        number = assignment.propose(actor=lead, round_uid=uid)
        publishing.publish(actor=lead, round_uid=uid, number=number, accept=("no_case",), ends_signup=True)
        starts = Round.objects.get(uid=uid).slots.get().starts_at
        when = {}
        hour = starts - dt.timedelta(days=16)
        while hour < starts:
            clock.move_to(hour)
            queued = periodic.run().counts["reminders"]
            if queued:
                when[starts - hour] = queued
            hour += dt.timedelta(hours=1 if starts - hour <= dt.timedelta(days=3) else 3)
    assert when == {dt.timedelta(days=2): 6, dt.timedelta(hours=5): 6}
