"""Tracking and public events: ids and counters, sent after the commit. The vocabulary is closed and documented for operators."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.db import transaction

from beratung_xblock import cohorts, events
from beratung_xblock.models import Place

try:
    from eventtracking import tracker
except ImportError:  # a host without event-tracking: nothing to tell
    tracker = None

TRACKED = frozenset(
    {
        "attendance.record", "case.submit", "case.withdraw", "certificate.issue", "registration.cancel",
        "registration.create", "registration.update", "round.cancel", "round.close", "round.create", "round.open",
        "round.publish", "round.reopen", "session.end", "slot.add", "slot.cancel", "slot.update", "undertaking.accept",
        "assignment.propose", "assignment.repair", "reflection.write",
    }
)
"""Actions of the audit log that are told to the platform, as `beratung.<action>`.

Left out on purpose: who would rather not meet whom, who asked for a call, what somebody takes along, exports of one's own
data, role changes.
"""


def emit_after_commit(
    action: str, *, kind: str, uid: str, round_uid: str, detail: Mapping[str, Any], place_id: int | None = None
) -> None:
    """Send the events of one action when the surrounding transaction is committed; never stops the write."""
    if action not in TRACKED:
        return
    cohorts.announce_after_commit(action, round_uid)
    counts = {name: value for name, value in detail.items() if isinstance(value, (int, bool))}
    if tracker is not None:
        data = {"object_kind": kind, "object_id": uid if kind != "user" else "", "round_id": round_uid, **counts}
        transaction.on_commit(lambda: tracker.emit(f"beratung.{action}", data), robust=True)
    if place_id is not None and events.is_heard(action):
        transaction.on_commit(lambda: _tell_plugins(action, place_id, round_uid, uid, counts), robust=True)


def _tell_plugins(action: str, place_id: int, round_uid: str, uid: str, counts: Mapping[str, int]) -> None:
    place = Place.objects.only("course_key", "usage_key").get(pk=place_id)
    events.send(action, course_key=place.course_key, usage_key=place.usage_key, round_uid=round_uid, uid=uid, counts=counts)
