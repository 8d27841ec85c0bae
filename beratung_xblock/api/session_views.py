"""What one person sees of a session: the pure state, and the texts that are open to this person now."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field

from beratung_xblock.api.session_cache import Glance
from beratung_xblock.data.cases import CaseText
from beratung_xblock.data.confidential import Confidential
from beratung_xblock.process import Heard, PersonId, SessionState

DOTS_EACH = 2


@dataclass(frozen=True, kw_only=True)
class IdeaView:
    """One visible idea with what was merged into it. `text` is None when the key is lost."""

    uid: str
    text: Confidential | None
    column: int = 0
    of: str = ""
    merged: tuple[tuple[str, Confidential | None], ...] = ()
    """(uid, text) of each idea lying under this one."""
    is_mine: bool = False
    editable_seconds: int = 0
    """How long I may still change it; 0 when not mine or too late."""


@dataclass(frozen=True, kw_only=True)
class OwnOffer:
    """My own case of this round, to be offered with one click; the title is shown to me alone."""

    uid: str
    title: Confidential | None
    urgency: int


@dataclass(frozen=True, kw_only=True)
class Need:
    """What a person asked for beforehand (captions, interpreter, more time); for the moderator only."""

    name: str
    needs: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class SessionView:
    """A session for one person. Confidential texts are there only when open to that person."""

    uid: str
    group_uid: str
    group_number: int
    starts_at: dt.datetime
    ends_at: dt.datetime
    time_zone: str
    glance: Glance
    """What the cache knew before the database was read: the tag of this view is made from it."""
    state: SessionState
    person: PersonId
    now: dt.datetime
    heard: Heard
    online: tuple[PersonId, ...]
    names: Mapping[PersonId, str]
    uids: Mapping[PersonId, str]
    question: Confidential | None = None
    own_question: Confidential | None = None
    """For the case giver, while the group has no key question yet: the one written with the case."""
    case_text: CaseText | None = None
    ideas: tuple[IdeaView, ...] = ()
    own_offers: tuple[OwnOffer, ...] = ()
    dots: Mapping[str, int] = field(default_factory=dict)
    my_dots: tuple[str, ...] = ()
    """Cases that have one of my dots."""
    case_selection: str = "consensus"
    needs: tuple[Need, ...] = ()
    conflicts: tuple[str, ...] = ()
    """Names of people who know those involved in the current case; for the moderator only."""

    @property
    def moderates(self) -> bool:
        """Whether this person leads."""
        return self.person == self.state.moderator

    def name(self, person: PersonId | None) -> str:
        """The display name of a person, '' for nobody."""
        return self.names.get(person, "") if person is not None else ""
