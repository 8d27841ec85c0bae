"""The whole way from an instance to a proven answer: screen, cells, fill, repair, anneal."""

from .arrays import Arrays
from .cells import Model
from .errors import Cancelled
from .fill import fill
from .problem import Pins, Result
from .repair import repair
from .schema import require_sound
from .scoring import objective
from .state import State, to_solution

EFFORTS = ("quick", "normal", "thorough")


def solve(instance, *, seed=1, effort="normal", pins=None, progress=None, cancelled=None):
    """Assign everybody who can be assigned; returns a :class:`Result` whose solution keeps every hard rule.

    ``effort`` is one of :data:`EFFORTS` and counts iterations, never seconds: same input, seed and effort give the same
    groups. ``progress(fraction, stage)`` is called now and then; ``cancelled()`` returning true raises
    :class:`Cancelled`. Raises :class:`InstanceError` for unsound input, :class:`ImpossiblePins` for pins that cannot hold.
    """
    if effort not in EFFORTS:
        raise ValueError(f"effort must be one of {EFFORTS}")
    require_sound(instance)
    pins = pins or Pins()

    def step(fraction, stage):
        if cancelled is not None and cancelled():
            raise Cancelled(stage)
        if progress is not None:
            progress(fraction, stage)

    step(0.0, "screen")
    a = Arrays(instance)
    state, bound = _construct(a, step)
    solution = to_solution(a, state)
    step(1.0, "done")
    return Result(solution=solution, objective=objective(instance, solution), bound=bound)


def _construct(a, step):
    if not a.alive.any():
        return State(), (0, 0, 0, None)
    step(0.05, "cells")
    model = Model(a)
    extra, bound, best = [], [], None
    for level in model.levels():
        answer = model.solve(level, extra)
        if answer.x is None:
            break
        best = answer.x
        bound.append(round(level @ best))
        extra.append(model.floor_row(level, bound[-1]))
    step(0.3, "fill")
    state = fill(a, model.plan(best))
    step(0.4, "repair")
    repair(a, state)
    return state, (*bound, None)
