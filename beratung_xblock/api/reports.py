"""The report for the funder: sessions, people and hours by quarter, region and format. Counts only, never small ones.

Periods are whole quarters and years and nothing else: two reports never differ by a few days or people of one's own
choice. Small figures are hidden once for the whole year (`_suppression`), so every report shows parts of one table.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import json
from collections.abc import Sequence

from django.core.cache import cache
from django.db.models import Count, Max, Min
from django.utils import timezone

from beratung_xblock import access
from beratung_xblock.data.actor import Actor
from beratung_xblock.data.reports import MEASURES, SPLITS, Cell, Report, ReportRow
from beratung_xblock.data.settings import settings_from_snapshot
from beratung_xblock.exceptions import Invalid, NotFound
from beratung_xblock.models import Attendance, Place, Slot

from ._report_rows import FORMATS, QUARTERS, WHOLE, YEAR, ZONE, Figures, figures_of

__all__ = ["DEFAULT_COLUMNS", "may_see_figures", "report"]

DEFAULT_COLUMNS = ("sessions", "people", "attendances", "hours", "new_people", "cases", "course", "helped")
ONLY_WHOLE = ("sessions", "cancelled", "cases", "course", "helped", "safe")
"""Figures that belong to a meeting or a course, not to people of one region."""
NONE = Cell(mark="none")


def may_see_figures(actor: Actor) -> bool:
    """Coordinators and course staff, as themselves."""
    return actor.user_id is not None and not actor.is_masquerading and (actor.may_lead or actor.is_course_staff)


def _years(place: Place) -> tuple[int, ...]:
    now = timezone.now().astimezone(ZONE).year
    found = Slot.objects.filter(round__place=place).aggregate(first=Min("starts_at"), last=Max("starts_at"))
    if found["first"] is None:
        return (now,)
    first, last = (found[name].astimezone(ZONE).year for name in ("first", "last"))
    return tuple(range(max(last, now), min(first, now) - 1, -1))


def _cached(place: Place, year: int) -> Figures:
    """The figures of a year, calculated again when a session, an attendance or a registration changed, at the latest after
    five minutes."""
    stamp = Attendance.objects.filter(group__round__place=place).aggregate(n=Count("pk"), at=Max("updated_at"))
    digest = hashlib.sha256(json.dumps([place.pk, year, stamp["n"], str(stamp["at"])]).encode()).hexdigest()[:32]
    key = f"beratung-report-{digest}"
    figures = cache.get(key)
    if figures is None:
        figures = figures_of(place, year)
        cache.set(key, figures, 300)
    return figures


def _whole_number(value: object, low: int, high: int, name: str) -> int:
    try:
        number = int(str(value))
    except ValueError:
        raise Invalid({name: "number"}) from None
    if not low <= number <= high:
        raise Invalid({name: "range"})
    return number


def report(
    *, actor: Actor, year: object = None, quarter: object = 0, by: str = "quarter", region: str | None = None,
    take_part: str = "", columns: Sequence[str] = (),
) -> Report:
    """The report of a year (`quarter` 0) or of one quarter, in lines `by` quarter, region or format.

    `region` or `take_part`, not both, limit the lines by quarter. Raises NotFound for people who may not see figures,
    Invalid for a year without data or words that do not exist.
    """
    if not may_see_figures(actor):
        raise NotFound
    place = access.place(actor)
    years = _years(place)
    wanted_year = _whole_number(year, years[-1], years[0], "year") if year not in (None, "") else _latest_with_data(place, years)
    wanted_quarter = _whole_number(quarter or 0, 0, 4, "quarter")
    if by not in SPLITS or (take_part and take_part not in FORMATS):
        raise Invalid({"by": "choice"})
    if region is not None and take_part:
        raise Invalid({"by": "choice"})
    chosen = tuple(name for name in MEASURES if name in columns) or DEFAULT_COLUMNS
    figures = _cached(place, wanted_year)
    if region is not None and region not in figures.regions:
        raise Invalid({"region": "choice"})
    period = str(wanted_quarter) if wanted_quarter else YEAR
    if by == "quarter":
        part = ("region", region) if region is not None else ("format", take_part) if take_part else WHOLE
        quarters = QUARTERS if not wanted_quarter else (period,)
        keys = [(one, (one, *part)) for one in quarters] + [(period, (period, *part))] * (not wanted_quarter)
    else:
        values = figures.regions if by == "region" else FORMATS
        keys = [(value, (period, by, value)) for value in values] + [(period, (period, *WHOLE))]
    rows = tuple(
        ReportRow(
            key=name, is_total=number == len(keys) - 1,
            cells={column: figures.cells[column].get(key, NONE) for column in chosen},
        )
        for number, (name, key) in enumerate(keys)
    )
    ends = dt.datetime(wanted_year + (wanted_quarter in (0, 4)), 1 if wanted_quarter in (0, 4) else 3 * wanted_quarter + 1, 1, tzinfo=ZONE)
    return Report(
        year=wanted_year, quarter=wanted_quarter, by=by, columns=chosen, rows=rows, years=years,
        organisation=settings_from_snapshot(place.settings).organisation_name, is_running=timezone.now() < ends,
    )


def _latest_with_data(place: Place, years: Sequence[int]) -> int:
    last = Attendance.objects.filter(group__round__place=place).aggregate(at=Max("group__slot__starts_at"))["at"]
    return last.astimezone(ZONE).year if last else timezone.now().astimezone(ZONE).year if timezone.now().astimezone(ZONE).year in years else years[0]
