"""People as columns: one pass over ten thousand objects instead of twenty, and all counting in numpy."""

from functools import cached_property
from itertools import chain
from operator import attrgetter, methodcaller

import numpy as np

_FIELDS = ("id", "slots", "langs", "case", "mod", "org", "region", "exp", "waited")
_READ = attrgetter(*_FIELDS)
_wishes = methodcaller("values")


class Table:
    """The fields of :class:`.problem.Person`, one tuple each: ``id``, ``slots``, ``langs``, ``case``, ..."""

    def __init__(self, people):
        self.size = len(people)
        columns = zip(*map(_READ, people), strict=True) if people else ((),) * len(_FIELDS)
        self.id, self.slots, self.langs, self.case, self.mod, self.org, self.region, self.exp, self.waited = columns

    @cached_property
    def index(self):
        """Where each id stands; only for people whose ids are sound."""
        return dict(zip(self.id, range(self.size), strict=True))

    def wishes(self):
        """All wishes of all people, one after the other."""
        return chain.from_iterable(map(_wishes, self.slots))

    @staticmethod
    def pairs(lists, index):
        """(rows, columns) of ragged lists of names: who has which."""
        sizes = np.fromiter(map(len, lists), dtype=np.int64, count=len(lists))
        columns = np.fromiter(map(index.__getitem__, chain.from_iterable(lists)), dtype=np.int64, count=int(sizes.sum()))
        return np.repeat(np.arange(len(lists)), sizes), columns


def alike(groups, values, width):
    """Number of equal pairs inside the groups: ``groups`` and ``values`` (N,) say who is where and what, ``values`` below ``width``."""
    if not len(groups):
        return 0
    _, counts = np.unique(groups * np.int64(width) + values, return_counts=True)
    return int((counts * (counts - 1) // 2).sum())


def numbered(names):
    """(numbers (N,), how many different ones) of a column of names."""
    index = {name: k for k, name in enumerate(dict.fromkeys(names))}
    return np.fromiter(map(index.__getitem__, names), dtype=np.int64, count=len(names)), max(1, len(index))
