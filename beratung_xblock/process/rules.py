"""What may be asked of a session, by whom, and the typed answers when the rules say no."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from beratung_xblock.process.events import Event, Kind, PersonId
from beratung_xblock.process.state import SessionState
from beratung_xblock.process.types import Role, Word

GONE_AFTER = timedelta(seconds=90)
"""A page not heard of for this long counts as gone. Browsers let a hidden page speak once a minute, and the companion is
often hidden behind the call; a page that is closed says goodbye and counts as gone after ten seconds."""
ANYONE_AFTER = timedelta(seconds=60)
"""For so long only people who said they can moderate may take over; then anyone in the group."""
EDIT_FOR = timedelta(seconds=120)
"""How long an own idea may be changed or taken back by its author."""
GRACE = timedelta(seconds=60)
"""Writing stays open this long after a phase was left (WCAG 2.2.1)."""
EXTENSIONS = (1, 2, 5)
BREAK_MINUTES = range(1, 31)


class Act(Word):
    """Everything a person can ask for."""

    ADD_MEMBER = "add_member"
    REMOVE_MEMBER = "remove_member"
    JOIN = "join"
    LEAVE = "leave"
    MARK_PRESENT = "mark_present"
    STEP_OUT = "step_out"
    STEP_IN = "step_in"
    TAKE_OVER = "take_over"
    HAND_OVER = "hand_over"
    GIVE_ROLE = "give_role"
    FREE_ROLE = "free_role"
    OFFER_CASE = "offer_case"
    WITHDRAW_CASE = "withdraw_case"
    PLACE_DOTS = "place_dots"
    CHOOSE_CASE = "choose_case"
    PICK_CASE = "pick_case"
    ASK_CONFLICT = "ask_conflict"
    OPEN_CASE = "open_case"
    DROP_CASE = "drop_case"
    SET_QUESTION = "set_question"
    CONFIRM_QUESTION = "confirm_question"
    CHOOSE_METHOD = "choose_method"
    CONFIRM_METHOD = "confirm_method"
    START = "start"
    NEXT = "next"
    BACK = "back"
    SKIP = "skip"
    ENTER_LOOP = "enter_loop"
    LEAVE_LOOP = "leave_loop"
    EXTEND = "extend"
    PAUSE = "pause"
    STOP = "stop"
    RESUME = "resume"
    START_BREAK = "start_break"
    END_BREAK = "end_break"
    NEXT_CASE = "next_case"
    ADD_IDEA = "add_idea"
    EDIT_IDEA = "edit_idea"
    REMOVE_IDEA = "remove_idea"
    MERGE_IDEA = "merge_idea"
    SPLIT_IDEA = "split_idea"
    MERGE_AWAY = "merge_away"
    END = "end"


class Why(Word):
    """Why something was refused; a page turns it into one sentence."""

    OVER = "over"
    NOT_A_MEMBER = "not_a_member"
    NOT_THE_MODERATOR = "not_the_moderator"
    NOT_ALLOWED = "not_allowed"
    NOT_RUNNING = "not_running"
    ALREADY_STARTED = "already_started"
    MODERATOR_IS_HERE = "moderator_is_here"
    WAIT_FOR_SKILLED = "wait_for_skilled"
    OWN_CASE = "own_case"
    UNKNOWN_PERSON = "unknown_person"
    UNKNOWN_CASE = "unknown_case"
    UNKNOWN_IDEA = "unknown_idea"
    UNKNOWN_VALUE = "unknown_value"
    NO_CASE = "no_case"
    CONFLICT_NOT_ASKED = "conflict_not_asked"
    LISTENING = "listening"
    SITTING_OUT = "sitting_out"
    NOT_NOW = "not_now"
    TOO_LATE = "too_late"
    FIRST_PHASE = "first_phase"
    NOT_OPTIONAL = "not_optional"
    TOO_MANY = "too_many"
    ROLE_TAKEN = "role_taken"


@dataclass(frozen=True, slots=True)
class Action:
    """A wish. `data` holds ids and words only; texts go another way."""

    act: Act
    data: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Doer:
    """Who asks: a member of the group, the coordinator, or the system (both without a person of the group)."""

    person: PersonId | None = None
    coordinator: bool = False
    system: bool = False


@dataclass(frozen=True, slots=True)
class Heard:
    """When each page was last heard of. Who is not in `seen` counts as heard at `since` (the cache was lost then)."""

    since: datetime
    seen: Mapping[PersonId, datetime] = field(default_factory=dict)

    def last(self, person: PersonId) -> datetime:
        """The last sign of a person, as late as it may have been."""
        return self.seen.get(person, self.since)


@dataclass(frozen=True, slots=True)
class Refusal:
    """No, and why. `seconds` says how long to wait where waiting helps."""

    why: Why
    seconds: int = 0


Decision = tuple[Event, ...] | Refusal


@dataclass(frozen=True, slots=True)
class Asked:
    """One action in its circumstances, handed to the rule that answers it."""

    state: SessionState
    action: Action
    doer: Doer
    now: datetime
    heard: Heard

    @property
    def data(self) -> Mapping[str, Any]:
        """The data of the action."""
        return self.action.data

    @property
    def person(self) -> PersonId | None:
        """The member who asks."""
        return self.doer.person

    @property
    def moderates(self) -> bool:
        """Whether the moderator asks."""
        return self.person is not None and self.person == self.state.moderator

    @property
    def gives(self) -> bool:
        """Whether the giver of the current case asks."""
        run = self.state.current
        return self.person is not None and run is not None and run.giver == self.person

    @property
    def writes_notes(self) -> bool:
        """Whether the note-taker asks."""
        return self.person is not None and self.state.roles.get(Role.NOTE_TAKER) == self.person

    @property
    def steers(self) -> bool:
        """Whether somebody asks who may lead the process: the moderator, or system clean-up."""
        return self.moderates or self.doer.system

    def event(self, kind: Kind, **data: object) -> Event:
        """An event of this action, by this person, now."""
        return Event(kind, self.now, self.person, data)


def take_over_wait(state: SessionState, person: PersonId, now: datetime, heard: Heard) -> int | None:
    """Seconds until this person may take over; 0 is now, None never (moderator here, own case, not a member).

    People who said they can moderate come first; a minute after the moderator has gone, or when none of them is
    there, anyone may. The giver of the current case may only when nobody else is there.
    """
    member = state.members.get(person)
    if member is None or state.is_over or person == state.moderator:
        return None
    others = [other for other in state.members.values() if other.present and other.id not in (person, state.moderator)]
    if state.current and state.current.giver == person and others:
        return None
    if state.moderator is None:
        gone = state.vacant_since or now
    else:
        gone = heard.last(state.moderator) + GONE_AFTER
        if now < gone:
            return None
    if member.can_moderate or not any(other.can_moderate for other in others):
        return 0
    return max(0, int((gone + ANYONE_AFTER - now).total_seconds() + 0.999))
