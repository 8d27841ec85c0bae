"""The coordinator's lists: what needs me now, who signed up, what was sent. Constant numbers of queries, paginated."""

from __future__ import annotations

import datetime as dt

from django.db.models import Count, F, Q
from django.utils import timezone

from beratung_xblock import access
from beratung_xblock.data.actor import Actor
from beratung_xblock.data.desk import MailLine, Need, RegistrationPage
from beratung_xblock.data.enums import CaseState, GroupState, MailState, RegistrationState, RoundState, SessionState
from beratung_xblock.data.views import RegistrationView
from beratung_xblock.models import (
    Availability,
    Case,
    ContactRequest,
    Group,
    Membership,
    OutboxMail,
    PlaceOffer,
    Registration,
    Round,
)

from ._write import audit, retried
from .cases import open_title
from .rounds import HELD, rules_of

__all__ = ["answer_contact", "mails", "registrations", "today"]

PAGE = 25
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
    """One page of a round's registrations. `search` looks in display name, region, organisation. Five queries."""
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
    for key, slot_uid, answer in Availability.objects.filter(registration_id__in=keys).values_list(
        "registration_id", "slot__uid", "answer"
    ):
        answers[key][slot_uid] = answer
    cases = {
        case.registration_id: case
        for case in Case.objects.filter(registration_id__in=keys, state=CaseState.SUBMITTED.value)
    }
    offers = {
        offer.registration_id: offer
        for offer in PlaceOffer.objects.filter(registration_id__in=keys, state="open").order_by("pk")
    }
    return RegistrationPage(
        rows=tuple(_view(row, answers[row.pk], cases.get(row.pk), offers.get(row.pk)) for row in page),
        total=total,
        offset=offset,
        limit=limit,
    )


def _view(row: Registration, answers: dict[str, str], case: Case | None, offer: PlaceOffer | None) -> RegistrationView:
    title = open_title(case) if case else None
    return RegistrationView(
        uid=row.uid, round_uid=row.round.uid, display_name=row.display_name, state=row.state, answers=answers,
        languages=tuple(row.languages), can_moderate=row.can_moderate, brings_case=row.brings_case,
        urgency=row.urgency, region=row.region, organisation=row.organisation, experience=row.experience,
        wish_with=row.wish_with, take_part=row.take_part, needs=tuple(row.needs),
        wants_reminders=row.wants_reminders, wants_refresher=row.wants_refresher, is_guest=row.user_id is None,
        offer_expires_at=offer.expires_at if offer else None,
        case_title=title.reveal() if title is not None else "",
        case_urgency=case.urgency if case else 0,
    )


def today(*, actor: Actor) -> list[Need]:
    """What needs the coordinator now, most urgent first. A constant number of queries for any number of people."""
    place = access.place(actor)
    if not actor.may_lead:
        return []
    now = timezone.now()
    needs: list[Need] = []
    for request in ContactRequest.objects.select_related("user").filter(place=place, answered_at__isnull=True)[:20]:
        needs.append(
            Need(
                kind="contact", section="contact", object_uid=request.uid, urgent=True,
                params={"name": request.user.get_full_name() or request.user.get_username() if request.user else "?",
                        "since": request.created_at},
            )
        )
    rounds = list(
        Round.objects.select_related("place")
        .filter(place=place)
        .exclude(state__in=(RoundState.CANCELLED.value, RoundState.FINISHED.value))
        .annotate(
            held=Count("registrations", filter=Q(registrations__state__in=HELD)),
            queue=Count("registrations", filter=Q(registrations__state="waiting")),
            moderators=Count(
                "registrations", filter=Q(registrations__state="registered", registrations__can_moderate=True)
            ),
        )
        .order_by("closes_at")[:20]
    )
    for round_ in rounds:
        needs += _round_needs(round_, now)
    needs += _group_needs(place.pk, now)
    failed = OutboxMail.objects.filter(place=place, state=MailState.FAILED.value).count()
    if failed:
        needs.append(Need(kind="mail_failed", section="mails", params={"count": failed}, urgent=True))
    if not rounds:
        needs.append(Need(kind="no_round", section="rounds"))
    return sorted(needs, key=lambda need: not need.urgent)


def _round_needs(round_: Round, now: dt.datetime) -> list[Need]:
    base = {"round_uid": round_.uid}
    params = {"title": round_.title, "registered": round_.held, "waiting": round_.queue, "closes_at": round_.closes_at}
    if round_.state == RoundState.DRAFT.value:
        return [Need(kind="round_draft", section="rounds", params=params, **base)]
    if round_.state == RoundState.PUBLISHED.value:
        unplaced = unplaced_count(round_.pk)
        if unplaced:
            return [Need(kind="unplaced", section="assignment", params={**params, "count": unplaced}, **base)]
        return []
    settings = rules_of(round_)
    found = []
    if round_.held and round_.moderators * settings.group_max < round_.held:
        missing = -(-round_.held // settings.group_max) - round_.moderators
        found.append(
            Need(kind="moderators_missing", section="registrations", params={**params, "count": missing}, **base)
        )
    over = round_.state == RoundState.CLOSED.value or round_.closes_at <= now
    if over:
        found.append(Need(kind="assign", section="assignment", params=params, urgent=True, **base))
    else:
        found.append(Need(kind="round_open", section="registrations", params=params, **base))
    return found


def _group_needs(place_pk: int, now: dt.datetime) -> list[Need]:
    found = []
    groups = (
        Group.objects.select_related("slot", "round", "session")
        .filter(round__place_id=place_pk, state=GroupState.PUBLISHED.value, slot__ends_at__gte=now - dt.timedelta(days=30))
        .annotate(
            people=Count("memberships", filter=Q(memberships__left_at__isnull=True), distinct=True),
            sheets=Count("attendances", distinct=True),
        )
        .order_by("slot__starts_at", "number")[:60]
    )
    for group in groups:
        session = getattr(group, "session", None)
        params = {"number": group.number, "starts_at": group.slot.starts_at, "ends_at": group.slot.ends_at,
                  "time_zone": group.slot.time_zone, "people": group.people}
        base = {"round_uid": group.round.uid, "object_uid": group.uid}
        if group.slot.ends_at <= now:
            if group.sheets == 0:
                found.append(Need(kind="attendance", section="sessions", params=params, urgent=True, **base))
            continue
        settings = rules_of(group.round)
        if group.slot.starts_at - now <= dt.timedelta(hours=24):
            running = session is not None and session.state == SessionState.RUNNING.value
            found.append(
                Need(kind="session_running" if running else "session_soon", section="sessions", params=params, **base)
            )
        if group.people < settings.group_min:
            found.append(Need(kind="group_small", section="assignment", params=params, urgent=True, **base))
        if not (group.meeting_url or group.slot.meeting_url or group.slot.dial_in):
            found.append(
                Need(kind="no_meeting", section="rounds", params=params, round_uid=group.round.uid,
                     object_uid=group.slot.uid)
            )
    return found


@retried
def answer_contact(*, actor: Actor, contact_uid: str) -> None:
    """Mark a call-back as done."""
    place = access.place(actor)
    if not actor.may_lead:
        raise access.NotFound
    changed = ContactRequest.objects.filter(place=place, uid=contact_uid, answered_at__isnull=True).update(
        answered_at=timezone.now()
    )
    if not changed:
        raise access.NotFound
    audit(actor, "contact.answer", kind="contact", uid=contact_uid, place_id=place.pk)


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


def unplaced_count(round_pk: int) -> int:
    """Registered people of a round without a current seat."""
    seated = Membership.objects.filter(registration__round_id=round_pk, left_at__isnull=True).values("registration_id")
    return Registration.objects.filter(round_id=round_pk, state="registered").exclude(pk__in=seated).count()
