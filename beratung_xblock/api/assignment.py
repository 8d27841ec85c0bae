"""The assignment board: propose, look, move, pin, undo. Nothing is told to anyone before `publishing.publish`."""

from __future__ import annotations

import copy
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from django.conf import settings as django_settings

from beratung_xblock import access
from beratung_xblock.assignment import ImpossiblePins, InstanceError, Solution, explain, reassign, solve, validate
from beratung_xblock.data.actor import Actor
from beratung_xblock.data.board import Board, BoardGroup, BoardPerson, Why
from beratung_xblock.data.enums import RoundState
from beratung_xblock.exceptions import Conflict, Invalid, NotFound
from beratung_xblock.models import Group, Membership, Proposal, Round, Slot
from beratung_xblock.models._base import new_uid

from . import _instance
from ._write import audit, locked_round, retried
from .rounds import _slot_view, rules_of

__all__ = [
    "board", "move", "new_group", "offer_moderation", "pin_group", "pin_person", "propose", "repair",
    "set_heard_cases", "set_moderator", "undo",
]

EDITABLE = (RoundState.OPEN.value, RoundState.CLOSED.value, RoundState.PUBLISHED.value)


def latest(round_pk: int) -> Proposal | None:
    """The newest revision of a round's proposal."""
    return Proposal.objects.filter(round_id=round_pk).order_by("-number").first()


def store(
    held: Round, actor: Actor, *, groups: list[dict], unplaced: Mapping[str, str], figures: Mapping[str, Any],
    action: str,
) -> Proposal:
    """Append a revision inside a locked round."""
    last = latest(held.pk)
    row = Proposal.objects.create(
        round=held, number=(last.number if last else 0) + 1, groups=groups, unplaced=dict(unplaced),
        figures=dict(figures), action=action, created_by_id=actor.user_id,
    )
    audit(
        actor, f"assignment.{action}", kind="round", uid=held.uid, place_id=held.place_id, round_uid=held.uid,
        revision=row.number, groups=len(groups), unplaced=len(unplaced),
    )
    return row


def runs_in_background(round_pk: int) -> bool:
    """True when a round is so large that proposing belongs into a task."""
    from beratung_xblock.models import Registration

    return Registration.objects.filter(round_id=round_pk).count() >= django_settings.BERATUNG_ASYNC_FROM


def calculate(
    round_: Round,
    *,
    keep: bool,
    seed: int = 1,
    progress: Callable[[str, int, int], None] | None = None,
    cancelled: Callable[[], bool] | None = None,
) -> tuple[list[dict], dict[str, str], dict[str, Any]]:
    """Solve outside any lock: (groups, unplaced, figures). `keep` repairs with the fewest changes.

    Raises Invalid({"pins": ...}) when what people pinned cannot be kept.
    """
    instance, _rows = _instance.build(round_, rules_of(round_))
    before = latest(round_.pk)
    raw = before.groups if before else []
    known_people = {person.id for person in instance.people}
    raw = [
        {**g, "members": [m for m in g["members"] if m in known_people],
         "pinned_members": [m for m in g["pinned_members"] if m in known_people],
         "cases": [m for m in g["cases"] if m in known_people],
         "pinned": g["pinned"] and all(m in known_people for m in g["members"])}
        for g in raw
    ]
    pins = _instance.pins_of(raw)
    size = len(instance.people)
    effort = "normal" if size <= 2000 else "quick"
    options = {"seed": seed, "effort": effort, "pins": pins, "progress": progress, "cancelled": cancelled}
    try:
        if keep and raw:
            result = reassign(instance, _instance.solution_of(raw, before.unplaced), **options)
        else:
            result = solve(instance, **options)
    except ImpossiblePins as error:
        raise Invalid({"pins": tuple((p.kind, p.group, p.person) for p in error.problems)}) from None
    except InstanceError as error:
        raise Invalid({"instance": error.field}) from None
    old = {g["id"]: g for g in raw}
    pinned_seats = {seat.person for seat in pins.people}
    groups = [
        _instance.stored(
            group, known=set(old), pinned=old.get(group.id, {}).get("pinned", False),
            pinned_members=[m for m in group.members if m in pinned_seats],
        )
        for group in result.solution.groups
    ]
    figures = {
        "objective": list(result.objective),
        "bound": list(result.bound),
        "changed": len(result.changed),
        "seed": seed,
        "effort": effort,
        "people": size,
    }
    return groups, dict(result.solution.unplaced), figures


def _numbered(round_uid: str, actor: Actor, number: int | None) -> tuple[Round, Proposal | None]:
    round_ = access.led_round(actor, round_uid)
    if round_.state not in EDITABLE:
        raise Conflict("round_state")
    last = latest(round_.pk)
    if number is not None and number != (last.number if last else 0):
        raise Conflict("stale", current_version=last.number if last else 0)
    return round_, last


@retried
def propose(*, actor: Actor, round_uid: str, number: int | None = None, seed: int = 1, **callbacks: Any) -> int:
    """Calculate the best groups around what is pinned; returns the new revision number. Tells nobody.

    `number` is the revision the coordinator looked at (0: none yet): Conflict("stale") when another one came first.
    """
    return _calculate_and_store(actor, round_uid, number, keep=False, seed=seed, action="propose", **callbacks)


@retried
def repair(*, actor: Actor, round_uid: str, number: int | None = None, **callbacks: Any) -> int:
    """After a cancellation or late sign-up: nobody dropped if avoidable, then the fewest changes."""
    return _calculate_and_store(actor, round_uid, number, keep=True, seed=1, action="repair", **callbacks)


def _calculate_and_store(
    actor: Actor, round_uid: str, number: int | None, *, keep: bool, seed: int, action: str, **callbacks: Any
) -> int:
    round_, last = _numbered(round_uid, actor, number)
    groups, unplaced, figures = calculate(round_, keep=keep, seed=seed, **callbacks)
    with locked_round(round_.pk) as held:
        newest = latest(held.pk)
        if (newest.number if newest else 0) != (last.number if last else 0):
            raise Conflict("stale", current_version=newest.number if newest else 0)
        return store(held, actor, groups=groups, unplaced=unplaced, figures=figures, action=action).number


# --- by hand ---------------------------------------------------------------------------------------------------------


def _edit(
    actor: Actor, round_uid: str, number: int, action: str, change: Callable[[list[dict], dict[str, str]], None]
) -> int:
    round_, _last = _numbered(round_uid, actor, number)
    with locked_round(round_.pk) as held:
        newest = latest(held.pk)
        if newest is None or newest.number != number:
            raise Conflict("stale", current_version=newest.number if newest else 0)
        groups, unplaced = copy.deepcopy(newest.groups), dict(newest.unplaced)
        change(groups, unplaced)
        groups = [g for g in groups if g["members"]]
        return store(held, actor, groups=groups, unplaced=unplaced, figures=newest.figures, action=action).number


def _find(groups: list[dict], group_id: object) -> dict:
    for group in groups:
        if group["id"] == group_id:
            return group
    raise NotFound


def _take_out(groups: list[dict], unplaced: dict[str, str], uid: object) -> None:
    if unplaced.pop(uid, None) is not None:
        return
    for group in groups:
        if uid in group["members"]:
            group["members"].remove(uid)
            for part in ("cases", "pinned_members"):
                group[part] = [m for m in group[part] if m != uid]
            if group["moderator"] == uid:
                group["moderator"] = ""
            return
    raise NotFound


@retried
def move(*, actor: Actor, round_uid: str, number: int, person: str, to_group: str) -> int:
    """Move a person into a group, or out of all with `to_group` empty. What breaks a rule is shown, not refused."""

    def change(groups: list[dict], unplaced: dict[str, str]) -> None:
        target = _find(groups, to_group) if to_group else None
        _take_out(groups, unplaced, person)
        if target is None:
            unplaced[person] = "competition"
        else:
            target["members"] = sorted([*target["members"], person])
            target["pinned_members"] = sorted({*target["pinned_members"], person})

    return _edit(actor, round_uid, number, "move", change)


@retried
def new_group(*, actor: Actor, round_uid: str, number: int, slot_uid: str, language: str, person: str) -> int:
    """Start a group in a slot with one person."""
    round_ = access.led_round(actor, round_uid)
    if not Slot.objects.filter(round=round_, uid=slot_uid, is_cancelled=False).exists():
        raise NotFound
    if language not in rules_of(round_).languages:
        raise Invalid({"language": "choice"})

    def change(groups: list[dict], unplaced: dict[str, str]) -> None:
        _take_out(groups, unplaced, person)
        groups.append(
            {"id": new_uid(), "slot": slot_uid, "lang": language, "members": [person], "moderator": "", "cases": [],
             "pinned": False, "pinned_members": [person]}
        )

    return _edit(actor, round_uid, number, "new_group", change)


@retried
def pin_person(*, actor: Actor, round_uid: str, number: int, person: str, pinned: bool) -> int:
    """Fix a person in their group, or let them go."""

    def change(groups: list[dict], _unplaced: dict[str, str]) -> None:
        for group in groups:
            if person in group["members"]:
                rest = {m for m in group["pinned_members"] if m != person}
                group["pinned_members"] = sorted(rest | {person} if pinned else rest)
                return
        raise NotFound

    return _edit(actor, round_uid, number, "pin", change)


@retried
def pin_group(*, actor: Actor, round_uid: str, number: int, group: str, pinned: bool) -> int:
    """Fix a whole group as it is, or let it go."""

    def change(groups: list[dict], _unplaced: dict[str, str]) -> None:
        _find(groups, group)["pinned"] = bool(pinned)

    return _edit(actor, round_uid, number, "pin", change)


@retried
def set_moderator(*, actor: Actor, round_uid: str, number: int, group: str, moderator: str) -> int:
    """Name the moderator of a group: a member's uid, or "me" for the coordinator herself."""

    def change(groups: list[dict], _unplaced: dict[str, str]) -> None:
        target = _find(groups, group)
        if moderator == "me":
            target["moderator"] = f"f{actor.user_id}"
        elif moderator in target["members"]:
            target["moderator"] = moderator
            target["cases"] = [m for m in target["cases"] if m != moderator]
        else:
            raise NotFound

    number = _edit(actor, round_uid, number, "moderator", change)
    return number


@retried
def set_heard_cases(*, actor: Actor, round_uid: str, number: int, group: str, people: list[str]) -> int:
    """Plan whose cases are heard in a group."""

    def change(groups: list[dict], _unplaced: dict[str, str]) -> None:
        target = _find(groups, group)
        if not set(people) <= set(target["members"]):
            raise NotFound
        target["cases"] = sorted(set(people))

    return _edit(actor, round_uid, number, "cases", change)


@retried
def undo(*, actor: Actor, round_uid: str, number: int) -> int:
    """Take the last action back: a copy of the revision before becomes the newest. Repeating goes further back."""
    round_, _last = _numbered(round_uid, actor, number)
    with locked_round(round_.pk) as held:
        newest = latest(held.pk)
        if newest is None or newest.number != number:
            raise Conflict("stale", current_version=newest.number if newest else 0)
        back_to = newest.figures.get("undone_to", newest.number) - 1
        before = Proposal.objects.filter(round=held, number=back_to).first()
        if before is None:
            raise Conflict("nothing_to_undo")
        figures = {**before.figures, "undone_to": before.figures.get("undone_to", back_to)}
        return store(held, actor, groups=before.groups, unplaced=before.unplaced, figures=figures, action="undo").number


@retried
def offer_moderation(*, actor: Actor, slot_uid: str, wanted: bool) -> None:
    """The coordinator offers to moderate one group in a slot."""
    slot = access.led_slot(actor, slot_uid)
    with locked_round(slot.round_id):
        current = set(Slot.objects.get(pk=slot.pk).facilitators) - {actor.user_id}
        Slot.objects.filter(pk=slot.pk).update(
            facilitators=sorted(current | {actor.user_id} if wanted else current)
        )


# --- looking at it ---------------------------------------------------------------------------------------------------


def problems(instance, solution: Solution) -> dict[str, list[tuple[str, str]]]:
    """Broken rules by group id or person uid, without the reasons of people not placed."""
    found: dict[str, list[tuple[str, str]]] = {}
    for violation in validate(instance, solution):
        if violation.rule != "R":
            found.setdefault(violation.subject, []).append((violation.rule, violation.problem))
    return found


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


def board(*, actor: Actor, round_uid: str) -> Board:
    """The newest revision with names, broken rules and explanations. A constant number of queries."""
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
            brings_case=person.case > 0, urgency=person.case,
            pinned=bool(group and (group["pinned"] or uid in group["pinned_members"])),
            is_moderator=bool(group and group["moderator"] == uid),
            case_is_heard=bool(group and uid in group["cases"]),
            wish={3: "yes", 1: "maybe"}.get(person.slots.get(group["slot"], 0), "no") if group else "",
            why=_whys((told.people if group else told.unplaced).get(uid, ()), names),
            reason="" if group else unplaced[uid],
            possible_groups=tuple(
                gid for slot in person.slots for lang in person.langs for gid in groups_by_cell.get((slot, lang), ())
                if group is None or gid != group["id"]
            ),
        )

    published = Group.objects.filter(round=round_, state="published").exists()
    return Board(
        round_uid=round_.uid,
        number=last.number if last else 0,
        groups=tuple(
            BoardGroup(
                id=g["id"], number=position, slot=slots[g["slot"]], language=g["lang"],
                people=tuple(person_view(uid, g) for uid in g["members"]),
                moderator=g["moderator"], moderator_is_facilitator=g["moderator"].startswith("f")
                and g["moderator"] not in rows,
                pinned=g["pinned"],
                problems=tuple(
                    faults.get(g["id"], []) + [fault for uid in g["members"] for fault in faults.get(uid, [])]
                ),
                why=_whys(told.groups.get(g["id"], ()), names),
            )
            for position, g in enumerate(sorted(raw, key=lambda g: (slots[g["slot"]].starts_at, g["id"])), start=1)
        ),
        unplaced=tuple(person_view(uid, None) for uid in unplaced),
        placed=len(placed),
        bound=_bound(last),
        notes=_whys(told.round, names),
        can_undo=bool(last and last.figures.get("undone_to", last.number) > 1),
        is_published=published,
        differs_from_published=published and _differs(round_, raw),
        slots=tuple(slots.values()),
    )


def _differs(round_: Round, raw: list[dict]) -> bool:
    seats = {
        (uid, group) for uid, group in Membership.objects.filter(
            group__round=round_, group__state="published", left_at__isnull=True
        ).values_list("registration__uid", "group__uid")
    }
    return seats != {(m, g["id"]) for g in raw for m in g["members"]}
