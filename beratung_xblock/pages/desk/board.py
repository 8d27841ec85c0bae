"""The assignment board on the desk: propose, understand, adjust, pin, publish, repair."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext as _

from beratung_xblock.api import assignment as api
from beratung_xblock.api import publishing
from beratung_xblock.data.board import Board, BoardPerson
from beratung_xblock.exceptions import Invalid
from beratung_xblock.pages._dispatch import Answer, Click, action
from beratung_xblock.pages.desk import words
from beratung_xblock.pages.desk.frame import Desk, doing, section


@section("assignment")
def build(desk: Desk) -> Mapping[str, Any]:
    """The newest revision with names and sentences."""
    chosen = desk.chosen()
    if chosen is None or chosen.state in ("draft", "cancelled"):
        return {"board": None}
    board = api.board(actor=desk.actor, round_uid=chosen.uid)
    when = desk.slot_words(board.slots)
    return {
        "board": board,
        "groups": [_group(group, board, when) for group in board.groups],
        "unplaced": [_person(person, board, when) for person in board.unplaced],
        "notes": [text for text in (words.why(note, when) for note in board.notes) if text],
        "slot_choices": [(slot.uid, when[slot.uid]) for slot in board.slots if not slot.is_cancelled],
        "needs_consent": sorted({"small_group" if rule == "H2" else "no_case" for group in board.groups for rule, _word in group.problems if rule in ("H2", "H5")}),
        "blocking": any(rule not in ("H2", "H5") for group in board.groups for rule, _word in group.problems),
    }


def _targets(person: BoardPerson, board: Board) -> list[tuple[str, str, bool]]:
    possible = set(person.possible_groups)
    return [
        (group.id, _("Group %(n)s") % {"n": group.number}, group.id in possible)
        for group in board.groups
        if person.uid not in {other.uid for other in group.people}
    ]


def _person(person: BoardPerson, board: Board, when: Mapping[str, str]) -> dict[str, Any]:
    marks = []
    if person.is_moderator:
        marks.append(_("moderates"))
    elif person.can_moderate:
        marks.append(_("can moderate"))
    if person.case_is_heard:
        marks.append(_("case planned"))
    elif person.brings_case:
        marks.append(_("brings a case"))
    reason = words.REASONS.get(person.reason)
    return {
        "person": person,
        "marks": marks,
        "why": [text for text in (words.why(item, when) for item in person.why) if text],
        "reason": reason() if reason else "",
        "targets": _targets(person, board),
    }


def _group(group, board: Board, when: Mapping[str, str]) -> dict[str, Any]:
    return {
        "group": group,
        "when": when[group.slot.uid],
        "language": words.language_name(group.language),
        "people": [_person(person, board, when) for person in group.people],
        "why": [text for text in (words.why(item, when) for item in group.why) if text],
        "problems": sorted({words.rule_problem(rule) for rule, _word in group.problems}),
        "size": len(group.people),
        "moderators": [(p.uid, p.name) for p in group.people if p.can_moderate and not p.is_moderator],
    }


def _number(click: Click) -> int:
    try:
        return int(click.data.get("number", ""))
    except ValueError:
        raise Invalid({"number": "number"}) from None


def _common(click: Click) -> dict[str, Any]:
    return {"actor": click.actor, "round_uid": click.data.get("round", ""), "number": _number(click)}


@action("board.propose", audience="coordinator")
def propose(click: Click) -> Answer:
    """Calculate groups around what is fixed."""
    return doing(click, "assignment", lambda: api.propose(**_common(click)), done=_("Here is the proposal. Nobody has been told yet."))


@action("board.repair", audience="coordinator")
def repair(click: Click) -> Answer:
    """Repair with the fewest changes."""
    return doing(click, "assignment", lambda: api.repair(**_common(click)), done=_("Repaired with as few changes as possible. Nobody has been told yet."))


@action("board.move", audience="coordinator")
def move(click: Click) -> Answer:
    """Move a person to a group, or out."""
    return doing(
        click, "assignment",
        lambda: api.move(**_common(click), person=click.data.get("person", ""), to_group=click.data.get("to", "")),
        done=_("Moved, and fixed there."),
    )


@action("board.new_group", audience="coordinator")
def new_group(click: Click) -> Answer:
    """Start a new group with one person."""
    return doing(
        click, "assignment",
        lambda: api.new_group(
            **_common(click), slot_uid=click.data.get("slot", ""), language=click.data.get("language", "de"),
            person=click.data.get("person", ""),
        ),
        done=_("A new group is on the board."),
    )


@action("board.pin", audience="coordinator")
def pin(click: Click) -> Answer:
    """Fix or free a person or a group."""
    wanted = click.data.get("pinned") == "yes"

    def step() -> None:
        if click.data.get("person"):
            api.pin_person(**_common(click), person=click.data["person"], pinned=wanted)
        else:
            api.pin_group(**_common(click), group=click.data.get("group", ""), pinned=wanted)

    return doing(click, "assignment", step, done=_("Fixed. A new proposal keeps it.") if wanted else _("Free again."))


@action("board.moderator", audience="coordinator")
def moderator(click: Click) -> Answer:
    """Name who moderates a group."""
    def step() -> None:
        if click.data.get("moderator") == "me" and click.data.get("slot"):
            api.offer_moderation(actor=click.actor, slot_uid=click.data["slot"], wanted=True)
        api.set_moderator(**_common(click), group=click.data.get("group", ""), moderator=click.data.get("moderator", ""))

    return doing(click, "assignment", step, done=_("The moderator is set."))


@action("board.undo", audience="coordinator")
def undo(click: Click) -> Answer:
    """Take the last step back."""
    return doing(click, "assignment", lambda: api.undo(**_common(click)), done=_("Taken back."))


@action("board.publish", audience="coordinator")
def publish(click: Click) -> Answer:
    """Publish the groups: now people are told."""
    return doing(
        click, "assignment",
        lambda: publishing.publish(**_common(click), accept=tuple(click.many.get("accept", ()))),
        done=_("Published. Everybody in a group gets a mail now."),
    )
