"""Places and the queue: is there room, who is next, where do I stand. Called inside a locked round.

Whoever holds a place (registered, or with an open offer) holds a *seat* in one slot they offered, so a slot is never
promised to more people than its groups can take. Seats are only counted: the assignment decides later who meets when.
When all slots of a newcomer are full, somebody seated there who also offered another slot may move over; that search
along alternating paths finds a seat whenever one exists. Nobody notices: a seat is shown nowhere.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from functools import cached_property

from django.db.models import Count, Exists, OuterRef, QuerySet, prefetch_related_objects
from django.utils import timezone

from beratung_xblock import outbox
from beratung_xblock.data.enums import OfferState, RegistrationState, RoundState, SlotAnswer
from beratung_xblock.exceptions import Invalid
from beratung_xblock.models import Availability, PlaceOffer, Registration, Round, Slot

from ._positions import position_in
from ._rules import HELD, rules_of

MISSED_OFFERS_UNTIL_ASLEEP = 2
"""Whoever let so many offers pass is asked again only after a sign of life; their position stays, behind the others."""

WILLING = (SlotAnswer.YES.value, SlotAnswer.MAYBE.value)
OFFERING = (RoundState.OPEN.value, RoundState.CLOSED.value, RoundState.PUBLISHED.value)


class Seating:
    """The seats of a locked round as they are now. Two queries, more only when slots are full."""

    def __init__(self, held: Round):
        self.held = held
        now = timezone.now()
        biggest = rules_of(held).group_max
        taken = dict(
            Registration.objects.filter(round=held, state__in=HELD)
            .values_list("seat_id")
            .annotate(people=Count("pk"))
            .order_by()
        )
        self.people = sum(taken.values())
        self.slots: dict[int, Slot] = {
            slot.pk: slot
            for slot in held.slots.all()
            if slot.starts_at > now and not slot.is_cancelled
        }
        self.free: dict[int, int] = {pk: limit_of(slot, biggest) - taken.get(pk, 0) for pk, slot in self.slots.items()}

    @property
    def places(self) -> int:
        """Free places in the round as a whole; a round without a limit of its own has as many as its slots."""
        in_slots = sum(max(0, count) for count in self.free.values())
        if self.held.capacity is None:
            return in_slots
        return min(in_slots, max(0, self.held.capacity - self.people))

    def find(self, answers: Mapping[int, str]) -> int | None:
        """A slot with a seat for somebody with these answers (by slot pk), moving others where needed; else None."""
        if self.places <= 0:
            return None
        for word in WILLING:
            open_ones = [pk for pk, answer in answers.items() if answer == word and self.free.get(pk, 0) > 0]
            if open_ones:
                return max(open_ones, key=lambda pk: (self.free[pk], -self._order[pk]))
        wanted = [pk for pk, answer in answers.items() if answer in WILLING and pk in self.slots]
        return self._make_room(wanted)

    def take(self, row: Registration, slot_pk: int) -> None:
        """Note a seat; the caller saves the row."""
        row.seat_id = slot_pk
        self.free[slot_pk] -= 1
        self.people += 1

    @cached_property
    def _order(self) -> dict[int, int]:
        return {pk: number for number, pk in enumerate(self.slots)}

    def _movable(self, from_slot: int, to_slots: list[int]) -> QuerySet[Availability]:
        return Availability.objects.filter(
            registration__round=self.held,
            registration__state__in=HELD,
            registration__seat_id=from_slot,
            slot_id__in=to_slots,
            answer__in=WILLING,
        )

    def _make_room(self, wanted: list[int]) -> int | None:
        """Breadth first over slots: from a full one to those its people also offered, until one has a free seat."""
        came_from: dict[int, int | None] = dict.fromkeys(wanted)
        frontier = list(wanted)
        while frontier:
            full = frontier.pop(0)
            unseen = [pk for pk in self.slots if pk not in came_from]
            if not unseen:
                return None
            for pk in self._movable(full, unseen).values_list("slot_id", flat=True).distinct():
                came_from[pk] = full
                if self.free[pk] > 0:
                    return self._move_along(pk, came_from)
                frontier.append(pk)
        return None

    def _move_along(self, slot_pk: int, came_from: Mapping[int, int | None]) -> int:
        """Move one person over each step of the path, from its free end to its start, which is then free."""
        while (full := came_from[slot_pk]) is not None:
            person = (
                self._movable(full, [slot_pk]).order_by("registration_id").values_list("registration_id", flat=True)[0]
            )
            Registration.objects.filter(pk=person).update(seat_id=slot_pk)
            self.free[slot_pk] -= 1
            self.free[full] += 1
            slot_pk = full
        return slot_pk


def limit_of(slot: Slot, biggest_group: int) -> int:
    """How many people can count on a slot: its own limit, else as many full groups as may run in parallel."""
    return slot.capacity if slot.capacity is not None else slot.max_groups * biggest_group


def queue(round_pk: int) -> QuerySet[Registration]:
    """The waiting list in order: who let no offer pass, then who was left out most often before, then by time."""
    return Registration.objects.filter(round_id=round_pk, state=RegistrationState.WAITING.value).order_by(
        "missed_offers", "-waited", "queued_at", "pk"
    )


def waiting_position(row: Registration) -> int:
    """Position on the waiting list, from 1."""
    return position_in(queue(row.round_id), row)


def answers_of(row: Registration) -> dict[int, str]:
    """What a person answered, by slot pk."""
    return dict(Availability.objects.filter(registration=row).values_list("slot_id", "answer"))


def seat_newcomer(held: Round, row: Registration, answers: Mapping[int, str]) -> bool:
    """Give a newcomer a seat when there is one that nobody who waits could use. The caller saves the row."""
    seating = Seating(held)
    if seating.places > 0:
        offer_free_places(held, seating=seating)
    slot_pk = seating.find(answers)
    if slot_pk is None:
        row.seat_id = None
        return False
    seating.take(row, slot_pk)
    return True


def keep_seat(held: Round, row: Registration, answers: Mapping[int, str]) -> bool:
    """After a change of wishes: keep the seat where it still fits, else find another; False when there is none."""
    if row.seat_id is not None and answers.get(row.seat_id) in WILLING:
        return True
    Registration.objects.filter(pk=row.pk).update(seat=None)  # so that the search does not move this very person
    seating = Seating(held)
    seating.people -= 1
    slot_pk = seating.find(answers)
    if slot_pk is None:
        return False
    seating.take(row, slot_pk)
    return True


def offer_free_places(held: Round, *, seating: Seating | None = None) -> None:
    """Offer every free place to the first in the queue who can use it; the offer holds the seat until it expires.

    The number of queries grows with the offers made and the slots found full, not with the length of the queue.
    """
    awake = queue(held.pk).filter(missed_offers__lt=MISSED_OFFERS_UNTIL_ASLEEP)
    if held.state not in OFFERING or not awake.exists():
        return
    seating = seating or Seating(held)
    full: set[int] = set()
    while seating.places > 0:
        hopeful = Availability.objects.filter(
            registration=OuterRef("pk"), slot_id__in=[pk for pk in seating.slots if pk not in full], answer__in=WILLING
        )
        row = awake.filter(Exists(hopeful)).first()
        if row is None:
            break
        answers = answers_of(row)
        slot_pk = seating.find(answers)
        if slot_pk is None:
            full.update(pk for pk, word in answers.items() if word in WILLING)
            continue
        seating.take(row, slot_pk)
        _offer(held, row, seating.slots[slot_pk])


def require_seats(held: Round) -> None:
    """Refuse limits below what is given away: Invalid({"capacity": "taken"}) or {"max_groups": "taken"}."""
    prefetch_related_objects([held], "slots")
    seating = Seating(held)
    if held.capacity is not None and seating.people > held.capacity:
        raise Invalid({"capacity": "taken"})
    for pk, free in seating.free.items():
        if free < 0:
            raise Invalid({"max_groups" if seating.slots[pk].capacity is None else "capacity": "taken"})


def leave_cancelled_slots(held: Round) -> None:
    """Seat people of a cancelled slot elsewhere where that is possible; without a seat they stay registered."""
    seating = Seating(held)
    lost = Registration.objects.filter(round=held, state__in=HELD, seat__is_cancelled=True).order_by("queued_at", "pk")
    for row in lost:
        seating.people -= 1
        slot_pk = seating.find(answers_of(row))
        row.seat_id = None
        if slot_pk is not None:
            seating.take(row, slot_pk)
        else:
            seating.people += 1
        row.save(update_fields=["seat"])


def _offer(held: Round, row: Registration, slot: Slot) -> None:
    now = timezone.now()
    offer = PlaceOffer.objects.create(
        registration=row,
        state=OfferState.OPEN.value,
        offered_at=now,
        expires_at=offer_ends(now, slot.starts_at, rules_of(held).offer_hours),
    )
    row.state = RegistrationState.OFFERED.value
    row.save(update_fields=["state", "seat"])
    outbox.tell(row, kind="offer", place_id=held.place_id, cause=offer.uid, offer=offer.uid)


def offer_ends(now: dt.datetime, starts_at: dt.datetime, hours: int) -> dt.datetime:
    """When an offer expires: after the set hours, sooner near the date (a third of what is left, at least one hour)."""
    near = max(now + (starts_at - now) / 3, now + dt.timedelta(hours=1))
    return min(now + dt.timedelta(hours=hours), near, starts_at)
