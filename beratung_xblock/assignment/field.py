"""Many copies of one assignment as flat arrays, the board the annealer plays on.

A *row* is one group of one copy, ``size_max`` seats wide and padded with the dummy person. Spare people sit in rows
without a slot; such a row costs nothing and anybody fits in. Closed teams are left out: nothing about them can change.
"""

import numpy as np

from .groupcost import PLACE, URGENCY, WAITED
from .state import State, Team

#: Numbers kept at most to know how many of each organisation and region sit in each row.
TALLIES = 40_000_000


class Field:
    """``copies`` equal copies of ``states`` (repeated in turn) with running scores."""

    def __init__(self, a, states, copies, empty=0):
        self.a, self.copies = a, copies
        self.closed = [t for t in states[0].teams if t.closed]
        self.width = w = a.rules.size_max
        self.states = [states[r % len(states)] for r in range(copies)]
        opened = [[t for t in s.teams if not t.closed] for s in self.states]
        real = max(len(o) for o in opened) + empty
        blank = max(-(-len(s.spare) // w) for s in self.states)
        self.real, self.per_copy = real, real + blank
        total = copies * self.per_copy
        self.members = np.full((total, w), a.n, dtype=np.int32)
        self.slot = np.full(total, -1, dtype=np.int32)
        self.lang = np.full(total, -1, dtype=np.int32)
        self.leader = np.full(total, -1, dtype=np.int32)
        self.tied = np.zeros(total, dtype=bool)          # holds a pinned person: must stay in its slot
        self.row_of = np.full((copies, a.n + 1), -1, dtype=np.int32)
        self.seat_of = np.full((copies, a.n + 1), -1, dtype=np.int32)
        self.copy_of = np.repeat(np.arange(copies), self.per_copy)
        self.free = ~a.rooted
        self.free[a.n] = False
        self.ids = {}
        for r, state in enumerate(self.states):
            base = r * self.per_copy
            for k, team in enumerate(opened[r]):
                self._load(base + k, team)
            for k, i in enumerate(state.spare):
                self.members[base + real + k // w, k % w] = i
        for team in self.closed:
            self.free[team.members] = False
        rows, seats = np.nonzero(self.members < a.n)
        who = self.members[rows, seats]
        self.row_of[self.copy_of[rows], who] = rows
        self.seat_of[self.copy_of[rows], who] = seats
        self.free[self.row_of[0] < 0] = False
        self._slots()
        self._tallies()
        self._ties()
        self._leaders()

    def _load(self, row, team):
        self.members[row, : len(team.members)] = team.members
        self.slot[row], self.lang[row], self.leader[row] = team.slot, team.lang, team.leader
        self.tied[row] = bool(team.fixed) or bool(team.id)
        self.ids[row] = (team.id, team.fixed, team.cast)
        self.free[list(team.fixed)] = False

    def _tallies(self):
        a = self.a
        self.code_of = a.group_cost.codes(a)
        self.code = self.code_of[self.members].sum(1)
        self.experts = a.expert[self.members].sum(1)
        self.size = (self.members < a.n).sum(1)
        self.cost, self.urgency, self.flaws = self.group_cost(self.code, self.experts, self.leader >= 0, self.slot >= 0, self.size)
        self.broken = np.bincount(self.copy_of, weights=self.flaws * (self.slot >= 0), minlength=self.copies).astype(np.int64)

    def group_cost(self, code, experts, led, real, size):
        """(cost, urgency, flaws) of rows; in a row without a slot every person is a flaw and nothing else counts."""
        cost, urgency, flaws = self.a.group_cost(code, experts, led)
        return cost * real, urgency * real, np.where(real, flaws, size)

    def _ties(self):
        """What costs less to keep than to ask: the relation of everybody to every row where all relations are in one matrix, else how
        many of each organisation and region sit in a row, as long as these are not too many to count."""
        a = self.a
        self.ties = a.matrix[self.members].sum(1, dtype=np.int32) if a.dense else None
        self.kinds = [] if a.dense else [(weight, names, int(names.max(initial=-1)) + 2)
                                         for weight, names in ((a.rules.weights["same_org"], a.org), (a.rules.weights["same_region"], a.region))]
        self.tallies = None
        if not a.dense and sum(len(self.members) * width for _, _, width in self.kinds) <= TALLIES:
            self.tallies = [np.zeros((len(self.members), width), dtype=np.int8) for _, _, width in self.kinds]
            rows = np.repeat(np.arange(len(self.members)), self.width)
            for tally, (_, names, _) in zip(self.tallies, self.kinds, strict=True):
                np.add.at(tally, (rows, names[self.members.ravel()]), 1)

    def retie(self, i, j, g, h):
        """Person ``i`` has left row ``g`` for row ``h``, ``j`` (or the dummy) the other way; every row occurs once."""
        for tally, (_, names, _) in zip(self.tallies, self.kinds, strict=True) if self.tallies else ():
            one, other = names[i], names[j]
            tally[g, one] -= 1
            tally[g, other] += 1
            tally[h, one] += 1
            tally[h, other] -= 1
        if self.a.dense:
            shift = self.a.matrix[i] - self.a.matrix[j]
            self.ties[g] -= shift
            self.ties[h] += shift

    def _slots(self):
        a, s = self.a, max(1, self.a.n_slots)
        wide = max(1, min(int(a.room.max(initial=1)), self.real))
        self.n_slots = s
        self.rows_in = np.zeros((self.copies * s, wide), dtype=np.int32)
        self.count_in = np.zeros(self.copies * s, dtype=np.int64)
        self.place_in = np.zeros(len(self.slot), dtype=np.int32)
        self.room = np.tile(a.room, self.copies) if a.n_slots else np.zeros(self.copies, dtype=np.int64)
        for team in self.closed:
            self.room[team.slot :: s] -= 1
        for row in np.flatnonzero(self.slot >= 0):
            self._enter(row)
        self._open_empty()

    def _open_empty(self):
        """Give the rows without members a slot with room to spare, the roomiest first."""
        for copy in range(self.copies):
            part = slice(copy * self.n_slots, (copy + 1) * self.n_slots)
            base = copy * self.per_copy
            lang = int(np.bincount(self.lang[base : base + self.real][self.lang[base : base + self.real] >= 0], minlength=1).argmax())
            for row in range(base, base + self.real):
                if self.slot[row] < 0:
                    spare = self.room[part] - self.count_in[part]
                    if spare.max() > 0:
                        self.slot[row], self.lang[row] = int(spare.argmax()), lang
                        self._enter(row)

    def _enter(self, row):
        key = self.copy_of[row] * self.n_slots + self.slot[row]
        self.place_in[row] = self.count_in[key]
        self.rows_in[key, self.count_in[key]] = row
        self.count_in[key] += 1

    def move_row(self, row, slot, lang):
        """Re-time one group; the caller has checked that everybody can come and there is room."""
        key = self.copy_of[row] * self.n_slots + self.slot[row]
        last = self.rows_in[key, self.count_in[key] - 1]
        self.rows_in[key, self.place_in[row]] = last
        self.place_in[last] = self.place_in[row]
        self.count_in[key] -= 1
        self.slot[row], self.lang[row] = slot, lang
        self._enter(row)

    def _leaders(self):
        a = self.a
        facs = len(a.fac_ids)
        self.duty = np.zeros((self.copies, facs), dtype=np.int64)
        self.busy = np.zeros((self.copies, facs, self.n_slots), dtype=bool)
        for row in np.flatnonzero(self.leader >= 0):
            self.duty[self.copy_of[row], self.leader[row]] += 1
            self.busy[self.copy_of[row], self.leader[row], self.slot[row]] = True
        for team in self.closed:
            if team.leader >= 0:
                self.duty[:, team.leader] += 1
                self.busy[:, team.leader, team.slot] = True

    def energy(self):
        """The quantity to be minimised, one number per copy, recomputed from scratch."""
        a, w = self.a, self.a.rules.weights
        real = self.slot >= 0
        there = self.members < a.n
        wish = np.where(there & real[:, None], 3 - a.wish[self.members, self.slot[:, None]], 0).sum(1)
        lost = np.where(there & ~real[:, None], PLACE + WAITED * a.waited[self.members], 0).sum(1)
        rows = self.cost + w["slot_pref"] * wish + lost - URGENCY * self.urgency
        pairs = self.pair_sums()
        return np.bincount(self.copy_of, weights=rows + pairs, minlength=self.copies).astype(np.int64)

    def pair_sums(self):
        """Sum of all relations inside each row."""
        total = np.zeros(len(self.members), dtype=np.int64)
        real = np.flatnonzero(self.slot >= 0)
        for seat in range(self.width):
            total[real] += self.relation(self.members[real, seat], real, self.copy_of[real])
        return total // 2

    def relation(self, who, rows, copies):
        """Sum of the relations of each person to the members of each row (self counts nothing)."""
        return self.relations(who, copies, rows)[0]

    def relations(self, who, copies, *targets):
        """The same for several rows each, one array a target: who is related to whom is looked up once."""
        a = self.a
        if a.dense:
            return [self.ties.take(rows * (a.n + 1) + who) for rows in targets]
        near, weight = a.near.take(who, axis=0), a.near_weight.take(who, axis=0)
        home = copies * (a.n + 1)
        there = self.row_of.take(home[:, None] + near)
        own = self.row_of.take(home + who)
        return [np.einsum("ij,ij->i", there == rows[:, None], weight) + self._alike(who, rows, own) for rows in targets]

    def _alike(self, who, rows, own):
        """What members of the same organisation or region count; ``own`` is the row each person sits in."""
        a, w = self.a, self.a.rules.weights
        if self.tallies is not None:
            total = sum(weight * tally.take(rows * width + names.take(who)).astype(np.int64) for tally, (weight, names, width) in zip(self.tallies, self.kinds, strict=True))
            return (total - (own == rows) * (w["same_org"] + w["same_region"])) * (who < a.n)
        inside = self.members.take(rows, axis=0)
        same = (w["same_org"] * (a.org.take(inside) == a.org.take(who)[:, None]).sum(1)
                + w["same_region"] * (a.region.take(inside) == a.region.take(who)[:, None]).sum(1))
        return (same - (own == rows) * (w["same_org"] + w["same_region"])) * (who < a.n)

    def between(self, left, right):
        """Relation of each pair of people."""
        a = self.a
        if a.dense:
            return a.matrix.take(left * np.int64(a.n + 1) + right)
        w = a.rules.weights
        total = (a.near_weight[left] * (a.near[left] == right[:, None])).sum(1, dtype=np.int64)
        total += w["same_org"] * (a.org[left] == a.org[right]) + w["same_region"] * (a.region[left] == a.region[right])
        return np.where((left < a.n) & (right < a.n), total, 0)

    def snapshot(self, copy):
        """What is needed to bring one copy back later."""
        part = slice(copy * self.per_copy, (copy + 1) * self.per_copy)
        return (copy, self.members[part].copy(), self.slot[part].copy(), self.lang[part].copy(), self.leader[part].copy())

    def state(self, shot):
        """A snapshot as a :class:`State`."""
        copy, members, slot, lang, leader = shot
        base, out = copy * self.per_copy, State()
        for k in range(self.per_copy):
            who = [int(i) for i in members[k] if i < self.a.n]
            if slot[k] < 0:
                out.spare += who
            elif who:
                gid, fixed, cast = self.ids.get(base + k, ("", frozenset(), None))
                out.teams.append(Team(int(slot[k]), int(lang[k]), who, int(leader[k]), gid, False, fixed, cast))
        out.teams += self.closed
        out.spare.sort()
        return out
