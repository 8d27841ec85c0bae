"""What a mail may know: rows as they are now, or the reason why the mail is no longer true."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from django.utils import timezone

from beratung_xblock import times
from beratung_xblock.data.enums import CaseState, GroupState, OfferState, RegistrationState, RoundState
from beratung_xblock.data.settings import PlaceSettings, settings_from_snapshot
from beratung_xblock.models import Case, Membership, OutboxMail, PlaceOffer, Registration, Slot

WITH_CALENDAR = ("assigned", "changed", "cancelled", "withdrawn", "not_placed")
"""Kinds that carry a calendar file whenever the person has, or had, a session."""
MEMBERS_ONLY = ("assigned", "changed", "reminder", "after_session", "case_wanted")


class Outdated(Exception):
    """The mail is no longer true; `reason` is a stable word kept with the row."""

    def __init__(self, reason: str):
        super().__init__(reason)
        self.reason = reason


@dataclass(frozen=True, kw_only=True)
class Facts:
    """One mail's material. Words are already in the reader's language and zone; `slot` is the person's session.

    `is_open` and `is_published` tell of the round; `left_as` is the state from which somebody cancelled, `by_owner` whether
    they did it themselves.
    """

    kind: str
    language: str
    now: dt.datetime
    settings: PlaceSettings
    has_course: bool
    registration: Registration | None
    slot: Slot | None
    membership: Membership | None
    offer: PlaceOffer | None
    until: dt.date | None
    hours_before: int | None
    closes_at: dt.datetime | None
    is_open: bool
    is_published: bool
    left_as: str
    by_owner: bool
    cancelled: bool
    sequence: int

    @property
    def name(self) -> str:
        """The reader's own display name."""
        return self.registration.display_name if self.registration is not None else ""

    @property
    def zone(self) -> str:
        """The zone in which the round's dates are meant."""
        return self.slot.time_zone if self.slot is not None else "Europe/Berlin"

    def when(self) -> times.BothTimes:
        """The session's day and span in words, and in the reader's own zone where that differs."""
        own = self.registration.time_zone if self.registration is not None else None
        return times.words_for_both(self.slot.starts_at, self.slot.ends_at, self.zone, own, self.language)

    def moment(self, value: dt.datetime) -> str:
        """Any moment as day and clock in the round's zone, which is named to readers whose clock differs."""
        own = self.registration.time_zone if self.registration is not None else None
        return times.words_for_moment(value, self.zone, own, self.language)


def gather(row: OutboxMail, *, now: dt.datetime | None = None) -> Facts:
    """Read what the mail needs. At most six queries. Raises Outdated."""
    now = now or timezone.now()
    registration, kind = row.registration, row.kind
    if not row.place.is_active:
        raise Outdated("place_gone")
    membership = _membership(row)
    _require_still_true(row, registration, membership, now)
    offer = _offer(row, registration, now) if kind == "offer" else None
    slot = membership.group.slot if membership is not None else _only_slot(row)
    gone = kind in ("cancelled", "withdrawn", "not_placed") or (
        membership is not None and (membership.left_at is not None or slot.is_cancelled)
    )
    return Facts(
        kind=kind,
        language=row.language,
        now=now,
        settings=settings_from_snapshot((row.round.rules if row.round else None) or row.place.settings),
        has_course=bool(settings_from_snapshot(row.place.settings).teams_course_url),
        registration=registration,
        slot=slot,
        membership=membership,
        offer=offer,
        until=_until(row) if kind == "deletion_notice" else None,
        hours_before=row.context.get("hours"),
        closes_at=row.round.closes_at if row.round is not None else None,
        is_open=row.round is not None and row.round.state == RoundState.OPEN.value and row.round.closes_at > now,
        is_published=row.round is not None and row.round.state == RoundState.PUBLISHED.value,
        left_as=row.context.get("left_as", RegistrationState.REGISTERED.value),
        by_owner=row.context.get("by_owner", True),
        cancelled=gone,
        sequence=sequence_of(registration, up_to=row.pk) if registration is not None else 0,
    )


def sequence_of(registration: Registration, *, up_to: int | None = None) -> int:
    """The calendar SEQUENCE of a person's session: how many calendar mails came before (`up_to` is a mail's pk).

    Each change people are told of is a row, so the number rises with each and stays the same when a mail is repeated.
    """
    rows = OutboxMail.objects.filter(registration=registration, kind__in=WITH_CALENDAR)
    return rows.filter(pk__lt=up_to).count() if up_to is not None else max(rows.count() - 1, 0)


def _membership(row: OutboxMail) -> Membership | None:
    """The person's current seat; for a cancellation the last one they had."""
    if row.registration_id is None:
        return None
    seats = Membership.objects.select_related("group", "group__slot").filter(registration_id=row.registration_id)
    if row.kind in ("cancelled", "withdrawn", "not_placed"):
        return seats.order_by("left_at", "-joined_at").first()
    return seats.filter(left_at__isnull=True, group__state=GroupState.PUBLISHED.value).order_by("-pk").first()


def _only_slot(row: OutboxMail) -> Slot | None:
    """The round's date where there is only one, so that early mails can already name it."""
    if row.round_id is None:
        return None
    slots = list(Slot.objects.filter(round_id=row.round_id, is_cancelled=False)[:2])
    return slots[0] if len(slots) == 1 else None


def _require_still_true(
    row: OutboxMail, registration: Registration | None, membership: Membership | None, now: dt.datetime
) -> None:
    kind = row.kind
    state = registration.state if registration is not None else None
    if kind == "confirmation" and state != RegistrationState.REGISTERED.value:
        raise Outdated("state_changed")
    if kind == "waiting" and state != RegistrationState.WAITING.value:
        raise Outdated("state_changed")
    if kind == "offer_expired" and state != RegistrationState.WAITING.value:
        raise Outdated("state_changed")
    if kind == "not_placed" and (membership is not None and membership.left_at is None):
        raise Outdated("state_changed")
    if kind in MEMBERS_ONLY:
        if membership is None or (row.round is not None and row.round.state == RoundState.CANCELLED.value):
            raise Outdated("no_session")
        if membership.group.slot.is_cancelled:
            raise Outdated("no_session")
        if kind != "after_session" and membership.group.slot.ends_at <= now:
            raise Outdated("over")
        if kind in ("reminder", "case_wanted") and membership.group.slot.starts_at <= now:
            raise Outdated("over")
        if kind == "case_wanted" and _has_case(registration):
            raise Outdated("state_changed")
    if kind == "moderator_wanted" and (
        registration.can_moderate or state == RegistrationState.CANCELLED.value or row.round.closes_at <= now
    ):
        raise Outdated("state_changed")
    if kind == "round_open" and not (row.round.state == RoundState.OPEN.value and row.round.closes_at > now):
        raise Outdated("closed")


def _offer(row: OutboxMail, registration: Registration | None, now: dt.datetime) -> PlaceOffer:
    offer = PlaceOffer.objects.filter(uid=row.context.get("offer", ""), registration=registration).first()
    if offer is None or offer.state != OfferState.OPEN.value or offer.expires_at <= now:
        raise Outdated("offer_over")
    return offer


def _has_case(registration: Registration) -> bool:
    return Case.objects.filter(registration=registration, state=CaseState.SUBMITTED.value).exists()


def _until(row: OutboxMail) -> dt.date:
    if not Case.objects.filter(row_uid=row.context.get("case", ""), owner_id=row.user_id).exists():
        raise Outdated("case_gone")
    return dt.date.fromisoformat(row.context["until"])
