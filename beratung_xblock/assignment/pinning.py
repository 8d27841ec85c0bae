"""Pins: what a person decided becomes teams to begin with; what cannot be kept is named, all of it at once."""

from collections import Counter

from .errors import ImpossiblePins
from .problem import PinProblem
from .state import Team, conflicts, stands


def pinned_teams(a, pins):
    """Teams for all pins; raises :class:`ImpossiblePins` when some contradict the rules or each other.

    Facilitators of pinned groups keep their place. Seat pins make a team that is still too small perhaps; the search
    completes it or :func:`require_kept` names it.
    """
    problems, teams = [], {}
    seats = Counter(m for g in pins.groups for m in g.members) + Counter(p.person for p in pins.people)
    for person, count in seats.items():
        if count > 1:
            problems.append(PinProblem(kind="pinned_twice", person=person))
        if person not in a.index:
            problems.append(PinProblem(kind="unknown_person", person=person))
    for group in pins.groups:
        problems += _closed(a, group, teams)
    for pin in pins.people:
        problems += _seat(a, pin, teams)
    for team in teams.values():
        problems += _inside(a, team)
    for slot, count in Counter(t.slot for t in teams.values()).items():
        if count > a.room[slot]:
            problems += [PinProblem(kind="slot_full", group=t.id) for t in teams.values() if t.slot == slot]
    problems += _leaders(a, teams)
    if problems:
        raise ImpossiblePins(sorted(set(problems), key=lambda p: (p.kind, p.group, p.person)))
    return list(teams.values())


def _closed(a, group, teams):
    if group.slot not in a.slot_index:
        yield PinProblem(kind="unknown_slot", group=group.id)
        return
    if group.id in teams:
        yield PinProblem(kind="pinned_twice", group=group.id)
    members = [a.index[m] for m in group.members if m in a.index]
    leader = a.fac_ids.index(group.moderator) if group.moderator in a.fac_ids else -1
    team = Team(a.slot_index[group.slot], a.lang_index.get(group.lang, -1), members, leader, group.id, True,
                frozenset(members), (group.moderator, group.cases))
    teams[group.id] = team
    mod, cases = a.index.get(group.moderator, -1), [a.index.get(c, -1) for c in group.cases]
    sound = (stands(a, members, leader >= 0) and 0 < len(set(cases)) == len(cases) <= a.rules.cases_max
             and all(c in members and a.case[c] for c in cases))
    if leader < 0:
        sound = sound and mod in members and bool(a.mod[mod]) and mod not in cases
    if not sound:
        yield PinProblem(kind="group_not_valid", group=group.id)


def _seat(a, pin, teams):
    if pin.slot not in a.slot_index:
        yield PinProblem(kind="unknown_slot", group=pin.group, person=pin.person)
        return
    if pin.person not in a.index:
        return
    slot, lang = a.slot_index[pin.slot], a.lang_index.get(pin.lang, -1)
    team = teams.setdefault(pin.group, Team(slot, lang, [], -1, pin.group))
    if team.closed:
        yield PinProblem(kind="pinned_twice", group=pin.group, person=pin.person)
    elif (team.slot, team.lang) != (slot, lang):
        yield PinProblem(kind="two_places", group=pin.group, person=pin.person)
    else:
        team.members.append(a.index[pin.person])
        team.fixed = frozenset(team.members)


def _inside(a, team):
    ids = [p.id for p in a.instance.people]
    for i in team.members:
        if not a.wish[i, team.slot]:
            yield PinProblem(kind="slot_not_offered", group=team.id, person=ids[i])
        if team.lang < 0 or not a.speaks[i, team.lang]:
            yield PinProblem(kind="language_not_spoken", group=team.id, person=ids[i])
        if conflicts(a, i, team.members):
            yield PinProblem(kind="excluded_pair", group=team.id, person=ids[i])
    if len(team.members) > a.rules.size_max:
        yield PinProblem(kind="group_too_large", group=team.id)


def _leaders(a, teams):
    led = [t for t in teams.values() if t.leader >= 0]
    places = Counter((t.leader, t.slot) for t in led)
    total = Counter(t.leader for t in led)
    for team in led:
        f = team.leader
        free = a.fac_slots[f, team.slot] and team.lang >= 0 and a.fac_langs[f, team.lang]
        if not free or places[f, team.slot] > 1 or total[f] > a.fac_max[f]:
            yield PinProblem(kind="facilitator_not_free", group=team.id)


def require_kept(a, state):
    """Raise :class:`ImpossiblePins` naming every pinned team that could not be made a valid group."""
    bad = [t for t in state.teams if t.fixed and not stands(a, t.members, t.leader >= 0)]
    if bad:
        raise ImpossiblePins([PinProblem(kind="cannot_be_completed", group=t.id) for t in bad])
