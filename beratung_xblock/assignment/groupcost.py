"""What a group costs by its composition alone, for many groups at once.

Everything about roles depends only on how many members there are of each kind (case 0..3, may moderate or not), so a
batch of groups is an integer matrix with eight columns. Costs are in units of the soft score; heard urgency is a gain
scaled by :data:`URGENCY` so that the annealer never trades it for comfort.
"""

import numpy as np

#: Scale of one point of heard urgency, of one round waited and of one place, in soft points.
URGENCY, WAITED, PLACE = 40, 400, 4000


class GroupCost:
    """Cost function for the rules of one instance."""

    def __init__(self, a):
        rules, weights = a.rules, a.rules.weights
        self.size_min, self.size_max, self.target, self.cases_max = rules.size_min, rules.size_max, rules.size_target, rules.cases_max
        self.w = weights
        self.urgency = [int(u) for u in a.urgency]
        self.upwards = sorted((1, 2, 3), key=lambda k: (self.urgency[k], k))

    def __call__(self, kinds, experts, led):
        """``kinds`` (N, 8) counts, ``experts`` (N,) counts, ``led`` (N,) bool -> (cost, urgency, flaws), all (N,) int64.

        A group without members costs nothing. ``flaws`` is 0 for a group that is allowed; one that is too small counts as
        ``size_min``, one without the roles as one more than its size: flat, so that a group can be opened or closed person
        by person, and never cheaper than leaving its people without a place. A snapshot never contains flawed groups.
        """
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
