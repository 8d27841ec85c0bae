"""Reasons that hold for a person alone, found by counting who could ever meet whom.

A *cell* is a slot and a language; its *pool* are the people who offer the slot and speak the language. A person's stage
is how far the best of the own cells gets: too few people, nobody with a case, nobody to moderate, or a group could meet.
People below the last stage can be left out of every calculation: no assignment places them.
"""

from collections import Counter, defaultdict
from collections.abc import Mapping

from .problem import REASONS


def pools_of(room, counted):
    """The pools of all cells with room; ``counted`` says who is there: (slots, languages, brings a case, moderates) -> people."""
    pools = {}
    for (slots, langs, case, mod), number in counted.items():
        places = [place for place, counts in enumerate((True, case, mod, case and mod)) if counts]
        for slot in slots:
            if room[slot]:
                for lang in langs:
                    pool = pools.setdefault((slot, lang), [0, 0, 0, 0])
                    for place in places:
                        pool[place] += number
    return pools


def _kinds(people):
    return Counter((tuple(p.slots), tuple(p.langs), p.case > 0, p.mod) for p in people)


class Screen:
    """Pools and stages of one instance; cheap for people without exclusions, exact for those with.

    A pool is kept as four numbers: people, those with a case, those who moderate, those with both. ``pools`` of the cells with room may be
    given; without them the people of the instance are counted (:func:`pools_of`). Of the instance itself only people with exclusions
    are needed then.
    """

    def __init__(self, instance, pools: Mapping | None = None):
        self.rules = instance.rules
        self.room = {s.id: s.max_groups for s in instance.slots}
        self.led = {(s, lang) for f in instance.facilitators for s in f.slots for lang in f.langs}
        self.pools = pools_of(self.room, _kinds(instance.people)) if pools is None else pools
        self.foes = defaultdict(set)
        for a, b in instance.exclusions:
            self.foes[a].add(b)
            self.foes[b].add(a)
        self._excluded = {p.id: p for p in instance.people if p.id in self.foes} if self.foes else {}
        self._whole = {cell: self._stage(cell, pool) for cell, pool in self.pools.items()}
        # More people excluded than this with somebody, and the own stage of the cell must be counted by itself.
        self._slack = {cell: min(people - self.rules.size_min, givers - 2, mods - 1) for cell, (people, givers, mods, _both) in self.pools.items()}

    @classmethod
    def from_counts(cls, instance, counted: Mapping):
        """The screen of a round whose people are known as counts only (see :func:`pools_of`)."""
        return cls(instance, pools_of({s.id: s.max_groups for s in instance.slots}, counted))

    def promising(self):
        """The cells where a group could meet as far as counting tells."""
        return [cell for cell, stage in self._whole.items() if stage == 3]

    def _stage(self, cell, pool):
        """0 too few people, 1 no case giver, 2 no moderator beside a case giver, 3 a group could meet."""
        people, givers, mods, both = pool
        if people < self.rules.size_min:
            return 0
        if not givers:
            return 1
        return 3 if cell in self.led or (mods and (givers > 1 or mods > 1 or not both)) else 2

    def pool_of(self, person, cell):
        """The pool of a cell without those excluded with the person."""
        slot, lang = cell
        pool = list(self.pools[cell])
        for foe in self.foes.get(person.id, ()):
            other = self._excluded.get(foe)
            if other is not None and slot in other.slots and lang in other.langs:
                for place, counts in enumerate((True, other.case > 0, other.mod, other.case > 0 and other.mod)):
                    pool[place] -= counts
        return pool

    def cell_stage(self, person, cell):
        """The stage of one cell for one person, those excluded with the person left out."""
        whole = self._whole.get(cell, 0)
        foes = self.foes.get(person.id)
        if not foes or not whole or (whole == 3 and len(foes) <= self._slack[cell]):
            return whole
        return self._stage(cell, self.pool_of(person, cell))

    def stage(self, person):
        """-1 offers no slot, else the best stage over the person's cells."""
        if not person.slots:
            return -1
        best, careful = 0, person.id in self.foes
        for slot in person.slots:
            for lang in person.langs:
                if not careful and self._whole.get((slot, lang)) == 3:
                    return 3
                best = max(best, self.cell_stage(person, (slot, lang)))
                if best == 3:
                    return 3
        return best

    def reason(self, person):
        """Why this person has no place, as one of :data:`REASONS`; true by counting."""
        return REASONS[self.stage(person) + 1]
