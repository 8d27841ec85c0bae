"""The whole way from an instance to a proven answer: screen, deal, repair, anneal, prove, and again from the proof's plan."""

from dataclasses import replace

from .arrays import Arrays
from .deal import Dealer
from .errors import Cancelled
from .exact import best_of_few
from .fill import fill
from .listed import best_of_listed
from .pinning import pinned_teams, require_kept
from .polish import EFFORTS, anneal, budget, refine
from .problem import Pins, Result
from .prove import prove
from .repair import repair
from .schema import require_sound
from .scoring import objective
from .state import to_solution

#: Share of the polishing during which groups may still open and close.
MELT = 0.8
#: Rounds between these sizes, with so many exclusions a person and at most this share of the people left, are searched for LONGER times
#: the first steps.
NEARLY_SIZES, NEARLY_FOES, NEARLY_LEFT, LONGER = (150, 600), 4, 0.01, 2.5
#: Share of the polishing where the groups were chosen from a list: the levels before leave comfort little room.
LISTED = 0.3
#: Above so many people: share of the first steps where dealing left nobody, and of the polishing where a plan was needed (that took its time).
LARGE, SEATED, PLANNED = 3000, 0.25, 0.4


def solve(instance, *, seed=1, effort="normal", pins=None, progress=None, cancelled=None):
    """Assign everybody who can be assigned; returns a :class:`Result` whose solution keeps every hard rule.

    ``effort`` is "quick", "normal" or "thorough" and counts iterations, never seconds: same input, seed and effort give
    the same groups. ``progress(fraction, stage)`` is called now and then; ``cancelled()`` returning true raises
    :class:`Cancelled`. Raises :class:`InstanceError` for unsound input, :class:`ImpossiblePins` for pins that cannot hold.
    """
    if effort not in EFFORTS:
        raise ValueError(f"effort must be one of {tuple(EFFORTS)}")
    require_sound(instance)
    return _Search(instance, seed, effort, pins or Pins(), progress, cancelled).run()


class _Search:
    def __init__(self, instance, seed, effort, pins, progress, cancelled):
        self.instance, self.seed, self.effort, self.pins = instance, seed, effort, pins
        self.progress, self.cancelled, self.done = progress, cancelled, 0.0

    def step(self, fraction, stage):
        if self.cancelled is not None and self.cancelled():
            raise Cancelled(stage)
        self.done = max(self.done, fraction)
        if self.progress is not None:
            self.progress(round(self.done, 3), stage)

    def run(self):
        self.step(0.0, "screen")
        self.a = a = Arrays(self.instance)
        self.budget = budget(a.n, self.effort)
        self.teams = pinned_teams(a, self.pins)
        if not self.teams:
            few = best_of_few(a)
            if few is not None:
                return self.result(*few)
            listed = best_of_listed(a, seed=self.seed, effort=self.effort, step=lambda: self.step(0.25, "explore"))
            if listed is not None:
                states, bound, proven = listed
                return self.result(*((states[0], bound) if proven else self.finish(states, bound, LISTED)))
        state = self.explore()
        self.step(0.25, "proof")
        full = all(len(t.members) >= a.rules.size_max for t in state.teams)  # people can only swap: another start helps
        bound, plan = prove(a, self.levels(state), pinned=self.teams, other=full,
                            step=lambda done, stage: self.step(0.25 + 0.25 * done, stage))
        states = [state]
        if plan is not None and all(t.closed for t in self.teams):
            states.append(self.from_plan(plan))
        share = PLANNED if a.n > LARGE and len(states) > 1 else 1.0
        return self.result(*self.finish(states, (*bound, None), share))

    def result(self, state, bound):
        solution = to_solution(self.a, state)
        self.step(1.0, "done")
        return Result(solution=solution, objective=objective(self.instance, solution, self.a.table), bound=bound)

    def levels(self, state):
        return objective(self.instance, to_solution(self.a, state), self.a.table)

    def explore(self):
        """Deal, seat the rest by chains, anneal a little."""
        a, b = self.a, self.budget
        state = Dealer(a, self.teams).deal()
        require_kept(a, state)
        repair(a, state)
        self.step(0.1, "explore")
        steps = int(SEATED * b.explore) if a.n > LARGE and not state.spare else b.explore
        found = anneal(a, [state], seed=self.seed, copies=b.copies, batch=b.batch, steps=steps, hot=b.hot, soft=b.soft,
                       tick=lambda done: self.step(0.1 + 0.15 * done, "explore"))
        return self.nearly(self.best(found))

    def nearly(self, state):
        """Look longer where many are excluded and hardly anybody is left: the model knows exclusions only in part and would not seat them."""
        a, b = self.a, self.budget
        left = int(a.alive.sum()) - self.levels(state)[0]
        least, most = NEARLY_SIZES
        if not (least < a.n <= most and sum(map(len, a.foes)) >= NEARLY_FOES * a.n and 0 < left <= NEARLY_LEFT * a.n):
            return state
        found = anneal(a, [state], seed=self.seed + 3, copies=b.copies, batch=b.batch, steps=int(LONGER * b.explore), hot=b.hot, soft=b.soft,
                       tick=lambda _: self.step(0.25, "explore"))
        return max([state, self.best(found)], key=self.levels)

    def from_plan(self, plan):
        state = fill(self.a, plan, self.teams)
        repair(self.a, state)
        return state

    def best(self, found):
        """The best of the few best by the true objective, everybody seated who still can be."""
        states = [s for _, s in found[:3]]
        for state in states:
            if state.spare:
                repair(self.a, state)
        return max(states, key=self.levels)

    def finish(self, states, bound, share=1.0):
        """The best of what polishing makes of the states; ``share`` of the budget."""
        a, b = self.a, self.budget
        b = replace(b, polish=int(b.polish * share))
        states = sorted(states, key=self.levels, reverse=True)
        self.step(0.5, "polish")
        melt = int(b.polish * MELT) if len(states) == 1 else 0
        if melt:
            states += [s for _, s in anneal(a, states, seed=self.seed + 1, copies=b.copies, batch=b.batch, steps=melt, hot=b.hot, soft=b.soft,
                                            tick=lambda done: self.step(0.5 + 0.3 * done, "polish"))]
            states = sorted(states, key=self.levels, reverse=True)[: max(1, b.copies // 4)]
        found = refine(a, states[: b.copies], seed=self.seed + 2, copies=b.copies, batch=b.batch, steps=b.polish - melt, hot=0.8 if melt else 2.0,
                       tick=lambda done: self.step(0.8 + 0.1 * done, "polish"))
        return max([self.best(found), states[0]], key=self.levels), bound
