"""After something changed: keep what was, nobody dropped if avoidable, fewest changes, then the objective.

A change is a cancellation, a late sign-up, a lost slot, a facilitator who is ill, a conflict declared. The old groups are
read against the new instance: whoever cannot stay (not registered any more, slot or language no longer fits, excluded now)
leaves. Groups that no longer stand are helped first by new people, then by one person moved from a group that can spare
one, then by a facilitator; only a group nothing can help is closed, and its people are seated elsewhere by chains. Where all
that would cost somebody the place, annealing looks for a way that does not.
Group ids stay. A person counts as changed when group, slot or placement differ.
"""

from itertools import chain, repeat

import numpy as np

from .arrays import Arrays
from .errors import Cancelled
from .further import look_further
from .mend import Mender
from .pinning import pinned_teams, require_kept
from .problem import Pins, Result
from .prove import quick_bound
from .schema import require_sound
from .scoring import objective
from .state import State, Team, conflicts, to_solution
from .table import Table


def reassign(instance, before, *, seed=1, pins=None, progress=None, cancelled=None):
    """A :class:`Result` for the changed ``instance`` that stays as close to ``before`` as the rules allow.

    ``changed`` names everybody of both rounds whose group, slot or placement differs, ``dropped`` those who had a place
    and have none. The bound is the counted one (nobody is placed whom no assignment could place). ``seed`` matters only where
    somebody would lose a place and the search has to go further than mending; all through that search ``progress(fraction,
    stage)`` is called and ``cancelled()`` asked: true raises :class:`Cancelled`.
    """
    table = Table(instance.people)
    require_sound(instance, table)

    def step(fraction):
        if cancelled is not None and cancelled():
            raise Cancelled("reassign")
        if progress is not None:
            progress(round(fraction, 3), "reassign")

    step(0.0)
    a = Arrays(instance, relations=False, table=table)
    pinned = pinned_teams(a, pins or Pins())
    state = _carry(a, before, pinned)
    placed = {a.index[m] for g in before.groups for m in g.members if m in a.index and a.stage[a.index[m]] == 3}
    Mender(a, state, placed).mend()
    require_kept(a, state)
    if not placed.isdisjoint(state.spare):
        state = look_further(a, before, state, placed, seed=seed, pins=pins, step=lambda done: step(0.1 + 0.85 * done))
    _keep_roles(a, before, state)
    solution = to_solution(a, state)
    changed, dropped = differences(instance, before, solution)
    if progress is not None:
        progress(1.0, "done")
    return Result(solution=solution, objective=objective(instance, solution, table), bound=quick_bound(a), changed=changed, dropped=dropped)


def differences(instance, before, after):
    """(changed, dropped): ids of people of both rounds whose group, slot or placement differs, and who lost the place."""
    kept = {(g.id, g.slot, g.members) for g in before.groups} & {(g.id, g.slot, g.members) for g in after.groups}
    old, new = ({m: (g.id, g.slot) for g in groups if (g.id, g.slot, g.members) not in kept for m in g.members}
                for groups in (before.groups, after.groups))
    known = {p.id for p in instance.people}
    changed = sorted(m for m in (old.keys() | set(before.unplaced)) & known if old.get(m) != new.get(m))
    return tuple(changed), tuple(m for m in changed if m in old and m not in new)


def _carry(a, before, pinned):
    """The old groups as far as they can be carried over; everybody else who can be placed is spare."""
    state = State(teams=list(pinned))
    taken = {i for t in pinned for i in t.members}
    by_id, people = {t.id: t for t in pinned}, a.instance.people
    unchanged = _unchanged(a, before.groups)
    used = dict.fromkeys(range(a.n_slots), 0)
    for team in pinned:
        used[team.slot] += 1
    for group, whole in zip(before.groups, unchanged, strict=True):
        slot, lang = a.slot_index.get(group.slot, -1), a.lang_index.get(group.lang, -1)
        own = by_id.get(group.id)
        if slot < 0 or lang < 0 or (own is None and used[slot] >= a.room[slot]) or (own is not None and own.closed):
            continue
        team = own or Team(slot, lang, [], -1, group.id)
        if own is None:
            used[slot] += 1
            state.teams.append(team)
        elif (own.slot, own.lang) != (slot, lang):
            continue
        if whole and own is None and taken.isdisjoint(whole):
            team.members = whole
            taken.update(whole)
            team.leader = a.fac_index.get(group.moderator, -1)
            continue
        there = sorted(a.index[m] for m in group.members if m in a.index)
        if any(a.foes[i] for i in there):
            there.sort(key=lambda i: len(a.foes[i]))
        for i in there:
            p = people[i]
            if i not in taken and group.slot in p.slots and group.lang in p.langs and not conflicts(a, i, team.members):
                team.members.append(i)
                taken.add(i)
        team.leader = a.fac_index.get(group.moderator, team.leader)
    _release(a, state)
    state.spare = [i for i in a.alive.nonzero()[0].tolist() if i not in taken]
    return state


def _unchanged(a, groups):
    """For each old group its members, sorted, where all of them can stay as far as slot, language and exclusions go; else an empty list."""
    sizes = np.fromiter((len(g.members) for g in groups), dtype=np.int64, count=len(groups))
    who = np.fromiter(map(a.index.get, chain.from_iterable(g.members for g in groups), repeat(-1)), dtype=np.int64, count=int(sizes.sum()))
    slot, lang = (np.repeat(np.array([index.get(getattr(g, name), -1) for g in groups], dtype=np.int64), sizes)
                  for name, index in (("slot", a.slot_index), ("lang", a.lang_index)))
    home = np.repeat(np.arange(len(groups)), sizes)
    good = (who >= 0) & (slot >= 0) & (lang >= 0) & (a.wish[who, slot] > 0) & a.speaks[who, lang]
    careful = set(home[~good].tolist())
    if len(np.unique(who)) < len(who):
        careful.update(range(len(groups)))
    place = np.full(a.n + 1, -1)
    place[who] = home
    careful.update(int(place[i]) for i, foes in enumerate(a.foes) if foes and any(place[j] == place[i] for j in foes))
    flat, ends = who.tolist(), np.cumsum(sizes).tolist()
    return [[] if n in careful else sorted(flat[end - size : end]) for n, (size, end) in enumerate(zip(sizes.tolist(), ends, strict=True))]


def _release(a, state):
    """Take leaders away where they are no longer free."""
    busy, duty = set(), a.fac_max.copy()
    for team in sorted(state.teams, key=lambda t: not t.closed):
        f = team.leader
        if f < 0:
            continue
        if a.fac_slots[f, team.slot] and a.fac_langs[f, team.lang] and (f, team.slot) not in busy and duty[f] > 0:
            busy.add((f, team.slot))
            duty[f] -= 1
        else:
            team.leader = -1


def _keep_roles(a, before, state):
    """Nobody's role changes without need: moderator and cases stay where they still hold."""
    old = {g.id: g for g in before.groups}
    for team in state.teams:
        group = old.get(team.id)
        if group is None or team.cast:
            continue
        members = {a.instance.people[i].id for i in team.members}
        own = group.moderator in members and a.mod_of[a.index[group.moderator]]
        led = team.leader >= 0 and a.fac_ids[team.leader] == group.moderator
        cases = tuple(c for c in group.cases if c in members and a.case_of[a.index[c]])
        held = cases == group.cases and 0 < len(cases) <= a.rules.cases_max and group.moderator not in cases
        if held and (led or (team.leader < 0 and own)):
            team.cast = (group.moderator, cases)
