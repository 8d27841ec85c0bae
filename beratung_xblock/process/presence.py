"""Minutes present, from joined and left events: the proposal for the attendance sheet, corrected by people."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime

from beratung_xblock.process.events import Event, Kind, PersonId


def minutes_present(events: Iterable[Event], *, start: datetime, end: datetime) -> Mapping[PersonId, int]:
    """Whole minutes (rounded) each person was there between `start` and `end`; who never joined is not in it."""
    since: dict[PersonId, datetime] = {}
    seconds: dict[PersonId, float] = {}

    def book(person: PersonId, until: datetime) -> None:
        came = max(since.pop(person), start)
        seconds[person] = seconds.get(person, 0.0) + max(0.0, (min(until, end) - came).total_seconds())

    for event in events:
        person = event.data.get("person", event.by)
        if event.kind is Kind.JOINED:
            since.setdefault(person, event.at)
        elif event.kind in (Kind.LEFT, Kind.MEMBER_REMOVED) and person in since:
            book(person, event.at)
    for person in list(since):
        book(person, end)
    return {person: int(value / 60 + 0.5) for person, value in seconds.items()}
