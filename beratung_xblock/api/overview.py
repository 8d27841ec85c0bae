"""One volunteer's state at one place, read in few queries: what the page shows, whatever the number of registrations.

At most ten queries in every state, so that the page stays within fifteen with those that find out who is asking.
"""

from __future__ import annotations

import datetime as dt

from django.db.models import Exists, Max, OuterRef, Subquery, Sum
from django.utils import timezone

from beratung_xblock import access, completion
from beratung_xblock.data.actor import Actor
from beratung_xblock.data.cases import OwnCase
from beratung_xblock.data.enums import CaseState, RegistrationState, Role, RoundState, SessionState
from beratung_xblock.data.overview import Overview, OwnAttendance
from beratung_xblock.data.settings import PlaceSettings, settings_from_snapshot
from beratung_xblock.data.views import GroupView, RoundView
from beratung_xblock.models import (
    Attendance,
    ContactRequest,
    Evidence,
    InterestNote,
    Membership,
    Place,
    PlaceOffer,
    Reflection,
    Registration,
    Round,
    Slot,
    UndertakingAcceptance,
)

from . import cases, results
from ._rules import HELD
from .attendance import counts_as_attended, scheduled_minutes
from .publishing import _group_view, _seats
from .rounds import _slot_view, choose_round, rules_of
from .signup import view_of

__all__ = ["overview"]

LIVE_CASES = (CaseState.DRAFT.value, CaseState.SUBMITTED.value, CaseState.WITHDRAWN.value, CaseState.CONSULTED.value)


def _facts(actor: Actor, place: Place, settings: PlaceSettings) -> Place:
    """The place once more with what is known about this person in it. One query."""
    accepted = UndertakingAcceptance.objects.filter(
        course_key=actor.course_key, user_id=actor.user_id, user__isnull=False
    )
    return Place.objects.annotate(
        undertaking_on=Subquery(accepted.filter(version=settings.undertaking_version).values("accepted_at")[:1]),
        accepted_any=Exists(accepted),
        wants_notice=Exists(InterestNote.objects.filter(place_id=OuterRef("pk"), user_id=actor.user_id)),
        asked_contact=Exists(
            ContactRequest.objects.filter(
                place_id=OuterRef("pk"), user_id=actor.user_id, user__isnull=False, answered_at__isnull=True
            )
        ),
        next_opening=Subquery(
            Round.objects.filter(place_id=OuterRef("pk"), state=RoundState.DRAFT.value, opens_at__gt=timezone.now())
            .order_by("opens_at")
            .values("opens_at")[:1]
        ),
    ).get(pk=place.pk)


def _round_of(round_: Round, slots: list[Slot]) -> RoundView:
    return RoundView(
        uid=round_.uid, title=round_.title, state=round_.state, version=round_.version, closes_at=round_.closes_at,
        opens_at=round_.opens_at, capacity=round_.capacity,
        slots=tuple(_slot_view(slot) for slot in slots if not slot.is_cancelled),
    )


def _is_full(round_: Round) -> bool:
    if round_.capacity is None:
        return False
    people = Registration.objects.filter(round=round_)
    if people.filter(state=RegistrationState.WAITING.value).exists():
        return True
    return people.filter(state__in=HELD).count() >= round_.capacity


def _own_cases(actor: Actor, registration: Registration | None, settings: PlaceSettings) -> tuple[OwnCase | None, OwnCase | None]:
    """The case of this registration and a kept one from an earlier round."""
    mine, kept = None, None
    for case in access.own_cases(actor)[:20]:
        if registration is not None and case.registration_id == registration.pk and case.state in LIVE_CASES:
            mine = mine or case
        elif case.state == CaseState.KEPT.value:
            kept = kept or case
    return (
        cases.view_of(mine, settings) if mine else None,
        cases.view_of(kept, settings) if kept and mine is None else None,
    )


def _group_of(
    actor: Actor, registration: Registration, rules: PlaceSettings
) -> tuple[GroupView, tuple[str, ...], OwnAttendance] | None:
    """My group of a round with what its moderator should know, and my attendance. Two queries."""
    seat = (
        access.member_groups(actor)
        .filter(registration_id=registration.pk)
        .select_related("group__session")
        .annotate(
            was_minutes=_attended("minutes"), was_scheduled=_attended("scheduled_minutes"),
            was_override=_attended("override"),
            has_reflected=Exists(
                Reflection.objects.filter(group_id=OuterRef("group_id"), registration_id=OuterRef("registration_id"))
            ),
        )
        .order_by("group__slot__starts_at", "pk")
        .first()
    )
    if seat is None:
        return None
    seats = _seats([seat.group])[seat.group_id]
    group = _group_view(seat.group, seats, rules, me=registration.pk, reveal=False)
    needs: list[str] = []
    if group.my_role == Role.MODERATOR.value:
        needs = sorted({need for other in seats for need in other.registration.needs})
    return group, tuple(needs), _attendance_of(seat, rules)


def _attended(column: str) -> Subquery:
    rows = Attendance.objects.filter(group_id=OuterRef("group_id"), registration_id=OuterRef("registration_id"))
    return Subquery(rows.values(column)[:1])


def _attendance_of(seat: Membership, rules: PlaceSettings) -> OwnAttendance:
    scheduled = seat.was_scheduled or scheduled_minutes(seat.group)
    return OwnAttendance(
        minutes=seat.was_minutes,
        scheduled=scheduled,
        attended=seat.was_minutes is not None and counts_as_attended(
            minutes=seat.was_minutes, scheduled=scheduled, override=seat.was_override, settings=rules
        ),
        reflected=seat.has_reflected,
    )


def overview(*, actor: Actor, place: Place, round_uid: str = "", now: dt.datetime | None = None) -> Overview:
    """What the page of this volunteer shows now. `round_uid` asks for a certain round, else the one that matters.

    Nothing of a round is told before the undertaking in force is accepted, but that there is one.
    """
    now = now or timezone.now()
    settings = settings_from_snapshot(place.settings)
    if not (actor.may_take_part or actor.may_lead):
        return Overview(settings=settings, undertaking_on=None, rules=settings)
    facts = _facts(actor, place, settings)
    base = {
        "settings": settings, "undertaking_on": facts.undertaking_on, "wants_notice": facts.wants_notice,
        "asked_contact": facts.asked_contact, "opens_at": facts.next_opening,
        "accepted_earlier_version": facts.accepted_any and facts.undertaking_on is None,
    }
    rounds = list(
        Round.objects.filter(place=place)
        .exclude(state__in=(RoundState.DRAFT.value, RoundState.CANCELLED.value))
        .annotate(last_end=Max("slots__ends_at"))
        .order_by("-closes_at", "-pk")[:20]
    )
    mine = {
        row.round_id: row
        for row in Registration.objects.filter(
            round__in=rounds, user_id=actor.user_id, user__isnull=False
        ).exclude(state=RegistrationState.CANCELLED.value)
    } if rounds else {}
    round_ = next((r for r in rounds if r.uid == round_uid), None) or choose_round(rounds, set(mine), now=now)
    if round_ is None:
        return Overview(**base, rules=settings)
    round_.place = place
    rules = rules_of(round_)
    is_open = round_.state == RoundState.OPEN.value and round_.closes_at > now
    other = next(
        (r.uid for r in rounds if r.pk != round_.pk and r.pk not in mine and r.state == RoundState.OPEN.value
         and r.closes_at > now), "",
    )
    base |= {"rules": rules, "is_open": is_open, "other_round": other}
    if facts.undertaking_on is None:
        if facts.accepted_any:
            base["case_to_take_back"] = access.own_cases(actor).filter(state=CaseState.SUBMITTED.value).values_list("row_uid", flat=True).first() or ""
        return Overview(**base, round=_round_of(round_, []))
    row = mine.get(round_.pk)
    if row is not None:
        done = completion.practised(actor.user_id, settings.teams_course_url)
        base |= {"practised": done.share, "practice_url": done.url} if done else {}
    found = None
    if row is not None and row.state == RegistrationState.REGISTERED.value and round_.state in (
        RoundState.PUBLISHED.value, RoundState.FINISHED.value
    ):
        found = _group_of(actor, row, rules)
    over = found is not None and (found[0].slot.ends_at <= now or found[0].session_state == SessionState.ENDED.value)
    own, kept = None, None
    if found is None or over or now < found[0].meeting_from:  # beside the call the companion shows the case
        own, kept = _own_cases(actor, row, settings)
    if found is not None:
        group, needs, attendance = found
        minutes, own_results = 0, ()
        if over:
            minutes = _minutes_of_year(actor, place, now)
            own_results = tuple(results.own_results(actor=actor, settings=settings))
        row.round = round_
        return Overview(
            **base, round=_round_of(round_, []), registration=view_of(row, with_answers=False), case=own, kept=kept,
            group=group, needs=needs, attendance=attendance, results=own_results,
            minutes_this_year=minutes,
        )
    slots = list(Slot.objects.filter(round=round_).order_by("starts_at", "pk"))
    offer_uid = ""
    if row is not None:
        row.round = round_
        if row.state == RegistrationState.OFFERED.value:
            offer_uid = (
                PlaceOffer.objects.filter(registration=row, state="open").values_list("uid", flat=True).first() or ""
            )
    return Overview(
        **base, round=_round_of(round_, slots), registration=view_of(row) if row is not None else None,
        offer_uid=offer_uid, is_full=_is_full(round_) if row is None and is_open else False, case=own, kept=kept,
    )


def _minutes_of_year(actor: Actor, place: Place, now: dt.datetime) -> int:
    rows = Evidence.objects.filter(place=place, user_id=actor.user_id, on_date__year=now.year, attended=True)
    return rows.aggregate(total=Sum("minutes"))["total"] or 0
