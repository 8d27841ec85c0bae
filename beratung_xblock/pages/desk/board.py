"""The assignment board on the desk: propose, understand, adjust, pin, publish, repair."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _

from beratung_xblock.api import assignment as api
from beratung_xblock.api import board as api_board
from beratung_xblock.api import publishing
from beratung_xblock.data.board import Board, BoardPerson, Step, Why
from beratung_xblock.exceptions import Invalid
from beratung_xblock.pages import words as page_words
from beratung_xblock.pages._dispatch import Answer, Click, action
from beratung_xblock.pages.desk import words
from beratung_xblock.pages.desk.frame import Desk, desk_of, doing, partial, section
from beratung_xblock.pages.desk.lists import short_slot
from beratung_xblock.rendering import render
from beratung_xblock.times import short_day


@section("assignment")
def build(desk: Desk) -> Mapping[str, Any]:
    """The newest revision with names and sentences; big rounds page by page."""
    chosen = desk.chosen()
    if chosen is None or chosen.state in ("draft", "cancelled"):
        return {"board": None}
    job = api.calculation(actor=desk.actor, round_uid=chosen.uid)
    search = desk.asked.get("find", "")
    found = api_board.find(actor=desk.actor, round_uid=chosen.uid, text=search) if search.strip() else []
    if len(found) == 1:
        desk.focus = found[0].uid
    elif "number" not in desk.asked and desk.asked.get("person"):  # chosen among several
        desk.focus = desk.asked["person"]
    board = api.board(
        actor=desk.actor, round_uid=chosen.uid, page=_page(desk, "at_page"), around=desk.focus,
        slot=desk.asked.get("at_date", ""), faulty=desk.asked.get("at_faulty") == "yes", left_page=_page(desk, "at_left"),
    )
    when = desk.slot_words(board.slots)
    first = (board.page - 1) * api_board.GROUPS_A_PAGE
    left_first = (board.left_page - 1) * api_board.GROUPS_A_PAGE
    return {
        "board": board,
        "job": job if job is not None and job.state in ("waiting", "running") else None,
        "job_words": words.job(job) if job is not None else "",
        "job_over": words.job_over(job) if job is not None and not desk.flash and not board.number else "",
        "groups": [_group(group, board, when) for group in board.groups],
        "unplaced": [_person(person, when) for person in board.unplaced],
        "unplaced_total": board.unplaced_total,
        "is_big": board.groups_total > api_board.GROUPS_A_PAGE or board.unplaced_total > api_board.GROUPS_A_PAGE,
        "has_far_groups": board.groups_total > api_board.MOST_TARGETS,
        "first": first + 1 if board.groups else 0,
        "last": first + len(board.groups),
        "left_first": left_first + 1,
        "left_last": left_first + len(board.unplaced),
        "search": search,
        "found": found if len(found) > 1 else [],
        "found_nobody": bool(search.strip()) and not found,
        "turned": desk.asked.get("turned", "") if not desk.focus else "",
        "notes": [text for text in (words.why(note, when) for note in board.notes) if text],
        "advice": [_advice(item, when) for item in board.advice] if board.number else [],
        "slot_choices": [(slot.uid, short_slot(slot, desk.actor.language)) for slot in board.slots if not slot.is_cancelled],
        "needs_consent": sorted({"small_group" if rule == "H2" else "no_case" for rule in board.broken if rule in ("H2", "H5")}),
        "signup_until": short_day(chosen.closes_at, "Europe/Berlin", desk.actor.language) if chosen.state == "open" and chosen.closes_at > timezone.now() else "",
        "refusals": sorted(set(desk.errors.values())),
        "revisions": [_step(step, desk) for step in api_board.revisions(actor=desk.actor, round_uid=chosen.uid)] if board.number else [],
        "focus": desk.focus,
    }


def _page(desk: Desk, name: str) -> int:
    asked = desk.asked.get(name, "1")
    return max(1, int(asked)) if asked.isascii() and asked.isdigit() and len(asked) < 6 else 1


def _step(step: Step, desk: Desk) -> dict[str, Any]:
    return {
        "number": step.number, "what": words.board_step(step.action), "who": step.by or _("the system"),
        "at": short_day(step.at, "Europe/Berlin", desk.actor.language),
    }


def _advice(item: Why, when: Mapping[str, str]) -> dict[str, Any]:
    slot, lang = str(item.params.get("slot", "")), str(item.params.get("lang", ""))
    return {
        "kind": item.kind, "slot": slot, "lang": lang, "people": list(item.params.get("people", ())),
        "sentence": words.advice(item.kind, slot=when.get(slot, ""), language=words.language_name(lang), names=list(item.params.get("names", ()))),
    }


def _person(person: BoardPerson, when: Mapping[str, str]) -> dict[str, Any]:
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
        "targets": person.targets,
        "language": person.languages[0] if person.languages else "de",
    }


def _group(group, board: Board, when: Mapping[str, str]) -> dict[str, Any]:
    return {
        "group": group,
        "when": when[group.slot.uid],
        "language": words.language_name(group.language),
        "people": [_person(person, when) for person in group.people],
        "why": [text for text in (words.why(item, when) for item in group.why) if text],
        "problems": sorted({words.rule_problem(rule) for rule, _word in group.problems}),
        "size": len(group.people),
        "needs_moderator": any(rule == "H6" for rule, _word in group.problems),
        "moderators": [(p.uid, p.name) for p in group.people if p.can_moderate and not p.is_moderator],
    }


def _number(click: Click, name: str = "number") -> int:
    try:
        return int(click.data.get(name, ""))
    except ValueError:
        raise Invalid({name: "number"}) from None


def _target(click: Click) -> str:
    """The group a person is to be moved to: its number where one was typed, else what was chosen."""
    typed = click.data.get("to_number", "").strip()
    if not typed:
        return click.data.get("to", "")
    found = api_board.group_numbered(actor=click.actor, round_uid=click.data.get("round", ""), position=typed)
    if not found:
        raise Invalid({"to_number": "no_group"})
    return found


def _common(click: Click) -> dict[str, Any]:
    return {"actor": click.actor, "round_uid": click.data.get("round", ""), "number": _number(click)}


def _calculate(click: Click, *, keep: bool, done: str) -> Answer:
    started: list[str] = []
    return doing(
        click, "assignment", lambda: started.append(api.start_calculation(**_common(click), keep=keep)), done=lambda: "" if started and started[0] else done,
    )


@action("board.propose", audience="coordinator")
def propose(click: Click) -> Answer:
    """Calculate groups around what is fixed."""
    return _calculate(click, keep=False, done=_("Here is the proposal. Nobody has been told yet."))


@action("board.repair", audience="coordinator")
def repair(click: Click) -> Answer:
    """Repair with the fewest changes."""
    return _calculate(click, keep=True, done=_("Repaired with as few changes as possible. Nobody has been told yet."))


@action("board.job", audience="coordinator")
def progress(click: Click) -> Answer:
    """How far the calculation is, for the card alone; once it is over, the whole page with its result."""
    round_uid = click.data.get("round", "")
    job = api.calculation(actor=click.actor, round_uid=round_uid)
    if job is not None and job.state in ("waiting", "running"):
        return Answer(body=render("desk/job.html", {
            "job": job, "job_words": words.job(job), "round": {"uid": round_uid}, "uid": page_words.uid_of(click.actor.usage_key),
            "url": {name: click.block.action_url(name) for name in ("board.job", "board.cancel_job")},
        }))  # fmt: skip
    done = _("Here is the proposal. Nobody has been told yet.") if job is not None and job.state == "done" else ""
    told = words.job_over(job) if job is not None else ""
    answer = partial(desk_of(click, "assignment", flash=done or told, flash_kind="ok" if done else "warn"))
    page = f"#{page_words.uid_of(click.actor.usage_key)}-page"
    return replace(answer, headers=(("HX-Retarget", page), ("HX-Reswap", "outerHTML")))


@action("board.cancel_job", audience="coordinator")
def cancel_job(click: Click) -> Answer:
    """Stop the calculation in the background."""
    return doing(
        click, "assignment",
        lambda: api.cancel_calculation(actor=click.actor, round_uid=click.data.get("round", ""), job_uid=click.data.get("job", "")),
        done=_("The calculation stops. The board stays as it was."),
    )


@action("board.advice", audience="coordinator")
def moderate_myself(click: Click) -> Answer:
    """The coordinator moderates where nobody else can; the groups are proposed again around what is fixed."""
    def step() -> None:
        api.offer_moderation(actor=click.actor, slot_uid=click.data.get("slot", ""), wanted=True)
        api.start_calculation(**_common(click))

    return doing(click, "assignment", step, done=_("You moderate on this date. Here is the new proposal."))


@action("board.gather", audience="coordinator")
def gather(click: Click) -> Answer:
    """Build the group the advice suggests."""
    return doing(
        click, "assignment",
        lambda: api.gather(
            **_common(click), slot_uid=click.data.get("slot", ""), language=click.data.get("language", "de"),
            people=click.many.get("people", []),
        ),
        done=_("A new group is on the board."),
    )


@action("board.restore", audience="coordinator")
def restore(click: Click) -> Answer:
    """Go back to an earlier step."""
    return doing(
        click, "assignment", lambda: api.restore(**_common(click), back_to=_number(click, "back_to")), done=_("You are back at that step."),
    )


@action("board.move", audience="coordinator")
def move(click: Click) -> Answer:
    """Move a person to a group, or out."""
    return doing(
        click, "assignment",
        lambda: api.move(**_common(click), person=click.data.get("person", ""), to_group=_target(click)),
        done=_("Moved, and fixed there."), focus=click.data.get("person", ""),
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
        done=_("A new group is on the board."), focus=click.data.get("person", ""),
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

    return doing(click, "assignment", step, done=_("Fixed. A new proposal keeps it.") if wanted else _("Free again."), focus=click.data.get("person", ""))


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
        lambda: publishing.publish(**_common(click), accept=tuple(click.many.get("accept", ())), ends_signup=click.data.get("ends_signup") == "yes"),
        done=_("Published. Everybody in a group gets a mail now."),
    )
