"""The objective of a finished solution: (placed, fairness, urgency, soft), larger is better, compared in this order.

The solver keeps its own running sums; this module recomputes everything from the ids, so that what is shown to people
never depends on the bookkeeping of a search.

Soft penalties: ``slot_pref`` (3 - wish, each person), ``size`` (distance to the target, each group), ``repeat`` (each
pair that met in an earlier round, once a round; a bonus under "stable"), ``same_org``, ``same_region`` (each pair),
``no_experience`` (nobody with exp 2), ``one_case`` (one heard case only), ``apart`` (each wish to be together not met),
``facilitator`` (led by a facilitator), ``fragile`` (some single cancellation would make the group invalid).
"""

from collections import Counter
from itertools import chain, combinations, repeat
from operator import getitem

import numpy as np

from .table import Table, alike, numbered


def met_before(history):
    """How often each pair (ordered tuple of ids) shared a group in the earlier rounds."""
    met = Counter()
    for groups in history:
        for group in groups:
            for a, b in combinations(group, 2):
                met[(a, b) if a < b else (b, a)] += 1
    return met


def stands(members, size_min, led):
    """Would these people be a valid group as far as size and roles go? ``led``: by a facilitator."""
    givers = [p.id for p in members if p.case]
    mods = [p.id for p in members if p.mod]
    roles = bool(givers) and (led or (bool(mods) and len(set(givers) | set(mods)) >= 2))
    return len(members) >= size_min and roles


def indispensable(members, size_min, led):
    """Ids of the members whose cancellation alone would make the group invalid."""
    return tuple(p.id for p in members if not stands([q for q in members if q is not p], size_min, led))


class Score:
    """The objective of one solution; ``table`` holds the people of the instance."""

    def __init__(self, instance, solution, table):
        self.instance, self.rules, self.t = instance, instance.rules, table
        self.groups = solution.groups
        self.sizes = np.array([len(g.members) for g in self.groups], dtype=np.int64)
        self.count = len(self.groups)
        self.home = np.repeat(np.arange(self.count), self.sizes)
        self.who = self._numbers(chain.from_iterable(g.members for g in self.groups), len(self.home))

    def _numbers(self, ids, count):
        return np.fromiter(map(self.t.index.__getitem__, ids), dtype=np.int64, count=count)

    def per_group(self, flags):
        """How many members of each group have a mark, of which there is one a person."""
        return np.bincount(self.home, weights=np.asarray(flags)[self.who], minlength=self.count).astype(np.int64)

    def penalties(self):
        """Unweighted soft penalties by name."""
        rules, t = self.rules, self.t
        sizes, case, mod = self.sizes, np.array(t.case, dtype=np.int64) > 0, np.array(t.mod, dtype=bool)
        givers, mods, able = self.per_group(case), self.per_group(mod), self.per_group(case | mod)
        facs = {f.id for f in self.instance.facilitators}
        led = np.array([g.moderator in facs for g in self.groups], dtype=bool)
        wishes = map(getitem, map(t.slots.__getitem__, self.who.tolist()), chain.from_iterable(repeat(g.slot, len(g.members)) for g in self.groups))
        return {
            "slot_pref": 3 * len(self.who) - sum(wishes),
            "size": int(np.abs(sizes - rules.size_target).sum()),
            "repeat": self._repeat(),
            "same_org": self._same(t.org),
            "same_region": self._same(t.region),
            "no_experience": int((self.per_group(np.array(t.exp, dtype=np.int64) == 2) == 0).sum()),
            "one_case": sum(len(g.cases) == 1 for g in self.groups),
            "apart": self._apart(),
            "facilitator": int(led.sum()),
            # Some single cancellation would break it: counted, which is what :func:`indispensable` finds by trying everybody.
            "fragile": int(((sizes <= rules.size_min) | (givers < 2) | (~led & ((mods < 2) | (able < 3)))).sum()),
        }

    def _same(self, names):
        numbers, width = numbered(names)
        return alike(self.home, numbers[self.who], width)

    def _repeat(self):
        """Two people met as often as they share a number of an earlier group."""
        groups = [group for earlier in self.instance.history for group in earlier]
        if not groups or not self.count:
            return 0
        place = np.full(self.t.size + 1, -1)
        place[self.who] = self.home
        sizes = np.fromiter(map(len, groups), dtype=np.int64, count=len(groups))
        who = np.fromiter(map(self.t.index.get, chain.from_iterable(groups), repeat(-1)), dtype=np.int64, count=int(sizes.sum()))
        home, earlier = place[who], np.repeat(np.arange(len(groups)), sizes)
        there = home >= 0
        times = alike(home[there], earlier[there], len(groups))
        return -times if self.rules.repeat_policy == "stable" else times

    def _apart(self):
        if not self.instance.together:
            return 0
        home = dict(zip(self.who.tolist(), self.home.tolist(), strict=True))
        index = self.t.index
        places = ((home.get(index.get(a, -1), -1), home.get(index.get(b, -1), -2)) for a, b in self.instance.together)
        return sum(one != other for one, other in places)

    def levels(self):
        """(placed, fairness, urgency, soft)."""
        rules, t = self.rules, self.t
        heard = self._numbers(chain.from_iterable(g.cases for g in self.groups), sum(len(g.cases) for g in self.groups))
        waited = sum(map(t.waited.__getitem__, self.who.tolist()))
        urgency = sum(rules.urgency_weight[t.case[i]] for i in heard.tolist())
        penalties = self.penalties()
        return len(self.who), waited, urgency, -sum(rules.weights[name] * penalties[name] for name in rules.weights)


def objective(instance, solution, table=None):
    """(placed, fairness, urgency, soft) of a valid solution; ``table`` of the people, where it is there already, saves making it."""
    return Score(instance, solution, table or Table(instance.people)).levels()
