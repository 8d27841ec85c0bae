"""Stored facts of a session. An event holds ids, words and numbers; a text with a blank in it is refused.

Confidential texts (case, key question, ideas, takeaways) live sealed in their own rows; an event names the row.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from beratung_xblock.process.types import Word

PersonId = int | str
_PLAIN = re.compile(r"^[A-Za-z0-9_.:-]{1,64}$")


class Kind(Word):
    """Everything that can happen in a session."""

    MEMBER_ADDED = "member_added"
    MEMBER_REMOVED = "member_removed"
    JOINED = "joined"
    LEFT = "left"
    STEPPED_OUT = "stepped_out"
    STEPPED_IN = "stepped_in"
    MODERATOR_SET = "moderator_set"
    ROLE_GIVEN = "role_given"
    ROLE_FREED = "role_freed"
    CASE_OFFERED = "case_offered"
    CASE_WITHDRAWN = "case_withdrawn"
    DOTS_CHANGED = "dots_changed"
    CASE_CHOSEN = "case_chosen"
    CONFLICT_ASKED = "conflict_asked"
    CASE_OPENED = "case_opened"
    CASE_DROPPED = "case_dropped"
    CASE_FINISHED = "case_finished"
    CASE_REOPENED = "case_reopened"
    QUESTION_SET = "question_set"
    QUESTION_CONFIRMED = "question_confirmed"
    METHOD_CHOSEN = "method_chosen"
    METHOD_CONFIRMED = "method_confirmed"
    STARTED = "started"
    PHASE_ENTERED = "phase_entered"
    LOOP_ENTERED = "loop_entered"
    LOOP_LEFT = "loop_left"
    EXTENDED = "extended"
    PAUSED = "paused"
    STOPPED = "stopped"
    RESUMED = "resumed"
    BREAK_STARTED = "break_started"
    BREAK_ENDED = "break_ended"
    ROUND_STARTED = "round_started"
    IDEA_ADDED = "idea_added"
    IDEA_EDITED = "idea_edited"
    IDEA_REMOVED = "idea_removed"
    IDEA_MERGED = "idea_merged"
    IDEA_SPLIT = "idea_split"
    MERGED_INTO = "merged_into"
    ENDED = "ended"


@dataclass(frozen=True, slots=True)
class Event:
    """One fact. `by` is the person who did it (None: the system); `at` is server time, aware, UTC."""

    kind: Kind
    at: datetime
    by: PersonId | None = None
    data: Mapping[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for key, value in self.data.items():
            if not (value is None or isinstance(value, (bool, int)) or (isinstance(value, str) and _PLAIN.match(value))):
                raise ValueError(f"event data {key} must be an id, a word or a number")


def plain_id(value: object) -> bool:
    """Whether a value may stand in an event as an id."""
    return (isinstance(value, int) and not isinstance(value, bool)) or (
        isinstance(value, str) and bool(_PLAIN.match(value))
    )
