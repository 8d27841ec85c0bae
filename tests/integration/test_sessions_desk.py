"""Sessions from the coordinator's side: phase and people, no word of what is said."""

from __future__ import annotations

import dataclasses
import datetime as dt
import json

import pytest
from django.core.cache import cache

from beratung_xblock.api import session_desk, sessions
from beratung_xblock.exceptions import Conflict, NotFound
from beratung_xblock.models import Group, Membership, SessionEvent
from tests.integration import session_world, world

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def lead():
    cache.clear()
    return world.lead()


@pytest.fixture
def six(lead):
    return session_world.make()


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
    other.group.round = six.group.round
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
    other.group.round = six.group.round
    other.group.save()
    six.to_ideas()
    with pytest.raises(Conflict) as caught:
        session_desk.merge(actor=lead, group_uid=other.group.uid, into_uid=six.group.uid)
    assert caught.value.reason == "too_late"
    with pytest.raises(Conflict) as caught:
        session_desk.merge(actor=lead, group_uid=six.group.uid, into_uid=six.group.uid)
    assert caught.value.reason == "same_group"
    assert Membership.objects.filter(group=other.group, left_at__isnull=True).count() == 3
