"""From rows to the numbers of one period: everything a report may ask of it, before anything is left out."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from zoneinfo import ZoneInfo

from completion.models import BlockCompletion
from django.db.models import Avg, Count, Exists, Min, OuterRef, Q, QuerySet
from django.utils import timezone
from opaque_keys.edx.keys import CourseKey

from beratung_xblock.data.enums import GroupState, RegistrationState, RoundState, TakePart
from beratung_xblock.data.settings import settings_from_snapshot
from beratung_xblock.models import Attendance, Group, Place, Reflection, Registration, SessionCase

ZONE = ZoneInfo("Europe/Berlin")
FORMATS = tuple(way.value for way in TakePart)
QUARTERS = (1, 2, 3, 4)
WAS_THERE = Q(minutes__gt=0) | Q(override=True)


def period_bounds(year: int, quarter: int) -> tuple[dt.datetime, dt.datetime]:
    """First moment of a quarter (0: of the year) and of what comes after it, in the zone of the rounds."""
    first = 3 * quarter - 2 if quarter else 1
    after = (year + 1, 1) if quarter in (0, 4) else (year, first + 3)
    return dt.datetime(year, first, 1, tzinfo=ZONE), dt.datetime(*after, 1, tzinfo=ZONE)


def quarter_of(moment: dt.datetime) -> int:
    """1 to 4."""
    return (moment.astimezone(ZONE).month + 2) // 3


# --- events: sessions and cases, no numbers of people ----------------------------------------------------------------


def met() -> Exists:
    """On groups: whether anybody was there."""
    return Exists(Attendance.objects.filter(WAS_THERE, group=OuterRef("pk")))


def events_of(place: Place, year: int) -> dict[int, dict[str, float]]:
    """Quarter -> sessions held, cancelled, their planned hours, cases consulted, and published sessions that are over without attendance.

    Three queries, one more when groups have not met; a row for each date, not for each group. A case counts even when the
    person who brought it was erased.
    """
    first, after = period_bounds(year, 0)
    found: dict[int, dict[str, float]] = {
        quarter: {"sessions": 0, "cancelled": 0, "session_hours": 0.0, "cases": 0, "without_sheet": 0} for quarter in QUARTERS
    }
    groups = Group.objects.filter(round__place=place, slot__starts_at__gte=first, slot__starts_at__lt=after)
    held = _by_date(groups.filter(met()))
    missed = {kind: count - held.get(kind, 0) for kind, count in _by_date(groups).items() if count > held.get(kind, 0)}
    with_sheet = _by_date(groups.filter(Exists(Attendance.objects.filter(group=OuterRef("pk"))))) if missed else {}
    for (*_rest, at, until), count in held.items():
        found[quarter_of(at)]["sessions"] += count
        found[quarter_of(at)]["session_hours"] += count * (until - at).total_seconds() / 3600
    now = timezone.now()
    for kind, count in missed.items():
        state, round_state, gone, at, until = kind
        if state == GroupState.CANCELLED.value:
            found[quarter_of(at)]["cancelled"] += count
        elif until <= now and state == GroupState.PUBLISHED.value and not gone and round_state != RoundState.CANCELLED.value:
            found[quarter_of(at)]["without_sheet"] += count - with_sheet.get(kind, 0) + held.get(kind, 0)
    for at in SessionCase.objects.filter(
        session__group__round__place=place, consulted_at__gte=first, consulted_at__lt=after
    ).values_list("consulted_at", flat=True):
        found[quarter_of(at)]["cases"] += 1
    return found


def had_sessions(events: Mapping[str, float]) -> bool:
    """Whether a period of these events had a session, also one whose attendance nobody has entered."""
    return bool(events["sessions"] or events["without_sheet"])


def _by_date(groups: QuerySet) -> dict[tuple[Any, ...], int]:
    """(state, state of the round, date cancelled, start, end) -> groups."""
    kinds = groups.values_list("state", "round__state", "slot__is_cancelled", "slot__starts_at", "slot__ends_at")
    return {tuple(kind): count for *kind, count in kinds.annotate(n=Count("pk")).order_by()}


# --- people ----------------------------------------------------------------------------------------------------------


@dataclass
class Line:
    """People, attendances and minutes of a period, of a region or of a way of taking part."""

    people: int = 0
    attendances: int = 0
    minutes: int = 0


@dataclass
class Counts:
    """The numbers of people of one period."""

    whole: Line = field(default_factory=Line)
    splits: dict[str, dict[str, Line]] = field(default_factory=dict)
    """"region" and "format" -> value -> its line."""
    new_people: int = 0
    registered: int = 0
    course: int = 0
    answers: int = 0
    means: Mapping[str, float] = field(default_factory=dict)
    """"helped" and "safe": means of 1 to 5."""


@dataclass(frozen=True)
class _Seat:
    person: tuple[str, int]
    region: str
    way: str
    minutes: int
    at: dt.datetime


def _attended(place: Place, first: dt.datetime, after: dt.datetime) -> list[_Seat]:
    rows = (
        Attendance.objects.filter(WAS_THERE, group__round__place=place, group__slot__starts_at__gte=first, group__slot__starts_at__lt=after)
        .order_by("group__slot__starts_at", "pk")
        .values_list("registration_id", "registration__user_id", "registration__region", "take_part", "minutes", "group__slot__starts_at")
    )
    return [
        _Seat(person=("user", user) if user is not None else ("guest", row), region=region, way=way, minutes=minutes, at=at)
        for row, user, region, way, minutes, at in rows
    ]


def where_people_were(place_id: int, periods: Sequence[tuple[int, int]]) -> list[tuple[int, int]]:
    """Those of the (year, quarter) periods in which anybody took part in a session. One query."""

    def took_part(first: dt.datetime, after: dt.datetime) -> Exists:
        return Exists(Group.objects.filter(met(), round__place_id=place_id, slot__starts_at__gte=first, slot__starts_at__lt=after))

    seen = [took_part(*period_bounds(*each)) for each in periods]
    row = Place.objects.filter(pk=place_id).values_list(*seen).first() if seen else None
    return [each for each, there in zip(periods, row or (), strict=False) if there]


def people_in(place: Place, year: int) -> tuple[int, int]:
    """Different people of a whole year, and how many of them are new. Two queries."""
    seats = _attended(place, *period_bounds(year, 0))
    return len({seat.person for seat in seats}), _new(place, seats)


def counts_of(place: Place, year: int, quarter: int) -> Counts:
    """All numbers of people of a quarter, or of the year (0). Six queries, whatever the number of people."""
    first, after = period_bounds(year, quarter)
    seats = _attended(place, first, after)
    listed = settings_from_snapshot(place.settings).regions
    names = {"region": tuple(dict.fromkeys([*listed, *(seat.region for seat in seats)])), "format": FORMATS}
    found = Counts(splits={kind: {name: Line() for name in values} for kind, values in names.items()})
    last: dict[tuple[str, int], _Seat] = {}
    for seat in seats:
        last[seat.person] = seat
        for line in (found.whole, found.splits["region"][seat.region], found.splits["format"][seat.way]):
            line.attendances += 1
            line.minutes += seat.minutes
    for seat in last.values():  # somebody who changed region or way counts where they were last
        for line in (found.whole, found.splits["region"][seat.region], found.splits["format"][seat.way]):
            line.people += 1
    found.new_people = _new(place, seats)
    found.registered = (
        Registration.objects.filter(round__place=place).exclude(state=RegistrationState.CANCELLED.value)
        .annotate(at=Min("round__slots__starts_at")).filter(at__gte=first, at__lt=after).count()
    )
    found.course = _finished_course(place, first, after)
    asked = Reflection.objects.filter(
        group__round__place=place, group__slot__starts_at__gte=first, group__slot__starts_at__lt=after
    ).aggregate(n=Count("pk"), helped=Avg("helped"), safe=Avg("safe"))
    found.answers = asked["n"]
    found.means = {name: float(asked[name] or 0) for name in ("helped", "safe")}
    return found


def _new(place: Place, seats: list[_Seat]) -> int:
    """People whose first session of all here is one of these. Guests without an account count as new each time."""
    first = dict(
        Attendance.objects.filter(WAS_THERE, group__round__place=place, registration__user__isnull=False)
        .values_list("registration__user_id").annotate(at=Min("group__slot__starts_at")).order_by()
    )
    return len({seat.person for seat in seats if seat.person[0] == "guest" or first[seat.person[1]] == seat.at})


def _finished_course(place: Place, first: dt.datetime, after: dt.datetime) -> int:
    """People whose first completion of a Teams practice in this course falls into the period."""
    rows = (
        BlockCompletion.objects.filter(
            context_key=CourseKey.from_string(place.course_key), block_type="teams_practice", completion__gte=1.0
        ).values_list("user_id").annotate(at=Min("modified")).order_by()
    )
    return sum(first <= at < after for _user, at in rows)
