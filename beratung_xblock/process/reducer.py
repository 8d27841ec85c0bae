"""How a session's state follows from its events.

`apply` never refuses: what is stored has happened. Rules about who may do what live in `decide`. Times never run
backwards: an event older than the last one counts as happening with the last one.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime

from beratung_xblock.process.events import Event, Kind, PersonId
from beratung_xblock.process.state import CaseRun, Held, Idea, Member, Offer, SessionState, Status, Stretch
from beratung_xblock.process.types import Contribution, ProcessTemplate, Role


def fold(templates: ProcessTemplate, events: Iterable[Event]) -> SessionState:
    """The state after all events, from the beginning."""
    state = SessionState(template=templates)
    for event in events:
        state = apply(state, event)
    return state


def _clocked(state: SessionState, at: datetime) -> SessionState:
    """Book the time that ran since `running_since` and stop the clock."""
    if state.running_since is None:
        return state
    gone = max(0.0, (at - state.running_since).total_seconds())
    if state.pause is not None:
        return replace(state, pause=replace(state.pause, spent=state.pause.spent + gone), running_since=None)
    stretch = state.stretches[state.place]
    booked = {**state.stretches, state.place: replace(stretch, spent=stretch.spent + gone)}
    return replace(state, stretches=booked, running_since=None)


def _enter(state: SessionState, at: datetime, *, round_no: int, phase: int, loop: str = "") -> SessionState:
    """Move to a place and let its clock run; a place visited before goes on with what it had left."""
    wrote = state.contribution is not Contribution.NONE
    state = replace(
        _clocked(state, at), round_no=round_no, phase_index=phase, loop_id=loop, held=None, pause=None,
        status=Status.RUNNING, running_since=at, writing_ended_at=at if wrote else state.writing_ended_at,
    )
    if state.place not in state.stretches:
        minutes = state.loop.minutes if state.loop else state.phase.minutes
        state = replace(state, stretches={**state.stretches, state.place: Stretch(minutes * 60)})
    return state


def _halt(state: SessionState, at: datetime, status: Status) -> SessionState:
    wrote = state.contribution is not Contribution.NONE
    return replace(
        _clocked(state, at), status=status, held=None, pause=None, loop_id="",
        writing_ended_at=at if wrote else state.writing_ended_at,
    )


def _without_roles(state: SessionState, person: PersonId) -> SessionState:
    return replace(state, roles={role: holder for role, holder in state.roles.items() if holder != person})


def _member(state: SessionState, person: PersonId, **changes: bool) -> SessionState:
    member = state.members.get(person)
    if member is None:
        return state
    return replace(state, members={**state.members, person: replace(member, **changes)})


def _gone(state: SessionState, person: PersonId, at: datetime) -> SessionState:
    state = _without_roles(_member(state, person, present=False), person)
    if state.moderator == person:
        state = replace(state, moderator=None, vacant_since=at)
    return state


def _people(state: SessionState, event: Event, at: datetime) -> SessionState:
    data = event.data
    person = data.get("person", event.by)
    match event.kind:
        case Kind.MEMBER_ADDED:
            known = state.members.get(person)
            member = Member(
                id=person, can_moderate=bool(data.get("can_moderate")), phone=bool(data.get("phone")),
                present=known.present if known else False, guest=bool(data.get("guest")),
            )
            state = replace(state, members={**state.members, person: member})
            return replace(state, vacant_since=at) if state.vacant_since is None and state.moderator is None else state
        case Kind.MEMBER_REMOVED:
            state = _gone(state, person, at)
            return replace(state, members={key: m for key, m in state.members.items() if key != person})
        case Kind.JOINED:
            return _member(state, person, present=True)
        case Kind.LEFT:
            return _gone(state, person, at)
        case Kind.STEPPED_OUT:
            return _without_roles(_member(state, person, out=True), person)
        case Kind.STEPPED_IN:
            return _member(state, person, out=False)
        case Kind.MODERATOR_SET:
            return _member(replace(state, moderator=person, vacant_since=None), person, out=False)
        case Kind.ROLE_GIVEN:
            role = Role(data["role"])
            return replace(_without_roles(state, person), roles={**_without_roles(state, person).roles, role: person})
        case _:
            role = Role(data["role"])
            return replace(state, roles={key: holder for key, holder in state.roles.items() if key is not role})


def _all_in(state: SessionState) -> SessionState:
    """A new case is a new question about conflicts: nobody sits out any more."""
    return replace(state, members={key: replace(m, out=False) for key, m in state.members.items()})


def _cases(state: SessionState, event: Event, at: datetime) -> SessionState:
    data = event.data
    case = data.get("case")
    match event.kind:
        case Kind.CASE_OFFERED:
            offer = Offer(case, data.get("owner"), int(data.get("urgency", 2)), int(data.get("waiting", 0)))
            return replace(state, offers={**state.offers, case: offer})
        case Kind.CASE_WITHDRAWN:
            return replace(
                state,
                offers={key: offer for key, offer in state.offers.items() if key != case},
                queue=tuple(run for run in state.queue if run.case != case),
            )
        case Kind.CASE_CHOSEN:
            run = CaseRun(case=case, giver=data.get("giver"), round_no=state.round_no, sample=data.get("sample", ""))
            state = replace(state, offers={key: offer for key, offer in state.offers.items() if key != case})
            if state.current is not None:
                return replace(state, queue=(*state.queue, run))
            return _begin(state, run)
        case Kind.CASE_DROPPED:
            dropped = replace(state, current=None)
            if state.status is Status.RUNNING:
                return _all_in(_enter(dropped, at, round_no=state.round_no + 1, phase=0))
            return _all_in(dropped)
        case Kind.CASE_FINISHED:
            done = (state.current,) if state.current else ()
            halted = _halt(state, at, Status.BETWEEN)
            return replace(halted, current=None, finished=(*state.finished, *done))
        case Kind.CASE_REOPENED:
            run = state.finished[-1]
            state = replace(state, current=run, finished=state.finished[:-1])
            if run.giver is not None:
                state = _without_roles(state, run.giver)
            return _enter(state, at, round_no=state.round_no, phase=len(state.template.phases) - 1)
        case _:
            return state if state.current is None else replace(state, current=_run(state.current, event))


def _begin(state: SessionState, run: CaseRun) -> SessionState:
    state = _all_in(replace(state, current=replace(run, round_no=state.round_no)))
    return state if run.giver is None else _without_roles(state, run.giver)


def _run(run: CaseRun, event: Event) -> CaseRun:
    match event.kind:
        case Kind.CONFLICT_ASKED:
            return replace(run, conflict_asked=True)
        case Kind.CASE_OPENED:
            return replace(run, opened=True)
        case Kind.QUESTION_SET:
            return replace(run, question=bool(event.data.get("present", True)), question_confirmed=False)
        case Kind.QUESTION_CONFIRMED:
            return replace(run, question_confirmed=run.question)
        case Kind.METHOD_CHOSEN:
            return replace(run, method=event.data["method"], method_confirmed=False)
        case _:
            return replace(run, method_confirmed=bool(run.method))


def _process(state: SessionState, event: Event, at: datetime) -> SessionState:
    data = event.data
    match event.kind:
        case Kind.STARTED:
            return _enter(state, at, round_no=1, phase=0)
        case Kind.PHASE_ENTERED:
            return _enter(state, at, round_no=state.round_no, phase=data["phase"])
        case Kind.LOOP_ENTERED:
            return _enter(state, at, round_no=state.round_no, phase=state.phase_index, loop=data["loop"])
        case Kind.LOOP_LEFT:
            return _enter(state, at, round_no=state.round_no, phase=state.phase_index)
        case Kind.ROUND_STARTED:
            state = _enter(state, at, round_no=state.round_no + 1, phase=data["phase"])
            if state.current is None and state.queue:
                state = _begin(replace(state, queue=state.queue[1:]), state.queue[0])
            return state
        case Kind.EXTENDED:
            return _extended(state, data["minutes"] * 60)
        case Kind.PAUSED | Kind.STOPPED:
            held = Held.PAUSE if event.kind is Kind.PAUSED else Held.STOP
            return replace(_clocked(state, at), held=held, pause=None)
        case Kind.RESUMED:
            return replace(state, held=None, running_since=at)
        case Kind.BREAK_STARTED:
            state = _clocked(state, at)
            return replace(state, held=None, pause=Stretch(data["minutes"] * 60), running_since=at)
        case Kind.BREAK_ENDED:
            running = at if state.status is Status.RUNNING else None
            return replace(_clocked(state, at), pause=None, running_since=running)
        case Kind.MERGED_INTO:
            return replace(_halt(state, at, Status.MERGED), current=None, queue=(), moderator=None)
        case _:
            return replace(_halt(state, at, Status.ENDED), current=None, queue=())


def _extended(state: SessionState, seconds: int) -> SessionState:
    if state.pause is not None:
        return replace(state, pause=replace(state.pause, extended=state.pause.extended + seconds))
    stretch = state.stretches[state.place]
    longer = replace(stretch, extended=stretch.extended + seconds)
    return replace(state, stretches={**state.stretches, state.place: longer})


def _ideas(state: SessionState, event: Event, at: datetime) -> SessionState:
    data = event.data
    if event.kind is Kind.IDEA_ADDED:
        idea = Idea(
            id=data["idea"], case=data["case"], by=event.by, at=at, column=int(data.get("column", 0)), of=data.get("of")
        )
        return replace(state, ideas=(*state.ideas, idea))
    changes: dict[Kind, dict[str, object]] = {
        Kind.IDEA_REMOVED: {"removed": True},
        Kind.IDEA_MERGED: {"merged_into": data.get("into")},
        Kind.IDEA_SPLIT: {"merged_into": None},
    }
    change = changes.get(event.kind, {})
    return replace(
        state,
        ideas=tuple(replace(idea, **change) if idea.id == data["idea"] else idea for idea in state.ideas),
    )


_PEOPLE = frozenset({
    Kind.MEMBER_ADDED, Kind.MEMBER_REMOVED, Kind.JOINED, Kind.LEFT, Kind.STEPPED_OUT, Kind.STEPPED_IN,
    Kind.MODERATOR_SET, Kind.ROLE_GIVEN, Kind.ROLE_FREED,
})
_CASES = frozenset({
    Kind.CASE_OFFERED, Kind.CASE_WITHDRAWN, Kind.DOTS_CHANGED, Kind.CASE_CHOSEN, Kind.CONFLICT_ASKED,
    Kind.CASE_OPENED, Kind.CASE_DROPPED, Kind.CASE_FINISHED, Kind.CASE_REOPENED, Kind.QUESTION_SET,
    Kind.QUESTION_CONFIRMED, Kind.METHOD_CHOSEN, Kind.METHOD_CONFIRMED,
})
_IDEAS = frozenset({Kind.IDEA_ADDED, Kind.IDEA_EDITED, Kind.IDEA_REMOVED, Kind.IDEA_MERGED, Kind.IDEA_SPLIT})


def apply(state: SessionState, event: Event) -> SessionState:
    """The state after one more event; the version rises by one with every event."""
    at = event.at if state.last_at is None else max(event.at, state.last_at)
    if event.kind in _PEOPLE:
        state = _people(state, event, at)
    elif event.kind is Kind.DOTS_CHANGED:
        pass
    elif event.kind in _CASES:
        state = _cases(state, event, at)
    elif event.kind in _IDEAS:
        state = _ideas(state, event, at)
    else:
        state = _process(state, event, at)
    return replace(state, version=state.version + 1, last_at=at)
