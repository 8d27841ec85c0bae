"""The coordinator's lists: what needs me now, who signed up, what was sent. Constant numbers of queries, paginated."""

from __future__ import annotations

from django.contrib.auth import get_user_model
from django.db.models import Count, F, Q
from django.utils import timezone

from beratung_xblock import access, completion, outbox
from beratung_xblock.data.actor import Actor
from beratung_xblock.data.desk import MailLine, RegistrationPage
from beratung_xblock.data.enums import CaseState, MailState, RegistrationState, RoundState
from beratung_xblock.data.views import RegistrationView
from beratung_xblock.exceptions import Conflict, Invalid
from beratung_xblock.models import (
    Attendance,
    Availability,
    Case,
    ContactRequest,
    Evidence,
    OutboxMail,
    PlaceOffer,
    Registration,
    Slot,
)

from . import _places, signup
from ._today import today
from ._write import audit, locked_round, retried
from .cases import open_title

__all__ = [
    "account_of", "answer_contact", "cancel_registration", "mails", "register_again", "registrations", "send_again",
    "today",
]

PAGE = 25
MISSED_FROM = 2
ORDERS = {
    "time": ("queued_at", "pk"),
    "name": ("display_name", "pk"),
    "region": ("region", "display_name", "pk"),
    "waited": ("-waited", "queued_at", "pk"),
}


def registrations(
    *,
    actor: Actor,
    round_uid: str,
    state: str = "",
    search: str = "",
    order: str = "time",
    offset: int = 0,
    limit: int = PAGE,
) -> RegistrationPage:
    """One page of a round's registrations. `search` looks in display name, region, organisation. Seven queries.

    `missed` counts sessions of earlier rounds to which somebody with a place did not come: a hint for the coordinator
    alone, from two on.
    """
    rows = access.led_registrations(actor, round_uid)
    if state in {s.value for s in RegistrationState}:
        rows = rows.filter(state=state)
    if search:
        rows = rows.filter(
            Q(display_name__icontains=search) | Q(region__icontains=search) | Q(organisation__icontains=search)
        )
    total = rows.count()
    offset = max(0, min(offset, max(0, (total - 1) // limit * limit)))
    page = list(rows.select_related("round").order_by(*ORDERS.get(order, ORDERS["time"]))[offset : offset + limit])
    keys = [row.pk for row in page]
    answers: dict[int, dict[str, str]] = {key: {} for key in keys}
    # Not joined with the dates: a database that knows them to be few would read all answers to them.
    slots = dict(Slot.objects.filter(round_id__in={row.round_id for row in page}).values_list("pk", "uid"))
    for key, slot_pk, answer in Availability.objects.filter(registration_id__in=keys).values_list(
        "registration_id", "slot_id", "answer"
    ):
        answers[key][slots[slot_pk]] = answer
    cases = {
        case.registration_id: case
        for case in Case.objects.filter(registration_id__in=keys, state=CaseState.SUBMITTED.value)
    }
    offers = {
        offer.registration_id: offer
        for offer in PlaceOffer.objects.filter(registration_id__in=keys, state="open").order_by("pk")
    }
    missed = dict(
        Attendance.objects.filter(
            registration__user_id__in=[row.user_id for row in page if row.user_id],
            group__round__place__usage_key=actor.usage_key, minutes=0, override__isnull=True,
        )
        .values_list("registration__user_id")
        .annotate(times=Count("pk"))
        .order_by()
    )
    return RegistrationPage(
        rows=tuple(_view(row, answers[row.pk], cases.get(row.pk), offers.get(row.pk)) for row in page),
        total=total,
        offset=offset,
        limit=limit,
        missed={row.uid: missed[row.user_id] for row in page if missed.get(row.user_id, 0) >= MISSED_FROM},
    )


def _view(row: Registration, answers: dict[str, str], case: Case | None, offer: PlaceOffer | None) -> RegistrationView:
    title = open_title(case) if case else None
    return RegistrationView(
        uid=row.uid, round_uid=row.round.uid, display_name=row.display_name, state=row.state, answers=answers,
        languages=tuple(row.languages), can_moderate=row.can_moderate, brings_case=row.brings_case,
        urgency=row.urgency, region=row.region, organisation=row.organisation, experience=row.experience,
        wish_with=row.wish_with, take_part=row.take_part, needs=tuple(row.needs),
        wants_reminders=row.wants_reminders, wants_refresher=row.wants_refresher, is_guest=row.user_id is None,
        phone=row.guest_phone if row.user_id is None else "",
        offer_expires_at=offer.expires_at if offer else None,
        case_title=title.reveal() if title is not None else "",
        case_urgency=case.urgency if case else 0,
    )


@retried
def answer_contact(*, actor: Actor, contact_uid: str) -> None:
    """Mark a call-back as done; the number that was given for it goes."""
    row = access.led_contact(actor, contact_uid)
    if not ContactRequest.objects.filter(pk=row.pk, answered_at__isnull=True).update(answered_at=timezone.now(), phone=""):
        raise access.NotFound
    audit(actor, "contact.answer", kind="contact", uid=row.uid, place_id=row.place_id)


@retried
def cancel_registration(*, actor: Actor, registration_uid: str, reason: str) -> None:
    """Take somebody out of a round on their behalf; they get a mail, the next on the waiting list is asked.

    Raises Invalid({"reason": ...}), Conflict("cancelled") or Conflict("round_state").
    """
    reason = " ".join(str(reason or "").replace("\x00", "").split())
    if not reason:
        raise Invalid({"reason": "required"})
    if len(reason) > 300:
        raise Invalid({"reason": "long"})
    found = access.led_registration(actor, registration_uid)
    with locked_round(found.round_id) as held:
        row = Registration.objects.select_related("round").get(pk=found.pk)
        if row.state == RegistrationState.CANCELLED.value:
            raise Conflict("cancelled")
        if held.state in (RoundState.FINISHED.value, RoundState.CANCELLED.value):
            raise Conflict("round_state")
        signup.release(held, row, actor=actor, reason=reason)
        _places.offer_free_places(held)


@retried
def register_again(*, actor: Actor, registration_uid: str) -> str:
    """Take back a cancellation with the dates given before; returns the state (registered or waiting).

    A case that was withdrawn stays withdrawn: only its owner submits it again.
    """
    found = access.led_registration(actor, registration_uid)
    with locked_round(found.round_id) as held:
        row = Registration.objects.select_related("round").get(pk=found.pk)
        if row.state != RegistrationState.CANCELLED.value:
            raise Conflict("twice")
        if held.state not in _places.OFFERING:
            raise Conflict("round_state")
        seated = _places.seat_newcomer(held, row, _places.answers_of(row))
        row.state = (RegistrationState.REGISTERED if seated else RegistrationState.WAITING).value
        row.queued_at, row.cancelled_at, row.cancel_reason, row.missed_offers = timezone.now(), None, "", 0
        row.save()
        if row.user_id is not None:
            Evidence.objects.filter(place_id=held.place_id, user_id=row.user_id, round_uid=held.uid).update(signed_up=bool(seated))
            completion.write_after_commit(held.place_id, [row.user_id])
        audit(
            actor, "registration.again", kind="registration", uid=row.uid, place_id=held.place_id, round_uid=held.uid,
            state=row.state,
        )
        outbox.tell(
            row, kind="confirmation" if seated else "waiting", place_id=held.place_id, cause=f"v{held.version}"
        )
    return row.state


def account_of(*, actor: Actor, text: str) -> int | None:
    """The platform account a coordinator or instructor means by user name or mail address; None for an empty text.

    Raises Invalid({"account": "unknown"}) for no account and for a mail address that several share.
    """
    text = text.strip()[:254]
    if not text:
        return None
    if not (actor.may_lead or (actor.is_instructor and not actor.is_masquerading)):
        raise access.NotFound
    field = "email__iexact" if "@" in text else "username"
    found = list(get_user_model().objects.filter(is_active=True, **{field: text}).values_list("pk", flat=True)[:2])
    if len(found) != 1:
        raise Invalid({"account": "unknown"})
    return found[0]


@retried
def send_again(*, actor: Actor, mail_uid: str) -> None:
    """Put a failed mail back into the queue. Raises Conflict("not_sent") when it did not fail."""
    place = access.place(actor)
    if not actor.may_lead:
        raise access.NotFound
    rows = OutboxMail.objects.filter(place=place, uid=mail_uid, state=MailState.FAILED.value)
    if actor.regions:
        rows = rows.filter(registration__region__in=actor.regions)
    if not outbox.send_again(pks=list(rows.values_list("pk", flat=True))):
        raise Conflict("not_sent")
    audit(actor, "mail.again", kind="mail", uid=mail_uid, place_id=place.pk)


def mails(
    *, actor: Actor, round_uid: str = "", state: str = "", offset: int = 0, limit: int = PAGE
) -> tuple[list[MailLine], dict[str, int]]:
    """One page of the outbox, newest first, and counts by state."""
    place = access.place(actor)
    if not actor.may_lead:
        raise access.NotFound
    rows = OutboxMail.objects.filter(place=place)
    if actor.regions:
        rows = rows.filter(registration__region__in=actor.regions)
    if round_uid:
        rows = rows.filter(round__uid=round_uid)
    counts = dict(rows.values("state").annotate(n=Count("pk")).values_list("state", "n"))
    if state in {s.value for s in MailState}:
        rows = rows.filter(state=state)
    lines = [
        MailLine(
            uid=row.uid, kind=row.kind, display_name=row.name or "", state=row.state, attempts=row.attempts,
            at=row.sent_at or row.created_at, last_error=row.last_error,
        )
        for row in rows.annotate(name=F("registration__display_name")).order_by("-pk")[offset : offset + limit]
    ]
    return lines, counts
