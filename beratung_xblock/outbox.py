"""Mails as rows: written in the transaction that causes them, sent by a task after commit, never lost.

A row moves waiting -> sending -> sent. Whoever sends it claims it first, by an UPDATE that only one worker can win; a
worker that dies leaves a claim that runs out after CLAIM_LASTS, and the mail goes again with the same Message-ID.
That is the only way to a duplicate: the mail server said yes and we died before our commit.
"""

from __future__ import annotations

import datetime as dt
import logging
import random
import time
from collections.abc import Iterable, Mapping
from typing import Any

from django.conf import settings
from django.db import InterfaceError, OperationalError, connection, transaction
from django.db.models import F, Q
from django.dispatch import Signal
from django.utils import timezone

from beratung_xblock.data.enums import MailState, RegistrationState
from beratung_xblock.models import InterestNote, Membership, OutboxMail, Registration, Round
from beratung_xblock.models._base import new_uid

log = logging.getLogger(__name__)

mails_waiting = Signal()
"""Sent after a commit that left mails to send at once; the task that sends them listens."""

CLAIM_LASTS = dt.timedelta(minutes=15)
PAUSES = tuple(dt.timedelta(minutes=m) for m in (1, 5, 15, 60, 120, 240, 480, 720, 1440, 1440))
"""How long to wait after each failed try; after the last one (a little more than three days) the mail counts as failed."""

NOTE_SECONDS = 300.0
"""So long what became of a mail is tried to be noted while the database is away; well within a claim."""

_DEADLOCK, _LOCK_TIMEOUT = 1213, 1205
_TRIES = 10


# --- writing rows ----------------------------------------------------------------------------------------------------


def _row(
    *,
    kind: str,
    place_id: int,
    dedupe_key: str,
    registration: Registration | None = None,
    user_id: int | None = None,
    round_id: int | None = None,
    context: Mapping[str, Any] | None = None,
    not_before: dt.datetime | None = None,
) -> OutboxMail:
    uid = new_uid()
    return OutboxMail(
        uid=uid,
        dedupe_key=dedupe_key[:120],
        kind=kind,
        place_id=place_id,
        round_id=round_id,
        registration=registration,
        user_id=user_id if registration is None else registration.user_id,
        language="" if registration is None else registration.language,
        context=dict(context or {}),
        not_before=not_before or timezone.now(),
        message_id=f"<{uid}@{mail_domain()}>",
    )


def put(**values: Any) -> None:
    """Add one mail unless the same cause already has one; see `put_many`."""
    put_many([values])


def put_many(mails: Iterable[Mapping[str, Any]]) -> None:
    """Add mails in the current transaction, leaving out those whose `dedupe_key` is known.

    Each has kind, place_id, dedupe_key and either a registration or a user_id; optionally round_id,
    not_before and `context`, which holds ids and times and never content. Without a registration the language is
    looked up when the mail is written.
    """
    rows = [_row(**values) for values in mails]
    if not rows:
        return
    OutboxMail.objects.bulk_create(rows, ignore_conflicts=True, batch_size=500)
    if any(row.not_before <= timezone.now() for row in rows):
        transaction.on_commit(announce, robust=True)


def announce() -> None:
    """Tell the sending task that mails wait. A broken message broker costs time, not mails: the periodic run sends them."""
    for _, answer in mails_waiting.send_robust(sender=None):
        if isinstance(answer, Exception):
            log.warning("mails wait for the periodic run: %s", type(answer).__name__)


def mail_domain() -> str:
    """The domain of our sender, for Message-ID and calendar ids."""
    sender = sender_address()
    return sender.rsplit("@", 1)[-1].strip("<> ") or "localhost"


def sender_address() -> str:
    """Who mails come from: BERATUNG_MAIL_FROM, else the platform's DEFAULT_FROM_EMAIL."""
    return getattr(settings, "BERATUNG_MAIL_FROM", "") or settings.DEFAULT_FROM_EMAIL


def _to_registration(
    registration: Registration, *, kind: str, place_id: int, cause: str, **context: Any
) -> dict[str, Any]:
    return {
        "kind": kind,
        "place_id": place_id,
        "round_id": registration.round_id,
        "registration": registration,
        "dedupe_key": f"{kind}:{registration.uid}:{cause}",
        "context": context,
    }


def tell(registration: Registration, *, kind: str, place_id: int, cause: str, **context: Any) -> None:
    """One mail to one registered person; `cause` makes it unique (a version, an offer uid, ...)."""
    put(**_to_registration(registration, kind=kind, place_id=place_id, cause=cause, **context))


def tell_many(rows: Iterable[Registration], *, kind: str, place_id: int, cause: str) -> None:
    """The same mail to several registered people."""
    put_many(_to_registration(row, kind=kind, place_id=place_id, cause=cause) for row in rows)


def tell_round(round_: Round, *, kind: str) -> None:
    """One mail to everybody who holds or waits for a place in the round."""
    rows = Registration.objects.filter(round=round_).exclude(state=RegistrationState.CANCELLED.value)
    put_many(
        _to_registration(row, kind=kind, place_id=round_.place_id, cause=f"round{round_.version}")
        for row in rows.iterator(chunk_size=500)
    )


def tell_interested(round_: Round) -> None:
    """One mail to everybody who asked to be told when a round opens; the list is empty afterwards."""
    notes = InterestNote.objects.filter(place_id=round_.place_id)
    put_many(
        {
            "kind": "round_open",
            "place_id": round_.place_id,
            "round_id": round_.pk,
            "user_id": user_id,
            "dedupe_key": f"round_open:{round_.uid}:{user_id}",
        }
        for user_id in notes.values_list("user_id", flat=True)
    )
    notes.delete()


def tell_groups_of_slot(slot_pk: int, *, kind: str) -> None:
    """One mail to each current member of the groups in a slot."""
    rows = Membership.objects.select_related("registration", "group__round", "group__slot").filter(
        group__slot_id=slot_pk, left_at__isnull=True
    )
    put_many(
        _to_registration(
            row.registration,
            kind=kind,
            place_id=row.group.round.place_id,
            cause=f"group{row.group_id}-{row.group.slot.sequence}",
            group=row.group.uid,
        )
        for row in rows
    )


# --- taking rows to send them ----------------------------------------------------------------------------------------


def _due(now: dt.datetime) -> Q:
    return Q(state=MailState.WAITING.value, not_before__lte=now) | Q(
        state=MailState.SENDING.value, claimed_at__lte=now - CLAIM_LASTS
    )


def claim_next(*, now: dt.datetime | None = None) -> OutboxMail | None:
    """Take one mail that is due, so that nobody else takes it; None when none is left.

    Each call commits by itself. A claim somebody else won is passed over; so is one lost to a deadlock.
    """
    now = now or timezone.now()
    while True:
        rows = list(
            OutboxMail.objects.filter(_due(now)).order_by("not_before", "pk").values_list("pk", "state", "claim")[:20]
        )
        if not rows:
            return None
            random.shuffle(rows)  # workers that start together would all try the same row first
        for pk, state, claim in rows:
            token = new_uid()
            if _change(pk, Q(state=state, claim=claim), state=MailState.SENDING.value, claim=token, claimed_at=now):
                return OutboxMail.objects.select_related(
                    "place", "round", "round__place", "user", "registration", "registration__user"
                ).get(pk=pk)


def mark_sent(row: OutboxMail) -> None:
    """The mail server has it."""
    _end(row, state=MailState.SENT.value, sent_at=timezone.now(), last_error="", attempts=F("attempts") + 1)


def mark_dropped(row: OutboxMail, reason: str) -> None:
    """It is no longer true or has no address; `reason` is a stable word."""
    _end(row, state=MailState.DROPPED.value, last_error=reason)


def mark_failed(row: OutboxMail, error: str) -> None:
    """It can never arrive, e.g. the mail server does not know the address."""
    _end(row, state=MailState.FAILED.value, last_error=error[:200], attempts=F("attempts") + 1)


def mark_retry(row: OutboxMail, error: str, *, now: dt.datetime | None = None) -> None:
    """It did not work this time: wait longer each time, give up after the last pause."""
    if row.attempts >= len(PAUSES):
        mark_failed(row, error)
        return
    pause = PAUSES[row.attempts]
    _end(
        row,
        state=MailState.WAITING.value,
        not_before=(now or timezone.now()) + pause,
        last_error=error[:200],
        attempts=F("attempts") + 1,
    )


def put_back(row: OutboxMail) -> None:
    """Give a claim back untried."""
    _end(row, state=MailState.WAITING.value)


def send_again(*, pks: Iterable[int]) -> int:
    """Put failed mails back in the queue; returns how many."""
    changed = OutboxMail.objects.filter(pk__in=list(pks), state=MailState.FAILED.value).update(
        state=MailState.WAITING.value, attempts=0, not_before=timezone.now(), claim="", claimed_at=None
    )
    if changed:
        transaction.on_commit(announce, robust=True)
    return changed


def _end(row: OutboxMail, **values: Any) -> None:
    """Note the outcome. A database that is away is waited for: what the mail server took must not go out again."""
    values = {"claim": "", "claimed_at": None, **values}
    give_up = time.monotonic() + NOTE_SECONDS
    asked_before = False
    while True:
        try:
            noted = _change(row.pk, Q(claim=row.claim, state=MailState.SENDING.value), **values)
        except (OperationalError, InterfaceError) as error:
            if connection.in_atomic_block or time.monotonic() > give_up:
                raise
            log.warning("the database is away (%s); mail %s waits to be noted", type(error).__name__, row.uid)
            connection.close()
            time.sleep(1.0)
            asked_before = True
        else:
            break
    if not noted and not asked_before:  # an earlier try may have been done without an answer
        log.warning("mail %s was taken over by another worker", row.uid)


def _change(pk: int, where: Q, **values: Any) -> bool:
    for attempt in range(_TRIES):
        try:
            return bool(OutboxMail.objects.filter(where, pk=pk).update(**values))
        except OperationalError as error:
            code = error.args[0] if error.args else None
            if code not in (_DEADLOCK, _LOCK_TIMEOUT) and "locked" not in str(error):
                raise
            time.sleep(random.uniform(0.2, 1.0) * min(1.0, 0.01 * 2**attempt))
    return False
