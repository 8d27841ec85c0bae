"""What a group costs by its composition alone, for many groups at once.

Everything about roles depends only on how many members there are of each kind (case 0..3, may moderate or not). These eight counts
are the digits of one number, the *code* of a group, so that a member more or less is one addition. All that can occur in groups of up
to :data:`LISTED` people is worked out once and then looked up; of larger groups there are too many, and they are counted. Costs are in
units of the soft score; heard urgency is a gain scaled by :data:`URGENCY` so that the annealer never trades it for comfort.
"""

from itertools import product

import numpy as np

#: Scale of one point of heard urgency, of one round waited and of one place, in soft points.
URGENCY, WAITED, PLACE = 40, 400, 4000
#: Largest size of a group up to which compositions are listed (ten: some 44,000).
LISTED = 10


class GroupCost:
    """Cost function for the rules of one instance."""

    def __init__(self, a):
        rules, weights = a.rules, a.rules.weights
        self.size_min, self.size_max, self.target, self.cases_max = rules.size_min, rules.size_max, rules.size_target, rules.cases_max
        self.w = weights
        self.urgency = [int(u) for u in a.urgency]
        self.upwards = sorted((1, 2, 3), key=lambda k: (self.urgency[k], k))
        base = self.size_max + 1
        self.shift = (base**4 - 1).bit_length()
        self.low = (1 << self.shift) - 1
        self.digits = np.array([base**k for k in range(4)] + [base**k << self.shift for k in range(4)], dtype=np.int64)
        self.table = self._listed(base) if self.size_max <= LISTED else None

    def codes(self, a):
        """The code of each person alone, and of nobody (zero) for the dummy."""
        return np.append(self.digits[a.kind[: a.n]], 0)

    def __call__(self, code, experts, led):
        """``code`` (N,), ``experts`` (N,) counts, ``led`` (N,) bool -> (cost, urgency, flaws), all (N,) int64.

        A group without members costs nothing. ``flaws`` is 0 for a group that is allowed; one that is too small counts as
        ``size_min``, one without the roles as one more than its size: flat, so that a group can be opened or closed person
        by person, and never cheaper than leaving its people without a place. A snapshot never contains flawed groups.
        """
        if self.table is None:
            return self._counted(self._kinds(code), experts, led)
        at = self.first.take(code & self.low) + self.second.take(code >> self.shift)
        at += 2 * led + (experts > 0)
        return tuple(column.take(at) for column in self.table)

    def _kinds(self, code):
        """The eight counts (N, 8) of each code."""
        halves = np.stack([code & self.low, code >> self.shift], 1)
        return (halves[:, :, None] // self.digits[:4] % (self.size_max + 1)).reshape(-1, 8)

    def _listed(self, base):
        """Costs of every composition, four entries each (led or not, experts or not). Halves of a code, the smaller first, give where:
        what can stand beside one half is what leaves room, a beginning of the same list."""
        size, half = zip(*sorted((sum(c), sum(x * base**k for k, x in enumerate(c)))
                                 for c in product(range(base), repeat=4) if sum(c) < base), strict=True)
        size, half = np.array(size), np.array(half)
        beside = np.searchsorted(size, self.size_max - size, side="right")
        start = np.concatenate([[0], np.cumsum(beside)])
        self.first, self.second = np.zeros(base**4, dtype=np.int64), np.zeros(base**4, dtype=np.int64)
        self.first[half], self.second[half] = 4 * start[:-1], 4 * np.arange(len(half))
        code = np.concatenate([low + (half[:n] << self.shift) for low, n in zip(half.tolist(), beside, strict=True)])
        kinds = self._kinds(code)
        parts = [self._counted(kinds, np.full(len(code), expert), np.full(len(code), led)) for led in (False, True) for expert in (0, 1)]
        return [np.stack(column, 1).reshape(-1) for column in zip(*parts, strict=True)]

    def _counted(self, kinds, experts, led):
        w = self.w
        by_case = kinds[:, :4] + kinds[:, 4:]
        size = by_case.sum(1)
        givers = size - by_case[:, 0]
        pure = kinds[:, 4]
        mods = kinds[:, 4:].sum(1)
        able = givers + pure
        roles = (givers > 0) & (led | ((mods > 0) & (able > 1)))
        flaws = np.where(size < self.size_min, self.size_min, np.where(roles, 0, size + 1)) * (size > 0)
        valid = (flaws == 0) & (size > 0)
        shy = ~led & (pure == 0)                      # one giver must moderate: the one whose case weighs least
        heard = np.minimum(self.cases_max, givers - shy)
        urgency = self._urgency(kinds, by_case, shy)
        fragile = (size <= self.size_min) | (givers < 2) | (~led & ((mods < 2) | (able < 3)))
        cost = (w["size"] * np.abs(size - self.target) + w["no_experience"] * (experts == 0) + w["one_case"] * (heard == 1)
                + w["facilitator"] * led + w["fragile"] * fragile)
        return np.where(valid, cost, 0), np.where(valid, urgency, 0), flaws

    def _urgency(self, kinds, by_case, shy):
        left = by_case.copy()
        open_ = shy.copy()
        for k in self.upwards:
            out = open_ & (kinds[:, 4 + k] > 0)
            left[:, k] -= out
            open_ &= ~out
        room = np.full(len(kinds), self.cases_max)
        total = np.zeros(len(kinds), dtype=np.int64)
        for k in reversed(self.upwards):
            take = np.minimum(room, left[:, k])
            total += take * self.urgency[k]
            room -= take
        return total
