"""One session as it runs, for the coordinator: phase, minutes, who is there; join two groups, end a session. Never a text."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from beratung_xblock.api import session_desk, sessions
from beratung_xblock.data.settings import settings_from_snapshot
from beratung_xblock.data.views import GroupView
from beratung_xblock.exceptions import Conflict
from beratung_xblock.pages._dispatch import Answer, Click, action
from beratung_xblock.pages.desk.frame import Desk, doing

BEFORE = dt.timedelta(minutes=30)
"""From so long before its start a session can be looked at."""


def is_on(group: GroupView, now: dt.datetime) -> bool:
    """Whether there is something to look at: people may be there, and the session is not over."""
    if not group.session_uid or group.session_state == "ended":
        return False
    return group.session_state == "running" or group.slot.starts_at - BEFORE <= now <= group.slot.ends_at


def context(desk: Desk, group: GroupView) -> dict[str, Any]:
    """Phase, people and what can be done about a session right now."""
    seen = session_desk.led_session(actor=desk.actor, group_uid=group.uid)
    least = settings_from_snapshot(desk.place.settings).group_min
    begun = timezone.now() >= group.slot.starts_at
    return {
        "seen": seen, "phase": seen.phase.get((get_language() or "de").split("-")[0]),
        "over": seen.remaining_seconds < 0, "minutes": abs(seen.remaining_seconds) // 60,
        "too_few": begun and seen.can_merge and len(seen.here) < least, "least": least,
        "joinable": session_desk.joinable(actor=desk.actor, group_uid=group.uid) if seen.can_merge else (),
    }


@action("session.merge", audience="coordinator")
def merge(click: Click) -> Answer:
    """Everybody of one group goes into another one that meets at the same time."""
    return doing(
        click, "sessions",
        lambda: session_desk.merge(
            actor=click.actor, group_uid=click.data.get("group", ""), into_uid=click.data.get("into", "")
        ),
        done=_("The groups are one now. Everybody who moved has been told. Their pages lead them there."),
    )


@action("session.end", audience="coordinator")
def end(click: Click) -> Answer:
    """End a session that nobody ended: its texts close."""

    def step() -> None:
        try:
            session_desk.end(actor=click.actor, group_uid=click.data.get("group", ""))
        except sessions.SessionRefused as refusal:
            raise Conflict("session_over") from refusal

    return doing(click, "sessions", step, done=_("The session is over. All its texts are closed."))
