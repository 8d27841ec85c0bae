"""Everything that happens because time passes, in one run that may be started by cron, by a beat, or twice at once."""

from __future__ import annotations

import datetime as dt
import logging
from collections.abc import Callable
from dataclasses import dataclass, field

from django.utils import timezone

from beratung_xblock import jobs
from beratung_xblock.kept import cache
from beratung_xblock.mails import delivery
from beratung_xblock.models import Place

from . import attendance, reminders, retention, session_upkeep, waiting

__all__ = ["Report", "run"]

log = logging.getLogger(__name__)


@dataclass
class Report:
    """What one run did: a count per step, and the steps that failed by the name of their error."""

    counts: dict[str, int] = field(default_factory=dict)
    failed: dict[str, str] = field(default_factory=dict)
    mail_server_is_away: bool = False


def _send(report: Report) -> int:
    result = delivery.deliver(limit=2000)
    report.mail_server_is_away = result.server_is_away
    return result.sent


def _once_a_day(name: str, now: dt.datetime, step: Callable[[], int]) -> int:
    """Run a step whose work is the same all day. A lost cache means once more, a failure means again at the next run."""
    key = f"beratung:{name}:{now.date().isoformat()}"
    if not cache.add(key, 1, 26 * 3600):
        return 0
    try:
        return step()
    except Exception:
        cache.delete(key)
        raise


def _purge(now: dt.datetime) -> int:
    return sum(retention.purge(now=now).values())


def _reconcile() -> int:
    """Bring completion in line with the evidence where a write after a commit was missed."""
    return sum(attendance.reconcile(place=place) for place in Place.objects.filter(is_active=True))


def run(*, now: dt.datetime | None = None) -> Report:
    """Offers that expire, free places, reminders, notes, finished rounds, then the mails. One failing step stops no other."""
    now = now or timezone.now()
    report = Report()
    steps: list[tuple[str, Callable[[], int]]] = [
        ("offers_expired", lambda: waiting.expire_due(now=now)),
        ("rounds_with_free_places", waiting.offer_open_places),
        ("reminders", lambda: reminders.queue_due(now=now)),
        ("after_session", lambda: reminders.queue_after_session(now=now)),
        ("deletion_notices", lambda: reminders.queue_deletion_notices(now=now)),
        ("self_reminders", lambda: reminders.queue_self_reminders(now=now)),
        ("sessions_ended", lambda: session_upkeep.end_overdue(now=now)),
        ("rounds_finished", lambda: reminders.finish_rounds(now=now)),
        ("jobs_looked_after", lambda: jobs.look_after(now=now)),
        ("rows_purged", lambda: _once_a_day("purge", now, lambda: _purge(now))),
        ("completions_checked", lambda: _once_a_day("reconcile", now, _reconcile)),
        ("mails_sent", lambda: _send(report)),
    ]
    for name, step in steps:
        try:
            report.counts[name] = step()
        except Exception as error:  # the other steps matter to other people
            log.exception("periodic step %s failed", name)
            report.failed[name] = type(error).__name__
    return report
