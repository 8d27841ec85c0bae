"""Who was there, and what follows: attendance by the coordinator, reflection by each, completion for all."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

from django.db import transaction
from django.utils import timezone

from beratung_xblock import access, completion, crypto
from beratung_xblock.data import plain_text
from beratung_xblock.data.actor import Actor
from beratung_xblock.data.confidential import Confidential
from beratung_xblock.data.enums import SessionState, TakePart
from beratung_xblock.data.settings import PlaceSettings
from beratung_xblock.data.views import AttendanceView
from beratung_xblock.exceptions import Conflict, Invalid, KeyMissing, NotFound, Unreadable
from beratung_xblock.models import Attendance, Evidence, Group, Membership, Reflection, Registration, Session
from beratung_xblock.models._base import new_uid

from ._write import audit, locked_round, retried
from .rounds import rules_of

__all__ = ["all_present", "counts_as_attended", "my_reflections", "record", "reflect", "sheet"]


def scheduled_minutes(group: Group) -> int:
    """Planned length of a group's session, whole minutes."""
    return int((group.slot.ends_at - group.slot.starts_at).total_seconds() // 60)


def counts_as_attended(
    *, minutes: int, scheduled: int, override: bool | None, settings: PlaceSettings
) -> bool:
    """The coordinator's word if there is one, else the author's share of the scheduled minutes."""
    if override is not None:
        return override
    return scheduled > 0 and minutes >= math.ceil(settings.attendance_threshold * scheduled - 1e-9)


def sheet(*, actor: Actor, group_uid: str) -> list[AttendanceView]:
    """The attendance sheet of a group for its coordinator: members and what is recorded. Four queries."""
    group = access.led_group(actor, group_uid)
    settings = rules_of(group.round)
    recorded = {row.registration_id: row for row in Attendance.objects.filter(group=group)}
    reflected = set(Reflection.objects.filter(group=group).values_list("registration_id", flat=True))
    total = scheduled_minutes(group)
    lines = []
    for seat in (
        Membership.objects.select_related("registration")
        .filter(group=group, left_at__isnull=True)
        .order_by("registration__display_name", "pk")
    ):
        row = recorded.get(seat.registration_id)
        lines.append(
            AttendanceView(
                registration_uid=seat.registration.uid,
                display_name=seat.registration.display_name,
                minutes=row.minutes if row else None,
                scheduled_minutes=total,
                take_part=row.take_part if row else seat.registration.take_part,
                counts_as_attended=bool(row) and counts_as_attended(
                    minutes=row.minutes, scheduled=total, override=row.override, settings=settings
                ),
                override=row.override if row else None,
                reason=row.reason if row else "",
                reflected=seat.registration_id in reflected,
            )
        )
    return lines


def _line(raw: Mapping[str, Any], total: int, prefix: str) -> dict[str, Any]:
    """One person as typed; `entered` is False where minutes and decision are left empty."""
    errors: dict[str, object] = {}
    minutes = 0
    typed = str(raw.get("minutes", "")).strip()
    try:
        minutes = int(typed or "0")
    except ValueError:
        errors[f"{prefix}.minutes"] = "number"
    if not 0 <= minutes <= max(total * 2, 60):
        errors[f"{prefix}.minutes"] = "range"
    take_part = str(raw.get("take_part") or TakePart.ONLINE.value)
    if take_part not in {way.value for way in TakePart}:
        errors[f"{prefix}.take_part"] = "choice"
    override = {"yes": True, "no": False}.get(str(raw.get("override") or ""))
    reason = plain_text.one_line(str(raw.get("reason") or ""))
    if override is not None and not reason:
        errors[f"{prefix}.reason"] = "required"
    if len(reason) > 300:
        errors[f"{prefix}.reason"] = "long"
    if errors:
        raise Invalid(errors)
    entered = bool(typed) or override is not None
    return {"minutes": minutes, "take_part": take_part, "override": override, "reason": reason, "entered": entered}


@retried
def record(*, actor: Actor, group_uid: str, lines: Mapping[str, Mapping[str, Any]]) -> None:
    """Record minutes per person (keys are registration uids); completion follows at once, up and down.

    Who is left empty (no minutes, no override) gets no entry yet; emptying one that is stored means 0 minutes. An
    override ("yes"/"no") needs a reason. Raises Invalid with `<uid>.<field>`.
    """
    group = access.led_group(actor, group_uid)
    total = scheduled_minutes(group)
    errors: dict[str, object] = {}
    checked = {}
    for uid, raw in lines.items():
        try:
            checked[uid] = _line(raw, total, uid)
        except Invalid as error:
            errors.update(error.errors)
    if errors:
        raise Invalid(errors)
    with locked_round(group.round_id) as held:
        seats = {
            seat.registration.uid: seat.registration
            for seat in Membership.objects.select_related("registration").filter(group=group, left_at__isnull=True)
        }
        if set(checked) - set(seats):
            raise NotFound
        settings = rules_of(held)
        known = set(Attendance.objects.filter(group=group).values_list("registration__uid", flat=True))
        entered = {uid: values for uid, values in checked.items() if values["entered"] or uid in known}
        for uid, values in entered.items():
            registration = seats[uid]
            del values["entered"]
            Attendance.objects.update_or_create(
                group=group, registration=registration,
                defaults={
                    **values, "scheduled_minutes": total, "recorded_by_id": actor.user_id,
                    "updated_at": timezone.now(),
                },
            )
            _evidence(held, group, registration, settings)
        completion.write_after_commit(held.place_id, [row.user_id for row in seats.values() if row.user_id])
        audit(
            actor, "attendance.record", kind="group", uid=group.uid, place_id=held.place_id, round_uid=held.uid,
            people=len(entered),
        )


def _evidence(held, group: Group, registration: Registration, settings: PlaceSettings) -> None:
    """Bring the lasting evidence of one person in one round in line with attendance and reflection."""
    if registration.user_id is None:
        return
    rows = Attendance.objects.filter(registration=registration)
    attended = any(
        counts_as_attended(
            minutes=row.minutes, scheduled=row.scheduled_minutes, override=row.override, settings=settings
        )
        for row in rows
    )
    Evidence.objects.update_or_create(
        place_id=held.place_id, user_id=registration.user_id, round_uid=held.uid,
        defaults={
            "round": held,
            "attended": attended,
            "assigned": True,
            "minutes": sum(row.minutes for row in rows) if attended else 0,
            "reflected": Reflection.objects.filter(registration=registration).exists(),
            "on_date": group.slot.starts_at.date(),
        },
    )


@retried
def all_present(*, actor: Actor, group_uid: str, except_for: Sequence[str] = ()) -> None:
    """"Alle da": the full time for every member of whom nothing is stored yet, none for those named.

    What is stored stays: minutes that were corrected, a decision and its reason are changed in the sheet only.
    """
    group = access.led_group(actor, group_uid)
    total = scheduled_minutes(group)
    lines = {
        line.registration_uid: {
            "minutes": 0 if line.registration_uid in except_for else total, "take_part": line.take_part,
        }
        for line in sheet(actor=actor, group_uid=group_uid)
        if line.minutes is None
    }
    record(actor=actor, group_uid=group_uid, lines=lines)


@retried
def reflect(*, actor: Actor, group_uid: str, helped: Any, safe: Any, note: str = "") -> None:
    """Two questions, 1 to 5 each, and a note for oneself (sealed). Answering again changes the answers."""
    access.require_writer(actor)
    seat = access.membership(actor, group_uid)
    errors: dict[str, object] = {}
    answers = {}
    for name, value in (("helped", helped), ("safe", safe)):
        if str(value) not in ("1", "2", "3", "4", "5"):
            errors[name] = "required" if value in (None, "") else "choice"
        else:
            answers[name] = int(str(value))
    if not isinstance(note, str) or len(note) > 2000:
        errors["note"] = "long"
    if errors:
        raise Invalid(errors)
    begun = (SessionState.RUNNING.value, SessionState.ENDED.value)
    if seat.group.slot.starts_at > timezone.now() and not Session.objects.filter(group_id=seat.group_id, state__in=begun).exists():
        raise Conflict("too_early")
    with locked_round(seat.registration.round_id) as held:
        row = Reflection.objects.filter(group=seat.group, registration=seat.registration).first()
        uid = row.row_uid if row else new_uid()
        sealed = crypto.seal(plain_text.lines(note), table="reflection", column="note", row_uid=uid) if note else ""
        if row is None:
            Reflection.objects.create(
                row_uid=uid, group=seat.group, registration=seat.registration, note_sealed=sealed,
                created_at=timezone.now(), **answers,
            )
        else:
            Reflection.objects.filter(pk=row.pk).update(note_sealed=sealed, **answers)
        _evidence(held, seat.group, seat.registration, rules_of(held))
        completion.write_after_commit(held.place_id, [actor.user_id])
        audit(
            actor, "reflection.write", kind="group", uid=seat.group.uid, place_id=held.place_id, round_uid=held.uid
        )


def open_note(sealed: str | None, *, row_uid: str | None) -> Confidential | None:
    """The private note of a look back for its writer; None when there is none or its key is lost."""
    if not sealed:
        return None
    try:
        return crypto.open_sealed(sealed, table="reflection", column="note", row_uid=row_uid)
    except (KeyMissing, Unreadable):
        return None


def my_reflections(*, actor: Actor) -> dict[str, tuple[int, int]]:
    """Group uid -> (helped, safe) of the actor's own answers. One query."""
    seats = access.member_groups(actor).values("registration_id")
    return {
        uid: (helped, safe)
        for uid, helped, safe in Reflection.objects.filter(registration_id__in=seats).values_list(
            "group__uid", "helped", "safe"
        )
    }


def reconcile(*, place) -> int:
    """Rewrite completion of everybody with evidence at a place; returns how many people. For the nightly command."""
    users = sorted(set(Evidence.objects.filter(place=place, user__isnull=False).values_list("user_id", flat=True)))
    with transaction.atomic():
        completion.write(place, users)
    return len(users)
