"""Frozen answers of the api about places, rounds, slots, registrations and groups."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, kw_only=True)
class SlotView:
    """One date of a round. Times are aware, in UTC; `time_zone` is the zone to show."""

    uid: str
    starts_at: dt.datetime
    ends_at: dt.datetime
    time_zone: str
    max_groups: int
    capacity: int | None = None
    """Places on this date; None: as many as its groups can take."""
    is_cancelled: bool = False
    offered_by: int = 0
    """How many registered people answered yes or if need be; filled for coordinators."""
    meeting_url: str = ""
    meeting_number: str = ""
    meeting_passcode: str = ""
    dial_in: str = ""


@dataclass(frozen=True, kw_only=True)
class RoundView:
    """One round. `version` goes into every form that changes it."""

    uid: str
    title: str
    state: str
    version: int
    closes_at: dt.datetime
    opens_at: dt.datetime | None
    capacity: int | None
    slots: tuple[SlotView, ...] = ()
    registered: int = 0
    waiting: int = 0


@dataclass(frozen=True, kw_only=True)
class RegistrationView:
    """One registration as its owner or coordinator sees it. `answers` maps a slot uid to yes, maybe or no."""

    uid: str
    round_uid: str
    display_name: str
    state: str
    answers: Mapping[str, str] = field(default_factory=dict)
    languages: tuple[str, ...] = ()
    can_moderate: bool = False
    brings_case: bool = False
    urgency: int = 1
    region: str = ""
    organisation: str = ""
    experience: int = 0
    wish_with: str = ""
    take_part: str = "online"
    needs: tuple[str, ...] = ()
    wants_reminders: bool = True
    wants_refresher: bool = False
    is_guest: bool = False
    phone: str = ""
    """For coordinators: the telephone number of a guest, whom no mail reaches."""
    waiting_position: int | None = None
    is_asleep: bool = False
    """True when so many offers passed unanswered that the person is asked again only after a sign of life."""
    offer_expires_at: dt.datetime | None = None
    not_placed_because: str = ""
    """Why the published groups have no place for the person: a reason of the assignment, "" when there is none to tell."""
    case_title: str = ""
    """For coordinators: the title of the submitted case, if any."""
    case_urgency: int = 0


@dataclass(frozen=True, kw_only=True)
class MemberView:
    """One person of a group as the other members see them."""

    registration_uid: str
    display_name: str
    planned_role: str
    is_me: bool = False
    confirmed: bool = False


@dataclass(frozen=True, kw_only=True)
class GroupView:
    """A published group for its members and the coordinator. Meeting data are empty before `meeting_from`."""

    uid: str
    number: int
    language: str
    slot: SlotView
    members: tuple[MemberView, ...]
    my_role: str = ""
    meeting_from: dt.datetime | None = None
    meeting_url: str = ""
    meeting_number: str = ""
    meeting_passcode: str = ""
    dial_in: str = ""
    session_uid: str = ""
    session_state: str = ""
    is_recorded: bool = False
    """Whether the attendance of every member is entered; told to the coordinator only."""


@dataclass(frozen=True, kw_only=True)
class AttendanceView:
    """One line of the attendance sheet."""

    registration_uid: str
    display_name: str
    minutes: int | None
    scheduled_minutes: int
    take_part: str
    counts_as_attended: bool
    override: bool | None = None
    reason: str = ""
    reflected: bool = False
