"""The report for the funder: sessions, people and hours by quarter, region and format. Counts only, never small ones.

Periods are whole quarters and years and nothing else: two reports never differ by a few days or people of one's own
choice. Small figures are hidden once for the whole year (`_suppression`), so every report shows parts of one table.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import Count, Max, Min
from django.utils import timezone

from beratung_xblock import access
from beratung_xblock.data.actor import Actor
from beratung_xblock.data.reports import MEASURES, SPLITS, Cell, Report, ReportRow
from beratung_xblock.data.settings import settings_from_snapshot
from beratung_xblock.exceptions import Invalid, NotFound
from beratung_xblock.kept import cache
from beratung_xblock.models import Attendance, Place, Slot

from ._report_rows import FORMATS, QUARTERS, WHOLE, YEAR, ZONE, Figures, figures_of

__all__ = ["DEFAULT_COLUMNS", "Year", "may_see_figures", "read_year", "report"]

KEEP_SECONDS = 300

DEFAULT_COLUMNS = ("sessions", "people", "attendances", "hours", "new_people", "cases", "course", "helped")
NONE = Cell(mark="none")


def may_see_figures(actor: Actor) -> bool:
    """Coordinators and course staff, as themselves."""
    return actor.user_id is not None and not actor.is_masquerading and (actor.may_lead or actor.is_course_staff)


@dataclass(frozen=True)
class Year:
    """The figures of one year at one place, read once for everything a page or file shows of them."""

    year: int
    years: tuple[int, ...]
    organisation: str
    figures: Figures

    def report(
        self, *, quarter: object = 0, by: str = "quarter", region: str | None = None, take_part: str = "", columns: Sequence[str] = ()
    ) -> Report:
        """The report of the year (`quarter` 0) or of one quarter, in lines `by` quarter, region or format.

        `region` or `take_part`, not both, limit the lines by quarter. Raises Invalid for words that do not exist.
        """
        wanted_quarter = _whole_number(quarter or 0, 0, 4, "quarter")
        figures = self.figures
        if by not in SPLITS or (take_part and take_part not in FORMATS) or (region is not None and take_part):
            raise Invalid({"by": "choice"})
        if region is not None and region not in figures.regions:
            raise Invalid({"region": "choice"})
        chosen = tuple(name for name in MEASURES if name in columns) or DEFAULT_COLUMNS
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
        next_year = wanted_quarter in (0, 4)
        ends = dt.datetime(self.year + next_year, 1 if next_year else 3 * wanted_quarter + 1, 1, tzinfo=ZONE)
        return Report(
            year=self.year, quarter=wanted_quarter, by=by, columns=chosen, rows=rows, years=self.years,
            organisation=self.organisation, is_running=timezone.now() < ends, made_at=figures.made_at,
        )


def _years(place: Place) -> tuple[int, ...]:
    now = timezone.now().astimezone(ZONE).year
    found = Slot.objects.filter(round__place=place).aggregate(first=Min("starts_at"), last=Max("starts_at"))
    if found["first"] is None:
        return (now,)
    first, last = (found[name].astimezone(ZONE).year for name in ("first", "last"))
    return tuple(range(max(last, now), min(first, now) - 1, -1))


def _kept(place: Place, year: int, stamp: Mapping[str, Any], *, fresh: bool) -> Figures:
    """The figures of a year, calculated again when an attendance changed, at the latest after KEEP_SECONDS, and with `fresh`."""
    digest = hashlib.sha256(json.dumps([place.pk, place.usage_key, year, stamp["n"], str(stamp["at"])]).encode()).hexdigest()[:32]
    key = f"beratung-report-{digest}"
    figures = None if fresh else cache.get(key)
    if figures is None:
        figures = figures_of(place, year)
        cache.set(key, figures, KEEP_SECONDS)
    return figures


def _whole_number(value: object, low: int, high: int, name: str) -> int:
    try:
        number = int(str(value))
    except ValueError:
        raise Invalid({name: "number"}) from None
    if not low <= number <= high:
        raise Invalid({name: "range"})
    return number


def read_year(*, actor: Actor, year: object = None, fresh: bool = False) -> Year:
    """A year's figures; without `year` those of the newest year with sessions. `fresh` counts again at once.

    Raises NotFound for people who may not see figures, Invalid for a year without data. Three queries, and nine when it is
    counted.
    """
    if not may_see_figures(actor):
        raise NotFound
    place = access.place(actor)
    years = _years(place)
    stamp = Attendance.objects.filter(group__round__place=place).aggregate(
        n=Count("pk"), at=Max("updated_at"), last=Max("group__slot__starts_at")
    )
    now = timezone.now().astimezone(ZONE).year
    newest = stamp["last"].astimezone(ZONE).year if stamp["last"] else now if now in years else years[0]
    wanted = _whole_number(year, years[-1], years[0], "year") if year not in (None, "") else newest
    return Year(
        year=wanted, years=years, organisation=settings_from_snapshot(place.settings).organisation_name,
        figures=_kept(place, wanted, stamp, fresh=fresh),
    )


def report(*, actor: Actor, year: object = None, **wanted: Any) -> Report:
    """One report of a year: `read_year` and `Year.report` in one step."""
    return read_year(actor=actor, year=year).report(**wanted)
