"""Everything one volunteer's page needs to know, in one frozen answer."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field

from beratung_xblock.data.cases import OwnCase
from beratung_xblock.data.confidential import Confidential
from beratung_xblock.data.enums import CaseState
from beratung_xblock.data.settings import PlaceSettings
from beratung_xblock.data.views import GroupView, RegistrationView, RoundView, SlotView


@dataclass(frozen=True, kw_only=True)
class OwnResult:
    """What a case giver takes home from one case: readable by the owner alone. Texts are None when the key is lost."""

    session_case_uid: str
    key_question: Confidential | None
    ideas: tuple[tuple[Confidential, bool], ...]
    """Each idea with True when it stands in the turned-round column of Kopfstand."""
    takeaway: Confidential | None = None
    first_step: Confidential | None = None
    remind_on: dt.date | None = None
    deleted_on: dt.date | None = None


@dataclass(frozen=True, kw_only=True)
class OwnAttendance:
    """My line of the attendance sheet; `minutes` is None while nothing is entered."""

    minutes: int | None
    scheduled: int
    attended: bool
    reflected: bool
    note: Confidential | None = None
    """My own note of the look back."""


@dataclass(frozen=True, kw_only=True)
class Elsewhere:
    """Another round that concerns this person: a date ahead or past, groups not made yet, no group, or open for sign-up."""

    kind: str
    """ahead, past, waiting, unplaced, open or cancelled, as `api.standing` says it."""
    round_uid: str
    title: str
    closes_at: dt.datetime
    slot: SlotView | None = None
    group_uid: str = ""
    role: str = ""
    is_confirmed: bool = False
    not_placed_because: str = ""
    my_state: str = ""
    """State of my registration in it: registered, waiting, offered; "" without one."""


@dataclass(frozen=True, kw_only=True)
class Overview:
    """The state of one volunteer at one place."""

    settings: PlaceSettings
    undertaking_on: dt.datetime | None
    accepted_earlier_version: bool = False
    case_to_take_back: str = ""
    """Uid of an own submitted case, told while a new version of the undertaking is not accepted yet."""
    wants_notice: bool = False
    asked_contact: bool = False
    round: RoundView | None = None
    rules: PlaceSettings = field(default_factory=PlaceSettings)
    is_open: bool = False
    is_full: bool = False
    opens_at: dt.datetime | None = None
    """When the next round is planned to open, if that is known."""
    practised: float | None = None
    """How much of the practice meeting of the linked course is done, 0.0 to 1.0; None when that is not known."""
    practice_url: str = ""
    """The page of that practice meeting."""
    others: tuple[Elsewhere, ...] = ()
    """Further rounds that concern this person, the next date first."""
    former: RegistrationView | None = None
    """My cancelled sign-up in the round shown: its answers come back when I sign up again."""
    loose: tuple[OwnCase, ...] = ()
    """Cases of mine that belong to no round I take part in: kept ones and those of a cancelled sign-up."""
    registration: RegistrationView | None = None
    offer_uid: str = ""
    case: OwnCase | None = None
    group: GroupView | None = None
    needs: tuple[str, ...] = ()
    """What members of the group asked for; filled for its moderator only."""
    attendance: OwnAttendance | None = None
    results: tuple[OwnResult, ...] = ()
    minutes_this_year: int = 0

    @property
    def other_round(self) -> str:
        """Uid of a round that is open for sign-up beside the one shown."""
        return next((one.round_uid for one in self.others if one.kind == "open"), "")

    @property
    def kept(self) -> OwnCase | None:
        """A case kept for the next round, while there is none for this one."""
        return next((case for case in self.loose if case.state == CaseState.KEPT.value), None) if self.case is None else None
