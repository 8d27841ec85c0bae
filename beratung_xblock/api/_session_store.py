"""A session in the database: events in, state out, and the rows that follow from an event."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from django.db import transaction
from django.db.models import Q

from beratung_xblock.data.enums import CaseState
from beratung_xblock.data.enums import SessionState as Stored
from beratung_xblock.models import (
    Case,
    CaseDot,
    Idea,
    Membership,
    Presence,
    Session,
    SessionCase,
    SessionEvent,
)
from beratung_xblock.process import Act, Action, Doer, Event, Heard, Kind, PersonId, SessionState, Status, apply, fold, from_dict, perform
from beratung_xblock.process.rules import Refusal

from . import session_cache

IDEA_KINDS = (Kind.IDEA_ADDED, Kind.IDEA_EDITED, Kind.IDEA_REMOVED, Kind.IDEA_MERGED, Kind.IDEA_SPLIT)


def person_id(membership: Membership | None, user_id: int | None) -> PersonId:
    """The id of a person in events: the registration, or for a facilitator who is no member the user."""
    return membership.registration_id if membership is not None else f"f{user_id}"


@dataclass(frozen=True)
class People:
    """The people of a session: names to show, public ids for forms, and what the assignment planned."""

    names: Mapping[PersonId, str]
    uids: Mapping[PersonId, str]
    seats: Mapping[PersonId, Membership]

    def by_uid(self, uid: object) -> PersonId | None:
        """The person behind a public id."""
        return next((person for person, known in self.uids.items() if known == uid), None)


def people_of(session: Session, facilitator_name: str) -> People:
    """Current members of the group and the facilitator. One query."""
    seats = list(
        Membership.objects.select_related("registration")
        .filter(group_id=session.group_id, left_at__isnull=True)
        .order_by("registration__display_name", "pk")
    )
    names: dict[PersonId, str] = {seat.registration_id: seat.registration.display_name for seat in seats}
    uids: dict[PersonId, str] = {seat.registration_id: seat.registration.uid for seat in seats}
    leader = session.group.facilitator_id
    if leader is not None and not any(seat.registration.user_id == leader for seat in seats):
        names[f"f{leader}"] = facilitator_name
        uids[f"f{leader}"] = f"f{leader}"
    return People(names=names, uids=uids, seats={seat.registration_id: seat for seat in seats})


def events_of(session: Session) -> list[Event]:
    """All events of a session. One query."""
    return [
        Event(Kind(kind), at, payload.get("by"), {key: value for key, value in payload.items() if key != "by"})
        for kind, at, payload in SessionEvent.objects.filter(session=session).order_by("seq").values_list(
            "kind", "at", "payload"
        )
    ]


def load(session: Session) -> SessionState:
    """The state of a session as stored."""
    return fold(from_dict(session.template), events_of(session))


def synced(session: Session, people: People, now: dt.datetime) -> tuple[SessionState, list[Event]]:
    """The state with members as the group has them now, and the events that were missing for that (not yet stored).

    Until the first moderator is set, the one the assignment planned leads.
    """
    state = load(session)
    new: list[Event] = []
    heard = Heard(since=now)
    wishes = [
        Action(Act.ADD_MEMBER, {
            "person": person,
            "can_moderate": person not in people.seats or people.seats[person].registration.can_moderate
            or people.seats[person].planned_role == "moderator",
            "phone": person in people.seats and people.seats[person].registration.user_id is None,
            "guest": person not in people.seats,
        })
        for person in people.names if person not in state.members
    ]
    wishes += [Action(Act.REMOVE_MEMBER, {"person": person}) for person in state.members if person not in people.names]
    first = not state.members
    for wish in wishes:
        answer = perform(state, wish, Doer(system=True), now=now, heard=heard)
        if not isinstance(answer, Refusal):
            state, events = answer
            new += events
    if first and state.moderator is None:
        planned = [p for p, seat in people.seats.items() if seat.planned_role == "moderator"]
        planned += [person for person in people.names if person not in people.seats]
        if planned:
            event = Event(Kind.MODERATOR_SET, now, None, {"person": planned[0]})
            state = apply(state, event)
            new.append(event)
    return state, new


def session_case(session: Session, case: object) -> SessionCase | None:
    """The row of a chosen case: by the written case's uid, or its own for one told freely."""
    rows = SessionCase.objects.select_related("case").filter(session=session)
    return rows.filter(case__row_uid=str(case)).first() or rows.filter(row_uid=str(case)).first()


def append(session: Session, events: Iterable[Event], state: SessionState, now: dt.datetime) -> None:
    """Store events, do what follows from each, and let the pages know after the commit."""
    events = list(events)
    if not events:
        return
    last = SessionEvent.objects.filter(session=session).order_by("-seq").values_list("seq", flat=True).first() or 0
    SessionEvent.objects.bulk_create([
        SessionEvent(
            session=session, seq=last + number, kind=event.kind.value, at=event.at,
            registration_id=event.by if isinstance(event.by, int) else None,
            payload={**event.data, **({"by": event.by} if event.by is not None else {})},
        )
        for number, event in enumerate(events, start=1)
    ])
    for event in events:
        _follow(session, event, now)
    _mirror(session, state, now)
    transaction.on_commit(lambda: session_cache.changed(session.uid))
    if any(event.kind in (Kind.MEMBER_ADDED, Kind.MEMBER_REMOVED) for event in events):
        transaction.on_commit(lambda: session_cache.people_changed(session.uid))


def _mirror(session: Session, state: SessionState, now: dt.datetime) -> None:
    """Keep the columns others filter by in line with the state."""
    word = Stored.WAITING
    if state.is_over:
        word = Stored.ENDED
    elif state.status is not Status.WAITING:
        word = Stored.RUNNING
    changes: dict[str, object] = {}
    if session.state != word.value:
        changes["state"] = word.value
    if word is not Stored.WAITING and session.started_at is None and state.status is not Status.MERGED:
        changes["started_at"] = now
    if word is Stored.ENDED and session.ended_at is None:
        changes["ended_at"] = now
    if changes:
        Session.objects.filter(pk=session.pk).update(**changes)
        for name, value in changes.items():
            setattr(session, name, value)


def _follow(session: Session, event: Event, now: dt.datetime) -> None:
    case = event.data.get("case")
    rows = SessionCase.objects.filter(session=session)
    match event.kind:
        case Kind.CASE_CHOSEN:
            _choose(session, event)
        case Kind.CASE_OPENED:
            _of_case(rows, case).update(opened_at=now, closed_at=None)
        case Kind.CASE_DROPPED:
            _of_case(rows, case).update(closed_at=now)
        case Kind.CASE_FINISHED if case is not None:
            _of_case(rows, case).update(closed_at=now, consulted_at=now)
            Case.objects.filter(row_uid=str(case), state=CaseState.SUBMITTED.value).update(
                state=CaseState.CONSULTED.value, updated_at=now
            )
        case Kind.CASE_REOPENED:
            _of_case(rows, case).update(closed_at=None, consulted_at=None)
        case Kind.METHOD_CHOSEN:
            _of_case(rows, case).update(method=event.data["method"])
        case Kind.IDEA_REMOVED:
            Idea.objects.filter(session_case__session=session, row_uid=event.data["idea"]).update(removed_at=now)
        case Kind.IDEA_MERGED | Kind.IDEA_SPLIT:
            into = event.data.get("into")
            target = Idea.objects.filter(session_case__session=session, row_uid=into).first() if into else None
            Idea.objects.filter(session_case__session=session, row_uid=event.data["idea"]).update(merged_into=target)
        case Kind.JOINED:
            _present(session, event.data.get("person"), now)
        case Kind.ENDED | Kind.MERGED_INTO:
            rows.filter(closed_at__isnull=True).update(closed_at=now)
            forget_authors(session)


def _of_case(rows, case: object):
    return rows.filter(Q(case__row_uid=str(case)) | Q(row_uid=str(case)))


def _choose(session: Session, event: Event) -> None:
    case, giver = event.data["case"], event.data.get("giver")
    row = session_case(session, case)
    if row is not None:
        SessionCase.objects.filter(pk=row.pk).update(opened_at=None, closed_at=None)
        return
    written = Case.objects.filter(row_uid=str(case), registration_id=giver if isinstance(giver, int) else None).first()
    values = {} if written else {"row_uid": str(case)}
    SessionCase.objects.create(
        session=session, case=written, giver_id=giver if isinstance(giver, int) else None,
        order=SessionCase.objects.filter(session=session).count() + 1, **values,
    )


def _present(session: Session, person: object, now: dt.datetime) -> None:
    if not isinstance(person, int):
        return
    seen = Presence.objects.filter(session=session, registration_id=person)
    if not seen.update(last_seen_at=now):
        Presence.objects.create(session=session, registration_id=person, first_seen_at=now, last_seen_at=now)


def forget_authors(session: Session) -> None:
    """After the session nobody can tell who said what, or who gave which dot."""
    Idea.objects.filter(session_case__session=session).update(author=None)
    CaseDot.objects.filter(session=session).delete()
    rows = list(SessionEvent.objects.filter(session=session, kind__in=[kind.value for kind in IDEA_KINDS]))
    for row in rows:
        row.registration_id = None
        row.payload = {key: value for key, value in row.payload.items() if key != "by"}
    SessionEvent.objects.bulk_update(rows, ["registration", "payload"])
