"""Erase a person: everything that says who goes, anonymous counts stay. May run twice."""

from __future__ import annotations

from django.db import transaction
from django.db.models import F, QuerySet
from django.utils import timezone

from beratung_xblock.data.actor import system_actor
from beratung_xblock.data.enums import RegistrationState, RoundState
from beratung_xblock.models import (
    AuditEntry,
    CalendarSubscription,
    Case,
    Certificate,
    ContactRequest,
    Coordinator,
    Evidence,
    Exclusion,
    Group,
    Idea,
    InterestNote,
    KnowsThoseInvolved,
    Membership,
    OutboxMail,
    Presence,
    Proposal,
    Reflection,
    Registration,
    Round,
    SessionCase,
    Slot,
    Takeaway,
    UndertakingAcceptance,
)

from . import signup
from ._places import offer_free_places
from ._write import audit, locked_round, retried

__all__ = ["erase_person", "leave_course", "leave_everything"]

OVER = (RoundState.FINISHED.value, RoundState.CANCELLED.value)


@retried
def _release(registration: Registration) -> None:
    """Give the place back where the round is still going on."""
    with locked_round(registration.round_id) as held:
        row = Registration.objects.select_related("round").get(pk=registration.pk)
        if row.state == RegistrationState.CANCELLED.value:
            return
        actor = system_actor(usage_key=held.place.usage_key, course_key=held.place.course_key)
        signup.release(held, row, actor=actor, tell=False)
        offer_free_places(held)


def leave_course(*, user_id: int, course_key: str) -> int:
    """Somebody was unenrolled: cancel what is ahead, free the seats, end access at once. Returns how many places were freed."""
    return _leave(Registration.objects.filter(user_id=user_id, round__place__course_key=course_key))


def leave_everything(*, user_id: int) -> int:
    """A deactivated account gives back every place that is ahead, in every course."""
    return _leave(Registration.objects.filter(user_id=user_id))


def _leave(rows: QuerySet[Registration]) -> int:
    ahead = rows.exclude(state=RegistrationState.CANCELLED.value).exclude(round__state__in=OVER)
    freed = 0
    for row in ahead:
        _release(row)
        freed += 1
    return freed


@retried
def _erase_rows(user_id: int) -> dict[str, int]:
    mine = Registration.objects.filter(user_id=user_id)
    with transaction.atomic(durable=True):
        uids = list(mine.values_list("uid", flat=True))
        keys = list(mine.values_list("pk", flat=True))
        brought = SessionCase.objects.filter(giver_id__in=keys)
        counts = {
            "cases": Case.objects.filter(owner_id=user_id).delete()[0],
            "takeaways": Takeaway.objects.filter(owner_id=user_id).delete()[0],
            "own_ideas": Idea.objects.filter(session_case__in=brought).delete()[0],
            "conflicts": KnowsThoseInvolved.objects.filter(session_case__in=brought).delete()[0],
            "exclusions": Exclusion.objects.filter(registration_id__in=keys).delete()[0],
            "presence": Presence.objects.filter(registration_id__in=keys).delete()[0],
            "interest": InterestNote.objects.filter(user_id=user_id).delete()[0],
            "subscriptions": CalendarSubscription.objects.filter(user_id=user_id).delete()[0],
            "contact": ContactRequest.objects.filter(user_id=user_id).delete()[0],
            "coordinator": Coordinator.objects.filter(user_id=user_id).delete()[0],
            "certificates": Certificate.objects.filter(user_id=user_id).delete()[0],
            "undertakings": UndertakingAcceptance.objects.filter(user_id=user_id).delete()[0],
            "mails": OutboxMail.objects.filter(user_id=user_id).delete()[0],
            "audit": AuditEntry.objects.filter(actor_id=user_id).delete()[0]
            + AuditEntry.objects.filter(object_kind="user", object_id=str(user_id)).delete()[0]
            + AuditEntry.objects.filter(object_kind="registration", object_id__in=uids).delete()[0],
        }
        OutboxMail.objects.filter(registration_id__in=keys).delete()
        brought.update(key_question_sealed="")
        Idea.objects.filter(author_id__in=keys).update(author=None)
        Reflection.objects.filter(registration_id__in=keys).update(note_sealed="")
        Membership.objects.filter(registration_id__in=keys, left_at__isnull=True).exclude(
            registration__round__state__in=OVER
        ).update(left_at=timezone.now())
        counts["evidence"] = Evidence.objects.filter(user_id=user_id).update(user=None)
        Group.objects.filter(facilitator_id=user_id).update(facilitator=None)
        Round.objects.filter(created_by_id=user_id).update(created_by=None)
        Round.objects.filter(registrations__in=keys).update(version=F("version") + 1)  # what is kept of the round is not true any more
        Proposal.objects.filter(created_by_id=user_id).update(created_by=None)
        for slot in Slot.objects.filter(facilitators__icontains=str(user_id)):
            if user_id in slot.facilitators:
                slot.facilitators = [pk for pk in slot.facilitators if pk != user_id]
                slot.save(update_fields=["facilitators"])
        counts["registrations"] = mine.update(
            user=None, display_name="–", guest_name="", guest_phone="", organisation="", wish_with="", needs=[],
            languages=[], cancel_reason="",
        )
        audit(system_actor(), "person.erase", kind="user", uid="erased", place_id=None, rows=sum(counts.values()))
    return counts


def erase_person(*, user_id: int) -> dict[str, int]:
    """Erase everything that says who this person is or wrote; returns counts by kind.

    Texts, declarations, mails, log lines and proofs go; registrations, attendance and answers stay without a name, so
    that figures of past rounds remain true. Places ahead are freed first. Running it again finds nothing to do.
    """
    for row in Registration.objects.filter(user_id=user_id).exclude(round__state__in=OVER):
        _release(row)
    return _erase_rows(user_id)
