"""Places and the queue: is there room, who is next, where do I stand. Called inside a locked round."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping

from django.db.models import Q
from django.utils import timezone

from beratung_xblock import outbox
from beratung_xblock.data.enums import OfferState, RegistrationState
from beratung_xblock.models import PlaceOffer, Registration, Round

from .rounds import HELD, rules_of


def queue(round_pk: int):
    """The waiting list in order: those left out most often first, then by time."""
    return Registration.objects.filter(round_id=round_pk, state=RegistrationState.WAITING.value).order_by(
        "-waited", "queued_at", "pk"
    )


def waiting_position(row: Registration) -> int:
    """Position on the waiting list, from 1. One query."""
    ahead = Q(waited__gt=row.waited) | Q(waited=row.waited) & (
        Q(queued_at__lt=row.queued_at) | Q(queued_at=row.queued_at, pk__lt=row.pk)
    )
    return queue(row.round_id).filter(ahead).count() + 1


def free_places(held: Round) -> int | None:
    """Free places of a round, None without limit. An open offer holds its place."""
    if held.capacity is None:
        return None
    taken = Registration.objects.filter(round=held, state__in=HELD).count()
    return max(0, held.capacity - taken)


def has_room(held: Round, answers: Mapping[str, str]) -> bool:
    """True when one more person with these answers can have a place, and nobody is waiting before them."""
    free = free_places(held)
    if free is None:
        return True
    return free > 0 and not queue(held.pk).exists()


def place_after_cancellation(held: Round) -> None:
    """Offer each free place to the next in the queue; the offer holds the place until it expires."""
    free = free_places(held)
    if free is None:
        return
    now = timezone.now()
    hours = rules_of(held).offer_hours
    first = held.slots.filter(is_cancelled=False).order_by("starts_at").values_list("starts_at", flat=True).first()
    for row in list(queue(held.pk)[:free]):
        expires = now + dt.timedelta(hours=hours)
        if first is not None:
            expires = min(expires, max(now + (first - now) / 3, now + dt.timedelta(hours=1)))
        offer = PlaceOffer.objects.create(
            registration=row, state=OfferState.OPEN.value, offered_at=now, expires_at=expires
        )
        row.state = RegistrationState.OFFERED.value
        row.save(update_fields=["state"])
        outbox.tell(row, kind="offer", place_id=held.place_id, cause=offer.uid, offer=offer.uid)
