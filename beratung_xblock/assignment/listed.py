"""The best choice where the possible groups can be listed: rounds so full of exclusions that only some thousand are possible at all.

There the cell model's bound is loose, because it knows exclusions only in part. Searched first (:mod:`.pack`), then proven
(:mod:`.branch`), and both for longer where the proof does not come.
"""

import numpy as np

from .branch import Brancher
from .exact import Columns
from .pack import Packer

#: People and possible groups up to which this is tried.
MOST, MOST_COLUMNS = 150, 6000
#: The same where people exclude at least this share of the others on average: there nothing else comes near the optimum.
CROWDED, CROWDED_COLUMNS = 1 / 6, 20_000
#: Runs of the search and work of the proof (columns of all relaxations, each counted with OWN more), one stage after the other.
STAGES = {"quick": ((1, 80_000), (2, 160_000)), "normal": ((1, 80_000), (2, 520_000)), "thorough": ((1, 80_000), (3, 800_000), (4, 3_000_000))}
OWN = 1000
#: Parts of a point of comfort, drawn so that hardly two choices are worth the same; values up to which a float counts exactly.
FINE, EXACT = 1 << 10, 1 << 52


def best_of_listed(a, *, seed, effort, step=lambda: None):
    """(states, bound, proven), the best state first, or ``None`` when the groups are too many to be listed.

    Hardly ever two choices are worth the same, so a proven one is the same with every version of the solver; one that is not proven comes
    from the search, unless a relaxation happened to be a better choice. ``step()`` is called now and then and may raise to end it.
    """
    if a.n > MOST:
        return None
    crowded = sum(map(len, a.foes)) >= CROWDED * a.n**2
    columns = Columns(a, CROWDED_COLUMNS if crowded else MOST_COLUMNS)
    if columns.full or not columns.groups:
        return None
    scale = Scale(a, columns)
    packer = Packer(a, columns, scale.worth, scale.place, scale.fine)
    brancher, found = Brancher(packer, step), []
    for runs, work in STAGES[effort]:
        found += [packer.run(seed + len(found) + k, step=step) for k in range(runs)]
        top = brancher.run(1 + work // (len(columns.groups) + OWN), max(found))
        if top == brancher.best[0]:
            break
    found.append(brancher.best)
    found = sorted(set(found), reverse=True)
    proven = scale.wide > 1 and scale.levels(top) == scale.levels(found[0][0])
    bound = scale.levels(top)
    return [columns.state(chosen) for _, chosen in found], bound if proven else (*bound[:3], None), proven


class Scale:
    """The levels of all columns as one whole number each (``worth``), and back. What could not be counted exactly is left out: first what
    was drawn, then comfort. A place is worth ``place``, what was drawn less than ``fine``."""

    def __init__(self, a, columns):
        scores = np.array(columns.scores, dtype=np.int64)
        groups = int(a.alive.sum()) // a.rules.size_min + 1
        self.apart = a.apart
        self.third = sum(a.worth_of) + 1
        self.second = (sum(a.waited_of) + 1) * self.third
        wide = 2 * groups * int(np.abs(scores[:, 3]).max()) + 1
        self.wide, self.fine = next((w, f) for w, f in ((wide, FINE), (wide, 1), (1, 1)) if a.n * self.second * w * f < EXACT or w == 1)
        self.place = self.second * self.wide * self.fine
        drawn = np.random.Generator(np.random.PCG64(3)).integers(0, max(1, self.fine // groups), len(scores))
        comfort = scores[:, 3] if self.wide > 1 else 0
        self.worth = ((scores[:, :3] @ np.array([self.second, self.third, 1])) * self.wide + comfort) * self.fine + drawn

    def levels(self, worth):
        """The four levels a sum stands for; comfort is ``None`` where it was left out."""
        counted = worth // self.fine
        high = (counted + self.wide // 2) // self.wide
        comfort = counted - high * self.wide - self.apart if self.wide > 1 else None
        return high // self.second, high % self.second // self.third, high % self.third, comfort
