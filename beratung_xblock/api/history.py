"""Who changed what, readable: the audit log of a place for its coordinators. Ids become names, content never appears."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping

from django.contrib.auth import get_user_model

from beratung_xblock import access
from beratung_xblock.data.actor import Actor
from beratung_xblock.data.reports import HistoryLine
from beratung_xblock.models import AuditEntry, Group, Registration, Round, Slot

__all__ = ["history"]

PAGE = 30
PRIVATE = ("case.draft", "case.read", "reflection.", "exclusion.", "takeaway.", "conflict.", "idea", "session.", "undertaking.accept", "own_data.")
"""Acts of volunteers about their own confidential things: theirs to see, not the coordinator's."""


def history(*, actor: Actor, offset: int = 0, limit: int = PAGE, area: str = "") -> tuple[list[HistoryLine], bool]:
    """One page, newest first, and whether there is more. `area` is the first word of an action ("round"). Six queries.

    Coordinators of one region see what concerns rounds and their region's people. Raises NotFound for others.
    """
    place = access.place(actor)
    if not actor.may_lead:
        raise access.NotFound
    rows = AuditEntry.objects.filter(place_id=place.pk)
    for prefix in PRIVATE:
        rows = rows.exclude(action__startswith=prefix)
    if area.isalpha():
        rows = rows.filter(action__startswith=f"{area}.")
    if actor.regions:
        foreign = Registration.objects.filter(round__place=place).exclude(region__in=actor.regions).values("uid")
        rows = rows.exclude(object_kind="registration", object_id__in=foreign)
    page = list(rows.order_by("-at", "-pk")[offset : offset + limit + 1])
    more = len(page) > limit
    page = page[:limit]
    subjects = _subjects(page)
    users = get_user_model().objects.in_bulk({row.actor_id for row in page if row.actor_id is not None})
    return [
        HistoryLine(
            at=row.at, role=row.actor_role, action=row.action, detail=dict(row.detail),
            who=_name(users.get(row.actor_id)) if row.actor_role != "volunteer" else "",
            subject=subjects.get((row.object_kind, row.object_id), ""),
        )
        for row in page
    ], more


def _name(user) -> str:
    return (user.get_full_name() or user.get_username()) if user is not None else ""


def _subjects(page: Iterable[AuditEntry]) -> Mapping[tuple[str, str], str]:
    """(kind, uid) -> title of a round, number of a group, display name of a registration."""
    wanted: dict[str, set[str]] = defaultdict(set)
    for row in page:
        wanted[row.object_kind].add(row.object_id)
    found: dict[tuple[str, str], str] = {}
    for uid, title in Round.objects.filter(uid__in=wanted["round"]).values_list("uid", "title"):
        found["round", uid] = title
    for uid, name in Registration.objects.filter(uid__in=wanted["registration"]).values_list("uid", "display_name"):
        found["registration", uid] = name
    for uid, number, title in Group.objects.filter(uid__in=wanted["group"]).values_list("uid", "number", "round__title"):
        found["group", uid] = f"{number} · {title}"
    for uid, title in Slot.objects.filter(uid__in=wanted["slot"]).values_list("uid", "round__title"):
        found["slot", uid] = title
    people = get_user_model().objects.in_bulk({int(uid) for uid in wanted["user"] if uid.isdigit()})
    for pk, user in people.items():
        found["user", str(pk)] = _name(user)
    return found
