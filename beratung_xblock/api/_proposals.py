"""The stored revisions of a round's assignment board: read, append, check. Called by the areas of the board."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from beratung_xblock import access
from beratung_xblock.assignment import Instance, Solution, validate
from beratung_xblock.data.actor import Actor
from beratung_xblock.data.enums import RoundState
from beratung_xblock.exceptions import Conflict
from beratung_xblock.models import Proposal, Round

from . import _instance
from ._write import audit

EDITABLE = (RoundState.OPEN.value, RoundState.CLOSED.value, RoundState.PUBLISHED.value)


def latest(round_pk: int) -> Proposal | None:
    """The newest revision of a round's proposal."""
    return Proposal.objects.filter(round_id=round_pk).order_by("-number").first()


def newest_number(round_pk: int) -> int:
    """The number of the newest revision, 0 when there is none; without its groups, which may be thousands."""
    return Proposal.objects.filter(round_id=round_pk).order_by("-number").values_list("number", flat=True).first() or 0


def store(
    held: Round, actor: Actor, *, groups: list[dict], unplaced: Mapping[str, str], figures: Mapping[str, Any],
    action: str,
) -> Proposal:
    """Append a revision inside a locked round."""
    row = Proposal.objects.create(
        round=held, number=newest_number(held.pk) + 1, groups=groups, unplaced=dict(unplaced),
        figures=dict(figures), action=action, created_by_id=actor.user_id,
    )
    audit(
        actor, f"assignment.{action}", kind="round", uid=held.uid, place_id=held.place_id, round_uid=held.uid,
        revision=row.number, groups=len(groups), unplaced=len(unplaced),
    )
    _instance.carry_over(held)
    return row


def numbered(round_uid: str, actor: Actor, number: int | None) -> tuple[Round, int]:
    """The round and the number of its newest revision. Raises Conflict("stale") when that is not revision `number` (0: none yet)."""
    round_ = access.led_round(actor, round_uid)
    if round_.state not in EDITABLE:
        raise Conflict("round_state")
    last = newest_number(round_.pk)
    if number is not None and number != last:
        raise Conflict("stale", current_version=last)
    return round_, last


def problems(instance: Instance, solution: Solution) -> dict[str, list[tuple[str, str]]]:
    """Broken rules by group id or person uid, without the reasons of people not placed."""
    found: dict[str, list[tuple[str, str]]] = {}
    for violation in validate(instance, solution):
        if violation.rule != "R":
            found.setdefault(violation.subject, []).append((violation.rule, violation.problem))
    return found
