"""One volunteer's state at one place, read in few queries: what the page shows, whatever the number of registrations.

At most eleven queries in every state, so that the page stays within fifteen with those that find out who is asking.
"""

from __future__ import annotations

import datetime as dt

from django.db.models import Exists, Max, OuterRef, QuerySet, Subquery, Sum
from django.utils import timezone

from beratung_xblock import access, completion
from beratung_xblock.data.actor import Actor
from beratung_xblock.data.cases import OwnCase
from beratung_xblock.data.enums import CaseState, RegistrationState, Role, RoundState
from beratung_xblock.data.overview import Elsewhere, Overview, OwnAttendance
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

from . import attendance, cases, results
from ._rules import HELD
from .publishing import _group_view, _seats
from .rounds import _slot_view, rules_of
from .signup import view_of
from .standing import Standing, first, is_over

__all__ = ["overview"]

LOOSE_CASES = (CaseState.DRAFT.value, CaseState.WITHDRAWN.value, CaseState.KEPT.value)
MOST_LOOSE = 5
MOST_PAST = 3
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


def _own_cases(
    actor: Actor, registration: Registration | None, settings: PlaceSettings, elsewhere: set[int]
) -> tuple[OwnCase | None, tuple[OwnCase, ...]]:
    """The case of this registration, and those that belong to no round I take part in (`elsewhere`: pks of my registrations)."""
    mine, loose = None, []
    for case in access.own_cases(actor)[:20]:
        if registration is not None and case.registration_id == registration.pk and case.state in LIVE_CASES:
            mine = mine or case
        elif case.state in LOOSE_CASES and case.registration_id not in elsewhere:
            loose.append(case)
    return cases.view_of(mine, settings) if mine else None, tuple(cases.view_of(case, settings) for case in loose[:MOST_LOOSE])


def _my_seats(actor: Actor) -> list[Membership]:
    """My places in published groups, with my attendance and look back, the next date first. One query."""
    return list(
        access.member_groups(actor)
        .select_related("group__session")
        .annotate(
            was_minutes=_attended("minutes"), was_scheduled=_attended("scheduled_minutes"),
            was_override=_attended("override"),
            reflection_uid=Subquery(_reflections().values("row_uid")[:1]), note_sealed=Subquery(_reflections().values("note_sealed")[:1]),
        )
        .order_by("group__slot__starts_at", "pk")
    )


def _group_of(seat: Membership, rules: PlaceSettings) -> tuple[GroupView, tuple[str, ...], OwnAttendance]:
    """My group of a round with what its moderator should know, and my attendance. One query."""
    seats = _seats([seat.group])[seat.group_id]
    group = _group_view(seat.group, seats, rules, me=seat.registration_id, reveal=False)
    needs: list[str] = []
    if group.my_role == Role.MODERATOR.value:
        needs = sorted({need for other in seats for need in other.registration.needs})
    return group, tuple(needs), _attendance_of(seat, rules)


def _reflections() -> QuerySet[Reflection]:
    return Reflection.objects.filter(group_id=OuterRef("group_id"), registration_id=OuterRef("registration_id"))


def _attended(column: str) -> Subquery:
    rows = Attendance.objects.filter(group_id=OuterRef("group_id"), registration_id=OuterRef("registration_id"))
    return Subquery(rows.values(column)[:1])


def _attendance_of(seat: Membership, rules: PlaceSettings) -> OwnAttendance:
    scheduled = seat.was_scheduled or attendance.scheduled_minutes(seat.group)
    return OwnAttendance(
        minutes=seat.was_minutes,
        scheduled=scheduled,
        attended=seat.was_minutes is not None and attendance.counts_as_attended(
            minutes=seat.was_minutes, scheduled=scheduled, override=seat.was_override, settings=rules
        ),
        reflected=seat.reflection_uid is not None,
        note=attendance.open_note(seat.note_sealed, row_uid=seat.reflection_uid),
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
    standings = _standings(actor, place, settings)
    asked = next((one for one in standings if one.round_.uid == round_uid), None)
    shown = asked if asked is not None and (asked.row is not None or asked.is_open(now)) else first(standings, now=now)
    if shown is None:
        return Overview(**base, rules=settings)
    round_, row = shown.round_, shown.row if shown.is_mine else None
    round_.place = place
    rules = rules_of(round_)
    is_open = shown.is_open(now)
    base |= {"rules": rules, "is_open": is_open}
    if facts.undertaking_on is None:
        if facts.accepted_any:
            base["case_to_take_back"] = access.own_cases(actor).filter(state=CaseState.SUBMITTED.value).values_list("row_uid", flat=True).first() or ""
        return Overview(**base, round=_round_of(round_, []))
    base["others"] = _elsewhere(standings, shown, now)
    if row is not None:
        done = completion.practised(actor.user_id, settings.teams_course_url)
        base |= {"practised": done.share, "practice_url": done.url} if done else {}
    found = _group_of(shown.seat, rules) if shown.seat is not None and row is not None else None
    over = found is not None and is_over(ends_at=found[0].slot.ends_at, session_state=found[0].session_state, now=now)
    if found is None or over or now < found[0].meeting_from:  # beside the call the companion shows the case
        own, loose = _own_cases(actor, shown.row, settings, {one.row.pk for one in standings if one.is_mine})
        base |= {"case": own, "loose": loose}
    if found is not None:
        group, needs, mine = found
        minutes, own_results = 0, ()
        if over:
            minutes = _minutes_of_year(actor, place, now)
            own_results = tuple(results.own_results(actor=actor, settings=settings))
        row.round = round_
        return Overview(
            **base, round=_round_of(round_, []), registration=view_of(row, with_answers=False),
            group=group, needs=needs, attendance=mine, results=own_results,
            minutes_this_year=minutes,
        )
    slots = list(Slot.objects.filter(round=round_).order_by("starts_at", "pk"))
    offer_uid, former = "", None
    if shown.row is not None:
        shown.row.round = round_
        former = view_of(shown.row) if row is None else None
    if row is not None and row.state == RegistrationState.OFFERED.value:
        offer_uid = PlaceOffer.objects.filter(registration=row, state="open").values_list("uid", flat=True).first() or ""
    return Overview(
        **base, round=_round_of(round_, slots), registration=view_of(row) if row is not None else None,
        offer_uid=offer_uid, is_full=_is_full(round_) if row is None and is_open else False, former=former,
    )


def _standings(actor: Actor, place: Place, settings: PlaceSettings) -> list[Standing]:
    """The latest rounds of the place, newest first, each with what this person has in it. Three queries at most."""
    rounds = list(
        Round.objects.filter(place=place)
        .exclude(state__in=(RoundState.DRAFT.value, RoundState.CANCELLED.value))
        .annotate(last_end=Max("slots__ends_at"))
        .order_by("-closes_at", "-pk")[:20]
    )
    mine = {
        row.round_id: row
        for row in Registration.objects.filter(round__in=rounds, user_id=actor.user_id, user__isnull=False)
    } if rounds else {}
    seats: dict[int, Membership] = {}
    if any(r.pk in mine and r.state in (RoundState.PUBLISHED.value, RoundState.FINISHED.value) for r in rounds):
        for seat in _my_seats(actor):
            seats.setdefault(seat.registration_id, seat)
    doors = dt.timedelta(minutes=settings.doors_open_minutes)
    found = []
    for round_ in rounds:
        row = mine.get(round_.pk)
        seated = row is not None and row.state == RegistrationState.REGISTERED.value
        found.append(Standing(round_, row, seats.get(row.pk) if seated else None, doors))
    return found


def _elsewhere(standings: list[Standing], shown: Standing, now: dt.datetime) -> tuple[Elsewhere, ...]:
    """The rounds beside the one shown that still matter, and the latest ones to look back at."""
    found, past = [], 0
    for one in sorted((one for one in standings if one is not shown and one.kind(now)), key=lambda one: one.rank(now)):
        kind = one.kind(now)
        past += kind == "past"
        gone = kind == "unplaced" and not one.has_dates(now)
        if kind == "finished" or gone or (kind == "past" and past > MOST_PAST):
            continue
        slot = _slot_view(one.seat.group.slot) if one.seat else None
        found.append(
            Elsewhere(
                kind="open" if kind == "cancelled" and one.is_open(now) else kind, round_uid=one.round_.uid,
                title=one.round_.title, closes_at=one.round_.closes_at, slot=slot,
                group_uid=one.seat.group.uid if one.seat else "", role=one.seat.planned_role if one.seat else "",
                is_confirmed=bool(one.seat and one.seat.confirmed_at),
                not_placed_because=one.row.not_placed_because if one.row else "",
                my_state=one.row.state if one.row else "",
            )
        )
    return tuple(found)


def _minutes_of_year(actor: Actor, place: Place, now: dt.datetime) -> int:
    rows = Evidence.objects.filter(place=place, user_id=actor.user_id, on_date__year=now.year, attended=True)
    return rows.aggregate(total=Sum("minutes"))["total"] or 0
