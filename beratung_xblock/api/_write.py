"""How every write is done: durable transaction, version bump as lock, bounded retries, audit row."""

from __future__ import annotations

import functools
import logging
import random
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, TypeVar

from django.db import InterfaceError, OperationalError, connection, transaction
from django.db.models import F
from django.utils import timezone
from django.views.decorators.debug import sensitive_variables

from beratung_xblock.data.actor import Actor
from beratung_xblock.exceptions import Away, Busy, Conflict, NotFound
from beratung_xblock.models import AuditEntry, Round, Session

from ._events import emit_after_commit

RETRIES = 12
_DEADLOCK, _LOCK_TIMEOUT = 1213, 1205
_FULL = frozenset({3, 1021, 1026, 1030, 1114, 1180, 1637})
_OUTAGES = _FULL | {1040, 1053, 1290, 1836, 1927, 2002, 2003, 2006, 2012, 2013, 2055}
"""Disk or table full; too many connections, server shutting down, read-only, connection killed, refused or lost (codes of MySQL and MariaDB)."""
log = logging.getLogger(__name__)
Result = TypeVar("Result")


def is_transient(error: OperationalError) -> bool:
    """Deadlock or lock time-out of InnoDB, or SQLite's "locked": the same transaction may succeed when repeated."""
    code = error.args[0] if error.args else None
    return code in (_DEADLOCK, _LOCK_TIMEOUT) or "locked" in str(error)


def is_outage(error: Exception) -> bool:
    """The database went away, was restarted, or has no room: nothing that a repetition at once would help."""
    code = error.args[0] if error.args else None
    return isinstance(error, InterfaceError) or code in _OUTAGES or "disk" in str(error)


def retried(function: Callable[..., Result]) -> Callable[..., Result]:
    """Repeat a whole api write, outside any transaction, while the database says it was a matter of locks.

    Inside an outer transaction (a Studio handler) there is no retry: the transaction is already lost.
    Raises Busy after RETRIES tries, which is a few seconds, and Away at once when the database is away: a write whose
    COMMIT got no answer may have happened, so it is not repeated behind the person's back. Arguments stay out of
    exception reports.
    """

    @functools.wraps(function)
    @sensitive_variables()
    def wrapper(*args: Any, **kwargs: Any) -> Result:
        if connection.in_atomic_block:
            return function(*args, **kwargs)
        for attempt in range(RETRIES):
            try:
                return function(*args, **kwargs)
            except (OperationalError, InterfaceError) as error:
                if is_outage(error):
                    log.error("the database is away: %s", error.args[0] if error.args else type(error).__name__)
                    connection.close()
                    raise Away from None
                if not is_transient(error):
                    raise
                time.sleep(random.uniform(0.2, 1.0) * min(1.0, 0.01 * 2**attempt))
        raise Busy

    return wrapper


@contextmanager
def locked_round(round_pk: int, *, expected_version: int | None = None) -> Iterator[Round]:
    """One durable transaction on a round. The UPDATE of its version is the first statement and serialises writers.

    Raises NotFound when the round is gone, Conflict("stale") when `expected_version` is given and not current.
    """
    with transaction.atomic(durable=True):
        rows = Round.objects.filter(pk=round_pk)
        if expected_version is not None:
            rows = rows.filter(version=expected_version)
        if not rows.update(version=F("version") + 1):
            current = Round.objects.filter(pk=round_pk).values_list("version", flat=True).first()
            if current is None:
                raise NotFound
            raise Conflict("stale", current_version=current)
        yield Round.objects.select_related("place").get(pk=round_pk)


@contextmanager
def locked_session(session_pk: int, *, expected_version: int | None = None) -> Iterator[Session]:
    """The same for a session."""
    with transaction.atomic(durable=True):
        rows = Session.objects.filter(pk=session_pk)
        if expected_version is not None:
            rows = rows.filter(version=expected_version)
        if not rows.update(version=F("version") + 1):
            current = Session.objects.filter(pk=session_pk).values_list("version", flat=True).first()
            if current is None:
                raise NotFound
            raise Conflict("stale", current_version=current)
        yield Session.objects.select_related("group", "group__slot", "group__round", "group__round__place").get(
            pk=session_pk
        )


def audit(
    actor: Actor,
    action: str,
    *,
    kind: str,
    uid: str,
    place_id: int | None,
    round_uid: str = "",
    **detail: int | str | bool | None,
) -> None:
    """Append one line to the audit log in the current transaction, and tell the platform after the commit.

    `detail` holds counts and state words only.
    """
    AuditEntry.objects.create(
        at=timezone.now(),
        actor_id=actor.user_id,
        actor_role=actor.role_word if actor.user_id is not None else "system",
        action=action,
        object_kind=kind,
        object_id=uid,
        place_id=place_id,
        round_uid=round_uid,
        detail=detail,
    )
    emit_after_commit(action, kind=kind, uid=uid, round_uid=round_uid, detail=detail, place_id=place_id)
