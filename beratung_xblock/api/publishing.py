"""From the board to published groups: the one moment at which people are told."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection
from dataclasses import replace

from django.utils import timezone

from beratung_xblock import access, completion, outbox
from beratung_xblock.assignment import Instance
from beratung_xblock.data.actor import Actor
from beratung_xblock.data.enums import GroupState, Role, RoundState
from beratung_xblock.data.settings import PlaceSettings
from beratung_xblock.data.views import GroupView, MemberView
from beratung_xblock.exceptions import Conflict, Invalid
from beratung_xblock.models import Attendance, Evidence, Group, Membership, Registration, Round, Session, Slot
from beratung_xblock.process.templates import parse_template, template, to_dict

from . import _instance, _not_placed, session_cache
from ._proposals import latest, problems
from ._write import audit, locked_round, retried
from .rounds import _slot_view, rules_of

__all__ = ["confirm", "led_groups", "led_page", "my_groups", "publish"]

MAY_BE_ACCEPTED = {"H2": "small_group", "H5": "no_case"}
"""Broken rules a coordinator may accept knowingly: a group of three (Troika), a group without a case."""


def _refusals(
    instance: Instance, rows: Collection[str], groups: list[dict], accept: Collection[str]
) -> dict[str, object]:
    placed = {m for g in groups for m in g["members"]}
    unplaced = {uid: "competition" for uid in rows if uid not in placed}
    sizes = {g["id"]: len(g["members"]) for g in groups}
    cases = {g["id"]: len(g["cases"]) for g in groups}
    refused: dict[str, object] = {}
    for subject, faults in problems(instance, _instance.solution_of(groups, unplaced)).items():
        for rule, word in faults:
            if rule == "H2" and sizes.get(subject) == 3 and "small_group" in accept:
                continue
            if rule == "H5" and cases.get(subject) == 0 and "no_case" in accept:
                continue
            refused[f"{rule}.{subject}"] = word
    return refused


@retried
def publish(*, actor: Actor, round_uid: str, number: int, accept: Collection[str] = (), ends_signup: bool = False) -> None:
    """Publish the newest revision: groups, seats, sessions, mails; only what differs from before is touched and told.

    Every rule is checked again first: Invalid maps "rule.subject" to what is wrong. `accept` may hold "small_group"
    (three people) and "no_case". While people may still sign up, `ends_signup` says that this is meant: else
    Invalid({"ends_signup": "signup_open"}).
    """
    round_ = access.led_round(actor, round_uid)
    revision = latest(round_.pk)
    if revision is None or revision.number != number:
        raise Conflict("stale", current_version=revision.number if revision else 0)
    if not revision.groups:
        raise Invalid({"groups": "required"})
    read = _instance.source(round_, rules_of(round_))
    instance = read.everybody
    refused = _refusals(instance, read.keys, revision.groups, accept)
    if round_.state == RoundState.OPEN.value and round_.closes_at > timezone.now() and not ends_signup:
        refused = {**refused, "ends_signup": "signup_open"}
    if refused:
        raise Invalid(refused)
    placed = {m for g in revision.groups for m in g["members"]}
    reasons = _not_placed.reasons(instance, placed)
    with locked_round(round_.pk) as held:
        if held.state not in (RoundState.OPEN.value, RoundState.CLOSED.value, RoundState.PUBLISHED.value):
            raise Conflict("round_state")
        newest = latest(held.pk)
        if newest is None or newest.number != number:
            raise Conflict("stale", current_version=newest.number if newest else 0)
        rows = {row.uid: row for row in Registration.objects.filter(round=held, state="registered")}
        if any(m not in rows for g in revision.groups for m in g["members"]):
            raise Conflict("changed_meanwhile")
        told = _apply(held, revision.groups, rows)
        if held.state != RoundState.PUBLISHED.value:
            held.state = RoundState.PUBLISHED.value
            held.published_at = timezone.now()
            held.save(update_fields=["state", "published_at"])
        _not_placed.note(rows, reasons)
        users = []
        for uid, row in rows.items():
            if row.user_id is None:
                continue
            users.append(row.user_id)
            Evidence.objects.filter(place_id=held.place_id, user_id=row.user_id, round_uid=held.uid).update(
                assigned=uid in placed
            )
        for uid in sorted(rows.keys() - placed):
            outbox.tell(rows[uid], kind="not_placed", place_id=held.place_id, cause=f"revision{number}")
        completion.write_after_commit(held.place_id, users)
        audit(
            actor, "round.publish", kind="round", uid=held.uid, place_id=held.place_id, round_uid=held.uid,
            revision=number, groups=len(revision.groups), told=told,
        )


def _role(raw: dict, uid: str) -> str:
    if uid == raw["moderator"]:
        return Role.MODERATOR.value
    return Role.CASE_GIVER.value if uid in raw["cases"] else Role.ADVISER.value


def _apply(held: Round, groups: list[dict], rows: dict[str, Registration]) -> int:
    now = timezone.now()
    settings = rules_of(held)
    process = parse_template(settings.own_template) if settings.template == "own" else template(settings.template)
    snapshot = to_dict(process)
    slots = {slot.uid: slot for slot in Slot.objects.filter(round=held)}
    existing = {group.uid: group for group in Group.objects.filter(round=held)}
    wanted = {raw["id"] for raw in groups}
    told = 0
    for uid, group in existing.items():
        if uid not in wanted and group.state == GroupState.PUBLISHED.value:
            Group.objects.filter(pk=group.pk).update(
                state=GroupState.CANCELLED.value, membership_version=group.membership_version + 1
            )
            Membership.objects.filter(group=group, left_at__isnull=True).update(left_at=now)
            session_cache.group_changed(group.pk)
    next_number = max((group.number for group in existing.values()), default=0) + 1
    for raw in sorted(groups, key=lambda g: (slots[g["slot"]].starts_at, g["id"])):
        facilitator = None
        if raw["moderator"].startswith("f") and raw["moderator"] not in rows:
            facilitator = int(raw["moderator"][1:])
        group = existing.get(raw["id"])
        if group is None:
            group = Group.objects.create(
                uid=raw["id"], round=held, slot=slots[raw["slot"]], number=next_number, language=raw["lang"],
                facilitator_id=facilitator, published_at=now,
            )
            next_number += 1
            Session.objects.create(group=group, template=snapshot)
        elif group.state == GroupState.MERGED.value:  # joined on the evening, and taken back: its session begins anew
            Session.objects.filter(group=group).delete()
            Session.objects.create(group=group, template=snapshot)
        moved = group.slot_id != slots[raw["slot"]].pk
        seats = {m.registration_id: m for m in Membership.objects.filter(group=group)}
        wanted_rows = {rows[uid].pk: uid for uid in raw["members"]}
        for pk, seat in seats.items():
            if pk not in wanted_rows and seat.left_at is None:
                seat.left_at = now
                seat.save(update_fields=["left_at"])
        for pk, uid in wanted_rows.items():
            values = {
                "planned_role": _role(raw, uid),
                "heard_order": raw["cases"].index(uid) + 1 if uid in raw["cases"] else None,
                "pinned": raw["pinned"] or uid in raw["pinned_members"],
                "left_at": None,
            }
            seat = seats.get(pk)
            if seat is None or seat.left_at is not None:
                Membership.objects.update_or_create(
                    group=group, registration_id=pk, defaults={**values, "joined_at": now}
                )
                kind = "changed" if existing else "assigned"
                outbox.tell(rows[uid], kind=kind, place_id=held.place_id, cause=f"{group.uid}v{held.version}",
                            group=group.uid)
                told += 1
            else:
                Membership.objects.filter(pk=seat.pk).update(**values)
                if moved:
                    outbox.tell(rows[uid], kind="changed", place_id=held.place_id,
                                cause=f"{group.uid}v{held.version}", group=group.uid)
                    told += 1
        Group.objects.filter(pk=group.pk).update(
            slot=slots[raw["slot"]], language=raw["lang"], facilitator_id=facilitator,
            state=GroupState.PUBLISHED.value, membership_version=group.membership_version + 1,
        )
        session_cache.group_changed(group.pk)
    return told


# --- reading ---------------------------------------------------------------------------------------------------------


def _group_view(
    group: Group, seats: list[Membership], settings: PlaceSettings, *, me: int | None, reveal: bool
) -> GroupView:
    opens = group.slot.starts_at - dt.timedelta(minutes=settings.doors_open_minutes)
    shown = reveal or timezone.now() >= opens
    session = getattr(group, "session", None)
    return GroupView(
        uid=group.uid,
        number=group.number,
        language=group.language,
        slot=_slot_view(group.slot),
        members=tuple(
            MemberView(
                registration_uid=seat.registration.uid, display_name=seat.registration.display_name,
                planned_role=seat.planned_role, is_me=seat.registration_id == me, confirmed=bool(seat.confirmed_at),
            )
            for seat in seats
        ),
        my_role=next((seat.planned_role for seat in seats if seat.registration_id == me), ""),
        meeting_from=opens,
        meeting_url=(group.meeting_url or group.slot.meeting_url) if shown else "",
        meeting_number=(group.meeting_number or group.slot.meeting_number) if shown else "",
        meeting_passcode=(group.meeting_passcode or group.slot.meeting_passcode) if shown else "",
        dial_in=(group.dial_in or group.slot.dial_in) if shown else "",
        session_uid=session.uid if session else "",
        session_state=session.state if session else "",
    )


def _seats(groups: Collection[Group]) -> dict[int, list[Membership]]:
    found: dict[int, list[Membership]] = {group.pk: [] for group in groups}
    for seat in (
        Membership.objects.select_related("registration")
        .filter(group_id__in=found, left_at__isnull=True)
        .order_by("registration__display_name", "pk")
    ):
        found[seat.group_id].append(seat)
    return found


def my_groups(*, actor: Actor, settings: PlaceSettings) -> list[GroupView]:
    """The actor's groups at this place, next first; the meeting link only from the set time on. Three queries."""
    mine = list(
        access.member_groups(actor).select_related("group__session").order_by("group__slot__starts_at", "pk")
    )
    seats = _seats([m.group for m in mine])
    return [
        _group_view(m.group, seats[m.group_id], settings, me=m.registration_id, reveal=False) for m in mine
    ]


def led_groups(*, actor: Actor, round_uid: str) -> list[GroupView]:
    """All published groups of a round for its coordinator, with meeting data. Constant queries."""
    round_ = access.led_round(actor, round_uid)
    groups = list(
        Group.objects.select_related("slot", "session").filter(round=round_, state=GroupState.PUBLISHED.value)
        .order_by("slot__starts_at", "number")
    )
    seats = _seats(groups)
    settings = rules_of(round_)
    return [_group_view(group, seats[group.pk], settings, me=None, reveal=True) for group in groups]


GROUPS_A_PAGE = 20


def led_page(*, actor: Actor, round_uid: str, around: str = "", offset: int = 0) -> tuple[list[GroupView], int, int]:
    """One page of a round's groups for its coordinator: (groups, how many in all, offset). Constant queries.

    `around` is the uid of a group whose page is wanted, whatever the offset.
    """
    round_ = access.led_round(actor, round_uid)
    rows = Group.objects.filter(round=round_, state=GroupState.PUBLISHED.value).order_by("slot__starts_at", "number")
    uids = list(rows.values_list("uid", flat=True))
    if around in uids:
        offset = uids.index(around)
    offset = max(0, min(offset, len(uids) - 1)) // GROUPS_A_PAGE * GROUPS_A_PAGE if uids else 0
    groups = list(rows.select_related("slot", "session")[offset : offset + GROUPS_A_PAGE])
    seats = _seats(groups)
    settings = rules_of(round_)
    entered = set(Attendance.objects.filter(group__in=groups).values_list("group_id", "registration_id"))
    views = [
        replace(
            _group_view(group, seats[group.pk], settings, me=None, reveal=True),
            is_recorded=bool(seats[group.pk]) and all((group.pk, seat.registration_id) in entered for seat in seats[group.pk]),
        )
        for group in groups
    ]
    return views, len(uids), offset


@retried
def confirm(*, actor: Actor, group_uid: str) -> None:
    """"Ich komme": the member confirms the date."""
    access.require_writer(actor)
    seat = access.membership(actor, group_uid)
    with locked_round(seat.registration.round_id):
        Membership.objects.filter(pk=seat.pk, confirmed_at__isnull=True).update(confirmed_at=timezone.now())
