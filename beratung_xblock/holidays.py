"""Rules for rounds ("second Tuesday in the first month of the quarter, 18 to 20") and warnings about their dates.

A rule gives a year's four dates at once; a warning never forbids a date. Public holidays come from the `holidays`
library, Ramadan from the same (a calendar that lists its first day), Orthodox Easter from `dateutil`. School holidays
are law of each Land and change every few years, so the operator supplies them as periods.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from functools import lru_cache

import holidays as calendar_of_holidays
from dateutil.easter import EASTER_ORTHODOX, EASTER_WESTERN, easter

from .times import language_of, local_moment

DEFAULT_COUNTRY = "DE"
DEFAULT_SUBDIVISION = "NW"
LAST = -1
# Brunei makes the first day of Ramadan a public holiday, which puts it into the library's public data.
_RAMADAN_COUNTRY = "BN"
_RAMADAN_NAME = "First Day of Ramadan"
_EID_NAME = "Eid al-Fitr"


class Concern(StrEnum):
    """Why a date may be a bad one. `text` of the warning names the holiday or the period where there is one."""

    PUBLIC_HOLIDAY = "public_holiday"
    BEFORE_HOLIDAY = "before_holiday"
    BETWEEN_HOLIDAYS = "between_holidays"
    WEEKEND = "weekend"
    SCHOOL_HOLIDAY = "school_holiday"
    RAMADAN = "ramadan"
    ORTHODOX_EASTER = "orthodox_easter"
    CHRISTMAS_TIME = "christmas_time"
    IN_THE_PAST = "in_the_past"
    OVERLAP = "overlap"
    SAME_DAY = "same_day"


@dataclass(frozen=True)
class DateWarning:
    """One concern about one date; `text` is the name of the holiday, period or other appointment (may be empty)."""

    day: date
    concern: Concern
    text: str = ""


@dataclass(frozen=True)
class Period:
    """A named stretch of days, both ends included, e.g. school holidays."""

    name: str
    first: date
    last: date


@dataclass(frozen=True)
class Span:
    """A named stretch of time (aware moments), e.g. another slot, to look for clashes with."""

    name: str
    starts: datetime
    ends: datetime


@dataclass(frozen=True)
class QuarterRule:
    """One slot a quarter: the `nth` (1 to 4, or -1 for the last) `weekday` (0 = Monday) of the `month` (1 to 3).

    `starts` and `ends` are wall clock times in `zone`; an end at or before the start means the next day. Raises
    ValueError, naming the field first, for a rule that could give no date in some quarter.
    """

    nth: int
    weekday: int
    month: int
    starts: time
    ends: time
    zone: str = "Europe/Berlin"

    def __post_init__(self) -> None:
        """Check the ranges; a fifth weekday does not exist in every month and is refused."""
        if self.nth not in (1, 2, 3, 4, LAST):
            raise ValueError("nth: must be 1 to 4, or -1 for the last")
        if not 0 <= self.weekday <= 6:
            raise ValueError("weekday: must be 0 (Monday) to 6 (Sunday)")
        if not 1 <= self.month <= 3:
            raise ValueError("month: must be the 1st, 2nd or 3rd of the quarter")
        if self.starts == self.ends:
            raise ValueError("ends: must differ from the start")


@dataclass(frozen=True)
class PlannedSlot:
    """A date a rule gives: quarter (1 to 4), local day, UTC start and end."""

    year: int
    quarter: int
    day: date
    starts: datetime
    ends: datetime


def nth_weekday(year: int, month: int, weekday: int, nth: int) -> date:
    """Return the nth (1 to 4, -1 = last) weekday (0 = Monday) of a month."""
    if nth == LAST:
        last = date(year + month // 12, month % 12 + 1, 1) - timedelta(days=1)
        return last - timedelta(days=(last.weekday() - weekday) % 7)
    first = date(year, month, 1)
    return first + timedelta(days=(weekday - first.weekday()) % 7 + 7 * (nth - 1))


def slots_for_year(rule: QuarterRule, year: int) -> tuple[PlannedSlot, PlannedSlot, PlannedSlot, PlannedSlot]:
    """Return the four slots of a year, first quarter first."""
    return tuple(slot_for_quarter(rule, year, quarter) for quarter in (1, 2, 3, 4))


def slot_for_quarter(rule: QuarterRule, year: int, quarter: int) -> PlannedSlot:
    """Return the slot of one quarter (1 to 4), at the rule's wall clock in its zone whatever the season."""
    day = nth_weekday(year, 3 * (quarter - 1) + rule.month, rule.weekday, rule.nth)
    last_day = day if rule.ends > rule.starts else day + timedelta(days=1)
    return PlannedSlot(
        year=year,
        quarter=quarter,
        day=day,
        starts=local_moment(day, rule.starts, rule.zone),
        ends=local_moment(last_day, rule.ends, rule.zone),
    )


def public_holiday(day: date, language: str, *, subdivision: str = DEFAULT_SUBDIVISION) -> str:
    """Return the name of the public holiday on a day, or an empty text. `subdivision` is a German Land ("NW")."""
    return _public(day.year, subdivision, language_of(language)).get(day, "")


def concerns(
    day: date,
    language: str,
    *,
    subdivision: str = DEFAULT_SUBDIVISION,
    school: Iterable[Period] = (),
    today: date | None = None,
) -> tuple[DateWarning, ...]:
    """Return what speaks against a day, most serious first; empty for an ordinary day.

    The day between a holiday and a weekend, and the evening before a holiday, are warned of because groups thin out
    then. `school` are periods supplied by the operator; `today` adds a warning for days gone by.
    """
    found: list[DateWarning] = []
    if today is not None and day < today:
        found.append(DateWarning(day, Concern.IN_THE_PAST))
    name = public_holiday(day, language, subdivision=subdivision)
    if name:
        found.append(DateWarning(day, Concern.PUBLIC_HOLIDAY, name))
    else:
        found.extend(_near_holiday(day, language, subdivision))
    if (day.month, day.day) in {(12, 24), (12, 31)} or date(day.year, 12, 27) <= day <= date(day.year, 12, 30):
        found.append(DateWarning(day, Concern.CHRISTMAS_TIME))
    if day.weekday() >= 5:
        found.append(DateWarning(day, Concern.WEEKEND))
    for period in school:
        if period.first <= day <= period.last:
            found.append(DateWarning(day, Concern.SCHOOL_HOLIDAY, period.name))
    if any(first <= day < end for first, end in ramadans(day.year)):
        found.append(DateWarning(day, Concern.RAMADAN))
    orthodox = easter(day.year, EASTER_ORTHODOX)
    if orthodox != easter(day.year, EASTER_WESTERN) and -2 <= (day - orthodox).days <= 1:
        found.append(DateWarning(day, Concern.ORTHODOX_EASTER))
    return tuple(found)


def clashes(starts: datetime, ends: datetime, others: Iterable[Span], zone_day: date) -> tuple[DateWarning, ...]:
    """Return the other spans that overlap this one, then those on the same local day without overlap.

    Spans that only touch (one ends when the other starts) do not overlap. `zone_day` is the local day of `starts`; a
    span counts as on the same day when it starts within twelve hours before or after this one.
    """
    overlap, near = [], []
    for other in others:
        if other.starts < ends and starts < other.ends:
            overlap.append(DateWarning(zone_day, Concern.OVERLAP, other.name))
        elif abs(other.starts - starts) < timedelta(hours=12):
            near.append(DateWarning(zone_day, Concern.SAME_DAY, other.name))
    return (*overlap, *near)


@lru_cache(maxsize=64)
def ramadans(year: int) -> tuple[tuple[date, date], ...]:
    """Return the fasting months that touch a year as (first day, day of the feast), estimated by the moon.

    Two of them fall into 2030; a month that spans the turn of the year counts for both years.
    """
    feasts: list[date] = []
    firsts: list[date] = []
    for each in (year - 1, year, year + 1):
        calendar = calendar_of_holidays.country_holidays(_RAMADAN_COUNTRY, years=each, language="en_US", observed=False)
        firsts.extend(day for day, name in calendar.items() if _RAMADAN_NAME in name)
        feasts.extend(day for day, name in calendar.items() if _EID_NAME in name)
    months = []
    for first in sorted(firsts):
        feast = min((day for day in feasts if day > first), default=first + timedelta(days=30))
        if first.year <= year <= feast.year:
            months.append((first, feast))
    return tuple(months)


def _near_holiday(day: date, language: str, subdivision: str) -> Iterable[DateWarning]:
    before = public_holiday(day - timedelta(days=1), language, subdivision=subdivision)
    after = public_holiday(day + timedelta(days=1), language, subdivision=subdivision)
    if (before and day.weekday() == 4) or (after and day.weekday() == 0) or (before and after):
        yield DateWarning(day, Concern.BETWEEN_HOLIDAYS, before or after)
    elif after:
        yield DateWarning(day, Concern.BEFORE_HOLIDAY, after)


@lru_cache(maxsize=64)
def _public(year: int, subdivision: str, language: str) -> dict[date, str]:
    found = calendar_of_holidays.country_holidays(
        DEFAULT_COUNTRY, subdiv=subdivision, years=year, language="de" if language == "de" else "en_US"
    )
    return dict(found.items())
