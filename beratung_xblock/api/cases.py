"""Cases: draft, submit, withdraw, and reading one's own. Every text is sealed before it reaches the database."""

from __future__ import annotations

import datetime as dt
import json
import re
from collections.abc import Mapping
from typing import Any

from django.db import transaction
from django.db.models import F
from django.utils import timezone

from beratung_xblock import access, anonymise, crypto
from beratung_xblock.data import plain_text
from beratung_xblock.data.actor import Actor
from beratung_xblock.data.cases import CaseText, ListedCase, OwnCase
from beratung_xblock.data.confidential import Confidential
from beratung_xblock.data.enums import CaseState, RegistrationState
from beratung_xblock.data.settings import PlaceSettings, settings_from_snapshot
from beratung_xblock.exceptions import Conflict, Invalid, KeyMissing, Unreadable
from beratung_xblock.models import Case, ContactRequest, Registration, SessionCase
from beratung_xblock.models._base import new_uid

from . import session_upkeep, undertaking
from ._write import audit, locked_round, retried
from .rounds import rules_of

__all__ = [
    "BOUNDARIES", "ask_for_contact", "delete_case", "draft_of", "keep_case", "listed", "own_cases",
    "read_for_coordination", "save_draft", "set_staff_may_read", "submit", "withdraw",
]

TABLE = "case"
PHONE = re.compile(r"(?=(?:\D*\d){5})[0-9 +()/.-]{5,40}")
BOUNDARIES = ("child", "suicide", "violence", "crime")
"""Topics that are no case for a group of volunteers; a legal question is only a hint."""
FIELDS = ("situation", "tried", "key_question", "method")
TITLE_LIMIT = 120
DRAFT_LIMIT = 20000


def seal_case(*, row_uid: str, title: str, body: Mapping[str, str]) -> dict[str, str]:
    """The two sealed columns of a case, bound to its row."""
    return {
        "title_sealed": crypto.seal(title, table=TABLE, column="title", row_uid=row_uid),
        "body_sealed": crypto.seal(
            json.dumps(dict(body), ensure_ascii=False), table=TABLE, column="body", row_uid=row_uid
        ),
    }


def open_title(case: Case) -> Confidential | None:
    """The title, None when the key is lost."""
    if not case.title_sealed:
        return Confidential("")
    try:
        return crypto.open_sealed(case.title_sealed, table=TABLE, column="title", row_uid=case.row_uid)
    except (KeyMissing, Unreadable):
        return None


def open_text(case: Case) -> CaseText | None:
    """The whole text, None when the key is lost."""
    title = open_title(case)
    if title is None:
        return None
    body: dict[str, str] = {}
    if case.body_sealed:
        try:
            sealed = crypto.open_sealed(case.body_sealed, table=TABLE, column="body", row_uid=case.row_uid)
        except (KeyMissing, Unreadable):
            return None
        body = json.loads(sealed.reveal())
    return CaseText(
        title=title,
        situation=Confidential(body.get("situation", "")),
        tried=Confidential(body.get("tried", "")),
        key_question=Confidential(body.get("key_question", "")),
        method=body.get("method", ""),
    )


def deleted_on(case: Case, settings: PlaceSettings) -> dt.date:
    """The day on which the purge removes the case unless something changes, by the settings of the place as they are now."""
    if case.state not in (CaseState.SUBMITTED.value, CaseState.CONSULTED.value):
        return (case.updated_at + dt.timedelta(days=settings.retention_draft_days)).date()
    start = case.updated_at
    if case.registration is not None:
        last = case.registration.round.slots.order_by("-ends_at").values_list("ends_at", flat=True).first()
        start = max(start, last) if last else start
    return (start + dt.timedelta(days=settings.retention_text_days)).date()


def view_of(case: Case, settings: PlaceSettings) -> OwnCase:
    """A case as its owner sees it; who else can read it comes from the function that decides access."""
    readers = access.readers_of(case)
    text = open_text(case)
    return OwnCase(
        uid=case.row_uid,
        round_uid=case.registration.round.uid if case.registration else "",
        state=case.state,
        version=case.version,
        urgency=case.urgency,
        staff_may_read=case.staff_may_read,
        text=text,
        unreadable=text is None,
        readable_by_coordination=readers.coordination,
        readable_by_group_of=readers.group_size,
        updated_at=case.updated_at,
        deleted_on=deleted_on(case, settings),
    )


def own_cases(*, actor: Actor, settings: PlaceSettings) -> list[OwnCase]:
    """All cases of the actor at this place, newest first (at most 20)."""
    return [view_of(case, settings) for case in access.own_cases(actor)[:20]]


def draft_of(*, actor: Actor, registration: Registration | None, settings: PlaceSettings) -> OwnCase | None:
    """The actor's draft, submitted or withdrawn case of a round, the latest one."""
    case = access.own_cases(actor).filter(registration=registration).first() if registration else None
    return view_of(case, settings) if case else None


def _text(raw: Mapping[str, Any], name: str, limit: int, errors: dict[str, object]) -> str:
    value = raw.get(name)
    if value is None:
        return ""
    if not isinstance(value, str):
        errors[name] = "text"
        return ""
    value = plain_text.one_line(value) if name == "title" else plain_text.lines(value)
    if len(value) > limit:
        errors[name] = "long"
    return value


def _read(raw: Mapping[str, Any], settings: PlaceSettings, *, final: bool) -> tuple[str, dict[str, str], int]:
    errors: dict[str, object] = {}
    limit = settings.case_max_chars if final else DRAFT_LIMIT
    title = _text(raw, "title", TITLE_LIMIT, errors)
    body = {
        "situation": _text(raw, "situation", limit, errors),
        "tried": _text(raw, "tried", limit, errors),
        "key_question": _text(raw, "key_question", 500 if final else DRAFT_LIMIT, errors),
        "method": _text(raw, "method", 40, errors),
    }
    urgency = str(raw.get("urgency") or "1")
    if urgency not in ("1", "2", "3"):
        errors["urgency"] = "choice"
        urgency = "1"
    if final:
        if not title:
            errors.setdefault("title", "required")
        if len(body["situation"]) < settings.case_min_chars:
            errors.setdefault("situation", "short" if body["situation"] else "required")
    if errors:
        raise Invalid(errors)
    return title, body, int(urgency)


def _draft_row(actor: Actor, registration: Registration) -> Case | None:
    return (
        access.own_cases(actor)
        .filter(registration=registration, state__in=(CaseState.DRAFT.value, CaseState.WITHDRAWN.value))
        .first()
    )


@retried
def save_draft(*, actor: Actor, round_uid: str, draft: Mapping[str, Any], version: int | None = None) -> OwnCase:
    """Keep what is typed, readable by nobody but the owner. Long drafts up to 20,000 characters a field are kept.

    With `version` given, Conflict("stale") when another tab saved later. Creates the draft on first call.
    """
    access.require_writer(actor)
    registration = access.own_registration(actor, round_uid)
    settings = rules_of(registration.round)
    title, body, urgency = _read(draft, settings, final=False)
    with transaction.atomic(durable=True):
        if registration.state == RegistrationState.CANCELLED.value:
            raise Conflict("cancelled")
        case = _draft_row(actor, registration)
        if case is None:
            if access.own_cases(actor).filter(registration=registration, state=CaseState.SUBMITTED.value).exists():
                raise Conflict("submitted")
            uid = new_uid()
            case = Case.objects.create(
                row_uid=uid, place=registration.round.place, owner_id=actor.user_id, registration=registration,
                urgency=urgency, updated_at=timezone.now(), **seal_case(row_uid=uid, title=title, body=body),
            )
        else:
            rows = Case.objects.filter(pk=case.pk)
            if version is not None:
                rows = rows.filter(version=version)
            changed = rows.update(
                urgency=urgency, state=CaseState.DRAFT.value, updated_at=timezone.now(), version=F("version") + 1,
                **seal_case(row_uid=case.row_uid, title=title, body=body),
            )
            if not changed:
                raise Conflict("stale", current_version=case.version)
        case = access.own_case(actor, case.row_uid)
    return view_of(case, settings_from_snapshot(case.place.settings))


@retried
def submit(
    *,
    actor: Actor,
    round_uid: str,
    case: Mapping[str, Any],
    boundaries: Mapping[str, Any],
    declared_harmless: bool = False,
    staff_may_read: bool = False,
) -> OwnCase:
    """Put one's case on the round's list. Submitted is not shared: the coordination sees title and urgency.

    `boundaries` answers every word of BOUNDARIES and "law" with "yes" or "no"; a "yes" (but for "law") raises
    Invalid({"boundary": word}) and nothing is stored but the draft. Direct identifiers must be replaced or declared
    harmless: Invalid({"anonymise": "direct"}).
    """
    access.require_writer(actor)
    registration = access.own_registration(actor, round_uid)
    settings = rules_of(registration.round)
    title, body, urgency = _read(case, settings, final=True)
    answers = {word: str(boundaries.get(word, "")) for word in (*BOUNDARIES, "law")}
    unanswered = {f"boundary_{word}": "required" for word, answer in answers.items() if answer not in ("yes", "no")}
    if unanswered:
        raise Invalid(unanswered)
    for word in BOUNDARIES:
        if answers[word] == "yes":
            raise Invalid({"boundary": word})
    text = "\n".join((title, body["situation"], body["tried"], body["key_question"]))
    if not declared_harmless and any(found.strength == "direct" for found in anonymise.findings(text)):
        raise Invalid({"anonymise": "direct"})
    with locked_round(registration.round_id) as held:
        current = Registration.objects.get(pk=registration.pk)
        if current.state == RegistrationState.CANCELLED.value:
            raise Conflict("cancelled")
        if held.state not in ("open", "closed", "published"):
            raise Conflict("closed")
        mine = access.own_cases(actor).filter(registration=registration)
        if mine.filter(state=CaseState.SUBMITTED.value).exists():
            raise Conflict("submitted")
        row = _draft_row(actor, registration)
        now = timezone.now()
        uid = row.row_uid if row else new_uid()
        values = {
            "state": CaseState.SUBMITTED.value, "urgency": urgency, "staff_may_read": bool(staff_may_read),
            "submitted_at": now, "updated_at": now, **seal_case(row_uid=uid, title=title, body=body),
        }
        if row is None:
            Case.objects.create(
                row_uid=uid, place_id=held.place_id, owner_id=actor.user_id, registration=registration, **values
            )
        else:
            Case.objects.filter(pk=row.pk).update(**values, version=F("version") + 1)
        if not current.brings_case or current.urgency != urgency:
            Registration.objects.filter(pk=current.pk).update(brings_case=True, urgency=urgency)
        audit(actor, "case.submit", kind="case", uid=uid, place_id=held.place_id, round_uid=held.uid)
        saved = access.own_case(actor, uid)
    return view_of(saved, settings_from_snapshot(saved.place.settings))


@retried
def withdraw(*, actor: Actor, case_uid: str) -> None:
    """Take a case back at once, at any time, also during a session: nobody but the owner can read it from now on."""
    if actor.user_id is None or actor.is_masquerading:
        access.require_writer(actor)
    case = access.own_case(actor, case_uid)
    with transaction.atomic(durable=True):
        now = timezone.now()
        Case.objects.filter(pk=case.pk).exclude(state=CaseState.DRAFT.value).update(
            state=CaseState.WITHDRAWN.value, staff_may_read=False, updated_at=now, version=F("version") + 1
        )
        SessionCase.objects.filter(case_id=case.pk, closed_at__isnull=True).update(closed_at=now)
        audit(actor, "case.withdraw", kind="case", uid=case.row_uid, place_id=case.place_id)
    session_upkeep.close_case_everywhere(case_uid=case.row_uid)


@retried
def set_staff_may_read(*, actor: Actor, case_uid: str, allowed: bool) -> None:
    """The owner's tick "Koordination darf vorab lesen", on or off at any time before the session."""
    access.require_writer(actor)
    case = access.own_case(actor, case_uid)
    with transaction.atomic(durable=True):
        Case.objects.filter(pk=case.pk).update(staff_may_read=bool(allowed), version=F("version") + 1)
        audit(
            actor, "case.staff_may_read", kind="case", uid=case.row_uid, place_id=case.place_id, allowed=bool(allowed)
        )


@retried
def delete_case(*, actor: Actor, case_uid: str) -> None:
    """Delete one's own case with its text for good."""
    access.require_writer(actor)
    case = access.own_case(actor, case_uid)
    with transaction.atomic(durable=True):
        audit(actor, "case.delete", kind="case", uid=case.row_uid, place_id=case.place_id)
        SessionCase.objects.filter(case_id=case.pk, closed_at__isnull=True).update(closed_at=timezone.now())
        Case.objects.filter(pk=case.pk).delete()
    session_upkeep.close_case_everywhere(case_uid=case.row_uid)


@retried
def keep_case(*, actor: Actor, case_uid: str) -> None:
    """Keep an unused case as a draft for the next meeting."""
    access.require_writer(actor)
    case = access.own_case(actor, case_uid)
    with transaction.atomic(durable=True):
        Case.objects.filter(pk=case.pk).update(
            state=CaseState.KEPT.value, staff_may_read=False, registration=None, updated_at=timezone.now(), version=F("version") + 1
        )
        SessionCase.objects.filter(case_id=case.pk, closed_at__isnull=True).update(closed_at=timezone.now())
        audit(actor, "case.keep", kind="case", uid=case.row_uid, place_id=case.place_id)
    session_upkeep.close_case_everywhere(case_uid=case.row_uid)


def listed(*, actor: Actor, round_uid: str, offset: int = 0, limit: int = 50) -> list[ListedCase]:
    """Submitted cases of a round for the coordinator: title and urgency only. One query."""
    rows = access.listed_cases(actor, round_uid)[offset : offset + limit]
    return [
        ListedCase(
            uid=row.row_uid, title=open_title(row) or Confidential(""), urgency=row.urgency,
            display_name=row.registration.display_name, registration_uid=row.registration.uid,
            staff_may_read=row.staff_may_read, submitted_at=row.submitted_at or row.updated_at,
        )
        for row in rows
    ]


@retried
def read_for_coordination(*, actor: Actor, case_uid: str) -> CaseText | None:
    """The text of a case whose owner allowed the coordination to read it; None when the key is lost. Audited.

    Raises UndertakingNeeded for a coordinator who has not accepted the version in force.
    """
    with transaction.atomic():
        case = access.case_allowed_to_coordination(actor, case_uid)
        undertaking.require(actor=actor, settings=settings_from_snapshot(case.place.settings))
        return open_text(case)


@retried
def ask_for_contact(*, actor: Actor, phone: str = "") -> None:
    """The owner asks the staff to call back; the request holds no reason and no text.

    `phone` is the number to call (digits, blanks and +/()-.; at most 40 characters) or empty: then the staff has the
    address of the account. Raises Invalid({"phone": "phone"}).
    """
    access.require_writer(actor)
    place = access.place(actor)
    number = plain_text.one_line(phone)
    if number and not PHONE.fullmatch(number):
        raise Invalid({"phone": "phone"})
    with transaction.atomic(durable=True):
        if not ContactRequest.objects.filter(
            place=place, user_id=actor.user_id, answered_at__isnull=True
        ).exists():
            row = ContactRequest.objects.create(place=place, user_id=actor.user_id, phone=number)
            audit(actor, "contact.ask", kind="contact", uid=row.uid, place_id=place.pk)
