"""The rules by example: who may do what, and what the group sees of it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from beratung_xblock.process import (
    Act,
    Action,
    Contribution,
    Doer,
    Event,
    Gate,
    Heard,
    Held,
    Kind,
    Refusal,
    Role,
    SessionState,
    Status,
    Why,
    can_merge,
    fold,
    minutes_present,
    missing,
    perform,
    prompt,
    take_over_wait,
    template,
)

T0 = datetime(2026, 4, 14, 16, 0, tzinfo=UTC)
ANNA, BERND, CEM, DANA, EVA, FAROUK = 1, 2, 3, 4, 5, 6


class Meeting:
    """Six people; Anna and Bernd said they can moderate. Each action is one second after the last."""

    def __init__(self, template_id="tietze6"):
        self.state = SessionState(template=template(template_id))
        self.now, self.events, self.silent = T0, [], {}
        for person in (ANNA, BERND, CEM, DANA, EVA, FAROUK):
            self.do(Act.ADD_MEMBER, Doer(system=True), person=person, can_moderate=person in (ANNA, BERND))
            self.do(Act.JOIN, person)

    def wait(self, seconds):
        self.now += timedelta(seconds=seconds)

    def heard(self):
        return Heard(since=T0, seen={person: self.silent.get(person, self.now) for person in self.state.members})

    def do(self, act, doer, **data):
        self.wait(1)
        doer = doer if isinstance(doer, Doer) else Doer(doer)
        answer = perform(self.state, Action(act, data), doer, now=self.now, heard=self.heard())
        if isinstance(answer, Refusal):
            return answer
        self.state, events = answer
        self.events += events
        return [event.kind for event in events]


@pytest.fixture
def meeting():
    return Meeting()


@pytest.fixture
def running(meeting):
    meeting.do(Act.TAKE_OVER, ANNA)
    meeting.do(Act.START, ANNA)
    meeting.do(Act.OFFER_CASE, CEM, case="c", urgency=3)
    meeting.do(Act.OFFER_CASE, DANA, case="d", urgency=1, waiting=2)
    meeting.do(Act.CHOOSE_CASE, ANNA, case="c")
    meeting.do(Act.GIVE_ROLE, ANNA, role="note_taker", person=EVA)
    return meeting


def to_phase(meeting, index):
    while meeting.state.phase_index < index:
        meeting.do(Act.NEXT, meeting.state.moderator)


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


def test_the_loop_opens_writing_and_returns(running):
    to_phase(running, 2)
    assert running.do(Act.ADD_IDEA, FAROUK, idea="q") == Refusal(Why.NOT_NOW)
    assert running.do(Act.ENTER_LOOP, ANNA, loop="find_key_question") == [Kind.LOOP_ENTERED]
    assert running.state.contribution is Contribution.QUESTION
    assert running.do(Act.ADD_IDEA, FAROUK, idea="q") == [Kind.IDEA_ADDED]
    assert "Die Frage könnte heißen" in prompt(running.state, FAROUK).form.get("de")
    assert running.do(Act.NEXT, ANNA) == [Kind.LOOP_LEFT]
    assert (running.state.phase_index, running.state.loop_id) == (2, "")


def test_who_writes_ideas(running):
    to_phase(running, 4)
    running.do(Act.GIVE_ROLE, FAROUK, role="observer")
    assert running.do(Act.ADD_IDEA, CEM, idea="x") == Refusal(Why.LISTENING)
    assert running.do(Act.ADD_IDEA, FAROUK, idea="x") == Refusal(Why.NOT_ALLOWED)
    running.do(Act.STEP_OUT, DANA)
    assert running.do(Act.ADD_IDEA, DANA, idea="x") == Refusal(Why.SITTING_OUT)
    for person, idea in ((BERND, "b1"), (EVA, "e1"), (ANNA, "a1")):
        assert running.do(Act.ADD_IDEA, person, idea=idea) == [Kind.IDEA_ADDED]
    assert running.do(Act.ADD_IDEA, BERND, idea="b1") == [], "the same write again changes nothing"
    assert running.do(Act.ADD_IDEA, EVA, idea="b1") == Refusal(Why.UNKNOWN_IDEA)


def test_writing_stays_open_for_a_minute_after_the_phase(running):
    to_phase(running, 4)
    running.do(Act.NEXT, ANNA)
    assert running.do(Act.ADD_IDEA, BERND, idea="late") == [Kind.IDEA_ADDED]
    running.wait(58)
    assert running.do(Act.ADD_IDEA, BERND, idea="later") == [Kind.IDEA_ADDED]
    assert running.do(Act.ADD_IDEA, BERND, idea="too late") == Refusal(Why.UNKNOWN_VALUE), "an id has no blanks"
    assert running.do(Act.ADD_IDEA, BERND, idea="toolate") == Refusal(Why.NOT_NOW)
    assert running.do(Act.ADD_IDEA, EVA, idea="notes") == [Kind.IDEA_ADDED], "the note-taker finishes the list"


def test_an_own_idea_can_be_changed_for_two_minutes(running):
    to_phase(running, 4)
    running.do(Act.ADD_IDEA, BERND, idea="b")
    assert running.do(Act.EDIT_IDEA, BERND, idea="b") == [Kind.IDEA_EDITED]
    assert running.do(Act.EDIT_IDEA, FAROUK, idea="b") == Refusal(Why.NOT_ALLOWED)
    running.wait(117)
    assert running.do(Act.EDIT_IDEA, BERND, idea="b") == [Kind.IDEA_EDITED]
    running.wait(2)
    assert running.do(Act.REMOVE_IDEA, BERND, idea="b") == Refusal(Why.TOO_LATE)
    assert running.do(Act.EDIT_IDEA, EVA, idea="b") == [Kind.IDEA_EDITED]
    assert running.do(Act.REMOVE_IDEA, EVA, idea="b") == Refusal(Why.NOT_ALLOWED)


def test_merging_keeps_everything_and_can_be_undone(running):
    to_phase(running, 4)
    for idea in ("x", "y", "z"):
        running.do(Act.ADD_IDEA, BERND, idea=idea)
    assert running.do(Act.MERGE_IDEA, BERND, idea="y", into="x") == Refusal(Why.NOT_ALLOWED)
    assert running.do(Act.MERGE_IDEA, EVA, idea="y", into="x") == [Kind.IDEA_MERGED]
    assert running.do(Act.MERGE_IDEA, EVA, idea="x", into="z") == [Kind.IDEA_MERGED, Kind.IDEA_MERGED]
    assert [idea.merged_into for idea in running.state.ideas] == ["z", "z", None]
    assert running.do(Act.MERGE_IDEA, EVA, idea="z", into="x") == Refusal(Why.UNKNOWN_IDEA)
    assert running.do(Act.SPLIT_IDEA, EVA, idea="y") == [Kind.IDEA_SPLIT]
    assert running.do(Act.REMOVE_IDEA, BERND, idea="z") == [Kind.IDEA_SPLIT, Kind.IDEA_REMOVED]
    assert [idea.merged_into for idea in running.state.ideas] == [None, None, None]


def test_kopfstand_has_a_second_column(running):
    to_phase(running, 4)
    running.do(Act.ADD_IDEA, BERND, idea="worse")
    assert running.do(Act.ADD_IDEA, BERND, idea="better", column=1, of="worse") == Refusal(Why.NOT_NOW)
    running.do(Act.CHOOSE_METHOD, ANNA, method="kopfstand_brainstorming")
    assert running.do(Act.ADD_IDEA, BERND, idea="better", column=1, of="worse") == [Kind.IDEA_ADDED]
    assert (running.state.ideas[-1].column, running.state.ideas[-1].of) == (1, "worse")


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
