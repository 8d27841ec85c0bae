"""One's own data, all of it, to take along: plain values for a JSON file or a readable page."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from typing import Any

from django.db.models import Q
from django.views.decorators.debug import sensitive_variables

from beratung_xblock import access, crypto
from beratung_xblock.data.actor import Actor
from beratung_xblock.data.settings import settings_from_snapshot
from beratung_xblock.exceptions import KeyMissing, Unreadable
from beratung_xblock.models import (
    Attendance,
    AuditEntry,
    Availability,
    CalendarSubscription,
    Certificate,
    ContactRequest,
    Coordinator,
    Evidence,
    Idea,
    InterestNote,
    KnowsThoseInvolved,
    Membership,
    OutboxMail,
    Place,
    PlaceOffer,
    Presence,
    Reflection,
    Registration,
    UndertakingAcceptance,
)

from . import cases, conflicts, results
from ._write import audit

__all__ = ["NOT_HERE", "own_data", "who_read_my_cases"]

NOT_HERE = {
    "CaseDot": "only a keyed hash of the giver is stored, until the session ends",
    "Exclusion": "one's own are read by `conflicts.declared`; those of others concern the one who declared them",
    "Group": "the coordinator who moderates a group; their acts stand in the log",
    "Job": "who started a calculation; stands in the log",
    "Proposal": "who asked for a proposal; stands in the log",
    "Round": "who made a round; stands in the log",
    "SessionEvent": "what happened in a session, by ids; one's presence and texts stand here",
    "Takeaway": "comes with the results",
}
"""Tables that name a person and are not read here themselves, and why."""


def _when(moment: dt.datetime | dt.date | None) -> str | None:
    return moment.isoformat() if moment else None


@sensitive_variables()
def _opened(sealed: str, table: str, column: str, row_uid: str) -> str | None:
    """A sealed text of one's own; None when its key is lost, empty when there is none."""
    if not sealed:
        return ""
    try:
        return crypto.open_sealed(sealed, table=table, column=column, row_uid=row_uid).reveal()
    except (KeyMissing, Unreadable):
        return None


@sensitive_variables()
def _case(case: cases.OwnCase) -> dict[str, Any]:
    text = case.text
    return {
        "state": case.state,
        "urgency": case.urgency,
        "changed": _when(case.updated_at),
        "will_be_deleted": _when(case.deleted_on),
        "staff_may_read": case.staff_may_read,
        "readable": text is not None,
        **(
            {
                "title": text.title.reveal(), "situation": text.situation.reveal(), "tried": text.tried.reveal(),
                "key_question": text.key_question.reveal(), "method": text.method,
            }
            if text is not None
            else {}
        ),
    }


@sensitive_variables()
def _result(result: results.OwnResult) -> dict[str, Any]:
    def shown(value):
        return value.reveal() if value is not None else None

    return {
        "key_question": shown(result.key_question),
        "ideas": [text.reveal() for text, _turned in result.ideas],
        "takeaway": shown(result.takeaway),
        "first_step": shown(result.first_step),
        "will_be_deleted": _when(result.deleted_on),
    }


def who_read_my_cases(*, actor: Actor) -> list[dict[str, Any]]:
    """Who opened or changed the actor's cases, without names: role, what, when. Newest first, at most 200."""
    uids = list(access.own_cases(actor).values_list("row_uid", flat=True))
    rows = AuditEntry.objects.filter(object_kind="case", object_id__in=uids).order_by("-at", "-pk")[:200]
    return [
        {"at": _when(row.at), "role": "own" if row.actor_id == actor.user_id else row.actor_role, "action": row.action}
        for row in rows
    ]


@sensitive_variables()
def own_data(*, actor: Actor) -> dict[str, Any]:
    """Everything stored about the actor at this place. Sealed texts whose key is lost are marked unreadable."""
    access.require_writer(actor)
    place = access.place(actor)
    settings = settings_from_snapshot(place.settings)
    rows = list(Registration.objects.select_related("round").filter(round__place=place, user_id=actor.user_id))
    log = _log(actor, place, rows)
    audit(actor, "own_data.export", kind="user", uid=str(actor.user_id), place_id=place.pk)
    return {
        "place": settings.display_name,
        "undertakings": [
            {
                "version": row.version, "language": row.language, "accepted": _when(row.accepted_at),
                "signed_on_paper": _when(row.paper_date),
            }
            for row in UndertakingAcceptance.objects.filter(course_key=actor.course_key, user_id=actor.user_id)
        ],
        "registrations": _registrations(actor, rows),
        "sessions": _sessions(rows),
        "cases": [_case(cases.view_of(case, settings)) for case in access.own_cases(actor)],
        "results": [_result(result) for result in results.own_results(actor=actor, settings=settings, limit=None)],
        "participation": [
            {"date": _when(row.on_date), "attended": row.attended, "reflected": row.reflected, "minutes": row.minutes}
            for row in Evidence.objects.filter(place=place, user_id=actor.user_id).exclude(round_uid="")
        ],
        "certificates": [
            {"kind": row.kind, "issued": _when(row.issued_at), "minutes": row.minutes}
            for row in Certificate.objects.filter(place=place, user_id=actor.user_id)
        ],
        "wishes_to_be_told": _wishes(actor, place),
        "mails": [
            {"kind": row.kind, "language": row.language, "created": _when(row.created_at), "sent": _when(row.sent_at)}
            for row in OutboxMail.objects.filter(
                Q(user_id=actor.user_id) | Q(registration__in=rows), place=place
            ).order_by("created_at", "pk")
        ],
        "who_opened_my_cases": who_read_my_cases(actor=actor),
        "log": log,
    }


def _by_registration(model: type, rows: list[Registration], *related: str) -> dict[int, list[Any]]:
    found: dict[int, list[Any]] = defaultdict(list)
    for one in model.objects.select_related(*related).filter(registration__in=rows).order_by("pk"):
        found[one.registration_id].append(one)
    return found


@sensitive_variables()
def _registrations(actor: Actor, rows: list[Registration]) -> list[dict[str, Any]]:
    answers = _by_registration(Availability, rows, "slot")
    offers = _by_registration(PlaceOffer, rows)
    return [
        {
            "round": row.round.title,
            "state": row.state,
            "display_name": row.display_name,
            "languages": list(row.languages),
            "can_moderate": row.can_moderate,
            "brings_case": row.brings_case,
            "urgency": row.urgency if row.brings_case else None,
            "region": row.region,
            "organisation": row.organisation,
            "experience": row.experience,
            "wish_with": row.wish_with,
            "take_part": row.take_part,
            "needs": list(row.needs),
            "wants_reminders": row.wants_reminders,
            "phone": row.guest_phone,
            "page_language": row.language,
            "time_zone": row.time_zone,
            "signed_up": _when(row.created_at),
            "rounds_waited": row.waited,
            "offers_missed": row.missed_offers,
            "not_placed_because": row.not_placed_because,
            "cancelled_on": _when(row.cancelled_at),
            "cancel_reason": row.cancel_reason,
            "answers": [{"date": _when(one.slot.starts_at), "answer": one.answer} for one in answers[row.pk]],
            "offers": [
                {"at": _when(one.offered_at), "state": one.state, "answered": _when(one.answered_at)}
                for one in offers[row.pk]
            ],
            "rather_not_with": [peer.name for peer in conflicts.declared(actor=actor, round_uid=row.round.uid)],
        }
        for row in rows
    ]


@sensitive_variables()
def _sessions(rows: list[Registration]) -> list[dict[str, Any]]:
    """One entry for each group one was in: when, in which role, how long, and one's own words from it."""
    attendance = {(one.group_id, one.registration_id): one for one in Attendance.objects.filter(registration__in=rows)}
    reflections = {(one.group_id, one.registration_id): one for one in Reflection.objects.filter(registration__in=rows)}
    presence = {
        (one.session.group_id, one.registration_id): one
        for one in Presence.objects.select_related("session").filter(registration__in=rows)
    }
    ideas: dict[tuple[int, int], list[str | None]] = defaultdict(list)
    for one in Idea.objects.select_related("session_case__session").filter(author__in=rows, removed_at__isnull=True):
        text = _opened(one.text_sealed, "idea", "text", one.row_uid)
        ideas[one.session_case.session.group_id, one.author_id].append(text)
    sat_out = _sat_out(rows)
    found = []
    for row in Membership.objects.select_related("group__slot", "group__round").filter(registration__in=rows).order_by("pk"):
        key = (row.group_id, row.registration_id)
        was, look, seen = attendance.get(key), reflections.get(key), presence.get(key)
        found.append(
            {
                "round": row.group.round.title,
                "date": _when(row.group.slot.starts_at),
                "group": row.group.number,
                "role": row.planned_role,
                "joined": _when(row.joined_at),
                "confirmed": _when(row.confirmed_at),
                "left": _when(row.left_at),
                "page_open_from": _when(seen.first_seen_at) if seen else None,
                "page_open_until": _when(seen.last_seen_at) if seen else None,
                "minutes_present": was.minutes if was else None,
                "note_on_minutes": was.reason if was else "",
                "ideas_i_gave": ideas[key],
                "sat_out": sat_out.get(key, False),
                "reflection": {
                    "at": _when(look.created_at), "helped": look.helped, "safe": look.safe,
                    "note": _opened(look.note_sealed, "reflection", "note", look.row_uid),
                } if look else None,
            }
        )
    return found


@sensitive_variables()
def _sat_out(rows: list[Registration]) -> dict[tuple[int, int], bool]:
    """(group, registration) where I said that I know those involved; whom it concerns stands sealed, so each is opened."""
    keys = {str(row.pk): row.pk for row in rows}
    mine = Membership.objects.filter(registration__in=rows).values("group")
    found = {}
    for one in KnowsThoseInvolved.objects.select_related("session_case__session").filter(session_case__session__group__in=mine):
        who = _opened(one.who_sealed, "conflict", "who", one.row_uid)
        if who in keys:
            found[one.session_case.session.group_id, keys[who]] = True
    return found


def _wishes(actor: Actor, place: Place) -> list[dict[str, Any]]:
    """Small things one asked for, and the role of a coordinator."""
    found = [
        {"kind": "call_back", "at": _when(row.created_at), "answered": _when(row.answered_at), "phone": row.phone}
        for row in ContactRequest.objects.filter(place=place, user_id=actor.user_id)
    ]
    found += [
        {"kind": "next_round", "at": _when(row.created_at)}
        for row in InterestNote.objects.filter(place=place, user_id=actor.user_id)
    ]
    found += [
        {"kind": "calendar_address", "at": _when(row.created_at), "ended": _when(row.revoked_at)}
        for row in CalendarSubscription.objects.filter(course_key=actor.course_key, user_id=actor.user_id)
    ]
    found += [
        {"kind": "coordination", "at": _when(row.granted_at), "region": row.region}
        for row in Coordinator.objects.filter(course_key=actor.course_key, user_id=actor.user_id)
    ]
    return found


def _log(actor: Actor, place: Place, rows: list[Registration]) -> list[dict[str, Any]]:
    """What the audit log holds about me: what I did, and what was done to me or my sign-ups, by role. Newest first."""
    about_me = Q(actor_id=actor.user_id) | Q(object_kind="user", object_id=str(actor.user_id))
    about_me |= Q(object_kind="registration", object_id__in=[row.uid for row in rows])
    return [
        {"at": _when(row.at), "role": "own" if row.actor_id == actor.user_id else row.actor_role, "action": row.action}
        for row in AuditEntry.objects.filter(about_me, place_id=place.pk).order_by("-at", "-pk")
    ]
