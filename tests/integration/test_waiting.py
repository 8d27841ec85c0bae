"""The waiting list: order, offers, expiry, seats in slots; nobody twice, nobody lost, nobody asked who left."""

import datetime as dt
import re
from dataclasses import replace

import pytest
import time_machine
from django.contrib.auth import get_user_model
from django.core import mail
from django.core.cache import cache
from django.utils import timezone

from beratung_xblock.api import _positions, rounds, signup, waiting
from beratung_xblock.api._places import queue
from beratung_xblock.exceptions import Conflict, Invalid, NotFound
from beratung_xblock.models import AuditEntry, OutboxMail, PlaceOffer, Registration, Round
from tests.blocks import stage
from tests.integration import world

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def full_round():
    """One evening, two places taken, three people waiting in order."""
    world.place()
    lead = world.lead()
    uid = world.open_round(lead, evenings=1, capacity=2, in_days=60)
    people = [world.actor(world.user()) for _ in range(5)]
    views = [world.sign_up(person, uid) for person in people]
    assert [view.state for view in views] == ["registered"] * 2 + ["waiting"] * 3
    assert [view.waiting_position for view in views[2:]] == [1, 2, 3]
    return lead, uid, people


def state(person, uid):
    return signup.own_registration(actor=person, round_uid=uid).state


def position(person, uid):
    return signup.own_registration(actor=person, round_uid=uid).waiting_position


def test_a_freed_place_is_offered_to_the_first_and_held(full_round):
    _, uid, people = full_round
    signup.cancel(actor=people[0], round_uid=uid)
    assert [state(p, uid) for p in people] == ["cancelled", "registered", "offered", "waiting", "waiting"]
    assert [position(p, uid) for p in people[3:]] == [1, 2]
    late = world.actor(world.user())
    assert world.sign_up(late, uid).state == "waiting"
    offer = PlaceOffer.objects.get()
    assert offer.expires_at - offer.offered_at == dt.timedelta(hours=48)
    assert OutboxMail.objects.filter(kind="offer").count() == 1


def test_accepting_takes_the_place_once(full_round):
    _, uid, people = full_round
    signup.cancel(actor=people[0], round_uid=uid)
    waiting.accept_offer(actor=people[2], round_uid=uid)
    assert state(people[2], uid) == "registered"
    with pytest.raises(Conflict, match="no_offer"):
        waiting.accept_offer(actor=people[2], round_uid=uid)
    assert Registration.objects.filter(state="registered").count() == 2


def test_declining_leaves_the_list_and_asks_the_next(full_round):
    _, uid, people = full_round
    signup.cancel(actor=people[0], round_uid=uid)
    waiting.decline_offer(actor=people[2], round_uid=uid)
    assert [state(p, uid) for p in people[2:]] == ["cancelled", "offered", "waiting"]
    signup.cancel(actor=people[1], round_uid=uid)
    assert [state(p, uid) for p in people[2:]] == ["cancelled", "offered", "offered"]


def test_an_offer_that_runs_out_goes_to_the_next_and_then_falls_asleep(full_round):
    _, uid, people = full_round
    signup.cancel(actor=people[0], round_uid=uid)
    now = timezone.now()
    order = []
    for _ in range(8):
        row = Registration.objects.filter(state="offered").first()
        if row is None:
            break
        order.append(row.user_id)
        now += dt.timedelta(hours=49)
        with time_machine.travel(now, tick=False):
            assert waiting.expire_due(now=now) == 1
    ids = [p.user_id for p in people]
    assert order == [ids[2], ids[3], ids[4]] * 2
    assert [state(p, uid) for p in people] == ["cancelled", "registered", "waiting", "waiting", "waiting"]
    assert [position(p, uid) for p in people[2:]] == [1, 2, 3]
    with time_machine.travel(now, tick=False):
        newcomer = world.actor(world.user())
        assert world.sign_up(newcomer, uid).state == "registered", "sleepers hold no ghost seat"
        signup.cancel(actor=newcomer, round_uid=uid)
        waiting.keep_waiting(actor=people[3], round_uid=uid)
        assert [state(p, uid) for p in people[2:]] == ["waiting", "offered", "waiting"]


def test_an_expired_offer_cannot_be_accepted_even_before_the_periodic_run(full_round):
    _, uid, people = full_round
    signup.cancel(actor=people[0], round_uid=uid)
    with time_machine.travel(timezone.now() + dt.timedelta(hours=49), tick=False):
        with pytest.raises(Conflict, match="no_offer"):
            waiting.accept_offer(actor=people[2], round_uid=uid)
        assert waiting.expire_due() == 1
        assert waiting.expire_due() == 0


def test_offers_are_shorter_near_the_date():
    world.place()
    uid = world.open_round(world.lead(), evenings=1, capacity=1, in_days=3)
    first, second = (world.actor(world.user()) for _ in range(2))
    world.sign_up(first, uid)
    world.sign_up(second, uid)
    signup.cancel(actor=first, round_uid=uid)
    offer = PlaceOffer.objects.get()
    starts = offer.registration.seat.starts_at
    assert offer.expires_at - offer.offered_at == pytest.approx(
        (starts - offer.offered_at) / 3, abs=dt.timedelta(seconds=2)
    )


def test_left_out_last_round_comes_first(full_round):
    lead, uid, people = full_round
    rounds.cancel_round(actor=lead, round_uid=uid)
    second = world.open_round(lead, evenings=1, capacity=1, in_days=90)
    newcomer, other = (world.actor(world.user()) for _ in range(2))
    world.sign_up(newcomer, second)
    assert world.sign_up(other, second).waiting_position == 1
    view = world.sign_up(people[4], second)
    assert view.waiting_position == 1
    assert position(other, second) == 2


def test_a_round_still_open_is_no_reason_to_come_first(full_round):
    lead, _uid, people = full_round
    second = world.open_round(lead, evenings=1, capacity=1, in_days=90)
    newcomer = world.actor(world.user())
    for person in (world.actor(world.user()), newcomer, people[0], people[4]):
        world.sign_up(person, second)
    assert [position(person, second) for person in (newcomer, people[0], people[4])] == [1, 2, 3]


def test_promotion_by_hand_needs_a_reason_and_a_free_place(full_round):
    lead, uid, people = full_round
    last = signup.own_registration(actor=people[4], round_uid=uid)
    with pytest.raises(Invalid, match="reason"):
        waiting.promote(actor=lead, registration_uid=last.uid, reason=" ")
    with pytest.raises(Conflict, match="full"):
        waiting.promote(actor=lead, registration_uid=last.uid, reason="phoned")
    with pytest.raises(NotFound):
        waiting.promote(actor=people[1], registration_uid=last.uid, reason="me first")
    Round.objects.filter(uid=uid).update(capacity=3)
    waiting.promote(actor=lead, registration_uid=last.uid, reason="phoned")
    assert state(people[4], uid) == "registered"
    offer = PlaceOffer.objects.get()
    assert (offer.state, offer.reason, offer.offered_by_id) == ("accepted", "phoned", lead.user_id)
    assert AuditEntry.objects.filter(action="registration.promote", actor_id=lead.user_id).count() == 1


def test_the_coordinator_sees_the_list_in_order(full_round):
    lead, uid, people = full_round
    signup.cancel(actor=people[0], round_uid=uid)
    lines = waiting.list_waiting(actor=lead, round_uid=uid).lines
    assert [(line.position, line.state) for line in lines] == [(0, "offered"), (1, "waiting"), (2, "waiting")]
    with pytest.raises(NotFound):
        waiting.list_waiting(actor=people[1], round_uid=uid)


@pytest.mark.parametrize("limit", [1, 2, 3, 5])
def test_the_list_comes_in_pages_that_leave_nobody_out(full_round, limit):
    lead, uid, people = full_round
    signup.cancel(actor=people[0], round_uid=uid)
    whole = waiting.list_waiting(actor=lead, round_uid=uid)
    assert (whole.total, len(whole.lines)) == (3, 3)
    pages = [waiting.list_waiting(actor=lead, round_uid=uid, offset=start, limit=limit) for start in range(0, 3, limit)]
    assert [line for page in pages for line in page.lines] == list(whole.lines)
    assert {page.total for page in pages} == {3}


def test_positions_in_a_long_list_are_exact_and_follow_each_write(monkeypatch, django_assert_max_num_queries):
    monkeypatch.setattr(_positions, "STRIDE", 5)
    monkeypatch.setattr(_positions, "LONG", 10)
    world.place()
    uid = world.open_round(world.lead(), evenings=1, capacity=1, in_days=60)
    round_, now = Round.objects.get(uid=uid), timezone.now()
    users = [world.user() for _ in range(24)]
    Registration.objects.bulk_create(  # in groups of three at the same moment, some left out before, some who missed an offer
        Registration(
            round=round_, user=user, display_name=f"P{n}", state="waiting", waited=n % 7 == 0, missed_offers=n % 11 == 0,
            queued_at=now + dt.timedelta(seconds=n // 3),
        )
        for n, user in enumerate(users)
    )

    def check():
        order = list(queue(round_.pk).values_list("user_id", flat=True))
        for _again in range(3):
            for number, user_id in enumerate(order, start=1):
                with django_assert_max_num_queries(5):
                    assert position(world.actor(get_user_model().objects.get(pk=user_id)), uid) == number
        assert len(cache.get(f"beratung-queue-{uid}-{Round.objects.get(uid=uid).version}")) > 4, "marks were made and used"
        return order

    order = check()
    signup.cancel(actor=world.actor(get_user_model().objects.get(pk=order[9])), round_uid=uid)
    assert check() == [user_id for user_id in order if user_id != order[9]]


def test_a_coordinator_of_one_region_sees_true_positions(full_round):
    lead, uid, _ = full_round
    last = Registration.objects.filter(round__uid=uid, state="waiting").order_by("queued_at").last()
    Registration.objects.filter(pk=last.pk).update(region="Nord")
    north = replace(lead, regions=("Nord",))
    page = waiting.list_waiting(actor=north, round_uid=uid)
    assert [(line.registration_uid, line.position) for line in page.lines] == [(last.uid, 3)]
    assert page.total == 1


def test_free_places_nobody_noticed_are_offered_by_the_periodic_run(full_round):
    _, uid, people = full_round
    Round.objects.filter(uid=uid).update(capacity=4)
    assert waiting.offer_open_places() == 1
    assert [state(p, uid) for p in people[2:]] == ["offered", "offered", "waiting"]
    assert waiting.offer_open_places() == 0


# --- seats in slots --------------------------------------------------------------------------------------------------


def two_evenings(capacity_each):
    world.place()
    lead = world.lead()
    uid = world.open_round(lead, evenings=2)
    slots = [slot.uid for slot in rounds.get_round(actor=lead, round_uid=uid).slots]
    Round.objects.get(uid=uid).slots.update(capacity=capacity_each)
    return lead, uid, slots


def offering(uid, *, yes, slots):
    person = world.actor(world.user())
    view = world.sign_up(person, uid, answers={slot: "yes" if slot in yes else "no" for slot in slots})
    return person, view


def test_somebody_flexible_moves_over_so_that_everybody_has_a_seat():
    _, uid, (a, b) = two_evenings(1)
    slots = (a, b)
    _, flexible = offering(uid, yes=slots, slots=slots)
    assert flexible.state == "registered"
    assert Registration.objects.get().seat.uid == a
    _, fixed = offering(uid, yes=(a,), slots=slots)
    assert fixed.state == "registered"
    assert dict(Registration.objects.values_list("uid", "seat__uid")) == {flexible.uid: b, fixed.uid: a}
    _, third = offering(uid, yes=slots, slots=slots)
    assert third.state == "waiting"


def test_a_waiting_person_is_only_asked_for_a_date_they_offered():
    _, uid, (a, b) = two_evenings(1)
    slots = (a, b)
    on_a, _ = offering(uid, yes=(a,), slots=slots)
    on_b, _ = offering(uid, yes=(b,), slots=slots)
    first, _ = offering(uid, yes=(a,), slots=slots)
    second, _ = offering(uid, yes=(b,), slots=slots)
    signup.cancel(actor=on_b, round_uid=uid)
    assert (state(first, uid), state(second, uid)) == ("waiting", "offered")
    signup.cancel(actor=on_a, round_uid=uid)
    assert (state(first, uid), state(second, uid)) == ("offered", "offered")


def test_changing_to_a_full_date_is_refused_and_the_old_place_stays():
    _, uid, (a, b) = two_evenings(1)
    slots = (a, b)
    person, _ = offering(uid, yes=(a,), slots=slots)
    offering(uid, yes=(b,), slots=slots)
    view = signup.own_registration(actor=person, round_uid=uid)
    wishes = {"display_name": "X", "languages": ["de"], "answers": {a: "no", b: "yes"}}
    with pytest.raises(Invalid) as refused:
        signup.update(actor=person, round_uid=uid, wishes=wishes)
    assert refused.value.errors == {"answers": "full"}
    assert signup.own_registration(actor=person, round_uid=uid).answers == view.answers
    assert Registration.objects.get(uid=view.uid).seat.uid == a


def test_changing_frees_the_old_seat_for_the_next_in_line():
    _, uid, (a, b) = two_evenings(1)
    slots = (a, b)
    person, _ = offering(uid, yes=(a,), slots=slots)
    waiter, view = offering(uid, yes=(a,), slots=slots)
    assert view.state == "waiting"
    wishes = {"display_name": "X", "languages": ["de"], "answers": {a: "no", b: "if"}}
    with pytest.raises(Invalid):
        signup.update(actor=person, round_uid=uid, wishes=wishes)
    wishes["answers"][b] = "maybe"
    signup.update(actor=person, round_uid=uid, wishes=wishes)
    assert state(waiter, uid) == "offered"


def test_a_cancelled_date_seats_its_people_elsewhere_where_it_can():
    lead, uid, (a, b) = two_evenings(2)
    slots = (a, b)
    _, flexible = offering(uid, yes=slots, slots=slots)
    _, fixed = offering(uid, yes=(a,), slots=slots)
    Registration.objects.filter(uid=flexible.uid).update(seat=Round.objects.get(uid=uid).slots.get(uid=a))
    rounds.cancel_slot(actor=lead, slot_uid=a)
    assert dict(Registration.objects.values_list("uid", "seat__uid")) == {flexible.uid: b, fixed.uid: None}


# --- links in mails --------------------------------------------------------------------------------------------------


def link_of(message, label):
    lines = message.body.splitlines()
    address = lines[lines.index(f"{label}:") + 1]
    return address[address.index("/beratung/m/") :]


def test_the_offer_s_link_shows_a_button_and_acts_on_post_only(full_round, client):
    _, uid, people = full_round
    signup.cancel(actor=people[0], round_uid=uid)
    (message,) = [m for m in mail.outbox if m.subject == "Ein Platz ist für Sie frei"]
    path = link_of(message, "Platz annehmen")
    page = client.get(path)
    assert page.status_code == 200
    assert page["Referrer-Policy"] == "no-referrer"
    assert "Platz annehmen" in page.content.decode()
    assert f"Person {people[2].user_id}" not in page.content.decode()
    assert state(people[2], uid) == "offered"
    done = client.post(path)
    assert done.status_code == 200
    assert state(people[2], uid) == "registered"
    assert client.post(path).status_code == 200
    assert Registration.objects.filter(state="registered").count() == 2
    other = link_of(message, "Platz ablehnen")
    assert "stehen Sie auch nicht mehr auf der Warteliste" in client.get(other).content.decode()
    refused = client.post(other)
    assert refused.status_code == 409
    assert "Sie haben diesen Platz schon angenommen." in refused.content.decode()
    assert state(people[2], uid) == "registered"


def test_links_run_out_and_cannot_be_altered(full_round, client):
    _, uid, people = full_round
    signup.cancel(actor=people[0], round_uid=uid)
    (message,) = [m for m in mail.outbox if m.subject == "Ein Platz ist für Sie frei"]
    path = link_of(message, "Platz annehmen")
    assert client.post(path[:-1] + ("A" if path[-1] != "A" else "B")).status_code == 404
    with time_machine.travel(timezone.now() + dt.timedelta(days=3), tick=False):
        assert client.get(path).status_code == 410
        assert client.post(path).status_code == 410
    assert state(people[2], uid) == "offered"


def test_the_desk_shows_a_long_list_page_by_page():
    world.place()
    leader = stage.enrol(world.user())
    lead = world.lead(leader)
    uid = world.open_round(lead, evenings=1, capacity=1)
    round_ = Round.objects.get(uid=uid)
    Registration.objects.bulk_create(
        Registration(round=round_, display_name=f"Wartend-{n:03d}", state="waiting", queued_at=timezone.now() + dt.timedelta(seconds=n))
        for n in range(120)
    )
    names = []
    for offset in ("0", "50", "100", "nonsense", "9999"):
        text = stage.act(leader, "desk.show", {"section": "waiting", "round": uid, "offset": offset}).text
        names.append(re.findall(r"Wartend-\d{3}", text))
        assert ('name="offset" value="50"' in text) == (offset in ("0", "100", "nonsense", "9999"))
    assert [*names[0], *names[1], *names[2]] == [f"Wartend-{n:03d}" for n in range(120)]
    assert (names[3], names[4]) == (names[0], names[2])
