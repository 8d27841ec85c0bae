"""The desk's year plan, copies of rounds, and the waiting list, through the block."""

import datetime as dt

import pytest
import time_machine
from django.utils import translation

from beratung_xblock.api import rounds
from beratung_xblock.models import Registration, Round, Slot
from tests.blocks import stage
from tests.integration import world

pytestmark = pytest.mark.django_db
RULE = {
    "year": "2027", "nth": "2", "weekday": "1", "month": "1", "starts": "18:00", "ends": "20:00", "max_groups": "2",
    "capacity": "12",
}  # fmt: skip


@pytest.fixture
def leader():
    with translation.override("en"), time_machine.travel(dt.datetime(2026, 12, 1, 9, tzinfo=dt.UTC), tick=False):
        world.place()
        user = stage.enrol(world.user("lead"))
        world.lead(user)
        yield user


def test_look_first_then_create_the_chosen_quarters(leader):
    form = stage.act(leader, "desk.show", {"section": "planning"})
    assert form.status_int == 200
    assert "Plan the rounds of a year" in form.text
    seen = stage.act(leader, "year.look", {**RULE, "month": "3", "nth": "-1", "weekday": "0"})
    assert "Monday, 29 March 2027, 18:00 to 20:00" in seen.text
    assert "Public holiday: Easter Monday." in seen.text
    assert seen.text.count('name="quarters"') == 4
    assert seen.text.count(" checked>") == 3, "the holiday is not chosen by itself"
    assert not Round.objects.exists()
    made = stage.act(leader, "year.create", [*RULE.items(), ("quarters", "2"), ("quarters", "3")])
    assert made.status_int == 200
    assert "2 rounds are saved as drafts." in made.text
    assert set(Round.objects.values_list("title", flat=True)) == {"Quarter 2 of 2027", "Quarter 3 of 2027"}
    again = stage.act(leader, "year.look", RULE)
    assert again.text.count("exists already") == 2


def test_a_bad_entry_is_marked_at_its_field_and_kept(leader):
    answer = stage.act(leader, "year.look", {**RULE, "year": "1999"})
    assert 'value="1999"' in answer.text
    assert "This number is too small or too large." in answer.text


def test_without_a_round_every_section_that_needs_one_leads_to_the_form(leader):
    for section in ("registrations", "assignment", "cases", "sessions"):
        page = stage.act(leader, "desk.show", {"section": section}).text
        assert "There is no round yet. Create one first." in page, section
        assert "Create a round</button>" in page, section


def test_two_dates_are_asked_for_and_more_unfold_with_what_was_typed(leader):
    page = stage.act(leader, "desk.show", {"section": "rounds"}).text
    assert page.index('name="slots.1.day"') < page.index("Enter more dates") < page.index('name="slots.2.day"')
    folded = '<details class="kb-fold" ><summary>Enter more dates'
    assert folded in page
    refused = stage.act(leader, "round.create", {"title": "Q", "slots.2.day": "2027-03-09", "slots.2.from": "18:00"})
    assert refused.status_int == 400
    assert folded not in refused.text
    assert 'name="slots.2.day" value="2027-03-09"' in refused.text


def test_copy_a_round(leader):
    uid = world.open_round(world.actor(leader, is_coordinator=True), in_days=30)
    refused = stage.act(leader, "round.copy", {"round": uid, "copy_title": "Next", "first_day": "soon"})
    assert refused.status_int == 400
    assert not Round.objects.filter(title="Next").exists()
    done = stage.act(leader, "round.copy", {"round": uid, "copy_title": "Next", "first_day": "2027-06-01"})
    assert "The copy is saved as a draft." in done.text
    assert Slot.objects.filter(round__title="Next").count() == 2


def test_the_waiting_list_and_a_place_by_hand(leader):
    uid = world.open_round(world.actor(leader, is_coordinator=True), in_days=30, capacity=1)
    for _ in range(3):
        world.sign_up(world.actor(world.user()), uid)
    page = stage.act(leader, "desk.show", {"section": "waiting", "round": uid})
    assert page.text.count("Give a free place at once") == 2
    second = Registration.objects.filter(state="waiting").order_by("pk").last()
    full = stage.act(leader, "waiting.promote", {"round": uid, "person": second.uid, "reason": "phoned"})
    assert full.status_int == 409
    assert "All places are taken." in full.text
    Round.objects.filter(uid=uid).update(capacity=2)
    nothing = stage.act(leader, "waiting.promote", {"round": uid, "person": second.uid, "reason": ""})
    assert nothing.status_int == 400
    done = stage.act(leader, "waiting.promote", {"round": uid, "person": second.uid, "reason": "phoned"})
    assert "The person has the place and gets a mail." in done.text
    assert Registration.objects.get(pk=second.pk).state == "registered"


def test_each_date_of_one_round_is_warned_of_and_none_forbidden(leader):
    lead = world.actor(leader, is_coordinator=True)
    other = rounds.create_round(
        actor=lead, title="Supervision", closes_at="2027-01-01T12:00", slots=[{"starts_at": "2027-01-12T19:00", "minutes": 90}]
    )
    form = {
        "title": "Spring", "closes_at": "2027-01-02T12:00", "slots.0.day": "2027-01-12", "slots.0.from": "18:00", "slots.0.minutes": "120",
        "slots.0.max_groups": "2", "slots.0.capacity": "9", "slots.1.day": "2027-03-29", "slots.1.from": "18:00", "slots.1.minutes": "120",
        "slots.1.max_groups": "2",
    }
    made = stage.act(leader, "round.create", form)
    assert made.status_int == 200
    assert "At the same time: Supervision." in made.text
    assert "Public holiday: Easter Monday." in made.text
    assert "9 places." in made.text
    first, second = Slot.objects.filter(round__title="Spring")
    assert (first.capacity, second.capacity) == (9, None)
    rounds.cancel_round(actor=lead, round_uid=other)
    move = {"round": first.round.uid, "slot": first.uid, "move_day": "2027-01-13", "move_from": "18:00", "move_minutes": "120", "move_groups": "2"}
    moved = stage.act(leader, "slot.move", {**move, "move_places": ""})
    assert "At the same time" not in moved.text
    first.refresh_from_db()
    assert first.capacity is None
    copied = stage.act(leader, "round.copy", {"round": first.round.uid, "copy_title": "Advent", "first_day": "2027-12-25"})
    assert copied.status_int == 200
    shown = stage.act(leader, "desk.show", {"section": "rounds", "round": Round.objects.get(title="Advent").uid})
    assert "Public holiday: Christmas Day." in shown.text


def test_a_place_limit_of_a_date_below_what_is_given_is_refused_at_its_field(leader):
    uid = world.open_round(world.actor(leader, is_coordinator=True), in_days=30, evenings=1)
    for _ in range(3):
        world.sign_up(world.actor(world.user()), uid)
    slot = Slot.objects.get(round__uid=uid)
    day = slot.starts_at.date().isoformat()
    move = {"round": uid, "slot": slot.uid, "move_day": day, "move_from": "18:00", "move_minutes": "120", "move_groups": "2"}
    refused = stage.act(leader, "slot.move", {**move, "move_places": "2"})
    assert refused.status_int == 400
    assert "More people have a place already." in refused.text
    assert stage.act(leader, "slot.move", {**move, "move_places": "3"}).status_int == 200
    late = world.actor(world.user())
    assert world.sign_up(late, uid).state == "waiting"


def test_nobody_else_plans(leader):
    stranger = stage.enrol(world.user())
    assert stage.act(stranger, "year.create", {**RULE, "quarters": "1"}).status_int in (403, 404)
    assert not Round.objects.exists()


def test_more_places_reach_the_waiting_list_and_fewer_than_given_are_refused(leader):
    uid = world.open_round(world.actor(leader, is_coordinator=True), in_days=30, capacity=2)
    for _ in range(4):
        world.sign_up(world.actor(world.user()), uid)
    less = stage.act(leader, "round.places", {"round": uid, "places": "1"})
    assert less.status_int == 400
    assert "More people have a place already." in less.text
    assert Round.objects.get(uid=uid).capacity == 2
    more = stage.act(leader, "round.places", {"round": uid, "places": "3"})
    assert "Free places are offered to the waiting list." in more.text
    assert Registration.objects.filter(state="offered").count() == 1


def test_moving_a_date_keeps_its_link_and_its_wall_clock(leader):
    uid = world.open_round(world.actor(leader, is_coordinator=True), in_days=30)
    slot = Slot.objects.filter(round__uid=uid).first()
    page = stage.act(leader, "desk.show", {"section": "rounds", "round": uid})
    assert 'name="move_from" value="18:00"' in page.text
    data = {"round": uid, "slot": slot.uid, "move_day": "2027-04-06", "move_from": "19:00", "move_minutes": "90"}
    moved = stage.act(leader, "slot.move", {**data, "move_groups": "3"})
    assert moved.status_int == 200, moved.text
    now = Slot.objects.get(pk=slot.pk)
    assert now.starts_at == dt.datetime(2027, 4, 6, 17, tzinfo=dt.UTC)
    assert now.ends_at - now.starts_at == dt.timedelta(minutes=90)
    assert (now.max_groups, now.sequence, now.meeting_url) == (3, slot.sequence + 1, slot.meeting_url)
    bad = stage.act(leader, "slot.move", {**data, "move_day": "", "move_groups": "3"})
    assert bad.status_int == 400


def test_somebody_who_let_two_offers_pass_can_wake_up(leader):
    uid = world.open_round(world.actor(leader, is_coordinator=True), in_days=60, capacity=1)
    world.sign_up(world.actor(world.user()), uid)
    person = stage.enrol(world.user())
    world.sign_up(world.actor(person), uid)
    assert "Yes, ask me again" not in stage.show(person)
    Registration.objects.filter(user=person).update(missed_offers=2)
    assert "Yes, ask me again" in stage.show(person)
    answer = stage.act(person, "keep_waiting", {"round": uid})
    assert "We ask you again when a place is free." in answer.text
    assert Registration.objects.get(user=person).missed_offers == 0
    first = Registration.objects.exclude(user=person).get()
    refused = stage.act(first.user, "keep_waiting", {"round": uid})
    assert refused.status_int in (403, 404, 409)
