"""One's own data, all of it, to take along: plain values for a JSON file or a readable page."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.views.decorators.debug import sensitive_variables

from beratung_xblock import access
from beratung_xblock.data.actor import Actor
from beratung_xblock.data.settings import settings_from_snapshot
from beratung_xblock.models import (
    Attendance,
    AuditEntry,
    Availability,
    Certificate,
    Evidence,
    Reflection,
    Registration,
    UndertakingAcceptance,
)

from . import cases, conflicts, results
from ._write import audit

__all__ = ["own_data", "who_read_my_cases"]


def _when(moment: dt.datetime | dt.date | None) -> str | None:
    return moment.isoformat() if moment else None


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
    keys = [row.pk for row in rows]
    answers: dict[int, list[dict[str, Any]]] = {key: [] for key in keys}
    for pk, starts_at, answer in Availability.objects.filter(registration_id__in=keys).values_list(
        "registration_id", "slot__starts_at", "answer"
    ):
        answers[pk].append({"date": _when(starts_at), "answer": answer})
    attendance = {row.registration_id: row for row in Attendance.objects.filter(registration_id__in=keys)}
    reflections = {row.registration_id: row for row in Reflection.objects.filter(registration_id__in=keys)}
    audit(actor, "own_data.export", kind="user", uid=str(actor.user_id), place_id=place.pk)
    return {
        "place": settings.display_name,
        "undertakings": [
            {"version": row.version, "language": row.language, "accepted": _when(row.accepted_at)}
            for row in UndertakingAcceptance.objects.filter(course_key=actor.course_key, user_id=actor.user_id)
        ],
        "registrations": [
            {
                "round": row.round.title,
                "state": row.state,
                "display_name": row.display_name,
                "languages": list(row.languages),
                "can_moderate": row.can_moderate,
                "brings_case": row.brings_case,
                "region": row.region,
                "organisation": row.organisation,
                "experience": row.experience,
                "wish_with": row.wish_with,
                "take_part": row.take_part,
                "needs": list(row.needs),
                "signed_up": _when(row.created_at),
                "answers": answers[row.pk],
                "rather_not_with": [
                    peer.name for peer in conflicts.declared(actor=actor, round_uid=row.round.uid)
                ],
                "minutes_present": attendance[row.pk].minutes if row.pk in attendance else None,
                "reflection": {"helped": reflections[row.pk].helped, "safe": reflections[row.pk].safe}
                if row.pk in reflections
                else None,
            }
            for row in rows
        ],
        "cases": [_case(case) for case in cases.own_cases(actor=actor, settings=settings)],
        "results": [_result(result) for result in results.own_results(actor=actor, settings=settings)],
        "participation": [
            {"date": _when(row.on_date), "attended": row.attended, "reflected": row.reflected, "minutes": row.minutes}
            for row in Evidence.objects.filter(place=place, user_id=actor.user_id).exclude(round_uid="")
        ],
        "certificates": [
            {"kind": row.kind, "issued": _when(row.issued_at), "minutes": row.minutes}
            for row in Certificate.objects.filter(place=place, user_id=actor.user_id)
        ],
        "who_opened_my_cases": who_read_my_cases(actor=actor),
    }
