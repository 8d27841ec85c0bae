"""The waiting list: a freed place is offered, the offer is accepted, declined or runs out, then the next is asked.

Every function holds the round's lock, so an offer has one outcome, and the freed seat is offered on in the same
transaction. Links in mails lead to `answer_link`, which needs no log-in: the signature is the right to answer.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from django.utils import timezone

from beratung_xblock import access, completion, outbox
from beratung_xblock.data import plain_text
from beratung_xblock.data.actor import Actor, system_actor
from beratung_xblock.data.enums import GroupState, OfferState, RegistrationState, RoundState
from beratung_xblock.exceptions import Conflict, Invalid, NotFound
from beratung_xblock.mails import links
from beratung_xblock.models import Evidence, Membership, PlaceOffer, Registration, Round

from . import signup
from ._places import MISSED_OFFERS_UNTIL_ASLEEP, OFFERING, Seating, answers_of, offer_free_places, queue
from ._write import audit, locked_round, retried

__all__ = [
    "Waiting", "WaitingPage", "accept_offer", "answer_for", "answer_link", "confirm_attendance", "decline_offer", "expire_due", "keep_waiting",
    "list_waiting", "offer_open_places", "promote",
]  # fmt: skip

PAGE = 50
"""Lines of one page of the list."""


@dataclass(frozen=True, kw_only=True)
class Waiting:
    """One person on the waiting list, or with an open offer, as the coordinator sees them."""

    registration_uid: str
    display_name: str
    position: int
    state: str
    waited: int
    asleep: bool
    since: dt.datetime
    offer_expires_at: dt.datetime | None
    phone: str = ""
    """The telephone number of a guest, whom no mail reaches."""


@dataclass(frozen=True, kw_only=True)
class WaitingPage:
    """Some lines of the waiting list, from `offset` on, of `total`."""

    lines: tuple[Waiting, ...]
    total: int
    offset: int


def list_waiting(*, actor: Actor, round_uid: str, offset: int = 0, limit: int = PAGE) -> WaitingPage:
    """Who waits, in order, after those with an open offer (position 0): one page. Five queries.

    A position is one among all who wait; a coordinator of some regions sees the lines of these.
    """
    round_ = access.led_round(actor, round_uid)
    visible = access.led_registrations(actor, round_uid)
    offers = PlaceOffer.objects.select_related("registration").filter(
        registration__round=round_, state=OfferState.OPEN.value
    ).order_by("expires_at", "pk")
    waiting = queue(round_.pk)
    numbers: dict[int, int] = {}
    if actor.regions:
        offers = offers.filter(registration__in=visible)
        numbers = {pk: number for number, pk in enumerate(waiting.values_list("pk", flat=True), start=1)}
        waiting = waiting.filter(pk__in=visible.values("pk"))
    asked = offers.count()
    total = asked + waiting.count()
    offset = max(0, min(offset, max(0, (total - 1) // limit * limit)))
    begin = max(0, offset - asked)
    rows = waiting[begin : max(begin, offset + limit - asked)]
    lines = [(0, offer.registration, offer.expires_at) for offer in offers[offset : offset + limit]]
    lines += [(numbers.get(row.pk, number), row, None) for number, row in enumerate(rows, start=begin + 1)]
    return WaitingPage(lines=tuple(_line(*line) for line in lines), total=total, offset=offset)


def _line(number: int, row: Registration, expires: dt.datetime | None) -> Waiting:
    return Waiting(
        registration_uid=row.uid,
        display_name=row.display_name,
        position=number,
        state=row.state,
        waited=row.waited,
        asleep=row.missed_offers >= MISSED_OFFERS_UNTIL_ASLEEP,
        since=row.queued_at,
        offer_expires_at=expires,
        phone=row.guest_phone if row.user_id is None else "",
    )


@retried
def accept_offer(*, actor: Actor, round_uid: str) -> None:
    """Take the place offered to me. Raises Conflict("no_offer") when there is none (any more)."""
    access.require_writer(actor)
    row = access.own_registration(actor, round_uid)
    _answer(actor, row, accepted=True)


@retried
def decline_offer(*, actor: Actor, round_uid: str) -> None:
    """Leave the place to the next, and the waiting list too. Raises Conflict("no_offer")."""
    access.require_writer(actor)
    row = access.own_registration(actor, round_uid)
    _answer(actor, row, accepted=False)


@retried
def answer_for(*, actor: Actor, registration_uid: str, accepted: bool) -> None:
    """A coordinator enters what somebody said on the telephone about the place offered. Raises Conflict("no_offer")."""
    _answer(actor, access.led_registration(actor, registration_uid), accepted=accepted)


@retried
def keep_waiting(*, actor: Actor, round_uid: str) -> None:
    """A sign of life of somebody who let offers pass: back to the old position, asked again from now on."""
    access.require_writer(actor)
    row = access.own_registration(actor, round_uid)
    with locked_round(row.round_id) as held:
        changed = Registration.objects.filter(pk=row.pk, state=RegistrationState.WAITING.value).update(missed_offers=0)
        if not changed:
            raise Conflict("not_waiting")
        audit(
            actor, "registration.awake", kind="registration", uid=row.uid, place_id=held.place_id, round_uid=held.uid
        )  # fmt: skip
        offer_free_places(held)


@retried
def promote(*, actor: Actor, registration_uid: str, reason: str) -> None:
    """The coordinator gives a waiting person a free place at once, out of turn, with a reason.

    Raises Invalid({"reason": ...}), Conflict("not_waiting") or Conflict("full"): a limit holds for everybody; it can be
    raised first.
    """
    reason = plain_text.one_line(str(reason or ""))
    if not reason:
        raise Invalid({"reason": "required"})
    if len(reason) > 300:
        raise Invalid({"reason": "long"})
    found = access.led_registration(actor, registration_uid)
    now = timezone.now()
    with locked_round(found.round_id) as held:
        row = _fresh(found.pk, held)
        if held.state not in OFFERING:
            raise Conflict("round_state")
        if row.state == RegistrationState.OFFERED.value:
            _close_offer(row, OfferState.WITHDRAWN, now)
        elif row.state != RegistrationState.WAITING.value:
            raise Conflict("not_waiting")
        else:
            seating = Seating(held)
            slot_pk = seating.find(answers_of(row))
            if slot_pk is None:
                raise Conflict("full")
            seating.take(row, slot_pk)
        PlaceOffer.objects.create(
            registration=row, state=OfferState.ACCEPTED.value, offered_at=now, expires_at=now, answered_at=now,
            offered_by_id=actor.user_id, reason=reason,
        )  # fmt: skip
        _register(actor, held, row, action="registration.promote")


def confirm_attendance(*, registration_uid: str, group_uid: str) -> None:
    """Note "I will come" of a member of a published group. Raises NotFound."""
    now = timezone.now()
    seats = Membership.objects.filter(
        registration__uid=registration_uid,
        group__uid=group_uid,
        group__state=GroupState.PUBLISHED.value,
        left_at__isnull=True,
    )
    if not seats.exists():
        raise NotFound
    seats.filter(confirmed_at__isnull=True).update(confirmed_at=now)


@retried
def answer_link(*, link: links.Link) -> None:
    """Do what a signed link in a mail stands for; doing it twice changes nothing more.

    Raises Conflict("no_offer") for an offer that is over, Conflict("accepted") for one that is declined after it was
    accepted, Conflict("no_session") for a date that does not exist any
    more, Conflict("closed") for a round that is over.
    """
    row = Registration.objects.select_related("round", "round__place").filter(uid=link.registration).first()
    if row is None or not row.round.place.is_active:
        raise Conflict("no_session")
    actor = _owner(row)
    if link.purpose in (links.ACCEPT_OFFER, links.DECLINE_OFFER):
        _answer(actor, row, accepted=link.purpose == links.ACCEPT_OFFER, offer_uid=link.target)
        return
    if link.purpose == links.STOP_REMINDERS:
        Registration.objects.filter(pk=row.pk).update(wants_reminders=False, wants_refresher=False)
        return
    try:
        if link.purpose == links.CONFIRM:
            confirm_attendance(registration_uid=row.uid, group_uid=link.target)
        elif row.state != RegistrationState.CANCELLED.value:
            seats = Membership.objects.filter(registration=row, group__uid=link.target, left_at__isnull=True)
            if not seats.exists():
                raise NotFound
            signup.cancel_by_link(actor=actor, registration=row)
    except NotFound:
        raise Conflict("no_session") from None


def expire_due(*, now: dt.datetime | None = None) -> int:
    """End offers that ran out, one round at a time, and ask the next; returns how many ended."""
    now = now or timezone.now()
    due = PlaceOffer.objects.filter(state=OfferState.OPEN.value, expires_at__lte=now)
    return sum(_expire_in(pk, now) for pk in sorted(set(due.values_list("registration__round_id", flat=True))))


@retried
def _expire_in(round_pk: int, now: dt.datetime) -> int:
    try:
        with locked_round(round_pk) as held:
            ended = _end_offers(held, now)
            if ended:
                offer_free_places(held)
            return ended
    except NotFound:  # deleted meanwhile
        return 0


def offer_open_places() -> int:
    """Repair: offer places that came free without anybody noticing (a limit raised in the database). Returns rounds."""
    waiting = Registration.objects.filter(
        state=RegistrationState.WAITING.value, round__state__in=OFFERING, round__place__is_active=True
    )
    count = 0
    for pk in sorted(set(waiting.values_list("round_id", flat=True))):
        held = Round.objects.select_related("place").get(pk=pk)
        if Seating(held).places > 0:
            _offer_in(pk)
            count += 1
    return count


@retried
def _offer_in(round_pk: int) -> None:
    with locked_round(round_pk) as held:
        offer_free_places(held)


def _owner(row: Registration) -> Actor:
    """The person a signed link was sent to, with the rights of one registration and no language of their own."""
    place = row.round.place
    if row.user_id is None:
        return system_actor(usage_key=place.usage_key, course_key=place.course_key)
    return Actor(
        user_id=row.user_id,
        usage_key=place.usage_key,
        course_key=place.course_key,
        is_enrolled=True,
        language=row.language,
        time_zone=row.time_zone,
    )


def _fresh(pk: int, held: Round) -> Registration:
    row = Registration.objects.get(pk=pk)
    row.round = held
    return row


def _answer(actor: Actor, found: Registration, *, accepted: bool, offer_uid: str = "") -> None:
    now = timezone.now()
    with locked_round(found.round_id) as held:
        row = _fresh(found.pk, held)
        if offer_uid and _already(offer_uid, row, accepted=accepted):
            return
        if offer_uid and not accepted and _already(offer_uid, row, accepted=True):
            raise Conflict("accepted")
        open_offer = PlaceOffer.objects.filter(registration=row, state=OfferState.OPEN.value, expires_at__gt=now)
        if offer_uid:
            open_offer = open_offer.filter(uid=offer_uid)
        if row.state != RegistrationState.OFFERED.value or not open_offer.exists():
            raise Conflict("no_offer")
        if held.state not in OFFERING:
            raise Conflict("closed")
        if accepted:
            _close_offer(row, OfferState.ACCEPTED, now)
            _register(actor, held, row, action="offer.accept")
        else:
            _close_offer(row, OfferState.DECLINED, now)
            signup.release(held, row, actor=actor, by_owner=True)
            offer_free_places(held)


def _already(offer_uid: str, row: Registration, *, accepted: bool) -> bool:
    """True when this very offer was answered this way before: a second click on the same link."""
    wanted = OfferState.ACCEPTED if accepted else OfferState.DECLINED
    return PlaceOffer.objects.filter(uid=offer_uid, registration=row, state=wanted.value).exists()


def _close_offer(row: Registration, state: OfferState, now: dt.datetime) -> None:
    PlaceOffer.objects.filter(registration=row, state=OfferState.OPEN.value).update(state=state.value, answered_at=now)


def _register(actor: Actor, held: Round, row: Registration, *, action: str) -> None:
    row.state = RegistrationState.REGISTERED.value
    row.missed_offers = 0
    row.save(update_fields=["state", "seat", "missed_offers"])
    if row.user_id is not None:
        Evidence.objects.filter(place_id=held.place_id, user_id=row.user_id, round_uid=held.uid).update(signed_up=True)
        completion.write_after_commit(held.place_id, [row.user_id])
    audit(actor, action, kind="registration", uid=row.uid, place_id=held.place_id, round_uid=held.uid)
    outbox.tell(row, kind="confirmation", place_id=held.place_id, cause=f"v{held.version}")


def _end_offers(held: Round, now: dt.datetime) -> int:
    offers = PlaceOffer.objects.select_related("registration").filter(
        registration__round=held, state=OfferState.OPEN.value, expires_at__lte=now
    )
    ended = 0
    over = held.state in (RoundState.FINISHED.value, RoundState.CANCELLED.value)
    for offer in offers.order_by("expires_at", "pk"):
        row = offer.registration
        offer.state, offer.answered_at = OfferState.EXPIRED.value, now
        offer.save(update_fields=["state", "answered_at"])
        if row.state != RegistrationState.OFFERED.value:
            continue
        row.state, row.seat = RegistrationState.WAITING.value, None
        row.missed_offers += 1
        row.save(update_fields=["state", "seat", "missed_offers"])
        audit(
            system_actor(), "offer.expire", kind="registration", uid=row.uid, place_id=held.place_id,
            round_uid=held.uid,
        )  # fmt: skip
        if not over:
            outbox.tell(row, kind="offer_expired", place_id=held.place_id, cause=offer.uid)
        ended += 1
    return ended
