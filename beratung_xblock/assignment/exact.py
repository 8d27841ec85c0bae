"""All possible groups one by one, and for very few people the proven optimum of all four levels.

The search needs no solver: the certificate is the enumeration itself. For more people see :mod:`.listed`.
"""

import functools

import numpy as np

from .scoring import indispensable
from .state import State, Team, cast

#: People up to whom the enumeration replaces everything else, and the groups it may list for them.
FEW, FEW_COLUMNS = 14, 6000
#: Sets of people looked at for each group that may be listed; most sets are no group where hardly anybody moderates.
TRIES = 40


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
