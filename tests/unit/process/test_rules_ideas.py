"""The rules by example: who writes what, and when."""

from __future__ import annotations

from beratung_xblock.process import (
    Act,
    Contribution,
    Kind,
    Refusal,
    Why,
    prompt,
)
from tests.unit.process.meeting import ANNA, BERND, CEM, DANA, EVA, FAROUK, to_phase


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
