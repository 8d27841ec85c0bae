"""The assignment board: propose and repair, at once or as a job; the steps by hand and the view come from beside.

Nothing is told to anyone before `publishing.publish`.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.conf import settings as django_settings

from beratung_xblock import access, jobs
from beratung_xblock.assignment import Cancelled, ImpossiblePins, InstanceError, reassign, solve
from beratung_xblock.data.actor import Actor
from beratung_xblock.data.enums import JobState
from beratung_xblock.exceptions import BeratungError, Conflict, Invalid
from beratung_xblock.models import Registration, Round
from beratung_xblock.settings.common import DEFAULTS

from . import _instance
from ._board_edits import (
    gather,
    merge_groups,
    move,
    new_group,
    offer_moderation,
    pin_group,
    pin_person,
    restore,
    set_heard_cases,
    set_moderator,
    undo,
)
from ._proposals import latest, newest_number, numbered, store
from ._write import audit, locked_round, retried
from .board import board
from .rounds import rules_of

__all__ = [
    "JobView", "board", "calculation", "cancel_calculation", "gather", "merge_groups", "move", "new_group", "offer_moderation",
    "pin_group", "pin_person", "propose", "repair", "restore", "run_job", "set_heard_cases", "set_moderator",
    "start_calculation", "undo",
]

CALCULATE = "assignment"


@dataclass(frozen=True, kw_only=True)
class JobView:
    """A calculation in the background: `state` and `stage` are words, `done` of `total` steps, `reason` when it failed."""

    uid: str
    state: str
    stage: str
    done: int
    total: int
    reason: str = ""

    @property
    def percent(self) -> int:
        """0 to 100."""
        return min(100, 100 * self.done // self.total) if self.total else 0


def _effort(people: int, *, waits: bool) -> str:
    """How long to polish: somebody who waits for the page gets the quick way from some twenty people on.

    Places, fairness and urgency are the same; what differs is comfort (dates, mixing).
    """
    if waits:
        return "normal" if people <= 20 else "quick"
    return "normal" if people <= 2000 else "quick"


def calculate(
    round_: Round,
    *,
    keep: bool,
    seed: int = 1,
    progress: Callable[[float, str], None] | None = None,
    cancelled: Callable[[], bool] | None = None,
) -> tuple[list[dict], dict[str, str], dict[str, Any]]:
    """Solve outside any lock: (groups, unplaced, figures). `keep` repairs with the fewest changes.

    Raises Invalid({"pins": ...}) when what people pinned cannot be kept.
    """
    instance = _instance.build(round_, rules_of(round_))
    before = latest(round_.pk)
    raw = before.groups if before else []
    known_people = {person.id for person in instance.people}
    raw = [
        {**g, "members": [m for m in g["members"] if m in known_people],
         "pinned_members": [m for m in g["pinned_members"] if m in known_people],
         "cases": [m for m in g["cases"] if m in known_people],
         "pinned": g["pinned"] and all(m in known_people for m in g["members"])}
        for g in raw
    ]
    pins = _instance.pins_of(raw)
    size = len(instance.people)
    effort = _effort(size, waits=progress is None)
    options = {"seed": seed, "pins": pins, "progress": progress, "cancelled": cancelled}
    try:
        if keep and raw:
            result = reassign(instance, _instance.solution_of(raw, before.unplaced), **options)
        else:
            result = solve(instance, effort=effort, **options)
    except ImpossiblePins as error:
        raise Invalid({"pins": tuple((p.kind, p.group, p.person) for p in error.problems)}) from None
    except InstanceError as error:
        raise Invalid({"instance": error.field}) from None
    old = {g["id"]: g for g in raw}
    pinned_seats = {seat.person for seat in pins.people}
    groups = [
        _instance.stored(
            group, known=set(old), pinned=old.get(group.id, {}).get("pinned", False),
            pinned_members=[m for m in group.members if m in pinned_seats],
        )
        for group in result.solution.groups
    ]
    figures = {
        "objective": list(result.objective),
        "bound": list(result.bound),
        "changed": len(result.changed),
        "seed": seed,
        "effort": effort,
        "people": size,
    }
    return groups, dict(result.solution.unplaced), figures


@retried
def propose(*, actor: Actor, round_uid: str, number: int | None = None, seed: int = 1, **callbacks: Any) -> int:
    """Calculate the best groups around what is pinned; returns the new revision number. Tells nobody.

    `number` is the revision the coordinator looked at (0: none yet): Conflict("stale") when another one came first.
    """
    return _calculate_and_store(actor, round_uid, number, keep=False, seed=seed, action="propose", **callbacks)


@retried
def repair(*, actor: Actor, round_uid: str, number: int | None = None, **callbacks: Any) -> int:
    """After a cancellation or late sign-up: nobody dropped if avoidable, then the fewest changes."""
    return _calculate_and_store(actor, round_uid, number, keep=True, seed=1, action="repair", **callbacks)


def _calculate_and_store(
    actor: Actor, round_uid: str, number: int | None, *, keep: bool, seed: int, action: str, **callbacks: Any
) -> int:
    round_, last = numbered(round_uid, actor, number)
    groups, unplaced, figures = calculate(round_, keep=keep, seed=seed, **callbacks)
    with locked_round(round_.pk) as held:
        newest = newest_number(held.pk)
        if newest != last:
            raise Conflict("stale", current_version=newest)
        return store(held, actor, groups=groups, unplaced=unplaced, figures=figures, action=action).number


# --- in the background -----------------------------------------------------------------------------------------------


def runs_in_background(round_pk: int) -> bool:
    """True when a round is so large that its calculation belongs into a task (BERATUNG_ASYNC_FROM registrations)."""
    limit = getattr(django_settings, "BERATUNG_ASYNC_FROM", DEFAULTS["BERATUNG_ASYNC_FROM"])
    return Registration.objects.filter(round_id=round_pk).count() >= limit


@retried
def start_calculation(*, actor: Actor, round_uid: str, number: int, keep: bool = False) -> str:
    """Propose (or repair, with `keep`) a round of any size: at once when it is small, else as a job; "" or the job's uid.

    Raises Conflict("running") while another calculation of the round runs.
    """
    round_, _last = numbered(round_uid, actor, number)
    if not runs_in_background(round_.pk):
        (repair if keep else propose)(actor=actor, round_uid=round_uid, number=number)
        return ""
    with locked_round(round_.pk) as held:
        if jobs.active(round_pk=held.pk, kind=CALCULATE) is not None:
            raise Conflict("running")
        job = jobs.start(
            kind=CALCULATE, round_=held, user_id=actor.user_id,
            parameters={"number": number, "keep": keep, "regions": list(actor.regions)},
        )
        audit(
            actor, "assignment.start", kind="round", uid=held.uid, place_id=held.place_id, round_uid=held.uid, keep=keep
        )
    return job.uid


def calculation(*, actor: Actor, round_uid: str) -> JobView | None:
    """The running or newest calculation of a round, for its coordinator; None when there never was one. Two queries."""
    round_ = access.led_round(actor, round_uid)
    job = jobs.latest(round_pk=round_.pk, kind=CALCULATE)
    if job is None:
        return None
    return JobView(
        uid=job.uid, state=job.state, stage=job.stage, done=job.done, total=job.total,
        reason=str(job.result.get("reason", "")),
    )


def cancel_calculation(*, actor: Actor, round_uid: str, job_uid: str) -> None:
    """Stop a calculation; the board stays as it was. Raises Conflict("over") when it was over already."""
    round_ = access.led_round(actor, round_uid)
    if not jobs.cancel(round_pk=round_.pk, job_uid=job_uid if isinstance(job_uid, str) else ""):
        raise Conflict("over")


def run_job(*, job_uid: str) -> None:
    """Do a waiting calculation, for a worker. The board it was started from must still be the newest."""
    job = jobs.claim(job_uid)
    if job is None or job.round is None:
        return
    place = job.round.place
    actor = Actor(
        user_id=job.created_by_id, usage_key=place.usage_key, course_key=place.course_key, is_coordinator=True,
        regions=tuple(job.parameters.get("regions", ())),
    )
    report = jobs.Reporter(job)
    try:
        number = _calculate_and_store(
            actor, job.round.uid, int(job.parameters["number"]), keep=bool(job.parameters["keep"]), seed=1,
            action="repair" if job.parameters["keep"] else "propose",
            progress=report.progress, cancelled=report.cancelled,
        )
    except Cancelled:
        jobs.finish(job, JobState.CANCELLED)
    except BeratungError as error:
        jobs.finish(job, JobState.FAILED, {"reason": getattr(error, "reason", error.code)})
    except Exception:
        jobs.finish(job, JobState.FAILED, {"reason": "error"})
        raise
    else:
        jobs.finish(job, JobState.DONE, {"number": number})
