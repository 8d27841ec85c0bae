"""Our own check of every hard rule and every stated reason, before anything is shown or published."""

from collections import Counter, defaultdict
from dataclasses import dataclass
from itertools import combinations

from .problem import Pins
from .screen import Screen


@dataclass(frozen=True, slots=True)
class Violation:
    """A broken rule (``H1``..``H10``, ``R`` reason, ``P`` pin), the group or person it concerns, and what is wrong."""

    rule: str
    subject: str
    problem: str


def validate(instance, solution, *, pins=None):
    """All violations, an empty tuple when the solution may be published."""
    found = []
    people = {p.id: p for p in instance.people}
    facs = {f.id: f for f in instance.facilitators}
    room = {s.id: s.max_groups for s in instance.slots}
    foes = defaultdict(set)
    for a, b in instance.exclusions:
        foes[a].add(b)
        foes[b].add(a)
    for group in solution.groups:
        found += group_faults(instance.rules, group, people, facs, foes)
    found += whole_faults(solution, people.keys(), facs, room)
    found += _reason_faults(instance, solution, people, foes)
    found += _pin_faults(solution, pins or Pins())
    return tuple(sorted(set(found), key=lambda v: (v.rule, v.subject, v.problem)))


def whole_faults(solution, people, facs, room):
    """What is wrong with the groups taken together; ``people`` are the ids of everybody."""
    seats = Counter(m for g in solution.groups for m in g.members)
    for gid, count in Counter(g.id for g in solution.groups).items():
        if count > 1:
            yield Violation("H10", gid, "group id used twice")
    for slot, count in Counter(g.slot for g in solution.groups).items():
        if count > room.get(slot, 0):
            yield Violation("H8", slot, "more groups than there is room for")
    yield from _facilitator_faults(solution, facs)
    for person in people:
        if seats[person] + (person in solution.unplaced) != 1:
            yield Violation("H1", person, "must be placed once or named as not placed")
    for person in (seats.keys() | solution.unplaced.keys()) - people:
        yield Violation("H1", person, "not registered")


def group_faults(rules, group, people, facs, foes):
    """What is wrong with one group; ``people`` holds its members at least."""
    known = [people[m] for m in group.members if m in people]
    if not rules.size_min <= len(group.members) <= rules.size_max:
        yield Violation("H2", group.id, "size")
    for p in known:
        if group.slot not in p.slots:
            yield Violation("H3", p.id, "does not offer the slot")
        if group.lang not in p.langs:
            yield Violation("H4", p.id, "does not speak the language")
    inside = {p.id for p in known}
    cases = set(group.cases)
    if len(cases) != len(group.cases) or not 1 <= len(cases) <= rules.cases_max:
        yield Violation("H5", group.id, "number of cases")
    for c in sorted(cases):
        if c not in inside or not people[c].case:
            yield Violation("H5", c, "brings no case into this group")
    mod = group.moderator
    if mod in facs:
        if group.slot not in facs[mod].slots or group.lang not in facs[mod].langs:
            yield Violation("H6", group.id, "the facilitator is not available there")
    elif mod not in inside or not people[mod].mod:
        yield Violation("H6", group.id, "the moderator cannot moderate here")
    elif mod in cases:
        yield Violation("H6", group.id, "the moderator's own case is heard")
    for a, b in combinations(sorted(inside), 2):
        if b in foes.get(a, ()):
            yield Violation("H9", group.id, "an excluded pair shares the group")


def _facilitator_faults(solution, facs):
    led = [g for g in solution.groups if g.moderator in facs]
    for (fac, slot), count in Counter((g.moderator, g.slot) for g in led).items():
        if count > 1:
            yield Violation("H7", fac, f"two groups in {slot}")
    for fac, count in Counter(g.moderator for g in led).items():
        if count > facs[fac].max_groups:
            yield Violation("H7", fac, "too many groups")


def _reason_faults(instance, solution, people, foes):
    if not solution.unplaced:
        return
    screen = Screen(instance)
    by_cell = defaultdict(list)
    for group in solution.groups:
        if len(group.members) < instance.rules.size_max:
            by_cell[group.slot, group.lang].append(set(group.members))
    for pid, reason in solution.unplaced.items():
        if pid not in people:
            continue
        person = people[pid]
        if reason != screen.reason(person):
            yield Violation("R", pid, "the reason is not true")
        mine = foes.get(pid, set())
        if any(not (mine & members) for slot in person.slots for lang in person.langs for members in by_cell[slot, lang]):
            yield Violation("R", pid, "could simply be added to a group")


def _pin_faults(solution, pins):
    groups = {g.id: g for g in solution.groups}
    for pinned in pins.groups:
        got = groups.get(pinned.id)
        same = got and (got.slot, got.lang, set(got.members), got.moderator, set(got.cases)) == (
            pinned.slot, pinned.lang, set(pinned.members), pinned.moderator, set(pinned.cases))
        if not same:
            yield Violation("P", pinned.id, "a pinned group changed")
    for pin in pins.people:
        got = groups.get(pin.group)
        if got is None or pin.person not in got.members or (got.slot, got.lang) != (pin.slot, pin.lang):
            yield Violation("P", pin.person, "a pinned person was moved")
