"""Upper bounds: how good could any assignment be, level by level, and a plan where the answer at hand falls short.

Each level is tried in the cheapest way that proves it: everybody who can be placed is placed; then the linear relaxation
of the cell model; only then the integer model. A level is counted given that the levels before are at their bound.
"""

import math

import numpy as np

from .cells import CAREFUL, Model

#: Above this many people only the number of places is bounded by a model (without "heard"), the rest by counting.
FULL_MODEL = 2500
#: Above this many variables the integer model is not run for urgency.
URGENCY_SIZE = 9000
#: Between CAREFUL people and this many variables fairness and urgency are proven as one weighted sum, not one after the other.
TOGETHER = 12_000
#: Above this many people nothing but counting is done.
LARGEST = 20_000


def prove(a, reached, *, pinned=(), step=lambda fraction, stage: None):
    """(bound, plan): bound is (placed, fairness, urgency) with ``None`` for unknown; plan is ``None`` when all levels
    that could be bounded are reached. ``reached`` is the objective at hand, ``step(fraction, stage)`` reports progress."""
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
    third = sum(a.worth_of) + 1
    together = len(levels) == 3 and a.n > CAREFUL and model.nx + model.nh <= TOGETHER
    if together:
        levels = levels[0], levels[1] * third + levels[2]
        reached, trivial = [reached[0], reached[1] * third + reached[2]], [trivial[0], None]
    bound, extra, best, short = [], [], None, False
    for n, level in enumerate(levels):
        step(n / 3, "proof")
        if not short and reached[n] == trivial[n]:
            value = trivial[n]
        else:
            value, vector = _level(model, level, extra, None if short else reached[n], n)
            if value is None:
                break
            if vector is not None:
                short, best = True, vector
        bound.append(value)
        extra.append(model.floor_row(level, value))
    if short and a.n <= CAREFUL:
        step(0.9, "proof")
        answer = model.solve(model.preference(), extra)
        best = best if answer.x is None else answer.x
    if together and len(bound) == 2:
        bound[1:] = divmod(bound[1], third)
    plan = model.plan(best) if short and best is not None else None
    bound = [value + own for value, own in zip(bound, base, strict=False)]
    return (*bound, *[None] * (3 - len(bound))), plan


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
    value, _ = _level(model, model.levels()[0], [], reached - own, 0)
    return alive if value is None else value + own


def quick_bound(a):
    """The counted bound on the first two levels, no model asked."""
    alive = a.alive[: a.n]
    return int(alive.sum()), int(a.waited[: a.n][alive].sum()), None, None


def _level(model, level, extra, reached, n):
    """(bound, solution vector or ``None``) of one level."""
    relaxed = model.solve(level, extra, relaxed=True)
    if relaxed.x is None:
        return None, None
    top = math.floor(-relaxed.fun + 1e-5)
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
