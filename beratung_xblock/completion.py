"""Evidence -> fraction -> the platform's completion table, for any user, whoever clicks."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from urllib.parse import unquote

from completion.models import BlockCompletion
from completion.waffle import ENABLE_COMPLETION_TRACKING_SWITCH
from django.contrib.auth import get_user_model
from django.db import transaction
from opaque_keys import InvalidKeyError
from opaque_keys.edx.keys import CourseKey, UsageKey

from beratung_xblock.compat import platform
from beratung_xblock.data.enums import CompletionRule
from beratung_xblock.data.settings import PlaceSettings, settings_from_snapshot
from beratung_xblock.models import Evidence, Place

COURSE_IN_ADDRESS = re.compile(r"course-v1:[^/?#&\s]+")
PARTS = (("undertaking", 0.1), ("signed_up", 0.3), ("assigned", 0.4), ("attended", 0.8))


def _steps(row: Evidence) -> float:
    return max((share for name, share in PARTS if getattr(row, name)), default=0.0)


def fraction(rows: Iterable[Evidence], settings: PlaceSettings) -> float:
    """Completion of one person over all rounds: 0.0 to 1.0, the maximum over rounds under the author's rule."""
    rows = list(rows)
    rule = settings.completion_rule
    if rule == CompletionRule.TOOK_PART.value:
        done = sum(row.attended for row in rows) / settings.completion_sessions
        return min(1.0, max([done, *(min(_steps(row), 0.4) for row in rows)])) if rows else 0.0
    best = 0.0
    for row in rows:
        complete = {
            CompletionRule.SIGNED_UP.value: row.signed_up,
            CompletionRule.ATTENDED.value: row.attended,
            CompletionRule.ATTENDED_AND_REFLECTED.value: row.attended and row.reflected,
        }[rule]
        best = max(best, 1.0 if complete else _steps(row))
    return best


@dataclass(frozen=True, kw_only=True)
class Practised:
    """How much of a practice meeting somebody has done, 0.0 to 1.0, and where its page is."""

    share: float
    url: str


def practised(user_id: int | None, address: str) -> Practised | None:
    """The practice meeting somebody has done most of in the course an address leads to.

    None when the address names no course, or nothing was done there. One query, none without a course.
    """
    named = COURSE_IN_ADDRESS.search(unquote(address))
    if named is None or user_id is None:
        return None
    try:
        course = CourseKey.from_string(named.group())
    except InvalidKeyError:
        return None
    rows = BlockCompletion.objects.filter(user_id=user_id, context_key=course, block_type="teams_practice")
    most = rows.order_by("-completion", "block_key").values_list("completion", "block_key").first()
    return Practised(share=most[0], url=platform().jump_url(str(course), str(most[1]))) if most else None


def write(place: Place, user_ids: Iterable[int]) -> dict[int, float]:
    """Bring the platform's completion of these users in line with the evidence; returns what was written.

    A missing completion switch is tolerated (nothing is written; the nightly reconcile catches up).
    """
    settings = settings_from_snapshot(place.settings)
    ids = sorted({pk for pk in user_ids if pk is not None})
    evidence: dict[int, list[Evidence]] = {pk: [] for pk in ids}
    for row in Evidence.objects.filter(place=place, user_id__in=ids):
        evidence[row.user_id].append(row)
    written = {pk: fraction(rows, settings) for pk, rows in evidence.items()}
    if not ENABLE_COMPLETION_TRACKING_SWITCH.is_enabled():
        return {}
    key = UsageKey.from_string(place.usage_key)
    stored = dict(
        BlockCompletion.objects.filter(block_key=key, user_id__in=ids).values_list("user_id", "completion")
    )
    users = {user.pk: user for user in get_user_model().objects.filter(pk__in=ids)}
    for pk, share in written.items():
        if pk in users and stored.get(pk) != share and (share > 0 or pk in stored):
            BlockCompletion.objects.submit_completion(user=users[pk], block_key=key, completion=share)
            if settings.report_grade:
                platform().publish_score(users[pk], place.usage_key, share, 1.0)
    return written


def write_after_commit(place_id: int, user_ids: Iterable[int]) -> None:
    """Bring completion in line once the surrounding transaction is committed; a failure is logged by Django only.

    Evidence is the truth; the nightly reconcile repairs what was missed.
    """
    ids = [pk for pk in user_ids if pk is not None]

    def run() -> None:
        place = Place.objects.filter(pk=place_id).first()
        if place is not None:
            write(place, ids)

    if ids:
        transaction.on_commit(run, robust=True)
