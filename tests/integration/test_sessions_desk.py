"""Sessions from the coordinator's side: phase and people, no word of what is said."""

from __future__ import annotations

import dataclasses
import datetime as dt
import json

import crum
import pytest
from django.core.cache import cache
from django.test import RequestFactory
from django.utils import timezone

from beratung_xblock.api import places, session_desk, sessions
from beratung_xblock.exceptions import Conflict, NotFound
from beratung_xblock.models import AuditEntry, Group, Membership, SessionEvent
from tests.blocks import stage
from tests.integration import session_world, world

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def lead():
    cache.clear()
    return world.lead()


@pytest.fixture
def six(lead):
    return session_world.make()


@pytest.fixture(autouse=True)
def nobody_asks_afterwards():
    """A request that a test puts behind the block's view is gone at its end."""
    yield
    crum.set_current_request(None)


def test_the_desk_sees_phase_and_people_and_no_text(six, lead):
    six.to_ideas()
    six.do("Cem", "set_question", text="Fragemarke")
    six.do("Bernd", "add_idea", text="Ideenmarke")
    seen = session_desk.led_session(actor=lead, group_uid=six.group.uid)
    assert (seen.status, seen.phase.get("de"), seen.phase_number, seen.phases) == ("running", "Beratung", 5, 6)
    assert seen.moderator == "Anna"
    assert {"Anna", "Bernd", "Cem"} <= set(seen.here)
    assert set(seen.here) | set(seen.missing) == set(session_world.NAMES)
    assert "marke" not in json.dumps(dataclasses.asdict(seen), default=str)


def test_only_the_coordinator_of_the_place_looks(six):
    for stranger in (six.actors["Anna"], world.actor(world.user()), world.actor(world.user(), is_course_staff=True)):
        with pytest.raises(NotFound):
            session_desk.led_session(actor=stranger, group_uid=six.group.uid)
        with pytest.raises(NotFound):
            session_desk.end(actor=stranger, group_uid=six.group.uid)


def reads(six, who):
    """Which of the texts a person sees: key question, idea, case."""
    view = six.see(who)
    return (bool(view.question), len(view.ideas), view.case_text is not None)


def test_a_coordinator_named_for_a_group_moderates_it_and_reads_only_while_moderating(six, lead):
    chief = world.user("chief")
    six.actors["Chief"] = world.promise(world.actor(chief, is_coordinator=True))
    with pytest.raises(NotFound):
        six.see("Chief")
    assert session_desk.moderated(actor=six.actors["Chief"]) == {}
    six.group.facilitator = chief
    six.group.save()
    assert session_desk.moderated(actor=six.actors["Chief"]) == {six.group.uid: six.session.uid}
    assert session_desk.moderated(actor=lead) == {}
    assert session_desk.moderated(actor=dataclasses.replace(six.actors["Chief"], is_coordinator=False)) == {}
    six.do("Chief", "join")
    six.to_ideas()
    six.do("Anna", "ask_conflict")
    six.do("Cem", "open_case")
    six.do("Eva", "set_question", text="Fragemarke")
    six.do("Bernd", "add_idea", text="Ideenmarke")
    assert reads(six, "Chief") == (False, 0, False)
    assert reads(six, "Dana") == (True, 1, True)
    with pytest.raises(sessions.SessionRefused):
        six.do("Chief", "add_idea", text="von außen")
    six.do("Anna", "hand_over", person=f"f{chief.pk}")
    assert six.see("Chief").moderates
    assert reads(six, "Chief") == (True, 1, True)
    noted = AuditEntry.objects.get(action="case.read", actor_id=chief.pk)
    assert (noted.object_id, noted.actor_role) == (six.case_uid, "coordinator")
    six.do("Chief", "extend", minutes="5")
    six.do("Chief", "hand_over", person=six.uid("Bernd"))
    assert reads(six, "Chief") == (False, 0, False)
    six.group.facilitator = None
    six.group.save()
    with pytest.raises(NotFound):
        six.see("Chief")


def test_a_group_without_a_moderator_of_its_own_is_led_by_the_coordinator_named_for_it(six):
    chief = world.user("chief")
    six.actors["Chief"] = world.promise(world.actor(chief, is_coordinator=True))
    Membership.objects.filter(planned_role="moderator").update(planned_role="adviser")
    six.group.facilitator = chief
    six.group.save()
    assert six.see("Chief").moderates
    six.do("Chief", "start")
    six.do("Cem", "offer_case", case=six.case_uid)
    six.do("Chief", "choose_case", case=six.case_uid)
    for _ in range(6):
        six.do("Chief", "next")
    assert six.see("Dana").state.status.value == "between"


def test_the_desk_opens_the_companion_of_the_groups_one_moderates(six):
    chief = stage.enrol(world.user("chief"), "enrolled")
    instructor = stage.enrol(world.user(), "instructor")
    places.grant_coordinator(
        actor=world.actor(instructor, is_instructor=True, is_enrolled=False), user_id=chief.pk
    )

    def desk(action="desk.show", **data):
        request = RequestFactory().get("/")
        request.user, request.session = chief, {}
        crum.set_current_request(request)
        return stage.act(chief, action, {"round": six.group.round.uid, "group": six.group.uid, **data}).text

    assert "Moderate this group" not in desk(section="sessions")
    assert "data-kb-session" not in desk(section="moderate")
    six.group.facilitator = chief
    six.group.save()
    assert "Moderate this group" in desk(section="sessions")
    asked = desk(section="moderate")
    assert "Your promise of confidentiality" in asked
    assert "data-kb-session" not in asked
    assert "Please tick the box" in desk("desk.promise", section="moderate", version="1")
    shown = desk("desk.promise", section="moderate", version="1", accept="yes")
    assert 'data-kb-session' in shown
    assert "js/session/session.js" in shown
    assert "data-kb-session" not in desk(section="moderate", group="0" * 32)


@pytest.fixture
def desk(six):
    """The desk's page about group sessions, and its actions, as a coordinator has them."""
    chief = stage.enrol(world.user("chief"), "enrolled")
    instructor = stage.enrol(world.user(), "instructor")
    places.grant_coordinator(
        actor=world.actor(instructor, is_instructor=True, is_enrolled=False), user_id=chief.pk
    )

    def send(name="desk.show", **data):
        request = RequestFactory().get("/")
        request.user, request.session = chief, {}
        crum.set_current_request(request)
        return stage.act(chief, name, {"section": "sessions", "round": six.group.round.uid, "group": six.group.uid, **data})

    return send


def tonight(*groups, minutes_ago=1):
    """Let the groups meet at one time, which began a moment ago."""
    at = timezone.now() - dt.timedelta(minutes=minutes_ago)
    for group in groups:
        group.slot.starts_at, group.slot.ends_at = at, at + dt.timedelta(hours=2)
        group.slot.save()


def test_the_desk_shows_a_session_as_it_runs_and_no_text(six, desk):
    tonight(six.group)
    six.do("Anna", "join")
    before = desk().text
    assert "The session has not been started yet." in before
    assert "Fewer than 4 people are here." in before
    six.to_ideas()
    six.do("Cem", "set_question", text="Fragemarke")
    six.do("Bernd", "add_idea", text="Ideenmarke")
    shown = desk().text
    assert "Phase 5 of 6: Consultation" in shown
    assert "10 minutes left." in shown or "9 minutes left." in shown
    assert "<bdi>Anna</bdi>" in shown
    assert "Enter attendance" in shown
    assert "marke" not in shown
    assert "Phase 5" not in desk(sheet="1").text
    tonight(six.group, minutes_ago=-31)
    six.session.refresh_from_db()
    assert "End the session now" in desk().text  # it runs, whatever the time
    assert "The session is over." in desk("session.end").text
    assert desk("session.end").status_int == 409
    assert "End the session now" not in desk().text


def test_a_session_that_is_days_away_shows_nothing_to_look_at(six, desk):
    tonight(six.group, minutes_ago=-31)
    shown = desk().text
    assert "See phase and people" not in shown
    assert "The session has not been started yet." not in shown


def test_the_desk_joins_two_groups_that_are_too_few(six, desk):
    other = session_world.make(names=("Gerd", "Hanna", "Ines"), number=2)
    other.group.round = six.group.round
    other.group.save()
    third = session_world.make(names=("Jan", "Kim", "Leo"), number=3)
    third.group.round = six.group.round
    third.group.save()
    tonight(six.group, other.group)
    shown = desk(group=other.group.uid).text
    assert f'value="{six.group.uid}">Group 1, 6 people' in shown
    assert "Group 3" not in shown.partition("Join with another group")[2].partition("</form>")[0]  # meets at another time
    answer = desk("session.merge", group=other.group.uid, into=six.group.uid)
    assert "The groups are one now." in answer.text
    assert set(six.see("Anna").names.values()) == {*session_world.NAMES, "Gerd", "Hanna", "Ines"}
    again = desk("session.merge", group=other.group.uid, into=six.group.uid)
    assert (again.status_int, "The session is over already." in again.text) == (409, True)
    six.to_ideas()
    assert "Join with another group" not in desk().text
    late = desk("session.merge", group=six.group.uid, into=third.group.uid)
    assert (late.status_int, "A case has been told already." in late.text) == (409, True)


def test_ending_from_the_desk(six, lead):
    six.do("Anna", "start")
    session_desk.end(actor=lead, group_uid=six.group.uid)
    assert session_desk.led_session(actor=lead, group_uid=six.group.uid).status == "ended"
    with pytest.raises(sessions.SessionRefused):
        session_desk.end(actor=lead, group_uid=six.group.uid)


def test_minutes_are_proposed_from_coming_and_going(six, lead):
    assert session_desk.attendance_proposal(actor=lead, group_uid=six.group.uid) == {}
    for who in ("Anna", "Bernd"):
        six.do(who, "join")
    six.do("Anna", "start")
    start = dt.timedelta(minutes=60)
    for event in SessionEvent.objects.all():
        event.at -= start
        event.save()
    six.session.refresh_from_db()
    six.session.started_at -= start
    six.session.save()
    six.do("Bernd", "leave")
    found = session_desk.attendance_proposal(actor=lead, group_uid=six.group.uid)
    assert found == {six.uid("Anna"): 60, six.uid("Bernd"): 60}


def test_two_groups_become_one_before_the_first_case(six, lead):
    other = session_world.make(names=("Gerd", "Hanna", "Ines"), number=2)
    other.group.round, other.group.slot = six.group.round, six.group.slot
    other.group.save()
    other.do("Gerd", "join")
    session_desk.merge(actor=lead, group_uid=other.group.uid, into_uid=six.group.uid)
    assert Membership.objects.filter(group=six.group, left_at__isnull=True).count() == 9
    assert Group.objects.get(pk=other.group.pk).state == "merged"
    with pytest.raises(NotFound):
        other.see("Gerd")
    assert set(six.see("Anna").names.values()) == {*session_world.NAMES, "Gerd", "Hanna", "Ines"}
    gerd = sessions.see(actor=other.actors["Gerd"], session_uid=six.session.uid)
    assert gerd.state.moderator == six.registrations["Anna"].pk


def test_groups_do_not_merge_in_the_middle_of_a_case(six, lead):
    other = session_world.make(names=("Gerd", "Hanna", "Ines"), number=2)
    other.group.round, other.group.slot = six.group.round, six.group.slot
    other.group.save()
    six.to_ideas()
    with pytest.raises(Conflict) as caught:
        session_desk.merge(actor=lead, group_uid=other.group.uid, into_uid=six.group.uid)
    assert caught.value.reason == "too_late"
    with pytest.raises(Conflict) as caught:
        session_desk.merge(actor=lead, group_uid=six.group.uid, into_uid=six.group.uid)
    assert caught.value.reason == "same_group"
    assert Membership.objects.filter(group=other.group, left_at__isnull=True).count() == 3
