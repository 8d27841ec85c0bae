"""Group assignment: who meets whom, when, in which language and in which role. Pure; knows no Django.

Public surface::

    result = solve(instance, seed=1, effort="normal", pins=Pins(...), progress=None, cancelled=None)
    result = reassign(instance, before, seed=1, pins=Pins(...))
    errors = validate(instance, solution)          # () when every hard rule holds and every reason is true
    notes = explain(instance, solution)            # kinds and parameters, no sentences
"""

from .errors import AssignmentError, Cancelled, ImpossiblePins, InstanceError, SolutionError
from .explain import Explanation, Explanations, explain
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
    "Slot", "Solution", "SolutionError", "Violation", "advise", "explain", "instance_from_dict",
    "instance_to_dict", "reassign", "solution_from_dict", "solution_to_dict", "solve", "validate",
]
