"""Rules about people: coming and going, roles, moderation."""

from __future__ import annotations

from beratung_xblock.process.events import Event, Kind, plain_id
from beratung_xblock.process.rules import Asked, Decision, Refusal, Why, take_over_wait
from beratung_xblock.process.state import SessionState, Status
from beratung_xblock.process.types import HELD_ROLES, PhaseKind, Role


def can_merge(state: SessionState) -> bool:
    """Whether people may still be joined with another group: before the first case has been told."""
    early = state.status is Status.WAITING or state.phase.kind in (PhaseKind.CASTING, PhaseKind.THINK)
    opened = state.current is not None and state.current.opened
    return not state.is_over and early and not opened and not state.finished


def add_member(asked: Asked) -> Decision:
    """People are added by the system when the session is made, by coordinator or moderator when groups merge."""
    person = asked.data.get("person")
    if not plain_id(person):
        return Refusal(Why.UNKNOWN_PERSON)
    if not (asked.doer.system or asked.doer.coordinator or asked.moderates):
        return Refusal(Why.NOT_ALLOWED)
    if person in asked.state.members:
        return ()
    if len(asked.state.members) >= max(12, asked.state.template.max_people):
        return Refusal(Why.TOO_MANY)
    return (
        asked.event(
            Kind.MEMBER_ADDED, person=person, can_moderate=bool(asked.data.get("can_moderate")),
            phone=bool(asked.data.get("phone")), guest=bool(asked.data.get("guest")),
        ),
    )


def _goes(asked: Asked, person: object, last: Event) -> Decision:
    """Who goes takes their offers along; the text of a running case of theirs closes at once."""
    state = asked.state
    events = [
        asked.event(Kind.CASE_WITHDRAWN, case=case)
        for case in [offer.case for offer in state.offers.values() if offer.owner == person]
        + [run.case for run in state.queue if run.giver == person]
    ]
    if state.current and state.current.giver == person:
        events.append(asked.event(Kind.CASE_DROPPED, case=state.current.case))
    return (*events, last)


def remove_member(asked: Asked) -> Decision:
    """Unenrolled or cancelled: the person leaves and is no member any more."""
    person = asked.data.get("person")
    if not (asked.doer.system or asked.doer.coordinator):
        return Refusal(Why.NOT_ALLOWED)
    if person not in asked.state.members:
        return ()
    return _goes(asked, person, asked.event(Kind.MEMBER_REMOVED, person=person))


def join(asked: Asked) -> Decision:
    """The first page of a person opens; a second device changes nothing."""
    member = asked.state.members[asked.person]
    return () if member.present else (asked.event(Kind.JOINED, person=member.id),)


def leave(asked: Asked) -> Decision:
    """A person says goodbye; silence of a page is not leaving."""
    member = asked.state.members[asked.person]
    if not member.present and asked.state.moderator != member.id:
        return ()
    return _goes(asked, member.id, asked.event(Kind.LEFT, person=member.id))


def mark_present(asked: Asked) -> Decision:
    """The moderator notes who is on the telephone or has gone, for people without a page of their own."""
    member = asked.state.members.get(asked.data.get("person"))
    if not asked.moderates:
        return Refusal(Why.NOT_THE_MODERATOR)
    if member is None or member.id == asked.person:
        return Refusal(Why.UNKNOWN_PERSON)
    if bool(asked.data.get("present", True)) == member.present:
        return ()
    if not member.present:
        return (asked.event(Kind.JOINED, person=member.id),)
    return _goes(asked, member.id, asked.event(Kind.LEFT, person=member.id))


def step_out(asked: Asked) -> Decision:
    """Sit this case out; no reason is asked. Moderators hand over first, case givers withdraw."""
    member = asked.state.members[asked.person]
    if asked.moderates or asked.gives:
        return Refusal(Why.NOT_ALLOWED)
    return () if member.out else (asked.event(Kind.STEPPED_OUT, person=member.id),)


def step_in(asked: Asked) -> Decision:
    """Come back into the case."""
    member = asked.state.members[asked.person]
    return (asked.event(Kind.STEPPED_IN, person=member.id),) if member.out else ()


def take_over(asked: Asked) -> Decision:
    """One click when the moderator has gone (see `take_over_wait` for who, when)."""
    person = asked.person
    wait = take_over_wait(asked.state, person, asked.now, asked.heard)
    if asked.moderates:
        return ()
    if wait is None:
        own = asked.gives and asked.state.moderator is None
        return Refusal(Why.OWN_CASE if own else Why.MODERATOR_IS_HERE)
    if wait > 0:
        return Refusal(Why.WAIT_FOR_SKILLED, wait)
    return (*_present(asked, person), asked.event(Kind.MODERATOR_SET, person=person))


def _present(asked: Asked, person: object) -> tuple[Event, ...]:
    member = asked.state.members[person]
    return () if member.present else (asked.event(Kind.JOINED, person=person),)


def hand_over(asked: Asked) -> Decision:
    """The moderator gives the lead to a member; the coordinator may name one. Never to the giver of the current case."""
    person = asked.data.get("person")
    if not (asked.steers or asked.doer.coordinator):
        return Refusal(Why.NOT_THE_MODERATOR)
    if person not in asked.state.members:
        return Refusal(Why.UNKNOWN_PERSON)
    if asked.state.current and asked.state.current.giver == person:
        return Refusal(Why.OWN_CASE)
    return () if person == asked.state.moderator else (asked.event(Kind.MODERATOR_SET, person=person),)


def _role(asked: Asked) -> Role | None:
    try:
        role = Role(asked.data.get("role"))
    except ValueError:
        return None
    return role if role in HELD_ROLES else None


def give_role(asked: Asked) -> Decision:
    """The moderator gives a role to anyone; a member may take a free one."""
    role, person = _role(asked), asked.data.get("person", asked.person)
    if role is None:
        return Refusal(Why.UNKNOWN_VALUE)
    member = asked.state.members.get(person)
    if member is None:
        return Refusal(Why.UNKNOWN_PERSON)
    if not asked.moderates:
        if person != asked.person:
            return Refusal(Why.NOT_THE_MODERATOR)
        if asked.state.roles.get(role) not in (None, person):
            return Refusal(Why.ROLE_TAKEN)
    if asked.state.current and asked.state.current.giver == person:
        return Refusal(Why.LISTENING)
    if member.out:
        return Refusal(Why.SITTING_OUT)
    return () if asked.state.roles.get(role) == person else (asked.event(Kind.ROLE_GIVEN, role=role.value, person=person),)


def free_role(asked: Asked) -> Decision:
    """The holder or the moderator gives a role back."""
    role = _role(asked)
    if role is None:
        return Refusal(Why.UNKNOWN_VALUE)
    holder = asked.state.roles.get(role)
    if holder is None:
        return ()
    if not asked.moderates and holder != asked.person:
        return Refusal(Why.NOT_THE_MODERATOR)
    return (asked.event(Kind.ROLE_FREED, role=role.value),)


def merge_away(asked: Asked) -> Decision:
    """This group joins another one (its people are added there): before the first case, by coordinator or moderator."""
    if not (asked.doer.coordinator or asked.steers):
        return Refusal(Why.NOT_ALLOWED)
    if not plain_id(asked.data.get("into")):
        return Refusal(Why.UNKNOWN_VALUE)
    if not can_merge(asked.state):
        return Refusal(Why.TOO_LATE)
    return (asked.event(Kind.MERGED_INTO, into=asked.data["into"]),)
