"""The Verschwiegenheitserklärung: versioned text, accepted before anything of a round is visible."""

from __future__ import annotations

import datetime as dt
import hashlib
from dataclasses import dataclass

from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import override

from beratung_xblock import access
from beratung_xblock.data.actor import Actor
from beratung_xblock.data.settings import PlaceSettings, settings_from_snapshot
from beratung_xblock.exceptions import Conflict, Invalid, UndertakingNeeded
from beratung_xblock.models import Evidence, UndertakingAcceptance

from ._write import audit, retried

__all__ = ["UndertakingText", "accept", "accepted_any", "accepted_on", "current_text", "number_is_taken", "record_paper", "require", "require_any"]


@dataclass(frozen=True, kw_only=True)
class UndertakingText:
    """The text in force. `binding` is German; `translation` stands beside it when the reader's language differs."""

    version: str
    binding: str
    translation: str
    text_hash: str


def _paragraphs() -> str:
    return "\n\n".join(
        (
            _("What I hear in the peer consultation stays there. I tell nobody: not friends, not my family, not the"
              " people I accompany."),
            _("This promise has no end. It also holds when I no longer volunteer."),
            _("I tell my own cases without names, places and numbers."),
            _("I make no recording, no transcript, no photo and no screenshot. I use no artificial intelligence to"
              " take notes."),
            _("I use my own user account and lock my screen. Nobody listens in with me. I do not forward links."),
            _("If something became known by mistake, I tell the coordination at once."),
            _("There are exceptions: danger to life, a child in danger, a planned serious crime. Then I speak to my"
              " contact among the paid staff, or call 110 or 112."),
            _("Legal basis: data secrecy under section 26 of the church data protection law (DSG-EKD), or the law"
              " named by my organisation."),
        )
    )


def current_text(*, settings: PlaceSettings, language: str) -> UndertakingText:
    """The undertaking in force for a place: the author's own text, or ours."""
    with override("de"):
        binding = settings.undertaking_text or _paragraphs()
    translation = ""
    if language != "de" and not settings.undertaking_text:
        with override(language):
            translation = _paragraphs()
    digest = hashlib.sha256(binding.encode()).hexdigest()
    return UndertakingText(
        version=settings.undertaking_version, binding=binding, translation=translation, text_hash=digest
    )


def accepted_on(*, actor: Actor, settings: PlaceSettings) -> dt.datetime | None:
    """When the actor accepted the version in force, None when not. One query."""
    return (
        UndertakingAcceptance.objects.filter(
            course_key=actor.course_key, user_id=actor.user_id, user__isnull=False,
            version=settings.undertaking_version,
        )
        .values_list("accepted_at", flat=True)
        .first()
    )


def require(*, actor: Actor, settings: PlaceSettings) -> None:
    """Raise UndertakingNeeded unless the version in force is accepted."""
    if accepted_on(actor=actor, settings=settings) is None:
        raise UndertakingNeeded


def accepted_any(*, actor: Actor) -> bool:
    """True for somebody who accepted some version in this course, however old. One query."""
    known = UndertakingAcceptance.objects.filter(course_key=actor.course_key, user_id=actor.user_id, user__isnull=False)
    return known.exists()


def require_any(*, actor: Actor) -> None:
    """Raise UndertakingNeeded for somebody who never accepted any version in this course.

    For the session, where the page asks for a new version before somebody comes in; who is inside stays. One query.
    """
    if not accepted_any(actor=actor):
        raise UndertakingNeeded


def number_is_taken(*, course_key: str, settings: PlaceSettings) -> bool:
    """True when somebody of the course accepted another text under this version number. One query."""
    digest = current_text(settings=settings, language="de").text_hash
    known = UndertakingAcceptance.objects.filter(course_key=course_key, version=settings.undertaking_version)
    return known.exclude(text_hash=digest).exists()


@retried
def accept(*, actor: Actor, version: str, confirmed: bool) -> None:
    """Accept the version that was shown. Raises Conflict("undertaking_version") when a newer one is in force."""
    access.require_writer(actor)
    place = access.place(actor)
    settings = settings_from_snapshot(place.settings)
    if version != settings.undertaking_version:
        raise Conflict("undertaking_version")
    if not confirmed:
        raise Invalid({"confirmed": "required"})
    text = current_text(settings=settings, language=actor.language)
    try:
        with transaction.atomic(durable=True):
            UndertakingAcceptance.objects.create(
                course_key=actor.course_key, user_id=actor.user_id, version=version, language=actor.language,
                text_hash=text.text_hash, accepted_at=timezone.now(),
            )
            Evidence.objects.update_or_create(
                place=place, user_id=actor.user_id, round_uid="", defaults={"undertaking": True}
            )
            audit(actor, "undertaking.accept", kind="user", uid=str(actor.user_id), place_id=place.pk)
    except IntegrityError:
        return  # accepted in another tab a moment ago


@retried
def record_paper(*, actor: Actor, registration_uid: str, on: dt.date) -> None:
    """Record a signed paper undertaking of a person registered by hand. What they accepted on the page stays as it is."""
    registration = access.led_registration(actor, registration_uid)
    place = registration.round.place
    settings = settings_from_snapshot(place.settings)
    if not isinstance(on, dt.date) or on > timezone.now().date():
        raise Invalid({"paper_date": "date"})
    text = current_text(settings=settings, language="de")
    with transaction.atomic(durable=True):
        proof = {
            "course_key": actor.course_key, "user_id": registration.user_id, "version": settings.undertaking_version,
            "registration_uid": "" if registration.user_id else registration.uid,
        }
        paper = {"paper_date": on, "recorded_by_id": actor.user_id}
        if not UndertakingAcceptance.objects.filter(**proof).update(**paper):
            UndertakingAcceptance.objects.create(
                **proof, **paper, language="de", text_hash=text.text_hash, accepted_at=timezone.now()
            )
        audit(
            actor, "undertaking.paper", kind="registration", uid=registration.uid, place_id=place.pk,
            round_uid=registration.round.uid,
        )
