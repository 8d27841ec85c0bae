"""The report for the funder: sessions, cases, people and hours by quarter, region and way of taking part. Counts only.

Sessions and cases are counted whenever somebody looks. Figures of people are those of closed periods (`closing`), which
never change; a period that is not closed has none.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import Max, Min
from django.utils import timezone

from beratung_xblock import access
from beratung_xblock.data.actor import Actor
from beratung_xblock.data.reports import EVENTS, MEASURES, SPLITS, Cell, Report, ReportRow
from beratung_xblock.data.settings import settings_from_snapshot
from beratung_xblock.exceptions import Invalid, NotFound
from beratung_xblock.models import ClosedPeriod, Place, Slot

from ._report_rows import FORMATS, QUARTERS, ZONE, events_of, had_sessions, period_bounds

__all__ = ["DEFAULT_COLUMNS", "OF_LINES", "Closable", "Year", "may_see_figures", "read_year", "report"]

DEFAULT_COLUMNS = ("sessions", "people", "attendances", "hours", "new_people", "cases", "course", "helped")
NONE, OPEN, APART = Cell(mark="none"), Cell(mark="open"), Cell(mark="apart")
YEAR = "year"
OF_LINES = ("people", "attendances", "hours", "units")
"""What a region or a way of taking part tells."""


def may_see_figures(actor: Actor) -> bool:
    """Coordinators and course staff, as themselves."""
    return actor.user_id is not None and not actor.is_masquerading and (actor.may_lead or actor.is_course_staff)


@dataclass(frozen=True)
class Closable:
    """A period that can be closed now: 1 to 4, or 0 for the year; sessions of it nobody has entered attendance for."""

    quarter: int
    without_sheet: int


@dataclass(frozen=True)
class Year:
    """The figures of one year at one place, read once for everything a page or file shows of them."""

    year: int
    years: tuple[int, ...]
    organisation: str
    regions: tuple[str, ...]
    """Regions of the place, and those the figures name."""
    closed: Mapping[int, Mapping[str, Any]]
    """Closed periods, 0 for the year, as `closing` kept them."""
    closed_at: Mapping[int, dt.datetime]
    events: Mapping[int, Mapping[str, float]]

    @property
    def is_whole(self) -> bool:
        """True when the year was closed as a whole, not by quarters."""
        return set(self.closed) == {0}

    def is_over(self, quarter: int) -> bool:
        """Whether a quarter, or the year (0), has passed."""
        return timezone.now() >= self.after(quarter)

    def after(self, quarter: int) -> dt.datetime:
        """The first moment after a quarter, or after the year (0): from then on it can be closed."""
        return period_bounds(self.year, quarter)[1]

    def closable(self) -> tuple[Closable, ...]:
        """What can be closed now, the year first: a year of which no quarter is closed, and quarters of an open year.

        Nothing without sessions is offered. When only such quarters are left of a year that goes by quarters, the year is.
        """
        if 0 in self.closed:
            return ()
        open_quarters = [quarter for quarter in QUARTERS if quarter not in self.closed]
        with_sessions = [quarter for quarter in open_quarters if had_sessions(self.events[quarter])]
        found = [0] if self.is_over(0) and bool(self.closed) != bool(with_sessions) else []
        found += [quarter for quarter in with_sessions if self.is_over(quarter)]
        return tuple(
            Closable(quarter, int(sum(self.events[each]["without_sheet"] for each in ((quarter,) if quarter else QUARTERS))))
            for quarter in found
        )

    def without_sessions(self) -> tuple[int, ...]:
        """Quarters that are over and not closed, and need no closing: no session took place."""
        return tuple(each for each in QUARTERS if each not in self.closed and self.is_over(each) and not had_sessions(self.events[each]))

    def sheets(self) -> tuple[int, int]:
        """Sessions of what is not closed yet: how many were held, and for how many nobody has entered attendance."""
        left = [self.events[each] for each in QUARTERS if each not in self.closed and 0 not in self.closed]
        return int(sum(each["sessions"] for each in left)), int(sum(each["without_sheet"] for each in left))

    def report(
        self, *, quarter: object = 0, by: str = "quarter", region: str | None = None, take_part: str = "", columns: Sequence[str] = ()
    ) -> Report:
        """The report of the year (`quarter` 0) or of one quarter, in lines `by` quarter, region or format.

        `region` or `take_part`, not both, limit the lines by quarter. Raises Invalid for words that do not exist.
        """
        wanted = _whole_number(quarter or 0, 0, 4, "quarter")
        if by not in SPLITS or (take_part and take_part not in FORMATS) or (region is not None and take_part):
            raise Invalid({"by": "choice"})
        if region is not None and region not in self.regions:
            raise Invalid({"region": "choice"})
        chosen = tuple(name for name in MEASURES if name in columns) or DEFAULT_COLUMNS
        undivided = False
        part = ("region", region) if region is not None else ("format", take_part) if take_part else None
        if by == "quarter":
            rows = [
                ReportRow(key=str(number) if number else YEAR, is_total=number == wanted, cells=self._cells(number, part, chosen))
                for number in ((wanted,) if wanted else (*QUARTERS, 0))
            ]
        else:
            kept = self.closed.get(wanted, {}).get(by)
            undivided = wanted in self.closed and kept is None
            rows = [
                *_lines(kept, self.regions if by == "region" else FORMATS, chosen),
                ReportRow(key=str(wanted) if wanted else YEAR, is_total=True, cells=self._cells(wanted, None, chosen)),
            ]
        return Report(
            year=self.year, quarter=wanted, by=by, columns=chosen, rows=tuple(rows), years=self.years,
            organisation=self.organisation, is_running=not self.is_over(wanted), is_undivided=undivided,
            part=part if by == "quarter" else None,
        )

    def _cells(self, quarter: int, part: tuple[str, str] | None, columns: Sequence[str]) -> dict[str, Cell]:
        return {name: self._cell(quarter, part, name) for name in columns}

    def _cell(self, quarter: int, part: tuple[str, str] | None, name: str) -> Cell:
        if name in EVENTS:
            return NONE if part else Cell(value=round(sum(self._events(each)[name] for each in ((quarter,) if quarter else QUARTERS)), 1))
        kept = self.closed.get(quarter)
        if kept is None:
            return APART if self.is_whole else OPEN
        if part is None:
            return _cell(kept["all"][name])
        kind, value = part
        if name not in OF_LINES:
            return NONE
        if kept[kind] is None or value in kept[kind]["others"]:
            return Cell(mark="hidden") if kept["all"]["people"] else Cell(value=0)
        line = kept[kind]["lines"].get(value)
        return _cell(line.get(name, "none")) if line else Cell(value=0)

    def _events(self, quarter: int) -> Mapping[str, float]:
        for kept in (self.closed.get(quarter), self.closed.get(0)):
            if kept is not None and str(quarter) in kept["events"]:
                return kept["events"][str(quarter)]
        return self.events[quarter]


def _cell(kept: object) -> Cell:
    return Cell(mark=kept) if isinstance(kept, str) else Cell(value=float(kept))


def _lines(kept: Mapping[str, Any] | None, order: Sequence[str], columns: Sequence[str]) -> list[ReportRow]:
    if kept is None:
        return []
    rows = [
        ReportRow(key=name, cells={column: _cell(kept["lines"][name].get(column, "none")) for column in columns})
        for name in sorted(kept["lines"], key=lambda name: order.index(name) if name in order else len(order))
    ]
    if kept["rest"] is not None:
        cells = {column: _cell(kept["rest"].get(column, "none")) for column in columns}
        rows.append(ReportRow(key="", cells=cells, others=tuple(kept["others"])))
    return rows


def _years(place: Place) -> tuple[int, ...]:
    now = timezone.now().astimezone(ZONE).year
    found = Slot.objects.filter(round__place=place).aggregate(first=Min("starts_at"), last=Max("starts_at"))
    if found["first"] is None:
        return (now,)
    first, last = (found[name].astimezone(ZONE).year for name in ("first", "last"))
    return tuple(range(max(last, now), min(first, now) - 1, -1))


def _newest(place: Place, years: tuple[int, ...]) -> tuple[int, Mapping[int, Mapping[str, float]]]:
    """The newest year with a session held and its events; the present one when there is none."""
    now = timezone.now().astimezone(ZONE).year
    for year in (each for each in years if each <= now):
        events = events_of(place, year)
        if any(quarter["sessions"] for quarter in events.values()):
            return year, events
    return now, events_of(place, now)


def _whole_number(value: object, low: int, high: int, name: str) -> int:
    try:
        number = int(str(value))
    except ValueError:
        raise Invalid({name: "number"}) from None
    if not low <= number <= high:
        raise Invalid({name: "range"})
    return number


def read_year(*, actor: Actor, year: object = None) -> Year:
    """A year's figures; without `year` those of the newest year with sessions. Seven queries at most, and
    four more for each younger year without any.

    Raises NotFound for people who may not see figures, Invalid for a year without data.
    """
    if not may_see_figures(actor):
        raise NotFound
    place = access.place(actor)
    years = _years(place)
    if year in (None, ""):
        wanted, events = _newest(place, years)
    else:
        wanted = _whole_number(year, years[-1], years[0], "year")
        events = events_of(place, wanted)
    settings = settings_from_snapshot(place.settings)
    rows = list(ClosedPeriod.objects.filter(place=place, year=wanted))
    closed = {row.quarter: row.figures for row in rows}
    named = (name for kept in closed.values() if kept["region"] for name in (*kept["region"]["lines"], *kept["region"]["others"]))
    return Year(
        year=wanted, years=years, organisation=settings.organisation_name, regions=tuple(dict.fromkeys([*settings.regions, *named])),
        closed=closed, closed_at={row.quarter: row.closed_at for row in rows}, events=events,
    )


def report(*, actor: Actor, year: object = None, **wanted: Any) -> Report:
    """One report of a year: `read_year` and `Year.report` in one step."""
    return read_year(actor=actor, year=year).report(**wanted)
