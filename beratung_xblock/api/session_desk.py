"""Sessions as the coordinator sees them: phase, time, who is there. Never a text, never who said what."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from django.db.models import Count, F, Q
from django.utils import timezone

from beratung_xblock import access, outbox
from beratung_xblock.data.actor import Actor
from beratung_xblock.data.enums import GroupState, Role
from beratung_xblock.exceptions import Conflict, NotFound
from beratung_xblock.models import Group, Membership, Round, Session
from beratung_xblock.process import (
    Act,
    Action,
    Doer,
    Heard,
    Refusal,
    SessionState,
    Text,
    can_merge,
    clock,
    minutes_present,
    perform,
)

from . import _instance, _proposals, session_cache
from . import _session_store as store
from ._session_work import SessionRefused
from ._write import audit, locked_session, retried

__all__ = ["Joinable", "LedSession", "attendance_proposal", "end", "joinable", "led_session", "merge", "moderated"]

LARGEST = 12


@dataclass(frozen=True, kw_only=True)
class LedSession:
    """One session without any content. `phase` is empty before the start and after the end; seconds may be negative."""

    uid: str
    status: str
    phase: Text
    phase_number: int
    phases: int
    remaining_seconds: int
    on_break: bool
    moderator: str
    here: tuple[str, ...]
    missing: tuple[str, ...]
    cases_done: int
    can_merge: bool


@dataclass(frozen=True, kw_only=True)
class Joinable:
    """A group that another one could join: its number and how many people it has."""

    uid: str
    number: int
    people: int


def _session(actor: Actor, group_uid: object) -> Session:
    group = access.led_group(actor, group_uid)
    found = Session.objects.select_related("group", "group__round", "group__slot").filter(group=group).first()
    if found is None:
        raise NotFound
    return found


def led_session(*, actor: Actor, group_uid: str) -> LedSession:
    """Where a group stands right now, for its coordinator. Five queries."""
    session = _session(actor, group_uid)
    people = store.people_of(session, "")
    now = timezone.now()
    state, _ = store.synced(session, people, now)
    online = set(session_cache.glance(session.uid, actor.user_id or 0).online())
    here = {m.id for m in state.members.values() if m.id in online or (m.phone and m.present)}
    running = state.status.value == "running"
    return LedSession(
        uid=session.uid, status=state.status.value, phase=state.phase.name if running else Text(),
        phase_number=state.phase_index + 1 if running else 0, phases=len(state.template.phases),
        remaining_seconds=int(clock(state, now).remaining), on_break=state.on_break,
        moderator=people.names.get(state.moderator, "") if state.moderator is not None else "",
        here=tuple(name for person, name in people.names.items() if name and person in here),
        missing=tuple(name for person, name in people.names.items() if name and person not in here),
        cases_done=len(state.finished), can_merge=can_merge(state),
    )


def joinable(*, actor: Actor, group_uid: str) -> list[Joinable]:
    """The groups at the same time that this one could join and that have room for it, smallest first. Five queries.

    Whether a case has been told there already is found out by `merge`.
    """
    group = access.led_group(actor, group_uid)
    others = (
        Group.objects.filter(
            round_id=group.round_id, state=GroupState.PUBLISHED.value, slot__starts_at=group.slot.starts_at, language=group.language,
            session__ended_at__isnull=True, session__isnull=False,
        )
        .annotate(people=Count("memberships", filter=Q(memberships__left_at__isnull=True)))
        .order_by("people", "number")
    )
    found = {other.pk: Joinable(uid=other.uid, number=other.number, people=other.people) for other in others}
    mine = found.pop(group.pk, None)
    return [other for other in found.values() if mine and other.people + mine.people <= LARGEST]


def moderated(*, actor: Actor) -> dict[str, str]:
    """Group uid -> session uid of the groups the actor moderates as their facilitator. One query."""
    return dict(access.moderated_sessions(actor).values_list("group__uid", "uid"))


def attendance_proposal(*, actor: Actor, group_uid: str) -> dict[str, int]:
    """Registration uid -> whole minutes present, from coming and going: a proposal that people correct. Four queries."""
    session = _session(actor, group_uid)
    if session.started_at is None:
        return {}
    people = store.people_of(session, "")
    end_at = session.ended_at or min(timezone.now(), session.group.slot.ends_at)
    found = minutes_present(store.events_of(session), start=session.started_at, end=end_at)
    return {people.uids[person]: minutes for person, minutes in found.items() if isinstance(person, int) and person in people.uids}


def _done(state: SessionState, action: Action, now: dt.datetime):
    answer = perform(state, action, Doer(coordinator=True), now=now, heard=Heard(since=now))
    if isinstance(answer, Refusal):
        raise SessionRefused(answer)
    return answer


@retried
def end(*, actor: Actor, group_uid: str) -> None:
    """End a session from the desk: all texts close. Raises SessionRefused when it is over already."""
    held = _session(actor, group_uid)
    with locked_session(held.pk) as session:
        now = timezone.now()
        state, new = store.synced(session, store.people_of(session, ""), now)
        state, events = _done(state, Action(Act.END), now)
        store.append(session, [*new, *events], state, now)
        audit(
            actor, "session.end", kind="session", uid=session.uid, place_id=session.group.round.place_id,
            round_uid=session.group.round.uid,
        )


@retried
def merge(*, actor: Actor, group_uid: str, into_uid: str) -> None:
    """Join two groups of one round when people are missing: everybody of the first goes into the second, and is told.

    Only before a case has been told in either. Raises
    Conflict("same_group" | "other_round" | "do_not_fit" | "too_many" | "session_over" | "too_late"): they must speak one
    language at one time, and nobody may have declared not to want to be with somebody of the other. The board gets the step too.
    """
    source, target = _session(actor, group_uid), _session(actor, into_uid)
    if source.pk == target.pk:
        raise Conflict("same_group")
    if source.group.round_id != target.group.round_id:
        raise Conflict("other_round")
    first, second = sorted((source.pk, target.pk))
    with locked_session(first):
        Session.objects.filter(pk=second).update(version=F("version") + 1)
        source, target = _session(actor, group_uid), _session(actor, into_uid)
        now = timezone.now()
        moving = list(
            Membership.objects.select_related("registration").filter(group_id=source.group_id, left_at__isnull=True)
        )
        staying = list(Membership.objects.select_related("registration").filter(group_id=target.group_id, left_at__isnull=True))
        if len(moving) + len(staying) > LARGEST:
            raise Conflict("too_many")
        from_state, from_new = store.synced(source, store.people_of(source, ""), now)
        into_state = store.load(target)
        if from_state.is_over or into_state.is_over:
            raise Conflict("session_over")
        if not (can_merge(from_state) and can_merge(into_state)):
            raise Conflict("too_late")
        same = source.group.slot.starts_at == target.group.slot.starts_at and source.group.language == target.group.language
        if not same or _is_kept_apart(target.group.round, moving, staying):
            raise Conflict("do_not_fit")
        from_state, events = _done(from_state, Action(Act.MERGE_AWAY, {"into": target.uid}), now)
        store.append(source, [*from_new, *events], from_state, now)
        for seat in moving:
            Membership.objects.filter(pk=seat.pk).update(left_at=now)
            Membership.objects.update_or_create(
                group_id=target.group_id, registration_id=seat.registration_id,
                defaults={"planned_role": Role.ADVISER.value, "joined_at": now, "left_at": None},
            )
            outbox.tell(
                seat.registration, kind="changed", place_id=target.group.round.place_id,
                cause=f"{target.group.uid}m{source.group.uid}"[:60], group=target.group.uid,
            )
        Group.objects.filter(pk=source.group_id).update(
            state=GroupState.MERGED.value, membership_version=F("membership_version") + 1
        )
        Group.objects.filter(pk=target.group_id).update(membership_version=F("membership_version") + 1)
        into_state, joined = store.synced(target, store.people_of(target, ""), now)
        store.append(target, joined, into_state, now)
        for group in (source.group_id, target.group_id):
            session_cache.group_changed(group)
        _on_the_board(actor, source.group, target.group)
        audit(
            actor, "session.merge", kind="session", uid=target.uid, place_id=target.group.round.place_id,
            round_uid=target.group.round.uid, people=len(moving),
        )


def _is_kept_apart(round_: Round, moving: list[Membership], staying: list[Membership]) -> bool:
    """Whether somebody of one group declared not to want to be with somebody of the other."""
    here = {seat.registration_id: seat.registration.uid for seat in (*moving, *staying)}
    first = {seat.registration.uid for seat in moving}
    pairs, _rows = _instance.exclusions(round_, here)
    return any((one in first) != (other in first) for one, other in pairs)


def _on_the_board(actor: Actor, source: Group, target: Group) -> None:
    """The newest revision of the board with the two groups joined, so that publishing again does not part them."""
    Round.objects.filter(pk=target.round_id).update(version=F("version") + 1)
    held = Round.objects.select_related("place").get(pk=target.round_id)
    newest = _proposals.latest(held.pk)
    known = {raw["id"] for raw in newest.groups} if newest is not None else set()
    if not {source.uid, target.uid} <= known:
        return
    moved = next(raw["members"] for raw in newest.groups if raw["id"] == source.uid)
    groups = [
        {**raw, "members": sorted({*raw["members"], *moved})} if raw["id"] == target.uid else raw
        for raw in newest.groups
        if raw["id"] != source.uid
    ]
    figures = {key: value for key, value in newest.figures.items() if key != "undone_to"}
    _proposals.store(held, actor, groups=groups, unplaced=newest.unplaced, figures=figures, action="merge")
