"""Where one volunteer stands in the rounds of a place, and which round the page shows first. Pure: rows in, an order out."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass

from beratung_xblock.data.enums import RegistrationState, RoundState, SessionState
from beratung_xblock.models import Membership, Registration, Round

__all__ = ["Standing", "first", "is_over"]

STILL_TODAY = dt.timedelta(hours=6)
"""So long after its planned end a session may still be going on, or be looked back at the same evening."""
SIGNED_UP = (RoundState.OPEN.value, RoundState.CLOSED.value)


def is_over(*, ends_at: dt.datetime, session_state: str, now: dt.datetime) -> bool:
    """True when a session is over: ended, never begun in its time, or running and long past its end (time is advisory)."""
    if session_state == SessionState.ENDED.value:
        return True
    late = STILL_TODAY if session_state == SessionState.RUNNING.value else dt.timedelta(0)
    return now > ends_at + late


@dataclass(frozen=True)
class Standing:
    """One round with what this person has in it. `round_` carries `last_end`, the end of its last date."""

    round_: Round
    row: Registration | None = None
    """My registration, also a cancelled one."""
    seat: Membership | None = None
    """My place in a published group."""
    doors: dt.timedelta = dt.timedelta(minutes=15)

    @property
    def is_mine(self) -> bool:
        """I take part, wait, or was offered a place."""
        return self.row is not None and self.row.state != RegistrationState.CANCELLED.value

    @property
    def session_state(self) -> str:
        """The state of my group's session, "" when there is none."""
        session = getattr(self.seat.group, "session", None) if self.seat else None
        return session.state if session else ""

    def is_open(self, now: dt.datetime) -> bool:
        """Sign-up is open."""
        return self.round_.state == RoundState.OPEN.value and self.round_.closes_at > now

    def has_dates(self, now: dt.datetime) -> bool:
        """A date of the round lies ahead."""
        return bool(self.round_.last_end) and self.round_.last_end > now

    def kind(self, now: dt.datetime) -> str:
        """ahead, past (my group's session), waiting (for groups), unplaced, open, cancelled, finished or "" (nothing to me)."""
        if self.is_mine and self.seat is not None:
            over = is_over(ends_at=self.seat.group.slot.ends_at, session_state=self.session_state, now=now)
            return "past" if over else "ahead"
        if self.is_mine:
            if self.round_.state in SIGNED_UP and self.has_dates(now):
                return "waiting"
            return "unplaced" if self.round_.state != RoundState.FINISHED.value else "finished"
        if self.row is not None and self.round_.state != RoundState.FINISHED.value and (self.is_open(now) or self.has_dates(now)):
            return "cancelled"
        return "open" if self.is_open(now) else ""

    def rank(self, now: dt.datetime) -> tuple[float, float]:
        """What matters most comes first: the call itself, the evening after it, a place that waits for my answer, my next date, then what I can do."""
        kind, latest = self.kind(now), -self.round_.closes_at.timestamp()
        if kind == "ahead":
            starts_at = self.seat.group.slot.starts_at
            return 0 if starts_at - self.doors <= now else 2, starts_at.timestamp()
        if kind == "past":
            ends_at = self.seat.group.slot.ends_at
            if ends_at + STILL_TODAY > now:
                return 1, -ends_at.timestamp()
            return (4 if self.round_.state != RoundState.FINISHED.value else 8), -ends_at.timestamp()
        if kind == "waiting":
            if self.row is not None and self.row.state == RegistrationState.OFFERED.value:
                return 1.5, self.round_.last_end.timestamp()
            return 3, self.round_.last_end.timestamp()
        if kind == "cancelled" and not self.is_open(now):
            return 7, latest
        order = {"open": 5.0, "cancelled": 5.5, "unplaced": 6.0, "finished": 9.0}
        return order[kind], -latest if kind == "open" else latest


def first(standings: Iterable[Standing], *, now: dt.datetime) -> Standing | None:
    """The round the page shows when nobody asks for a certain one; None when no round concerns this person."""
    concerned = [one for one in standings if one.kind(now)]
    return min(concerned, key=lambda one: (*one.rank(now), -one.round_.pk), default=None)
