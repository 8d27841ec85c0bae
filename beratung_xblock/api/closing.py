"""Closing a period of the report: its people are counted once, and what may be told of them is kept for good.

Either a year is closed as a whole, or quarter by quarter: each attendance is counted in one closed period only, so that no
two figures can be subtracted. When the last quarter with sessions is closed, those without any are closed with it; the year
then gets the sums, and the number of different people if nothing small follows from it.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any

from django.db import transaction
from django.db.models import F
from django.utils import timezone

from beratung_xblock import access
from beratung_xblock.data.actor import Actor
from beratung_xblock.exceptions import Conflict, Invalid
from beratung_xblock.models import ClosedPeriod, Place

from ._report_rows import QUARTERS, ZONE, Counts, Line, counts_of, events_of, had_sessions, people_in, period_bounds, quarter_of, where_people_were
from ._report_rule import SMALL, fits, may_be_told, people_of_year, split, told
from ._write import audit, retried

__all__ = ["close_period", "waiting_to_be_closed"]

SMALL_MARK, HIDDEN_MARK, NONE_MARK, YEAR_MARK = "small", "hidden", "none", "of_year"
UNIT_MINUTES = 45
EVENTS = ("sessions", "cancelled", "session_hours", "cases")
OF_ATTENDANCES = ("attendances", "hours", "units")
ADDED = (*OF_ATTENDANCES, "registered", "course")
"""What of the quarters adds up to the year."""


@retried
def close_period(*, actor: Actor, year: object, quarter: object = 0) -> None:
    """Count a quarter, or with `quarter` 0 the whole year, for good.

    A quarter without sessions is never closed alone: it goes with the last one that has any, or, when that was closed
    before the year was over, with the year (0). Raises NotFound for others than coordinators, Invalid for periods that do
    not exist, Conflict("not_over"), Conflict("closed_already"), Conflict("closed_otherwise") and Conflict("no_sessions").
    """
    place = access.place(actor)
    if not actor.may_lead:
        raise access.NotFound
    of_year, of_quarter = _number(year, 1970, 9000, "year"), _number(quarter, 0, 4, "quarter")
    if timezone.now() < period_bounds(of_year, of_quarter)[1]:
        raise Conflict("not_over")
    with transaction.atomic(durable=True):
        Place.objects.filter(pk=place.pk).update(version=F("version"))  # the first statement serialises those who close
        closed = {row.quarter: row.figures for row in ClosedPeriod.objects.filter(place=place, year=of_year)}
        if of_quarter in closed:
            raise Conflict("closed_already")
        if 0 in closed:
            raise Conflict("closed_otherwise")
        events = events_of(place, of_year)
        empty = [number for number in QUARTERS if number not in closed and not had_sessions(events[number])]
        if of_quarter in empty:
            raise Conflict("no_sessions")
        if closed and of_quarter == 0 and len(closed) + len(empty) < len(QUARTERS):
            raise Conflict("closed_otherwise")
        by_quarters = bool(of_quarter or closed)
        new = [of_quarter] if of_quarter or not closed else []
        if by_quarters and timezone.now() >= period_bounds(of_year, 0)[1] and len(closed) + len(new) + len(empty) == len(QUARTERS):
            new += empty
        for number in new:
            closed[number] = _figures(counts_of(place, of_year, number), number)
            closed[number]["events"] = _told_events(events, number)
        if by_quarters and all(number in closed for number in QUARTERS):
            closed[0] = _year_of_quarters([closed[number] for number in QUARTERS], *people_in(place, of_year))
            new.append(0)
        now = timezone.now()
        for number in new:
            ClosedPeriod.objects.create(place=place, year=of_year, quarter=number, figures=closed[number], closed_at=now)
        audit(actor, "report.close_quarter" if of_quarter else "report.close_year", kind="place", uid=str(place.pk), place_id=place.pk, year=of_year, quarter=of_quarter)


def waiting_to_be_closed(*, place_id: int, now: dt.datetime) -> list[tuple[int, int]]:
    """(year, quarter) that a coordinator is reminded of: last year (0), and where this year goes by quarters, its newest.

    Only where people took part. Two queries at most.
    """
    year, quarter = now.astimezone(ZONE).year, quarter_of(now) - 1
    closed = set(ClosedPeriod.objects.filter(place_id=place_id, year__in=(year - 1, year)).values_list("year", "quarter"))
    found = [(year - 1, 0)] if (year - 1, 0) not in closed else []
    if quarter and (year, quarter) not in closed and any(of == year for of, _quarter in closed):
        found.append((year, quarter))
    return where_people_were(place_id, found)


def _number(value: object, low: int, high: int, name: str) -> int:
    text = str(value)
    if not (text.isascii() and text.isdigit() and len(text) <= 4 and low <= int(text) <= high):
        raise Invalid({name: "range"})
    return int(text)


def _told_events(events: Mapping[int, Mapping[str, float]], quarter: int) -> dict[str, dict[str, float]]:
    return {
        str(number): {name: events[number][name] for name in EVENTS} for number in ((quarter,) if quarter else QUARTERS)
    }


def _hours(line: Line) -> dict[str, float]:
    return {"hours": round(line.minutes / 60, 1), "units": round(line.minutes / UNIT_MINUTES, 1)}


def _figures(counts: Counts, quarter: int) -> dict[str, Any]:
    """What is kept of a period: each measure with its value, or the mark that stands for it."""
    whole = counts.whole
    # Who is new is told for the year only: beside the people of the year, a small number of a quarter would follow.
    new = whole.people if quarter else counts.new_people
    names = told(people=whole.people, attendances=whole.attendances, new_people=new, registered=counts.registered)
    numbers = {
        "people": whole.people, "attendances": whole.attendances, **_hours(whole), "new_people": counts.new_people,
        "registered": counts.registered,
    }
    cells: dict[str, object] = {
        name: value if ("attendances" if name in OF_ATTENDANCES else name) in names else HIDDEN_MARK for name, value in numbers.items()
    }
    if 0 < whole.people < SMALL:
        cells["people"] = SMALL_MARK
    if quarter:
        cells["new_people"] = YEAR_MARK
    cells["course"] = counts.course if may_be_told(counts.course) else SMALL_MARK
    for name, mean in counts.means.items():
        few = counts.answers < SMALL or whole.people < SMALL  # few people may have answered often
        cells[name] = NONE_MARK if not counts.answers else SMALL_MARK if few else round(mean, 1)
    both = {"people", "attendances"} <= names
    return {"all": cells, **{kind: _split(lines) if both else None for kind, lines in counts.splits.items()}}


def _split(lines: Mapping[str, Line]) -> dict[str, Any] | None:
    found = split({name: (line.people, line.attendances) for name, line in lines.items()})
    if found is None:
        return None
    rest = Line()
    for name in found.others:
        rest.people += lines[name].people
        rest.attendances += lines[name].attendances
        rest.minutes += lines[name].minutes
    return {
        "lines": {name: _line(lines[name]) for name in found.kept}, "others": list(found.others),
        "rest": _line(rest) if found.others else None,
    }


def _line(line: Line) -> dict[str, float]:
    return {"people": line.people, "attendances": line.attendances, **_hours(line)}


# --- a year of four closed quarters ----------------------------------------------------------------------------------


def _sum(values: list[object]) -> float | str:
    numbers = [value for value in values if isinstance(value, (int, float))]
    return round(sum(numbers), 1) if len(numbers) == len(values) else HIDDEN_MARK


def _number_or_none(value: object) -> int | None:
    return int(value) if isinstance(value, (int, float)) else None


def _year_of_quarters(quarters: list[dict[str, Any]], people: int, new_people: int) -> dict[str, Any]:
    """Sums of what the quarters tell: nothing that anybody could not add up; and the different people, when that is safe."""
    cells = {name: _sum([quarter["all"][name] for quarter in quarters]) for name in ADDED}
    sums = [int(cells[name]) for name in ("attendances", "registered") if cells[name] != HIDDEN_MARK]
    may = people_of_year(people, [_number_or_none(quarter["all"]["people"]) for quarter in quarters], sums)
    cells["people"] = people if may else HIDDEN_MARK
    cells["new_people"] = new_people if may and fits(new_people, [people, *sums]) else HIDDEN_MARK
    cells |= {"helped": NONE_MARK, "safe": NONE_MARK}
    return {
        "all": cells, **{kind: _split_of_quarters(quarters, kind) for kind in ("region", "format")},
        "events": {number: values for quarter in quarters for number, values in quarter["events"].items()},
    }


def _split_of_quarters(quarters: list[dict[str, Any]], kind: str) -> dict[str, Any] | None:
    """Sums of the lines that each quarter tells one by one. Different people of a line are not counted for the year."""
    with_people = [quarter for quarter in quarters if quarter["all"]["people"] != 0]
    if not with_people or any(quarter[kind] is None for quarter in with_people):
        return None
    names = list(dict.fromkeys(name for quarter in with_people for name in (*quarter[kind]["lines"], *quarter[kind]["others"])))
    known = [name for name in names if all(name in quarter[kind]["lines"] for quarter in with_people)]
    if not known:
        return None
    lines = {
        name: {"people": NONE_MARK, **{measure: _sum([quarter[kind]["lines"][name][measure] for quarter in with_people]) for measure in OF_ATTENDANCES}}
        for name in known
    }
    others = [name for name in names if name not in known]
    rest = None
    if others:
        rest = {"people": NONE_MARK}
        for measure in OF_ATTENDANCES:
            rest[measure] = round(sum(quarter["all"][measure] for quarter in with_people) - sum(line[measure] for line in lines.values()), 1)
    return {"lines": lines, "others": others, "rest": rest}
