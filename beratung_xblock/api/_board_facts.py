"""What is true of a board as a whole: broken rules, notes, advice. Worked out once for each state of the round, then kept."""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from typing import Any

from beratung_xblock.assignment import Explanation, Instance, Solution, about_round, advise, explain
from beratung_xblock.kept import cache
from beratung_xblock.models import Group, Membership, Round

from ._instance import KEEP_SECONDS, Source
from ._proposals import problems

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
        instance = read.everybody
        told = explain(instance, explainable(instance, solution), only=set(people))
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


def _work_out(round_: Round, read: Source, solution: Solution, bound: int | None) -> dict[str, Any]:
    instance = read.everybody
    found = problems(instance, solution)
    faults: dict[str, list[tuple[str, str]]] = defaultdict(list)
    for group in solution.groups if found else ():
        for subject in (group.id, *group.members):
            faults[group.id] += [(rule, word) for rule, word in found.get(subject, ()) if rule != PAIR]
    published = Group.objects.filter(round=round_, state="published").exists()
    return {
        "faults": {gid: items for gid, items in faults.items() if items},
        "notes": [
            (note.kind, {name: value for name, value in note.params.items() if name != "groups"})
            for note in about_round(instance, explainable(instance, solution), bound=bound)
        ],
        "advice": [(item.kind, dict(item.params)) for item in advise(instance, solution)[:ADVICE_SHOWN]]
        if solution.unplaced else [],
        "is_published": published,
        "differs": published and _differs(round_, read, solution),
    }


def _differs(round_: Round, read: Source, solution: Solution) -> bool:
    uid_of = dict(Group.objects.filter(round=round_, state="published").values_list("pk", "uid"))
    seats = {
        (who, uid_of[group]) for who, group in
        Membership.objects.filter(group__round=round_, group__state="published", left_at__isnull=True).values_list("registration_id", "group_id")
    }
    return seats != {(read.keys.get(uid), group.id) for group in solution.groups for uid in group.members}
