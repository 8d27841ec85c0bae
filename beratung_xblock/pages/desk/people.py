"""Cases, sessions with attendance, and mails on the desk."""

from __future__ import annotations

import math
from collections.abc import Collection, Mapping
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _

from beratung_xblock.api import attendance as api_attendance
from beratung_xblock.api import cases as api_cases
from beratung_xblock.api import certificates as api_certificates
from beratung_xblock.api import desk as api_desk
from beratung_xblock.api import publishing, session_desk
from beratung_xblock.data.settings import settings_from_snapshot
from beratung_xblock.data.views import AttendanceView, GroupView
from beratung_xblock.exceptions import UndertakingNeeded
from beratung_xblock.pages import words as page_words
from beratung_xblock.pages._dispatch import Answer, Click, action
from beratung_xblock.pages.desk import promise, running, words
from beratung_xblock.pages.desk.frame import Desk, context, desk_of, doing, partial, section
from beratung_xblock.pages.desk.lists import offset_of
from beratung_xblock.rendering import render
from beratung_xblock.times import short_day


@section("cases")
def cases(desk: Desk) -> Mapping[str, Any]:
    """Titles and urgency of submitted cases."""
    chosen = desk.chosen()
    rows = api_cases.listed(actor=desk.actor, round_uid=chosen.uid) if chosen else []
    urgency = {1: _("It has time"), 2: _("Soon"), 3: _("Urgent")}
    return {
        "cases": [
            {"row": row, "title": row.title.reveal(), "urgency": urgency.get(row.urgency, "")} for row in rows
        ],
        "opened": None,
    }


@action("desk.read_case", audience="coordinator")
def read_case(click: Click) -> Answer:
    """Read a case whose owner allowed it."""
    desk = desk_of(click, "cases")
    desk.typed = {}
    try:
        text = api_cases.read_for_coordination(actor=click.actor, case_uid=click.data.get("case", ""))
    except UndertakingNeeded:
        return promise.asked_for(desk)
    return partial(desk) if text is None else _with_text(desk, click.data.get("case", ""), text)


def _with_text(desk: Desk, uid: str, text) -> Answer:
    values = context(desk)
    values["opened"] = {
        "uid": uid, "title": text.title.reveal(), "situation": text.situation.reveal(), "tried": text.tried.reveal(),
        "key_question": text.key_question.reveal(),
    }
    return Answer(body=render("desk/page.html", values))


@section("sessions")
def sessions(desk: Desk) -> Mapping[str, Any]:
    """Groups of the round and, for one of them, the attendance sheet."""
    chosen = desk.chosen()
    if chosen is None or chosen.state in ("draft", "cancelled"):
        return {"groups": []}
    wanted = desk.asked.get("group", "")
    groups, total, offset = publishing.led_page(
        actor=desk.actor, round_uid=chosen.uid, around=wanted, offset=offset_of(desk)
    )
    when = desk.slot_words(tuple(group.slot for group in groups))
    opened = next((group for group in groups if group.uid == wanted), None)
    live = opened if opened and not desk.asked.get("sheet") and running.is_on(opened, timezone.now()) else None
    sheet = api_attendance.sheet(actor=desk.actor, group_uid=wanted) if opened and live is None else None
    has_minutes = any(line.minutes is not None for line in sheet or ())
    proposed = session_desk.attendance_proposal(actor=desk.actor, group_uid=wanted) if sheet and opened.session_uid and not has_minutes else {}
    made = api_certificates.made_for(actor=desk.actor, group_uid=wanted) if any(line.counts_as_attended for line in sheet or ()) else frozenset()
    states = {"waiting": _("not begun"), "running": _("running"), "ended": _("ended")}
    moderated = session_desk.moderated(actor=desk.actor)
    settings = settings_from_snapshot(desk.place.settings)
    scheduled = sheet[0].scheduled_minutes if sheet else 0
    return {
        "groups": [
            {
                "group": group, "when": when[group.slot.uid], "state": _session_state(group, states),
                "begun": group.slot.starts_at <= timezone.now(), "i_moderate": group.uid in moderated,
                "is_on": running.is_on(group, timezone.now()),
            }
            for group in groups
        ],
        "previous": max(0, offset - publishing.GROUPS_A_PAGE) if offset else None,
        "next": offset + publishing.GROUPS_A_PAGE if offset + publishing.GROUPS_A_PAGE < total else None,
        "sheet": [_sheet_line(desk, line, proposed, made) for line in sheet or ()], "is_proposed": bool(proposed),
        "live_group": live.uid if live else "", "live": running.context(desk, live) if live else None,
        "sheet_group": wanted if sheet is not None else "",
        "sheet_number": next((g.number for g in groups if g.uid == wanted), ""),
        "scheduled": scheduled,
        "threshold": round(settings.attendance_threshold * 100),
        "needed": math.ceil(settings.attendance_threshold * scheduled - 1e-9),
        "take_part_choices": [("online", _("online")), ("phone", _("by telephone")), ("on_site", _("on site"))],
    }


def _session_state(group: GroupView, states: Mapping[str, str]) -> str:
    """Where a session stands; one whose evening is over has not "not begun"."""
    if group.session_state == "waiting" and group.slot.ends_at <= timezone.now():
        return _("over")
    return states.get(group.session_state, "")


def _sheet_line(desk: Desk, line: AttendanceView, proposed: Mapping[str, int], made: Collection[str]) -> dict[str, Any]:
    """One person of the sheet: what is stored, else what coming and going propose; or what was typed and refused."""
    stored = {
        "minutes": proposed.get(line.registration_uid, "") if line.minutes is None else line.minutes, "take_part": line.take_part,
        "override": {True: "yes", False: "no", None: ""}[line.override], "reason": line.reason,
    }
    uid = line.registration_uid
    typed = {name: desk.asked.get(f"{uid}.{name}", value) for name, value in stored.items()} if desk.errors else stored
    return {
        "line": line,
        "values": typed,
        "errors": {key.split(".", 1)[1]: text for key, text in desk.errors.items() if key.startswith(f"{uid}.")},
        "certificate": page_words.address("certificate_of", usage_key=desk.actor.usage_key, registration_uid=uid) if line.counts_as_attended else "",
        "is_made": uid in made,
    }


@action("attendance.save", audience="coordinator")
def save_attendance(click: Click) -> Answer:
    """Store the attendance sheet."""
    lines: dict[str, dict[str, str]] = {}
    for key, value in click.data.items():
        uid, _dot, name = key.partition(".")
        if name in ("minutes", "take_part", "override", "reason"):
            lines.setdefault(uid, {})[name] = value
    return doing(
        click, "sessions",
        lambda: api_attendance.record(actor=click.actor, group_uid=click.data.get("group", ""), lines=lines),
        done=_("Saved. Completion follows at once."),
    )


@action("attendance.all", audience="coordinator")
def everybody(click: Click) -> Answer:
    """Everybody was there the whole time."""
    return doing(
        click, "sessions", lambda: api_attendance.all_present(actor=click.actor, group_uid=click.data.get("group", "")),
        done=_("Everybody is marked as present."),
    )


MAILS_A_PAGE = 25


@section("mails")
def mails(desk: Desk) -> Mapping[str, Any]:
    """The outbox: to whom, what, and whether it went out."""
    state, offset = desk.asked.get("state", ""), offset_of(desk)
    lines, counts = api_desk.mails(actor=desk.actor, state=state, offset=offset, limit=MAILS_A_PAGE + 1)
    return {
        "mails": [
            {
                "line": line, "state": words.mail_state(line.state, line.last_error), "about": words.mail_kind(line.kind),
                "at": short_day(line.at, "Europe/Berlin", desk.actor.language),
            }
            for line in lines[:MAILS_A_PAGE]
        ],
        "counts": [(words.MAIL_STATES[key](), number) for key, number in counts.items()],
        "states": [(key, label()) for key, label in words.MAIL_STATES.items()],
        "asked": {"state": state},
        "previous": max(0, offset - MAILS_A_PAGE) if offset else None,
        "next": offset + MAILS_A_PAGE if len(lines) > MAILS_A_PAGE else None,
    }


@action("mail.again", audience="coordinator")
def send_again(click: Click) -> Answer:
    """Send a failed mail again."""
    return doing(
        click, "mails", lambda: api_desk.send_again(actor=click.actor, mail_uid=click.data.get("mail", "")),
        done=_("The mail goes out again."),
    )
