"""The companion beside the call: one column, what matters now first. Built in regions that the client swaps one by one.

A region is a piece of HTML under a name; the page holds them all, a poll answers them all, and the client replaces those
that differ. Nothing is decided here: what is allowed comes from the rules, what is shown from the view.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any
from zoneinfo import ZoneInfo

from django.conf import settings
from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_variables

from beratung_xblock.api import sessions
from beratung_xblock.api.session_views import SessionView
from beratung_xblock.data.actor import Actor
from beratung_xblock.pages import session_words as words
from beratung_xblock.pages.session_work import others, work
from beratung_xblock.pages.words import uid_of
from beratung_xblock.process import (
    Contribution,
    Gate,
    Held,
    Role,
    Status,
    clock,
    method_now,
    missing,
    prompt,
    role_card,
    samples,
    situation,
    take_over_wait,
)
from beratung_xblock.process.rules import EXTENSIONS
from beratung_xblock.rendering import render as render_template
from beratung_xblock.settings.common import DEFAULTS
from beratung_xblock.times import clock as clock_in_words

MODULES = ("session", "clock", "regions", "sending")
SECONDS_WHEN_OVER = 60.0
BREAKS = (5, 10, 15)


def _seconds_between_polls(status: Status) -> float:
    """BERATUNG_POLL_SECONDS: (running, before). What the system check refuses is kept within 1 to 3 and 1 to 15 all the same."""
    running, before = getattr(settings, "BERATUNG_POLL_SECONDS", DEFAULTS["BERATUNG_POLL_SECONDS"])
    if status is Status.WAITING:
        return min(15.0, max(1.0, float(before)))
    return min(3.0, max(1.0, float(running))) if status in (Status.RUNNING, Status.BETWEEN) else SECONDS_WHEN_OVER


@sensitive_variables()
def render(
    actor: Actor, place: Any, view: SessionView, *, asset: Callable[[str], str] | None = None, meeting: Any = None
) -> str:
    """The whole companion for the page. `asset` gives the address of a file below static/beratung_xblock/."""
    modules = {name: asset(f"js/session/{name}.js") if asset else "" for name in MODULES}
    uid = uid_of(actor.usage_key)
    return render_template("session/companion.html", {
        "uid": uid, "view": view, "meeting": meeting, "now": {"is_now": True}, "module": modules["session"],
        "client": json.dumps({**client(actor, view), "modules": modules}),
        "regions": regions(view, uid=uid),
        "sheet_url": address("session_sheet", actor, view.uid),
    })


def address(name: str, actor: Actor, session_uid: str) -> str:
    """Address of a live view of a session."""
    return reverse(f"beratung:{name}", kwargs={"usage_key": actor.usage_key, "session_uid": session_uid})


def client(actor: Actor, view: SessionView) -> dict[str, Any]:
    """What the client module needs to begin: addresses, sentences, and the first state."""
    return {
        "poll": address("session_poll", actor, view.uid),
        "act": address("session_act", actor, view.uid),
        "bye": address("session_bye", actor, view.uid),
        "texts": {
            "connected": _("connected"), "reconnecting": _("connection lost, reconnecting …"),
            "waking": _("reconnecting …"),
            "left": _("time left"), "over": _("over time"), "paused": _("clock stopped"),
            "two_minutes": _("Two minutes left."),
            "time_up": _("The time is up. The moderator decides when you go on."),
            "sent": _("Saved."), "idea_sent": _("Idea saved."), "waiting": _("Not sent yet. We keep trying."),
            "failed": _("That did not work. Please try again."),
            "gone": _("You are no longer in this session, or your group was joined with another one. Please load the page again: it leads you to where you belong now."),
            "promise": _("Before you go on, please accept the undertaking of confidentiality. Load the page again: it shows you the text."),
            "parked": _("Your text has not been sent yet."), "send": _("Send"), "discard": _("Discard"), "yes": _("Yes:"), "no": _("No, go back"),
        },
        "state": moment(view),
    }


def moment(view: SessionView) -> dict[str, Any]:
    """The part of an answer that is no HTML: clock, where we are, what to announce, when to ask again."""
    state = view.state
    seen = clock(state, view.now)
    said = prompt(state, view.person)
    name = words.said((state.loop or state.phase).name)
    return {
        "now": view.now.timestamp() * 1000,
        "clock": {"remaining": round(seen.remaining, 2), "running": seen.running, "notice": seen.notice and seen.notice.value,
                  "total": seen.planned + seen.extended, "shown": state.status is Status.RUNNING or state.on_break},
        "place": sessions.place_word(state),
        "held": state.held.value if state.held else "",
        "announce": words.announcement(
            state, said.role, name["text"] if name else "", said.listens, round((seen.planned + seen.extended) / 60)
        ),
        "every": _seconds_between_polls(state.status),
        "over": state.is_over, "version": state.version,
    }


@sensitive_variables()
def regions(view: SessionView, *, uid: str) -> dict[str, str]:
    """The HTML of every region by name; '' hides a region."""
    common = _common(view, uid)
    made = {name: build(view, common) for name, build in BUILDERS.items()}
    return {
        name: render_template(f"session/{name}.html", {**common, **context}) if context is not None else ""
        for name, context in made.items()
    }


def _common(view: SessionView, uid: str) -> dict[str, Any]:
    state = view.state
    return {
        "uid": uid, "view": view, "state": state, "place": sessions.place_word(state), "moderates": view.moderates,
        "gives": state.current is not None and state.current.giver == view.person, "run": state.current,
        "running": state.status is Status.RUNNING, "situation": situation(state),
    }


def _strip(view: SessionView, common: dict[str, Any]) -> dict[str, Any]:
    state = view.state
    many = bool(state.finished or state.queue) or state.status is Status.BETWEEN
    return {
        "phase": words.said(state.phase.name), "loop": words.said(state.loop.name) if state.loop else None,
        "number": state.phase_index + 1, "count": len(state.template.phases), "many": many,
        "case_number": state.case_number - (1 if state.status is Status.BETWEEN else 0),
        "starts": clock_in_words(view.starts_at.astimezone(ZoneInfo(view.time_zone)), get_language() or "de"),
        "waiting": state.status is Status.WAITING, "between": state.status is Status.BETWEEN, "over": state.is_over,
    }


def _now(view: SessionView, common: dict[str, Any]) -> dict[str, Any] | None:
    state = view.state
    if state.is_over:
        return None
    said = prompt(state, view.person)
    method = method_now(state) if state.contribution is not Contribution.NONE else None
    return {
        "role": words.ROLES[said.role], "sentence": words.said(said.sentence), "script": words.said(said.script),
        "form": words.said(said.form), "listens": said.listens, "method": method and words.said(method.name),
        "lead_question": method and words.said(method.lead_question), "no_advice": bool(method and method.no_advice),
        "spoken": bool(method and method.spoken), "out": state.members[view.person].out,
        "hints": [words.GATES[gate] for gate in missing(state) if gate is not Gate.MODERATOR]
        if view.moderates and state.status is Status.RUNNING and not state.on_break else [],
        "aloud": _aloud(view), "conflicts": view.conflicts, "brainstorming": bool(method and method.id == "brainstorming"),
        "script_question": view.moderates and state.contribution is not Contribution.NONE and bool(view.question),
    }


def _aloud(view: SessionView) -> list[dict[str, Any]]:
    """For the moderator: what people without a page (telephone, or a page that is away) cannot read, role by role."""
    state = view.state
    if not view.moderates or state.status is not Status.RUNNING:
        return []
    found: dict[Role, dict[str, Any]] = {}
    for member in sorted(state.members.values(), key=lambda m: view.name(m.id).lower()):
        if not member.present or member.out or member.guest or member.id in view.online:
            continue
        said = prompt(state, member.id)
        line = found.setdefault(said.role, {"role": words.ROLES[said.role], "names": [], "sentence": words.said(said.sentence)})
        line["names"].append(view.name(member.id))
    return list(found.values())


def _giver_gone(view: SessionView) -> str:
    """For the moderator: the name of the case giver whose page is away; '' when all is well."""
    state, run = view.state, view.state.current
    member = state.members.get(run.giver) if run is not None and run.giver is not None else None
    if member is None or member.phone or not view.moderates or state.status is not Status.RUNNING or state.on_break:
        return ""
    return "" if member.id in view.online else view.name(member.id)


def _steer(view: SessionView, common: dict[str, Any]) -> dict[str, Any]:
    state = view.state
    wait = take_over_wait(state, view.person, view.now, view.heard)
    missing_one = state.moderator is None or state.moderator not in view.online
    early = 0
    if state.status is Status.WAITING:  # nobody takes over from a moderator who is not even late
        early = max(0, int((view.starts_at - view.now).total_seconds()))
    if wait is not None:
        wait = max(wait, early)
    last = state.phase_index + 1 == len(state.template.phases)
    following = None if last or state.loop_id else words.said(state.template.phases[state.phase_index + 1].name)
    return {
        "waiting": state.status is Status.WAITING, "between": state.status is Status.BETWEEN,
        "over": state.is_over, "first": state.phase_index == 0 and not state.loop_id, "last": last,
        "following": following, "loops": [(loop.id, words.said(loop.name)) for loop in state.phase.loops] if not state.loop_id else [],
        "in_loop": bool(state.loop_id), "optional": state.phase.optional, "extensions": EXTENSIONS, "breaks": BREAKS,
        "held": state.held, "stopped": state.held is Held.STOP,
        "can_reopen": bool(state.finished) and state.current is None and state.status is Status.BETWEEN,
        "has_next_case": bool(state.queue) or state.current is not None or bool(state.offers),
        "take_over": missing_one and not view.moderates and wait is not None and not state.is_over, "wait": wait,
        "moderator_gone": missing_one and not view.moderates and not state.is_over, "early": early,
        "giver_gone": _giver_gone(view),
        "aim": words.said(state.phase.output) if state.status is Status.RUNNING and not state.on_break and not state.loop_id else None,
        "others": others(view),
    }


@sensitive_variables()
def _question(view: SessionView, common: dict[str, Any]) -> dict[str, Any] | None:
    run = view.state.current
    if not view.question or run is None:
        return None
    return {"question": words.reveal(view.question), "confirmed": run.question_confirmed}


@sensitive_variables()
def _ideas(view: SessionView, common: dict[str, Any]) -> dict[str, Any] | None:
    state = view.state
    asks = state.contribution is not Contribution.NONE
    if state.is_over or (not view.ideas and not asks):
        return None
    method = method_now(state)
    columns = [
        {
            "uid": idea.uid, "text": words.reveal(idea.text), "lost": idea.text is None, "column": idea.column,
            "of": next((words.reveal(o.text) for o in view.ideas if o.uid == idea.of), ""),
            "merged": [{"uid": uid, "text": words.reveal(text)} for uid, text in idea.merged],
            "editable": idea.editable_seconds > 0 and state.current is not None, "mine": idea.is_mine,
        }
        for idea in view.ideas
    ]
    edits = state.current is not None and not common["gives"] and (
        view.moderates or state.roles.get(Role.NOTE_TAKER) == view.person
    )
    return {
        "ideas": [idea for idea in columns if idea["column"] == 0],
        "turned": [idea for idea in columns if idea["column"] == 1],
        "second": words.said(method.second_column) if method and method.second_column else None, "edits": edits,
        "contribution": state.contribution.value, "no_advice": bool(method and method.no_advice),
    }


@sensitive_variables()
def _case(view: SessionView, common: dict[str, Any]) -> dict[str, Any] | None:
    text = view.case_text
    run = view.state.current
    if run is not None and run.sample in samples():
        sample = samples()[run.sample]
        return {"sample": {"title": words.said(sample.title), "situation": words.said(sample.situation), "question": words.said(sample.question)}}
    if text is None:
        return None
    return {
        "title": words.reveal(text.title), "situation": words.reveal(text.situation), "tried": words.reveal(text.tried),
        "giver": view.name(run.giver) if run else "", "readers": sum(
            1 for person in view.state.members if run and view.state.may_read_case(person, run.case)
        ),
    }


def _people(view: SessionView, common: dict[str, Any]) -> dict[str, Any] | None:
    state = view.state
    if state.is_over:
        return None
    rows = [
        {
            "id": member.id, "uid": view.uids.get(member.id, ""), "name": view.name(member.id),
            "role": words.ROLES[state.role_of(member.id)], "me": member.id == view.person,
            "online": member.id in view.online, "present": member.present, "phone": member.phone, "out": member.out,
            "is_moderator": member.id == state.moderator,
        }
        for member in sorted(state.members.values(), key=lambda m: view.name(m.id).lower())
    ]
    free = [
        (role.value, words.ROLES[role])
        for role in (Role.NOTE_TAKER, Role.OBSERVER, Role.TECH_HOST) if role not in state.roles
    ]
    mine = next((role for role, person in state.roles.items() if person == view.person), None)
    return {
        "people": rows, "free": free, "mine": mine, "my_role": words.ROLES[mine] if mine else "",
        "roles": [(role.value, words.ROLES[role]) for role in (Role.NOTE_TAKER, Role.OBSERVER, Role.TECH_HOST)],
        "here": sum(1 for row in rows if row["online"] or (row["phone"] and row["present"])),
        "needs": [
            {"name": need.name, "needs": [words.NEEDS.get(word, word) for word in need.needs]} for need in view.needs
        ],
    }


def _phases(view: SessionView, common: dict[str, Any]) -> dict[str, Any] | None:
    state = view.state
    if state.is_over:
        return None
    live = state.status is Status.RUNNING
    return {
        "phases": [
            {
                "name": words.said(phase.name), "minutes": phase.minutes, "span": words.span(phase),
                "done": (live and index < state.phase_index) or state.status is Status.BETWEEN,
                "current": live and index == state.phase_index,
            }
            for index, phase in enumerate(state.template.phases)
        ],
        "total": state.template.minutes,
    }


def sheet(view: SessionView) -> str:
    """The printable page: phases with minutes, what the moderator says, and the role cards. Holds no case content."""
    state = view.state
    return render_template("print/phase_sheet.html", {
        "lang": words.language(), "template": words.said(state.template.name), "total": state.template.minutes,
        "size": "most" if len(state.template.phases) > 9 else "many" if len(state.template.phases) > 6 else "",
        "phases": [
            {"name": words.said(p.name), "minutes": p.minutes, "span": words.span(p), "script": words.said(p.script), "output": words.said(p.output)}
            for p in state.template.phases
        ],
        "cards": [
            {
                "role": words.ROLES[role],
                "lines": [(words.said(p.name), words.said(role_card(p.kind, role))) for p in state.template.phases],
            }
            for role in words.ROLES
        ],
        "rtl": words.language() in ("ar", "fa", "he"),
    })


BUILDERS: Mapping[str, Callable[[SessionView, dict[str, Any]], dict[str, Any] | None]] = {
    "strip": _strip, "now": _now, "steer": _steer, "work": work, "question": _question, "ideas": _ideas, "case": _case,
    "people": _people, "phases": _phases,
}
"""Region -> what makes its context; None hides the region."""
