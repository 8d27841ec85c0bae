"""The promise of confidentiality of somebody who coordinates: asked before the first text, at the place where it is read."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext as _

from beratung_xblock.api import undertaking
from beratung_xblock.data.settings import settings_from_snapshot
from beratung_xblock.exceptions import Conflict, Invalid
from beratung_xblock.pages import words as page_words
from beratung_xblock.pages._dispatch import Answer, Click, action
from beratung_xblock.pages.desk.frame import Desk, context, desk_of, partial
from beratung_xblock.pages.viewmodels import Undertaking
from beratung_xblock.pages.volunteer import undertaking_panel
from beratung_xblock.rendering import render


def is_missing(desk: Desk) -> bool:
    """True while the actor has not accepted the version in force. One query."""
    return undertaking.accepted_on(actor=desk.actor, settings=settings_from_snapshot(desk.place.settings)) is None


def panel(desk: Desk, *, error: str = "") -> dict[str, Any]:
    """What `volunteer/undertaking.html` shows, with the way back to where the coordinator was."""
    back = (("section", desk.section), *((name, desk.asked.get(name, "")) for name in ("round", "group")))
    known: Undertaking = undertaking_panel(
        desk.actor, settings_from_snapshot(desk.place.settings), error=error, hidden=back,
        is_new_version=undertaking.accepted_any(actor=desk.actor),
    )
    page = {"uid": page_words.uid_of(desk.actor.usage_key), "url": {"accept_undertaking": desk.block.action_url("desk.promise")}}
    return {"promise": {"page": page, "panel": known}}


def asked_for(desk: Desk, *, error: str = "", status: int = 200) -> Answer:
    """The section with the promise in front of it."""
    return Answer(body=render("desk/page.html", {**context(desk), **panel(desk, error=error)}), status=status)


@action("desk.promise", audience="coordinator")
def promise(click: Click) -> Answer:
    """Accept the undertaking and go on in the section where it was asked."""
    here = desk_of(click, click.data.get("section") or "cases")
    try:
        undertaking.accept(
            actor=click.actor, version=click.data.get("version", ""), confirmed=click.data.get("accept") == "yes"
        )
    except Invalid:
        return asked_for(here, error=_("Please tick the box if you agree. Without it you can read no texts."), status=422)
    except Conflict:
        return asked_for(here, error=_("The text has changed. Please read it again and accept it."), status=409)
    here.flash = _("Thank you. You can go on now.")
    return partial(here)
