"""Rounds and their slots: create, open, close, cancel; read for volunteers and coordinators."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django.utils import timezone

from beratung_xblock import access, outbox
from beratung_xblock.data.actor import Actor
from beratung_xblock.data.enums import RoundState
from beratung_xblock.data.settings import settings_from_snapshot
from beratung_xblock.data.views import RoundView, SlotView
from beratung_xblock.exceptions import Conflict, Invalid
from beratung_xblock.models import InterestNote, Round, Slot

from . import _places
from ._counts import counts_of, counts_of_all
from ._rules import rules_of
from ._typed import MEETING, check_meeting, moment, number, slot_values, title_of, zone_of
from ._write import audit, locked_round, retried

__all__ = [
    "add_slot", "cancel_round", "cancel_slot", "close_round", "create_round", "get_round",
    "led_rounds", "note_interest", "open_round", "reopen_round", "rules_of", "set_meeting", "set_places", "update_slot",
]

MAX_SLOTS = 60


def _slot_view(slot: Slot, *, offered_by: int = 0, with_meeting: bool = False) -> SlotView:
    return SlotView(
        uid=slot.uid,
        starts_at=slot.starts_at,
        ends_at=slot.ends_at,
        time_zone=slot.time_zone,
        max_groups=slot.max_groups,
        capacity=slot.capacity,
        is_cancelled=slot.is_cancelled,
        offered_by=offered_by,
        meeting_url=slot.meeting_url if with_meeting else "",
        meeting_number=slot.meeting_number if with_meeting else "",
        meeting_passcode=slot.meeting_passcode if with_meeting else "",
        dial_in=slot.dial_in if with_meeting else "",
    )


def _round_view(round_: Round, *, led: bool) -> RoundView:
    slots = Slot.objects.filter(round=round_)
    counts = counts_of(round_)
    return RoundView(
        uid=round_.uid,
        title=round_.title,
        state=round_.state,
        version=round_.version,
        closes_at=round_.closes_at,
        opens_at=round_.opens_at,
        capacity=round_.capacity,
        slots=tuple(
            _slot_view(slot, offered_by=counts.offers.get(slot.pk, 0) if led else 0, with_meeting=led)
            for slot in slots.order_by("starts_at", "pk")
        ),
        registered=counts.held,
        waiting=counts.waiting,
    )


def get_round(*, actor: Actor, round_uid: str) -> RoundView:
    """One round with its slots; meeting data only for coordinators. Three queries."""
    return _round_view(access.round_(actor, round_uid), led=actor.may_lead)


def led_rounds(*, actor: Actor, offset: int = 0, limit: int = 25) -> list[RoundView]:
    """Rounds of the place for its coordinator, newest first, without slots. One query, and those of `counts_of_all`."""
    if not actor.may_lead:
        access.place(actor)
        return []
    here = Round.objects.filter(place__usage_key=actor.usage_key, place__is_active=True)
    rows = list(here.order_by("-closes_at", "-pk")[offset : offset + limit])
    if not rows:
        access.place(actor)
    counts = counts_of_all(rows)
    return [
        RoundView(
            uid=r.uid, title=r.title, state=r.state, version=r.version, closes_at=r.closes_at, opens_at=r.opens_at,
            capacity=r.capacity, registered=counts[r.pk].held, waiting=counts[r.pk].waiting,
        )
        for r in rows
    ]


# --- writes ----------------------------------------------------------------------------------------------------------


@retried
def create_round(
    *,
    actor: Actor,
    title: str,
    closes_at: Any,
    slots: Sequence[Mapping[str, Any]],
    capacity: Any = None,
) -> str:
    """A new round in state draft with its slots; returns its uid. Times without zone are local to the slot's zone.

    Raises NotFound for others than coordinators; Invalid with field names, slots as `slots.<n>.<field>`.
    """
    from django.db import transaction

    place = access.place(actor)
    if not actor.may_lead:
        raise access.NotFound
    settings = settings_from_snapshot(place.settings)
    errors: dict[str, object] = {}
    values: dict[str, Any] = {}
    for name, check in (
        ("title", lambda: title_of(title)),
        ("closes_at", lambda: moment(closes_at, zone_of("Europe/Berlin"), "closes_at")),
        ("capacity", lambda: number(capacity, 1, 100000, "capacity", optional=True)),
    ):
        try:
            values[name] = check()
        except Invalid as error:
            errors.update(error.errors)
    rows = []
    if not 1 <= len(slots) <= MAX_SLOTS:
        errors["slots"] = "required" if not slots else "range"
    for index, raw in enumerate(slots[:MAX_SLOTS]):
        try:
            rows.append(slot_values(raw, settings))
        except Invalid as error:
            errors.update({f"slots.{index}.{name}": reason for name, reason in error.errors.items()})
    if not errors and values["closes_at"] > min(row["starts_at"] for row in rows):
        errors["closes_at"] = "order"
    if errors:
        raise Invalid(errors)
    with transaction.atomic(durable=True):
        round_ = Round.objects.create(place=place, created_by_id=actor.user_id, **values)
        Slot.objects.bulk_create([Slot(round=round_, **row) for row in rows])
        audit(
            actor, "round.create", kind="round", uid=round_.uid, place_id=place.pk, round_uid=round_.uid,
            slots=len(rows),
        )
    return round_.uid


@retried
def add_slot(*, actor: Actor, round_uid: str, slot: Mapping[str, Any]) -> str:
    """One more date, while the round is draft or open. Returns the slot's uid."""
    round_ = access.led_round(actor, round_uid)
    values = slot_values(slot, rules_of(round_))
    with locked_round(round_.pk) as held:
        if held.state not in (RoundState.DRAFT.value, RoundState.OPEN.value, RoundState.CLOSED.value):
            raise Conflict("round_state")
        if Slot.objects.filter(round=held).count() >= MAX_SLOTS:
            raise Invalid({"slots": "range"})
        row = Slot.objects.create(round=held, **values)
        _places.offer_free_places(held)
        audit(actor, "slot.add", kind="slot", uid=row.uid, place_id=held.place_id, round_uid=held.uid)
    return row.uid


@retried
def update_slot(*, actor: Actor, slot_uid: str, slot: Mapping[str, Any]) -> None:
    """Change a date; its calendar sequence rises, members of its groups are told. What is not given stays as it is.

    Raises Invalid({"max_groups" or "capacity": "taken"}) for a limit below the people already counted on the date.
    """
    row = access.led_slot(actor, slot_uid)
    kept = {name: getattr(row, name) for name in ("time_zone", "max_groups", "capacity", *MEETING)}
    values = slot_values(
        {**kept, **slot}, rules_of(Round.objects.select_related("place").get(pk=row.round_id))
    )
    with locked_round(row.round_id) as held:
        current = Slot.objects.get(pk=row.pk)
        moved = (current.starts_at, current.ends_at) != (values["starts_at"], values["ends_at"])
        Slot.objects.filter(pk=row.pk).update(**values, sequence=current.sequence + (1 if moved else 0))
        _places.require_seats(held)
        _places.offer_free_places(held)
        audit(actor, "slot.update", kind="slot", uid=row.uid, place_id=held.place_id, round_uid=held.uid, moved=moved)
        if moved:
            outbox.tell_groups_of_slot(row.pk, kind="changed")


@retried
def set_places(*, actor: Actor, round_uid: str, capacity: Any, closes_at: Any = None) -> None:
    """Change how many people can take part (empty: as many as the dates have room for) and, if given, the deadline.

    More places are offered to the waiting list at once. Raises Invalid({"capacity": "taken"}) for fewer than are given
    away, Conflict("round_state") for a round that is over.
    """
    round_ = access.led_round(actor, round_uid)
    changes: dict[str, Any] = {"capacity": number(capacity, 1, 100000, "capacity", optional=True)}
    if closes_at:
        changes["closes_at"] = moment(closes_at, zone_of("Europe/Berlin"), "closes_at")
    with locked_round(round_.pk) as held:
        if held.state in (RoundState.CANCELLED.value, RoundState.FINISHED.value):
            raise Conflict("round_state")
        first = held.slots.filter(is_cancelled=False).values_list("starts_at", flat=True).first()
        if first is not None and changes.get("closes_at", first) > first:
            raise Invalid({"closes_at": "order"})
        for name, value in changes.items():
            setattr(held, name, value)
        held.save(update_fields=list(changes))
        _places.require_seats(held)
        _places.offer_free_places(held)
        audit(
            actor, "round.places", kind="round", uid=held.uid, place_id=held.place_id, round_uid=held.uid,
            capacity=held.capacity,
        )


@retried
def set_meeting(*, actor: Actor, slot_uid: str, meeting: Mapping[str, Any]) -> None:
    """Enter or change the meeting link, ID, passcode and dial-in of a slot."""
    row = access.led_slot(actor, slot_uid)
    round_ = Round.objects.select_related("place").get(pk=row.round_id)
    values = check_meeting(meeting, rules_of(round_).meeting_hosts)
    with locked_round(row.round_id) as held:
        Slot.objects.filter(pk=row.pk).update(**values)
        audit(actor, "slot.meeting", kind="slot", uid=row.uid, place_id=held.place_id, round_uid=held.uid)


@retried
def open_round(*, actor: Actor, round_uid: str) -> None:
    """Open sign-up: the rules are copied from the place now; whoever asked to be told is told."""
    round_ = access.led_round(actor, round_uid)
    with locked_round(round_.pk) as held:
        if held.state != RoundState.DRAFT.value:
            raise Conflict("round_state")
        if held.closes_at <= timezone.now():
            raise Invalid({"closes_at": "past"})
        held.state = RoundState.OPEN.value
        held.opens_at = timezone.now()
        held.rules = settings_from_snapshot(held.place.settings).as_dict()
        held.save(update_fields=["state", "opens_at", "rules"])
        audit(actor, "round.open", kind="round", uid=held.uid, place_id=held.place_id, round_uid=held.uid)
        outbox.tell_interested(held)


def _move(actor: Actor, round_uid: str, *, allowed: Sequence[RoundState], to: RoundState, action: str) -> None:
    round_ = access.led_round(actor, round_uid)
    with locked_round(round_.pk) as held:
        if held.state not in [state.value for state in allowed]:
            raise Conflict("round_state")
        held.state = to.value
        held.save(update_fields=["state"])
        audit(actor, action, kind="round", uid=held.uid, place_id=held.place_id, round_uid=held.uid)


@retried
def close_round(*, actor: Actor, round_uid: str) -> None:
    """End sign-up by hand, before its deadline."""
    _move(actor, round_uid, allowed=[RoundState.OPEN], to=RoundState.CLOSED, action="round.close")


@retried
def reopen_round(*, actor: Actor, round_uid: str) -> None:
    """Undo closing."""
    _move(actor, round_uid, allowed=[RoundState.CLOSED], to=RoundState.OPEN, action="round.reopen")


@retried
def cancel_round(*, actor: Actor, round_uid: str) -> None:
    """Cancel the whole round; everybody registered is told."""
    round_ = access.led_round(actor, round_uid)
    with locked_round(round_.pk) as held:
        if held.state in (RoundState.CANCELLED.value, RoundState.FINISHED.value):
            raise Conflict("round_state")
        held.state = RoundState.CANCELLED.value
        held.ended_at = timezone.now()
        held.save(update_fields=["state", "ended_at"])
        audit(actor, "round.cancel", kind="round", uid=held.uid, place_id=held.place_id, round_uid=held.uid)
        outbox.tell_round(held, kind="cancelled")


@retried
def cancel_slot(*, actor: Actor, slot_uid: str) -> None:
    """Cancel one date; members of its groups are told, the desk proposes a repair. Raises Conflict for a date that is over."""
    row = access.led_slot(actor, slot_uid)
    with locked_round(row.round_id) as held:
        if row.ends_at <= timezone.now():
            raise Conflict("date_over")
        Slot.objects.filter(pk=row.pk).update(is_cancelled=True, sequence=row.sequence + 1)
        _places.leave_cancelled_slots(held)
        _places.offer_free_places(held)
        audit(actor, "slot.cancel", kind="slot", uid=row.uid, place_id=held.place_id, round_uid=held.uid)
        outbox.tell_groups_of_slot(row.pk, kind="cancelled")


def note_interest(*, actor: Actor, wanted: bool = True) -> None:
    """"Mich benachrichtigen": remember (or forget) that the actor wants a mail when the next round opens."""
    access.require_writer(actor)
    place = access.place(actor)
    if wanted:
        InterestNote.objects.get_or_create(place=place, user_id=actor.user_id)
    else:
        InterestNote.objects.filter(place=place, user_id=actor.user_id).delete()
