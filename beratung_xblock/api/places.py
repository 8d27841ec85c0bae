"""Places: the snapshot of a block's settings that everything outside the block reads."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass

from django.db import IntegrityError, transaction
from django.db.models import F

from beratung_xblock.data.actor import Actor
from beratung_xblock.data.settings import PlaceSettings, settings_from_snapshot
from beratung_xblock.exceptions import NotFound
from beratung_xblock.models import Coordinator, Place, Round

from . import session_cache
from ._write import audit

__all__ = [
    "AuthorFacts", "TeamMember", "active_in", "author_facts", "coordinators", "draft_of", "grant_coordinator", "revoke_coordinator",
    "settings_of", "snapshot", "team", "withdraw_course", "withdraw_place",
]


def _digest(values: dict) -> str:
    return hashlib.sha256(json.dumps(values, sort_keys=True, ensure_ascii=False).encode()).hexdigest()


def snapshot(*, usage_key: str, course_key: str, settings: PlaceSettings) -> Place:
    """Store the settings of a block when they differ from what is stored. One query when nothing changed."""
    values = settings.as_dict()
    digest = _digest(values)
    place = Place.objects.filter(usage_key=usage_key).first()
    if place is not None and place.settings_hash == digest and place.is_active:
        return place
    if place is None:
        try:
            with transaction.atomic():
                return Place.objects.create(
                    usage_key=usage_key, course_key=course_key, settings=values, settings_hash=digest
                )
        except IntegrityError:
            place = Place.objects.get(usage_key=usage_key)
    Place.objects.filter(pk=place.pk).update(
        settings=values, settings_hash=digest, is_active=True, version=F("version") + 1
    )
    return Place.objects.get(pk=place.pk)


def draft_of(*, usage_key: str, settings: PlaceSettings) -> Place:
    """The stored place with the settings of a draft, which are not stored: what an author tries out changes nobody's round.

    One query. Raises NotFound when learners have no such place yet, or no longer.
    """
    place = Place.objects.filter(usage_key=usage_key, is_active=True).first()
    if place is None:
        raise NotFound
    place.settings = settings.as_dict()
    return place


def active_in(*, course_key: str) -> list[str]:
    """Usage keys of the places in a course that are open. One query."""
    return list(Place.objects.filter(course_key=course_key, is_active=True).order_by("pk").values_list("usage_key", flat=True))


def withdraw_place(*, usage_key: str) -> None:
    """The block was deleted or unpublished: its pages answer NotFound from now on, its rows stay until purge."""
    Place.objects.filter(usage_key=usage_key).update(is_active=False, version=F("version") + 1)


def withdraw_course(*, course_key: str) -> None:
    """The course was deleted: the same for all of its places, and nobody coordinates there any more."""
    Place.objects.filter(course_key=course_key).update(is_active=False, version=F("version") + 1)
    Coordinator.objects.filter(course_key=course_key).delete()


def settings_of(*, usage_key: str) -> PlaceSettings:
    """The stored settings of a place. Raises NotFound."""
    place = Place.objects.filter(usage_key=usage_key, is_active=True).first()
    if place is None:
        raise NotFound
    return settings_from_snapshot(place.settings)


def _place_id(actor: Actor) -> int | None:
    """The place at which a role was changed, so that its history can tell."""
    return Place.objects.filter(usage_key=actor.usage_key).values_list("pk", flat=True).first()


def grant_coordinator(*, actor: Actor, user_id: int, region: str = "") -> None:
    """Make somebody coordinator in the actor's course; for course instructors acting as themselves."""
    if actor.is_masquerading or not actor.is_instructor:
        raise NotFound
    with transaction.atomic():
        _, created = Coordinator.objects.get_or_create(
            course_key=actor.course_key,
            user_id=user_id,
            region=region,
            defaults={"granted_by_id": actor.user_id},
        )
        if created:
            audit(actor, "coordinator.grant", kind="user", uid=str(user_id), place_id=_place_id(actor))


def revoke_coordinator(*, actor: Actor, user_id: int) -> None:
    """Take the role away in all regions; for course instructors acting as themselves."""
    if actor.is_masquerading or not actor.is_instructor:
        raise NotFound
    with transaction.atomic():
        deleted, _ = Coordinator.objects.filter(course_key=actor.course_key, user_id=user_id).delete()
        if deleted:
            audit(actor, "coordinator.revoke", kind="user", uid=str(user_id), place_id=_place_id(actor))
    session_cache.forget_user(user_id)


def role_changed(*, by_user_id: int | None, course_key: str, user_id: int, granted: bool) -> None:
    """A role was given or taken in Django's admin: every place of the course records it, and open pages notice at once."""
    actor = Actor(user_id=by_user_id, usage_key="", course_key=course_key, is_global_staff=True)
    places = list(Place.objects.filter(course_key=course_key).order_by("pk").values_list("pk", flat=True))
    with transaction.atomic():
        for place_id in places or [None]:
            audit(actor, "coordinator.grant" if granted else "coordinator.revoke", kind="user", uid=str(user_id), place_id=place_id)
    transaction.on_commit(lambda: session_cache.forget_user(user_id))


@dataclass(frozen=True, kw_only=True)
class TeamMember:
    """One coordinator of a course as its instructors see them; `regions` empty means all."""

    user_id: int
    name: str
    regions: tuple[str, ...] = ()


def team(*, actor: Actor) -> list[TeamMember]:
    """The coordinators of the actor's course, for its instructors. One query."""
    if actor.is_masquerading or not actor.is_instructor:
        raise NotFound
    found: dict[int, TeamMember] = {}
    rows = Coordinator.objects.select_related("user").filter(course_key=actor.course_key).order_by("user__username", "region")
    for row in rows:
        known = found.get(row.user_id)
        regions = () if not row.region or (known and not known.regions) else (*(known.regions if known else ()), row.region)
        found[row.user_id] = TeamMember(
            user_id=row.user_id, name=row.user.get_full_name() or row.user.get_username(), regions=regions
        )
    return list(found.values())


@dataclass(frozen=True, kw_only=True)
class AuthorFacts:
    """What an author's preview says about a place beyond its settings: counts, nothing about people."""

    rounds: int
    coordinators: int


def author_facts(*, usage_key: str, course_key: str) -> AuthorFacts:
    """How many rounds a place has and how many people coordinate in its course. Two queries."""
    return AuthorFacts(
        rounds=Round.objects.filter(place__usage_key=usage_key).count(),
        coordinators=len(coordinators(course_key=course_key)),
    )


def coordinators(*, course_key: str) -> list[int]:
    """User ids of all coordinators of a course."""
    return sorted(set(Coordinator.objects.filter(course_key=course_key).values_list("user_id", flat=True)))
