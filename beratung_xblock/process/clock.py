"""The phase clock: a pure function of stored events and now. It advises; nothing ends because it says so."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from beratung_xblock.process.events import Event
from beratung_xblock.process.reducer import fold
from beratung_xblock.process.state import SessionState, Status, Stretch
from beratung_xblock.process.types import ProcessTemplate, Word

WARN_SECONDS = 120
"""Two minutes before the end a quiet notice is due (domain 0.1)."""


class Notice(Word):
    """What the clock has to say."""

    TWO_MINUTES = "two_minutes"
    TIME_UP = "time_up"


@dataclass(frozen=True, slots=True)
class ClockState:
    """The clock at one moment. Seconds may be fractions; `remaining` goes below zero when the planned time is over."""

    status: Status
    round_no: int
    phase_index: int
    loop_id: str
    on_break: bool
    running: bool
    planned: int
    extended: int
    spent: float
    notice: Notice | None

    @property
    def remaining(self) -> float:
        """Seconds left; negative is overtime."""
        return self.planned + self.extended - self.spent


def clock(state: SessionState, now: datetime) -> ClockState:
    """The clock of a state. A `now` before the last event counts as the moment of that event."""
    if state.last_at is not None and now < state.last_at:
        now = state.last_at
    stretch = state.pause or state.stretches.get(state.place) or Stretch(state.phase.minutes * 60)
    counting = state.status in (Status.RUNNING, Status.BETWEEN) and (state.status is Status.RUNNING or state.on_break)
    running = counting and state.running_since is not None
    gone = (now - state.running_since).total_seconds() if running and state.running_since else 0.0
    spent = stretch.spent + max(0.0, gone)
    remaining = stretch.planned + stretch.extended - spent
    notice = None
    if counting:
        if remaining <= 0:
            notice = Notice.TIME_UP
        elif remaining <= WARN_SECONDS < stretch.planned + stretch.extended:
            notice = Notice.TWO_MINUTES
    return ClockState(
        status=state.status,
        round_no=state.round_no,
        phase_index=state.phase_index,
        loop_id=state.loop_id,
        on_break=state.on_break,
        running=running,
        planned=stretch.planned,
        extended=stretch.extended,
        spent=spent,
        notice=notice,
    )


def clock_of(template: ProcessTemplate, events: Iterable[Event], now: datetime) -> ClockState:
    """The clock straight from the events."""
    return clock(fold(template, events), now)
