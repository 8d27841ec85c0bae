"""Looking at the assignment board: names, broken rules, explanations, what would help, the steps so far."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from django.contrib.auth import get_user_model

from beratung_xblock import access
from beratung_xblock.assignment import Solution, advise, explain
from beratung_xblock.data.actor import Actor
from beratung_xblock.data.board import Board, BoardGroup, BoardPerson, Step, Why
from beratung_xblock.models import Group, Membership, Proposal, Round, Slot

from . import _instance
from ._proposals import latest, problems
from .rounds import _slot_view, rules_of

__all__ = ["board", "revisions"]

GROUPS_A_PAGE = 40
MOST_TARGETS = 60
"""Groups of one slot and language that are offered as targets of a move; a menu with more is no menu."""


def _bound(revision: Proposal | None) -> int | None:
    """The proven maximum of placed people that came with the calculation, None when there is none."""
    return (revision.figures.get("bound") or [None])[0] if revision else None


def _explainable(instance, solution: Solution) -> Solution:
    """The part of a hand-made board that can be explained: people in slots they did not offer are shown as problems."""
    offered = {person.id: person.slots for person in instance.people}
    groups = tuple(
        replace(
            group,
            members=tuple(m for m in group.members if group.slot in offered[m]),
            cases=tuple(m for m in group.cases if group.slot in offered[m]),
        )
        for group in solution.groups
    )
    return Solution(groups=tuple(group for group in groups if group.members), unplaced=solution.unplaced)


def _names(value: Any, names: Mapping[str, str]) -> Any:
    if isinstance(value, str):
        return names.get(value, value)
    if isinstance(value, (list, tuple)):
        return tuple(_names(item, names) for item in value)
    if isinstance(value, Mapping):
        return {key: _names(item, names) for key, item in value.items()}
    return value


def _whys(items: Any, names: Mapping[str, str]) -> tuple[Why, ...]:
    return tuple(Why(kind=item.kind, params=_names(dict(item.params), names)) for item in items)


def board(*, actor: Actor, round_uid: str, page: int = 0, around: str = "") -> Board:
    """The newest revision with names, broken rules and explanations. A constant number of queries.

    With `page` (from 1 on) people are filled in for GROUPS_A_PAGE groups and as many people without a place only; `around`
    is a person whose group's page is wanted instead. The other groups are there without people.
    """
    round_ = access.led_round(actor, round_uid)
    last = latest(round_.pk)
    instance, rows = _instance.build(round_, rules_of(round_))
    slots = {slot.uid: _slot_view(slot) for slot in Slot.objects.filter(round=round_).order_by("starts_at", "pk")}
    raw = [
        {**g, "members": [m for m in g["members"] if m in rows], "cases": [c for c in g["cases"] if c in rows]}
        for g in (last.groups if last else [])
    ]
    placed = {m for g in raw for m in g["members"]}
    reasons = dict(last.unplaced) if last else {}
    unplaced = {uid: reasons.get(uid, "competition") for uid in rows if uid not in placed}
    solution = _instance.solution_of(raw, unplaced)
    faults = problems(instance, solution)
    names = {uid: row.display_name for uid, row in rows.items()}
    ordered = sorted(raw, key=lambda g: (slots[g["slot"]].starts_at, g["id"]))
    pages = max(1, -(-len(ordered) // GROUPS_A_PAGE))
    at = next((position for position, g in enumerate(ordered) if around and around in g["members"]), None)
    page = min(at // GROUPS_A_PAGE + 1 if at is not None else page, pages)
    first = (page - 1) * GROUPS_A_PAGE
    shown = range(first, first + GROUPS_A_PAGE) if page else range(len(ordered))
    told = explain(instance, _explainable(instance, solution), bound=_bound(last))
    groups_by_cell: dict[tuple[str, str], list[str]] = {}
    for g in raw:
        if len(g["members"]) < instance.rules.size_max:
            groups_by_cell.setdefault((g["slot"], g["lang"]), []).append(g["id"])
    persons = {person.id: person for person in instance.people}

    def person_view(uid: str, group: dict | None) -> BoardPerson:
        row, person = rows[uid], persons[uid]
        return BoardPerson(
            uid=uid, name=row.display_name, region=row.region, can_moderate=row.can_moderate,
            brings_case=person.case > 0, urgency=person.case, languages=tuple(person.langs),
            pinned=bool(group and (group["pinned"] or uid in group["pinned_members"])),
            is_moderator=bool(group and group["moderator"] == uid),
            case_is_heard=bool(group and uid in group["cases"]),
            wish={3: "yes", 1: "maybe"}.get(person.slots.get(group["slot"], 0), "no") if group else "",
            why=_whys((told.people if group else told.unplaced).get(uid, ()), names),
            reason="" if group else unplaced[uid],
            possible_groups=tuple(
                gid for slot in person.slots for lang in person.langs
                for gid in groups_by_cell.get((slot, lang), ())[:MOST_TARGETS] if group is None or gid != group["id"]
            ),
        )

    published = Group.objects.filter(round=round_, state="published").exists()
    return Board(
        round_uid=round_.uid,
        number=last.number if last else 0,
        groups=tuple(
            BoardGroup(
                id=g["id"], number=position, slot=slots[g["slot"]], language=g["lang"],
                people=tuple(person_view(uid, g) for uid in g["members"]) if position - 1 in shown else (),
                size=len(g["members"]),
                moderator=g["moderator"], moderator_is_facilitator=g["moderator"].startswith("f")
                and g["moderator"] not in rows,
                pinned=g["pinned"],
                problems=tuple(
                    faults.get(g["id"], []) + [fault for uid in g["members"] for fault in faults.get(uid, [])]
                ),
                why=_whys(told.groups.get(g["id"], ()), names),
            )
            for position, g in enumerate(ordered, start=1)
        ),
        unplaced=tuple(person_view(uid, None) for uid in list(unplaced)[: GROUPS_A_PAGE if page else None]),
        unplaced_total=len(unplaced),
        page=page,
        pages=pages,
        placed=len(placed),
        bound=_bound(last),
        notes=_whys(told.round, names),
        can_undo=bool(last and last.figures.get("undone_to", last.number) > 1),
        is_published=published,
        differs_from_published=published and _differs(round_, raw),
        slots=tuple(slots.values()),
        advice=tuple(Why(kind=item.kind, params=dict(item.params)) for item in advise(instance, solution)) if unplaced else (),
    )


def _differs(round_: Round, raw: list[dict]) -> bool:
    seats = {
        (uid, group) for uid, group in Membership.objects.filter(
            group__round=round_, group__state="published", left_at__isnull=True
        ).values_list("registration__uid", "group__uid")
    }
    return seats != {(m, g["id"]) for g in raw for m in g["members"]}


STEPS = 30


def revisions(*, actor: Actor, round_uid: str) -> list[Step]:
    """The newest steps on the board, newest first, at most STEPS. Three queries."""
    round_ = access.led_round(actor, round_uid)
    rows = list(
        Proposal.objects.filter(round=round_).order_by("-number")
        .values_list("number", "action", "created_by_id", "created_at")[:STEPS]
    )
    users = get_user_model().objects.in_bulk({row[2] for row in rows if row[2] is not None})
    return [
        Step(number=number, action=action, by=users[by].get_full_name() or users[by].get_username() if by in users else "", at=at)
        for number, action, by, at in rows
    ]
