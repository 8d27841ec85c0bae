"""The only functions that return rows about people: (actor, id) -> row or NotFound.

Missing, foreign and forbidden take the same queries and raise the same error. The question "who may read this case
now" has one answer, two rules (`_coordination_reads`, `_group_reads`): the doors filter by them, and `readers_of` makes the
line "Diesen Fall können gerade sehen" from them.
"""

from __future__ import annotations

from dataclasses import dataclass

from django.db.models import OuterRef, Q, QuerySet, Subquery
from django.utils import timezone

from beratung_xblock.data.actor import Actor
from beratung_xblock.data.enums import CaseState, GroupState, RegistrationState, SessionState
from beratung_xblock.exceptions import Forbidden, NotFound
from beratung_xblock.models import (
    AuditEntry,
    Case,
    ContactRequest,
    Coordinator,
    Group,
    Membership,
    Place,
    Registration,
    Round,
    Session,
    SessionCase,
    Slot,
)


def _row(queryset: QuerySet):
    row = queryset.first()
    if row is None:
        raise NotFound
    return row


def _uid(value: object) -> str:
    """A uid as text that can be compared; anything else matches nothing."""
    return value if isinstance(value, str) and len(value) <= 40 and "\x00" not in value else ""


def place(actor: Actor) -> Place:
    """The place the actor stands in, for people who may take part or lead. One query."""
    if not (actor.may_take_part or actor.may_lead or actor.is_course_staff or actor.is_masquerading):
        raise NotFound
    return _row(Place.objects.filter(usage_key=actor.usage_key, is_active=True))


def _own_place(actor: Actor) -> Q:
    return Q(place__usage_key=actor.usage_key, place__is_active=True)


def round_(actor: Actor, round_uid: object) -> Round:
    """A round of this place: every state for coordinators, all but drafts for people who may take part."""
    rows = Round.objects.select_related("place").filter(_own_place(actor), uid=_uid(round_uid))
    if not actor.may_lead:
        rows = rows.exclude(state="draft") if actor.may_take_part else rows.none()
    return _row(rows)


def led_round(actor: Actor, round_uid: object) -> Round:
    """A round for its coordinator."""
    rows = Round.objects.select_related("place").filter(_own_place(actor), uid=_uid(round_uid))
    return _row(rows if actor.may_lead else rows.none())


def led_slot(actor: Actor, slot_uid: object) -> Slot:
    """A slot of a round of this place, for its coordinator."""
    rows = Slot.objects.select_related("round").filter(
        round__place__usage_key=actor.usage_key, round__place__is_active=True, uid=_uid(slot_uid)
    )
    return _row(rows if actor.may_lead else rows.none())


def own_registration(actor: Actor, round_uid: object) -> Registration:
    """The actor's own registration in a round, whatever its state."""
    rows = Registration.objects.select_related("round", "round__place").filter(
        round__uid=_uid(round_uid),
        round__place__usage_key=actor.usage_key,
        round__place__is_active=True,
        user_id=actor.user_id,
        user__isnull=False,
    )
    return _row(rows if actor.may_take_part else rows.none())


def led_registrations(actor: Actor, round_uid: object) -> QuerySet[Registration]:
    """Registrations of a round the coordinator may see: all, or those of their regions."""
    rows = Registration.objects.filter(
        round__uid=_uid(round_uid), round__place__usage_key=actor.usage_key, round__place__is_active=True
    )
    if not actor.may_lead:
        return rows.none()
    return rows.filter(region__in=actor.regions) if actor.regions else rows


def led_registration(actor: Actor, registration_uid: object) -> Registration:
    """One registration for the coordinator."""
    rows = Registration.objects.select_related("round", "round__place").filter(
        round__place__usage_key=actor.usage_key, round__place__is_active=True, uid=_uid(registration_uid)
    )
    if actor.regions:
        rows = rows.filter(region__in=actor.regions)
    return _row(rows if actor.may_lead else rows.none())


def led_contacts(actor: Actor) -> QuerySet[ContactRequest]:
    """People who wait for a call, with number or address: for coordinators.

    Those of regions get the people of theirs (by the newest registration here), people of no region, and people of regions
    that nobody coordinates: nobody waits in vain. One query more for them.
    """
    rows = ContactRequest.objects.select_related("user").filter(_own_place(actor), answered_at__isnull=True)
    if not actor.may_lead:
        return rows.none()
    if not actor.regions:
        return rows
    newest = Registration.objects.filter(round__place=OuterRef("place"), user=OuterRef("user")).order_by("-pk").values("region")[:1]
    led = set(Coordinator.objects.filter(course_key=actor.course_key).values_list("region", flat=True))
    mine = Q(region__isnull=True) | Q(region="") | Q(region__in=actor.regions)
    if "" not in led:  # nobody coordinates everything
        mine |= ~Q(region__in=led)
    return rows.annotate(region=Subquery(newest)).filter(mine)


def led_contact(actor: Actor, contact_uid: object) -> ContactRequest:
    """One of them."""
    return _row(led_contacts(actor).filter(uid=_uid(contact_uid)))


def member_groups(actor: Actor) -> QuerySet[Membership]:
    """Current memberships of the actor in published groups of this place."""
    rows = Membership.objects.select_related("group", "group__slot", "group__round", "registration").filter(
        registration__user_id=actor.user_id,
        registration__user__isnull=False,
        registration__round__place__usage_key=actor.usage_key,
        registration__round__place__is_active=True,
        left_at__isnull=True,
        group__state=GroupState.PUBLISHED.value,
    )
    return rows if actor.may_take_part else rows.none()


def membership(actor: Actor, group_uid: object) -> Membership:
    """The actor's current membership in one group."""
    return _row(member_groups(actor).filter(group__uid=_uid(group_uid)))


def led_group(actor: Actor, group_uid: object) -> Group:
    """A published group for its coordinator: times and people, no content."""
    rows = Group.objects.select_related("round", "slot").filter(
        round__place__usage_key=actor.usage_key, round__place__is_active=True, uid=_uid(group_uid)
    )
    return _row(rows if actor.may_lead else rows.none())


@dataclass(frozen=True)
class Seat:
    """One person's place in one session: what every session write starts from."""

    session: Session
    membership: Membership | None
    """None for a coordinator who moderates the group as its facilitator."""


def seat(actor: Actor, session_uid: object) -> Seat:
    """The actor's seat in a session: as current member, or as the facilitator named for the group."""
    rows = Session.objects.select_related("group", "group__slot", "group__round", "group__round__place").filter(
        group__round__place__usage_key=actor.usage_key,
        group__round__place__is_active=True,
        group__state=GroupState.PUBLISHED.value,
        uid=_uid(session_uid),
    )
    if actor.user_id is None or actor.is_masquerading:
        rows = rows.none()
    session = rows.first()
    mine = (
        Membership.objects.select_related("registration")
        .filter(
            group_id=session.group_id if session else None,
            registration__user_id=actor.user_id,
            registration__user__isnull=False,
            left_at__isnull=True,
        )
        .first()
    )
    if session is None:
        raise NotFound
    if mine is None and not (actor.may_lead and session.group.facilitator_id == actor.user_id):
        raise NotFound
    if mine is not None and not actor.may_take_part:
        raise NotFound
    return Seat(session=session, membership=mine)


def moderated_sessions(actor: Actor) -> QuerySet[Session]:
    """Sessions of published groups of this place for which the actor is named as facilitator, and which are not over."""
    rows = Session.objects.filter(
        group__round__place__usage_key=actor.usage_key,
        group__round__place__is_active=True,
        group__state=GroupState.PUBLISHED.value,
        group__facilitator_id=actor.user_id,
        group__facilitator__isnull=False,
    ).exclude(state=SessionState.ENDED.value)
    return rows if actor.may_lead else rows.none()


# --- cases -----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Readers:
    """Who can read a case's text at this moment. The owner always can."""

    coordination: bool
    session_id: int | None
    """The session whose group can read it, while it is open there."""
    group_size: int = 0
    """People of that group, with a facilitator who moderates it without being a member."""

    @property
    def only_owner(self) -> bool:
        """True when nobody but the owner can read it."""
        return not self.coordination and self.session_id is None


def _coordination_reads() -> Q:
    """On cases: the owner ticked it, the case waits for its session, and the owner still takes part in the round."""
    return Q(
        staff_may_read=True, state=CaseState.SUBMITTED.value, registration__state=RegistrationState.REGISTERED.value
    )


def _group_reads() -> Q:
    """On cases of sessions: the owner opened it, nobody closed or withdrew it, and the session is not over."""
    return Q(
        opened_at__isnull=False,
        closed_at__isnull=True,
        case__state__in=(CaseState.SUBMITTED.value, CaseState.CONSULTED.value),
        session__group__state=GroupState.PUBLISHED.value,
    ) & ~Q(session__state=SessionState.ENDED.value)


def readers_of(case: Case) -> Readers:
    """Who can read this case now, by the two rules above, which also decide. At most three queries."""
    rows = SessionCase.objects.select_related("session__group").filter(_group_reads(), case_id=case.pk)
    open_in = rows.first() if case.state in (CaseState.SUBMITTED.value, CaseState.CONSULTED.value) else None
    size = 0
    if open_in is not None:
        group = open_in.session.group
        members = Membership.objects.filter(group_id=group.pk, left_at__isnull=True)
        people = set(members.values_list("registration__user_id", "registration_id"))
        leads = group.facilitator_id is not None and group.facilitator_id not in {user for user, _row in people}
        size = len(people) + leads
    return Readers(
        coordination=case.staff_may_read and Case.objects.filter(_coordination_reads(), pk=case.pk).exists(),
        session_id=open_in.session_id if open_in else None,
        group_size=size,
    )


def own_case(actor: Actor, case_uid: object) -> Case:
    """A case of the actor's own, in any state."""
    rows = Case.objects.select_related("registration", "registration__round", "place").filter(
        _own_place(actor), row_uid=_uid(case_uid), owner_id=actor.user_id, owner__isnull=False
    )
    return _row(rows if actor.may_take_part else rows.none())


def own_cases(actor: Actor) -> QuerySet[Case]:
    """All cases of the actor at this place, newest first."""
    rows = Case.objects.select_related("registration", "registration__round").filter(
        _own_place(actor), owner_id=actor.user_id, owner__isnull=False
    )
    return (rows if actor.may_take_part else rows.none()).order_by("-updated_at")


def listed_cases(actor: Actor, round_uid: object) -> QuerySet[Case]:
    """Submitted cases of a round, for the coordinator's list: title, urgency and state only may leave this list."""
    rows = Case.objects.select_related("registration").filter(
        _own_place(actor), registration__round__uid=_uid(round_uid), state=CaseState.SUBMITTED.value
    ).exclude(registration__state=RegistrationState.CANCELLED.value)
    if actor.regions:
        rows = rows.filter(registration__region__in=actor.regions)
    return (rows if actor.may_lead else rows.none()).order_by("-urgency", "submitted_at", "pk")


def case_allowed_to_coordination(actor: Actor, case_uid: object) -> Case:
    """A submitted case whose owner ticked that the coordination may read it. Leaves one audit row per reader and day."""
    rows = Case.objects.select_related("registration", "registration__round", "place").filter(
        _own_place(actor), _coordination_reads(), row_uid=_uid(case_uid)
    )
    if actor.regions:
        rows = rows.filter(registration__region__in=actor.regions)
    case = _row(rows if actor.may_lead else rows.none())
    note_reading(actor, case, scope=timezone.now().date().isoformat())
    return case


def case_open_in_session(actor: Actor, held: Seat, case_uid: object) -> SessionCase:
    """A chosen case that is open to the actor's group now. Leaves one audit row per reader and session."""
    rows = SessionCase.objects.select_related("case", "session").filter(
        _group_reads(), session_id=held.session.pk, case__row_uid=_uid(case_uid)
    )
    if actor.is_masquerading:
        rows = rows.none()
    found = _row(rows)
    note_reading(actor, found.case, scope=held.session.uid)
    return found


def note_reading(actor: Actor, case: Case, *, scope: str) -> None:
    """Write "read" to the audit log once per actor, case and scope (a session uid or a date)."""
    if actor.user_id == case.owner_id:
        return
    known = AuditEntry.objects.filter(
        object_kind="case", object_id=case.row_uid, actor_id=actor.user_id, action="case.read", round_uid=scope[:32]
    ).exists()
    if not known:
        AuditEntry.objects.create(
            at=timezone.now(),
            actor_id=actor.user_id,
            actor_role=actor.role_word,
            action="case.read",
            object_kind="case",
            object_id=case.row_uid,
            place_id=case.place_id,
            round_uid=scope[:32],
        )


def own_session_cases(actor: Actor) -> QuerySet[SessionCase]:
    """Cases the actor brought into sessions at this place; what was collected for them is theirs alone."""
    rows = SessionCase.objects.select_related("session__group__round", "session__group__slot", "takeaway").filter(
        session__group__round__place__usage_key=actor.usage_key,
        session__group__round__place__is_active=True,
        giver__user_id=actor.user_id,
        giver__user__isnull=False,
    )
    return rows if actor.may_take_part else rows.none()


def own_session_case(actor: Actor, session_case_uid: object) -> SessionCase:
    """One of them."""
    return _row(own_session_cases(actor).filter(row_uid=_uid(session_case_uid)))


def require_writer(actor: Actor) -> None:
    """Refuse people who look through somebody else's eyes; a stranger gets NotFound."""
    if actor.is_masquerading:
        raise Forbidden
    if not (actor.may_take_part or actor.may_lead):
        raise NotFound
