"""How good can a choice from a list of groups be? Relaxations, branched on what makes them fractional.

An integer model branches on single groups, of which thousands are alike. Here a node decides how many groups meet in one slot, whether
two people sit together (Ryan and Foster 1981), or whether somebody has a place (two people may be half placed together and never apart,
which the first two cannot tell): a few dozen small relaxations prove what took the model many seconds. A bound is counted from the
dual values, so it holds whatever the solver's tolerances. How many groups can meet is asked first: rounded down it is a row of its
own, without which the relaxation hopes for a group too many.
"""

import heapq
import math
from dataclasses import dataclass, field

import numpy as np
import scipy

#: This near to a whole number is whole.
WHOLE = 1e-4
#: Share of a value by which its bound may be short of it (floating sums), and what a place is worth to the solver.
SLACK, PLACE = 1e-9, 1 << 20
#: Columns a relaxation is asked with at first, columns it gets each time some others would still gain, and how often.
FIRST, MORE, ROUNDS = 500, 300, 20


@dataclass(order=True)
class _Node:
    """One part of all choices: the columns still possible, the fewest and most groups a slot (``least`` also who must have a place), and its relaxation
    (``full`` (N,) its answer, ``gain`` what each column still possible would at most change the bound by)."""

    key: tuple
    columns: np.ndarray = field(compare=False)
    least: dict = field(compare=False)
    most: dict = field(compare=False)
    full: np.ndarray = field(compare=False)
    gain: np.ndarray = field(compare=False)

    @property
    def bound(self):
        """No choice of this part is worth more."""
        return -self.key[0]


class Brancher:
    """Works on the columns of a :class:`.pack.Packer`; ``best`` (what it is worth, columns) is the best choice known."""

    def __init__(self, packer, step=lambda: None):
        self.p, self.step, self.best = packer, step, (0, ())
        self.scale = min(1.0, PLACE / packer.place)
        self.worth = packer.worth * self.scale
        self.rows, self.high, self.room_row = self._limits()
        self.slots = {s: (packer.slot == s).astype(float) for s in np.unique(packer.slot).tolist()}
        self.number, self.lost, self.heap = 0, 0, []
        self._push(np.arange(len(self.worth)), self.worth, {}, {}, (len(packer.people) + 1) * packer.place - 1)

    def run(self, nodes, known=(0, ())):
        """Bound after looking at up to ``nodes`` more parts, of which none can matter that is not better than what is ``known``;
        ``best`` is better afterwards where a better choice was found."""
        self.best = max(self.best, known)
        while self.heap and nodes > 0 and self.heap[0].bound >= self.best[0] + 1:
            self.step()
            nodes -= 1
            node = heapq.heappop(self.heap)
            if not self._whole(node):
                keep = node.bound + node.gain >= self.best[0] + 1
                columns, gain = node.columns[keep], node.gain[keep]
                for inside, least, most in self._parts(node, columns):
                    self._push(columns[inside], gain[inside], least, most, node.bound)
        top = max([self.lost, *(node.bound for node in self.heap[:1])])
        return max(self.best[0], math.floor(top))

    def _limits(self):
        """Each person once, each slot's room, each facilitator's time; then how many groups there can be at all."""
        p, rows, cols, index = self.p, [], [], {}
        for c, members in enumerate(p.members):
            for key in [("person", i) for i in members] + p.keys(c):
                rows.append(index.setdefault(key, len(index)))
                cols.append(c)
        high = np.array([1 if key[0] == "person" else p.limit(key) for key in index], dtype=float)
        matrix = scipy.sparse.coo_matrix((np.ones(len(rows)), (rows, cols)), shape=(len(index), len(p.members))).tocsr()
        every = np.ones(len(p.members))
        answer = self._ask(every, matrix.tocsc(), high, every)
        if answer:
            matrix = scipy.sparse.vstack([matrix, every[None, :]])
            high = np.append(high, math.floor(answer[0] + 1e-6))
        return matrix.tocsc(), high, {key[1]: row for key, row in index.items() if key[0] == "room"}

    @staticmethod
    def _ask(worth, matrix, high, promise):
        """(bound, x, gain of each column) of a relaxation, () if nothing can be chosen, ``None`` if the solver failed. It is asked with a
        few columns first, those of the highest ``promise``, and again with those that would gain."""
        active = np.argsort(-promise, kind="stable")[:FIRST]
        for _ in range(ROUNDS):
            answer = scipy.optimize.linprog(-worth[active], A_ub=matrix[:, active], b_ub=high, bounds=(0, None), method="highs-ds")
            if answer.status == 2 and len(active) < len(worth):
                active = np.arange(len(worth))
                continue
            if answer.status != 0:
                return () if answer.status == 2 else None
            price = np.maximum(-answer.ineqlin.marginals, 0)
            gain = worth - matrix.T @ price
            over = np.setdiff1d(np.flatnonzero(gain > 1e-6), active)
            if not len(over):
                break
            active = np.union1d(active, over[np.argsort(-gain[over], kind="stable")[:MORE]])
        bound = float(price @ high + np.maximum(gain, 0).sum())
        x = np.zeros(len(worth))
        x[active] = answer.x
        return bound + SLACK * abs(bound), x, np.minimum(gain, 0)

    def _push(self, columns, promise, least, most, above):
        """Ask the relaxation of a part; keep the part if something better than the best may be in it."""
        if not len(columns):
            return
        matrix, high = self.rows[:, columns], self.high.copy()
        for slot, count in most.items():
            high[self.room_row[slot]] = min(high[self.room_row[slot]], count)
        if least:
            matrix = scipy.sparse.vstack([matrix, *(-self._row(key)[None, columns] for key in least)]).tocsc()
            high = np.append(high, [-count for count in least.values()])
        answer = self._ask(self.worth[columns], matrix, high, promise)
        if answer is None:  # what was known of the part above still holds
            self.lost = max(self.lost, above)
        elif answer:
            bound, x, gain = answer[0] / self.scale, answer[1], answer[2] / self.scale
            if bound >= self.best[0] + 1:
                self.number += 1
                full = np.zeros(len(self.worth))
                full[columns] = x
                heapq.heappush(self.heap, _Node((-bound, self.number), columns, least, most, full, gain))

    def _row(self, key):
        """(N,) which columns count for a fewest number: of groups in a slot, or of one person."""
        return self.p.inside[key[1]].astype(float) if isinstance(key, tuple) else self.slots[key]

    def _whole(self, node):
        """Is the relaxation's answer a choice? Then it is the best of its part."""
        near = np.rint(node.full)
        if np.abs(node.full - near).max() > WHOLE:
            return False
        chosen = np.flatnonzero(near > 0.5)
        value = int(self.p.worth[chosen].sum())
        self.best = max(self.best, (value, tuple(sorted(chosen.tolist()))))
        return True

    def _parts(self, node, columns):
        """The two parts a node falls into: (which of the ``columns`` they have, least, most)."""
        full, every = node.full, np.ones(len(columns), dtype=bool)
        counts = {s: float(full @ inside) for s, inside in self.slots.items()}
        far = {s: round(abs(count - round(count)), 4) for s, count in counts.items()}
        slot = max(far, key=lambda s: (far[s], -s))
        if far[slot] > WHOLE:
            few = math.floor(counts[slot])
            return (every, node.least, {**node.most, slot: few}), (every, {**node.least, slot: few + 1}, node.most)
        there = np.flatnonzero(full)
        inside = self.p.inside[:, there].astype(float)
        pairs = (inside * full[there]) @ inside.T
        seated = pairs.diagonal()
        apart = np.minimum(np.maximum(seated[:, None], seated[None, :]) - pairs, np.triu(pairs, 1))
        i, j = np.unravel_index(int(np.round(apart, 4).argmax()), apart.shape)
        if apart[i, j] > WHOLE:
            first, second = self.p.inside[i, columns] > 0, self.p.inside[j, columns] > 0
            return (~(first & second), node.least, node.most), (first == second, node.least, node.most)
        half = np.round(np.minimum(seated, 1 - seated), 4)
        i = int(half.argmax())
        if half[i] > WHOLE:
            return (self.p.inside[i, columns] == 0, node.least, node.most), (every, {**node.least, ("person", i): 1}, node.most)
        c = int(np.argmax(np.round(np.minimum(full, 1 - full), 4)))
        return (columns != c, node.least, node.most), (~self.p.clash(c)[columns] | (columns == c), node.least, node.most)
