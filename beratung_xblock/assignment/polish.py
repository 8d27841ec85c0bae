"""How much annealing a round gets: stages, copies and batch sizes by the number of people and the effort."""

from dataclasses import dataclass

from .anneal import Annealer
from .repair import repair, rescue
from .state import stands

#: Share of the steps during which groups open and close.
WARM = 0.7

#: Steps of the main stage by effort, relative to "normal".
EFFORTS = {"quick": 0.15, "normal": 1.0, "thorough": 5.0}


@dataclass(frozen=True, slots=True)
class Budget:
    """``copies`` side by side, ``batch`` proposals a step, steps to ``explore`` and to ``polish``, heat and price of a flaw at first."""

    copies: int
    batch: int
    explore: int
    polish: int
    hot: float = 2.0
    soft: float = 0.5


def budget(n, effort):
    """Iterations for ``n`` people; about a quarter to two milliseconds each."""
    factor = EFFORTS[effort]
    if n <= 150:
        share = min(1.0, (n / 60) ** 1.5)
        return Budget(32, 1280, int(600 * share), int(7000 * share * factor), 4.0, 3.0)
    if n <= 600:
        return Budget(1, 1500, 1200, int(12000 * factor))
    if n <= 3000:
        return Budget(1, 3000, 2000, int(3500 * factor))
    return Budget(1, 4000, int(min(12000, 2000 + n // 5) * min(1.0, factor)), int(14_000 * min(2.0, max(1.0, n / 25_000)) * factor))


def anneal(a, states, *, seed, copies, batch, steps, hot, soft, cold=0.35, tick=lambda done: None):
    """Best states found, best first: a list of (energy, state).

    Groups open and close while it is warm; then what does not stand is dissolved and everything cools with firm groups.
    """
    teams = max(len(s.teams) for s in states)
    if not teams or not steps:
        return [(0, s) for s in states]
    empty = max(2, min(teams // 8 + 2, 400))
    warm = int(steps * WARM)
    middle = hot * (cold / hot) ** WARM
    player = Annealer(a, states, seed=seed, copies=copies, batch=batch, empty=empty)
    player.run(warm, hot=hot, cold=middle, soft=soft, tick=lambda done: tick(WARM * done))
    states = [settle(a, last) or best for last, best in player.last()]
    player = Annealer(a, states, seed=seed + 7919, copies=copies, batch=batch, empty=0)
    player.run(steps - warm, hot=middle, cold=cold, tick=lambda done: tick(WARM + (1 - WARM) * done))
    return player.answers()


def refine(a, states, *, seed, copies, batch, steps, hot=1.5, cold=0.35, tick=None):
    """Best states found without breaking a group on the way, best first: a list of (energy, state)."""
    player = Annealer(a, states, seed=seed, copies=copies, batch=batch)
    player.run(steps, hot=hot, cold=cold, tick=tick)
    return player.answers()


def settle(a, state):
    """The state without groups that do not stand, their people seated elsewhere as far as chains can; ``None`` when
    such a group is pinned."""
    state = state.copy()
    for team in [t for t in state.teams if not t.closed and not stands(a, t.members, t.leader >= 0)]:
        if team.fixed or team.id:
            return None
        state.teams.remove(team)
        state.spare += team.members
    repair(a, state)
    rescue(a, state, state.spare)
    return state
