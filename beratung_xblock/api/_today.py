"""What needs the coordinator now: the lines of "Heute". A constant number of queries for any number of people."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.db.models import Count, Exists, OuterRef, Subquery
from django.db.models.functions import Coalesce
from django.utils import timezone

from beratung_xblock import access
from beratung_xblock.data.actor import Actor
from beratung_xblock.data.desk import Need
from beratung_xblock.data.enums import GroupState, MailState, RoundState, SessionState
from beratung_xblock.models import Attendance, ContactRequest, Group, Membership, OutboxMail, Round

from . import asking, calls, closing
from ._counts import Counts, counts_of_all
from .rounds import rules_of

ANSWERS_AHEAD = dt.timedelta(days=3)
"""So long before a session people who have not confirmed are named; CASES_AHEAD the same for a planned case not handed in."""
CASES_AHEAD = dt.timedelta(days=7)


def today(*, actor: Actor) -> list[Need]:
    """What needs the coordinator now, most urgent first. A constant number of queries for any number of people."""
    if not actor.may_lead:
        access.place(actor)
        return []
    now = timezone.now()
    failed_mails = OutboxMail.objects.filter(place=OuterRef("place"), state=MailState.FAILED.value).order_by().values("place")
    rounds = list(
        Round.objects.select_related("place")
        .annotate(failed_mails=Coalesce(Subquery(failed_mails.annotate(number=Count("pk")).values("number")), 0))
        .filter(place__usage_key=actor.usage_key, place__is_active=True)
        .exclude(state__in=(RoundState.CANCELLED.value, RoundState.FINISHED.value))
        .order_by("closes_at")[:20]
    )
    place = rounds[0].place if rounds else access.place(actor)
    needs: list[Need] = []
    for request in access.led_contacts(actor).order_by("pk")[:20]:
        needs.append(
            Need(
                kind="contact", section="contact", object_uid=request.uid, urgent=True,
                params={"name": request.user.get_full_name() or request.user.get_username() if request.user else "?",
                        "since": request.created_at, "phone": request.phone, "address": _address(request)},
            )
        )
    counts = counts_of_all(rounds)
    groups = _groups(place.pk, now)
    asked = asking.asked_today(uids=[each.uid for each in (*rounds, *groups)])
    for round_ in rounds:
        needs += _round_needs(round_, counts[round_.pk], now, asked)
    needs += _group_needs(groups, now, asked)
    needs += calls.needed(actor=actor, place_id=place.pk, now=now)
    failed = rounds[0].failed_mails if rounds else OutboxMail.objects.filter(place=place, state=MailState.FAILED.value).count()
    if failed:
        needs.append(Need(kind="mail_failed", section="mails", params={"count": failed, "state": MailState.FAILED.value}, urgent=True))
    for year, quarter in closing.waiting_to_be_closed(place_id=place.pk, now=now):
        needs.append(Need(kind="close_quarter" if quarter else "close_year", section="report", params={"year": year, "quarter": quarter}))
    if not rounds:
        needs.append(Need(kind="no_round", section="rounds"))
    return sorted(needs, key=lambda need: not need.urgent)


def _round_needs(round_: Round, counts: Counts, now: dt.datetime, asked: set[tuple[str, str]]) -> list[Need]:
    base = {"round_uid": round_.uid}
    params = {"title": round_.title, "registered": counts.held, "waiting": counts.waiting, "closes_at": round_.closes_at}
    if round_.state == RoundState.DRAFT.value:
        return [Need(kind="round_draft", section="rounds", params=params, **base)]
    if round_.state == RoundState.PUBLISHED.value:
        if counts.unplaced:
            return [Need(kind="unplaced", section="assignment", params={**params, "count": counts.unplaced}, **base)]
        return []
    settings = rules_of(round_)
    found = []
    if counts.held and counts.moderators * settings.group_max < counts.held:
        missing = -(-counts.held // settings.group_max) - counts.moderators
        may_ask = round_.state == RoundState.OPEN.value and round_.closes_at > now and (asking.MODERATE, round_.uid) not in asked
        act = "round.ask_moderators" if may_ask else ""
        found.append(
            Need(kind="moderators_missing", section="registrations", params={**params, "count": missing}, act=act, **base)
        )
    over = round_.state == RoundState.CLOSED.value or round_.closes_at <= now
    if over:
        found.append(Need(kind="assign", section="assignment", params=params, urgent=True, **base))
    else:
        found.append(Need(kind="round_open", section="registrations", params=params, **base))
    return found


def _address(request: ContactRequest) -> str:
    """Where somebody who gave no number can be reached: the mail address of the account."""
    return request.user.email if request.user and not request.phone else ""


def _groups(place_pk: int, now: dt.datetime) -> list[Group]:
    """The next and the latest published groups, each with its people counted and whether its attendance is written. One query."""
    people = Membership.objects.filter(group=OuterRef("pk"), left_at__isnull=True).order_by().values("group").annotate(n=Count("pk"))
    return list(
        Group.objects.select_related("slot", "round", "round__place", "session")
        .annotate(people=Coalesce(Subquery(people.values("n")), 0), has_sheets=Exists(Attendance.objects.filter(group=OuterRef("pk"))))
        .filter(round__place_id=place_pk, state=GroupState.PUBLISHED.value, slot__ends_at__gte=now - dt.timedelta(days=30))
        .exclude(round__state=RoundState.CANCELLED.value)
        .exclude(slot__is_cancelled=True)
        .order_by("slot__starts_at", "number")[:60]
    )


def _group_needs(groups: list[Group], now: dt.datetime, asked: set[tuple[str, str]]) -> list[Need]:
    ahead = [group for group in groups if group.slot.starts_at > now]
    silent, caseless = asking.groups_needing([group for group in ahead if group.slot.starts_at - now <= CASES_AHEAD])
    found: list[Need] = []
    joined: set[int] = set()
    for group in groups:
        params = {"number": group.number, "starts_at": group.slot.starts_at, "ends_at": group.slot.ends_at,
                  "time_zone": group.slot.time_zone, "people": group.people}
        base = {"round_uid": group.round.uid, "object_uid": group.uid}
        session = getattr(group, "session", None)
        if group.slot.ends_at <= now or (session is not None and session.state == SessionState.ENDED.value):
            if not group.has_sheets:
                found.append(Need(kind="attendance", section="sessions", params=params, urgent=True, **base))
            continue
        settings = rules_of(group.round)
        wait = group.slot.starts_at - now
        if wait <= dt.timedelta(hours=24):
            running = session is not None and session.state == SessionState.RUNNING.value
            found.append(
                Need(kind="session_running" if running else "session_soon", section="sessions", params=params, **base)
            )
        if group.people < settings.group_min and group.pk not in joined:
            partner = _partner(group, ahead, settings.group_min, settings.group_max)
            if partner is None:
                found.append(Need(kind="group_small", section="assignment", params=params, urgent=True, **base))
            else:
                joined |= {group.pk, partner.pk}
                more = {"into": partner.uid, "other": partner.number, "other_people": partner.people}
                found.append(
                    Need(kind="groups_small", section="assignment", params={**params, **more}, urgent=True, act="group.merge", **base)
                )
        if wait > dt.timedelta(0):
            found += _asks(group, wait, params, base, silent[group.pk], caseless[group.pk], asked)
        if not (group.meeting_url or group.slot.meeting_url or group.slot.dial_in):
            found.append(
                Need(kind="no_meeting", section="rounds", params=params, round_uid=group.round.uid,
                     object_uid=group.slot.uid)
            )
    return found


def _asks(
    group: Group, wait: dt.timedelta, params: dict[str, Any], base: dict[str, str], silent: int, caseless: int,
    asked: set[tuple[str, str]],
) -> list[Need]:
    """People of a group who could be asked for something, unless they were asked today."""
    found = []
    if silent and wait <= ANSWERS_AHEAD and (asking.REMIND, group.uid) not in asked:
        found.append(Need(kind="unconfirmed", section="sessions", params={**params, "count": silent}, act="group.remind", **base))
    if caseless and (asking.CASE, group.uid) not in asked:
        found.append(Need(kind="case_missing", section="cases", params={**params, "count": caseless}, act="group.ask_case", **base))
    return found


def _partner(group: Group, others: list[Group], least: int, most: int) -> Group | None:
    """The group of the same date and language that a small one fits into: a small one first, then the smallest."""
    if group not in others:
        return None
    fits = [
        other for other in others
        if other.pk != group.pk and (other.round_id, other.slot_id, other.language) == (group.round_id, group.slot_id, group.language)
        and least <= other.people + group.people <= most
    ]
    return min(fits, key=lambda other: (other.people >= least, other.people, other.number), default=None)
