"""Hide small figures so that they cannot be worked out from the others. Pure.

A table is a set of figures with the sums that hold between them. Figures of 1 to 4 people are hidden ("small"); further
ones are hidden ("hidden") until nobody who knows every figure shown, every sum, and how this module works can tell the
value of a small one. All exports show parts of the same table, so two of them together tell no more than one.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Hashable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from scipy.optimize import linprog

SMALL = 5
"""Figures from 1 to SMALL - 1 are hidden."""
SHOWN, IS_SMALL, HIDDEN = "", "small", "hidden"
_EPSILON = 1e-6
Key = Hashable


@dataclass(frozen=True)
class Sum:
    """`total` is the sum of `parts`, exactly; with `at_most` it may be less (people who belong to several parts)."""

    total: Key
    parts: tuple[Key, ...]
    at_most: bool = False


def suppress(values: Mapping[Key, int], sums: Sequence[Sum], *, also: Collection[Key] = ()) -> dict[Key, str]:
    """The mark of each figure. `also` names figures to hide for another reason, whatever their size (never zeros).

    Zeros are shown: they say nothing about anybody. When hiding parts does not help, totals are hidden too.
    """
    marks = dict.fromkeys(values, SHOWN)
    for key, value in values.items():
        if 0 < value < SMALL:
            marks[key] = IS_SMALL
        elif key in also and value:
            marks[key] = HIDDEN
    secret = [key for key, mark in marks.items() if mark]
    while True:
        pinned = next((key for key in secret if _is_known(key, values, sums, marks)), None)
        if pinned is None:
            return marks
        partner = _partner(pinned, values, sums, marks)
        if partner is None:
            return {key: (mark or HIDDEN) if values[key] else SHOWN for key, mark in marks.items()}
        marks[partner] = HIDDEN


def _partner(key: Key, values: Mapping[Key, int], sums: Sequence[Sum], marks: Mapping[Key, str]) -> Key | None:
    """The next figure to hide: one that shares a sum with a hidden one, a part rather than a total, the smallest."""
    near: dict[Key, bool] = {}
    frontier, seen = [key], {key}
    while frontier and not near:
        here = frontier.pop(0)
        for each in sums:
            members = (each.total, *each.parts)
            if here not in members:
                continue
            for other in members:
                if marks[other] == SHOWN and values[other]:
                    near[other] = near.get(other, True) and other == each.total
                elif other not in seen and marks[other]:
                    seen.add(other)
                    frontier.append(other)
    return min(near, key=lambda other: (near[other], values[other], str(other)), default=None)


def possible_range(
    key: Key, values: Mapping[Key, int], sums: Sequence[Sum], marks: Mapping[Key, str]
) -> tuple[int, float]:
    """The least and the greatest whole value a hidden figure could have, for somebody who knows all the rest."""
    hidden = [other for other, mark in marks.items() if mark]
    column = {other: number for number, other in enumerate(hidden)}
    bounds = [(1, SMALL - 1) if marks[other] == IS_SMALL else (SMALL, None) for other in hidden]
    equal, equal_to, below, below_to = [], [], [], []
    for each in sums:
        if not any(marks[other] for other in (each.total, *each.parts)):
            continue
        row, known = np.zeros(len(hidden)), 0.0
        for other, sign in ((each.total, 1.0), *((part, -1.0) for part in each.parts)):
            if marks[other]:
                row[column[other]] += sign
            else:
                known -= sign * values[other]
        if each.at_most:
            below.append(row)
            below_to.append(known)
            for part in each.parts:  # no part is more than the whole
                bigger, limit = np.zeros(len(hidden)), 0.0
                for other, sign in ((part, 1.0), (each.total, -1.0)):
                    if marks[other]:
                        bigger[column[other]] += sign
                    else:
                        limit -= sign * values[other]
                below.append(bigger)
                below_to.append(limit)
        else:
            equal.append(row)
            equal_to.append(known)
    found = []
    for sign in (1.0, -1.0):
        goal = np.zeros(len(hidden))
        goal[column[key]] = sign
        answer = linprog(
            goal, A_eq=np.array(equal) if equal else None, b_eq=equal_to or None,
            A_ub=np.array(below) if below else None, b_ub=below_to or None, bounds=bounds, method="highs",
        )
        found.append(sign * answer.fun if answer.status == 0 else sign * -math.inf)
    low = math.ceil(found[0] - _EPSILON) if math.isfinite(found[0]) else 0
    high = math.floor(found[1] + _EPSILON) if math.isfinite(found[1]) else math.inf
    return low, high


def _is_known(key: Key, values: Mapping[Key, int], sums: Sequence[Sum], marks: Mapping[Key, str]) -> bool:
    low, high = possible_range(key, values, sums, marks)
    return high - low < 1
