"""Who must be told by telephone: guests without an account, whom no mail reaches. Their mails wait here for a call."""

from __future__ import annotations

import datetime as dt

from django.utils import timezone

from beratung_xblock import access
from beratung_xblock.data.actor import Actor
from beratung_xblock.data.desk import Need
from beratung_xblock.data.enums import GroupState, MailState, RegistrationState, RoundState
from beratung_xblock.models import Membership, OutboxMail, PlaceOffer

from ._write import audit, retried

__all__ = ["needed", "told"]

NO_ADDRESS, TOLD = "no_address", "told"
"""Why a mail to a guest did not go out, and the same once somebody has called them."""
WITH_DATE = ("assigned", "changed")
TOLD_BY_CALL = (*WITH_DATE, "offer", "cancelled", "not_placed")
LOOK_BACK = dt.timedelta(days=30)
MOST = 20


def _untold(place_id: int):
    return OutboxMail.objects.filter(
        place_id=place_id, state=MailState.DROPPED.value, last_error=NO_ADDRESS, kind__in=TOLD_BY_CALL,
        registration__user__isnull=True,
    ).exclude(registration__guest_name="")


def needed(*, actor: Actor, place_id: int, now: dt.datetime) -> list[Need]:
    """Calls to make, one for each guest, about the newest thing they do not know. At most three queries."""
    mails = (
        _untold(place_id).filter(created_at__gt=now - LOOK_BACK)
        .exclude(registration__state=RegistrationState.CANCELLED.value).exclude(round__state=RoundState.FINISHED.value)
        .select_related("registration", "round").order_by("-pk")
    )
    if actor.regions:
        mails = mails.filter(registration__region__in=actor.regions)
    newest: dict[int, OutboxMail] = {}
    for mail in mails[: MOST * 5]:
        newest.setdefault(mail.registration_id, mail)
    if not newest:
        return []
    slots = {
        seat.registration_id: seat.group.slot
        for seat in Membership.objects.select_related("group__slot").filter(
            registration_id__in=newest, left_at__isnull=True, group__state=GroupState.PUBLISHED.value,
            group__slot__ends_at__gt=now,
        )
    }
    waiting = [pk for pk, mail in newest.items() if mail.kind == "offer"]
    open_offers = PlaceOffer.objects.filter(registration_id__in=waiting, state="open", expires_at__gt=now)
    offers = {offer.registration_id: offer for offer in open_offers} if waiting else {}
    found = []
    for pk, mail in newest.items():
        row, slot, offer = mail.registration, slots.get(pk), offers.get(pk)
        params: dict[str, object] = {"name": row.guest_name, "phone": row.guest_phone}
        if mail.kind == "offer":
            if offer is None:
                continue
            params["closes_at"] = offer.expires_at
        elif mail.kind in WITH_DATE:
            if slot is None:
                continue
            params |= {"starts_at": slot.starts_at, "ends_at": slot.ends_at, "time_zone": slot.time_zone}
        found.append(
            Need(
                kind=f"call_{'assigned' if mail.kind in WITH_DATE else mail.kind}", urgent=True, object_uid=row.uid,
                section="waiting" if mail.kind == "offer" else "", round_uid=mail.round.uid, params=params,
            )
        )
    return found[:MOST]


@retried
def told(*, actor: Actor, registration_uid: str) -> None:
    """A coordinator has called a guest; what they did not know is settled. Raises NotFound, also when nothing was open."""
    row = access.led_registration(actor, registration_uid)
    place_id = row.round.place_id
    if not _untold(place_id).filter(registration=row).update(last_error=TOLD, sent_at=timezone.now()):
        raise access.NotFound
    audit(actor, "mail.told", kind="registration", uid=row.uid, place_id=place_id, round_uid=row.round.uid)
