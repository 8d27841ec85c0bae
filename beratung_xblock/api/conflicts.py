"""Whom somebody would rather not meet: declared before groups are built, private, no reason asked, sealed."""

from __future__ import annotations

from dataclasses import dataclass

from django.views.decorators.debug import sensitive_variables

from beratung_xblock import access, crypto
from beratung_xblock.data.actor import Actor
from beratung_xblock.data.enums import RegistrationState
from beratung_xblock.exceptions import Invalid, KeyMissing, NotFound, Unreadable
from beratung_xblock.models import Exclusion, Registration
from beratung_xblock.models._base import new_uid

from ._write import audit, locked_round, retried

__all__ = ["Peer", "declare", "declared", "peers", "take_back"]

MOST = 5
"""Declarations a person may make in one round; more make a group impossible rather than safe."""


@dataclass(frozen=True, kw_only=True)
class Peer:
    """Somebody else in the round, by display name."""

    uid: str
    name: str


def peers(*, actor: Actor, round_uid: str) -> list[Peer]:
    """Display names of the others in the round, for the actor to choose from. Two queries."""
    mine = access.own_registration(actor, round_uid)
    rows = (
        Registration.objects.filter(round_id=mine.round_id)
        .exclude(pk=mine.pk)
        .exclude(state=RegistrationState.CANCELLED.value)
        .order_by("display_name", "pk")
    )
    return [Peer(uid=uid, name=name) for uid, name in rows.values_list("uid", "display_name")[:500]]


@sensitive_variables()
def _opened(registration: Registration) -> dict[str, Exclusion]:
    found = {}
    for row in Exclusion.objects.filter(registration=registration).order_by("pk"):
        try:
            other = crypto.open_sealed(row.other_sealed, table="exclusion", column="other", row_uid=row.row_uid)
        except (KeyMissing, Unreadable):
            continue
        found[other.reveal()] = row
    return found


@sensitive_variables()
def declared(*, actor: Actor, round_uid: str) -> list[Peer]:
    """The actor's own declarations. Nobody else can ask this."""
    mine = access.own_registration(actor, round_uid)
    opened = _opened(mine)
    names = dict(Registration.objects.filter(uid__in=opened).values_list("uid", "display_name"))
    return [Peer(uid=uid, name=names[uid]) for uid in opened if uid in names]


@retried
@sensitive_variables()
def declare(*, actor: Actor, round_uid: str, other_uid: str) -> None:
    """"Ich möchte nicht mit ... in eine Gruppe". A hard rule of the assignment; declaring twice is once.

    Raises Invalid({"other": "range"}) above MOST, NotFound for somebody who is not in the round.
    """
    access.require_writer(actor)
    mine = access.own_registration(actor, round_uid)
    with locked_round(mine.round_id) as held:
        other = Registration.objects.filter(round=held, uid=str(other_uid)[:40]).exclude(pk=mine.pk).first()
        if other is None:
            raise NotFound
        opened = _opened(mine)
        if other.uid in opened:
            return
        if len(opened) >= MOST:
            raise Invalid({"other": "range"})
        uid = new_uid()
        Exclusion.objects.create(
            row_uid=uid,
            registration=mine,
            other_sealed=crypto.seal(other.uid, table="exclusion", column="other", row_uid=uid),
        )
        audit(
            actor, "exclusion.declare", kind="registration", uid=mine.uid, place_id=held.place_id, round_uid=held.uid
        )


@retried
@sensitive_variables()
def take_back(*, actor: Actor, round_uid: str, other_uid: str) -> None:
    """Withdraw a declaration."""
    access.require_writer(actor)
    mine = access.own_registration(actor, round_uid)
    with locked_round(mine.round_id) as held:
        row = _opened(mine).get(str(other_uid))
        if row is None:
            raise NotFound
        row.delete()
        audit(
            actor, "exclusion.take_back", kind="registration", uid=mine.uid, place_id=held.place_id,
            round_uid=held.uid,
        )
