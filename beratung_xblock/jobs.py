"""Long work as rows: started in the transaction that asks for it, claimed once by a worker, shown and cancelled by anybody who leads.

Whoever wants to be told that work is waiting connects to `jobs_waiting`; nothing here knows Celery.
"""

from __future__ import annotations

import datetime as dt
import logging
import time
from collections.abc import Mapping
from typing import Any

from django.db import transaction
from django.db.models import Q, QuerySet
from django.dispatch import Signal
from django.utils import timezone

from beratung_xblock.data.enums import JobState
from beratung_xblock.models import Job, Round

ALIVE = (JobState.WAITING.value, JobState.RUNNING.value)
LOST_AFTER = dt.timedelta(minutes=5)
"""A running job that has said nothing for so long has lost its worker: it has failed, and may be started again."""
DEAF_AFTER = dt.timedelta(seconds=30)
"""A running job that has said nothing for so long hears no wish to stop either: it is stopped where it stands."""
FORGOTTEN_AFTER = dt.timedelta(minutes=1)
"""A job that waits for so long was perhaps forgotten by the message broker: the periodic run hands it out again."""
log = logging.getLogger(__name__)
WRITE_EVERY_SECONDS = 1.0
PARTS = 1000
"""Steps of the progress shown: `done` of `total`."""
jobs_waiting = Signal()
"""Sent after commit with `job_uid`."""


def start(*, kind: str, round_: Round, parameters: Mapping[str, Any], user_id: int | None) -> Job:
    """Note a job in the current transaction; workers hear of it after commit. `parameters` hold ids and numbers only."""
    job = Job.objects.create(
        kind=kind, place_id=round_.place_id, round=round_, parameters=dict(parameters), created_by_id=user_id,
        stage="waiting",
    )
    transaction.on_commit(lambda: announce(job.uid), robust=True)
    return job


def announce(job_uid: str) -> None:
    """Tell workers of a waiting job. A broken message broker costs time: the periodic run tells them again."""
    for _, answer in jobs_waiting.send_robust(sender=Job, job_uid=job_uid):
        if isinstance(answer, Exception):
            log.warning("job %s waits for the periodic run: %s", job_uid, type(answer).__name__)


def look_after(*, now: dt.datetime | None = None) -> int:
    """Hand out again what waits too long, and close what lost its worker; returns how many. Handing out twice is harmless."""
    now = now or timezone.now()
    count = _close_lost(Job.objects.all(), now)
    for uid in Job.objects.filter(state=JobState.WAITING.value, updated_at__lte=now - FORGOTTEN_AFTER).values_list("uid", flat=True):
        announce(uid)
        count += 1
    return count


def _close_lost(jobs: QuerySet[Job], now: dt.datetime) -> int:
    return jobs.filter(state=JobState.RUNNING.value, updated_at__lte=now - LOST_AFTER).update(
        state=JobState.FAILED.value, result={"reason": "lost"}, updated_at=now
    )


def active(*, round_pk: int, kind: str) -> Job | None:
    """The job of this kind that waits or runs for a round, if its worker is alive. One query, or two."""
    job = Job.objects.filter(round_id=round_pk, kind=kind, state__in=ALIVE).order_by("-pk").first()
    return None if job is not None and _is_lost(job) else job


def _is_lost(job: Job) -> bool:
    """Close the job if it has lost its worker."""
    now = timezone.now()
    if job.state != JobState.RUNNING.value or job.updated_at > now - LOST_AFTER:
        return False
    return bool(_close_lost(Job.objects.filter(pk=job.pk), now))


def latest(*, round_pk: int, kind: str) -> Job | None:
    """The newest job of this kind for a round, in whatever state; one that lost its worker has failed. One query, or three."""
    newest = Job.objects.filter(round_id=round_pk, kind=kind).order_by("-pk")
    job = newest.first()
    return newest.first() if job is not None and _is_lost(job) else job


def claim(job_uid: str) -> Job | None:
    """Take a waiting job: one worker gets it, the others None."""
    taken = Job.objects.filter(uid=job_uid, state=JobState.WAITING.value).update(
        state=JobState.RUNNING.value, stage="running", updated_at=timezone.now()
    )
    return Job.objects.select_related("round", "round__place").get(uid=job_uid) if taken else None


def cancel(*, round_pk: int, job_uid: str) -> bool:
    """Ask a job to stop; one that nobody has taken yet, or that hears nothing, stops at once. False when it was over already."""
    rows = Job.objects.filter(round_id=round_pk, uid=job_uid)
    now = timezone.now()
    deaf = Q(state=JobState.RUNNING.value, updated_at__lte=now - DEAF_AFTER)
    if rows.filter(Q(state=JobState.WAITING.value) | deaf).update(
        state=JobState.CANCELLED.value, cancel_requested=True, updated_at=now
    ):
        return True
    return bool(rows.filter(state=JobState.RUNNING.value).update(cancel_requested=True))


def finish(job: Job, state: JobState, result: Mapping[str, Any] | None = None) -> None:
    """Close a job. `result` holds numbers and state words only."""
    Job.objects.filter(pk=job.pk).update(state=state.value, result=dict(result or {}), updated_at=timezone.now())


class Reporter:
    """Writes progress at most once a second and reads the wish to stop as rarely."""

    def __init__(self, job: Job):
        self.job = job
        self._last = 0.0
        self._asked = 0.0
        self._stop = False

    def progress(self, fraction: float, stage: str) -> None:
        """Called often by the work with 0.0 to 1.0 and a word; most calls cost nothing."""
        now = time.monotonic()
        if now - self._last < WRITE_EVERY_SECONDS:
            return
        self._last = now
        Job.objects.filter(pk=self.job.pk).update(
            stage=stage[:40], done=round(min(1.0, max(0.0, fraction)) * PARTS), total=PARTS, updated_at=timezone.now()
        )

    def cancelled(self) -> bool:
        """True once somebody asked to stop."""
        now = time.monotonic()
        if now - self._asked >= WRITE_EVERY_SECONDS:
            self._asked = now
            self._stop = bool(Job.objects.filter(pk=self.job.pk).values_list("cancel_requested", flat=True).first())
        return self._stop
