"""Proven optima on all four levels where the possible groups can be listed one by one.

Two cases allow it: very few people, searched here without any solver (the certificate is the enumeration itself), and
rounds so full of exclusions that only some thousand groups are possible at all, chosen from by an integer model (comfort only
where that is quick). There the cell model's bound is loose, because it knows exclusions only in part.
"""

import functools
import math
from dataclasses import dataclass

import numpy as np
import scipy

from .scoring import indispensable
from .state import State, Team, cast

#: People up to whom the enumeration replaces everything else, and the groups it may list for them.
FEW, FEW_COLUMNS = 14, 6000
#: People and possible groups up to which the integer model chooses groups, and the nodes it may look at.
SPARSE, SPARSE_COLUMNS, NODES = 150, 6000, 4
#: The same where people exclude at least this share of the others on average: there nothing else comes near the optimum.
CROWDED, CROWDED_COLUMNS = 1 / 6, 20_000
#: Sets of people looked at for each group that may be listed; most sets are no group where hardly anybody moderates.
TRIES = 40
#: More possible groups (where people exclude many) or nodes than this: comfort is left to annealing.
EASY_COLUMNS, EASY_NODES = 2000, 1
#: Three levels become one sum while no weight is larger than this (solvers count to about nine digits).
HEAVIEST = 100_000


class Columns:
    """Every possible group (members, slot, language, leader or -1) with its four scores; ``full`` when more than the cap."""

    def __init__(self, a, cap):
        self.a, self.cap = a, cap
        self.groups, self.scores = [], []
        self.full = False
        self.tries = TRIES * cap
        self.people = [i for i in range(a.n) if a.alive[i]]
        for slot in range(a.n_slots):
            for lang in range(a.n_langs):
                if a.room[slot] and not self.full:
                    pool = [i for i in self.people if a.fits(i, slot, lang)]
                    leaders = [f for f in range(len(a.fac_ids)) if a.fac_slots[f, slot] and a.fac_langs[f, lang] and a.fac_max[f]]
                    self._extend([], pool, slot, lang, leaders)

    def _extend(self, members, pool, slot, lang, leaders):
        a = self.a
        self.tries -= 1
        self.full |= self.tries < 0
        if len(members) >= a.rules.size_min:
            self._add(tuple(members), slot, lang, leaders)
        if self.full or len(members) == a.rules.size_max or len(members) + len(pool) < a.rules.size_min:
            return
        for n, i in enumerate(pool):
            foes = a.foes[i]
            self._extend([*members, i], [j for j in pool[n + 1 :] if j not in foes], slot, lang, leaders)
            if self.full:
                return

    def _add(self, members, slot, lang, leaders):
        a = self.a
        soft = None
        for leader in (-1, *leaders):
            mod, cases = cast(a, members, leader >= 0)
            if not cases or (leader < 0 and mod < 0):
                continue
            soft = self._soft(members, slot) if soft is None else soft
            self.groups.append((members, slot, lang, leader))
            self.scores.append((len(members), int(a.waited[list(members)].sum()), int(a.urgency[a.case[list(cases)]].sum()),
                                -(soft + self._shape(members, cases, leader))))
        self.full |= len(self.groups) > self.cap

    def _soft(self, members, slot):
        a, w = self.a, self.a.rules.weights
        who = np.array(members)
        pairs = int(a.matrix[np.ix_(who, who)].sum()) // 2
        return pairs + w["slot_pref"] * int((3 - a.wish[who, slot].astype(int)).sum())

    def _shape(self, members, cases, leader):
        a, w, rules = self.a, self.a.rules.weights, self.a.rules
        people = [a.instance.people[i] for i in members]
        return (w["size"] * abs(len(members) - rules.size_target) + w["no_experience"] * (not any(a.expert[i] for i in members))
                + w["one_case"] * (len(cases) == 1) + w["facilitator"] * (leader >= 0)
                + w["fragile"] * bool(indispensable(people, rules.size_min, leader >= 0)))

    def state(self, chosen):
        """The chosen columns as a :class:`State`."""
        teams = [Team(slot, lang, list(members), leader) for members, slot, lang, leader in (self.groups[c] for c in chosen)]
        placed = {i for t in teams for i in t.members}
        return State(teams, [i for i in self.people if i not in placed])

    def total(self, chosen):
        """Objective of the chosen columns."""
        sums = [sum(self.scores[c][k] for c in chosen) for k in range(4)]
        return (*sums[:3], sums[3] - self.a.apart)


def best_of_few(a):
    """(state, bound on all four levels) by complete enumeration, or ``None`` when there are too many people or groups."""
    if not 0 < int(a.alive.sum()) <= FEW:
        return None if a.alive.any() else (State(), (0, 0, 0, -a.apart))
    columns = Columns(a, FEW_COLUMNS)
    if columns.full:
        return None
    bit = {i: 1 << k for k, i in enumerate(columns.people)}
    masks = [sum(bit[i] for i in members) for members, _, _, _ in columns.groups]
    by_first = [[] for _ in columns.people]
    for c, mask in enumerate(masks):
        by_first[(mask & -mask).bit_length() - 1].append(c)

    @functools.cache
    def best(left, used):
        """(scores, columns) from the people in ``left``; ``used`` is the sorted tuple of (slot, leader) taken."""
        if left.bit_count() < a.rules.size_min:
            return (0, 0, 0, 0), ()
        low = left & -left
        top = best(left ^ low, used)
        for c in by_first[low.bit_length() - 1]:
            if masks[c] & ~left:
                continue
            taken = _take(a, used, columns.groups[c])
            if taken is None:
                continue
            rest, others = best(left ^ masks[c], taken)
            score = tuple(x + y for x, y in zip(columns.scores[c], rest, strict=True))
            if score > top[0]:
                top = (score, (c, *others))
        return top

    _, chosen = best((1 << len(columns.people)) - 1, ())
    return columns.state(chosen), columns.total(chosen)


def _take(a, used, group):
    """``used`` with one more group, or ``None`` when its slot is full or its leader not free."""
    _, slot, _, leader = group
    if sum(s == slot for s, _ in used) >= a.room[slot]:
        return None
    if leader >= 0 and ((slot, leader) in used or sum(f == leader for _, f in used) >= a.fac_max[leader]):
        return None
    return tuple(sorted((*used, (slot, leader))))


def best_of_sparse(a):
    """(state, bound) chosen from all possible groups, or ``None`` when they are too many or too entangled.

    How many groups can meet at all is asked first: it takes a second, and without that number the relaxation hopes for a group
    too many and the model looks at many more nodes. The bound on comfort is ``None`` where proving it would take longer than
    all the rest.
    """
    if a.n > SPARSE:
        return None
    crowded = sum(map(len, a.foes)) >= CROWDED * a.n**2
    columns = Columns(a, CROWDED_COLUMNS if crowded else SPARSE_COLUMNS)
    if columns.full or not columns.groups:
        return None
    scores = np.array(columns.scores, dtype=float)
    limits = [_limits(a, columns)]
    every = np.ones(len(scores))
    most = _choose(every, limits)
    limits.append(scipy.optimize.LinearConstraint(every[None, :], 0, most.bound))
    easy, bounds = not crowded or len(columns.groups) <= EASY_COLUMNS, []
    for step in _steps(a, scores[:, :3]):
        answer = _choose(step, limits)
        if answer.columns is None:
            return None
        chosen = answer.columns
        bounds.append(answer.bound)
        if not answer.proven:
            break
        easy &= answer.nodes <= EASY_NODES
        limits.append(scipy.optimize.LinearConstraint(step[None, :], step[chosen].sum() - 0.5, np.inf))
    else:
        best = _choose(scores[:, 3], limits) if easy else None
        if best is not None and best.proven:
            return columns.state(best.columns), columns.total(best.columns)
    return columns.state(chosen), _levels(a, bounds)


def _weights(a):
    """What a place and a round waited are worth in the weighted sum of three levels, or ``None`` where that would be too large."""
    third = sum(a.worth_of) + 1
    second = (sum(a.waited_of) + 1) * third
    return (second, third) if second <= HEAVIEST else None


def _steps(a, levels):
    """The three levels as one weighted sum, or one after the other where the weights would be too large to count with."""
    weights = _weights(a)
    return [levels @ np.array([*weights, 1.0])] if weights else list(levels.T)


def _levels(a, bounds):
    """Bounds of the steps as bounds of the four levels, ``None`` for the levels after one that was not proven."""
    if _weights(a):
        second, third = _weights(a)
        placed, rest = divmod(bounds[0], second)
        bounds = (placed, *divmod(rest, third))
    return (*bounds, *[None] * (4 - len(bounds)))


def _limits(a, columns):
    """Each person once, each slot's room, each facilitator's time."""
    rows, cols, index = [], [], {}
    for c, (members, slot, _, leader) in enumerate(columns.groups):
        keys = [("person", i) for i in members] + [("room", slot)]
        if leader >= 0:
            keys += [("busy", leader, slot), ("duty", leader)]
        for key in keys:
            rows.append(index.setdefault(key, len(index)))
            cols.append(c)
    most = {"room": lambda key: a.room[key[1]], "duty": lambda key: a.fac_max[key[1]]}
    high = np.array([most.get(key[0], lambda key: 1)(key) for key in index], dtype=float)
    matrix = scipy.sparse.coo_matrix((np.ones(len(rows)), (rows, cols)), shape=(len(index), len(columns.groups)))
    return scipy.optimize.LinearConstraint(matrix.tocsr(), -np.inf, high)


@dataclass(frozen=True, slots=True)
class _Answer:
    """Indices of the best columns found (``None``: none), the proven bound, whether they reach it, nodes looked at."""

    columns: np.ndarray | None
    bound: int
    proven: bool
    nodes: int


def _choose(worth, limits):
    """The best columns by ``worth`` (whole numbers), as far as ``NODES`` nodes show."""
    answer = scipy.optimize.milp(-worth, constraints=limits, integrality=np.ones(len(worth)), bounds=scipy.optimize.Bounds(0, 1),
                  options={"mip_rel_gap": 0, "node_limit": NODES})
    columns = None if answer.x is None else np.flatnonzero(answer.x > 0.5)
    reached = None if columns is None else round(worth[columns].sum())
    dual = answer.mip_dual_bound
    bound = reached if answer.status == 0 else math.floor(-dual + 1e-6) if dual is not None and np.isfinite(dual) else round(worth.sum())
    return _Answer(columns, bound, reached is not None and reached >= bound, int(answer.mip_node_count or 0))
