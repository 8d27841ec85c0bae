"""Rules about the process itself: start, phases, loops, time, breaks, the end. Gates advise, they never lock."""

from __future__ import annotations

from beratung_xblock.process.events import Event, Kind
from beratung_xblock.process.rules import BREAK_MINUTES, EXTENSIONS, Asked, Decision, Refusal, Why
from beratung_xblock.process.state import Held, SessionState, Status
from beratung_xblock.process.types import Gate, PhaseKind

_ADVISED = (PhaseKind.IDEAS, PhaseKind.STATEMENT, PhaseKind.CLOSING, PhaseKind.EXCHANGE)


def missing(state: SessionState) -> tuple[Gate, ...]:
    """What the current phase should have left behind and has not: advice for the moderator."""
    run = state.current
    there = {
        Gate.MODERATOR: state.moderator is not None,
        Gate.CASE_GIVER: run is not None,
        Gate.TWO_ADVISERS: len(state.advisers()) >= 2,
        Gate.KEY_QUESTION: run is not None and run.question_confirmed,
        Gate.METHOD: run is not None and run.method_confirmed,
    }
    return tuple(gate for gate in state.phase.gate if not there[gate])


def start(asked: Asked) -> Decision:
    """The moderator starts; without one somebody takes over first."""
    if asked.state.status is not Status.WAITING:
        return Refusal(Why.ALREADY_STARTED)
    return (asked.event(Kind.STARTED),) if asked.moderates else Refusal(Why.NOT_THE_MODERATOR)


def _led(asked: Asked) -> Refusal | None:
    if not asked.moderates:
        return Refusal(Why.NOT_THE_MODERATOR)
    return None if asked.state.status is Status.RUNNING else Refusal(Why.NOT_RUNNING)


def _after_break(asked: Asked) -> tuple[Event, ...]:
    return (asked.event(Kind.BREAK_ENDED),) if asked.state.on_break else ()


def go_next(asked: Asked) -> Decision:
    """Out of a loop, to the next phase, or after the last one: the case is done."""
    state = asked.state
    if no := _led(asked):
        return no
    if state.loop_id:
        return (*_after_break(asked), asked.event(Kind.LOOP_LEFT))
    if state.phase_index + 1 < len(state.template.phases):
        return (*_after_break(asked), asked.event(Kind.PHASE_ENTERED, phase=state.phase_index + 1))
    case = state.current.case if state.current else None
    return (*_after_break(asked), asked.event(Kind.CASE_FINISHED, case=case))


def back(asked: Asked) -> Decision:
    """One step back, on the clock that phase had left; right after a case is done: into its last phase again."""
    state = asked.state
    if asked.moderates and state.status is Status.BETWEEN and not state.current and state.finished:
        last = state.finished[-1]
        if last.giver is not None and last.giver == state.moderator:
            return Refusal(Why.OWN_CASE)
        if last.round_no == state.round_no and (last.giver is None or last.giver in state.members):
            return (*_after_break(asked), asked.event(Kind.CASE_REOPENED, case=last.case))
    if no := _led(asked):
        return no
    if state.loop_id:
        return (*_after_break(asked), asked.event(Kind.LOOP_LEFT))
    if state.phase_index == 0:
        return Refusal(Why.FIRST_PHASE)
    return (*_after_break(asked), asked.event(Kind.PHASE_ENTERED, phase=state.phase_index - 1))


def skip(asked: Asked) -> Decision:
    """Leave out an optional phase."""
    if no := _led(asked):
        return no
    return go_next(asked) if asked.state.phase.optional else Refusal(Why.NOT_OPTIONAL)


def enter_loop(asked: Asked) -> Decision:
    """A detour the phase offers, e.g. "Schlüsselfrage (er-)finden"."""
    if no := _led(asked):
        return no
    loop = asked.data.get("loop")
    if asked.state.loop_id == loop:
        return ()
    if asked.state.loop_id or not isinstance(loop, str) or asked.state.phase.loop(loop) is None:
        return Refusal(Why.UNKNOWN_VALUE)
    return (*_after_break(asked), asked.event(Kind.LOOP_ENTERED, loop=loop))


def leave_loop(asked: Asked) -> Decision:
    """Back from the detour into the phase."""
    if no := _led(asked):
        return no
    return (*_after_break(asked), asked.event(Kind.LOOP_LEFT)) if asked.state.loop_id else ()


def _timed(asked: Asked) -> Refusal | None:
    if not asked.moderates:
        return Refusal(Why.NOT_THE_MODERATOR)
    state = asked.state
    return None if state.status is Status.RUNNING or state.on_break else Refusal(Why.NOT_RUNNING)


def extend(asked: Asked) -> Decision:
    """One, two or five minutes more, as often as wished; during a break the break grows."""
    if no := _timed(asked):
        return no
    minutes = asked.data.get("minutes")
    return (asked.event(Kind.EXTENDED, minutes=minutes),) if minutes in EXTENSIONS else Refusal(Why.UNKNOWN_VALUE)


def pause(asked: Asked) -> Decision:
    """Stop the clock."""
    if no := _led(asked):
        return no
    if asked.state.held or asked.state.on_break:
        return ()
    return (asked.event(Kind.PAUSED),)


def stop(asked: Asked) -> Decision:
    """The case giver's "Stopp": the clock stands and the moderator asks what is needed."""
    state = asked.state
    if not asked.gives:
        return Refusal(Why.NOT_ALLOWED)
    if state.status is not Status.RUNNING:
        return Refusal(Why.NOT_RUNNING)
    if state.held is Held.STOP:
        return ()
    return (*_after_break(asked), asked.event(Kind.STOPPED))


def resume(asked: Asked) -> Decision:
    """Let the clock run again; the case giver may take their own "Stopp" back."""
    state = asked.state
    if not (asked.gives and state.held is Held.STOP) and (no := _led(asked)):
        return no
    return (asked.event(Kind.RESUMED),) if state.held else ()


def start_break(asked: Asked) -> Decision:
    """A break of 1 to 30 minutes, in a phase or between two cases; nobody is fetched back by the clock."""
    if not asked.moderates:
        return Refusal(Why.NOT_THE_MODERATOR)
    if asked.state.status not in (Status.RUNNING, Status.BETWEEN):
        return Refusal(Why.NOT_RUNNING)
    minutes = asked.data.get("minutes")
    if isinstance(minutes, bool) or not isinstance(minutes, int) or minutes not in BREAK_MINUTES:
        return Refusal(Why.UNKNOWN_VALUE)
    return () if asked.state.on_break else (asked.event(Kind.BREAK_STARTED, minutes=minutes),)


def end_break(asked: Asked) -> Decision:
    """Go on after a break."""
    if not asked.moderates:
        return Refusal(Why.NOT_THE_MODERATOR)
    return _after_break(asked)


def end(asked: Asked) -> Decision:
    """End the session: by moderator, coordinator or clean-up. A case already advised counts as done, else as dropped."""
    if not (asked.steers or asked.doer.coordinator):
        return Refusal(Why.NOT_THE_MODERATOR)
    state = asked.state
    last = asked.event(Kind.ENDED)
    if state.current is None:
        return (last,)
    case = state.current.case
    advised = state.phase.kind in _ADVISED or any(idea.case == case and not idea.removed for idea in state.ideas)
    return (asked.event(Kind.CASE_FINISHED if advised else Kind.CASE_DROPPED, case=case), last)
