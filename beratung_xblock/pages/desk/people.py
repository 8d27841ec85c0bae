"""Registrations, cases, sessions with attendance, and mails on the desk."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext as _

from beratung_xblock.api import attendance as api_attendance
from beratung_xblock.api import cases as api_cases
from beratung_xblock.api import desk as api_desk
from beratung_xblock.api import publishing, signup
from beratung_xblock.pages._dispatch import Answer, Click, action
from beratung_xblock.pages.desk import words
from beratung_xblock.pages.desk.frame import Desk, desk_of, doing, partial, section


def _offset(desk: Desk) -> int:
    value = desk.asked.get("offset", "0")
    return int(value) if value.isascii() and value.isdigit() and len(value) < 8 else 0


@section("registrations")
def registrations(desk: Desk) -> Mapping[str, Any]:
    """One page of registrations with filter and search."""
    full = desk.full_round()
    if full is None:
        return {"list": None}
    when = desk.slot_words(full.slots)
    page = api_desk.registrations(
        actor=desk.actor, round_uid=full.uid, state=desk.asked.get("state", ""), search=desk.asked.get("search", "")[:60],
        order=desk.asked.get("order", "time"), offset=_offset(desk),
    )
    rows = [
        {
            "row": row,
            "state": words.REGISTRATION_STATES[row.state](),
            "dates": [when[uid] for uid, answer in row.answers.items() if answer != "no" and uid in when],
            "languages": [words.language_name(code) for code in row.languages],
        }
        for row in page.rows
    ]
    return {
        "list": page,
        "rows": rows,
        "full": full,
        "slots": [{"slot": slot, "when": when[slot.uid]} for slot in full.slots if not slot.is_cancelled],
        "language_choices": [(code, words.language_name(code)) for code in words.LANGUAGE_NAMES],
        "states": [(key, label()) for key, label in words.REGISTRATION_STATES.items()],
        "asked": {"state": desk.asked.get("state", ""), "search": desk.asked.get("search", ""), "order": desk.asked.get("order", "time")},
        "first": page.offset + 1 if page.total else 0,
        "last": min(page.offset + page.limit, page.total),
        "previous": max(0, page.offset - page.limit) if page.offset else None,
        "next": page.offset + page.limit if page.offset + page.limit < page.total else None,
    }


@action("desk.register", audience="coordinator")
def register(click: Click) -> Answer:
    """Register somebody who phoned."""
    wishes = {
        "display_name": click.data.get("display_name", ""),
        "answers": {key[5:]: value for key, value in click.data.items() if key.startswith("slot_")},
        "languages": click.many.get("languages", ["de"]),
        "region": click.data.get("region", ""),
        "can_moderate": click.data.get("can_moderate", ""),
        "take_part": "phone",
    }
    return doing(
        click, "registrations",
        lambda: signup.register_by_phone(
            actor=click.actor, round_uid=click.data.get("round", ""), wishes=wishes, phone=click.data.get("guest_phone", "")
        ),
        done=_("Registered."),
    )


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
    text = api_cases.read_for_coordination(actor=click.actor, case_uid=click.data.get("case", ""))
    desk = desk_of(click, "cases")
    desk.typed = {}
    return partial(desk) if text is None else _with_text(desk, click.data.get("case", ""), text)


def _with_text(desk: Desk, uid: str, text) -> Answer:
    from beratung_xblock.pages.desk.frame import context
    from beratung_xblock.rendering import render

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
    groups = publishing.led_groups(actor=desk.actor, round_uid=chosen.uid)
    when = desk.slot_words(tuple(group.slot for group in groups))
    wanted = desk.asked.get("group", "")
    sheet = api_attendance.sheet(actor=desk.actor, group_uid=wanted) if any(g.uid == wanted for g in groups) else None
    states = {"waiting": _("not begun"), "running": _("running"), "ended": _("ended")}
    lines = []
    for line in sheet or ():
        values = {
            name: desk.asked.get(f"{line.registration_uid}.{name}", default)
            for name, default in (
                ("minutes", "" if line.minutes is None else line.minutes), ("take_part", line.take_part),
                ("override", {True: "yes", False: "no", None: ""}[line.override]), ("reason", line.reason),
            )
        } if desk.errors else {
            "minutes": "" if line.minutes is None else line.minutes, "take_part": line.take_part,
            "override": {True: "yes", False: "no", None: ""}[line.override], "reason": line.reason,
        }
        errors = {key.split(".", 1)[1]: text for key, text in desk.errors.items() if key.startswith(f"{line.registration_uid}.")}
        lines.append({"line": line, "values": values, "errors": errors})
    return {
        "groups": [
            {"group": group, "when": when[group.slot.uid], "state": states.get(group.session_state, "")} for group in groups
        ],
        "sheet": lines,
        "sheet_group": wanted if sheet is not None else "",
        "sheet_number": next((g.number for g in groups if g.uid == wanted), ""),
        "take_part_choices": [("online", _("online")), ("phone", _("by telephone")), ("on_site", _("on site"))],
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


@section("mails")
def mails(desk: Desk) -> Mapping[str, Any]:
    """The outbox: to whom, what, and whether it went out."""
    lines, counts = api_desk.mails(actor=desk.actor, state=desk.asked.get("state", ""), offset=_offset(desk))
    return {
        "mails": [{"line": line, "state": words.MAIL_STATES[line.state](), "about": words.mail_kind(line.kind)} for line in lines],
        "counts": [(words.MAIL_STATES[state](), number) for state, number in counts.items()],
    }
