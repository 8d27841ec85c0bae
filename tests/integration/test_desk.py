"""The desk at the door of the api: the board by hand, big rounds as jobs, lists, cancelling on behalf, the history."""

import datetime as dt

import pytest
from django.test import override_settings
from django.utils import timezone

from beratung_xblock import jobs
from beratung_xblock.api import assignment, board, desk, history, places, publishing, rounds
from beratung_xblock.exceptions import Conflict, Invalid, NotFound
from beratung_xblock.models import AuditEntry, Availability, Job, Proposal, Registration, Round, Slot
from tests.integration import report_world, world

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def lead():
    world.place(regions=["Nord", "Süd"])
    return world.lead()


def filled(lead, people=12, **more):
    """A round with people signed up for both evenings, every fourth moderates, every third brings a case."""
    uid = world.open_round(lead, **more)
    for number in range(people):
        world.sign_up(world.actor(world.user()), uid, can_moderate=number % 4 == 0, brings_case=number % 3 == 1, region=("Nord", "Süd")[number % 2])
    return uid


# --- board -----------------------------------------------------------------------------------------------------------


def test_steps_can_be_looked_at_and_gone_back_to(lead):
    uid = filled(lead)
    first = assignment.propose(actor=lead, round_uid=uid, number=0)
    shown = board.board(actor=lead, round_uid=uid)
    here, there = shown.groups[0], shown.groups[1]
    moved = assignment.move(actor=lead, round_uid=uid, number=first, person=here.people[0].uid, to_group=there.id)
    pinned = assignment.pin_group(actor=lead, round_uid=uid, number=moved, group=there.id, pinned=True)

    assert [(step.number, step.action) for step in board.revisions(actor=lead, round_uid=uid)] == [(3, "pin"), (2, "move"), (1, "propose")]
    back = assignment.restore(actor=lead, round_uid=uid, number=pinned, back_to=1)
    after = board.board(actor=lead, round_uid=uid)
    assert back == 4
    assert [[p.uid for p in g.people] for g in after.groups] == [[p.uid for p in g.people] for g in shown.groups]
    with pytest.raises(NotFound):
        assignment.restore(actor=lead, round_uid=uid, number=back, back_to=99)
    with pytest.raises(Conflict, match="stale"):
        assignment.restore(actor=lead, round_uid=uid, number=2, back_to=1)


def test_undo_takes_one_step_after_the_other_back(lead):
    uid = filled(lead)
    number = assignment.propose(actor=lead, round_uid=uid, number=0)
    groups = board.board(actor=lead, round_uid=uid).groups
    for person in groups[0].people[:2]:
        number = assignment.move(actor=lead, round_uid=uid, number=number, person=person.uid, to_group=groups[1].id)
    for left in (1, 0):
        number = assignment.undo(actor=lead, round_uid=uid, number=number)
        latest = Proposal.objects.get(number=number)
        moved = [uid_ for uid_ in (p.uid for p in groups[0].people[:2]) if any(uid_ in g["members"] and g["id"] == groups[1].id for g in latest.groups)]
        assert len(moved) == left
    with pytest.raises(Conflict, match="nothing_to_undo"):
        assignment.undo(actor=lead, round_uid=uid, number=number)


def test_two_facilitators_do_not_overwrite_each_other(lead):
    uid = filled(lead)
    other = world.lead()
    number = assignment.propose(actor=lead, round_uid=uid, number=0)
    groups = board.board(actor=lead, round_uid=uid).groups
    assignment.move(actor=lead, round_uid=uid, number=number, person=groups[0].people[0].uid, to_group=groups[1].id)
    for step in (
        lambda: assignment.move(actor=other, round_uid=uid, number=number, person=groups[0].people[1].uid, to_group=groups[1].id),
        lambda: assignment.pin_person(actor=other, round_uid=uid, number=number, person=groups[0].people[1].uid, pinned=True),
        lambda: assignment.propose(actor=other, round_uid=uid, number=number),
        lambda: publishing.publish(actor=other, round_uid=uid, number=number, ends_signup=True),
    ):
        with pytest.raises(Conflict, match="stale"):
            step()
    assert Proposal.objects.count() == 2


def test_pins_survive_a_new_proposal(lead):
    uid = filled(lead)
    number = assignment.propose(actor=lead, round_uid=uid, number=0)
    groups = board.board(actor=lead, round_uid=uid).groups
    person = next(p for p in groups[0].people if not p.is_moderator and not p.case_is_heard and not p.can_moderate)
    number = assignment.move(actor=lead, round_uid=uid, number=number, person=person.uid, to_group=groups[1].id)
    assignment.propose(actor=lead, round_uid=uid, number=number, seed=7)
    after = next(g for g in board.board(actor=lead, round_uid=uid).groups if person.uid in {p.uid for p in g.people})
    assert after.slot.uid == groups[1].slot.uid
    assert next(p for p in after.people if p.uid == person.uid).pinned


def test_where_nobody_can_moderate_the_coordinator_is_asked(lead):
    uid = world.open_round(lead, evenings=1)
    for number in range(6):
        world.sign_up(world.actor(world.user()), uid, brings_case=number < 2)
    number = assignment.propose(actor=lead, round_uid=uid, number=0)
    before = board.board(actor=lead, round_uid=uid)
    assert (before.placed, [item.kind for item in before.advice]) == (0, ["moderator_missing"])

    assignment.offer_moderation(actor=lead, slot_uid=before.advice[0].params["slot"], wanted=True)
    assignment.propose(actor=lead, round_uid=uid, number=number)
    after = board.board(actor=lead, round_uid=uid)
    assert (after.placed, after.groups[0].moderator_is_facilitator, after.advice) == (6, True, ())


# --- big rounds ------------------------------------------------------------------------------------------------------


@override_settings(BERATUNG_ASYNC_FROM=8)
def test_a_big_round_is_calculated_by_a_worker(lead):
    uid = filled(lead)
    job = assignment.start_calculation(actor=lead, round_uid=uid, number=0)
    done = assignment.calculation(actor=lead, round_uid=uid)

    assert (done.uid, done.state) == (job, "done"), "the tests' worker runs at once"
    assert board.board(actor=lead, round_uid=uid).placed == 12
    assert AuditEntry.objects.filter(action="assignment.start").count() == 1


@pytest.fixture
def idle_worker():
    """Nobody takes jobs."""
    receivers, jobs.jobs_waiting.receivers = jobs.jobs_waiting.receivers, []
    jobs.jobs_waiting.sender_receivers_cache.clear()
    yield
    jobs.jobs_waiting.receivers = receivers
    jobs.jobs_waiting.sender_receivers_cache.clear()


@override_settings(BERATUNG_ASYNC_FROM=8)
def test_a_waiting_calculation_can_be_stopped_and_nothing_changes(lead, idle_worker):
    uid = filled(lead)
    job = assignment.start_calculation(actor=lead, round_uid=uid, number=0)
    with pytest.raises(Conflict, match="running"):
        assignment.start_calculation(actor=lead, round_uid=uid, number=0)
    assignment.cancel_calculation(actor=lead, round_uid=uid, job_uid=job)
    assignment.run_job(job_uid=job)

    assert assignment.calculation(actor=lead, round_uid=uid).state == "cancelled"
    assert Proposal.objects.count() == 0
    with pytest.raises(Conflict, match="over"):
        assignment.cancel_calculation(actor=lead, round_uid=uid, job_uid=job)


@override_settings(BERATUNG_ASYNC_FROM=8)
def test_a_running_calculation_stops_when_asked(lead, idle_worker, monkeypatch):
    uid = filled(lead)
    job = assignment.start_calculation(actor=lead, round_uid=uid, number=0)
    monkeypatch.setattr(jobs, "WRITE_EVERY_SECONDS", 0.0)
    take = jobs.claim

    def claim_and_cancel(job_uid):
        taken = take(job_uid)
        assignment.cancel_calculation(actor=lead, round_uid=uid, job_uid=job_uid)
        return taken

    monkeypatch.setattr(jobs, "claim", claim_and_cancel)
    assignment.run_job(job_uid=job)
    assert assignment.calculation(actor=lead, round_uid=uid).state == "cancelled"
    assert Proposal.objects.count() == 0


@override_settings(BERATUNG_ASYNC_FROM=8)
def test_a_calculation_that_is_overtaken_fails_with_the_reason(lead, idle_worker):
    uid = filled(lead)
    job = assignment.start_calculation(actor=lead, round_uid=uid, number=0)
    assignment.propose(actor=lead, round_uid=uid, number=0)
    assignment.run_job(job_uid=job)

    found = assignment.calculation(actor=lead, round_uid=uid)
    assert (found.state, found.reason) == ("failed", "stale")
    assert Job.objects.get().result == {"reason": "stale"}


def test_others_neither_see_nor_stop_a_calculation(lead):
    uid = filled(lead)
    stranger = world.actor(world.user())
    for step in (
        lambda: assignment.calculation(actor=stranger, round_uid=uid),
        lambda: assignment.start_calculation(actor=stranger, round_uid=uid, number=0),
        lambda: assignment.cancel_calculation(actor=stranger, round_uid=uid, job_uid="x"),
        lambda: board.revisions(actor=stranger, round_uid=uid),
        lambda: history.history(actor=stranger),
    ):
        with pytest.raises(NotFound):
            step()


# --- lists -----------------------------------------------------------------------------------------------------------


def test_lists_take_the_same_queries_for_ten_and_for_two_hundred(lead, django_assert_max_num_queries):
    counts = []
    for people in (10, 200):
        uid = world.open_round(lead, max_groups=40)
        slots = rounds.get_round(actor=lead, round_uid=uid).slots
        _rows(uid, people)
        with django_assert_max_num_queries(30) as board_queries:
            board.board(actor=lead, round_uid=uid)
        with django_assert_max_num_queries(8) as list_queries:
            page = desk.registrations(actor=lead, round_uid=uid)
        with django_assert_max_num_queries(20) as today_queries:
            desk.today(actor=lead)
        assert (page.total, len(page.rows), len(slots)) == (people, min(25, people), 2)
        counts.append((len(board_queries), len(list_queries)))
        assert len(today_queries) <= 12
    assert counts[0] == counts[1]


def _rows(round_uid, count):
    """Registrations as plain rows: two hundred sign-ups would take a minute."""
    round_ = Round.objects.get(uid=round_uid)
    slots = list(Slot.objects.filter(round=round_))
    Registration.objects.bulk_create(
        Registration(round=round_, display_name=f"Person {n:04}", region=("Nord", "Süd")[n % 2], languages=["de"], can_moderate=n % 4 == 0, brings_case=n % 3 == 0, queued_at=timezone.now())
        for n in range(count)
    )
    Availability.objects.bulk_create(
        Availability(registration=row, slot=slot, answer="yes") for row in Registration.objects.filter(round=round_) for slot in slots
    )


def test_search_order_and_pages(lead):
    uid = world.open_round(lead)
    _rows(uid, 60)
    page = desk.registrations(actor=lead, round_uid=uid, order="name", offset=25)
    assert [row.display_name for row in page.rows][:2] == ["Person 0025", "Person 0026"]
    assert desk.registrations(actor=lead, round_uid=uid, offset=9999).offset == 50
    assert desk.registrations(actor=lead, round_uid=uid, search="0012").total == 1
    assert desk.registrations(actor=lead, round_uid=uid, search="Süd").total == 30
    assert desk.registrations(actor=lead, round_uid=uid, state="cancelled").total == 0


def test_a_coordinator_of_one_region_sees_that_region(lead):
    uid = world.open_round(lead)
    _rows(uid, 10)
    south = world.actor(world.user(), is_coordinator=True, regions=("Süd",))
    assert desk.registrations(actor=south, round_uid=uid).total == 5
    north = Registration.objects.filter(region="Nord").first()
    with pytest.raises(NotFound):
        desk.cancel_registration(actor=south, registration_uid=north.uid, reason="x")


def test_cancelling_for_somebody_needs_a_reason_and_can_be_taken_back(lead):
    uid = filled(lead, people=6)
    row = Registration.objects.order_by("pk").first()
    with pytest.raises(Invalid):
        desk.cancel_registration(actor=lead, registration_uid=row.uid, reason="  ")
    desk.cancel_registration(actor=lead, registration_uid=row.uid, reason="Ist krank")
    with pytest.raises(Conflict, match="cancelled"):
        desk.cancel_registration(actor=lead, registration_uid=row.uid, reason="Ist krank")
    row.refresh_from_db()
    assert (row.state, row.cancel_reason, row.seat_id) == ("cancelled", "Ist krank", None)

    assert desk.register_again(actor=lead, registration_uid=row.uid) == "registered"
    with pytest.raises(Conflict, match="twice"):
        desk.register_again(actor=lead, registration_uid=row.uid)
    row.refresh_from_db()
    assert (row.state, row.cancel_reason, row.seat_id is None) == ("registered", "", False)
    assert rounds.get_round(actor=lead, round_uid=uid).registered == 6


def test_missed_sessions_are_a_hint_from_the_second_on(lead):
    place = world.place(regions=["Nord", "Süd"])
    who, once = world.user(), world.user()
    for day in (dt.date(2025, 2, 4), dt.date(2025, 5, 6)):
        report_world.session(place, [(who, "Nord", "online", 0)], on=day)
    report_world.session(place, [(once, "Nord", "online", 0)], on=dt.date(2025, 8, 5))
    uid = world.open_round(lead)
    for person in (who, once):
        world.sign_up(world.actor(person), uid)
    page = desk.registrations(actor=lead, round_uid=uid)
    assert list(page.missed.values()) == [2]
    assert Registration.objects.get(uid=next(iter(page.missed))).user == who


def test_accounts_are_found_by_name_and_address(lead):
    who = world.user("olena")
    assert desk.account_of(actor=lead, text=" olena ") == who.pk
    assert desk.account_of(actor=lead, text=who.email.upper()) == who.pk
    assert desk.account_of(actor=lead, text="") is None
    for text in ("nobody", "nobody@example.org"):
        with pytest.raises(Invalid):
            desk.account_of(actor=lead, text=text)
    with pytest.raises(NotFound):
        desk.account_of(actor=world.actor(who), text="olena")


# --- history and team ------------------------------------------------------------------------------------------------


def test_the_history_tells_who_did_what_and_no_content(lead):
    uid = filled(lead, people=5)
    row = Registration.objects.order_by("pk").first()
    desk.cancel_registration(actor=lead, registration_uid=row.uid, reason="Geheimer Grund")
    lines, more = history.history(actor=lead)
    told = str(lines)

    assert [line.action for line in lines][:2] == ["registration.cancel", "registration.create"]
    assert (lines[0].subject, bool(lines[0].who), lines[1].who) == (row.display_name, True, "")
    assert not more
    assert "Geheimer Grund" not in told
    assert {line.action for line in history.history(actor=lead, area="round")[0]} == {"round.create", "round.open"}
    page, more = history.history(actor=lead, limit=3)
    assert (len(page), more) == (3, True)
    assert rounds.get_round(actor=lead, round_uid=uid).registered == 4


def test_only_instructors_see_and_change_the_team(lead):
    who = world.user("neu")
    chief = world.actor(world.user(), is_instructor=True)
    places.grant_coordinator(actor=chief, user_id=who.pk, region="Nord")
    assert [(member.name, member.regions) for member in places.team(actor=chief) if member.user_id == who.pk] == [("neu", ("Nord",))]
    assert "coordinator.grant" in [line.action for line in history.history(actor=lead)[0]]
    places.revoke_coordinator(actor=chief, user_id=who.pk)
    assert who.pk not in [member.user_id for member in places.team(actor=chief)]
    for other in (lead, world.actor(who), world.actor(who, is_instructor=True, is_masquerading=True)):
        with pytest.raises(NotFound):
            places.team(actor=other)
        with pytest.raises(NotFound):
            places.grant_coordinator(actor=other, user_id=who.pk)
