"""Celery tasks: thin doors to work that is safe to repeat. A broker that forgets a task costs minutes, not mails.

What they work with is imported when they run: a platform that starts should not wait for our solver and calendars.
"""

from __future__ import annotations

from celery import shared_task

from beratung_xblock import cohorts, jobs, outbox


@shared_task(name="beratung_xblock.deliver_mails", ignore_result=True, acks_late=True)
def deliver_mails() -> None:
    """Send what waits in the outbox."""
    from beratung_xblock.mails import delivery

    delivery.deliver()


def wake(**_signal: object) -> None:
    """Ask a worker to send now. Without retries: when the broker is away, the periodic run sends the mails."""
    deliver_mails.apply_async(retry=False)


WAKE = "beratung_xblock.deliver_mails"
outbox.mails_waiting.connect(wake, dispatch_uid=WAKE)


@shared_task(name="beratung_xblock.tick", ignore_result=True)
def tick() -> None:
    """The same run as the command `beratung_tick`, for platforms with a beat."""
    from beratung_xblock.api import periodic

    periodic.run()


@shared_task(name="beratung_xblock.calculate_groups", ignore_result=True)
def calculate_groups(job_uid: str) -> None:
    """Calculate the groups of a big round."""
    from beratung_xblock.api import assignment

    assignment.run_job(job_uid=job_uid)


def hand_out(*, job_uid: str, **_signal: object) -> None:
    """Give a waiting job to a worker."""
    calculate_groups.apply_async(args=[job_uid], retry=False)


jobs.jobs_waiting.connect(hand_out, dispatch_uid="beratung_xblock.calculate_groups")


@shared_task(name="beratung_xblock.mirror_cohorts", ignore_result=True)
def mirror_cohorts(round_uid: str) -> None:
    """Copy the groups of a round to course cohorts; doing it twice changes nothing."""
    from beratung_xblock import signals

    signals.mirror_cohorts(round_uid)


def copy_groups(*, round_uid: str, **_signal: object) -> None:
    """Give the copying to a worker. When the broker is away, the next publication of the round copies everything."""
    mirror_cohorts.apply_async(args=[round_uid], retry=False)


cohorts.groups_changed.connect(copy_groups, dispatch_uid="beratung_xblock.mirror_cohorts")
