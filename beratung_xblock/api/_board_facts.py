"""What is true of a board as a whole: broken rules, notes, advice. Worked out once for each state of the round, then kept."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from beratung_xblock.assignment import Explanation, Group, Instance, Solution, Standing, about_round, advise, explain
from beratung_xblock.assignment.scoring import indispensable
from beratung_xblock.assignment.screen import Screen
from beratung_xblock.assignment.validate import group_faults, whole_faults
from beratung_xblock.kept import cache
from beratung_xblock.models import Group as GroupRow
from beratung_xblock.models import Membership, Round

from ._instance import KEEP_SECONDS, Source, seats_key

PAIR = "H9"
"""Two people who should not meet: never kept outside the database, found anew for each view."""
ADVICE_SHOWN = 6
COUNTS_ONLY = ("fragile_groups",)


@dataclass(frozen=True, kw_only=True)
class Facts:
    """`faults`: broken rules by group, their people's included; `notes` and `advice` as (kind, parameters)."""

    faults: Mapping[str, list[tuple[str, str]]]
    notes: tuple[tuple[str, Mapping[str, Any]], ...]
    advice: tuple[tuple[str, Mapping[str, Any]], ...]
    is_published: bool
    differs: bool


def explainable(instance: Instance, solution: Solution) -> Solution:
    """The part of a hand-made board that can be explained: people in slots they did not offer are shown as problems."""
    offered = {person.id: person.slots for person in instance.people}
    wrong = {m for group in solution.groups for m in group.members if m in offered and group.slot not in offered[m]}
    if not wrong:
        return solution
    groups = tuple(
        replace(
            group, members=tuple(m for m in group.members if m not in wrong), cases=tuple(m for m in group.cases if m not in wrong),
        )
        for group in solution.groups
    )
    return Solution(groups=tuple(group for group in groups if group.members), unplaced=solution.unplaced)


def _key(round_: Round, number: int, read: Source, what: str) -> str:
    state = f"{round_.uid} {number} {round_.version} {read.digest} {what}"
    return f"beratung-board-{hashlib.sha256(state.encode()).hexdigest()[:32]}"


def why_left(
    round_: Round, number: int, read: Source, solution: Solution, people: Collection[str]
) -> dict[str, tuple[Explanation, ...]]:
    """Why these people have no place. It depends on everybody, so it is kept like the facts."""
    if not people:
        return {}
    key = _key(round_, number, read, ",".join(people))
    kept = cache.get(key)
    if kept is None:
        instance = read.instance(only={*people, *(uid for pair in read.pairs for uid in pair)})
        told = explain(instance, solution, only=set(people), screen=Screen.from_counts(instance, read.counted()))
        kept = {uid: [(item.kind, dict(item.params)) for item in items] for uid, items in told.unplaced.items()}
        cache.set(key, kept, KEEP_SECONDS)
    return {uid: tuple(Explanation(kind, params) for kind, params in items) for uid, items in kept.items()}


def facts_of(round_: Round, number: int, read: Source, solution: Solution, bound: int | None) -> Facts:
    """The facts of revision `number`. Calculated again when a registration, case, date or declaration changed."""
    key = _key(round_, number, read, "board")
    kept = cache.get(key)
    if kept is None:
        kept = _work_out(round_, read, solution, bound)
        cache.set(key, kept, KEEP_SECONDS)
    faults = {gid: [(rule, word) for rule, word in found] for gid, found in kept["faults"].items()}
    group_of = {uid: group.id for group in solution.groups for uid in group.members}
    for one, other in read.pairs:
        group = group_of.get(one)
        if group is not None and group == group_of.get(other):
            faults.setdefault(group, []).append((PAIR, "an excluded pair shares the group"))
    return Facts(
        faults=faults, notes=tuple(map(tuple, kept["notes"])), advice=tuple(map(tuple, kept["advice"])),
        is_published=kept["is_published"], differs=kept["differs"],
    )


@dataclass(frozen=True)
class _Look:
    """What is true of one group whatever the others are: broken rules as (rule, word), people who offered its date, and
    whether it fails when one of them cancels."""

    faults: tuple[tuple[str, str], ...]
    seated: int
    is_weak: bool


def _sign(group: Group) -> str:
    text = "\0".join((group.id, group.slot, group.lang, group.moderator, *group.cases, "", *group.members))
    return hashlib.blake2b(text.encode(), digest_size=9).hexdigest()


def _looks(read: Source, solution: Solution) -> list[_Look]:
    """Each group looked at. After a step on the board only the groups it touched are new: the others are kept by what they
    are made of, as long as nobody's registration, case or date changes."""
    key = f"beratung-looks-{hashlib.sha256(f'{read.sign} {read.digest} {read.rules}'.encode()).hexdigest()[:32]}"
    kept = cache.get(key) or {}
    signs = [_sign(group) for group in solution.groups]
    new = [(sign, group) for sign, group in zip(signs, solution.groups, strict=True) if sign not in kept]
    if new:
        instance = read.instance(only={m for _sign, group in new for m in group.members})
        people, facs = {p.id: p for p in instance.people}, {f.id: f for f in instance.facilitators}
        made = {sign: _look(instance, group, people, facs) for sign, group in new}
        before = kept if len(kept) < 2 * len(signs) else {sign: kept[sign] for sign in signs if sign in kept}
        kept = {**before, **made}
        cache.set(key, kept, KEEP_SECONDS)
    return [_Look(*kept[sign]) for sign in signs]


def _look(instance: Instance, group: Group, people: Mapping[str, Any], facs: Mapping[str, Any]) -> tuple[Any, ...]:
    seated = [people[m] for m in group.members if m in people and group.slot in people[m].slots]
    faults = tuple((fault.rule, fault.problem) for fault in sorted(group_faults(instance.rules, group, people, facs, {}), key=lambda f: (f.subject != group.id, f.rule)))
    return faults, len(seated), bool(seated) and bool(indispensable(seated, instance.rules.size_min, group.moderator in facs))


def _work_out(round_: Round, read: Source, solution: Solution, bound: int | None) -> dict[str, Any]:
    looks = _looks(read, solution)
    faults = {group.id: list(look.faults) for group, look in zip(solution.groups, looks, strict=True) if look.faults}
    group_of = {uid: group.id for group in solution.groups for uid in (group.id, *group.members)}
    room = {slot.id: slot.max_groups for slot in read.slots}
    for fault in whole_faults(solution, read.keys.keys(), {f.id: f for f in read.facilitators}, room):
        if fault.subject in group_of:
            faults.setdefault(group_of[fault.subject], []).append((fault.rule, fault.problem))
    # What could help is about those without a place; one group alone may take them in.
    waiting = read.instance(only={*solution.unplaced, *(solution.groups[0].members if len(solution.groups) == 1 else ())}) if solution.unplaced else None
    standing = Standing(
        people=len(read.keys), placed=sum(look.seated for look in looks), room=room, leads=read.leads,
        weak=tuple(group.id for group, look in zip(solution.groups, looks, strict=True) if look.is_weak),
        waiting=tuple(p for p in waiting.people if p.id in solution.unplaced) if waiting else (),
        groups=Counter(group.slot for group, look in zip(solution.groups, looks, strict=True) if look.seated),
    )
    published = GroupRow.objects.filter(round=round_, state="published").exists()
    return {
        "faults": faults,
        "notes": [
            (note.kind, {name: value for name, value in note.params.items() if name != "groups"})
            for note in about_round(standing, read.rules, bound=bound)
        ],
        "advice": [(item.kind, dict(item.params)) for item in advise(waiting, solution)[:ADVICE_SHOWN]] if waiting else [],
        "is_published": published,
        "differs": published and _differs(round_, read, solution),
    }


def _differs(round_: Round, read: Source, solution: Solution) -> bool:
    """Whether the board seats somebody elsewhere than the published groups do."""
    key = seats_key(round_.uid, round_.version)
    kept = cache.get(key)
    if kept is None:
        uid_of = dict(GroupRow.objects.filter(round=round_, state="published").values_list("pk", "uid"))
        seats: dict[str, list[int]] = {}
        for who, group in Membership.objects.filter(group__round=round_, group__state="published", left_at__isnull=True).values_list("registration_id", "group_id"):
            seats.setdefault(uid_of[group], []).append(who)
        kept = {uid: _short(people) for uid, people in seats.items()}
        cache.set(key, kept, KEEP_SECONDS)
    return kept != {group.id: _short(read.keys[uid] for uid in group.members) for group in solution.groups if group.members}


def _short(people: Iterable[int]) -> str:
    return hashlib.blake2b(repr(sorted(people)).encode(), digest_size=9).hexdigest()
