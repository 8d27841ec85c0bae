"""It goes away: what is deleted when, for every table. Run daily; idempotent, in batches, with a dry run; counts only."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from django.db import models, transaction
from django.db.models import Max, Q
from django.utils import timezone

from beratung_xblock.data.enums import CaseState, OfferState
from beratung_xblock.data.settings import PlaceSettings, settings_from_snapshot
from beratung_xblock.models import (
    Attendance,
    AuditEntry,
    Availability,
    CalendarSubscription,
    Case,
    CaseDot,
    Certificate,
    ContactRequest,
    Exclusion,
    Idea,
    InterestNote,
    Job,
    KnowsThoseInvolved,
    Membership,
    OutboxMail,
    Place,
    PlaceOffer,
    Presence,
    Proposal,
    Reflection,
    Registration,
    Round,
    SessionCase,
    SessionEvent,
    Takeaway,
    UndertakingAcceptance,
)

from ._write import retried

__all__ = ["KEPT", "RULES", "Rule", "purge"]

BATCH = 500
"""Rows a transaction touches; keeps every lock well under a second."""
Due = Callable[[Place, PlaceSettings, dt.datetime], models.QuerySet]


@dataclass(frozen=True)
class Rule:
    """One kind of data: which rows are due at a place, and what happens to them (deleted, or these columns emptied)."""

    name: str
    model: type[models.Model]
    due: Due
    empty: tuple[tuple[str, object], ...] = ()


def _ago(now: dt.datetime, *, days: int = 0, years: int = 0) -> dt.datetime:
    return now - dt.timedelta(days=days + 365.25 * years)


def _old_rounds(moment: dt.datetime) -> models.QuerySet:
    return Round.objects.annotate(last=Max("slots__ends_at")).filter(last__lt=moment).values("pk")


def _session_over(path: str, place: Place, moment: dt.datetime) -> dict[str, object]:
    return {f"{path}group__round__place": place, f"{path}group__slot__ends_at__lt": moment}


def _cases(place: Place, settings: PlaceSettings, now: dt.datetime) -> models.QuerySet:
    moment = _ago(now, days=settings.retention_text_days)
    return Case.objects.filter(
        Q(registration__isnull=True) | Q(registration__round__in=_old_rounds(moment)),
        place=place, state__in=(CaseState.SUBMITTED.value, CaseState.CONSULTED.value), updated_at__lt=moment,
    )


def _drafts(place: Place, settings: PlaceSettings, now: dt.datetime) -> models.QuerySet:
    return Case.objects.filter(
        place=place,
        state__in=(CaseState.DRAFT.value, CaseState.WITHDRAWN.value, CaseState.KEPT.value),
        updated_at__lt=_ago(now, days=settings.retention_draft_days),
    )


def _texts(model: type[models.Model], path: str, *more: Q) -> Due:
    def due(place: Place, settings: PlaceSettings, now: dt.datetime) -> models.QuerySet:
        moment = _ago(now, days=settings.retention_text_days)
        return model.objects.filter(*more, **_session_over(path, place, moment))

    return due


def _logs(model: type[models.Model], place_path: str, when: str, *more: Q) -> Due:
    def due(place: Place, settings: PlaceSettings, now: dt.datetime) -> models.QuerySet:
        moment = _ago(now, days=settings.retention_log_days)
        return model.objects.filter(*more, **{place_path: place.pk, f"{when}__lt": moment})

    return due


def _proofs(model: type[models.Model], path: str, *more: Q) -> Due:
    def due(place: Place, settings: PlaceSettings, now: dt.datetime) -> models.QuerySet:
        moment = _ago(now, years=settings.retention_attendance_years)
        return model.objects.filter(*more, **{f"{path}round__place": place, f"{path}round__in": _old_rounds(moment)})

    return due


def _registration_details(place: Place, settings: PlaceSettings, now: dt.datetime) -> models.QuerySet:
    moment = _ago(now, days=settings.retention_log_days)
    details = ~Q(guest_phone="") | ~Q(wish_with="") | ~Q(cancel_reason="") | ~Q(needs=[])
    return Registration.objects.filter(details, round__place=place, round__in=_old_rounds(moment))


def _undertakings(place: Place, settings: PlaceSettings, now: dt.datetime) -> models.QuerySet:
    moment = _ago(now, years=settings.retention_undertaking_years)
    active = Registration.objects.filter(round__place=place, user__isnull=False, created_at__gte=moment)
    return UndertakingAcceptance.objects.filter(course_key=place.course_key, accepted_at__lt=moment).exclude(
        user__in=active.values("user")
    )


RULES = (
    Rule("drafts", Case, _drafts),
    Rule("case_texts", Case, _cases),
    Rule("ideas", Idea, _texts(Idea, "session_case__session__")),
    Rule("takeaways", Takeaway, _texts(Takeaway, "session_case__session__")),
    Rule("conflicts", KnowsThoseInvolved, _texts(KnowsThoseInvolved, "session_case__session__")),
    Rule(
        "key_questions", SessionCase, _texts(SessionCase, "session__", ~Q(key_question_sealed="")),
        empty=(("key_question_sealed", ""),),
    ),
    Rule("reflection_notes", Reflection, _texts(Reflection, "", ~Q(note_sealed="")), empty=(("note_sealed", ""),)),
    Rule(
        "exclusions", Exclusion,
        lambda place, settings, now: Exclusion.objects.filter(
            registration__round__place=place,
            registration__round__in=_old_rounds(_ago(now, days=settings.retention_text_days)),
        ),
    ),
    Rule("session_events", SessionEvent, _logs(SessionEvent, "session__group__round__place_id", "session__group__slot__ends_at")),
    Rule("presence", Presence, _logs(Presence, "session__group__round__place_id", "session__group__slot__ends_at")),
    Rule("dots", CaseDot, _logs(CaseDot, "session__group__round__place_id", "session__group__slot__ends_at")),
    Rule("audit", AuditEntry, _logs(AuditEntry, "place_id", "at")),
    Rule(
        "audit_of_roles", AuditEntry,
        lambda place, settings, now: AuditEntry.objects.filter(
            place_id__isnull=True, at__lt=_ago(now, days=settings.retention_log_days)
        ),
    ),
    Rule("mails", OutboxMail, _logs(OutboxMail, "place_id", "created_at")),
    Rule("contact_requests", ContactRequest, _logs(ContactRequest, "place_id", "created_at")),
    Rule("jobs", Job, _logs(Job, "place_id", "updated_at")),
    Rule(
        "offers", PlaceOffer,
        _logs(PlaceOffer, "registration__round__place_id", "offered_at", ~Q(state=OfferState.OPEN.value)),
    ),
    Rule(
        "proposals", Proposal,
        lambda place, settings, now: Proposal.objects.filter(
            round__place=place, round__in=_old_rounds(_ago(now, days=settings.retention_log_days))
        ),
    ),
    Rule(
        "registration_details", Registration, _registration_details,
        empty=(("guest_phone", ""), ("wish_with", ""), ("cancel_reason", ""), ("needs", [])),
    ),
    Rule(
        "availabilities", Availability,
        lambda place, settings, now: Availability.objects.filter(
            registration__round__place=place,
            registration__round__in=_old_rounds(_ago(now, days=settings.retention_log_days)),
        ),
    ),
    Rule(
        "interest", InterestNote,
        lambda place, settings, now: InterestNote.objects.filter(place=place, created_at__lt=_ago(now, years=2)),
    ),
    Rule(
        "calendar_subscriptions", CalendarSubscription,
        lambda place, settings, now: CalendarSubscription.objects.filter(
            course_key=place.course_key, revoked_at__lt=_ago(now, days=settings.retention_log_days)
        ),
    ),
    Rule("undertakings", UndertakingAcceptance, _undertakings),
    Rule("attendance", Attendance, _proofs(Attendance, "registration__")),
    Rule("reflections", Reflection, _proofs(Reflection, "registration__")),
    Rule("memberships", Membership, _proofs(Membership, "registration__")),
    Rule("registrations", Registration, _proofs(Registration, "")),
    Rule(
        "certificates", Certificate,
        lambda place, settings, now: Certificate.objects.filter(
            place=place, issued_at__lt=_ago(now, years=settings.retention_attendance_years)
        ),
    ),
)
KEPT = {
    "Place": "until the course is deleted; no personal data",
    "Round": "until the course is deleted; no personal data",
    "Slot": "until the course is deleted; ids of coordinators who offered to moderate go with the account",
    "Group": "until the course is deleted; the id of a coordinator who moderated goes with the account",
    "Session": "until the course is deleted; no personal data",
    "ClosedPeriod": "until the course is deleted; counts of five people or more, as told to funders",
    "Coordinator": "until the role is taken away or the account goes",
    "Evidence": "until the account goes: round, attended, reflected; completion rests on it",
}
"""Tables without a term, and why."""


@retried
def _batch(rule: Rule, place: Place, settings: PlaceSettings, now: dt.datetime) -> int:
    with transaction.atomic(durable=True):
        keys = list(rule.due(place, settings, now).order_by("pk").values_list("pk", flat=True)[:BATCH])
        if not keys:
            return 0
        rows = rule.model.objects.filter(pk__in=keys)
        if rule.empty:
            rows.update(**dict(rule.empty))
        else:
            rows.delete()
        return len(keys)


def _each(now: dt.datetime) -> Iterator[tuple[Rule, Place, PlaceSettings]]:
    for place in Place.objects.order_by("pk").iterator():
        settings = settings_from_snapshot(place.settings)
        for rule in RULES:
            yield rule, place, settings


def purge(
    *,
    now: dt.datetime | None = None,
    dry_run: bool = False,
    progress: Callable[[str, int], None] | None = None,
) -> dict[str, int]:
    """Delete what is due at every place; returns counts by rule. Stopping and starting again goes on where it stopped.

    The settings of the place at the moment count. `dry_run` counts and touches nothing.
    """
    now = now or timezone.now()
    counts = {rule.name: 0 for rule in RULES}
    for rule, place, settings in _each(now):
        if dry_run:
            counts[rule.name] += rule.due(place, settings, now).count()
            continue
        while True:
            done = _batch(rule, place, settings, now)
            counts[rule.name] += done
            if progress is not None and done:
                progress(rule.name, done)
            if done < BATCH:
                break
    return counts
