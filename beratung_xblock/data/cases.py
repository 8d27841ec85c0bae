"""Frozen answers about cases. Texts travel as `Confidential`, whose repr is masked."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from beratung_xblock.data.confidential import Confidential


@dataclass(frozen=True, kw_only=True)
class CaseText:
    """The fields of a case concern as typed."""

    title: Confidential
    situation: Confidential
    tried: Confidential
    key_question: Confidential
    method: str = ""


@dataclass(frozen=True, kw_only=True)
class OwnCase:
    """A case as its owner sees it. `text` is None when the key is lost; `unreadable` says so."""

    uid: str
    round_uid: str
    state: str
    version: int
    urgency: int
    staff_may_read: bool
    text: CaseText | None
    unreadable: bool
    readable_by_coordination: bool
    readable_by_group_of: int
    """Number of people of the group that can read it now, 0 when it is not open."""
    updated_at: dt.datetime
    deleted_on: dt.date
    """When it will be deleted unless something changes."""


@dataclass(frozen=True, kw_only=True)
class ListedCase:
    """A case in the coordinator's list: title and urgency, no text."""

    uid: str
    title: Confidential
    urgency: int
    display_name: str
    registration_uid: str
    staff_may_read: bool
    submitted_at: dt.datetime
