"""The objective of a finished solution: (placed, fairness, urgency, soft), larger is better, compared in this order.

The solver keeps its own running sums; this module recomputes everything from the ids, so that what is shown to people
never depends on the bookkeeping of a search.

Soft penalties: ``slot_pref`` (3 - wish, each person), ``size`` (distance to the target, each group), ``repeat`` (each
pair that met in an earlier round, once a round; a bonus under "stable"), ``same_org``, ``same_region`` (each pair),
``no_experience`` (nobody with exp 2), ``one_case`` (one heard case only), ``apart`` (each wish to be together not met),
``facilitator`` (led by a facilitator), ``fragile`` (some single cancellation would make the group invalid).
"""

from collections import Counter
from itertools import combinations


def met_before(history):
    """How often each pair (ordered tuple of ids) shared a group in the earlier rounds."""
    met = Counter()
    for groups in history:
        for group in groups:
            for a, b in combinations(group, 2):
                met[(a, b) if a < b else (b, a)] += 1
    return met


def circles(history):
    """For each person the numbers of the earlier groups they sat in; two people met as often as they share a number."""
    sat = {}
    number = 0
    for groups in history:
        for group in groups:
            for person in group:
                sat.setdefault(person, set()).add(number)
            number += 1
    return sat


def stands(members, size_min, led):
    """Would these people be a valid group as far as size and roles go? ``led``: by a facilitator."""
    givers = [p.id for p in members if p.case]
    mods = [p.id for p in members if p.mod]
    roles = bool(givers) and (led or (bool(mods) and len(set(givers) | set(mods)) >= 2))
    return len(members) >= size_min and roles


def indispensable(members, size_min, led):
    """Ids of the members whose cancellation alone would make the group invalid."""
    return tuple(p.id for p in members if not stands([q for q in members if q is not p], size_min, led))


def fragile(members, size_min, led):
    """Is somebody in this valid group indispensable? Counted, which is several times faster than trying everybody."""
    givers = mods = able = 0
    for p in members:
        giver = p.case > 0
        givers += giver
        mods += p.mod
        able += giver or p.mod
    return len(members) <= size_min or givers < 2 or (not led and (mods < 2 or able < 3))


def _alike(values):
    """Number of equal pairs."""
    return (sum(map(values.count, values)) - len(values)) // 2


def penalties(instance, solution):
    """Unweighted soft penalties by name."""
    rules = instance.rules
    people = {p.id: p for p in instance.people}
    facs = {f.id for f in instance.facilitators}
    sat, nowhere = circles(instance.history), frozenset()
    sign = -1 if rules.repeat_policy == "stable" else 1
    pen = dict.fromkeys(rules.weights, 0)
    group_of = {}
    for group in solution.groups:
        members = [people[m] for m in group.members]
        led = group.moderator in facs
        group_of.update((m, group.id) for m in group.members)
        before = [sat.get(m, nowhere) for m in group.members]
        pen["slot_pref"] += sum(3 - p.slots[group.slot] for p in members)
        pen["size"] += abs(len(members) - rules.size_target)
        pen["facilitator"] += led
        pen["no_experience"] += not any(p.exp == 2 for p in members)
        pen["one_case"] += len(group.cases) == 1
        pen["fragile"] += fragile(members, rules.size_min, led)
        pen["same_org"] += _alike([p.org for p in members])
        pen["same_region"] += _alike([p.region for p in members])
        if len(set().union(*before)) < sum(map(len, before)):
            pen["repeat"] += sign * sum(len(a & b) for a, b in combinations(before, 2))
    for a, b in instance.together:
        pen["apart"] += not (a in group_of and group_of[a] == group_of.get(b))
    return pen


def objective(instance, solution):
    """(placed, fairness, urgency, soft) of a valid solution."""
    people = {p.id: p for p in instance.people}
    rules = instance.rules
    placed = [m for g in solution.groups for m in g.members]
    soft = -sum(rules.weights[name] * value for name, value in penalties(instance, solution).items())
    return (len(placed), sum(people[m].waited for m in placed),
            sum(rules.urgency_weight[people[c].case] for g in solution.groups for c in g.cases), soft)
