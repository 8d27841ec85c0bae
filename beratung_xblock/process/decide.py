"""The door to a session's rules: state + action + who asks -> events to store, or a typed refusal."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime

from beratung_xblock.process import decide_cases as cases
from beratung_xblock.process import decide_flow as flow
from beratung_xblock.process import decide_ideas as ideas
from beratung_xblock.process import decide_people as people
from beratung_xblock.process.events import Event
from beratung_xblock.process.reducer import apply
from beratung_xblock.process.rules import Act, Action, Asked, Decision, Doer, Heard, Refusal, Why
from beratung_xblock.process.state import SessionState

_RULES: Mapping[Act, Callable[[Asked], Decision]] = {
    Act.ADD_MEMBER: people.add_member,
    Act.REMOVE_MEMBER: people.remove_member,
    Act.JOIN: people.join,
    Act.LEAVE: people.leave,
    Act.MARK_PRESENT: people.mark_present,
    Act.STEP_OUT: people.step_out,
    Act.STEP_IN: people.step_in,
    Act.TAKE_OVER: people.take_over,
    Act.HAND_OVER: people.hand_over,
    Act.GIVE_ROLE: people.give_role,
    Act.FREE_ROLE: people.free_role,
    Act.MERGE_AWAY: people.merge_away,
    Act.OFFER_CASE: cases.offer_case,
    Act.WITHDRAW_CASE: cases.withdraw_case,
    Act.PLACE_DOTS: cases.place_dots,
    Act.CHOOSE_CASE: cases.choose_case,
    Act.PICK_CASE: cases.pick_case,
    Act.ASK_CONFLICT: cases.ask_conflict,
    Act.OPEN_CASE: cases.open_case,
    Act.DROP_CASE: cases.drop_case,
    Act.SET_QUESTION: cases.set_question,
    Act.CONFIRM_QUESTION: cases.confirm_question,
    Act.CHOOSE_METHOD: cases.choose_method,
    Act.CONFIRM_METHOD: cases.confirm_method,
    Act.NEXT_CASE: cases.next_case,
    Act.START: flow.start,
    Act.NEXT: flow.go_next,
    Act.BACK: flow.back,
    Act.SKIP: flow.skip,
    Act.ENTER_LOOP: flow.enter_loop,
    Act.LEAVE_LOOP: flow.leave_loop,
    Act.EXTEND: flow.extend,
    Act.PAUSE: flow.pause,
    Act.STOP: flow.stop,
    Act.RESUME: flow.resume,
    Act.START_BREAK: flow.start_break,
    Act.END_BREAK: flow.end_break,
    Act.END: flow.end,
    Act.ADD_IDEA: ideas.add_idea,
    Act.EDIT_IDEA: ideas.edit_idea,
    Act.REMOVE_IDEA: ideas.remove_idea,
    Act.MERGE_IDEA: ideas.merge_idea,
    Act.SPLIT_IDEA: ideas.split_idea,
}
_WITHOUT_MEMBER = frozenset({
    Act.ADD_MEMBER, Act.REMOVE_MEMBER, Act.HAND_OVER, Act.OFFER_CASE, Act.WITHDRAW_CASE, Act.DROP_CASE,
    Act.MERGE_AWAY, Act.END,
})
"""What coordinator or system may ask without being in the group; the rule itself says which of them."""


def decide(state: SessionState, action: Action, doer: Doer, *, now: datetime, heard: Heard) -> Decision:
    """Events to append (none when nothing changes), or a Refusal. `now` is server time; texts never pass here."""
    if state.last_at is not None:
        now = max(now, state.last_at)
    if state.is_over:
        return Refusal(Why.OVER)
    outside = (doer.coordinator or doer.system) and action.act in _WITHOUT_MEMBER
    if doer.person not in state.members and not outside:
        return Refusal(Why.NOT_A_MEMBER)
    return _RULES[action.act](Asked(state, action, doer, now, heard))


def perform(
    state: SessionState, action: Action, doer: Doer, *, now: datetime, heard: Heard
) -> tuple[SessionState, tuple[Event, ...]] | Refusal:
    """Decide and apply in one go: the new state and the events that lead there."""
    answer = decide(state, action, doer, now=now, heard=heard)
    if isinstance(answer, Refusal):
        return answer
    for event in answer:
        state = apply(state, event)
    return state, answer
