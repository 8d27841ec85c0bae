"""Choose groups from a list of all possible ones so that nobody is in two: a local search that needs no solver.

Taking a group puts out those that share a person (or the room, or the leader) with it. Each step takes the group that gains most, even
where nothing gains; then everybody who is left out weighs a little more from now on, so that groups for them come up (the idea of
weighting local search, Richter, Helmert and Gretton 2007), and a group put out stays out for some steps. After a while the
search goes on from the best choice so far, with the weights forgotten. All sums are whole numbers, so the answer depends on the seed
alone, where an integer model hands back another of equally good choices with every version of its solver.
"""

import numpy as np

#: Shares of a place by which a person left out weighs more at each dead end, one stage after the other; steps a group put out stays out
#: (least, and up to so many more).
PRESSURES, TENURE = (0.2, 0.05), (5, 10)
#: Stages of a run, steps of each.
STAGES, STEPS = 4, 2000
#: A gain no group has.
NEVER = -(1 << 60)
#: People in one word of a set.
WORD = 62


class Packer:
    """Works on :class:`.exact.Columns`; ``worth`` (N,) is what each is worth in whole numbers, a place worth ``place`` of it and what
    tells equally good groups apart less than ``fine``."""

    def __init__(self, a, columns, worth, place, fine):
        self.a, self.worth, self.place, self.fine = a, worth, place, fine
        self.members = [list(group[0]) for group in columns.groups]
        self.slot, self.lead = (np.array([group[k] for group in columns.groups]) for k in (1, 3))
        self.inside = np.zeros((a.n, len(self.members)), dtype=np.int64)
        for c, who in enumerate(self.members):
            self.inside[who, c] = 1
        self.people = np.array(columns.people)
        parts = (self.people[k : k + WORD] for k in range(0, len(self.people), WORD))
        self.sets = [np.bitwise_or.reduce(self.inside[part] << np.arange(len(part))[:, None]) for part in parts]
        self.at = {}
        for key in {key for c in range(len(self.members)) for key in self.keys(c)}:
            alike = self.lead == key[1] if key[0] != "room" else self.slot == key[1]
            self.at[key] = np.flatnonzero(alike & (self.slot == key[2]) if key[0] == "busy" else alike)

    def keys(self, c):
        """The limits column ``c`` counts for."""
        slot, lead = int(self.slot[c]), int(self.lead[c])
        return [("room", slot)] + ([("busy", lead, slot), ("duty", lead)] if lead >= 0 else [])

    def limit(self, key):
        """How many columns a limit allows."""
        return 1 if key[0] == "busy" else int((self.a.room if key[0] == "room" else self.a.fac_max)[key[1]])

    def clash(self, c):
        """(N,) which columns share somebody with ``c``."""
        out = (self.sets[0] & self.sets[0][c]) != 0
        for words in self.sets[1:]:
            out |= (words & words[c]) != 0
        return out

    def run(self, seed, step=lambda: None):
        """(worth, columns) of the best choice found. ``step()`` is called now and then and may raise to end the search."""
        rng = np.random.Generator(np.random.PCG64([seed, 11]))
        best, found = 0, ()
        for stage in range(STAGES):
            game = _Game(self, rng, found, PRESSURES[stage % len(PRESSURES)])
            for n in range(STEPS):
                if n % 256 == 0:
                    step()
                game.play(n)
                if game.score > best:
                    best, found = game.score, tuple(sorted(game.chosen))
        return best, found


class _Game:
    """A choice in the making, what its groups stand for, and what everybody weighs at the moment."""

    def __init__(self, packer, rng, chosen, pressure):
        self.p, self.rng = packer, rng
        count = len(packer.worth)
        self.value = packer.worth + rng.integers(0, packer.fine, count)
        self.more = max(1, int(pressure * packer.place))
        self.loss, self.until = np.zeros(count, dtype=np.int64), np.zeros(count, dtype=np.int64)
        self.chosen, self.clash, self.held = [], {}, {}
        self.out = np.zeros(packer.a.n, dtype=bool)
        self.out[packer.people] = True
        self.score = 0
        for c in chosen:
            self.take(c)

    def play(self, n):
        """The ``n``-th step."""
        gain = self.value - self.loss
        for key, held in self.held.items():
            if len(held) >= self.p.limit(key):
                at = self.p.at[key]
                beside = ~np.logical_or.reduce([self.clash[k][at] for k in held])
                gain[at[beside]] -= min(int(self.value[k]) for k in held)
        gain[self.until > n] = NEVER
        gain[self.chosen] = NEVER
        c = int(gain.argmax())
        if gain[c] <= 0:
            self.value += self.more * self.p.inside[self.out].sum(0)
        for k in self.in_the_way(c):
            self.drop(k)
            self.until[k] = n + TENURE[0] + int(self.rng.random() * TENURE[1])
        self.take(c)

    def in_the_way(self, c):
        """The chosen columns that cannot stay beside ``c``."""
        gone = [k for k in self.chosen if self.clash[k][c]]
        for key in self.p.keys(c):
            left = [k for k in self.held.get(key, ()) if k not in gone]
            if len(left) >= self.p.limit(key):
                gone.append(min(left, key=lambda k: (self.value[k], k)))
        return gone

    def take(self, c):
        """Choose column ``c``, beside which everything chosen can stand."""
        self.chosen.append(c)
        for key in self.p.keys(c):
            self.held.setdefault(key, []).append(c)
        self.clash[c] = self.p.clash(c)
        self.loss += self.value[c] * self.clash[c]
        self._count(c, 1)

    def drop(self, c):
        """Choose it no longer. (Its value has not changed meanwhile: nobody in it was left out.)"""
        self.chosen.remove(c)
        for key in self.p.keys(c):
            self.held[key].remove(c)
        self.loss -= self.value[c] * self.clash.pop(c)
        self._count(c, -1)

    def _count(self, c, sign):
        self.out[self.p.members[c]] = sign < 0
        self.score += sign * int(self.p.worth[c])
