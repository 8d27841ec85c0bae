"""The list of registrations on the desk: search, sort, turn pages; register, cancel and register again on somebody's behalf."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any
from zoneinfo import ZoneInfo

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from beratung_xblock.api import desk as api
from beratung_xblock.api import signup, undertaking
from beratung_xblock.data.settings import settings_from_snapshot
from beratung_xblock.data.views import SlotView
from beratung_xblock.exceptions import Invalid
from beratung_xblock.pages import words as page_words
from beratung_xblock.pages._dispatch import Answer, Click, action
from beratung_xblock.pages.desk import words
from beratung_xblock.pages.desk.frame import Desk, doing, section
from beratung_xblock.times import short_day, words_for_day


def offset_of(desk: Desk) -> int:
    """The first line of the page that was asked for, 0 for nonsense."""
    value = desk.asked.get("offset", "0")
    return int(value) if value.isascii() and value.isdigit() and len(value) < 8 else 0


def short_slot(slot: SlotView, language: str) -> str:
    """A date that fits into a table: "Di 08.12., 18 Uhr"."""
    day = slot.starts_at.astimezone(ZoneInfo(slot.time_zone)).date()
    length = 2 if language == "de" else 3
    return f"{words_for_day(day, language)[:length]} {short_day(slot.starts_at, slot.time_zone, language)}"


@section("registrations")
def registrations(desk: Desk) -> Mapping[str, Any]:
    """One page of registrations with filter and search."""
    full = desk.full_round()
    if full is None:
        return {"list": None}
    asked = {"state": desk.asked.get("state", ""), "search": desk.asked.get("search", "")[:60], "order": desk.asked.get("order", "time")}
    page = api.registrations(actor=desk.actor, round_uid=full.uid, **asked, offset=offset_of(desk))
    when = {slot.uid: short_slot(slot, desk.actor.language) for slot in full.slots}
    long_when = desk.slot_words(full.slots)
    chosen = {key[5:] for key in desk.typed if key.startswith("slot_")}
    spoken = settings_from_snapshot(desk.place.settings).languages
    return {
        "list": page,
        "rows": [_row(row, page.missed.get(row.uid, 0), when) for row in page.rows],
        "full": full,
        "may_register": full.state in ("open", "closed", "published"),
        "slots": [{"slot": slot, "when": long_when[slot.uid], "checked": slot.uid in chosen} for slot in full.slots if not slot.is_cancelled],
        "spoken": [(code, words.language_name(code), code in desk.typed.get("languages", spoken[:1])) for code in spoken],
        "ways": [("phone", _("by telephone")), ("online", _("online")), ("on_site", _("on site"))],
        "states": [(key, label()) for key, label in words.REGISTRATION_STATES.items()],
        "orders": [("time", _("by time")), ("name", _("by name")), ("region", _("by region")), ("waited", _("who waited longest"))],
        "asked": asked,
        "export_url": page_words.address("registrations_file", usage_key=desk.actor.usage_key, round_uid=full.uid),
        "first": page.offset + 1 if page.total else 0,
        "last": min(page.offset + page.limit, page.total),
        "previous": max(0, page.offset - page.limit) if page.offset else None,
        "next": page.offset + page.limit if page.offset + page.limit < page.total else None,
    }


def _row(row, missed: int, when: Mapping[str, str]) -> dict[str, Any]:
    return {
        "row": row,
        "tel": page_words.tel(row.phone),
        "state": words.REGISTRATION_STATES[row.state](),
        "dates": [(when[uid], answer == "maybe") for uid, answer in sorted(row.answers.items(), key=lambda pair: list(when).index(pair[0]) if pair[0] in when else 0) if answer != "no" and uid in when],
        "languages": [words.language_name(code) for code in row.languages],
        "hint": ngettext("was absent %(n)s time", "was absent %(n)s times", missed) % {"n": missed} if missed else "",
    }


def _paper_date(text: str) -> dt.date | None:
    try:
        return dt.date.fromisoformat(text.strip()) if text.strip() else None
    except ValueError:
        raise Invalid({"paper_date": "date"}) from None


@action("desk.register", audience="coordinator")
def register(click: Click) -> Answer:
    """Register somebody who phoned, with an account or as a guest."""
    wishes = {
        "display_name": click.data.get("display_name", ""),
        "answers": {key[5:]: value for key, value in click.data.items() if key.startswith("slot_")},
        "languages": click.many.get("languages", []),
        "region": click.data.get("region", ""),
        "can_moderate": click.data.get("can_moderate", ""),
        "brings_case": click.data.get("brings_case", ""),
        "take_part": click.data.get("take_part", "phone"),
    }

    states: list[str] = []

    def step() -> None:
        signed = _paper_date(click.data.get("paper_date", ""))
        row = signup.register_by_phone(
            actor=click.actor, round_uid=click.data.get("round", ""), wishes=wishes, phone=click.data.get("guest_phone", ""),
            user_id=api.account_of(actor=click.actor, text=click.data.get("account", "")),
        )
        states.append(row.state)
        if signed:
            undertaking.record_paper(actor=click.actor, registration_uid=row.uid, on=signed)

    return doing(
        click, "registrations", step,
        done=lambda: _("Registered.") if states == ["registered"] else _("All places are taken. The person is on the waiting list now."),
    )


@action("desk.unregister", audience="coordinator")
def unregister(click: Click) -> Answer:
    """Cancel a registration on somebody's behalf."""
    return doing(
        click, "registrations",
        lambda: api.cancel_registration(
            actor=click.actor, registration_uid=click.data.get("person", ""), reason=click.data.get("reason", "")
        ),
        done=_("The registration is cancelled. You can take it back in the list."),
    )


@action("desk.register_again", audience="coordinator")
def register_again(click: Click) -> Answer:
    """Take a cancellation back."""
    states: list[str] = []
    return doing(
        click, "registrations",
        lambda: states.append(api.register_again(actor=click.actor, registration_uid=click.data.get("person", ""))),
        done=lambda: _("Registered again. A case must be submitted again by its owner.") if states == ["registered"] else _("All places are taken. The person is on the waiting list now."),
    )
