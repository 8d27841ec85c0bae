"""What happens outside and concerns us: accounts that go, people who leave, blocks and courses that are deleted.

Receivers carry ids only and never raise: an error here must stop neither an unenrolment nor a deletion. The two
retirement receivers are the exception: the platform repeats a retirement that failed, so they let errors through.
What they call is imported when they run: a platform that starts should not wait for it.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from functools import wraps
from typing import Any

from django.contrib.auth import get_user_model
from django.db import transaction
from django.db.models.signals import post_save
from django.dispatch import receiver

from beratung_xblock import cohorts, compat

log = logging.getLogger(__name__)
BLOCK_TYPE = "beratung"


def quiet(handle: Callable[..., None]) -> Callable[..., None]:
    """Log the kind of an error and go on: others wait for this signal too."""

    @wraps(handle)
    def wrapper(*args: Any, **kwargs: Any) -> None:
        try:
            handle(*args, **kwargs)
        except Exception as error:
            log.error("%s failed: %s", handle.__name__, type(error).__name__)

    return wrapper


def after_commit(step: Callable[[], None]) -> None:
    """Run once the surrounding transaction is committed: our writes are transactions of their own."""
    transaction.on_commit(quiet(step), robust=True)


# --- people ----------------------------------------------------------------------------------------------------------


@quiet
def on_unenrolled(*args: Any, enrollment: Any, **kwargs: Any) -> None:
    """Cancel what is ahead, free the seat, end access at once. Sent for unenrolment and for every change of enrolment."""
    if getattr(enrollment, "is_active", False):
        return
    from beratung_xblock.api import erasure, session_cache

    user_id, course_key = enrollment.user.id, str(enrollment.course.course_key)
    after_commit(lambda: session_cache.forget_user(user_id))
    after_commit(lambda: erasure.leave_course(user_id=user_id, course_key=course_key))


@receiver(post_save, sender=get_user_model(), dispatch_uid="beratung_user_saved")
def on_user_saved(instance: Any, created: bool, update_fields: Any = None, **kwargs: Any) -> None:
    """A deactivated account leaves every round that is still ahead."""
    if created or instance.is_active or (update_fields is not None and "is_active" not in update_fields):
        return
    from beratung_xblock.api import erasure, session_cache

    user_id = instance.pk
    after_commit(lambda: session_cache.forget_user(user_id))
    after_commit(lambda: erasure.leave_everything(user_id=user_id))


def on_retired(sender: Any, user: Any, **kwargs: Any) -> None:
    """The platform retires an account: erase the person. Sent twice (misc and critical); the second finds nothing."""
    from beratung_xblock.api import erasure, session_cache

    erasure.erase_person(user_id=user.pk)
    session_cache.forget_user(user.pk)


# --- blocks and courses ----------------------------------------------------------------------------------------------


@quiet
def on_published(*args: Any, xblock_info: Any, **kwargs: Any) -> None:
    """Renew the snapshot of a published block, and of those inside a published container."""
    from beratung_xblock.api import places
    from beratung_xblock.data.settings import settings_from_snapshot

    for usage_key, course_key, values in compat.published_settings(str(xblock_info.usage_key), BLOCK_TYPE):
        places.snapshot(usage_key=usage_key, course_key=course_key, settings=settings_from_snapshot(values))


@quiet
def on_deleted(*args: Any, xblock_info: Any, **kwargs: Any) -> None:
    """A deleted block's pages answer NotFound from now on; its rows stay until their term is over.

    An author deletes in the draft: as long as learners still have the block, nothing happens here.
    """
    usage_key = str(xblock_info.usage_key)
    if getattr(xblock_info, "block_type", "") in (BLOCK_TYPE, "") and not compat.platform().is_published(usage_key):
        _close(usage_key)


@quiet
def on_course_published(sender: Any = None, course_key: Any = None, **kwargs: Any) -> None:
    """Close what learners no longer have: a block that left with its unit, its section or an import, or was unpublished."""
    from beratung_xblock.api import places

    platform = compat.platform()
    for usage_key in places.active_in(course_key=str(course_key)):
        if not platform.is_published(usage_key):
            _close(usage_key)


def _close(usage_key: str) -> None:
    from beratung_xblock.api import places, session_upkeep

    places.withdraw_place(usage_key=usage_key)
    session_upkeep.place_closed(usage_key=usage_key)


@quiet
def on_course_deleted(sender: Any = None, course_key: Any = None, **kwargs: Any) -> None:
    """A deleted course takes its places with it, and everybody's way into a running session."""
    from beratung_xblock.api import places, session_upkeep

    places.withdraw_course(course_key=str(course_key))
    session_upkeep.course_closed(course_key=str(course_key))


# --- what we tell the platform ---------------------------------------------------------------------------------------


def mirror_cohorts(round_uid: str) -> None:
    """Bring the course's cohorts in line with the groups of a round; one that fails stops no other."""
    platform = compat.platform()
    for cohort in cohorts.wanted(round_uid):
        try:
            platform.cohort_sync(cohort.course_key, cohort.name, list(cohort.user_ids))
        except Exception as error:
            log.error("a cohort of round %s was not copied: %s", round_uid, type(error).__name__)


def connect() -> None:
    """Connect to what the platform offers; outside of it there is little to connect to."""
    events = compat.events()
    for name, handle in (
        ("COURSE_UNENROLLMENT_COMPLETED", on_unenrolled),
        ("COURSE_ENROLLMENT_CHANGED", on_unenrolled),
        ("XBLOCK_PUBLISHED", on_published),
        ("XBLOCK_DELETED", on_deleted),
    ):
        if name in events:
            events[name].connect(handle, dispatch_uid=f"beratung_{name.lower()}")
    for signal in compat.retirement_signals():
        signal.connect(on_retired, dispatch_uid="beratung_retired")
    courses = compat.course_signals()
    for name, receive in (("course_published", on_course_published), ("course_deleted", on_course_deleted)):
        if name in courses:
            courses[name].connect(receive, dispatch_uid=f"beratung_{name}")


connect()
