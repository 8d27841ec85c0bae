"""A plan for a large round that is the same whatever the version of HiGHS.

An integer model has many equally good plans, and every version of the solver hands back another. So the plan is not taken from one
integer solution, but from a series of questions with one answer each, because every person and group carries a drawn number too:
the relaxation, again and again, with the numbers of groups nearest to whole ones fixed (*diving*); then the integer model in a few
slots at a time, everything else held (*windows*), until the plan is as good as it can be or nothing gets better.
"""

import math

import numpy as np

#: What a round waited is worth in weights of urgency; a person is worth more than all of both, up to HEAVIEST (solvers count to about
#: nine digits). The share of wishes and drawn numbers beside that: larger while diving (relaxations are answered faster), small in the
#: windows (no place is given away for it).
WAITED, HEAVIEST, PREFERENCE, COARSE = 100, 200_000, 0.02, 0.25
#: The same while diving and in windows: with larger weights HiGHS 1.8 takes twenty times as long for some relaxations.
MILD = (1000, 30, 1)
#: Relaxations at most.
LOOKS = 150
#: Share of the open numbers of groups that is fixed between two relaxations.
SHARE = 0.25
#: People times cells in one window and its fewest slots, windows at most, nodes in each.
WIDTH, LEAST, WINDOWS, NODES = 1300, 4, 8, 50
#: A value this near to a whole number is one.
WHOLE = 1e-5


def leading(a):
    """What a person must be worth in the blended sum so that the most of it also places the most people."""
    return sum(a.waited_of) * WAITED + sum(a.worth_of) + 1


def blend(model, weights=None):
    """All three levels in one sum: asked together they are answered ten times faster than one after the other."""
    weights = weights or (min(HEAVIEST, leading(model.a)), WAITED, 1)
    return sum(weight * level for weight, level in zip(weights, model.levels(), strict=True))


def complete(model, diver):
    """What the groups found in a light model can do in the full one; a vector or ``None``."""
    if diver.vector is None:
        return None
    groups = np.arange(model.g0, model.size)
    low, high = np.zeros(model.size), model.most()
    low[groups] = high[groups] = np.rint(diver.vector[diver.model.g0 :])
    return model.ask(blend(model, MILD) + COARSE * model.preference(), low, high, whole=np.arange(model.size), nodes=NODES)


class Diver:
    """Works on one :class:`.cells.Model`; ``vector`` is the best solution so far or ``None``, ``counted`` its levels."""

    def __init__(self, model):
        self.model, self.vector, self.counted = model, None, None
        self.worth, self.coarse = (blend(model, MILD) + share * model.preference() for share in (PREFERENCE, COARSE))
        self.whole = np.arange(model.g0, model.size)
        self.low, self.high = np.zeros(model.size), model.most()

    def look(self, targets, step=lambda done: None):
        """Dive, then look through windows until ``targets`` (the levels of the model) are reached or nothing gets better."""
        self._keep(self._dive(step))
        if self.vector is None:
            return
        slots = np.unique(self.model.slot_of)
        width = min(len(slots), max(LEAST, math.ceil(WIDTH * len(slots) / self.model.nx)))
        rng = np.random.Generator(np.random.PCG64(5))
        order, idle = [], 0
        for n in range(WINDOWS):
            if self.counted >= targets or idle * width >= len(slots) + width:
                break
            step(0.4 + 0.6 * n / WINDOWS)
            if len(order) < width:
                order = rng.permutation(slots).tolist()
            better = self._window(order[:width])
            order, idle = order[width:], 0 if better else idle + 1

    def _keep(self, vector):
        """Is this vector better than the best so far? Then it is the best now."""
        if vector is None or (self.vector is not None and self.worth @ vector <= self.worth @ self.vector + 1e-6):
            return False
        self.vector = vector
        self.counted = tuple(round(float(level @ np.rint(vector))) for level in self.model.levels())
        return True

    def _window(self, slots):
        """The integer model with the numbers of groups outside of ``slots`` held."""
        model = self.model
        slot_of = np.r_[model.slot_of, [model.slot_of[cell] for _, cell in model.lead]]
        held = self.whole[~np.isin(slot_of, slots)]
        low, high = self.low.copy(), self.high.copy()
        low[held] = high[held] = np.rint(self.vector[held])
        return self._keep(model.ask(self.worth, low, high, whole=self.whole, nodes=NODES))

    def _dive(self, step):
        """A vector with whole numbers of groups by rounding relaxations; ``None`` where that leads nowhere."""
        low, high, last = self.low.copy(), self.high.copy(), None
        for n in range(LOOKS):
            step(0.4 * (1 - 0.9**n))
            vector = self.model.ask(self.coarse, low, high)
            if vector is None:
                if last is None:
                    return None
                low, high, batch = last
                if len(batch) == 1:
                    variable, _, other = batch[0]
                    low[variable] = high[variable] = other
                    last = None
                else:
                    last = self._fix(low, high, batch[: len(batch) // 2])
                continue
            batch = self._nearest(vector, low < high)
            if not batch:
                break
            last = self._fix(low, high, batch)
        else:
            return None
        low[self.whole] = high[self.whole] = np.rint(vector[self.whole])
        return self.model.ask(self.coarse, low, high, whole=np.arange(self.model.size), nodes=NODES)

    @staticmethod
    def _fix(low, high, batch):
        """Fix the batch; returns what was before, and the batch."""
        before = low.copy(), high.copy(), batch
        for variable, value, _ in batch:
            low[variable] = high[variable] = value
        return before

    def _nearest(self, vector, free):
        """(variable, whole value, the other one) of the fractional numbers of groups whose rounding moves the fewest people."""
        model, rules = self.model, self.model.a.rules
        values = vector[self.whole]
        down, up = np.floor(values), np.ceil(values)
        near, moves = np.rint(values), np.full(len(values), 100.0)
        people = np.bincount(model.where, vector[: model.nx], minlength=model.nk)
        cells = slice(0, model.nk)
        less, more = (np.round(np.maximum(0, np.maximum(k[cells] * rules.size_min - people, people - k[cells] * rules.size_max)), 4)
                      for k in (down, up))
        near[cells] = np.where(less < more, down[cells], np.where(more < less, up[cells], near[cells]))
        moves[cells] = np.minimum(less, more)
        far = np.round(np.abs(values - np.rint(values)), 6)
        open_ = np.flatnonzero((far > WHOLE) & free[self.whole])
        order = open_[np.lexsort((open_, far[open_], moves[open_]))][: math.ceil(len(open_) * SHARE)]
        return [(self.whole[k], near[k], up[k] if near[k] == down[k] else down[k]) for k in order]
