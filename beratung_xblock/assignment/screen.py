"""Reasons that hold for a person alone, found by counting who could ever meet whom.

A *cell* is a slot and a language; its *pool* are the people who offer the slot and speak the language. A person's stage
is how far the best of the own cells gets: too few people, nobody with a case, nobody to moderate, or a group could meet.
People below the last stage can be left out of every calculation: no assignment places them.
"""

from collections import defaultdict

from .problem import REASONS


class Screen:
    """Pools and stages of one instance; cheap for people without exclusions, exact for those with."""

    def __init__(self, instance):
        self.rules = instance.rules
        self.room = {s.id: s.max_groups for s in instance.slots}
        self.led = {(s, lang) for f in instance.facilitators for s in f.slots for lang in f.langs}
        self.pools = defaultdict(list)
        for person in instance.people:
            for slot in person.slots:
                if self.room[slot]:
                    for lang in person.langs:
                        self.pools[slot, lang].append(person)
        self.foes = defaultdict(set)
        for a, b in instance.exclusions:
            self.foes[a].add(b)
            self.foes[b].add(a)
        self._whole = {cell: self._stage(cell, pool) for cell, pool in self.pools.items()}
        # More people excluded than this with somebody, and the own stage of the cell must be counted by itself.
        self._slack = {cell: min(len(pool) - self.rules.size_min, sum(p.case > 0 for p in pool) - 2, sum(p.mod for p in pool) - 1)
                       for cell, pool in self.pools.items()} if self.foes else {}

    def _stage(self, cell, pool):
        """0 too few people, 1 no case giver, 2 no moderator beside a case giver, 3 a group could meet."""
        if len(pool) < self.rules.size_min:
            return 0
        givers = [p for p in pool if p.case]
        if not givers:
            return 1
        mods = [p for p in pool if p.mod]
        if cell in self.led or (mods and (len(givers) > 1 or len(mods) > 1 or givers[0] is not mods[0])):
            return 3
        return 2

    def cell_stage(self, person, cell):
        """The stage of one cell for one person, those excluded with the person left out."""
        whole = self._whole.get(cell, 0)
        foes = self.foes.get(person.id)
        if not foes or not whole or (whole == 3 and len(foes) <= self._slack[cell]):
            return whole
        return self._stage(cell, [p for p in self.pools[cell] if p.id not in foes])

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
