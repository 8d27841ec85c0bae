"""What can be wrong with the input of an assignment. Every error names the field it is about."""


class AssignmentError(ValueError):
    """Base of all errors of this package."""


class InstanceError(AssignmentError):
    """The instance breaks the schema; ``field`` is a path such as ``people[3].slots``."""

    def __init__(self, field, problem):
        super().__init__(f"{field}: {problem}")
        self.field = field
        self.problem = problem


class SolutionError(AssignmentError):
    """A solution file cannot be read; ``field`` is a path such as ``groups[0].members``."""

    def __init__(self, field, problem):
        super().__init__(f"{field}: {problem}")
        self.field = field
        self.problem = problem


class ImpossiblePins(AssignmentError):
    """Pins that cannot be kept; ``problems`` is a tuple of :class:`PinProblem`."""

    def __init__(self, problems):
        super().__init__("; ".join(f"{p.group or p.person}: {p.kind}" for p in problems))
        self.problems = tuple(problems)


class Cancelled(AssignmentError):
    """The caller's ``cancelled()`` answered true; nothing was kept."""
