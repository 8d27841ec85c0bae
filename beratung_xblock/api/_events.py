"""Tracking events: ids and counters, sent after the commit. The vocabulary is closed and documented for operators."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.db import transaction

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


def emit_after_commit(action: str, *, kind: str, uid: str, round_uid: str, detail: Mapping[str, Any]) -> None:
    """Send one event when the surrounding transaction is committed; never stops the write."""
    if tracker is None or action not in TRACKED:
        return
    counts = {name: value for name, value in detail.items() if isinstance(value, (int, bool))}
    data = {"object_kind": kind, "object_id": uid if kind != "user" else "", "round_id": round_uid, **counts}
    transaction.on_commit(lambda: tracker.emit(f"beratung.{action}", data), robust=True)
