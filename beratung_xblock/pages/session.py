"""The companion beside the call: one column, what matters now first. Built in regions that the client swaps one by one.

A region is a piece of HTML under a name; the page holds them all, a poll answers them all, and the client replaces those
that differ. Nothing is decided here: what is allowed comes from the rules, what is shown from the view.
"""

from __future__ import annotations

import json
from collections.abc import Callable
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
from beratung_xblock.pages.words import uid_of
from beratung_xblock.process import (
    Contribution,
    Gate,
    Held,
    PersonId,
    PhaseKind,
    Refusal,
    Role,
    SessionState,
    Status,
    Text,
    beginner_methods,
    clock,
    method_now,
    methods,
    missing,
    prompt,
    role_card,
    samples,
    situation,
    take_over_wait,
    writing_open,
)
from beratung_xblock.process.rules import EXTENSIONS
from beratung_xblock.rendering import render as render_template
from beratung_xblock.settings.common import DEFAULTS
from beratung_xblock.times import clock as clock_in_words

MODULES = ("session", "clock", "regions", "sending")
REGIONS = ("strip", "now", "steer", "work", "question", "ideas", "case", "people", "phases")
SECONDS_WHEN_OVER = 60.0
BREAKS = (5, 10, 15)


def _seconds_between_polls(status: Status) -> float:
    """BERATUNG_POLL_SECONDS: (running, before). What the system check refuses is kept within 1 to 3 and 1 to 15 all the same."""
    running, before = getattr(settings, "BERATUNG_POLL_SECONDS", DEFAULTS["BERATUNG_POLL_SECONDS"])
    if status is Status.WAITING:
        return min(15.0, max(1.0, float(before)))
    return min(3.0, max(1.0, float(running))) if status in (Status.RUNNING, Status.BETWEEN) else SECONDS_WHEN_OVER


def _language() -> str:
    return (get_language() or "de").split("-")[0]


def _said(text: Text) -> dict[str, str] | None:
    """A template's text with the language it is in, for the `lang` attribute; None when there is none."""
    if not text:
        return None
    language = _language()
    found = text.language(language)
    return {"text": text.get(language), "lang": "" if found in ("", language) else found}


def _reveal(text: Any) -> str:
    return text.reveal() if text is not None else ""


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
            "gone": _("You are no longer in this session. Please load the page again."),
            "parked": _("Your text has not been sent yet."), "send": _("Send"), "discard": _("Discard"), "yes": _("Yes:"),
        },
        "state": moment(view),
    }


def moment(view: SessionView) -> dict[str, Any]:
    """The part of an answer that is no HTML: clock, where we are, what to announce, when to ask again."""
    state = view.state
    seen = clock(state, view.now)
    said = prompt(state, view.person)
    name = _said((state.loop or state.phase).name)
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
    made = {name: globals()[f"_{name}"](view, common) for name in REGIONS}
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
        "phase": _said(state.phase.name), "loop": _said(state.loop.name) if state.loop else None,
        "number": state.phase_index + 1, "count": len(state.template.phases), "many": many,
        "case_number": state.case_number - (1 if state.status is Status.BETWEEN else 0),
        "starts": clock_in_words(view.starts_at.astimezone(ZoneInfo(view.time_zone)), get_language() or "de"),
        "waiting": state.status is Status.WAITING, "between": state.status is Status.BETWEEN, "over": state.is_over,
    }


def _now(view: SessionView, common: dict[str, Any]) -> dict[str, Any]:
    state = view.state
    said = prompt(state, view.person)
    method = method_now(state) if state.contribution is not Contribution.NONE else None
    return {
        "role": words.ROLES[said.role], "sentence": _said(said.sentence), "script": _said(said.script),
        "form": _said(said.form), "listens": said.listens, "method": method and _said(method.name),
        "lead_question": method and _said(method.lead_question), "no_advice": bool(method and method.no_advice),
        "spoken": bool(method and method.spoken), "out": state.members[view.person].out,
        "hints": [words.GATES[gate] for gate in missing(state) if gate is not Gate.MODERATOR]
        if view.moderates and state.status is Status.RUNNING and not state.on_break else [],
        "conflicts": view.conflicts, "brainstorming": bool(method and method.id == "brainstorming"),
        "script_question": view.moderates and state.contribution is not Contribution.NONE and bool(view.question),
    }


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
    following = None if last or state.loop_id else _said(state.template.phases[state.phase_index + 1].name)
    return {
        "waiting": state.status is Status.WAITING, "between": state.status is Status.BETWEEN,
        "over": state.is_over, "first": state.phase_index == 0 and not state.loop_id, "last": last,
        "following": following, "loops": [(loop.id, _said(loop.name)) for loop in state.phase.loops] if not state.loop_id else [],
        "in_loop": bool(state.loop_id), "optional": state.phase.optional, "extensions": EXTENSIONS, "breaks": BREAKS,
        "held": state.held, "stopped": state.held is Held.STOP,
        "can_reopen": bool(state.finished) and state.current is None and state.status is Status.BETWEEN,
        "has_next_case": bool(state.queue) or state.current is not None or bool(state.offers),
        "take_over": missing_one and not view.moderates and wait is not None and not state.is_over, "wait": wait,
        "moderator_gone": missing_one and not view.moderates and not state.is_over, "early": early,
        "others": _others(view),
    }


def _others(view: SessionView) -> list[dict[str, Any]]:
    """Everybody else, present people first, for menus."""
    members = sorted(
        (m for m in view.state.members.values() if m.id != view.person),
        key=lambda m: (m.id not in view.online and not m.phone, view.name(m.id).lower()),
    )
    return [{"uid": view.uids[m.id], "name": view.name(m.id), "id": m.id} for m in members if m.id in view.uids]


@sensitive_variables()
def _work(view: SessionView, common: dict[str, Any]) -> dict[str, Any] | None:
    state = view.state
    kind = state.phase.kind
    me = view.person
    run = state.current
    if state.is_over:
        return None
    casting = (state.status is Status.RUNNING and kind is PhaseKind.CASTING) or state.status in (Status.BETWEEN, Status.WAITING)
    may_write = writing_open(state, me, view.now)
    asks = state.contribution is not Contribution.NONE
    writes = state.status is Status.RUNNING and not isinstance(may_write, Refusal) and (
        asks or view.moderates or state.roles.get(Role.NOTE_TAKER) == me or state.writing_ended_at is not None
    ) and (asks or kind in (PhaseKind.STATEMENT, PhaseKind.CLOSING))
    method = method_now(state)
    question = state.status is Status.RUNNING and kind is PhaseKind.KEY_QUESTION and run is not None and (
        common["gives"] or view.moderates or state.roles.get(Role.NOTE_TAKER) == me
    )
    offers = [
        {
            "case": case, "name": view.name(offer.owner), "urgency": offer.urgency, "mine": offer.owner == me,
            "dots": view.dots.get(str(case), 0), "is_moderator": offer.owner == state.moderator,
        }
        for case, offer in state.offers.items()
    ] if casting else []
    offered = {str(case) for case in state.offers}
    return {
        "casting": casting and state.status is not Status.WAITING, "offers": offers,
        "own_offers": [
            {"uid": own.uid, "title": _reveal(own.title), "urgency": own.urgency}
            for own in view.own_offers if own.uid not in offered
        ] if casting else [],
        "i_offer": any(offer["mine"] for offer in offers), "dots_left": 2 - view.my_dots,
        "selection": view.case_selection, "queue": [view.name(run_.giver) for run_ in state.queue],
        "can_offer": casting and not common["gives"], "giver_name": view.name(run.giver) if run else "",
        "conflict": run is not None and run.giver is not None and state.status is Status.RUNNING
        and kind in (PhaseKind.CASTING, PhaseKind.STORY),
        "out": state.members[me].out, "can_open": common["gives"] and run is not None and not run.opened,
        "others": _others(view), "samples": [(one.id, _said(one.title)) for one in samples().values()],
        "sample": _said(samples()[run.sample].title) if run and run.sample in samples() else None,
        "question_form": question, "question_text": _reveal(view.question) if question else "",
        "confirm_question": run is not None and run.question and not run.question_confirmed and (
            common["gives"] or (view.moderates and _without_page(state, run.giver))
        ),
        "method_form": state.status is Status.RUNNING and kind is PhaseKind.METHOD and run is not None,
        "methods": _method_rows(state) if kind is PhaseKind.METHOD else (),
        "may_choose": common["gives"] or view.moderates,
        "writes": writes, "contribution": state.contribution.value,
        "form": _said(method.form) if method and asks else None,
        "second": _said(method.second_column) if method and method.second_column else None,
        "turnable": [idea for idea in view.ideas if idea.column == 0] if method and method.second_column else [],
    }


def _without_page(state: SessionState, giver: PersonId | None) -> bool:
    """Nobody could click for this case: it is nobody's, or its giver takes part by telephone."""
    member = state.members.get(giver) if giver is not None else None
    return member is None or member.phone


def _method_rows(state: Any) -> tuple[dict[str, Any], ...]:
    first = beginner_methods()
    chosen = state.current.method if state.current else ""
    return tuple(
        {
            "id": method.id, "name": _said(method.name), "line": _said(method.one_line), "when": _said(method.when),
            "advanced": method.level != "basic", "chosen": method.id == chosen,
        }
        for method in sorted(methods().values(), key=lambda method: method.id not in first)
        if method.id != "schluesselfrage_erfinden"
    )


@sensitive_variables()
def _question(view: SessionView, common: dict[str, Any]) -> dict[str, Any] | None:
    run = view.state.current
    if not view.question or run is None:
        return None
    return {"question": _reveal(view.question), "confirmed": run.question_confirmed}


@sensitive_variables()
def _ideas(view: SessionView, common: dict[str, Any]) -> dict[str, Any] | None:
    state = view.state
    asks = state.contribution is not Contribution.NONE
    if state.is_over or (not view.ideas and not asks):
        return None
    method = method_now(state)
    columns = [
        {
            "uid": idea.uid, "text": _reveal(idea.text), "lost": idea.text is None, "column": idea.column,
            "of": next((_reveal(o.text) for o in view.ideas if o.uid == idea.of), ""),
            "merged": [{"uid": uid, "text": _reveal(text)} for uid, text in idea.merged],
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
        "second": _said(method.second_column) if method and method.second_column else None, "edits": edits,
        "contribution": state.contribution.value,
    }


@sensitive_variables()
def _case(view: SessionView, common: dict[str, Any]) -> dict[str, Any] | None:
    text = view.case_text
    run = view.state.current
    if run is not None and run.sample in samples():
        sample = samples()[run.sample]
        return {"sample": {"title": _said(sample.title), "situation": _said(sample.situation), "question": _said(sample.question)}}
    if text is None:
        return None
    return {
        "title": _reveal(text.title), "situation": _reveal(text.situation), "tried": _reveal(text.tried),
        "giver": view.name(run.giver) if run else "", "readers": sum(
            1 for person in view.state.members if run and view.state.may_read_case(person, run.case)
        ),
    }


def _people(view: SessionView, common: dict[str, Any]) -> dict[str, Any]:
    state = view.state
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


def _phases(view: SessionView, common: dict[str, Any]) -> dict[str, Any]:
    state = view.state
    live = state.status is Status.RUNNING
    return {
        "phases": [
            {
                "name": _said(phase.name), "minutes": phase.minutes, "output": _said(phase.output),
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
        "lang": _language(), "template": _said(state.template.name), "total": state.template.minutes,
        "phases": [
            {"name": _said(p.name), "minutes": p.minutes, "script": _said(p.script), "output": _said(p.output)}
            for p in state.template.phases
        ],
        "cards": [
            {
                "role": words.ROLES[role],
                "lines": [(_said(p.name), _said(role_card(p.kind, role))) for p in state.template.phases],
            }
            for role in words.ROLES
        ],
        "rtl": _language() in ("ar", "fa", "he"),
    })
