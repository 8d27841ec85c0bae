"""After the session: what the case giver takes home. Readable by the owner alone."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.views.decorators.debug import sensitive_variables

from beratung_xblock import access, crypto
from beratung_xblock.data import plain_text
from beratung_xblock.data.actor import Actor
from beratung_xblock.data.confidential import Confidential
from beratung_xblock.data.overview import OwnResult
from beratung_xblock.data.settings import PlaceSettings
from beratung_xblock.exceptions import Invalid, KeyMissing, Unreadable
from beratung_xblock.models import Idea, SessionCase, Takeaway
from beratung_xblock.models._base import new_uid

from ._write import audit, retried

__all__ = ["forget_ideas", "own_results", "save_takeaway"]

TEXT_LIMIT = 2000
REMIND_WITHIN = dt.timedelta(days=180)


@sensitive_variables()
def _open(token: str, *, table: str, column: str, row_uid: str) -> Confidential | None:
    if not token:
        return Confidential("")
    try:
        return crypto.open_sealed(token, table=table, column=column, row_uid=row_uid)
    except (KeyMissing, Unreadable):
        return None


@sensitive_variables()
def own_results(*, actor: Actor, settings: PlaceSettings, limit: int | None = 10) -> list[OwnResult]:
    """Key question, ideas and takeaway of the actor's consulted cases at this place, newest first. Three queries."""
    rows = list(access.own_session_cases(actor).filter(session__state="ended").order_by("-session__ended_at", "-pk")[:limit])
    ideas: dict[int, list[tuple[Confidential, bool]]] = {row.pk: [] for row in rows}
    for idea in Idea.objects.filter(
        session_case__in=rows, merged_into__isnull=True, removed_at__isnull=True
    ).order_by("seq", "pk"):
        text = _open(idea.text_sealed, table="idea", column="text", row_uid=idea.row_uid)
        if text is not None:
            ideas[idea.session_case_id].append((text, idea.column == 1))
    return [_result(row, ideas[row.pk], settings) for row in rows]


@sensitive_variables()
def _result(row: SessionCase, ideas: list[tuple[Confidential, bool]], settings: PlaceSettings) -> OwnResult:
    own = getattr(row, "takeaway", None)
    return OwnResult(
        session_case_uid=row.row_uid,
        key_question=_open(
            row.key_question_sealed, table="session_case", column="key_question", row_uid=row.row_uid
        ),
        ideas=tuple(ideas),
        takeaway=_open(own.text_sealed, table="takeaway", column="text", row_uid=own.row_uid) if own else None,
        first_step=_open(own.first_step_sealed, table="takeaway", column="first_step", row_uid=own.row_uid)
        if own
        else None,
        remind_on=own.remind_on if own else None,
        deleted_on=(row.session.group.slot.ends_at + dt.timedelta(days=settings.retention_text_days)).date(),
    )


def _day(value: Any) -> dt.date | None:
    if value in (None, ""):
        return None
    try:
        day = value if isinstance(value, dt.date) else dt.date.fromisoformat(str(value))
    except ValueError:
        raise Invalid({"remind_on": "date"}) from None
    today = timezone.now().date()
    if not today < day <= today + REMIND_WITHIN:
        raise Invalid({"remind_on": "range"})
    return day


@retried
@sensitive_variables()
def save_takeaway(
    *, actor: Actor, session_case_uid: str, text: str, first_step: str = "", remind_on: Any = None
) -> None:
    """What the case giver takes along, the first step, and the day of a reminder to oneself (at most 180 days ahead)."""
    access.require_writer(actor)
    row = access.own_session_case(actor, session_case_uid)
    errors: dict[str, object] = {}
    values = {"text": text, "first_step": first_step}
    for name, value in values.items():
        if not isinstance(value, str):
            errors[name] = "text"
        elif len(value) > TEXT_LIMIT:
            errors[name] = "long"
    if errors:
        raise Invalid(errors)
    day = _day(remind_on)
    with transaction.atomic(durable=True):
        known = Takeaway.objects.filter(session_case=row).first()
        uid = known.row_uid if known else new_uid()
        sealed = {
            "text_sealed": crypto.seal(plain_text.lines(text), table="takeaway", column="text", row_uid=uid),
            "first_step_sealed": crypto.seal(plain_text.lines(first_step), table="takeaway", column="first_step", row_uid=uid),
            "remind_on": day,
        }
        if known is None:
            Takeaway.objects.create(row_uid=uid, session_case=row, owner_id=actor.user_id, **sealed)
        else:
            if known.remind_on != day:
                sealed["reminded_at"] = None
            Takeaway.objects.filter(pk=known.pk).update(**sealed)
        audit(
            actor, "takeaway.save", kind="session_case", uid=row.row_uid, place_id=row.session.group.round.place_id
        )


@retried
def forget_ideas(*, actor: Actor, session_case_uid: str) -> None:
    """The owner deletes the idea list, key question and takeaway of one case before their time."""
    access.require_writer(actor)
    row = access.own_session_case(actor, session_case_uid)
    with transaction.atomic(durable=True):
        Idea.objects.filter(session_case=row).delete()
        Takeaway.objects.filter(session_case=row).delete()
        SessionCase.objects.filter(pk=row.pk).update(key_question_sealed="")
        audit(
            actor, "ideas.delete", kind="session_case", uid=row.row_uid, place_id=row.session.group.round.place_id
        )
