"""What else concerns a volunteer beside the round shown: further dates, a cancelled sign-up, texts that belong to no round."""

from __future__ import annotations

from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _

from beratung_xblock.data.actor import Actor
from beratung_xblock.data.cases import OwnCase
from beratung_xblock.data.enums import RegistrationState
from beratung_xblock.data.overview import Elsewhere, Overview
from beratung_xblock.pages import volunteer_panels as panels
from beratung_xblock.pages import words
from beratung_xblock.pages.viewmodels import Afterwards, Cancelled, CasePanel, OtherRound, Registered, Signup


def others(actor: Actor, state: Overview) -> tuple[OtherRound, ...]:
    """Every date that lies ahead, and every round in which something is open to this person."""
    return tuple(_other(actor, one) for one in state.others if one.kind != "past")


def past(actor: Actor, state: Overview) -> tuple[OtherRound, ...]:
    """Sessions to look back at."""
    return tuple(_other(actor, one) for one in state.others if one.kind == "past")


def come_first(panel: Any, found: tuple[OtherRound, ...]) -> bool:
    """A date that lies ahead stands above a look back, a form, and a round that is over."""
    done = isinstance(panel, (Afterwards, Signup, Cancelled)) or (isinstance(panel, Registered) and bool(panel.unplaced_reason))
    return done and any(one.kind != "open" for one in found)


def _other(actor: Actor, one: Elsewhere) -> OtherRound:
    when = text = ""
    if one.slot is not None:
        home, own = panels.slot_words(one.slot, actor)
        when = f"{home} ({own})" if own else home
    if one.kind == "ahead":
        away = words.until(timezone.now(), one.slot.starts_at, one.slot.ends_at, one.slot.time_zone)
        text = _("Your role: %(role)s") % {"role": words.ROLE_NAMES[one.role]} + f" · {away}"
    elif one.kind == "waiting":
        text = {
            RegistrationState.WAITING.value: _("All places are taken at the moment. You are on the waiting list."),
            RegistrationState.OFFERED.value: _("A place is free for you"),
        }.get(one.my_state, _("You are signed up. The groups are not put together yet."))
    elif one.kind == "unplaced":
        text = panels.no_group_words(one.not_placed_because)
    elif one.kind == "open":
        text = _("You can sign up until %(when)s.") % {"when": words.moment(one.closes_at, own_zone=actor.time_zone)}
    elif one.kind == "cancelled":
        text = _("Your sign-up is cancelled.")
    return OtherRound(
        kind=one.kind, round_uid=one.round_uid, title=one.title, when=when, text=text, group_uid=one.group_uid,
        is_confirmed=one.is_confirmed,
    )


def cancelled(actor: Actor, state: Overview) -> Cancelled:
    """After giving one's place back: what is cancelled, the way back, and the case that stayed."""
    return Cancelled(
        round_uid=state.round.uid, title=state.round.title, is_open=state.is_open,
        closes_words=panels.closes_words(actor, state.round), case=_mine(state.case) if state.case else None,
    )


def loose(state: Overview) -> tuple[CasePanel, ...]:
    """Cases of mine that belong to no round I take part in."""
    return tuple(_mine(case) for case in state.loose)


def _mine(own: OwnCase) -> CasePanel:
    if own.text is None:
        return CasePanel(mode="unreadable", unreadable=True, uid=own.uid)
    return CasePanel(
        mode="mine", uid=own.uid, version=own.version, title=own.text.title.reveal(), facts=panels.case_facts(own.text),
        visible_to=panels.visible_to(own), until_words=words.day(own.deleted_on), is_kept=not own.round_uid,
    )
