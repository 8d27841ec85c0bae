"""The rules by example: cases, key question, method, pauses, the end."""

from __future__ import annotations

import pytest

from beratung_xblock.process import (
    Act,
    Doer,
    Gate,
    Held,
    Kind,
    Refusal,
    Status,
    Why,
    missing,
    prompt,
)
from tests.unit.process.meeting import ANNA, BERND, CEM, DANA, EVA, FAROUK, to_phase


def test_only_the_owner_opens_the_text_and_only_after_the_conflict_question(running):
    everybody = list(running.state.members)
    assert [p for p in everybody if running.state.may_read_case(p, "c")] == [CEM]
    assert running.do(Act.OPEN_CASE, CEM) == Refusal(Why.CONFLICT_NOT_ASKED)
    assert running.do(Act.ASK_CONFLICT, CEM) == Refusal(Why.NOT_THE_MODERATOR)
    running.do(Act.ASK_CONFLICT, ANNA)
    running.do(Act.STEP_OUT, FAROUK)
    assert running.do(Act.OPEN_CASE, ANNA) == Refusal(Why.NOT_ALLOWED)
    assert running.do(Act.OPEN_CASE, CEM) == [Kind.CASE_OPENED]
    assert [p for p in everybody if running.state.may_read_case(p, "c")] == [ANNA, BERND, CEM, DANA, EVA]
    assert not running.state.may_read_case(99, "c")
    assert not running.state.may_read_case(ANNA, "d")
    running.do(Act.END, ANNA)
    assert not any(running.state.may_read_case(p, "c") for p in everybody)


def test_a_case_giver_who_leaves_closes_the_text_and_the_next_case_is_there(running):
    running.do(Act.ASK_CONFLICT, ANNA)
    running.do(Act.OPEN_CASE, CEM)
    running.do(Act.CHOOSE_CASE, ANNA, case="d")
    to_phase(running, 1)
    assert running.do(Act.LEAVE, CEM) == [Kind.CASE_DROPPED, Kind.LEFT]
    assert not any(running.state.may_read_case(p, "c") for p in running.state.members)
    assert (running.state.phase_index, running.state.round_no, running.state.current) == (0, 2, None)
    assert [run.case for run in running.state.queue] == ["d"]


def test_withdrawing_is_the_owners_alone(running):
    assert running.do(Act.WITHDRAW_CASE, ANNA, case="d") == Refusal(Why.UNKNOWN_CASE)
    assert running.do(Act.WITHDRAW_CASE, DANA, case="d") == [Kind.CASE_WITHDRAWN]
    assert running.do(Act.WITHDRAW_CASE, CEM, case="c") == [Kind.CASE_DROPPED]


@pytest.mark.parametrize(
    ("data", "case"),
    [
        ({"procedure": "dots", "votes": {"e": 3, "d": 2}}, "e"),
        ({"procedure": "dots", "votes": {}}, "d"),
        ({"procedure": "longest_waiting"}, "d"),
        ({"procedure": "draw", "ticket": 0}, "d"),
        ({"procedure": "draw", "ticket": 999_999}, "e"),
    ],
)
def test_choosing_by_procedure(meeting, data, case):
    meeting.do(Act.TAKE_OVER, ANNA)
    assert meeting.do(Act.PICK_CASE, ANNA, **data) == Refusal(Why.NO_CASE)
    meeting.do(Act.OFFER_CASE, DANA, case="d", waiting=4)
    meeting.do(Act.OFFER_CASE, EVA, case="e", waiting=1, urgency=3)
    assert meeting.do(Act.PICK_CASE, ANNA, **data) == [Kind.CASE_CHOSEN]
    assert meeting.state.current.case == case


def test_dots_leave_no_trace_of_who_gave_them(running):
    running.do(Act.PLACE_DOTS, FAROUK)
    last = running.events[-1]
    assert (last.kind, last.by, dict(last.data)) == (Kind.DOTS_CHANGED, None, {})


def test_a_round_without_a_case_is_possible(meeting):
    meeting.do(Act.TAKE_OVER, ANNA)
    meeting.do(Act.START, ANNA)
    assert meeting.do(Act.CHOOSE_CASE, ANNA, case="sharing-1") == [Kind.CASE_CHOSEN]
    assert meeting.state.current.giver is None
    to_phase(meeting, 4)
    assert meeting.do(Act.ADD_IDEA, CEM, idea="i") == [Kind.IDEA_ADDED]


def test_gates_advise_and_do_not_lock(meeting):
    assert missing(meeting.state) == (Gate.MODERATOR, Gate.CASE_GIVER)
    meeting.do(Act.TAKE_OVER, ANNA)
    meeting.do(Act.START, ANNA)
    assert meeting.do(Act.NEXT, ANNA) == [Kind.PHASE_ENTERED]
    assert meeting.do(Act.BACK, ANNA) == [Kind.PHASE_ENTERED]
    assert meeting.do(Act.BACK, ANNA) == Refusal(Why.FIRST_PHASE)
    assert meeting.do(Act.SKIP, ANNA) == Refusal(Why.NOT_OPTIONAL)


def test_key_question_and_method_belong_to_the_case_giver(running):
    to_phase(running, 2)
    assert missing(running.state) == (Gate.KEY_QUESTION,)
    assert running.do(Act.SET_QUESTION, FAROUK) == Refusal(Why.NOT_ALLOWED)
    assert running.do(Act.SET_QUESTION, EVA) == [Kind.QUESTION_SET]
    assert running.do(Act.CONFIRM_QUESTION, ANNA) == Refusal(Why.NOT_ALLOWED)
    assert running.do(Act.CONFIRM_QUESTION, CEM) == [Kind.QUESTION_CONFIRMED]
    assert missing(running.state) == ()
    assert running.do(Act.SET_QUESTION, CEM, present=False) == [Kind.QUESTION_SET]
    assert missing(running.state) == (Gate.KEY_QUESTION,)
    to_phase(running, 3)
    assert running.do(Act.CHOOSE_METHOD, FAROUK, method="sharing") == Refusal(Why.NOT_ALLOWED)
    assert running.do(Act.CHOOSE_METHOD, CEM, method="unknown") == Refusal(Why.UNKNOWN_VALUE)
    assert running.do(Act.CHOOSE_METHOD, CEM, method="sharing") == [Kind.METHOD_CHOSEN]
    assert missing(running.state) == (Gate.METHOD,)
    assert running.do(Act.CONFIRM_METHOD, ANNA) == [Kind.METHOD_CONFIRMED]
    assert running.do(Act.CHOOSE_METHOD, ANNA, method="resonanzrunde") == [Kind.METHOD_CHOSEN, Kind.METHOD_CONFIRMED]


def test_a_case_giver_on_the_telephone_is_confirmed_by_the_moderator(meeting):
    meeting.do(Act.ADD_MEMBER, Doer(system=True), person=7, phone=True)
    meeting.do(Act.TAKE_OVER, ANNA)
    assert meeting.do(Act.MARK_PRESENT, ANNA, person=7, present=True) == [Kind.JOINED]
    meeting.do(Act.START, ANNA)
    assert meeting.do(Act.OFFER_CASE, BERND, case="t", owner=7) == Refusal(Why.NOT_ALLOWED)
    meeting.do(Act.OFFER_CASE, ANNA, case="t", owner=7)
    meeting.do(Act.CHOOSE_CASE, ANNA, case="t")
    meeting.do(Act.SET_QUESTION, ANNA)
    assert meeting.do(Act.CONFIRM_QUESTION, ANNA) == [Kind.QUESTION_CONFIRMED]


def test_stopp_is_the_case_givers_and_holds_the_clock(running):
    to_phase(running, 4)
    assert running.do(Act.STOP, BERND) == Refusal(Why.NOT_ALLOWED)
    assert running.do(Act.STOP, CEM) == [Kind.STOPPED]
    assert running.state.held is Held.STOP
    assert prompt(running.state, ANNA).sentence.get("de").startswith("Die fallgebende Person hat „Stopp“ gesagt.")
    assert running.do(Act.RESUME, BERND) == Refusal(Why.NOT_THE_MODERATOR)
    assert running.do(Act.RESUME, CEM) == [Kind.RESUMED]


def test_two_cases_with_a_break(running):
    running.do(Act.CHOOSE_CASE, ANNA, case="d")
    to_phase(running, 5)
    assert running.do(Act.NEXT, ANNA) == [Kind.CASE_FINISHED]
    assert (running.state.status, running.state.case_number) == (Status.BETWEEN, 2)
    assert prompt(running.state, CEM).sentence.get("de").startswith("Danke für Ihren Fall.")
    assert running.do(Act.START_BREAK, ANNA, minutes=31) == Refusal(Why.UNKNOWN_VALUE)
    assert running.do(Act.START_BREAK, ANNA, minutes=10) == [Kind.BREAK_STARTED]
    assert prompt(running.state, FAROUK).sentence.get("de").startswith("Pause.")
    assert running.do(Act.NEXT_CASE, ANNA) == [Kind.BREAK_ENDED, Kind.ROUND_STARTED]
    assert (running.state.phase.id, running.state.current.case, running.state.round_no) == ("spontanerzaehlung", "d", 2)
    to_phase(running, 5)
    running.do(Act.NEXT, ANNA)
    assert [run.case for run in running.state.finished] == ["c", "d"]
    assert running.do(Act.NEXT_CASE, ANNA) == [Kind.ROUND_STARTED]
    assert running.state.phase.id == "casting"
    assert running.do(Act.END, ANNA) == [Kind.ENDED]
    assert running.do(Act.JOIN, FAROUK) == Refusal(Why.OVER)


def test_the_last_step_can_be_taken_back(running):
    to_phase(running, 5)
    running.do(Act.NEXT, ANNA)
    assert running.do(Act.BACK, ANNA) == [Kind.CASE_REOPENED]
    assert (running.state.status, running.state.phase.id, running.state.current.case) == (Status.RUNNING, "abschluss", "c")


@pytest.mark.parametrize(("phase", "last"), [(1, Kind.CASE_DROPPED), (4, Kind.CASE_FINISHED)])
def test_ending_in_the_middle_counts_an_advised_case_as_done(running, phase, last):
    to_phase(running, phase)
    assert running.do(Act.END, CEM) == Refusal(Why.NOT_THE_MODERATOR)
    assert running.do(Act.END, Doer(coordinator=True)) == [last, Kind.ENDED]
