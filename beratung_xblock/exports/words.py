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
    """ "2026" or "Quarter 2 of 2026"."""
    if report.quarter:
        return _("Quarter %(quarter)s of %(year)s") % {"quarter": report.quarter, "year": report.year}
    return str(report.year)


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


def figure(cell: Cell) -> str:
    """A figure as people of the language write it; "<5" for a small one, "*" for one that would give a small one away."""
    if cell.mark:
        return {"small": "<5", "hidden": "*", "open": _("open")}.get(cell.mark, "–")
    value = cell.value or 0
    return formats.localize(round(value, 1) if value % 1 else int(value), use_l10n=True)


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
    """Sentences for the written report, made from the figures of the last line alone; hidden figures are not mentioned."""
    cells = report.total.cells

    def value(name: str) -> int | None:
        cell = cells.get(name)
        return None if cell is None or cell.mark else int(cell.value or 0)

    when = _("In quarter %(quarter)s of %(year)s") % {"quarter": report.quarter, "year": report.year} if report.quarter else _("In %(year)s") % {"year": report.year}
    sentences = []
    held = value("sessions")
    if held is not None:
        sentences.append(ngettext("%(when)s one session of peer consultation took place.", "%(when)s %(n)s sessions of peer consultation took place.", held) % {"when": when, "n": held})
    people, seats = value("people"), value("attendances")
    if people and seats:
        sentences.append(_("%(people)s volunteers took part, %(seats)s times in all.") % {"people": people, "seats": seats})
    elif people:
        sentences.append(_("%(people)s volunteers took part.") % {"people": people})
    if value("hours"):
        sentences.append(_("Together they gave %(hours)s hours.") % {"hours": figure(cells["hours"])})
    if value("new_people"):
        sentences.append(_("%(n)s of them took part for the first time.") % {"n": value("new_people")})
    if value("cases"):
        sentences.append(_("%(n)s cases were consulted in confidence.") % {"n": value("cases")})
    if value("course"):
        sentences.append(_("%(n)s people finished the Teams practice.") % {"n": value("course")})
    helped = cells.get("helped")
    if helped is not None and not helped.mark:
        sentences.append(_("Asked whether the session helped, they gave %(mean)s of 5 points on average.") % {"mean": figure(helped)})
    return " ".join(sentences)


def hours(minutes: int) -> str:
    """Minutes as hours: "2 hours", "1 hour 40 minutes"."""
    whole, rest = divmod(minutes, 60)
    parts = []
    if whole:
        parts.append(ngettext("%(n)s hour", "%(n)s hours", whole) % {"n": whole})
    if rest or not whole:
        parts.append(ngettext("%(n)s minute", "%(n)s minutes", rest) % {"n": rest})
    return " ".join(parts)
