"""From the cell model's plan to real groups: moderators first, then heard cases, then the most-excluded people."""

from collections import defaultdict

from .state import State, Team, conflicts, stands


def fill(a, plan, closed=()):
    """Cut every cell of the plan into its groups, beside the ``closed`` teams. Who would break an exclusion is spare."""
    state = State(teams=list(closed))
    seated = {i for team in closed for i in team.members}
    inside = defaultdict(list)
    for i in range(a.n):
        if plan.cell[i] >= 0:
            inside[plan.cell[i]].append(i)
        elif a.alive[i] and i not in seated:
            state.spare.append(i)
    leaders = defaultdict(list)
    for f, c in plan.leaders:
        leaders[c].append(f)
    for c, (slot, lang) in enumerate(plan.cells):
        count = int(plan.groups[c])
        if count:
            heard = _heard(a, inside[c], count - len(leaders[c])) if plan.heard is None else plan.heard
            _fill_cell(a, state, slot, lang, count, inside[c], leaders[c], heard)
        else:
            state.spare += inside[c]
    return state


def _heard(a, people, mods_needed):
    """Decide whose case is heard in a cell: everybody's but those who must moderate, the least urgent of whom first."""
    mods = sorted((i for i in people if a.mod_of[i]), key=lambda i: (a.case_of[i] > 0, a.worth_of[i], i))
    keep = set(mods[:mods_needed])
    return {i: bool(a.case_of[i]) and i not in keep for i in people}


def _fill_cell(a, state, slot, lang, count, people, leaders, heard):
    teams = [Team(slot, lang, [], f) for f in leaders[:count]]
    teams += [Team(slot, lang, []) for _ in range(count - len(teams))]
    rest = set(people)
    own = [t for t in teams if t.leader < 0]
    mods = sorted((i for i in people if a.mod_of[i] and not heard[i]), key=lambda i: (a.case_of[i] > 0, -len(a.foes[i]), i))
    for team, i in zip(own, mods, strict=False):
        team.members.append(i)
        rest.discard(i)
    cases = sorted((i for i in rest if heard[i]), key=lambda i: (-len(a.foes[i]), -a.worth_of[i], i))
    load = dict.fromkeys(range(count), 0)
    for i in cases:
        _seat(a, teams, i, lambda t: (load[t], len(teams[t].members)), lambda t: load[t] < a.rules.cases_max, load, rest)
    for i in sorted(rest, key=lambda i: (-len(a.foes[i]), i)):
        if not _seat(a, teams, i, lambda t: len(teams[t].members), lambda t: True, None, None):
            state.spare.append(i)
    for team in teams:
        if stands(a, team.members, team.leader >= 0):
            state.teams.append(team)
        elif not _mend(a, team, teams):
            state.spare += team.members
            team.members = []
        else:
            state.teams.append(team)


def _seat(a, teams, i, key, allowed, load, rest):
    for t in sorted(range(len(teams)), key=lambda t: (key(t), t)):
        members = teams[t].members
        if allowed(t) and len(members) < a.rules.size_max and not conflicts(a, i, members):
            members.append(i)
            if load is not None:
                load[t] += 1
                rest.discard(i)
            return True
    return False


def _mend(a, team, teams):
    """Bring a team to its feet with people its sisters can spare."""
    for donor in sorted((t for t in teams if t is not team and t.members), key=lambda t: -len(t.members)):
        for i in list(donor.members):
            left = [m for m in donor.members if m != i]
            if (len(team.members) < a.rules.size_max and not conflicts(a, i, team.members)
                    and stands(a, left, donor.leader >= 0)):
                donor.members = left
                team.members.append(i)
                if stands(a, team.members, team.leader >= 0):
                    return True
    return False
