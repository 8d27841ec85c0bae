"""Every setting of ours: its type, its default (the most private and most usual value) and its meaning in a line.

The table in docs/admins/settings.md and the system checks are held to this list by tests.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Setting:
    """One setting. `kind` is the type as administrators read it; the check compares it with the default's type."""

    name: str
    kind: str
    default: Any
    meaning: str


SETTINGS = (
    Setting("BERATUNG_KEYS", "dict of text to text", {}, "key id to base64 of 32 random bytes; seals confidential text; required in production (`E001`)"),
    Setting("BERATUNG_ACTIVE_KEY", "text", "", "key id that seals new text; empty: the last one of `BERATUNG_KEYS`"),
    Setting("BERATUNG_POLL_SECONDS", "two numbers", (3.0, 8.0), "most seconds between polls of the session page: running (1 to 3), before (1 to 15)"),
    Setting("BERATUNG_MAIL_FROM", "text", "", "sender of mails; empty: `DEFAULT_FROM_EMAIL`"),
    Setting("BERATUNG_MAIL_THROUGH_ACE", "true or false", False, "send mails through the e-mail channel of edx-ace instead of `EMAIL_BACKEND`"),
    Setting("BERATUNG_BASE_URL", "text", "", "how links in mails and calendars begin, `https://learning.example.org`; empty: `LMS_ROOT_URL`"),
    Setting("BERATUNG_HOLIDAYS", "text", "NW", "the German Land whose public holidays are warned of: `NW`, `BY`, `BE`, ..."),
    Setting("BERATUNG_SCHOOL_HOLIDAYS", "list", [], 'school holidays to warn of: `[("Sommerferien", "2027-07-19", "2027-08-31")]`'),
    Setting("BERATUNG_MIRROR_COHORTS", "true or false", False, "copy published groups to course cohorts; people leave the cohort they are in"),
    Setting("BERATUNG_ASYNC_FROM", "whole number", 500, "number of registrations from which groups are calculated by a worker"),
)
BLOCK_TYPES = ("beratung", "teams_practice")
DEFAULTS = {setting.name: setting.default for setting in SETTINGS}


def plugin_settings(settings) -> None:
    """Set each default that the operator has not set, and let Studio's libraries take our blocks (a list in the operator's own file wins)."""
    for name, value in DEFAULTS.items():
        if not hasattr(settings, name):
            setattr(settings, name, value)
    allowed = getattr(settings, "LIBRARY_ENABLED_BLOCKS", None)
    if isinstance(allowed, list):
        settings.LIBRARY_ENABLED_BLOCKS = [*allowed, *(kind for kind in BLOCK_TYPES if kind not in allowed)]
