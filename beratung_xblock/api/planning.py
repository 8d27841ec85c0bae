"""Rounds ahead: a year's four by a rule, a copy of an earlier one, and what speaks against a date."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any
from zoneinfo import ZoneInfo

from django.conf import settings as django_settings
from django.utils import timezone
from django.utils.translation import gettext as _

from beratung_xblock import access
from beratung_xblock.data.actor import Actor
from beratung_xblock.data.enums import RoundState
from beratung_xblock.exceptions import Conflict, Invalid
from beratung_xblock.holidays import (
    Concern,
    DateWarning,
    Period,
    PlannedSlot,
    QuarterRule,
    Span,
    clashes,
    concerns,
    slots_for_year,
)
from beratung_xblock.models import Round, Slot

from .rounds import create_round

__all__ = ["PlannedRound", "copy_round", "create_year", "plan_year", "read_rule", "warnings_of_round"]

CLOSES_BEFORE = dt.timedelta(days=14)
"""Sign-up of a planned round ends two weeks before its first date: time to form groups and to tell people."""


@dataclass(frozen=True, kw_only=True)
class PlannedRound:
    """One round of a plan: its title, slot, deadline, what speaks against the day, and whether it exists already."""

    title: str
    slot: PlannedSlot
    time_zone: str
    closes_at: dt.datetime
    warnings: tuple[DateWarning, ...]
    exists: bool


def read_rule(raw: Mapping[str, Any]) -> tuple[QuarterRule, int]:
    """Check what was typed for a year: nth, weekday, month, starts, ends ("18:00"), time_zone, year. Raises Invalid."""
    errors: dict[str, object] = {}

    def number(name: str) -> int:
        try:
            return int(str(raw.get(name, "")).strip())
        except ValueError:
            errors[name] = "number"
            return 0

    def clock(name: str) -> dt.time:
        try:
            return dt.time.fromisoformat(str(raw.get(name, "")).strip())
        except ValueError:
            errors[name] = "date"
            return dt.time(0)

    year = number("year")
    values = {"nth": number("nth"), "weekday": number("weekday"), "month": number("month")}
    starts, ends = clock("starts"), clock("ends")
    zone = str(raw.get("time_zone") or "Europe/Berlin")
    try:
        ZoneInfo(zone)
    except (KeyError, ValueError, OSError):
        errors["time_zone"] = "zone"
    if "year" not in errors and not timezone.now().year <= year <= timezone.now().year + 5:
        errors["year"] = "range"
    if errors:
        raise Invalid(errors)
    try:
        return QuarterRule(**values, starts=starts, ends=ends, zone=zone), year
    except ValueError as error:
        raise Invalid({str(error).partition(":")[0]: "range"}) from None


def plan_year(*, actor: Actor, rule: Mapping[str, Any]) -> tuple[PlannedRound, ...]:
    """What a rule gives for a year, to look at before anything is created. Two queries.

    Quarters whose date has passed are left out. Raises Invalid, NotFound.
    """
    place = access.place(actor)
    if not actor.may_lead:
        raise access.NotFound
    parsed, year = read_rule(rule)
    slots = [slot for slot in slots_for_year(parsed, year) if slot.starts > timezone.now()]
    if not slots:
        raise Invalid({"year": "past"})
    titles = set(
        Round.objects.filter(place=place).exclude(state=RoundState.CANCELLED.value).values_list("title", flat=True)
    )
    others = _other_slots(actor, slots[0].starts, slots[-1].ends)
    return tuple(
        PlannedRound(
            title=(title := _quarter_title(slot)),
            slot=slot,
            time_zone=parsed.zone,
            closes_at=max(slot.starts - CLOSES_BEFORE, min(timezone.now() + dt.timedelta(days=1), slot.starts)),
            warnings=_warnings(slot.starts, slot.ends, parsed.zone, actor.language, others),
            exists=title in titles,
        )
        for slot in slots
    )


def create_year(
    *, actor: Actor, rule: Mapping[str, Any], capacity: Any = None, max_groups: Any = 2, without: Iterable[int] = ()
) -> tuple[str, ...]:
    """Create a year's rounds as drafts, leaving out quarters in `without` and those that exist; returns their uids.

    Calling it twice creates nothing twice. Raises Conflict("exists") when nothing is left to create.
    """
    plan = plan_year(actor=actor, rule=rule)
    left_out = set(without)
    wanted = [each for each in plan if not each.exists and each.slot.quarter not in left_out]
    if not wanted:
        raise Conflict("exists")
    return tuple(
        create_round(
            actor=actor,
            title=each.title,
            closes_at=each.closes_at,
            capacity=capacity,
            slots=[
                {
                    "starts_at": each.slot.starts,
                    "ends_at": each.slot.ends,
                    "time_zone": each.time_zone,
                    "max_groups": max_groups,
                }
            ],
        )
        for each in wanted
    )


def copy_round(*, actor: Actor, round_uid: str, title: str, first_day: Any) -> str:
    """A new draft like an earlier round: same weekdays, clocks, zones and limits, beginning on `first_day`.

    Slots keep their distance in days and their wall clock, also across a change of the clock. Meeting links, people
    and groups are not copied. Raises NotFound, Invalid({"first_day": ...}).
    """
    old = access.led_round(actor, round_uid)
    slots = list(Slot.objects.filter(round=old, is_cancelled=False).order_by("starts_at", "pk"))
    if not slots:
        raise Conflict("no_slots")
    try:
        day = first_day if isinstance(first_day, dt.date) else dt.date.fromisoformat(str(first_day).strip())
    except ValueError:
        raise Invalid({"first_day": "date"}) from None
    first = slots[0].starts_at.astimezone(ZoneInfo(slots[0].time_zone)).date()
    moved = [_moved(slot, day - first) for slot in slots]
    notice = max(slots[0].starts_at - old.closes_at, dt.timedelta(0))
    starts = dt.datetime.fromisoformat(moved[0]["starts_at"]).replace(tzinfo=ZoneInfo(slots[0].time_zone))
    if starts <= timezone.now():
        raise Invalid({"first_day": "past"})
    return create_round(
        actor=actor, title=title, closes_at=(starts - notice).astimezone(dt.UTC), capacity=old.capacity, slots=moved
    )


def warnings_of_round(*, actor: Actor, round_uid: str) -> dict[str, tuple[DateWarning, ...]]:
    """What speaks against each date to come, by slot uid: holidays, weekends, other dates of the course. Three queries.

    Dates of the round itself count where they overlap; two of them on one evening are often meant.
    """
    round_ = access.led_round(actor, round_uid)
    slots = list(Slot.objects.filter(round=round_, is_cancelled=False, starts_at__gt=timezone.now()).order_by("starts_at"))
    if not slots or round_.state in (RoundState.FINISHED.value, RoundState.CANCELLED.value):
        return {}
    others = _others(actor, slots[0].starts_at, max(slot.ends_at for slot in slots))
    return {
        slot.uid: _warnings(
            slot.starts_at, slot.ends_at, slot.time_zone, actor.language,
            [_span(row) for row in others if row.pk != slot.pk and (row.round_id != round_.pk or _overlap(row, slot))],
        )
        for slot in slots
    }


def school_holidays() -> tuple[Period, ...]:
    """The periods the operator set in BERATUNG_SCHOOL_HOLIDAYS: (name, first day, last day) as text; bad ones are left out."""
    periods = []
    for entry in getattr(django_settings, "BERATUNG_SCHOOL_HOLIDAYS", ()):
        try:
            name, first, last = entry
            periods.append(Period(str(name), dt.date.fromisoformat(first), dt.date.fromisoformat(last)))
        except (TypeError, ValueError):
            continue
    return tuple(periods)


def _warnings(
    starts: dt.datetime, ends: dt.datetime, zone: str, language: str, others: Iterable[Span]
) -> tuple[DateWarning, ...]:
    day = starts.astimezone(ZoneInfo(zone)).date()
    land = getattr(django_settings, "BERATUNG_HOLIDAYS", "NW")
    return (
        *concerns(day, language, subdivision=land, school=school_holidays(), today=timezone.localdate()),
        *clashes(starts, ends, others, day),
    )


def _other_slots(actor: Actor, first: dt.datetime, last: dt.datetime) -> list[Span]:
    return [_span(row) for row in _others(actor, first, last)]


def _span(row: Slot) -> Span:
    return Span(row.round.title, row.starts_at, row.ends_at)


def _overlap(one: Slot, other: Slot) -> bool:
    return one.starts_at < other.ends_at and other.starts_at < one.ends_at


def _others(actor: Actor, first: dt.datetime, last: dt.datetime) -> list[Slot]:
    return list(
        Slot.objects.filter(
            round__place__course_key=actor.course_key,
            is_cancelled=False,
            ends_at__gt=first - dt.timedelta(days=1),
            starts_at__lt=last + dt.timedelta(days=1),
        )
        .exclude(round__state=RoundState.CANCELLED.value)
        .select_related("round")
    )


def _quarter_title(slot: PlannedSlot) -> str:
    return _("Quarter %(quarter)s of %(year)s") % {"quarter": slot.quarter, "year": slot.year}


def _moved(slot: Slot, by: dt.timedelta) -> dict[str, Any]:
    """A slot as what a coordinator would type, so many days later by the calendar."""
    zone = ZoneInfo(slot.time_zone)
    starts, ends = slot.starts_at.astimezone(zone), slot.ends_at.astimezone(zone)
    return {
        "starts_at": (starts.replace(tzinfo=None) + by).isoformat(),
        "ends_at": (ends.replace(tzinfo=None) + by).isoformat(),
        "time_zone": slot.time_zone,
        "max_groups": slot.max_groups,
        "capacity": slot.capacity,
    }


def is_serious(warning: DateWarning) -> bool:
    """True for what almost certainly makes a date unusable."""
    return warning.concern in (Concern.PUBLIC_HOLIDAY, Concern.OVERLAP, Concern.IN_THE_PAST)
