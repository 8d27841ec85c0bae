"""The live session: look at it, act in it. Rules live in `process`; this is where they meet the database.

Every write is one durable transaction on the session's version: load the events, decide, store the new events and the
texts that belong to them. Texts are sealed before they reach a row; events hold ids only.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from typing import Any

from django.contrib.auth import get_user_model
from django.utils import timezone
from django.views.decorators.debug import sensitive_variables

from beratung_xblock import access
from beratung_xblock.data.actor import Actor
from beratung_xblock.exceptions import NotFound
from beratung_xblock.models import Presence, Session
from beratung_xblock.process import Act, Heard, PersonId

from . import _session_store as store
from . import _session_table as table
from . import session_cache, undertaking
from ._session_work import SessionRefused, Work, place_word
from ._write import locked_session, retried
from .session_views import IdeaView, OwnOffer, SessionView

__all__ = [
    "ACTS", "IdeaView", "OwnOffer", "SessionRefused", "SessionView", "act", "forget_user", "glimpse", "place_word", "see",
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


def _promised(actor: Actor, seen: session_cache.Glance, held: access.Seat) -> access.Seat:
    """The seat, for people who promised confidentiality. Asked when a grant is made, not at each look."""
    if seen.grant is None:
        undertaking.require_any(actor=actor)
    return held


def _granted(
    actor: Actor, seen: session_cache.Glance, held: access.Seat, names: Mapping[PersonId, str]
) -> session_cache.Grant:
    """The grant of the actor, renewed from what the database says when it ran out; a page that asks is alive."""
    if seen.grant is not None:
        return seen.grant
    person = store.person_id(held.membership, actor.user_id)
    members = sorted(names, key=str)
    given = session_cache.give_grant(
        seen, person=person, seat=members.index(person) if person in members else session_cache.SEATS - 1,
        course_key=actor.course_key, usage_key=actor.usage_key, may_lead=actor.may_lead,
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
    """The session as the actor may see it now. Two queries, and about six more when nobody of the group looked before.

    Raises NotFound for strangers, people who left, and anybody who looks through other people's eyes.
    """
    seen = _first_sight(actor, session_uid)
    held = _promised(actor, seen, access.seat(actor, session_uid))
    known = table.kept(seen)
    if known is None:
        known = table.read(held.session, store.people_of(held.session, _facilitator_name(held.session)))
        table.keep(known, seen)
    person = store.person_id(held.membership, actor.user_id)
    grant = _granted(actor, seen, held, known.names)
    if person not in known.state.members:
        raise NotFound

    def may_read(case: str) -> bool:
        try:
            access.case_open_in_session(actor, held, case)
        except NotFound:
            return False
        session_cache.note_reading(seen, grant, case)
        return True

    return table.view_of(known, person, actor.user_id or 0, seen, may_read=may_read)


@sensitive_variables()
def glimpse(seen: session_cache.Glance) -> SessionView | None:
    """The same from the cache alone, for somebody with a grant; None when the database must be asked.

    It must when nobody of the group has looked since the last change, and before a person reads a case for the first
    time: that leaves a row in the audit log.
    """
    grant = seen.grant
    known = table.kept(seen) if grant is not None else None
    if grant is None or known is None or grant.person not in known.state.members:
        return None
    case = table.case_for(known, grant.person)
    if case and case not in grant.noted:
        return None
    return table.view_of(known, grant.person, seen.user_id, seen, may_read=lambda uid: uid in grant.noted)


# --- acting -----------------------------------------------------------------------------------------------------------

@retried
@sensitive_variables()
def act(*, actor: Actor, session_uid: str, name: str, data: Mapping[str, Any]) -> None:
    """Do one thing in a session. `data` holds form fields; `text` is the key question or an idea.

    Raises NotFound for strangers, SessionRefused when the rules say no, Invalid({"text": required|long|direct|name}).
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
        held = _promised(actor, seen, access.seat(actor, session_uid))
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
        before = session_cache.token_of(session_uid) if seen.token is not None else None
        fresh = table.read(session, people, work.state) if before is not None else None
    _lay(seen, before, fresh)
    grant = _granted(actor, seen, held, people.names)
    if name == Act.LEAVE.value:
        session_cache.say_goodbye(session_uid, grant.seat)
    else:
        session_cache.sign_of_life(seen, grant)


def _lay(seen: session_cache.Glance, before: int | None, fresh: table.Table | None) -> None:
    """Leave what this write has made for the others, unless somebody else wrote meanwhile.

    `before` was taken while the session was locked. When the token has moved by one since, that was this write: whoever
    wrote after it has not said so yet, and will move the token on.
    """
    token = session_cache.token_of(seen.session_uid) if before is not None else None
    if before is not None and fresh is not None and token == before + 1:
        table.keep(fresh, dataclasses.replace(seen, token=token))


def _awake(seen: session_cache.Glance, person: PersonId) -> Heard:
    heard = seen.heard()
    return Heard(since=heard.since, seen={**heard.seen, person: timezone.now()})
