"""Group assignment: who meets whom, when, in which language and in which role. Pure; knows no Django.

Public surface::

    result = solve(instance, seed=1, effort="normal", pins=Pins(...), progress=None, cancelled=None)
    result = reassign(instance, before, pins=Pins(...))
    faults = validate(instance, solution)          # () when every hard rule holds and every reason is true
    said = explain(instance, solution)             # kinds and parameters, no sentences
    hints = advise(instance, solution)             # proposals for the few whom the rules leave out

Why it is built this way
========================

*A volunteer left out needs a true reason, a coordinator needs to know that trying harder is in vain.* So every answer comes
with a bound, and every reason is a statement anybody can check by counting (``screen``).

*Groups inside a slot and language need no names to be counted.* A model with one copy per group is symmetric and explodes at
some hundred people. The cell model (``cells``) only asks how many groups a cell holds; Hall's theorem says when real groups
can be cut from it. It yields the bound at every size that matters, and a plan where searching alone falls short (``prove``,
``fill``).

*Search first, prove second.* Dealing by scarcity (``deal``), short ejection chains (``repair``) and an annealer that judges
many moves at once (``anneal``, ``field``, ``groupcost``) mostly reach the bound without any solver. The linear relaxation then
proves it in a fraction of a second. What is decided without a solver also does not depend on the solver's version.

*Opening and closing groups is part of the search.* The annealer may pass through groups that are too small at a price that
rises until no such group is left; the number of groups per slot settles by itself.

*Where all possible groups can be listed, the optimum is mostly proven on all four levels*: up to fourteen people by enumeration
(``exact``), and rounds so full of exclusions that few groups are possible at all by a search (``pack``) and a branch and bound
(``branch``) over the list (``listed``).

*After a change people matter more than points.* ``reassign`` starts from what was published and looks for the shortest mending
(``mend``): a newcomer, a facilitator, one neighbour; only then more.

*What a person decided stands* (``pinning``): pinned groups leave the calculation, pinned people stay in their slot, and what
cannot be kept is named, all at once.
"""

from .errors import AssignmentError, Cancelled, ImpossiblePins, InstanceError, SolutionError
from .explain import Explanation, Explanations, Standing, about_round, explain
from .problem import (
    DEFAULT_URGENCY,
    DEFAULT_WEIGHTS,
    PIN_PROBLEMS,
    REASONS,
    SCHEMA,
    Facilitator,
    Group,
    Instance,
    Note,
    Person,
    PinProblem,
    Pins,
    Result,
    Rules,
    SeatPin,
    Slot,
    Solution,
)
from .reassign import reassign
from .schema import instance_from_dict, instance_to_dict, solution_from_dict, solution_to_dict
from .small import Proposal, advise
from .solve import solve
from .validate import Violation, validate

__all__ = [
    "DEFAULT_URGENCY", "DEFAULT_WEIGHTS", "PIN_PROBLEMS", "REASONS", "SCHEMA",
    "AssignmentError", "Cancelled", "Explanation", "Explanations", "Facilitator", "Group", "ImpossiblePins",
    "Instance", "InstanceError", "Note", "Person", "PinProblem", "Pins", "Proposal", "Result", "Rules", "SeatPin",
    "Slot", "Solution", "SolutionError", "Standing", "Violation", "about_round", "advise", "explain", "instance_from_dict",
    "instance_to_dict", "reassign", "solution_from_dict", "solution_to_dict", "solve", "validate",
]
