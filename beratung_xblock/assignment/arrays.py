"""The instance as numpy arrays, people as indices; the form every stage of the solver works on.

Person index ``n`` (one past the last) is a dummy used as padding: no wishes, no case, no relations.
Relations between people (met before, wish to be together, exclusion; for small rounds also same organisation and
region) are one weighted graph. Up to :data:`DENSE_LIMIT` people it is a matrix, above that padded neighbour lists.
"""

from functools import cached_property

import numpy as np

from .groupcost import GroupCost
from .scoring import met_before
from .screen import Screen
from .table import Table, numbered

#: Weight of an excluded pair: larger than anything soft, so that one running sum serves both.
FOE = 20_000
DENSE_LIMIT = 2500
#: People with more relations than this are never moved by the annealer (they can be moved by repair).
DEGREE_LIMIT = 512


class Arrays:
    """Compiled form of one instance. ``alive[i]`` is false for people no assignment can place.

    What is asked person by person is also there as a plain list (``case_of``, ``mod_of``, ...), several times faster to read
    than an array. ``relations=False`` leaves out what only annealing and proofs of comfort need.
    """

    def __init__(self, instance, *, relations=True, table=None):
        self.instance = instance
        self.rules = rules = instance.rules
        people = instance.people
        self.table = t = table or Table(people)
        self.n, self.index = t.size, t.index
        self.slot_ids = [s.id for s in instance.slots]
        self.slot_index = {s: k for k, s in enumerate(self.slot_ids)}
        self.lang_ids = sorted({lang for own in set(map(tuple, t.langs)) for lang in own})
        self.lang_index = {lang: k for k, lang in enumerate(self.lang_ids)}
        self.n_slots, self.n_langs = len(self.slot_ids), len(self.lang_ids)
        self.room = np.array([s.max_groups for s in instance.slots], dtype=np.int64)
        self._people()
        self.screen = Screen(instance, self.pools())
        self.stage = self._stages()
        self.alive = np.append(np.array(self.stage, dtype=np.int64) == 3, False)
        self._facilitators(instance.facilitators)
        self._exclusions(instance)
        if relations:
            self._relations(instance)
        self.weights = rules.weights
        worth = [0] + [rules.urgency_weight[k] for k in (1, 2, 3)]
        self.urgency = np.array(worth, dtype=np.int64)
        self.case_of, self.mod_of, self.waited_of = t.case, t.mod, t.waited
        self.expert_of = self.expert[:-1].tolist()
        self.worth_of = [worth[c] for c in t.case]

    @cached_property
    def group_cost(self):
        """What groups of this round cost by composition."""
        return GroupCost(self)

    @cached_property
    def offers(self):
        """The slots each person offers, of those with room for a group."""
        rooms = self.room.tolist()
        return [[self.slot_index[s] for s in own if rooms[self.slot_index[s]]] for own in self.table.slots]

    @cached_property
    def langs(self):
        """The languages each person speaks."""
        return [[self.lang_index[lang] for lang in own] for own in self.table.langs]

    def _people(self):
        n, t = self.n, self.table
        self.wish = np.zeros((n + 1, max(1, self.n_slots)), dtype=np.int8)
        self.speaks = np.zeros((n + 1, max(1, self.n_langs)), dtype=bool)
        self.offered = who, slot = t.pairs(t.slots, self.slot_index)
        self.wish[who, slot] = np.fromiter(t.wishes(), dtype=np.int8, count=len(who))
        self.speaks[t.pairs(t.langs, self.lang_index)] = True
        self.case = np.array([*t.case, 0], dtype=np.int8)
        self.mod = np.array([*t.mod, False], dtype=bool)
        self.expert = np.array([*t.exp, 0], dtype=np.int64) == 2
        self.waited = np.array([*t.waited, 0], dtype=np.int64)
        # One small number per person for everything roles depend on: case (0..3) + 4 * may moderate.
        self.kind = self.case + 4 * self.mod.astype(np.int8)

    def pools(self):
        """Who could meet in each cell with room, as :class:`.Screen` counts it."""
        who, slot = self.offered
        case, mod = self.case > 0, self.mod
        counts = np.zeros((max(1, self.n_slots), self.n_langs, 4), dtype=np.int64)
        for k in range(self.n_langs):
            able = self.speaks[:, k]
            for place, kind in enumerate((able, able & case, able & mod, able & case & mod)):
                counts[:, k, place] = np.bincount(slot[kind[who]], minlength=len(counts))
        return {(self.slot_ids[s], self.lang_ids[k]): counts[s, k].tolist()
                for s, k in np.argwhere(counts[:, :, 0]).tolist() if self.room[s]}

    def _stages(self):
        """The stage of each person; one by one only where somebody is excluded or no cell of the own gets all the way."""
        screen, n = self.screen, self.n
        best = np.zeros((max(1, self.n_slots), max(1, self.n_langs)), dtype=bool)
        for slot, lang in screen.promising():
            best[self.slot_index[slot], self.lang_index[lang]] = True
        who, offered = self.offered
        fine = np.zeros(n, dtype=bool)
        fine[who[(best[offered] & self.speaks[who]).any(1)]] = True
        stages = np.where(fine, 3, 0).tolist()
        people, foes = self.instance.people, screen.foes
        careful = {self.index[p] for p in foes if p in self.index} if foes else set()
        for i in careful.union(np.flatnonzero(~fine).tolist()):
            stages[i] = screen.stage(people[i])
        return stages

    def _facilitators(self, facs):
        self.fac_ids = [f.id for f in facs]
        self.fac_index = {f: k for k, f in enumerate(self.fac_ids)}
        self.fac_slots = np.zeros((len(facs), max(1, self.n_slots)), dtype=bool)
        self.fac_langs = np.zeros((len(facs), max(1, self.n_langs)), dtype=bool)
        self.fac_max = np.array([f.max_groups for f in facs], dtype=np.int64)
        for k, f in enumerate(facs):
            self.fac_slots[k, [self.slot_index[s] for s in f.slots]] = True
            self.fac_langs[k, [self.lang_index[lang] for lang in f.langs if lang in self.lang_index]] = True

    def _exclusions(self, instance):
        index = self.index
        self.foes = [set() for _ in range(self.n)]
        for a, b in instance.exclusions:
            if a in index and b in index:
                i, j = index[a], index[b]
                self.foes[i].add(j)
                self.foes[j].add(i)

    def _relations(self, instance):
        n, weights, t = self.n, self.rules.weights, self.table
        self.org, self.region = (np.append(numbered(names)[0], -1).astype(np.int32) for names in (t.org, t.region))
        sign = -1 if self.rules.repeat_policy == "stable" else 1
        graph = {}
        index = self.index
        for (a, b), count in met_before(instance.history).items():
            if a in index and b in index and a != b:
                graph[index[a], index[b]] = sign * weights["repeat"] * count
        self.apart = 0                      # penalty of all wishes to be together, before any is met
        for a, b in instance.together:
            self.apart += weights["apart"]
            if a in index and b in index:
                key = (index[a], index[b]) if a < b else (index[b], index[a])
                graph[key] = graph.get(key, 0) - weights["apart"]
        for i in range(n):
            for j in self.foes[i]:
                if instance.people[i].id < instance.people[j].id:
                    graph[i, j] = FOE
        self.dense = n <= DENSE_LIMIT
        keys = np.array(list(graph), dtype=np.int64).reshape(-1, 2)
        values = np.array(list(graph.values()), dtype=np.int32)
        if self.dense:
            self.matrix = np.zeros((n + 1, n + 1), dtype=np.int32)
            self.matrix += weights["same_org"] * (self.org[:, None] == self.org[None, :])
            self.matrix += weights["same_region"] * (self.region[:, None] == self.region[None, :])
            np.add.at(self.matrix, (keys[:, 0], keys[:, 1]), values)
            np.add.at(self.matrix, (keys[:, 1], keys[:, 0]), values)
            np.fill_diagonal(self.matrix, 0)
            self.matrix[n, :] = self.matrix[:, n] = 0
            self.rooted = np.zeros(n + 1, dtype=bool)
        else:
            self._neighbours(keys, values)

    def _neighbours(self, keys, values):
        n = self.n
        src = np.concatenate([keys[:, 0], keys[:, 1]])
        dst = np.concatenate([keys[:, 1], keys[:, 0]])
        val = np.concatenate([values, values])
        order = np.lexsort((dst, src))
        src, dst, val = src[order], dst[order], val[order]
        degree = np.bincount(src, minlength=n + 1)
        self.rooted = degree > DEGREE_LIMIT
        width = max(1, int(np.minimum(degree, DEGREE_LIMIT).max(initial=0)))
        start = np.concatenate([[0], np.cumsum(degree)])[:-1]
        rank = np.arange(len(src)) - start[src]
        keep = rank < width
        self.near = np.full((n + 1, width), n, dtype=np.int32)
        self.near_weight = np.zeros((n + 1, width), dtype=np.int32)
        self.near[src[keep], rank[keep]] = dst[keep]
        self.near_weight[src[keep], rank[keep]] = val[keep]

    def fits(self, i, slot, lang):
        """Can person ``i`` attend a group in this slot and language?"""
        return self.wish[i, slot] > 0 and self.speaks[i, lang]
