"""Where mending would cost somebody the place: a search that keeps people in their places, and moves as few as it can.

It plays another game than the round's own: a place for everybody who had one comes first, then to sit with the same people in
the same slot as before. Annealing starts from the mended groups; small rounds are dealt anew under that game if it does not help.
What no assignment could keep is found out first, so that nobody waits for a search in vain.
"""

from dataclasses import replace

from .arrays import Arrays
from .errors import ImpossiblePins
from .polish import anneal, budget
from .problem import Pins
from .prove import most_places
from .solve import solve
from .state import State, Team

#: Up to so many people annealing is tried, is dealing anew, is annealing tried even if it can only spare people a move.
WIDEST, ANEW, SMALL = 3000, 400, 150
#: What a place is worth to those who had one, as rounds waited.
HAD_A_PLACE = 20


def look_further(a, before, state, placed, *, seed, pins=None, step=lambda done: None):
    """The state that drops the fewest of ``placed`` (indices of people who had a place), then moves the fewest; ``state`` if
    nothing better is found. ``step(fraction)`` is called now and then and may raise to end the search."""
    step(0.0)
    seated = {i for t in state.teams for i in t.members}
    pinned = [t for t in state.teams if t.closed or t.fixed]
    newcomers = len(seated - placed)
    needless = a.n > SMALL and not newcomers and len(seated) >= most_places(a, len(seated), pinned)
    if a.n > WIDEST or needless:
        return state
    old = {a.index[m]: g for g in before.groups for m in g.members if m in a.index}

    def loss(candidate):
        group = {i: t.id for t in candidate.teams for i in t.members}
        return len(placed - group.keys()), sum(group.get(i) != g.id for i, g in old.items())

    game = _game(a, before, old, placed)
    b = budget(a.n, "normal")
    found = anneal(Arrays(game), [state], seed=seed, copies=b.copies, batch=b.batch, steps=b.explore, hot=b.hot, soft=b.soft,
                   tick=lambda done: step(0.05 + 0.35 * done))
    step(0.4)
    best = min([state, *(s for _, s in found)], key=loss)
    if loss(best)[0] and a.n <= ANEW and (newcomers or len(placed) - loss(best)[0] < most_places(a, len(seated), pinned)):
        best = min([best, *_anew(a, game, before, pinned, seed, pins, lambda done, _: step(0.4 + 0.6 * done))], key=loss)
    return best


def _game(a, before, old, placed):
    """The instance whose best groups are the ones nearest to ``before``."""
    instance = a.instance
    people = tuple(
        replace(p, slots={s: 3 if i in old and s == old[i].slot else 2 for s in p.slots}, waited=HAD_A_PLACE * (i in placed))
        for i, p in enumerate(instance.people))
    weights = {**dict.fromkeys(instance.rules.weights, 0), "repeat": 4, "slot_pref": 2}
    rules = replace(instance.rules, repeat_policy="stable", urgency_weight={1: 0, 2: 0, 3: 0}, weights=weights)
    return replace(instance, people=people, rules=rules, together=(), history=(tuple(g.members for g in before.groups),))


def _anew(a, game, before, pinned, seed, pins, progress):
    """The game solved from scratch, its groups named after the old ones they are most like; none when pins stand in the way."""
    try:
        groups = solve(game, seed=seed, effort="quick", pins=pins or Pins(), progress=progress).solution.groups
    except ImpossiblePins:
        return
    kept = {t.id: t for t in pinned}
    names = {g.id: g for g in before.groups if g.id not in kept}
    pairs = sorted(((-len({*g.members} & {*o.members}), n, o.id) for n, g in enumerate(groups) for o in names.values()
                    if g.id not in kept and g.slot == o.slot and not {*g.members}.isdisjoint(o.members)))
    name, used = {}, set()
    for _, n, old_id in pairs:
        if n not in name and old_id not in used:
            name[n] = old_id
            used.add(old_id)
    teams = []
    for n, g in enumerate(groups):
        members = [a.index[m] for m in g.members]
        leader = a.fac_ids.index(g.moderator) if g.moderator in a.fac_ids else -1
        if g.id in kept:
            own = kept[g.id]
            teams.append(own if own.closed else replace(own, members=members, leader=leader))
        else:
            teams.append(Team(a.slot_index[g.slot], a.lang_index[g.lang], members, leader, name.get(n, "")))
    seated = {i for t in teams for i in t.members}
    yield State(teams, [i for i in range(a.n) if a.alive[i] and i not in seated])
