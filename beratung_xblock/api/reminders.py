"""Mails that a moment causes, not a click: reminders before a session, the thanks after it, notes before a deletion.

Each function looks at what is due now and adds rows to the outbox under a key that names the cause, so running it
twice, late, or on two machines at once tells nobody twice. A reminder that is much too late is left out: three days'
notice is no use an hour before.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator
from typing import Any
from zoneinfo import ZoneInfo

from django.db import transaction
from django.db.models import F, Q
from django.utils import timezone

from beratung_xblock import outbox, times
from beratung_xblock.data.enums import CaseState, GroupState, RoundState
from beratung_xblock.data.settings import settings_from_snapshot
from beratung_xblock.models import Case, Membership, OutboxMail, Place, Round, Slot, Takeaway

from ._rules import rules_of
from .cases import deleted_on

__all__ = ["finish_rounds", "queue_after_session", "queue_deletion_notices", "queue_due", "queue_self_reminders"]

REFRESHER = "3d"
LONGEST_NOTICE = dt.timedelta(days=99)
THANKS_AFTER = dt.timedelta(hours=1)
THANKS_UNTIL = dt.timedelta(days=3)
DELETION_NOTICE = dt.timedelta(days=7)
FINISHED_AFTER = dt.timedelta(days=14)


def reminder_moment(word: str, starts_at: dt.datetime, zone: str) -> dt.datetime:
    """When a reminder is due: "3d" at the same wall clock three days before (also across a change of the clock), "1h"
    sixty minutes before."""
    number = int(word[:-1])
    if word.endswith("h"):
        return starts_at - dt.timedelta(hours=number)
    local = starts_at.astimezone(ZoneInfo(zone))
    return times.local_moment(local.date() - dt.timedelta(days=number), local.time(), zone)


def due_reminder(
    slot: Slot, joined_at: dt.datetime, words: Iterable[str], now: dt.datetime
) -> tuple[str, dt.datetime] | None:
    """The reminder of these that should be out by now, as its word and its moment, or None.

    Of several missed ones only the latest counts. None also when the person was told of the date after that moment
    anyway, and when half of the notice has passed.
    """
    passed = [
        (moment, word)
        for word in words
        if (moment := reminder_moment(word, slot.starts_at, slot.time_zone)) <= now < slot.starts_at
    ]
    if not passed:
        return None
    moment, word = max(passed)
    if moment < joined_at or now - moment > (slot.starts_at - moment) / 2:
        return None
    return word, moment


def queue_due(*, now: dt.datetime | None = None) -> int:
    """Add the reminders that are due for members of published groups who want them; returns how many were looked at.

    Who wants the short exercise with Teams gets it three days before, with the reminder of that day or without any.
    """
    now = now or timezone.now()
    slots = Slot.objects.select_related("round", "round__place").filter(
        is_cancelled=False,
        starts_at__gt=now,
        starts_at__lte=now + LONGEST_NOTICE,
        round__state=RoundState.PUBLISHED.value,
        round__place__is_active=True,
    )
    return sum(_add(_reminders_of(slot, now)) for slot in slots)


def _reminders_of(slot: Slot, now: dt.datetime) -> Iterator[dict[str, Any]]:
    usual = rules_of(slot.round).reminders
    refresher = (REFRESHER,) if settings_from_snapshot(slot.round.place.settings).teams_course_url else ()
    if not any(now >= reminder_moment(word, slot.starts_at, slot.time_zone) for word in (*usual, *refresher)):
        return
    wanting = Q(registration__wants_reminders=True)
    if refresher:
        wanting |= Q(registration__wants_refresher=True)
    for seat in _seats(slot).filter(wanting):
        row = seat.registration
        words = (*(usual if row.wants_reminders else ()), *(refresher if row.wants_refresher else ()))
        due = due_reminder(slot, seat.joined_at, words, now)
        if due is None:
            continue
        word, moment = due
        yield _mail(
            seat, slot, kind="reminder", key=f"reminder:{seat.registration.uid}:{slot.pk}-{slot.sequence}:{word}",
            hours=round((slot.starts_at - moment).total_seconds() / 3600),
        )  # fmt: skip


def queue_after_session(*, now: dt.datetime | None = None) -> int:
    """Add the thanks to members of groups whose session ended between an hour and three days ago."""
    now = now or timezone.now()
    slots = Slot.objects.select_related("round", "round__place").filter(
        is_cancelled=False,
        ends_at__gt=now - THANKS_UNTIL,
        ends_at__lte=now - THANKS_AFTER,
        round__state__in=(RoundState.PUBLISHED.value, RoundState.FINISHED.value),
        round__place__is_active=True,
    )
    return sum(
        _add(
            _mail(seat, slot, kind="after_session", key=f"after_session:{seat.registration.uid}:{slot.pk}")
            for seat in _seats(slot)
        )
        for slot in slots
    )


def queue_deletion_notices(*, now: dt.datetime | None = None) -> int:
    """Tell owners a week before a case text of theirs is deleted, once per text and day of deletion."""
    now = now or timezone.now()
    mails = []
    rows = Case.objects.select_related("place", "registration", "registration__round").filter(
        owner__isnull=False, place__is_active=True
    )
    shortest: dict[int, int] = {}
    for place in Place.objects.filter(is_active=True):
        settings = settings_from_snapshot(place.settings)
        shortest[place.pk] = min(settings.retention_draft_days, settings.retention_text_days)
    for case in rows.exclude(state=CaseState.WITHDRAWN.value).iterator(chunk_size=500):
        if case.updated_at + dt.timedelta(days=shortest[case.place_id]) - DELETION_NOTICE > now:
            continue
        until = deleted_on(case, settings_from_snapshot(case.place.settings))
        if not now.date() < until <= (now + DELETION_NOTICE).date():
            continue
        mails.append(
            {
                "kind": "deletion_notice",
                "place_id": case.place_id,
                "round_id": case.registration.round_id if case.registration is not None else None,
                "registration": case.registration,
                "user_id": case.owner_id,
                "dedupe_key": f"deletion_notice:{case.row_uid}:{until.isoformat()}",
                "context": {"case": case.row_uid, "until": until.isoformat()},
            }
        )
    return _add(iter(mails))


def queue_self_reminders(*, now: dt.datetime | None = None) -> int:
    """Send case givers the reminder they asked for, on its day; the mail says nothing of the case."""
    now = now or timezone.now()
    due = Takeaway.objects.select_related("session_case__session__group__round__place", "session_case__giver").filter(
        remind_on__lte=timezone.localdate(now), reminded_at__isnull=True, owner__isnull=False
    )
    count = 0
    for row in due:
        giver = row.session_case.giver
        round_ = row.session_case.session.group.round
        with transaction.atomic():
            if giver is not None and Takeaway.objects.filter(pk=row.pk, reminded_at__isnull=True).update(
                reminded_at=now
            ):
                count += _add(
                    iter(
                        [
                            {
                                "kind": "self_reminder",
                                "place_id": round_.place_id,
                                "round_id": round_.pk,
                                "registration": giver,
                                "dedupe_key": f"self_reminder:{row.row_uid}:{row.remind_on.isoformat()}",
                            }
                        ]
                    )
                )
    return count


def finish_rounds(*, now: dt.datetime | None = None) -> int:
    """Mark published rounds as finished two weeks after their last session; returns how many."""
    now = now or timezone.now()
    rounds = Round.objects.filter(state=RoundState.PUBLISHED.value, slots__ends_at__isnull=False).exclude(
        slots__ends_at__gt=now - FINISHED_AFTER
    )
    return Round.objects.filter(pk__in=set(rounds.values_list("pk", flat=True))).update(
        state=RoundState.FINISHED.value, ended_at=now, version=F("version") + 1
    )


def _seats(slot: Slot):
    return Membership.objects.select_related("registration").filter(
        group__slot=slot,
        group__state=GroupState.PUBLISHED.value,
        left_at__isnull=True,
        registration__state="registered",
        registration__user__isnull=False,
    )


def _mail(seat: Membership, slot: Slot, *, kind: str, key: str, **context: Any) -> dict[str, Any]:
    return {
        "kind": kind,
        "place_id": slot.round.place_id,
        "round_id": slot.round_id,
        "registration": seat.registration,
        "dedupe_key": key,
        "context": context,
    }


def _add(mails: Iterator[dict[str, Any]]) -> int:
    """Add the mails whose key is new. The look-up only saves work; the unique key decides."""
    wanted = {mail["dedupe_key"]: mail for mail in mails}
    keys = list(wanted)
    for begin in range(0, len(keys), 500):
        part = keys[begin : begin + 500]
        for known in OutboxMail.objects.filter(dedupe_key__in=part).values_list("dedupe_key", flat=True):
            wanted.pop(known, None)
    outbox.put_many(wanted.values())
    return len(wanted)
