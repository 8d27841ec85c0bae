"""The companion for a coordinator who moderates a group as its facilitator: the volunteers' own, inside the desk."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from beratung_xblock.api import publishing, session_desk, sessions
from beratung_xblock.exceptions import NotFound
from beratung_xblock.pages import session
from beratung_xblock.pages.desk import promise
from beratung_xblock.pages.desk.frame import Desk, section
from beratung_xblock.pages.volunteer_panels import meeting


@section("moderate")
def moderate(desk: Desk) -> Mapping[str, Any]:
    """The running session of a group the coordinator moderates; nothing for any other group."""
    wanted, chosen = desk.asked.get("group", ""), desk.chosen()
    session_uid = session_desk.moderated(actor=desk.actor).get(wanted)
    if session_uid is None or chosen is None:
        return {"companion": ""}
    if promise.is_missing(desk):
        return {"companion": "", **promise.panel(desk)}
    groups, _total, _offset = publishing.led_page(actor=desk.actor, round_uid=chosen.uid, around=wanted)
    group = next((group for group in groups if group.uid == wanted), None)
    try:
        view = sessions.see(actor=desk.actor, session_uid=session_uid)
    except NotFound:
        group = None
    if group is None:
        return {"companion": ""}
    html = session.render(desk.actor, None, view, asset=desk.block.asset, meeting=meeting(group, is_now=True))
    return {"companion": html, "group_number": group.number, "when": desk.slot_words((group.slot,))[group.slot.uid]}
