"""The words of reports and certificates, in the active language."""

from __future__ import annotations

from django.utils import formats
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from beratung_xblock.data.reports import Cell, Report, ReportRow

COLUMNS = {
    "sessions": lambda: _("Sessions held"),
    "cancelled": lambda: _("Sessions cancelled"),
    "session_hours": lambda: _("Hours of sessions"),
    "registered": lambda: _("Registered"),
    "people": lambda: _("People"),
    "attendances": lambda: _("Attendances"),
    "hours": lambda: _("Person-hours"),
    "units": lambda: _("Person-units of 45 minutes"),
    "new_people": lambda: _("New volunteers"),
    "cases": lambda: _("Cases consulted"),
    "course": lambda: _("Teams practice finished"),
    "helped": lambda: _("It helped (1 to 5)"),
    "safe": lambda: _("I felt safe (1 to 5)"),
}
FORMATS = {
    "online": lambda: _("Online"),
    "phone": lambda: _("By telephone"),
    "on_site": lambda: _("On site"),
}
MEANS = ("helped", "safe")
OF_PEOPLE = ("people", "attendances", "hours", "units", "new_people")
SPLITS = {
    "quarter": lambda: _("Quarters"),
    "region": lambda: _("Regions"),
    "format": lambda: _("Ways of taking part"),
}


def column(name: str) -> str:
    """The heading of a column."""
    return COLUMNS[name]()


def period(report: Report) -> str:
    """ "2026", "Quarter 2 of 2026", or "2026, Hagen only"."""
    told = _("Quarter %(quarter)s of %(year)s") % {"quarter": report.quarter, "year": report.year} if report.quarter else str(report.year)
    return _("%(period)s, %(part)s only") % {"period": told, "part": part(*report.part)} if report.part else told


def line(report: Report, row: ReportRow) -> str:
    """The name of a line."""
    if row.others:
        return _("Others together")
    if row.is_total and report.by != "quarter":
        return _("In all")
    if report.by == "quarter":
        return _("Whole year") if row.key == "year" else _("Quarter %(quarter)s") % {"quarter": row.key}
    return part(report.by, row.key)


def part(kind: str, value: str) -> str:
    """The name of a region or a way of taking part."""
    return FORMATS[value]() if kind == "format" else value or _("Without a region")


def figure(cell: Cell, *, grouped: bool = True) -> str:
    """A figure as people of the language write it; "<5" for a small one, "*" for one that would give a small one away.

    Thousands are `grouped` for readers; not where a program reads on.
    """
    if cell.mark:
        return {"small": "<5", "hidden": "*", "open": _("open")}.get(cell.mark, "–")
    value = cell.value or 0
    return formats.number_format(round(value, 1) if value % 1 else int(value), use_l10n=True, force_grouping=grouped)


def legend(report: Report) -> list[str]:
    """What the marks in the table mean, for those that occur, and who is counted."""
    marks = {cell.mark for row in report.rows for cell in row.cells.values()}
    found = []
    if "small" in marks:
        found.append(_("<5: fewer than five people. The number is left out, so that nobody can be recognised."))
    if "hidden" in marks:
        found.append(_("*: left out, because it would give a small number away."))
    if report.is_running:
        found.append(_("The period is not over yet. Sessions and cases are counted up to today."))
    if "open" in marks:
        found.append(_("open: figures about people come when the period is over and the coordination has closed it."))
    if "apart" in marks:
        found.append(_("–: the year was closed as a whole. There are no figures about people for its quarters, because they could be subtracted from each other."))
    if "of_year" in marks:
        found.append(_("New volunteers are counted for the whole year only."))
    if any(report.total.cells[name].mark == "none" and any(not row.cells[name].mark for row in report.rows) for name in MEANS if name in report.total.cells):
        found.append(_("What people said at the end is told quarter by quarter only. A mean of the year would tell of quarters with few answers."))
    if report.is_undivided:
        found.append(_("There are no single lines here: they would give a small number away."))
    for row in report.rows:
        if row.others:
            names = ", ".join(part(report.by, key) for key in row.others)
            found.append(_("Others together: %(names)s. Single lines would give a small number away.") % {"names": names})
    if any(name in report.columns for name in OF_PEOPLE):
        found.append(_("Everybody who was there counts, also those who were there too briefly for a certificate."))
    return found


def text_block(report: Report) -> str:
    """Sentences for the written report, made from the figures of the last line alone; hidden figures are not mentioned.

    "" for a part of the people: the sentences are about everybody.
    """
    if report.part:
        return ""
    told = _Told(report)
    return " ".join(filter(None, (told.sessions(), told.people(), told.new(), told.hours(), told.cases(), told.course(), told.helped())))


class _Told:
    """The sentences of the written report, each "" where its figure is not told."""

    def __init__(self, report: Report) -> None:
        self._report = report
        self._cells = report.total.cells

    def _value(self, name: str) -> int:
        """The figure; 0 as well where it is hidden or not asked for."""
        cell = self._cells.get(name)
        return 0 if cell is None or cell.mark else int(cell.value or 0)

    def _words(self, name: str) -> str:
        return figure(self._cells[name]) if name in self._cells else ""

    def sessions(self) -> str:
        report, held = self._report, self._value("sessions")
        when = _("In quarter %(quarter)s of %(year)s") % {"quarter": report.quarter, "year": report.year} if report.quarter else _("In %(year)s") % {"year": report.year}
        names = {"when": when, "n": self._words("sessions")}
        if "sessions" not in self._cells:
            return _("%(when)s sessions of peer consultation took place.") % names
        if not held:
            none = _("%(when)s no session of peer consultation has taken place yet.") if report.is_running else _("%(when)s no session of peer consultation took place.")
            return none % names
        if report.is_running:
            return ngettext("%(when)s one session of peer consultation has taken place so far.", "%(when)s %(n)s sessions of peer consultation have taken place so far.", held) % names
        return ngettext("%(when)s one session of peer consultation took place.", "%(when)s %(n)s sessions of peer consultation took place.", held) % names

    def people(self) -> str:
        people, seats = self._value("people"), self._value("attendances")
        names = {"people": self._words("people"), "seats": self._words("attendances")}
        if people and seats > people:
            return _("%(people)s volunteers took part, with %(seats)s attendances together.") % names
        if people:
            return _("%(people)s volunteers took part.") % names
        return _("There were %(seats)s attendances.") % names if seats else ""

    def hours(self) -> str:
        value = self._cells.get("hours")
        if value is None or value.mark or not value.value:
            return ""
        told = _("Together they gave %(hours)s hours.") if self._value("people") else _("Volunteers gave %(hours)s hours of their time for it.")
        return told % {"hours": figure(value)}

    def new(self) -> str:
        new, people = self._value("new_people"), self._value("people")
        names = {"n": self._words("new_people")}
        if not new:
            return ""
        if new == people:
            return _("For all of them it was the first time.")
        return _("For %(n)s of them it was the first time.") % names if people else _("For %(n)s people it was the first time.") % names

    def cases(self) -> str:
        count = self._value("cases")
        return ngettext("One case was consulted in confidence.", "%(n)s cases were consulted in confidence.", count) % {"n": self._words("cases")} if count else ""

    def course(self) -> str:
        return _("%(n)s people finished the Teams practice.") % {"n": self._words("course")} if self._value("course") else ""

    def helped(self) -> str:
        cell = self._cells.get("helped")
        return "" if cell is None or cell.mark else _("Asked whether the session helped, they gave %(mean)s of 5 points on average.") % {"mean": figure(cell)}


def hours(minutes: int) -> str:
    """Minutes as hours: "2 hours", "1 hour 40 minutes"."""
    whole, rest = divmod(minutes, 60)
    parts = []
    if whole:
        parts.append(ngettext("%(n)s hour", "%(n)s hours", whole) % {"n": whole})
    if rest or not whole:
        parts.append(ngettext("%(n)s minute", "%(n)s minutes", rest) % {"n": rest})
    return " ".join(parts)
