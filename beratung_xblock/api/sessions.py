"""The live session: look at it, act in it. Rules live in `process`; this is where they meet the database.

Every write is one durable transaction on the session's version: load the events, decide, store the new events and the
texts that belong to them. Texts are sealed before they reach a row; events hold ids only.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any

from django.contrib.auth import get_user_model
from django.db.models import Count
from django.utils import timezone
from django.views.decorators.debug import sensitive_variables

from beratung_xblock import access
from beratung_xblock.data.actor import Actor
from beratung_xblock.data.enums import CaseState
from beratung_xblock.exceptions import NotFound
from beratung_xblock.models import Case, CaseDot, Idea, KnowsThoseInvolved, Presence, Session, SessionCase
from beratung_xblock.process import Act, Heard, PersonId, SessionState, Status
from beratung_xblock.process.rules import EDIT_FOR

from . import _session_store as store
from . import session_cache
from ._session_work import SessionRefused, Work, place_word, voter
from ._session_work import open_text as open_sealed
from ._write import locked_session, retried
from .cases import open_text, open_title
from .rounds import rules_of
from .session_views import IdeaView, Need, OwnOffer, SessionView

__all__ = [
    "ACTS", "IdeaView", "OwnOffer", "SessionRefused", "SessionView", "act", "forget_user", "place_word", "see",
]

ACTS = frozenset(Act) - {Act.ADD_MEMBER, Act.REMOVE_MEMBER, Act.MERGE_AWAY, Act.PLACE_DOTS}
"""What a person may ask for through the page; dots and "I know them" have their own words below."""
OWN_ACTS = ("place_dot", "knows_them")


# --- looking ---------------------------------------------------------------------------------------------------------


def _facilitator_name(session: Session) -> str:
    leader = session.group.facilitator_id
    if leader is None:
        return ""
    user = get_user_model().objects.filter(pk=leader).first()
    return (user.get_full_name() or user.get_username()) if user else ""


def _first_sight(actor: Actor, session_uid: str) -> session_cache.Glance:
    """What the cache knows; token and epochs exist afterwards, and are older than whatever is read next."""
    if actor.user_id is None:
        raise NotFound
    seen = session_cache.glance(session_uid, actor.user_id)
    return seen if seen.grant is not None and seen.token is not None else session_cache.ready(session_uid, actor.user_id)


def _granted(
    actor: Actor, seen: session_cache.Glance, held: access.Seat, people: store.People
) -> session_cache.Grant:
    """The grant of the actor, renewed from what the database says when it ran out; a page that asks is alive."""
    if seen.grant is not None:
        return seen.grant
    person = store.person_id(held.membership, actor.user_id)
    members = sorted(people.names, key=str)
    given = session_cache.give_grant(
        seen, person=person, seat=members.index(person) if person in members else session_cache.SEATS - 1,
        course_key=actor.course_key, usage_key=actor.usage_key,
    )
    session_cache.sign_of_life(seen, given)
    if isinstance(person, int):
        Presence.objects.filter(session=held.session, registration_id=person).update(last_seen_at=timezone.now())
    return given


def forget_user(user_id: int) -> None:
    """A person was unenrolled, deactivated or changed role: their pages lose the session with the next poll."""
    session_cache.forget_user(user_id)


@sensitive_variables()
def see(*, actor: Actor, session_uid: str) -> SessionView:
    """The session as the actor may see it now. About ten queries, the same for any number of ideas and people.

    Raises NotFound for strangers, people who left, and anybody who looks through other people's eyes.
    """
    seen = _first_sight(actor, session_uid)
    held = access.seat(actor, session_uid)
    session = held.session
    people = store.people_of(session, _facilitator_name(session))
    _granted(actor, seen, held, people)
    now = timezone.now()
    state, _ = store.synced(session, people, now)
    person = store.person_id(held.membership, actor.user_id)
    if person not in state.members:
        raise NotFound
    run = state.current or (state.finished[-1] if state.finished and state.status is Status.BETWEEN else None)
    row = store.session_case(session, run.case) if run else None
    rules = rules_of(session.group.round)
    moderates = state.moderator == person
    return SessionView(
        uid=session.uid, group_uid=session.group.uid, group_number=session.group.number,
        starts_at=session.group.slot.starts_at, ends_at=session.group.slot.ends_at,
        time_zone=session.group.slot.time_zone, glance=seen, state=state, person=person, now=now,
        heard=seen.heard(), online=tuple(sorted({*seen.online(), person}, key=str)),
        names=people.names, uids=people.uids,
        question=open_sealed(row.key_question_sealed, "session_case", "key_question", row.row_uid) if row else None,
        case_text=_case_text(actor, held, state, person),
        ideas=_ideas(row, state, person, now) if row else (),
        own_offers=_own_offers(held, state, person),
        case_selection=rules.case_selection,
        **_casting(actor, session, state),
        needs=_needs(people) if moderates else (),
        conflicts=_conflicts(row, people) if moderates and row else (),
    )


def _casting(actor: Actor, session: Session, state: SessionState) -> dict[str, Any]:
    if not state.offers:
        return {}
    counts = dict(
        CaseDot.objects.filter(session=session).values("case_uid").annotate(n=Count("pk")).values_list("case_uid", "n")
    )
    mine = CaseDot.objects.filter(session=session, voter_hash=voter(session, actor)).count()
    return {"dots": counts, "my_dots": mine}


@sensitive_variables()
def _case_text(actor: Actor, held: access.Seat, state: SessionState, person: PersonId):
    run = state.current
    if run is None or not run.opened or not state.may_read_case(person, run.case):
        return None
    try:
        row = access.case_open_in_session(actor, held, run.case)
    except NotFound:
        return None
    return open_text(row.case) if row.case is not None else None


@sensitive_variables()
def _ideas(row: SessionCase, state: SessionState, person: PersonId, now: dt.datetime) -> tuple[IdeaView, ...]:
    texts = {
        idea.row_uid: open_sealed(idea.text_sealed, "idea", "text", idea.row_uid)
        for idea in Idea.objects.filter(session_case=row, removed_at__isnull=True)
    }
    known = [idea for idea in state.ideas if idea.id in texts and not idea.removed]
    return tuple(
        IdeaView(
            uid=str(idea.id), text=texts[str(idea.id)], column=idea.column, of=str(idea.of or ""),
            merged=tuple((str(other.id), texts[str(other.id)]) for other in known if other.merged_into == idea.id),
            is_mine=idea.by == person,
            editable_seconds=max(0, int((idea.at + EDIT_FOR - now).total_seconds())) if idea.by == person else 0,
        )
        for idea in known if idea.merged_into is None
    )


def _own_offers(held: access.Seat, state: SessionState, person: PersonId) -> tuple[OwnOffer, ...]:
    if held.membership is None or state.is_over:
        return ()
    rows = Case.objects.filter(registration_id=held.membership.registration_id, state=CaseState.SUBMITTED.value)
    return tuple(
        OwnOffer(uid=row.row_uid, title=open_title(row), urgency=row.urgency)
        for row in rows if state.run(row.row_uid) is None
    )


def _needs(people: store.People) -> tuple[Need, ...]:
    return tuple(
        Need(name=people.names[person], needs=tuple(seat.registration.needs))
        for person, seat in people.seats.items() if seat.registration.needs
    )


def _conflicts(row: SessionCase, people: store.People) -> tuple[str, ...]:
    found = []
    for entry in KnowsThoseInvolved.objects.filter(session_case=row):
        who = open_sealed(entry.who_sealed, "conflict", "who", entry.row_uid)
        if who and who.reveal().isdigit():
            found.append(people.names.get(int(who.reveal()), ""))
    return tuple(name for name in found if name)


# --- acting -----------------------------------------------------------------------------------------------------------

@retried
@sensitive_variables()
def act(*, actor: Actor, session_uid: str, name: str, data: Mapping[str, Any]) -> None:
    """Do one thing in a session. `data` holds form fields; `text` is the key question or an idea.

    Raises NotFound for strangers, SessionRefused when the rules say no, Invalid({"text": required|long|direct}).
    A steering click with a `place` other than where the group is now changes nothing (it was sent twice).
    """
    access.require_writer(actor)
    if name not in OWN_ACTS and name not in {act_.value for act_ in ACTS}:
        raise NotFound
    seen = _first_sight(actor, session_uid)
    pk = Session.objects.filter(uid=session_uid).values_list("pk", flat=True).first()
    if pk is None:
        raise NotFound
    with locked_session(pk) as session:
        held = access.seat(actor, session_uid)
        person = store.person_id(held.membership, actor.user_id)
        people = store.people_of(session, _facilitator_name(session))
        now = timezone.now()
        state, new = store.synced(session, people, now)
        work = Work(actor, session, people, person, state, now, _awake(seen, person))
        if name == "place_dot":
            work.place_dot(str(data.get("case") or ""))
        elif name == "knows_them":
            work.knows_them()
        else:
            work.perform(Act(name), data)
        store.append(session, [*new, *work.events], work.state, now)
    grant = _granted(actor, seen, held, people)
    if name == Act.LEAVE.value:
        session_cache.say_goodbye(session_uid, grant.seat)
    else:
        session_cache.sign_of_life(seen, grant)


def _awake(seen: session_cache.Glance, person: PersonId) -> Heard:
    heard = seen.heard()
    return Heard(since=heard.since, seen={**heard.seen, person: timezone.now()})
