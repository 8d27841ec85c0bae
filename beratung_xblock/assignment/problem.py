"""The words of the problem as frozen dataclasses: what is asked, and what is answered.

Everything here is plain data: ids are strings, times stay text, no method decides anything.
``schema`` reads and writes them as JSON and refuses unsound instances.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

SCHEMA = "kb-grouping/1"

#: Soft penalties by name with their default weight; see :mod:`.scoring` for what each counts.
DEFAULT_WEIGHTS = {
    "slot_pref": 2, "size": 2, "repeat": 4, "same_org": 2, "same_region": 1,
    "no_experience": 4, "one_case": 3, "apart": 8, "facilitator": 1, "fragile": 2,
}

#: Worth of a heard case by urgency (1 ordinary, 2 raised, 3 urgent). Ordinary cases count nothing on
#: purpose: otherwise the optimum is many groups of the smallest size.
DEFAULT_URGENCY = {1: 0, 2: 1, 3: 3}

#: Why somebody has no place, from the simplest cause to the last; each can be checked by counting.
REASONS = ("no_slots", "too_few_peers", "no_case_giver", "no_moderator", "competition")


@dataclass(frozen=True, slots=True, kw_only=True)
class Rules:
    """The author's settings. Defaults are the ones for an online group (domain: min 4, target 6, max 8)."""

    size_min: int = 4
    size_target: int = 6
    size_max: int = 8
    cases_max: int = 2
    repeat_policy: str = "avoid"
    urgency_weight: Mapping[int, int] = field(default_factory=lambda: dict(DEFAULT_URGENCY))
    weights: Mapping[str, int] = field(default_factory=lambda: dict(DEFAULT_WEIGHTS))


@dataclass(frozen=True, slots=True, kw_only=True)
class Slot:
    """One date and time; at most ``max_groups`` groups meet in parallel."""

    id: str
    max_groups: int
    start: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """One registration: ``slots`` maps a slot id to a wish of 1..3 (3 best), ``case`` is 0 (none) or 1..3 (urgency).

    Equal texts in ``org`` or ``region`` count as the same organisation or region, the empty text too: whoever does not
    know them gives every person a text of its own.
    """

    id: str
    slots: Mapping[str, int]
    langs: tuple[str, ...]
    case: int = 0
    mod: bool = False
    org: str = ""
    region: str = ""
    exp: int = 0
    waited: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Facilitator:
    """Somebody from the organiser who can moderate without being a member: one group a slot, ``max_groups`` a round."""

    id: str
    slots: tuple[str, ...]
    langs: tuple[str, ...]
    max_groups: int = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class Instance:
    """One round to be assigned.

    ``exclusions`` are hard, ``together`` are wishes, ``history`` holds earlier rounds (latest first), each a
    tuple of groups, each a tuple of person ids; ids unknown to this round may occur in all three.
    """

    rules: Rules
    slots: tuple[Slot, ...]
    people: tuple[Person, ...]
    facilitators: tuple[Facilitator, ...] = ()
    exclusions: tuple[tuple[str, str], ...] = ()
    together: tuple[tuple[str, str], ...] = ()
    history: tuple[tuple[tuple[str, ...], ...], ...] = ()
    name: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    """One group; ``moderator`` is a member's or a facilitator's id, ``cases`` the members whose case is heard."""

    id: str
    slot: str
    lang: str
    members: tuple[str, ...]
    moderator: str
    cases: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Solution:
    """Groups, and for everybody else a reason of :data:`REASONS`."""

    groups: tuple[Group, ...] = ()
    unplaced: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class SeatPin:
    """A person decided: this volunteer sits in the group with this id, which meets in this slot and language."""

    person: str
    group: str
    slot: str
    lang: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Pins:
    """What a person decided and no calculation may change.

    ``groups`` stay exactly as they are (members, slot, language, moderator, cases; nobody is added).
    ``people`` sit where they were put; others may join them.
    """

    groups: tuple[Group, ...] = ()
    people: tuple[SeatPin, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class PinProblem:
    """Why a pin cannot be kept: ``kind`` is one of :data:`PIN_PROBLEMS`."""

    kind: str
    group: str = ""
    person: str = ""


#: Closed list of the kinds of :class:`PinProblem`.
PIN_PROBLEMS = (
    "unknown_person", "unknown_slot", "pinned_twice", "slot_not_offered", "language_not_spoken", "excluded_pair",
    "two_places", "slot_full", "group_too_large", "group_not_valid", "facilitator_not_free", "cannot_be_completed",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Note:
    """One finding for the coordinator: ``kind`` (closed list in :mod:`.explain`) and its parameters; never a sentence."""

    kind: str
    params: Mapping[str, object] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """An answer with its proof.

    ``objective`` is (placed, fairness, urgency, soft). ``bound`` has the same four places: no assignment can be
    better on that level given the levels before are at their bound; ``None`` where no bound is known.
    ``changed``, ``moved``, ``dropped`` are filled by :func:`reassign` only.
    """

    solution: Solution
    objective: tuple[int, int, int, int]
    bound: tuple[int, int | None, int | None, int | None]
    notes: tuple[Note, ...] = ()
    changed: tuple[str, ...] = ()
    dropped: tuple[str, ...] = ()

    @property
    def is_best_possible(self):
        """True when the number of placed people is proven to be the maximum."""
        return self.objective[0] == self.bound[0]
