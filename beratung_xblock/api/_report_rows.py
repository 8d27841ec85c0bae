"""From rows to the figures of one year: every number of people in cells by quarter, region and way of taking part."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from dataclasses import dataclass, field
from zoneinfo import ZoneInfo

from completion.models import BlockCompletion
from django.db.models import Count, F, Min, Q
from django.utils import timezone
from opaque_keys.edx.keys import CourseKey

from beratung_xblock.data.enums import GroupState, RegistrationState, TakePart
from beratung_xblock.data.reports import Cell
from beratung_xblock.data.settings import settings_from_snapshot
from beratung_xblock.models import Attendance, Group, Place, Reflection, Registration, SessionCase

from ._suppression import HIDDEN, IS_SMALL, SHOWN, SMALL, Sum, suppress

ZONE = ZoneInfo("Europe/Berlin")
FORMATS = tuple(way.value for way in TakePart)
QUARTERS = ("1", "2", "3", "4")
YEAR = "year"
UNIT_MINUTES = 45
PERIODS = (*QUARTERS, YEAR)
Key = tuple[str, str, str]
"""(period, "all" | "region" | "format", value)."""
WHOLE = ("all", "")


@dataclass
class Figures:
    """Everything a report of one year can show, hidden where it must be."""

    regions: tuple[str, ...]
    made_at: dt.datetime
    cells: dict[str, dict[Key, Cell]] = field(default_factory=dict)


def year_bounds(year: int) -> tuple[dt.datetime, dt.datetime]:
    """First moment of a year and of the next, in the zone of the rounds."""
    return dt.datetime(year, 1, 1, tzinfo=ZONE), dt.datetime(year + 1, 1, 1, tzinfo=ZONE)


def _quarter(moment: dt.datetime) -> str:
    return str((moment.astimezone(ZONE).month + 2) // 3)


def _keys(period: str, region: str, way: str) -> tuple[Key, ...]:
    return (period, *WHOLE), (period, "region", region), (period, "format", way)


def _grid(regions: tuple[str, ...]) -> list[Key]:
    return [
        (period, *part)
        for period in PERIODS
        for part in (WHOLE, *(("region", name) for name in regions), *(("format", way) for way in FORMATS))
    ]


def _sums(regions: tuple[str, ...], *, over_time: bool) -> list[Sum]:
    """Which figures add up. People add up over regions and formats; over the quarters only with `over_time`."""
    sums = []
    for period in PERIODS:
        for kind, values in (("region", regions), ("format", FORMATS)):
            sums.append(Sum((period, *WHOLE), tuple((period, kind, value) for value in values)))
    for kind, value in (WHOLE, *(("region", name) for name in regions), *(("format", way) for way in FORMATS)):
        sums.append(
            Sum((YEAR, kind, value), tuple((quarter, kind, value) for quarter in QUARTERS), at_most=not over_time)
        )
    return sums


@dataclass(frozen=True)
class _Seat:
    person: object
    quarter: str
    region: str
    way: str
    minutes: int
    at: dt.datetime


def _attended(place: Place, first: dt.datetime, after: dt.datetime) -> list[_Seat]:
    rows = (
        Attendance.objects.filter(group__round__place=place, group__slot__starts_at__gte=first, group__slot__starts_at__lt=after)
        .filter(Q(minutes__gt=0) | Q(override=True))
        .order_by("group__slot__starts_at", "pk")
        .values_list("registration_id", "registration__user_id", "registration__region", "take_part", "minutes", "group__slot__starts_at")
    )
    return [
        _Seat(
            person=("user", user) if user is not None else ("guest", registration), quarter=_quarter(at),
            region=region, way=way, minutes=minutes, at=at,
        )
        for registration, user, region, way, minutes, at in rows
    ]


def _people(seats: list[_Seat], grid: list[Key]) -> dict[Key, int]:
    """Different people by period; somebody who changed region or format counts where they were last."""
    last: dict[tuple[object, str], _Seat] = {}
    for seat in seats:
        last[seat.person, seat.quarter] = seat
        last[seat.person, YEAR] = seat
    counts: dict[Key, int] = dict.fromkeys(grid, 0)
    for (_person, period), seat in last.items():
        for key in _keys(period, seat.region, seat.way):
            counts[key] += 1
    return counts


def _newcomers(place: Place, seats: list[_Seat], grid: list[Key]) -> dict[Key, int]:
    """People whose first session of all here falls into the period. Guests without an account count as new each time."""
    known = {person for kind, person in (seat.person for seat in seats) if kind == "user"}
    first = dict(
        Attendance.objects.filter(group__round__place=place, registration__user__isnull=False)
        .filter(Q(minutes__gt=0) | Q(override=True))
        .values_list("registration__user_id")
        .annotate(at=Min("group__slot__starts_at"))
        .order_by()
    )
    counts: dict[Key, int] = dict.fromkeys(grid, 0)
    done: set[object] = set()
    for seat in seats:
        kind, person = seat.person
        if seat.person in done or (kind == "user" and person in known and first.get(person) != seat.at):
            continue
        done.add(seat.person)
        for period in (seat.quarter, YEAR):
            for key in _keys(period, seat.region, seat.way):
                counts[key] += 1
    return counts


def _registered(place: Place, first: dt.datetime, after: dt.datetime, grid: list[Key]) -> dict[Key, int]:
    rows = (
        Registration.objects.filter(round__place=place)
        .exclude(state=RegistrationState.CANCELLED.value)
        .annotate(at=Min("round__slots__starts_at"))
        .filter(at__gte=first, at__lt=after)
        .values_list("region", "take_part", "at")
    )
    counts: dict[Key, int] = dict.fromkeys(grid, 0)
    for region, way, at in rows:
        for period in (_quarter(at), YEAR):
            for key in _keys(period, region, way):
                counts[key] += 1
    return counts


def _marked(values: dict[Key, int], marks: dict[Key, str], shown: dict[Key, float] | None = None) -> dict[Key, Cell]:
    return {
        key: Cell(value=(shown or values)[key]) if marks[key] == SHOWN else Cell(mark=marks[key]) for key in values
    }


def figures_of(place: Place, year: int) -> Figures:
    """All figures of a year. Nine queries, whatever the number of people."""
    first, after = year_bounds(year)
    seats = _attended(place, first, after)
    registered_regions = (
        Registration.objects.filter(round__place=place).order_by("region").values_list("region", flat=True).distinct()
    )
    listed = settings_from_snapshot(place.settings).regions
    regions = tuple(dict.fromkeys([*listed, *registered_regions, *(seat.region for seat in seats)]))
    grid = _grid(regions)
    people = _people(seats, grid)
    new = _newcomers(place, seats, grid)
    attendances: dict[Key, int] = dict.fromkeys(grid, 0)
    minutes: dict[Key, int] = dict.fromkeys(grid, 0)
    for seat in seats:
        for period in (seat.quarter, YEAR):
            for key in _keys(period, seat.region, seat.way):
                attendances[key] += 1
                minutes[key] += seat.minutes
    registered = _registered(place, first, after, grid)
    within, additive = _sums(regions, over_time=False), _sums(regions, over_time=True)
    few = {key for key, count in people.items() if 0 < count < SMALL}
    people_marks = suppress(people, within)
    seat_marks = suppress(attendances, additive, also=few)
    # Who is not new is the difference of two columns: it must not be small either.
    new_marks = suppress(new, additive, also={key for key in grid if 0 < people[key] - new[key] < SMALL} | few)
    found = Figures(regions=regions, made_at=timezone.now())
    found.cells = {
        "people": _marked(people, people_marks),
        "attendances": _marked(attendances, seat_marks),
        "hours": _marked(attendances, _only_hidden(seat_marks), {key: round(value / 60, 1) for key, value in minutes.items()}),
        "units": _marked(attendances, _only_hidden(seat_marks), {key: round(value / UNIT_MINUTES, 1) for key, value in minutes.items()}),
        "new_people": _marked(new, new_marks),
        "cases": _cases(place, first, after, grid, additive, few),
        "registered": _marked(registered, suppress(registered, additive)),
        **_events(place, first, after),
        **_opinions(place, first, after),
    }
    return found


def _only_hidden(marks: dict[Key, str]) -> dict[Key, str]:
    """Hours follow the attendances they belong to, but are no number of people."""
    return {key: HIDDEN if mark else SHOWN for key, mark in marks.items()}


def _events(place: Place, first: dt.datetime, after: dt.datetime) -> dict[str, dict[Key, Cell]]:
    """Sessions (not about people, never hidden), and finished courses (people): for the whole place only."""
    in_year = {"round__place": place, "slot__starts_at__gte": first, "slot__starts_at__lt": after}
    held: dict[Key, int] = {(period, *WHOLE): 0 for period in PERIODS}
    cancelled = dict(held)
    planned = dict.fromkeys(held, 0.0)
    groups = Group.objects.filter(**in_year).annotate(
        seats=Count("attendances", filter=Q(attendances__minutes__gt=0) | Q(attendances__override=True))
    )
    for state, seats, at, until in groups.values_list("state", "seats", "slot__starts_at", "slot__ends_at"):
        counts = held if seats else cancelled if state == GroupState.CANCELLED.value else None
        for period in (_quarter(at), YEAR) if counts is not None else ():
            counts[period, *WHOLE] += 1
            planned[period, *WHOLE] += (until - at).total_seconds() / 3600 if counts is held else 0
    course: dict[Key, int] = {(period, *WHOLE): 0 for period in PERIODS}
    finished = BlockCompletion.objects.filter(
        context_key=CourseKey.from_string(place.course_key), block_type="teams_practice", completion__gte=1.0
    )
    by_person: dict[int, dt.datetime] = defaultdict(lambda: after)
    for user_id, at in finished.values_list("user_id", "modified"):
        by_person[user_id] = min(by_person[user_id], at)
    for at in by_person.values():
        if first <= at < after:
            course[_quarter(at), *WHOLE] += 1
            course[YEAR, *WHOLE] += 1
    whole = [Sum((YEAR, *WHOLE), tuple((quarter, *WHOLE) for quarter in QUARTERS))]
    return {
        "sessions": {key: Cell(value=value) for key, value in held.items()},
        "cancelled": {key: Cell(value=value) for key, value in cancelled.items()},
        "session_hours": {key: Cell(value=round(value, 1)) for key, value in planned.items()},
        "course": _marked(course, suppress(course, whole)),
    }


def _cases(
    place: Place, first: dt.datetime, after: dt.datetime, grid: list[Key], sums: list[Sum], few: set[Key]
) -> dict[Key, Cell]:
    """Consulted cases by region and way of taking part of those who brought them: numbers of people, hidden like those.

    Where few people took part, how many cases they brought is nobody's business either.
    """
    counts: dict[Key, int] = dict.fromkeys(grid, 0)
    rows = SessionCase.objects.filter(
        session__group__round__place=place, consulted_at__gte=first, consulted_at__lt=after
    ).annotate(region=F("giver__region"), way=F("giver__take_part"))
    for at, region, way in rows.values_list("consulted_at", "region", "way"):
        for period in (_quarter(at), YEAR):
            for key in _keys(period, region or "", way or FORMATS[0]):
                if key in counts:
                    counts[key] += 1
    return _marked(counts, suppress(counts, sums, also=few))


def _opinions(place: Place, first: dt.datetime, after: dt.datetime) -> dict[str, dict[Key, Cell]]:
    """Means of the two questions, one decimal, from five answers on; hidden as if the numbers of answers were shown."""
    rows = Reflection.objects.filter(
        group__round__place=place, group__slot__starts_at__gte=first, group__slot__starts_at__lt=after
    )
    answers: dict[Key, int] = {(period, *WHOLE): 0 for period in PERIODS}
    sums = {name: dict.fromkeys(answers, 0) for name in ("helped", "safe")}
    for helped, safe, at in rows.values_list("helped", "safe", "group__slot__starts_at"):
        for period in (_quarter(at), YEAR):
            answers[period, *WHOLE] += 1
            sums["helped"][period, *WHOLE] += helped
            sums["safe"][period, *WHOLE] += safe
    marks = suppress(answers, [Sum((YEAR, *WHOLE), tuple((quarter, *WHOLE) for quarter in QUARTERS))])
    return {
        name: {
            key: Cell(mark="none") if not count else Cell(mark=HIDDEN if marks[key] != IS_SMALL else IS_SMALL) if marks[key]
            else Cell(value=round(totals[key] / count, 1))
            for key, count in answers.items()
        }
        for name, totals in sums.items()
    }
