"""What the coordinator's desk shows: the morning's list, registrations, mails."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from beratung_xblock.data.views import RegistrationView


@dataclass(frozen=True, kw_only=True)
class Need:
    """One thing that needs the coordinator now: `kind` of a closed list, numbers, and where its button leads.

    `act` is an action that solves it at once; without one the button opens `section`.
    """

    kind: str
    section: str
    round_uid: str = ""
    object_uid: str = ""
    params: Mapping[str, Any] = field(default_factory=dict)
    urgent: bool = False
    act: str = ""


@dataclass(frozen=True, kw_only=True)
class RegistrationPage:
    """One page of the list of registrations."""

    rows: tuple[RegistrationView, ...]
    total: int
    offset: int
    limit: int
    missed: Mapping[str, int] = field(default_factory=dict)
    """Registration uid -> sessions missed earlier, from two on."""


@dataclass(frozen=True, kw_only=True)
class MailLine:
    """One mail in the outbox as the coordinator sees it: to whom, what, state. No text."""

    uid: str
    kind: str
    display_name: str
    state: str
    attempts: int
    at: dt.datetime
    last_error: str = ""
