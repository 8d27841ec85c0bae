"""A person's sessions as calendar entries: the file of one session, and a secret address for calendar programs."""

from __future__ import annotations

import hashlib
import secrets

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import override

from beratung_xblock import access, calendars, outbox
from beratung_xblock.actors import page_address
from beratung_xblock.data.actor import Actor
from beratung_xblock.data.enums import GroupState, RegistrationState, RoundState
from beratung_xblock.exceptions import NotFound
from beratung_xblock.mails.compose import bare_address
from beratung_xblock.mails.facts import sequence_of
from beratung_xblock.models import CalendarSubscription, Membership

from ._rules import rules_of

__all__ = ["feed", "file_of_group", "has_subscription", "revoke", "subscribe"]

LONGEST_FEED = 200


def _digest(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()


def subscribe(*, actor: Actor) -> str:
    """Make a new secret address and end older ones of the same person in the course; the secret is told only once."""
    access.require_writer(actor)
    secret = secrets.token_urlsafe(32)
    with transaction.atomic():
        _end_all(actor)
        CalendarSubscription.objects.create(
            user_id=actor.user_id, course_key=actor.course_key, secret_hash=_digest(secret)
        )
    return secret


def revoke(*, actor: Actor) -> None:
    """End the secret address; programs that ask for it get "not found" from now on."""
    access.require_writer(actor)
    _end_all(actor)


def has_subscription(*, actor: Actor) -> bool:
    """True when a secret address of the actor is in force. One query."""
    return CalendarSubscription.objects.filter(
        user_id=actor.user_id, user__isnull=False, course_key=actor.course_key, revoked_at__isnull=True
    ).exists()


def _end_all(actor: Actor) -> None:
    CalendarSubscription.objects.filter(
        user_id=actor.user_id, course_key=actor.course_key, revoked_at__isnull=True
    ).update(revoked_at=timezone.now())


def feed(*, secret: str) -> bytes:
    """The whole calendar behind a secret address. Raises NotFound for an unknown or ended one, and for closed accounts."""
    row = (
        CalendarSubscription.objects.select_related("user")
        .filter(secret_hash=_digest(str(secret)), revoked_at__isnull=True, user__is_active=True)
        .first()
    )
    if row is None:
        raise NotFound
    seats = list(
        _seats()
        .filter(registration__user_id=row.user_id, registration__round__place__course_key=row.course_key)
        .order_by("-group__slot__starts_at")[:LONGEST_FEED]
    )
    newest: dict[str, Membership] = {}
    for seat in seats:
        known = newest.get(seat.registration.uid)
        if known is None or (known.left_at is not None and seat.left_at is None):
            newest[seat.registration.uid] = seat
    language = seats[0].registration.language if seats else "de"
    with override(language):
        return calendars.subscription(
            [_appointment(seat) for seat in newest.values()],
            name=_("Peer consultation"),
            zone=seats[0].group.slot.time_zone if seats else "Europe/Berlin",
            organiser=bare_address(outbox.sender_address()),
            alarm_text=_("Your appointment is in one hour."),
        )


def file_of_group(*, actor: Actor, group_uid: str) -> bytes:
    """The calendar file of one's own session. Raises NotFound."""
    own = access.membership(actor, group_uid)
    seat = _seats().get(pk=own.pk)
    return calendars.invitation(
        _appointment(seat),
        organiser=bare_address(outbox.sender_address()),
        alarm_text=_("Your appointment is in one hour."),
    )


def _seats():
    return Membership.objects.select_related("group__slot", "registration__round__place").filter(
        registration__round__place__is_active=True
    )


def _appointment(seat: Membership) -> calendars.Appointment:
    registration, slot = seat.registration, seat.group.slot
    place = registration.round.place
    page = page_address(course_key=place.course_key, usage_key=place.usage_key)
    gone = (
        seat.left_at is not None
        or slot.is_cancelled
        or seat.group.state != GroupState.PUBLISHED.value
        or registration.state == RegistrationState.CANCELLED.value
        or registration.round.state == RoundState.CANCELLED.value
    )
    return calendars.Appointment(
        uid=f"{registration.uid}@{outbox.mail_domain()}",
        sequence=sequence_of(registration),
        starts=slot.starts_at,
        ends=slot.ends_at,
        zone=slot.time_zone,
        summary=rules_of(registration.round).display_name,
        description=_("You find the link to the meeting on your page: %(page)s") % {"page": page},
        url=page,
        changed=(seat.left_at or seat.joined_at).replace(microsecond=0),
        cancelled=gone,
    )
