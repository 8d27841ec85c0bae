"""The assignment board as the coordinator sees it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from beratung_xblock.data.views import SlotView


@dataclass(frozen=True, kw_only=True)
class Why:
    """One explanation: `kind` of the closed list in `assignment.explain` and its parameters, ids replaced by names."""

    kind: str
    params: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class Target:
    """A group a person could be moved to; `fits` when that keeps every rule about dates, languages and size."""

    id: str
    number: int
    fits: bool


@dataclass(frozen=True, kw_only=True)
class Found:
    """Somebody found by name; `group_number` is 0 without a place."""

    uid: str
    name: str
    group_number: int


@dataclass(frozen=True, kw_only=True)
class BoardPerson:
    """One person on the board, placed or not."""

    uid: str
    name: str
    region: str
    can_moderate: bool
    brings_case: bool
    urgency: int
    languages: tuple[str, ...] = ()
    pinned: bool = False
    is_moderator: bool = False
    case_is_heard: bool = False
    wish: str = ""
    """yes or maybe for the slot the person sits in."""
    why: tuple[Why, ...] = ()
    reason: str = ""
    """For people without a place: a word of `assignment.REASONS`."""
    targets: tuple[Target, ...] = ()
    """Where this person could be moved, what fits first; not every group of a big round."""


@dataclass(frozen=True, kw_only=True)
class BoardGroup:
    """One proposed group. `problems` are (rule, word) pairs of broken rules; empty means it may be published."""

    id: str
    number: int
    slot: SlotView
    language: str
    people: tuple[BoardPerson, ...]
    moderator: str
    moderator_is_facilitator: bool
    pinned: bool
    problems: tuple[tuple[str, str], ...] = ()
    why: tuple[Why, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Board:
    """The newest revision of a round's proposal. `number` goes into every action that changes it."""

    round_uid: str
    number: int
    groups: tuple[BoardGroup, ...]
    unplaced: tuple[BoardPerson, ...]
    placed: int
    groups_total: int = 0
    listed_total: int = 0
    """Groups that the filters leave."""
    faulty_total: int = 0
    """Groups that break a rule, on all pages."""
    broken: tuple[str, ...] = ()
    """The rules that some group breaks, on all pages."""
    slot: str = ""
    faulty: bool = False
    bound: int | None = None
    """No assignment can place more people than this; None when unknown."""
    notes: tuple[Why, ...] = ()
    can_undo: bool = False
    is_published: bool = False
    differs_from_published: bool = False
    slots: tuple[SlotView, ...] = ()
    unplaced_total: int = 0
    page: int = 0
    pages: int = 1
    left_page: int = 1
    left_pages: int = 1
    """Pages of the people without a place."""
    advice: tuple[Why, ...] = ()
    """What would help the people without a place: kinds of `assignment.PROPOSALS`; `people` are uids, `names` their display names."""


@dataclass(frozen=True, kw_only=True)
class Step:
    """One revision of the board: its number, the word of what was done, by whom, when."""

    number: int
    action: str
    by: str
    at: dt.datetime
