"""Upper bounds: how good could any assignment be, level by level, and a plan where the answer at hand falls short.

Each level is tried in the cheapest way that proves it: everybody who can be placed is placed; then the linear relaxation
of the cell model; only then the integer model. A level is counted given that the levels before are at their bound.
"""

import math

import numpy as np

from .cells import CAREFUL, Model
from .dive import HEAVIEST, Diver, blend, complete, leading

#: Above this many people only the number of places is bounded by a model (without "heard"), the rest by counting.
FULL_MODEL = 2500
#: Above this many variables the integer model is not run for urgency.
URGENCY_SIZE = 9000
#: Between CAREFUL people and this many variables fairness and urgency are proven as one weighted sum, not one after the other.
TOGETHER = 12_000
#: Above this many people nothing but counting is done.
LARGEST = 20_000


def prove(a, reached, *, pinned=(), other=False, step=lambda fraction, stage: None):
    """(bound, plan): bound is (placed, fairness, urgency) with ``None`` for unknown; plan is ``None`` when all levels
    that could be bounded are reached, unless an ``other`` way to reach them is asked for (up to ``CAREFUL`` people).
    ``reached`` is the objective at hand, ``step(fraction, stage)`` reports progress."""
    alive = int(a.alive.sum())
    everybody = int(a.waited[: a.n][a.alive[: a.n]].sum())
    if reached[0] == alive and (a.n > FULL_MODEL or not alive):
        return (alive, everybody, None if alive else 0), None
    if a.n > LARGEST:
        return (alive, None, None), None
    model = Model(a, pinned=pinned, light=a.n > FULL_MODEL)
    base = _closed(a, pinned)
    levels = model.levels()[: 2 if model.light else 3]
    trivial = [alive - base[0], everybody - base[1], None]
    reached = [value - own for value, own in zip(reached, base, strict=False)]
    if not model.nx:
        return base, None
    proof = _Proof(model, pinned, levels, reached, trivial, step)
    for n in range(len(proof.levels)):
        step(n / 3, "proof")
        if not proof.prove_level(n):
            break
    step(0.9, "proof")
    plan = proof.plan(other=other and len(proof.bound) == len(proof.levels))
    bound = [value + own for value, own in zip(proof.bounds(), base, strict=False)]
    return (*bound, *[None] * (3 - len(bound))), plan


class _Proof:
    """Level after level of one model: bounds so far, the best solution vector known, and what it (or the search) reached."""

    def __init__(self, model, pinned, levels, reached, trivial, step):
        a = model.a
        self.step, self.pinned = step, pinned
        self.model, self.levels, self.reached, self.trivial = model, levels, reached, trivial
        self.third = sum(a.worth_of) + 1
        self.together = len(levels) == 3 and a.n > CAREFUL and model.nx + model.nh <= TOGETHER
        if self.together:
            self.levels = levels[0], levels[1] * self.third + levels[2]
            self.reached, self.trivial = [reached[0], reached[1] * self.third + reached[2]], [trivial[0], None]
        self.bound, self.rows, self.best, self.known = [], [], None, None
        self.dived, self.firm = a.n <= CAREFUL or model.light, False

    def prove_level(self, n):
        """Bound level ``n``; false when it could not be bounded."""
        level = self.levels[n]
        if self.reached and self.reached[n] == self.trivial[n]:
            value = self.trivial[n]
        else:
            top = _top(self.model, level, self.rows)
            if top is not None and self.reached and self.reached[n] < top and not self.dived:
                self.dive()
            if top is not None and self.known and self.settled(n, top):
                value, vector = (self.known[0] if n == 0 else top), None
            else:
                value, vector = _level(self.model, level, self.rows, top, self.reached[n] if self.reached else None, n)
            if value is None:
                return False
            # Beside a plan that is the same everywhere one of many equally good ones is taken only where it places more people.
            if vector is not None and (n == 0 or not self.firm):
                self.best, self.reached, self.known, self.firm = vector, None, None, False
        self.bound.append(value)
        self.rows.append(self.model.floor_row(level, value))
        return True

    def dive(self):
        """Ask once what all levels together allow; where that is more than was reached, look for a plan that is like it."""
        self.dived = True
        solution = self.model.solve(blend(self.model)).x
        known = self.counted(solution)
        if known <= self.reached:
            return
        self.known = known
        # Which case is heard is asked at the end: without it the model has half the rows, and its questions take a third of the time.
        diver = Diver(Model(self.model.a, pinned=self.pinned, light=True))
        diver.look((*self.apart(known)[:2], 0), lambda done: self.step(0.05 + 0.5 * done, "proof"))
        vector = complete(self.model, diver)
        counted = self.counted(vector)
        if counted[:1] < known[:1]:  # fewer places than there are: one of many equally good solutions is taken after all
            vector, counted = solution, known
        if counted > self.reached:
            self.best, self.reached, self.firm = vector, counted, True

    def counted(self, vector):
        """The levels a vector reaches; none without a vector."""
        return [] if vector is None else [round(float(level @ np.rint(vector))) for level in self.levels]

    def settled(self, n, top):
        """Need level ``n`` no integer model of its own? Places are the first thing the blended sum sees to, so what it found is the
        most there is; of fairness and urgency together a gap in urgency alone is left standing, as closing it can take minutes."""
        if self.known[n] >= top or (n == 0 and leading(self.model.a) <= HEAVIEST):
            return True
        return self.together and top // self.third == self.known[n] // self.third

    def apart(self, levels):
        """Three levels, where two of them are counted together."""
        return (levels[0], *divmod(levels[1], self.third)) if self.together else tuple(levels)

    def plan(self, *, other=False):
        """The plan that reaches the bounds as far as one is known; ``None`` when the search needs none and no ``other`` is wanted."""
        careful = self.model.a.n <= CAREFUL
        if self.best is None and not (other and careful):
            return None
        answer = self.model.solve(self.model.preference(), self.rows).x if careful else None
        vector = self.best if answer is None else answer
        return None if vector is None else self.model.plan(vector)

    def bounds(self):
        """The bounds of the levels, as many as were found."""
        return self.apart(self.bound) if len(self.bound) == len(self.levels) else tuple(self.bound)


def _closed(a, pinned):
    """What the closed teams contribute to the three levels."""
    teams = [t for t in pinned if t.closed]
    who = [i for t in teams for i in t.members]
    cases = [a.index[c] for t in teams for c in t.cast[1]]
    return len(who), int(a.waited[who].sum()), int(a.urgency[a.case[cases]].sum())


def most_places(a, reached, pinned=()):
    """Upper bound on the number of places, asked no further than it takes to see that more than ``reached`` are impossible."""
    alive = int(a.alive.sum())
    if reached >= alive or a.n > LARGEST:
        return alive
    model = Model(a, pinned=pinned, light=a.n > FULL_MODEL)
    own = _closed(a, pinned)[0]
    if not model.nx:
        return own
    level = model.levels()[0]
    value, _ = _level(model, level, [], _top(model, level, []), reached - own, 0)
    return alive if value is None else value + own


def quick_bound(a):
    """The counted bound on the first two levels, no model asked."""
    alive = a.alive[: a.n]
    return int(alive.sum()), int(a.waited[: a.n][alive].sum()), None, None


def _top(model, level, extra):
    """Upper bound of one level by the relaxation; ``None`` when it has no answer."""
    relaxed = model.solve(level, extra, relaxed=True)
    return None if relaxed.x is None else math.floor(-relaxed.fun + 1e-5)


def _level(model, level, extra, top, reached, n):
    """(bound, solution vector or ``None``) of one level that the relaxation bounds by ``top``."""
    if top is None:
        return None, None
    if reached is not None and reached >= top:
        return reached, None
    if n == 2 and model.nx + model.nh > URGENCY_SIZE:
        return top, None
    answer = model.solve(level, extra)
    if answer.x is None:
        return top, None
    value = round(float(level @ np.rint(answer.x)))
    if value <= (reached if reached is not None else -1):
        return (top if value < reached else value), None
    return value, answer.x
