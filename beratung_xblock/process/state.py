"""The state of a session: everything the rules need to know, derived from its events by `reducer`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from beratung_xblock.process.events import PersonId
from beratung_xblock.process.types import HELD_ROLES, Contribution, Loop, Phase, ProcessTemplate, Role, Word

Place = tuple[int, int, str]
"""Round number, phase index, loop id ('' outside a loop): each has its own stretch of the clock."""


class Status(Word):
    """Where a session stands; a break or a pause is no status of its own."""

    WAITING = "waiting"
    RUNNING = "running"
    BETWEEN = "between"
    MERGED = "merged"
    ENDED = "ended"


class Held(Word):
    """Why the clock stands."""

    PAUSE = "pause"
    STOP = "stop"


@dataclass(frozen=True, slots=True)
class Member:
    """One person of the group. `out` sits this case out, no reason is kept; `phone` has no page of their own.

    `guest` is a coordinator who came to moderate: texts are open to them only while they do.
    """

    id: PersonId
    can_moderate: bool = False
    phone: bool = False
    present: bool = False
    out: bool = False
    guest: bool = False


@dataclass(frozen=True, slots=True)
class Offer:
    """A case somebody offers in the casting. `waiting` counts how long the owner has waited (any unit, more = longer)."""

    case: PersonId
    owner: PersonId | None
    urgency: int = 2
    waiting: int = 0


@dataclass(frozen=True, slots=True)
class CaseRun:
    """One chosen case on its way. `giver` is None for a round without a case of a person (sharing, sample case)."""

    case: PersonId
    giver: PersonId | None
    conflict_asked: bool = False
    opened: bool = False
    question: bool = False
    question_confirmed: bool = False
    method: str = ""
    method_confirmed: bool = False
    round_no: int = 0
    sample: str = ""
    """The id of an invented case, when the group practises with one."""


@dataclass(frozen=True, slots=True)
class Idea:
    """One contribution, known by its id. `of` names the idea it turns round (Kopfstand, column 1)."""

    id: PersonId
    case: PersonId
    by: PersonId | None
    at: datetime
    column: int = 0
    of: PersonId | None = None
    merged_into: PersonId | None = None
    removed: bool = False


@dataclass(frozen=True, slots=True)
class Stretch:
    """The clock of one place, in seconds: planned by the template, added by the moderator, already used."""

    planned: int
    extended: int = 0
    spent: float = 0.0


@dataclass(frozen=True, slots=True)
class SessionState:
    """Everything the rules need to know. `version` is the number of events applied."""

    template: ProcessTemplate
    version: int = 0
    status: Status = Status.WAITING
    last_at: datetime | None = None
    members: Mapping[PersonId, Member] = field(default_factory=dict)
    moderator: PersonId | None = None
    vacant_since: datetime | None = None
    roles: Mapping[Role, PersonId] = field(default_factory=dict)
    offers: Mapping[PersonId, Offer] = field(default_factory=dict)
    current: CaseRun | None = None
    queue: tuple[CaseRun, ...] = ()
    finished: tuple[CaseRun, ...] = ()
    ideas: tuple[Idea, ...] = ()
    round_no: int = 1
    phase_index: int = 0
    loop_id: str = ""
    stretches: Mapping[Place, Stretch] = field(default_factory=dict)
    running_since: datetime | None = None
    held: Held | None = None
    pause: Stretch | None = None
    writing_ended_at: datetime | None = None

    @property
    def place(self) -> Place:
        """The place whose clock counts now."""
        return (self.round_no, self.phase_index, self.loop_id)

    @property
    def phase(self) -> Phase:
        """The current phase (the first one before the start)."""
        return self.template.phases[self.phase_index]

    @property
    def loop(self) -> Loop | None:
        """The loop the group is in, if any."""
        return self.phase.loop(self.loop_id) if self.loop_id else None

    @property
    def on_break(self) -> bool:
        """True during a break."""
        return self.pause is not None

    @property
    def is_over(self) -> bool:
        """True once ended or merged away: nothing can happen any more."""
        return self.status in (Status.ENDED, Status.MERGED)

    @property
    def contribution(self) -> Contribution:
        """What may be written into the shared list right now."""
        if self.status is not Status.RUNNING:
            return Contribution.NONE
        loop = self.loop
        return loop.contribution if loop else self.phase.contribution

    @property
    def case_number(self) -> int:
        """1 for the first case, 2 for the second; dropped cases do not count."""
        return len(self.finished) + 1

    def role_of(self, person: PersonId) -> Role:
        """The one role whose sentences a person reads: moderator, case giver, then what the casting gave, else adviser."""
        if person == self.moderator:
            return Role.MODERATOR
        if self.current and person == self.current.giver:
            return Role.CASE_GIVER
        for role in HELD_ROLES:
            if self.roles.get(role) == person:
                return role
        return Role.ADVISER

    def advisers(self) -> tuple[PersonId, ...]:
        """People who advise: everybody there but moderator, case giver, observer, tech host and who sits out."""
        return tuple(
            member.id
            for member in self.members.values()
            if not member.out and not member.guest and self.role_of(member.id) in (Role.ADVISER, Role.NOTE_TAKER)
        )

    def idea(self, idea_id: object) -> Idea | None:
        """The idea with this id, or None."""
        return next((idea for idea in self.ideas if idea.id == idea_id), None)

    def run(self, case: object) -> CaseRun | None:
        """The run of a case, wherever it stands."""
        runs = (*([self.current] if self.current else []), *self.queue, *self.finished)
        return next((run for run in runs if run.case == case), None)

    def may_read_case(self, person: PersonId, case: object) -> bool:
        """Whether the group's door to a case text is open for this person: opened by its owner, not closed since."""
        run = self.current
        member = self.members.get(person)
        if run is None or run.case != case or member is None or self.is_over:
            return False
        if not self.may_read(person):
            return False
        return person == run.giver or (run.opened and not member.out)

    def may_read(self, person: PersonId) -> bool:
        """Whether what the group writes (question, ideas, an opened case) is for this person: not for a guest who does not moderate."""
        member = self.members.get(person)
        return member is not None and (not member.guest or person == self.moderator)
