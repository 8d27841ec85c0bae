"""How much annealing a round gets: stages, copies and batch sizes by the number of people and the effort."""

from dataclasses import dataclass

from .anneal import Annealer

#: Steps of the main stage by effort, relative to "normal".
EFFORTS = {"quick": 0.15, "normal": 1.0, "thorough": 5.0}


@dataclass(frozen=True, slots=True)
class Budget:
    """``copies`` side by side, ``batch`` proposals a step, ``steps`` to explore and to polish."""

    copies: int
    batch: int
    explore: int
    polish: int


def budget(n, effort):
    """Iterations for ``n`` people; about a quarter to two milliseconds each."""
    factor = EFFORTS[effort]
    if n <= 150:
        share = min(1.0, (n / 60) ** 1.5)
        return Budget(16, 160, int(1500 * share * min(1.0, factor)), int(14000 * share * factor))
    if n <= 600:
        return Budget(1, 140, int(2500 * min(1.0, factor)), int(24000 * factor))
    if n <= 3000:
        return Budget(1, 600, int(3000 * min(1.0, factor)), int(8000 * factor))
    return Budget(1, 1500, int(min(12000, 2000 + n // 5) * min(1.0, factor)), int(4000 * factor))


def anneal(a, states, *, seed, copies, batch, steps, hot, soft, tick=None):
    """Best states found, best first: a list of (energy, state)."""
    teams = max(len(s.teams) for s in states)
    if not teams or not steps:
        return [(0, s) for s in states]
    empty = max(2, min(teams // 8 + 2, 400))
    player = Annealer(a, states, seed=seed, copies=copies, batch=batch, empty=empty)
    player.run(steps, hot=hot, soft=soft, tick=tick)
    return player.answers()
