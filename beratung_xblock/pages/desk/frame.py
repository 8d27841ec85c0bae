"""The frame of the desk: tabs, the chosen round, what just happened; each section builds its own part."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from django.utils.translation import gettext as _

from beratung_xblock.api import calls as api_calls
from beratung_xblock.api import desk as api_desk
from beratung_xblock.api import rounds as api_rounds
from beratung_xblock.data.actor import Actor
from beratung_xblock.data.settings import settings_from_snapshot
from beratung_xblock.data.views import RoundView, SlotView
from beratung_xblock.exceptions import Conflict, Invalid
from beratung_xblock.models import Place
from beratung_xblock.pages import words as page_words
from beratung_xblock.pages._dispatch import ACTIONS, Answer, Click, Page, action
from beratung_xblock.pages.desk import words
from beratung_xblock.pages.volunteer import client, help_of
from beratung_xblock.pages.volunteer import partial as volunteer_partial
from beratung_xblock.rendering import render
from beratung_xblock.times import words_for_time

STYLES = ("css/tokens.css", "css/base.css", "css/volunteer.css", "css/session.css", "css/desk.css")
SECTIONS: dict[str, Callable[[Desk], Mapping[str, Any]]] = {}
"""Section name -> builder of its context. Order is the order of the tabs."""

TABS = (
    ("today", lambda: _("Today")),
    ("rounds", lambda: _("Rounds")),
    ("registrations", lambda: _("Registrations")),
    ("assignment", lambda: _("Groups")),
    ("cases", lambda: _("Cases")),
    ("sessions", lambda: _("Group sessions")),
    ("mails", lambda: _("Mails")),
    ("report", lambda: _("Report")),
    ("history", lambda: _("Record of changes")),
    ("team", lambda: _("Team")),
)
BY_ROUND = ("rounds", "registrations", "waiting", "assignment", "cases", "sessions")
INSIDE = {"waiting": "registrations", "planning": "rounds", "moderate": "sessions"}
"""Sections without a tab of their own -> the tab they belong to."""
FOR_INSTRUCTORS = ("team",)


@dataclass(kw_only=True)
class Desk:
    """One rendering of the desk: who, which section, what was typed and refused."""

    block: Any
    actor: Actor
    place: Place
    section: str = "today"
    round_uid: str = ""
    asked: Mapping[str, str] = field(default_factory=dict)
    typed: Mapping[str, list[str]] = field(default_factory=dict)
    errors: Mapping[str, str] = field(default_factory=dict)
    flash: str = ""
    flash_kind: str = "ok"
    focus: str = ""
    """Uid of the person whose row is opened and gets the focus."""
    rounds: list[RoundView] = field(default_factory=list)

    def chosen(self) -> RoundView | None:
        """The round the section is about: the one asked for, else the newest that is not over."""
        for view in self.rounds:
            if view.uid == self.round_uid:
                return view
        alive = [view for view in self.rounds if view.state not in ("finished", "cancelled")]
        return (alive or self.rounds or [None])[0]

    def full_round(self) -> RoundView | None:
        """The chosen round with its slots."""
        chosen = self.chosen()
        return api_rounds.get_round(actor=self.actor, round_uid=chosen.uid) if chosen else None

    def slot_words(self, slots: tuple[SlotView, ...]) -> dict[str, str]:
        """Slot uid -> date and time in words."""
        return {
            slot.uid: words_for_time(slot.starts_at, slot.ends_at, slot.time_zone, self.actor.language) for slot in slots
        }


def section(name: str) -> Callable[[Callable[[Desk], Mapping[str, Any]]], Callable[[Desk], Mapping[str, Any]]]:
    """Register the builder of a section's context."""

    def register(build: Callable[[Desk], Mapping[str, Any]]) -> Callable[[Desk], Mapping[str, Any]]:
        SECTIONS[name] = build
        return build

    return register


def context(desk: Desk) -> dict[str, Any]:
    """Everything the frame's template needs."""
    desk.rounds = api_rounds.led_rounds(actor=desk.actor)
    tabs = [(key, label()) for key, label in TABS if key in SECTIONS and (desk.actor.is_instructor or key not in FOR_INSTRUCTORS)]
    name = desk.section if desk.section in SECTIONS and INSIDE.get(desk.section, desk.section) in dict(tabs) else "today"
    chosen = desk.chosen()
    settings = settings_from_snapshot(desk.place.settings)
    return {
        "uid": page_words.uid_of(desk.actor.usage_key),
        "url": {name: desk.block.action_url(name) for name in ACTIONS},
        "title": settings.display_name,
        "organisation": settings.organisation_name,
        "help": help_of(settings),
        "section": name,
        "tab": INSIDE.get(name, name),
        "template": f"./{name}.html",
        "tabs": tabs,
        "by_round": name in BY_ROUND,
        "leave_action": "desk.leave",
        "may_take_part": desk.actor.may_take_part,
        "rounds": [(view, words.ROUND_STATES[view.state]()) for view in desk.rounds],
        "round": chosen,
        "round_state": words.ROUND_STATES[chosen.state]() if chosen else "",
        "flash": desk.flash,
        "flash_kind": desk.flash_kind,
        "errors": desk.errors,
        "typed": {key: values[-1] for key, values in desk.typed.items() if values},
        "regions": settings.regions,
        "settings": settings,
        "language": desk.actor.language,
        **SECTIONS[name](desk),
    }


def page(block, actor: Actor, place: Place) -> Page:
    """The whole desk as a view."""
    lang, direction = page_words.page_language()
    values = context(Desk(block=block, actor=actor, place=place))
    html = render("desk/root.html", {**values, "lang": lang, "dir": direction})
    return Page(html=html, styles=STYLES, client=desk_client(block, actor))


def desk_client(block, actor: Actor) -> dict[str, Any]:
    """What the desk's module in the browser needs: the page's own, with the desk's module around it."""
    values = client(block, actor)
    modules = values["modules"]
    return {**values, "modules": {**modules, "base": modules["page"], "page": block.asset("js/desk/desk.js")}}


def partial(desk: Desk, *, status: int = 200) -> Answer:
    """The part of the desk an action replaces."""
    return Answer(body=render("desk/page.html", context(desk)), status=status)


def desk_of(click: Click, section_name: str, **more: Any) -> Desk:
    """A desk that stays where the coordinator was and keeps what was typed."""
    return Desk(
        block=click.block, actor=click.actor, place=click.place, section=section_name,
        round_uid=click.data.get("round", ""), asked=click.data, typed=click.many, **more,
    )


def doing(click: Click, section_name: str, step: Callable[[], Any], *, done: str | Callable[[], str], focus: str = "") -> Answer:
    """Run one step and show the section again, with what happened or what was refused.

    `focus` is the uid of a person on the board whose row keeps the focus.
    """
    try:
        step()
    except Invalid as error:
        messages = {}
        for name, reason in error.errors.items():
            messages[name] = words.rule_problem(name) if _is_rule(name) else words.field_problem(reason)
        desk = desk_of(
            click, section_name, errors=messages, flash_kind="danger", flash=_("Not done yet. Please check the marked entries.")
        )
        return partial(desk, status=400)
    except Conflict as error:
        sentence = words.CONFLICTS.get(error.reason)
        flash = sentence() if sentence else _("This is not possible at the moment.")
        return partial(desk_of(click, section_name, flash=flash, flash_kind="warn"), status=409)
    desk = desk_of(click, section_name, flash=done if isinstance(done, str) else done(), focus=focus)
    desk.typed = {}
    return partial(desk)


def _is_rule(name: str) -> bool:
    return name in ("pins", "groups", "instance") or (name[:1] in "HP" and "." in name)


@action("desk.show", audience="coordinator")
def show(click: Click) -> Answer:
    """Open a section of the desk, for a round, with filters."""
    return partial(desk_of(click, click.data.get("section", "today")))


@action("desk.leave", audience="coordinator")
def leave(click: Click) -> Answer:
    """The coordinator's own page as a volunteer."""
    return volunteer_partial(click.block, click.actor, click.place)


@action("desk.contact_done", audience="coordinator")
def contact_done(click: Click) -> Answer:
    """A call-back was made."""
    return doing(
        click, "today",
        lambda: api_desk.answer_contact(actor=click.actor, contact_uid=click.data.get("object", "")),
        done=_("Marked as called."),
    )


@action("desk.told", audience="coordinator")
def told(click: Click) -> Answer:
    """A guest whom no mail reaches was called."""
    return doing(
        click, "today",
        lambda: api_calls.told(actor=click.actor, registration_uid=click.data.get("object", "")),
        done=_("Marked as called."),
    )
