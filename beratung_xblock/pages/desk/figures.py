"""Report, history and team on the desk; and the page of course staff without the coordinator's role: figures, no names."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from django.utils import formats
from django.utils.translation import get_language_bidi, ngettext
from django.utils.translation import gettext as _

from beratung_xblock.api import closing as api_closing
from beratung_xblock.api import desk as api_desk
from beratung_xblock.api import history as api_history
from beratung_xblock.api import places as api_places
from beratung_xblock.api import reports as api
from beratung_xblock.data.actor import Actor
from beratung_xblock.data.reports import EVENTS, MEASURES, Report
from beratung_xblock.data.settings import settings_from_snapshot
from beratung_xblock.exceptions import Invalid, NotFound
from beratung_xblock.exports import charts
from beratung_xblock.exports import words as export_words
from beratung_xblock.models import Place
from beratung_xblock.pages import words as page_words
from beratung_xblock.pages._dispatch import ACTIONS, Answer, Click, Page, action
from beratung_xblock.pages.desk import words
from beratung_xblock.pages.desk.frame import STYLES, Desk, desk_client, doing, section
from beratung_xblock.pages.desk.lists import offset_of
from beratung_xblock.pages.volunteer import help_of
from beratung_xblock.pages.volunteer import partial as volunteer_partial
from beratung_xblock.rendering import render
from beratung_xblock.times import short_day, words_for_day

FIGURES_ON_TOP = ("sessions", "cases", "people", "hours")
FILES = ("pdf", "xlsx", "csv")
ZONE = ZoneInfo("Europe/Berlin")
SETS = (
    ("usual", lambda: _("Usual columns"), api.DEFAULT_COLUMNS),
    ("hours", lambda: _("Proof of hours"), ("sessions", "session_hours", "people", "attendances", "hours")),
    ("units", lambda: _("Adult education (units of 45 minutes)"), ("sessions", "session_hours", "people", "attendances", "units")),
    ("effect", lambda: _("Effect"), ("sessions", "people", "new_people", "cases", "course", "helped", "safe")),
)
"""Columns that funders usually ask for, chosen with one button; any others by hand."""


def _asked(asked: Mapping[str, str], typed: Mapping[str, list[str]]) -> dict[str, Any]:
    """What the form of the report asks for. One field says what the lines are: "quarter", "region", "format", or quarters
    of a part of the people: "region:..." or "format:..."."""
    kind, colon, value = asked.get("by", "").partition(":")
    return {
        "quarter": asked.get("quarter") or 0, "by": "quarter" if colon else kind or "quarter",
        "region": value if colon and kind == "region" else None, "take_part": value if colon and kind == "format" else "",
        "columns": typed.get("columns", []),
    }


def report_context(actor: Actor, asked: Mapping[str, str], typed: Mapping[str, list[str]]) -> dict[str, Any]:
    """The report in the words of the page; a request that does not fit shows the usual report instead."""
    wanted = _asked(asked, typed)
    try:
        year = api.read_year(actor=actor, year=asked.get("year", ""))
        found = _read(year, wanted)
    except Invalid:
        wanted = _asked({}, {})
        year = api.read_year(actor=actor)
        found = _read(year, wanted)
    top = FIGURES_ON_TOP if year.closed else EVENTS
    whole = year.report(columns=top)
    query = urlencode(
        [("year", found.year), ("quarter", found.quarter), ("by", found.by), ("take_part", wanted["take_part"])]
        + ([("region", wanted["region"]), ("region_set", "1")] if wanted["region"] is not None else [])
        + [("columns", name) for name in found.columns]
    )
    return {
        "report": found,
        "period": export_words.period(found),
        "big": [(export_words.column(name), export_words.figure(whole.total.cells[name])) for name in top] if not found.part else [],
        "has_people": bool(year.closed),
        "heading": [export_words.column(name) for name in found.columns],
        "first_heading": export_words.SPLITS[found.by](),
        "lines": [
            {"name": export_words.line(found, row), "is_total": row.is_total, "cells": [(export_words.column(name), export_words.figure(row.cells[name])) for name in found.columns]}
            for row in found.rows
        ],
        "legend": export_words.legend(found),
        "text_block": export_words.text_block(found),
        "charts": [{"title": chart.title, "svg": charts.svg(chart, rtl=get_language_bidi())} for chart in charts.charts(found)],
        "quarters": [(number, _("Quarter %(quarter)s") % {"quarter": number}) for number in range(1, 5)],
        "lines_of": _lines_of(year, found),
        "closed": _closed(year, actor),
        "missing": _missing(year.sheets()[1]),
        "nothing_yet": not year.closed and not any(year.sheets()),
        "may_enter": actor.may_lead,
        "closable": _closable(year) if actor.may_lead else [],
        "columns": [(name, export_words.column(name), name in _chosen(wanted)) for name in MEASURES],
        "sets": [(label(), names, _chosen(wanted) == _in_order(names)) for _key, label, names in SETS],
        "by": _line_key(found),
        "files": [(kind.upper(), f"{page_words.address('report_file', kind=kind, usage_key=actor.usage_key)}?{query}") for kind in FILES],
    }


def _in_order(names: Sequence[str]) -> tuple[str, ...]:
    return tuple(name for name in MEASURES if name in names)


def _read(year: api.Year, wanted: Mapping[str, Any]) -> Report:
    """The report asked for. A year of which nothing is closed has sessions and cases only: no other columns, no other lines.
    Regions, ways of taking part and quarters of one of them have columns of people only."""
    if not year.closed:
        return year.report(quarter=wanted["quarter"], columns=EVENTS)
    if wanted["by"] == "quarter" and wanted["region"] is None and not wanted["take_part"]:
        return year.report(**wanted)
    columns = [name for name in _chosen(wanted) if name in api.OF_LINES]
    return year.report(**{**wanted, "columns": columns or api.OF_LINES[:3]})


def _chosen(wanted: Mapping[str, Any]) -> tuple[str, ...]:
    """The columns that are ticked, whether these lines have them or not."""
    return _in_order(wanted["columns"]) or api.DEFAULT_COLUMNS


def _line_key(found: Report) -> str:
    return ":".join(found.part) if found.part else found.by


def _lines_of(year: api.Year, found: Report) -> list[tuple[str, str, bool]]:
    """What the lines of the report can be: (key, words, whether it is chosen)."""
    parts = [*(("region", name) for name in year.regions), *(("format", name) for name in export_words.FORMATS)]
    kinds = [
        *((key, label()) for key, label in export_words.SPLITS.items()),
        *((":".join(part), _("Quarters: %(part)s only") % {"part": export_words.part(*part)}) for part in parts),
    ]
    return [(key, label, key == _line_key(found)) for key, label in kinds]


def _from(year: api.Year, quarter: int) -> str:
    return formats.date_format(year.after(quarter).date(), "DATE_FORMAT")


def _closed(year: api.Year, actor: Actor) -> str:
    """What is closed of the year, or when that can be done, in a few sentences."""
    held, missing = year.sheets()
    names = {"year": year.year}
    if not year.closed:
        if year.is_over(0):
            if held or missing:
                return _("The year %(year)s is over. People, attendances and hours come into the report as soon as the coordination has closed the year.") % names
            return _("There were no sessions in %(year)s. There is nothing to close.") % names
        told = _("The report shows sessions and cases up to today. People, attendances and hours come into it when the year is closed. That is possible from %(day)s on.") % {"day": _from(year, 0)}
        return f"{told} {_entered(held)}" if held else told
    told = _what_is_closed(year, actor)
    running = next((quarter for quarter in range(1, 5) if not year.is_over(quarter)), 0)
    if running and 0 not in year.closed:
        more = _("Quarter %(quarter)s can be closed from %(day)s on.") % {"quarter": running, "day": _from(year, running)}
        return " ".join(filter(None, (told, more, _entered(held) if held else "")))
    return told


def _entered(held: int) -> str:
    return ngettext("So far one session with attendance will count then.", "So far %(n)s sessions with attendance will count then.", held) % {"n": held}


def _missing(count: int) -> str:
    text = ngettext("One session has no attendance yet. It will not count.", "%(n)s sessions have no attendance yet. They will not count.", count)
    return text % {"n": count} if count else ""


def _what_is_closed(year: api.Year, actor: Actor) -> str:
    on = {quarter: words_for_day(at.astimezone(ZONE).date(), actor.language) for quarter, at in year.closed_at.items()}
    if 0 in on:
        return _("The year %(year)s was closed (%(day)s). Its figures do not change any more.") % {"year": year.year, "day": on[0]}
    names = ", ".join(_("quarter %(quarter)s (%(day)s)") % {"quarter": quarter, "day": on[quarter]} for quarter in sorted(on))
    return _("Closed: %(names)s. These figures do not change any more.") % {"names": names}


def _closable(year: api.Year) -> list[dict[str, Any]]:
    """What can be closed now, in folds with the words that are read before the press: the year, and its quarters."""
    periods = {}
    for each in year.closable():
        names = {"quarter": each.quarter, "year": year.year}
        periods[each.quarter] = {
            "quarter": each.quarter, "missing": _missing(each.without_sheet),
            "name": _("Close quarter %(quarter)s of %(year)s") % names if each.quarter else _("Close the year %(year)s") % names,
        }
    folds = []
    whole = periods.pop(0, None)
    if whole is not None:
        advice = "" if year.closed else _("Afterwards there are no figures about people for single quarters.")
        folds.append({"name": whole["name"], "advice": advice, "periods": [whole]})
    if periods:
        alone = _("Only close quarters when the funder asks for them and about 50 people or more take part. The number of different people in the whole year may then be missing.")
        name = _("Close quarters instead of the year") if whole is not None else _("Close quarters of %(year)s") % {"year": year.year}
        advice = [*(() if year.closed else (alone,)), *(_("There were no sessions in quarter %(quarter)s. It needs no closing.") % {"quarter": each} for each in year.without_sessions())]
        folds.append({"name": name, "advice": " ".join(advice), "periods": list(periods.values())})
    return folds


@action("report.close", audience="coordinator")
def close(click: Click) -> Answer:
    """Count a period for good."""
    return doing(
        click, "report",
        lambda: api_closing.close_period(actor=click.actor, year=click.data.get("year", ""), quarter=click.data.get("closing", "")),
        done=_("Closed. The figures about people are in the report now."),
    )


@section("report")
def report(desk: Desk) -> Mapping[str, Any]:
    """Figures for the funder."""
    return report_context(desk.actor, desk.asked, desk.typed)


@section("history")
def history(desk: Desk) -> Mapping[str, Any]:
    """Who did what."""
    offset, area = offset_of(desk), desk.asked.get("area", "")
    lines, more = api_history.history(actor=desk.actor, offset=offset, area=area)
    return {
        "history": [
            {
                "at": short_day(line.at, "Europe/Berlin", desk.actor.language), "subject": line.subject,
                "who": line.who or words.HISTORY_ROLES.get(line.role, lambda role=line.role: role)(), "what": words.history(line.action, line.detail),
            }
            for line in lines
        ],
        "areas": [(key, label(), key == area) for key, label in words.HISTORY_AREAS.items()],
        "area": area,
        "previous": max(0, offset - api_history.PAGE) if offset else None,
        "next": offset + api_history.PAGE if more else None,
    }


@section("team")
def team(desk: Desk) -> Mapping[str, Any]:
    """Who coordinates; for instructors."""
    return team_context(desk.actor, desk.place)


def team_context(actor: Actor, place: Place) -> dict[str, Any]:
    """The coordinators of the course, for those who may change them."""
    if not actor.is_instructor:
        return {"team": None}
    settings = settings_from_snapshot(place.settings)
    return {"team": api_places.team(actor=actor), "region_choices": settings.regions}


def _grant(click: Click) -> None:
    user_id = api_desk.account_of(actor=click.actor, text=click.data.get("account", ""))
    if user_id is None:
        raise Invalid({"account": "required"})
    region = click.data.get("team_region", "")
    if region and region not in settings_from_snapshot(click.place.settings).regions:
        raise Invalid({"team_region": "choice"})
    api_places.grant_coordinator(actor=click.actor, user_id=user_id, region=region)


def _revoke(click: Click) -> None:
    uid = click.data.get("person", "")
    if not (uid.isascii() and uid.isdigit() and len(uid) < 19):
        raise NotFound
    api_places.revoke_coordinator(actor=click.actor, user_id=int(uid))


@action("team.grant", audience="instructor")
def grant(click: Click) -> Answer:
    """Make somebody coordinator."""
    return _in_team(click, lambda: _grant(click), _("This person coordinates now."))


@action("team.revoke", audience="instructor")
def revoke(click: Click) -> Answer:
    """Take the role away."""
    return _in_team(click, lambda: _revoke(click), _("This person does not coordinate any more."))


def _in_team(click: Click, step, done: str) -> Answer:
    if click.actor.may_lead:
        own_role = click.name.strip("/") == "team.revoke" and click.data.get("person") == str(click.actor.user_id)
        if not own_role:
            return doing(click, "team", step, done=done)
    try:
        step()
    except Invalid as error:
        errors = {name: words.field_problem(reason) for name, reason in error.errors.items()}
        return Answer(body=_staff(click.block, click.actor, click.place, asked=click.data, typed=click.many, errors=errors), status=400)
    return Answer(body=_staff(click.block, click.actor, click.place, flash=done))


# --- course staff without the role -----------------------------------------------------------------------------------


def _staff(
    block, actor: Actor, place: Place, *, asked: Mapping[str, str] | None = None, typed: Mapping[str, list[str]] | None = None,
    errors: Mapping[str, str] | None = None, flash: str = "", whole: bool = False,
) -> str:
    settings = settings_from_snapshot(place.settings)
    lang, direction = page_words.page_language()
    return render(
        "desk/staff_root.html" if whole else "desk/staff.html",
        {
            "uid": page_words.uid_of(actor.usage_key), "title": settings.display_name, "organisation": settings.organisation_name,
            "help": help_of(settings), "url": {name: block.action_url(name) for name in ACTIONS}, "show_action": "staff.show",
            "may_take_part": actor.may_take_part, "flash": flash, "flash_kind": "ok", "errors": errors or {},
            "typed": {key: values[-1] for key, values in (typed or {}).items() if values}, "lang": lang, "dir": direction,
            **report_context(actor, asked or {}, typed or {}), **team_context(actor, place),
        },
    )


def staff_page(block, actor: Actor, place: Place) -> Page:
    """What course staff without the coordinator's role see: figures and, for instructors, who coordinates."""
    return Page(html=_staff(block, actor, place, whole=True), styles=STYLES, client=desk_client(block, actor))


@action("staff.show", audience="staff")
def show(click: Click) -> Answer:
    """The figures as asked for."""
    return Answer(body=_staff(click.block, click.actor, click.place, asked=click.data, typed=click.many))


@action("staff.leave", audience="staff")
def leave(click: Click) -> Answer:
    """One's own page as a volunteer."""
    return volunteer_partial(click.block, click.actor, click.place)
