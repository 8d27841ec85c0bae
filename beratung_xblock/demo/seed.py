"""Fill the demo: people, a round of this quarter with two evenings, sign-ups and cases. Doing it twice changes nothing."""

from __future__ import annotations

from completion.waffle import ENABLE_COMPLETION_TRACKING_SWITCH
from django.contrib.auth import get_user_model
from django.contrib.auth.models import Group
from django.contrib.sites.models import Site
from waffle.models import Switch

from beratung_xblock.demo.course import COURSE_KEY
from beratung_xblock.demo.personas import AUTHOR, FACILITATOR, PERSONAS, Persona

ROLES = {"volunteer": ("enrolled",), "facilitator": ("enrolled", "instructor"), "author": ("enrolled", "staff")}


def _person(persona: Persona) -> None:
    user, created = get_user_model().objects.get_or_create(
        username=persona.slug,
        defaults={"first_name": persona.first_name, "last_name": persona.last_name, "email": f"{persona.slug}@example.org"},
    )
    if created:
        user.set_unusable_password()
        user.save(update_fields=["password"])
    for word in ROLES[persona.kind]:
        # How the stand-in for the platform remembers enrolment and course roles.
        group, _created = Group.objects.get_or_create(name=f"{word}:{COURSE_KEY}")
        user.groups.add(group)


def run() -> None:
    """People, roles, the completion switch."""
    Site.objects.update_or_create(pk=1, defaults={"domain": "127.0.0.1", "name": "Demo"})
    Switch.objects.get_or_create(name=ENABLE_COMPLETION_TRACKING_SWITCH.name, defaults={"active": True})
    for persona in PERSONAS:
        _person(persona)


__all__ = ["AUTHOR", "FACILITATOR", "run"]
