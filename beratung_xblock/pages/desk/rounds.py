"""Rounds on the desk: create, open, close, cancel, meeting links."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from zoneinfo import ZoneInfo

from django.utils import timezone
from django.utils.translation import gettext as _

from beratung_xblock.api import planning
from beratung_xblock.api import rounds as api
from beratung_xblock.data.views import SlotView
from beratung_xblock.pages._dispatch import Answer, Click, action
from beratung_xblock.pages.desk.frame import Desk, doing, section
from beratung_xblock.pages.desk.planning import warning_words

SLOT_ROWS, SHOWN_ROWS = 4, 2
"""Dates a new round can be given at once; the first ones are shown, the others unfold."""
SLOT_FIELDS = ("day", "from", "minutes", "max_groups", "capacity", "meeting_url")


@section("rounds")
def build(desk: Desk) -> Mapping[str, Any]:
    """All rounds, the chosen one with its slots, and the form for a new one."""
    full = desk.full_round()
    typed = {key: values[-1] for key, values in desk.typed.items() if values}
    rows = [
        {name: typed.get(f"slots.{n}.{name}", "") for name in SLOT_FIELDS}
        | {"n": n, "error": {key.split(".", 2)[2]: text for key, text in desk.errors.items() if key.startswith(f"slots.{n}.")}}
        for n in range(SLOT_ROWS)
    ]
    slots = []
    if full is not None:
        when = desk.slot_words(full.slots)
        warned = planning.warnings_of_round(actor=desk.actor, round_uid=full.uid)
        slots = [
            {"slot": slot, "when": when[slot.uid], "warnings": [warning_words(each) for each in warned.get(slot.uid, ())],
             "is_over": slot.ends_at <= timezone.now(), **_as_typed(slot)}
            for slot in full.slots
        ]
    return {"full": full, "slots": slots, "slot_rows": rows, "new_round_open": (bool(desk.errors) and "title" in desk.typed) or not desk.rounds,
            "new_round_typed": "title" in desk.typed, "more_dates_open": any(row["day"] or row["error"] for row in rows[SHOWN_ROWS:])}


def _as_typed(slot: SlotView) -> dict[str, Any]:
    """A date as its form fields: local day and clock, minutes."""
    local = slot.starts_at.astimezone(ZoneInfo(slot.time_zone))
    minutes = int((slot.ends_at - slot.starts_at).total_seconds() // 60)
    return {"day": local.date().isoformat(), "from": local.strftime("%H:%M"), "minutes": minutes}


def _slots(data: Mapping[str, str]) -> list[dict[str, str]]:
    slots = []
    for n in range(SLOT_ROWS):
        row = {name: data.get(f"slots.{n}.{name}", "").strip() for name in SLOT_FIELDS}
        if row["day"]:
            slots.append({**row, "starts_at": f"{row['day']}T{row['from'] or '18:00'}"})
    return slots


@action("round.create", audience="coordinator")
def create(click: Click) -> Answer:
    """A new round as a draft."""
    return doing(
        click, "rounds",
        lambda: api.create_round(
            actor=click.actor, title=click.data.get("title", ""), closes_at=click.data.get("closes_at", ""),
            slots=_slots(click.data), capacity=click.data.get("capacity", ""),
        ),
        done=_("The round is saved as a draft. Open it when you are ready."),
    )


def _step(name: str, function, done) -> None:
    @action(name, audience="coordinator")
    def run(click: Click) -> Answer:
        return doing(
            click, "rounds", lambda: function(actor=click.actor, round_uid=click.data.get("round", "")), done=done()
        )

    run.__doc__ = function.__doc__


_step("round.open", api.open_round, lambda: _("Sign-up is open."))
_step("round.close", api.close_round, lambda: _("Sign-up is closed."))
_step("round.reopen", api.reopen_round, lambda: _("Sign-up is open again."))
_step("round.cancel", api.cancel_round, lambda: _("The round is cancelled. Everybody registered gets a mail."))


@action("slot.meeting", audience="coordinator")
def meeting(click: Click) -> Answer:
    """Enter the meeting link of a date."""
    return doing(
        click, "rounds",
        lambda: api.set_meeting(actor=click.actor, slot_uid=click.data.get("slot", ""), meeting=click.data),
        done=_("The meeting details are saved."),
    )


@action("slot.cancel", audience="coordinator")
def cancel_slot(click: Click) -> Answer:
    """Cancel one date."""
    return doing(
        click, "rounds", lambda: api.cancel_slot(actor=click.actor, slot_uid=click.data.get("slot", "")),
        done=_("The date is cancelled. Its groups get a mail."),
    )
