"""What a report, a certificate and the history show: numbers and words, no content."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field

MEASURES = (
    "sessions", "cancelled", "session_hours", "registered", "people", "attendances", "hours", "units", "new_people", "cases",
    "course", "helped", "safe",
)  # fmt: skip
"""Closed list of figures. `session_hours` is the planned length of the sessions held, `hours` is person-hours, `units` the same in
units of 45 minutes, as adult education counts, `course` people who finished the Teams practice, `helped` and `safe` are
means of 1 to 5."""
EVENTS = ("sessions", "cancelled", "session_hours", "cases")
"""Figures that are no numbers of people: always there, for the whole place."""
SPLITS = ("quarter", "region", "format")


@dataclass(frozen=True, kw_only=True)
class Cell:
    """One figure: a value, or why there is none: "small" (1 to 4 people), "hidden" (would give a small one away), "open" (the
    period is not closed yet), "apart" (the year was closed as a whole), "of_year" (told for the year only), "none"."""

    value: float | None = None
    mark: str = ""


@dataclass(frozen=True, kw_only=True)
class ReportRow:
    """One line: `key` is 1 to 4 or "year", a region, or a way of taking part; `is_total` for the last line.

    `others` is set for the line of those who are told together: their keys."""

    key: str
    cells: Mapping[str, Cell]
    is_total: bool = False
    others: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Report:
    """A year or one of its quarters, in lines by quarter, region or format. Small figures are hidden already."""

    year: int
    quarter: int
    """1 to 4, or 0 for the whole year."""
    by: str
    columns: tuple[str, ...]
    rows: tuple[ReportRow, ...]
    years: tuple[int, ...] = ()
    """Years with data, newest first."""
    organisation: str = ""
    is_running: bool = False
    """True while the period is not over: sessions and cases may still be added."""
    is_undivided: bool = False
    """True when the lines asked for would give a small number away; there is the last line only."""

    part: tuple[str, str] | None = None
    """("region" or "format", its value) when the lines tell of that part of the people only."""

    @property
    def total(self) -> ReportRow:
        """The last line."""
        return self.rows[-1]


@dataclass(frozen=True, kw_only=True)
class Certificate:
    """A Teilnahmebescheinigung (`kind` "attendance") or a yearly statement ("hours"), ready to print."""

    code: str
    kind: str
    name: str
    organisation: str
    title: str
    issued_on: dt.date
    minutes: int
    sessions: tuple[CertificateSession, ...] = ()
    year: int | None = None
    signed_by: str = ""


@dataclass(frozen=True, kw_only=True)
class CertificateSession:
    """One session on a certificate: when, how long, how somebody took part, and whether they moderated."""

    starts_at: dt.datetime
    ends_at: dt.datetime
    time_zone: str
    minutes: int
    take_part: str
    moderated: bool = False


@dataclass(frozen=True, kw_only=True)
class HistoryLine:
    """Who did what to which object when. `subject` is a title or display name, never content."""

    at: dt.datetime
    who: str
    role: str
    action: str
    subject: str = ""
    detail: Mapping[str, object] = field(default_factory=dict)
