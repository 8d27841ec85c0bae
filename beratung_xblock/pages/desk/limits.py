"""Changing a round that people already count on: more places, a later deadline, another day."""

from __future__ import annotations

from django.utils.translation import gettext as _

from beratung_xblock.api import rounds as api
from beratung_xblock.pages._dispatch import Answer, Click, action
from beratung_xblock.pages.desk.frame import doing


@action("round.places", audience="coordinator")
def places(click: Click) -> Answer:
    """Change the number of places and the deadline."""
    return doing(
        click, "rounds",
        lambda: api.set_places(
            actor=click.actor, round_uid=click.data.get("round", ""), capacity=click.data.get("places", ""),
            closes_at=click.data.get("until", ""),
        ),
        done=_("Saved. Free places are offered to the waiting list."),
    )  # fmt: skip


@action("slot.move", audience="coordinator")
def move(click: Click) -> Answer:
    """Move a date, or change how many groups may meet and how many people can count on it."""
    data = click.data
    slot = {
        "starts_at": f"{data.get('move_day', '')}T{data.get('move_from', '')}",
        "minutes": data.get("move_minutes", ""),
        "max_groups": data.get("move_groups", ""),
    }
    if "move_places" in data:
        slot["capacity"] = data["move_places"]
    return doing(
        click, "rounds", lambda: api.update_slot(actor=click.actor, slot_uid=data.get("slot", ""), slot=slot),
        done=_("Saved. If the date has moved, its groups get a mail."),
    )  # fmt: skip
