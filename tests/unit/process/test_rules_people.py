"""The rules by example: who leads, who comes and goes, what each reads."""

from __future__ import annotations

from datetime import timedelta

import pytest

from beratung_xblock.process import (
    Act,
    Doer,
    Event,
    Heard,
    Kind,
    Refusal,
    Role,
    Status,
    Why,
    can_merge,
    fold,
    minutes_present,
    prompt,
    take_over_wait,
)
from tests.unit.process.meeting import ANNA, BERND, CEM, DANA, EVA, FAROUK, T0, Meeting, to_phase


def test_nobody_starts_without_moderator_and_skilled_people_take_over_first(meeting):
    assert meeting.do(Act.START, CEM) == Refusal(Why.NOT_THE_MODERATOR)
    assert meeting.do(Act.TAKE_OVER, CEM).why is Why.WAIT_FOR_SKILLED
    assert meeting.do(Act.TAKE_OVER, BERND) == [Kind.MODERATOR_SET]
    assert meeting.do(Act.START, BERND) == [Kind.STARTED]
    assert meeting.do(Act.START, BERND) == Refusal(Why.ALREADY_STARTED)


def test_a_moderator_who_goes_silent_is_replaced_by_the_skilled_then_by_anyone(running):
    running.silent[ANNA] = running.now
    running.wait(88)
    assert running.do(Act.TAKE_OVER, BERND) == Refusal(Why.MODERATOR_IS_HERE)
    assert take_over_wait(running.state, BERND, running.now + timedelta(seconds=1), running.heard()) == 0
    waiting = running.do(Act.TAKE_OVER, EVA)
    assert (waiting.why, waiting.seconds) == (Why.WAIT_FOR_SKILLED, 60)
    running.wait(59)
    assert running.do(Act.TAKE_OVER, CEM) == Refusal(Why.MODERATOR_IS_HERE), "the case giver listens"
    assert running.do(Act.TAKE_OVER, EVA) == [Kind.MODERATOR_SET]
    assert running.do(Act.NEXT, ANNA) == Refusal(Why.NOT_THE_MODERATOR)
    assert running.state.role_of(ANNA) is Role.ADVISER


def test_when_no_skilled_person_is_there_nobody_has_to_wait(running):
    running.do(Act.LEAVE, BERND)
    assert running.do(Act.LEAVE, ANNA) == [Kind.LEFT]
    assert running.state.moderator is None
    assert running.do(Act.TAKE_OVER, FAROUK) == [Kind.MODERATOR_SET]


def test_a_lost_cache_does_not_make_the_moderator_look_gone(running):
    fresh = Heard(since=running.now + timedelta(seconds=100))
    assert take_over_wait(running.state, BERND, running.now + timedelta(seconds=110), fresh) is None


def test_handing_over(running):
    assert running.do(Act.HAND_OVER, BERND, person=BERND) == Refusal(Why.NOT_THE_MODERATOR)
    assert running.do(Act.HAND_OVER, ANNA, person=99) == Refusal(Why.UNKNOWN_PERSON)
    assert running.do(Act.HAND_OVER, ANNA, person=CEM) == Refusal(Why.OWN_CASE)
    assert running.do(Act.HAND_OVER, ANNA, person=BERND) == [Kind.MODERATOR_SET]
    assert running.do(Act.HAND_OVER, Doer(coordinator=True), person=ANNA) == [Kind.MODERATOR_SET]


def test_a_moderator_whose_own_case_is_chosen_hands_over(meeting):
    meeting.do(Act.TAKE_OVER, ANNA)
    meeting.do(Act.START, ANNA)
    meeting.do(Act.OFFER_CASE, ANNA, case="a")
    assert meeting.do(Act.CHOOSE_CASE, ANNA, case="a") == Refusal(Why.OWN_CASE)
    assert meeting.do(Act.CHOOSE_CASE, ANNA, case="a", moderator=BERND) == [Kind.MODERATOR_SET, Kind.CASE_CHOSEN]
    assert (meeting.state.moderator, meeting.state.current.giver) == (BERND, ANNA)


def test_groups_merge_only_before_the_first_case_is_told(running):
    assert can_merge(running.state)
    assert running.do(Act.ADD_MEMBER, CEM, person=8) == Refusal(Why.NOT_ALLOWED)
    assert running.do(Act.ADD_MEMBER, ANNA, person=8, can_moderate=True) == [Kind.MEMBER_ADDED]
    to_phase(running, 1)
    assert running.do(Act.MERGE_AWAY, Doer(coordinator=True), into=17) == Refusal(Why.TOO_LATE)
    other = Meeting()
    assert other.do(Act.MERGE_AWAY, Doer(coordinator=True), into=17) == [Kind.MERGED_INTO]
    assert other.state.status is Status.MERGED


def test_a_second_device_is_the_same_person_and_strangers_stay_out(running):
    version = running.state.version
    assert running.do(Act.JOIN, CEM) == []
    assert running.state.version == version
    assert running.do(Act.JOIN, 99) == Refusal(Why.NOT_A_MEMBER)
    assert running.do(Act.END, Doer(99)) == Refusal(Why.NOT_A_MEMBER)


def test_each_role_reads_its_own_sentence(running):
    to_phase(running, 4)
    running.do(Act.GIVE_ROLE, ANNA, role="observer", person=FAROUK)
    running.do(Act.CHOOSE_METHOD, ANNA, method="sharing")
    read = {person: prompt(running.state, person) for person in (ANNA, CEM, EVA, FAROUK, BERND)}
    assert len({p.sentence.get("de") for p in read.values()}) == 5
    assert read[CEM].listens
    assert read[CEM].sentence.get("de").startswith("Sie hören jetzt nur zu.")
    assert read[ANNA].script.get("de").startswith("Ein Beitrag pro Wortmeldung")
    assert not read[BERND].script
    assert read[BERND].form.get("de") == "„Bei mir war es einmal so: …“"


def test_events_refuse_texts():
    with pytest.raises(ValueError, match="must be an id"):
        Event(Kind.QUESTION_SET, T0, 1, {"case": "Wie sage ich es ihr?"})
    with pytest.raises(ValueError, match="must be an id"):
        Event(Kind.QUESTION_SET, T0, 1, {"case": ["a"]})


def test_minutes_present_come_from_coming_and_going():
    def event(kind, minute, person):
        return Event(kind, T0 + timedelta(minutes=minute), person, {"person": person})

    events = [
        event(Kind.JOINED, -10, ANNA), event(Kind.JOINED, 5, CEM), event(Kind.LEFT, 35, CEM), event(Kind.JOINED, 40, CEM),
        event(Kind.JOINED, 50, EVA), event(Kind.LEFT, 50.6, EVA), event(Kind.LEFT, 55, DANA),
    ]
    assert minutes_present(events, start=T0, end=T0 + timedelta(minutes=100)) == {ANNA: 100, CEM: 90, EVA: 1}


def test_replaying_the_events_gives_the_same_session(running):
    to_phase(running, 5)
    assert fold(running.state.template, running.events) == running.state
