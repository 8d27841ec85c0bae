"""The waiting list on the desk: who waits, who is asked, and a place by hand."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext as _

from beratung_xblock.api import waiting as api
from beratung_xblock.pages._dispatch import Answer, Click, action
from beratung_xblock.pages.desk.frame import Desk, doing, section
from beratung_xblock.pages.desk.lists import offset_of
from beratung_xblock.pages.words import moment, tel
from beratung_xblock.times import short_day


@section("waiting")
def build(desk: Desk) -> Mapping[str, Any]:
    """The list in the order in which people are asked."""
    chosen = desk.chosen()
    none = api.WaitingPage(lines=(), total=0, offset=0)
    page = api.list_waiting(actor=desk.actor, round_uid=chosen.uid, offset=offset_of(desk)) if chosen is not None else none
    return {
        "previous": max(0, page.offset - api.PAGE) if page.offset else None,
        "next": page.offset + api.PAGE if page.offset + api.PAGE < page.total else None,
        "answers": [("yes", _("Accepts the place on the telephone")), ("no", _("Declines the place on the telephone"))],
        "waiting_lines": [
            {
                "line": line,
                "since": short_day(line.since, "Europe/Berlin", desk.actor.language),
                "until": moment(line.offer_expires_at) if line.offer_expires_at else "",
                "tel": tel(line.phone),
            }
            for line in page.lines
        ]
    }


@action("waiting.promote", audience="coordinator")
def promote(click: Click) -> Answer:
    """Give a waiting person a free place, with a reason."""
    return doing(
        click, "waiting",
        lambda: api.promote(
            actor=click.actor, registration_uid=click.data.get("person", ""), reason=click.data.get("reason", "")
        ),
        done=_("The person has the place and gets a mail."),
    )  # fmt: skip


@action("waiting.answer", audience="coordinator")
def answer(click: Click) -> Answer:
    """Enter what somebody said on the telephone about the place offered to them."""
    accepted = click.data.get("answer") == "yes"
    return doing(
        click, "waiting",
        lambda: api.answer_for(actor=click.actor, registration_uid=click.data.get("person", ""), accepted=accepted),
        done=_("The person has the place.") if accepted else _("The person is off the list. The next one is asked."),
    )  # fmt: skip
