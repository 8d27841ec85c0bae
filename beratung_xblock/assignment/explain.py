"""Why an assignment is as it is, as kinds and parameters. Sentences are made elsewhere, through gettext.

Rule of silence: what is said about a person reads the same with and without an exclusion. A group that is closed to
somebody by an exclusion is described like any other group with a better use of the seat (``other_slot_balance``).
"""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property

from .scoring import indispensable, met_before
from .screen import Screen

#: Closed list of kinds. Who reads them renders one sentence each; parameters in brackets.
KINDS = {
    # a person who is placed
    "wish": "slot and own wish for it (slot, wish 1..3, best: no better wish was given)",
    "language": "language of the group (lang)",
    "role_moderator": "moderates as planned",
    "role_case": "own case is planned to be heard",
    "role_case_waiting": "brings a case that is not planned for this session",
    "role_adviser": "advises",
    "together_met": "wish to be with somebody is met (people)",
    "together_missed": "wish to be with somebody is not met (people)",
    "known": "knows people of the group from earlier rounds (count)",
    "other_slot_no_group": "no group meets in that slot in an own language (slot)",
    "other_slot_full": "all groups of that slot are full (slot)",
    "other_slot_balance": "the groups as a whole are better this way (slot)",
    # a group
    "led_by_member": "moderated by a member (person)",
    "led_by_facilitator": "moderated by a facilitator (facilitator)",
    "cases": "planned cases (people, count)",
    "experienced": "number of very experienced members (count)",
    "no_experience": "nobody is very experienced",
    "spare_moderators": "members who could take over moderation (count)",
    "mixed": "number of known organisations and regions, where there are several (orgs, regions)",
    "sturdy": "any single cancellation leaves a valid group",
    "fragile": "the group fails if one of these cancels (people, why: size, moderator or case)",
    # a person who is not placed
    "reason": "one of REASONS (reason)",
    "help_slot": "a group in a slot not offered has a free seat (slot, lang)",
    "help_language": "a group in an offered slot and another language has a free seat (slot, lang)",
    "help_people": "so many more people in this slot and language would make a group (slot, lang, missing)",
    "help_case": "somebody with a case in this slot and language would make a group (slot, lang)",
    "help_moderator": "somebody to moderate in this slot and language would make a group (slot, lang)",
    "help_room": "room for one more group in this slot would help (slot)",
    # the round
    "all_placed": "everybody has a place (count)",
    "best_possible": "more places are not possible (placed)",
    "at_most_more": "at most so many more places are possible (placed, more)",
    "moderators_missing": "groups that could meet if somebody moderated (slot, lang, people, missing)",
    "cases_missing": "groups that could meet if somebody brought a case (slot, lang, people)",
    "room_missing": "people wait for a slot whose rooms are all in use (slot, people)",
    "registrations_exceed_moderators": "groups that can be led in all are too few for everybody (seats, people)",
    "fragile_groups": "number of groups one cancellation can break (count, groups)",
}


@dataclass(frozen=True, slots=True)
class Explanation:
    """One statement: ``kind`` is a key of :data:`KINDS`."""

    kind: str
    params: Mapping[str, object] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Explanations:
    """Everything that can be said: by person, by group, by person not placed, and about the round."""

    people: Mapping[str, tuple]
    groups: Mapping[str, tuple]
    unplaced: Mapping[str, tuple]
    round: tuple


def explain(instance, solution, *, bound=None, only=None, screen=None):
    """Explain a valid solution; ``bound`` is the first entry of ``Result.bound`` where known.

    ``only`` limits it to these ids of groups and of people not placed; nothing is then said about the round, and with a
    ``screen`` of everybody the instance needs to hold no others than these people and those excluded with them.
    """
    view = _View(instance, solution, screen)
    groups = [g for g in solution.groups if only is None or g.id in only]
    return Explanations(
        people={m: view.person(m, g) for g in groups for m in g.members},
        groups={g.id: view.group(g) for g in groups},
        unplaced={p: view.missing(p, reason) for p, reason in solution.unplaced.items()
                  if p in view.people and (only is None or p in only)},
        round=tuple(view.round(bound)) if only is None else (),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """What the statements about a round rest on: people in all and placed, groups that one cancellation can break, people
    without a place, groups and room by slot, groups that can be led in all."""

    people: int
    placed: int
    weak: tuple
    waiting: tuple
    groups: Mapping[str, int]
    room: Mapping[str, int]
    leads: int


def about_round(standing, rules, *, bound=None):
    """What can be said about the round as a whole, without its people and groups."""
    if standing.placed == standing.people:
        yield Explanation("all_placed", {"count": standing.placed})
    elif bound is not None and bound <= standing.placed:
        yield Explanation("best_possible", {"placed": standing.placed})
    elif bound is not None:
        yield Explanation("at_most_more", {"placed": standing.placed, "more": bound - standing.placed})
    yield from _shortages(standing, rules)
    if standing.weak:
        yield Explanation("fragile_groups", {"count": len(standing.weak), "groups": standing.weak})


def _shortages(standing, rules):
    waiting = defaultdict(list)
    for person in standing.waiting:
        for slot in person.slots:
            for lang in person.langs:
                waiting[slot, lang].append(person)
    blocked = defaultdict(set)
    for (slot, lang), pool in sorted(waiting.items()):
        if standing.groups.get(slot, 0) >= standing.room[slot]:
            blocked[slot].update(p.id for p in pool)
            continue
        if len(pool) < rules.size_min:
            continue
        params = {"slot": slot, "lang": lang, "people": len(pool)}
        if not any(p.case for p in pool):
            yield Explanation("cases_missing", params)
        elif sum(p.mod for p in pool) == 0 or len({p.id for p in pool if p.mod or p.case}) < 2:
            yield Explanation("moderators_missing", {**params, "missing": -(-len(pool) // rules.size_max)})
    for slot, who in sorted(blocked.items()):
        yield Explanation("room_missing", {"slot": slot, "people": len(who)})
    if standing.leads * rules.size_max < standing.people:
        yield Explanation("registrations_exceed_moderators", {"seats": standing.leads * rules.size_max, "people": standing.people})


class _View:
    def __init__(self, instance, solution, screen=None):
        if screen is not None:
            self.screen = screen
        self.instance, self.solution, self.rules = instance, solution, instance.rules
        self.people = {p.id: p for p in instance.people}
        self.facs = {f.id: f for f in instance.facilitators}
        self.met = met_before(instance.history)
        self.by_slot = defaultdict(list)
        self.full = {}  # slot and language -> all groups there are full
        for group in solution.groups:
            self.by_slot[group.slot].append(group)
            cell = group.slot, group.lang
            self.full[cell] = self.full.get(cell, True) and len(group.members) >= self.rules.size_max
        self.friends = defaultdict(set)
        for a, b in instance.together:
            self.friends[a].add(b)
            self.friends[b].add(a)

    @cached_property
    def screen(self):
        return Screen(self.instance)

    def person(self, pid, group):
        person, inside = self.people[pid], set(group.members)
        wish = person.slots[group.slot]
        out = [Explanation("wish", {"slot": group.slot, "wish": wish, "best": wish == max(person.slots.values())}),
               Explanation("language", {"lang": group.lang}), Explanation(self._role(person, group))]
        friends = {f for f in self.friends[pid] if f in self.people}
        for kind, who in (("together_met", friends & inside), ("together_missed", friends - inside)):
            if who:
                out.append(Explanation(kind, {"people": tuple(sorted(who))}))
        known = sum(1 for m in inside if m != pid and self.met[(pid, m) if pid < m else (m, pid)])
        if known:
            out.append(Explanation("known", {"count": known}))
        out += [Explanation(self._other(person, slot), {"slot": slot}) for slot in person.slots if slot != group.slot]
        return tuple(out)

    @staticmethod
    def _role(person, group):
        if person.id == group.moderator:
            return "role_moderator"
        if person.id in group.cases:
            return "role_case"
        return "role_case_waiting" if person.case else "role_adviser"

    def _other(self, person, slot):
        there = [self.full[slot, lang] for lang in person.langs if (slot, lang) in self.full]
        if not there:
            return "other_slot_no_group"
        return "other_slot_full" if all(there) else "other_slot_balance"

    def group(self, group):
        members = [self.people[m] for m in group.members]
        led = group.moderator in self.facs
        out = [Explanation("led_by_facilitator", {"facilitator": group.moderator}) if led
               else Explanation("led_by_member", {"person": group.moderator}),
               Explanation("cases", {"people": group.cases, "count": len(group.cases)})]
        experts = sum(p.exp == 2 for p in members)
        out.append(Explanation("experienced", {"count": experts}) if experts else Explanation("no_experience"))
        spare = sum(p.mod and p.id != group.moderator and p.id not in group.cases for p in members)
        if spare:
            out.append(Explanation("spare_moderators", {"count": spare}))
        # Somebody without organisation or region stands under their own id, so that nobody is like them.
        orgs, regions = ({getattr(p, name) for p in members} - {"", *(p.id for p in members)} for name in ("org", "region"))
        if len(orgs) > 1 or len(regions) > 1:
            out.append(Explanation("mixed", {"orgs": len(orgs), "regions": len(regions)}))
        weak = indispensable(members, self.rules.size_min, led)
        if not weak:
            out.append(Explanation("sturdy"))
        elif len(members) == self.rules.size_min:
            out.append(Explanation("fragile", {"people": weak, "why": "size"}))
        else:
            givers = sum(bool(p.case) for p in members)
            why = "case" if givers == 1 or (not led and sum(p.mod for p in members) > 1) else "moderator"
            out.append(Explanation("fragile", {"people": weak, "why": why}))
        return tuple(out)

    def missing(self, pid, reason):
        person = self.people[pid]
        out = [Explanation("reason", {"reason": reason})]
        foes = self.screen.foes.get(pid, set())
        for group in self.solution.groups:
            if len(group.members) < self.rules.size_max and not foes & set(group.members):
                if group.lang in person.langs and group.slot not in person.slots:
                    out.append(Explanation("help_slot", {"slot": group.slot, "lang": group.lang}))
                elif group.slot in person.slots and group.lang not in person.langs:
                    out.append(Explanation("help_language", {"slot": group.slot, "lang": group.lang}))
        for slot in person.slots:
            if reason == "competition" and len(self.by_slot[slot]) >= self.screen.room[slot]:
                out.append(Explanation("help_room", {"slot": slot}))
            for lang in person.langs:
                out += self._cell_help(person, slot, lang)
        unique = {(e.kind, tuple(sorted(e.params.items()))): e for e in out}
        return tuple(unique.values())

    def _cell_help(self, person, slot, lang):
        if not self.screen.room[slot]:
            return [Explanation("help_room", {"slot": slot})]
        stage = self.screen.cell_stage(person, (slot, lang))
        params = {"slot": slot, "lang": lang}
        if stage == 0:
            people = self.screen.pool_of(person, (slot, lang))[0]
            return [Explanation("help_people", {**params, "missing": self.rules.size_min - people})]
        return [Explanation({1: "help_case", 2: "help_moderator"}[stage], params)] if stage < 3 else []

    def round(self, bound):
        waiting = tuple(self.people[pid] for pid in self.solution.unplaced if pid in self.people)
        weak = tuple(g.id for g in self.solution.groups
                     if indispensable([self.people[m] for m in g.members], self.rules.size_min, g.moderator in self.facs))
        standing = Standing(
            people=len(self.people), placed=sum(len(g.members) for g in self.solution.groups), weak=weak, waiting=waiting,
            groups={slot: len(groups) for slot, groups in self.by_slot.items()}, room=self.screen.room,
            leads=sum(p.mod for p in self.people.values()) + sum(f.max_groups for f in self.facs.values()),
        )
        return about_round(standing, self.rules, bound=bound)
