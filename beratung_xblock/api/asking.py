"""The coordinator asks people for something by mail: come to the date, hand in the planned case, moderate. Once a day at most.

A mail of these kinds that is no longer true when it is sent (somebody confirmed meanwhile) stays unsent; see `mails.facts`.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable

from django.db.models import IntegerField, QuerySet, Value
from django.utils import timezone

from beratung_xblock import access, outbox
from beratung_xblock.data.actor import Actor
from beratung_xblock.data.enums import CaseState, RegistrationState, RoundState
from beratung_xblock.exceptions import Conflict
from beratung_xblock.models import AuditEntry, Case, Group, Membership, Registration

from ._write import audit, locked_round, retried

__all__ = ["ask_for_case", "ask_for_moderators", "asked_today", "groups_needing", "remind"]

REMIND, CASE, MODERATE = "reminder", "case_wanted", "moderator_wanted"


def _cause(subject: str) -> str:
    return f"{subject}:asked{timezone.localdate():%Y%m%d}"


def unconfirmed(group_pks: Iterable[int]) -> QuerySet[Membership]:
    """Members who have not said "I will come" yet."""
    return Membership.objects.filter(group_id__in=group_pks, left_at__isnull=True, confirmed_at__isnull=True)


def without_case(group_pks: Iterable[int]) -> QuerySet[Membership]:
    """Members whose case is planned to be heard and who have not handed one in."""
    handed_in = Case.objects.filter(state=CaseState.SUBMITTED.value).values("registration_id")
    return Membership.objects.filter(
        group_id__in=group_pks, left_at__isnull=True, heard_order__isnull=False, registration__user__isnull=False
    ).exclude(registration_id__in=handed_in)


def asked_today(*, uids: Iterable[str]) -> set[tuple[str, str]]:
    """(kind of mail, uid of a group or round) of those about which people were asked by hand today. One query."""
    midnight = timezone.localtime().replace(hour=0, minute=0, second=0, microsecond=0)
    rows = AuditEntry.objects.filter(
        object_kind__in=("group", "round"), object_id__in=list(uids), action__in=[f"mail.{kind}" for kind in (REMIND, CASE, MODERATE)],
        at__gte=midnight,
    )
    return {(action.removeprefix("mail."), uid) for action, uid in rows.values_list("action", "object_id")}


def _ask_members(actor: Actor, group_uid: str, kind: str, whom: Callable[[Iterable[int]], QuerySet[Membership]]) -> int:
    group = access.led_group(actor, group_uid)
    with locked_round(group.round_id) as held:
        now = timezone.now()
        if group.slot.starts_at <= now:
            raise Conflict("begun")
        seats = list(whom([group.pk]).select_related("registration"))
        if not seats:
            raise Conflict("nobody_to_ask")
        hours = max(3, round((group.slot.starts_at - now).total_seconds() / 3600))
        for seat in seats:
            outbox.tell(seat.registration, kind=kind, place_id=held.place_id, cause=_cause(group.uid), hours=hours)
        audit(
            actor, f"mail.{kind}", kind="group", uid=group.uid, place_id=held.place_id, round_uid=held.uid, people=len(seats)
        )
    return len(seats)


@retried
def remind(*, actor: Actor, group_uid: str) -> int:
    """Remind the members of a group who have not confirmed; returns how many. Raises Conflict("begun" | "nobody_to_ask")."""
    return _ask_members(actor, group_uid, REMIND, unconfirmed)


@retried
def ask_for_case(*, actor: Actor, group_uid: str) -> int:
    """Ask those whose case is planned and missing to hand it in; returns how many. Raises Conflict like `remind`."""
    return _ask_members(actor, group_uid, CASE, without_case)


@retried
def ask_for_moderators(*, actor: Actor, round_uid: str) -> int:
    """Ask everybody registered with an account who does not moderate yet; returns how many.

    Only while they can still change their registration. Raises Conflict("closed" | "nobody_to_ask").
    """
    round_ = access.led_round(actor, round_uid)
    with locked_round(round_.pk) as held:
        if held.state != RoundState.OPEN.value or held.closes_at <= timezone.now():
            raise Conflict("closed")
        rows = list(
            Registration.objects.filter(
                round=held, can_moderate=False, user__isnull=False,
                state__in=(RegistrationState.REGISTERED.value, RegistrationState.WAITING.value),
            )
        )  # fmt: skip
        if not rows:
            raise Conflict("nobody_to_ask")
        outbox.tell_many(rows, kind=MODERATE, place_id=held.place_id, cause=_cause(held.uid))
        audit(
            actor, f"mail.{MODERATE}", kind="round", uid=held.uid, place_id=held.place_id, round_uid=held.uid, people=len(rows)
        )
    return len(rows)


def groups_needing(groups: Iterable[Group]) -> tuple[Counter[int], Counter[int]]:
    """Group pk -> people who have not confirmed; group pk -> planned cases that are missing. One query."""
    keys = [group.pk for group in groups]
    silent, caseless = (
        whom(keys).order_by().values_list("group_id", Value(kind, output_field=IntegerField()))
        for kind, whom in enumerate((unconfirmed, without_case))
    )
    rows = list(silent.union(caseless, all=True))
    return Counter(group for group, kind in rows if kind == 0), Counter(group for group, kind in rows if kind == 1)
