"""Groups while they are being worked on: mutable, people as indices, roles cast only at the end."""

from dataclasses import dataclass, field

from .problem import Group, Solution


@dataclass(slots=True)
class Team:
    """One group in the making; ``leader`` is a facilitator's index or -1. Fixed members and closed teams are pinned."""

    slot: int
    lang: int
    members: list
    leader: int = -1
    id: str = ""
    closed: bool = False
    fixed: frozenset = frozenset()
    cast: tuple | None = None


@dataclass(slots=True)
class State:
    """All teams and the people who sit in none of them (only people some assignment could place)."""

    teams: list = field(default_factory=list)
    spare: list = field(default_factory=list)

    def copy(self):
        """An independent copy."""
        return State([Team(t.slot, t.lang, list(t.members), t.leader, t.id, t.closed, t.fixed, t.cast) for t in self.teams],
                     list(self.spare))


def cast(a, members, led):
    """Who moderates and whose cases are heard: the most urgent ones, as many as allowed.

    Returns (moderator index or -1 when led by a facilitator or impossible, tuple of case givers). A moderator without an
    own case is preferred, then the one whose case weighs least; the most experienced of these.
    """
    case, worth = a.case_of, a.worth_of
    givers = sorted([i for i in members if case[i]], key=lambda i: (-worth[i], -case[i], -a.waited_of[i], i))
    mod = -1
    if not led:
        mods = [i for i in members if a.mod_of[i]]
        if not mods:
            return -1, ()
        mod = min(mods, key=lambda i: (case[i] > 0, worth[i], not a.expert_of[i], i))
        givers = [i for i in givers if i != mod]
    return mod, tuple(givers[: a.rules.cases_max])


def stands(a, members, led):
    """Do size and roles allow this group?"""
    if not a.rules.size_min <= len(members) <= a.rules.size_max:
        return False
    case = a.case_of
    if led:
        return any(case[i] for i in members)
    mods = [i for i in members if a.mod_of[i]]
    givers = [i for i in members if case[i]]
    return bool(mods) and bool(givers) and (len(givers) > 1 or len(mods) > 1 or mods[0] != givers[0])


def conflicts(a, i, members):
    """Is ``i`` excluded with one of the members?"""
    foes = a.foes[i]
    return bool(foes) and any(m in foes for m in members)


def to_solution(a, state, prefix="g"):
    """Roles, ids and reasons: the finished answer. Groups are ordered by slot, language and first member."""
    people = a.instance.people
    taken = {t.id for t in state.teams if t.id}
    groups, number = [], 0
    for team in sorted(state.teams, key=lambda t: (t.slot, t.lang, min(t.members))):
        gid = team.id
        while not gid:
            number += 1
            if f"{prefix}{number}" not in taken:
                gid = f"{prefix}{number}"
        if team.cast:
            mod_id, case_ids = team.cast
        else:
            mod, cases = cast(a, team.members, team.leader >= 0)
            mod_id = a.fac_ids[team.leader] if team.leader >= 0 else people[mod].id
            case_ids = tuple(people[c].id for c in cases)
        groups.append(Group(id=gid, slot=a.slot_ids[team.slot], lang=a.lang_ids[team.lang],
                            members=tuple(people[i].id for i in sorted(team.members)), moderator=mod_id, cases=case_ids))
    placed = {i for t in state.teams for i in t.members}
    unplaced = {p.id: a.screen.reason(p) for i, p in enumerate(people) if i not in placed}
    return Solution(groups=tuple(groups), unplaced=unplaced)
