"""What to propose to the coordinator when few people come (3 to 20) or the rules cannot be met.

The split follows practice: below 3 cancel or talk one to one, 3 meet as a Troika, 4 to 8 are one group, 9 and 10 two groups
if two people can moderate (else one group, on site only), 11 to 16 two, 17 to 24 three. A group never meets without
somebody to moderate. Proposals are never applied by themselves: a person decides.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

from .screen import Screen

#: Closed list of kinds of :class:`Proposal`.
PROPOSALS = {
    "talk_one_to_one": "fewer than three people in this slot: cancel, or talk one to one (slot, people)",
    "troika": "exactly three people: the Troika process needs neither moderator nor larger group (slot, lang, people)",
    "moderator_missing": "a group could meet if the coordinator moderated (slot, lang, people, groups)",
    "group_without_case": "a group could meet without a case: Sharing round or sample case (slot, lang, people, moderators)",
    "one_group_on_site": "nine or ten people and one moderator: one group, on site only (slot, lang, people)",
    "one_more_person": "one more person would make a group (slot, lang, people)",
}
ON_SITE_MAX = 10
TROIKA = 3


@dataclass(frozen=True, slots=True)
class Proposal:
    """``kind`` is a key of :data:`PROPOSALS`; ``params`` as written there."""

    kind: str
    params: Mapping[str, object] = field(default_factory=dict)


def groups_for(people):
    """(fewest, most) groups practice advises for so many people in one slot; (0, 0) below four."""
    if people < 4:
        return 0, 0
    if people <= 8:
        return 1, 1
    most = -(-people // 8)
    return most, most


def advise(instance, solution):
    """Proposals for the people a solution leaves without a place, best first; each person in one proposal at most."""
    people = {p.id: p for p in instance.people}
    waiting = [people[p] for p in sorted(solution.unplaced) if p in people]
    screen = Screen(instance)
    cells = {}
    for person in waiting:
        for slot in person.slots:
            for lang in person.langs:
                if screen.room[slot]:
                    cells.setdefault((slot, lang), []).append(person)
    used_rooms = {}
    for group in solution.groups:
        used_rooms[group.slot] = used_rooms.get(group.slot, 0) + 1
    out, taken = _on_site(instance, solution, waiting)
    for (slot, lang), pool in sorted(cells.items(), key=lambda item: (-len(item[1]), item[0])):
        free = [p for p in pool if p.id not in taken]
        free = _compatible(free, screen.foes)
        if not free or used_rooms.get(slot, 0) >= screen.room[slot]:
            continue
        kind, extra = _proposal(instance, solution, free)
        if kind:
            who = tuple(p.id for p in free)
            out.append(Proposal(kind, {"slot": slot, "lang": lang, "people": who, **extra}))
            taken.update(who)
    return tuple(sorted(out, key=lambda p: list(PROPOSALS).index(p.kind) if p.kind == "talk_one_to_one" else -1))


def _on_site(instance, solution, waiting):
    """(proposals, people they cover): nine or ten around a single group are one group on site, where nobody else leads."""
    if len(solution.groups) != 1 or not waiting:
        return [], set()
    group, people = solution.groups[0], {p.id: p for p in instance.people}
    more = [p for p in waiting if group.slot in p.slots and group.lang in p.langs]
    who = (*group.members, *(p.id for p in more))
    clash = any({a, b} <= set(who) for a, b in instance.exclusions)
    if not more or not 8 < len(who) <= ON_SITE_MAX or clash or sum(people[m].mod for m in who) > 1:
        return [], set()
    params = {"slot": group.slot, "lang": group.lang, "people": who}
    return [Proposal("one_group_on_site", params)], {p.id for p in more}


def _compatible(pool, foes):
    """The people of the pool without those excluded with somebody before them."""
    out = []
    for person in pool:
        if not foes.get(person.id, set()) & {q.id for q in out}:
            out.append(person)
    return out


def _proposal(instance, solution, free):
    size_min = instance.rules.size_min
    mods = [p.id for p in free if p.mod]
    givers = [p for p in free if p.case]
    if len(free) < TROIKA:
        return ("talk_one_to_one", {}) if not solution.groups else (None, {})
    if len(free) == TROIKA < size_min:
        return "troika", {}
    if len(free) < size_min:
        return ("one_more_person", {}) if len(free) == size_min - 1 else (None, {})
    if not givers and mods:
        return "group_without_case", {"moderators": tuple(mods)}
    if givers and (not mods or (len(mods) == 1 and len(givers) == 1 and givers[0].id == mods[0])):
        return "moderator_missing", {"groups": max(1, groups_for(len(free))[0])}
    return None, {}
