"""The optional copy of published groups in course cohorts: which cohort holds whom. Who writes it listens to `groups_changed`.

Off unless `BERATUNG_MIRROR_COHORTS` is true: a person has one cohort per course, so copying moves people out of the one they are in.
Only accounts are copied; guests have none.
"""

from __future__ import annotations

from dataclasses import dataclass

from django.conf import settings
from django.db import transaction
from django.dispatch import Signal

from beratung_xblock.data.enums import GroupState, RoundState
from beratung_xblock.models import Group, Membership

groups_changed = Signal()
"""Sent after commit with `round_uid` when groups were published or somebody left, and copying is switched on."""

ACTIONS = frozenset({"round.publish", "round.cancel", "registration.cancel"})
"""Actions of the audit log after which cohorts differ from groups."""


@dataclass(frozen=True)
class WantedCohort:
    """One cohort as it should be; without people when the group is no more."""

    course_key: str
    name: str
    user_ids: tuple[int, ...]


def announce_after_commit(action: str, round_uid: str) -> None:
    """Tell whoever copies, when copying is on and the action changed groups. Never stops the write."""
    if getattr(settings, "BERATUNG_MIRROR_COHORTS", False) is True and action in ACTIONS and round_uid:
        transaction.on_commit(lambda: groups_changed.send_robust(sender=None, round_uid=round_uid), robust=True)


def wanted(round_uid: str) -> list[WantedCohort]:
    """The cohorts of a round's groups as they are now. Two queries.

    The name has a piece of the group's id, so that rounds with the same title never share a cohort.
    """
    groups = list(Group.objects.select_related("round", "round__place").filter(round__uid=round_uid).order_by("number"))
    people: dict[int, list[int]] = {}
    seats = Membership.objects.filter(group__in=groups, left_at__isnull=True, registration__user__isnull=False)
    for group_pk, user_pk in seats.order_by("registration__user_id").values_list("group_id", "registration__user_id"):
        people.setdefault(group_pk, []).append(user_pk)
    return [
        WantedCohort(
            course_key=group.round.place.course_key,
            name=f"{group.round.title[:200]} · {group.number} [{group.uid[:6]}]",
            user_ids=tuple(people.get(group.pk, ())) if _lives(group) else (),
        )
        for group in groups
    ]


def _lives(group: Group) -> bool:
    return group.state == GroupState.PUBLISHED.value and group.round.state != RoundState.CANCELLED.value
