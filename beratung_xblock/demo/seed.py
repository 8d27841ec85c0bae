"""Fill the demo: people, the author's settings, a round of this quarter with two evenings, sign-ups and cases.

Everything goes through ``beratung_xblock.api``, as if people had clicked. Doing it twice changes nothing.
"""

from __future__ import annotations

import datetime as dt
import json
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from completion.waffle import ENABLE_COMPLETION_TRACKING_SWITCH
from django.contrib.auth import get_user_model
from django.contrib.auth.models import Group
from django.contrib.sites.models import Site
from django.utils import timezone
from waffle.models import Switch

from beratung_xblock.api import assignment, cases, places, publishing, rounds, signup, undertaking
from beratung_xblock.data.actor import Actor
from beratung_xblock.demo.course import BERATUNG, COURSE_KEY, PRACTICE
from beratung_xblock.demo.personas import ENNEPE, FACILITATOR, HAGEN, PERSONAS, VOLUNTEERS, Persona
from beratung_xblock.demo.runtime import DemoRuntime

ROLES = {"volunteer": ("enrolled",), "facilitator": ("enrolled", "instructor"), "author": ("enrolled", "staff")}
BERLIN = ZoneInfo("Europe/Berlin")
MEETING = {
    "meeting_url": "https://teams.microsoft.com/l/meetup-join/demo-beratung",
    "meeting_number": "123 456 789 00",
    "meeting_passcode": "Demo12",
    "dial_in": "+49 30 23125000",
}
SETTINGS = {
    "organisation_name": "Ehrenamtsbüro Beispielstadt",
    "languages": ["de", "en", "uk", "ru", "ar", "tr", "fa"],
    "regions": [HAGEN, ENNEPE],
    # Numbers that German authorities keep free for films and books.
    "hotline": "+49 30 23125 100",
    "hotline_hours": "Montag bis Freitag, 9 bis 20 Uhr",
    "contact_name": "Katrin Sommer",
    "contact_phone": "+49 30 23125 101",
    "youth_office_phone": "+49 30 23125 102",
    # The practice meeting beside it stands for the whole course on Teams.
    "teams_course_url": f"/courses/{COURSE_KEY}/jump_to/{PRACTICE.usage_key}",
}
NO_BOUNDARY = {"child": "no", "suicide": "no", "violence": "no", "crime": "no", "law": "no"}
DAYS_AHEAD = 14
TODAY = "Sitzung heute"
HERE = Path(__file__).parent


def _user(persona: Persona) -> Any:
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
    return user


def actor_of(persona: Persona) -> Actor:
    """The persona at the beratung block."""
    return Actor(
        user_id=_user(persona).pk,
        usage_key=str(BERATUNG.usage_key),
        course_key=str(COURSE_KEY),
        is_enrolled=True,
        is_instructor=persona.kind == "facilitator",
        is_coordinator=persona.kind == "facilitator",
        is_author=persona.kind == "author",
        full_name=persona.full_name,
    )


def _settings() -> None:
    """What the author would have typed in Studio; later edits by a visitor stay."""
    block = DemoRuntime(None, studio=True).get_block(BERATUNG.usage_key)
    if block.fields["organisation_name"].is_set_on(block):
        return
    for name, value in SETTINGS.items():
        setattr(block, name, value)
    block.emergency_checked_on = timezone.localdate().isoformat()
    block.save()


def evening(day: dt.date) -> dict[str, Any]:
    """A date of a round, 18 to 20 o'clock."""
    return {"starts_at": f"{day}T18:00", "minutes": 120, "time_zone": "Europe/Berlin", "max_groups": 2, **MEETING}


def _case_texts() -> dict[str, dict[str, Any]]:
    found = json.loads((HERE / "data" / "cases.json").read_text(encoding="utf-8"))["cases"]
    return {case["id"]: case for case in found}


def _promise(actor: Actor) -> None:
    """Accept the undertaking, once."""
    settings = places.settings_of(usage_key=actor.usage_key)
    if undertaking.accepted_on(actor=actor, settings=settings) is None:
        undertaking.accept(actor=actor, version=settings.undertaking_version, confirmed=True)


def sign_up(persona: Persona, round_uid: str, *, answers: list[str] | None = None) -> None:
    """Promise, sign up, and hand in the case if there is one."""
    actor = actor_of(persona)
    _promise(actor)
    slots = rounds.get_round(actor=actor, round_uid=round_uid).slots
    given = answers or list(persona.answers)
    text = _case_texts().get(persona.case)
    wishes = {
        "display_name": f"{persona.first_name} {persona.last_name[0]}.",
        "answers": {slot.uid: answer for slot, answer in zip(slots, given, strict=True)},
        "languages": list(persona.languages),
        "can_moderate": persona.can_moderate,
        "brings_case": text is not None,
        "urgency": text["urgency_self_rating"] if text else 1,
        "region": persona.region,
        "needs": list(persona.needs),
    }
    signup.register(actor=actor, round_uid=round_uid, wishes=wishes)
    if text:
        cases.submit(
            actor=actor,
            round_uid=round_uid,
            case={
                **{name: text[name] for name in ("title", "situation", "key_question")},
                "tried": "",
                "method": "",
                "urgency": str(text["urgency_self_rating"]),
            },
            boundaries=NO_BOUNDARY,
        )


def _round_of_the_quarter(lead: Actor) -> None:
    first = timezone.localdate(timezone=BERLIN) + dt.timedelta(days=DAYS_AHEAD)
    first += dt.timedelta(days=(1 - first.weekday()) % 7)
    uid = rounds.create_round(
        actor=lead,
        title=f"{(first.month + 2) // 3}. Quartal {first.year}",
        closes_at=f"{first - dt.timedelta(days=5)}T12:00",
        capacity=16,
        slots=[evening(first), evening(first + dt.timedelta(days=2))],
    )
    rounds.open_round(actor=lead, round_uid=uid)
    for persona in VOLUNTEERS:
        sign_up(persona, uid)


def session_today() -> str:
    """A round with one session that starts in ten minutes: six people, published. Returns the round's uid.

    An earlier one is cancelled, so that the pages show the new one.
    """
    lead = actor_of(FACILITATOR)
    for earlier in rounds.led_rounds(actor=lead, limit=50):
        if earlier.title.startswith(TODAY) and earlier.state in ("open", "closed", "published"):
            rounds.cancel_round(actor=lead, round_uid=earlier.uid)
    now = timezone.now()
    starts = (now + dt.timedelta(minutes=10)).replace(second=0, microsecond=0)
    local = timezone.localtime(now, BERLIN)
    uid = rounds.create_round(
        actor=lead,
        title=f"{TODAY}, {local:%H:%M} Uhr",
        closes_at=now + dt.timedelta(minutes=5),
        slots=[{"starts_at": starts, "minutes": 120, "time_zone": "Europe/Berlin", "max_groups": 1, **MEETING}],
    )
    rounds.open_round(actor=lead, round_uid=uid)
    for number in (1, 2, 3, 4, 6, 9):
        sign_up(VOLUNTEERS[number - 1], uid, answers=["yes"])
    rounds.close_round(actor=lead, round_uid=uid)
    revision = assignment.propose(actor=lead, round_uid=uid)
    publishing.publish(actor=lead, round_uid=uid, number=revision, ends_signup=True)
    return uid


def run() -> None:
    """People, settings, roles, the completion switch, the round."""
    Site.objects.update_or_create(pk=1, defaults={"domain": "127.0.0.1", "name": "Demo"})
    Switch.objects.get_or_create(name=ENABLE_COMPLETION_TRACKING_SWITCH.name, defaults={"active": True})
    for persona in PERSONAS:
        _user(persona)
    _settings()
    DemoRuntime(None).get_block(BERATUNG.usage_key).refresh_place()
    lead = actor_of(FACILITATOR)
    places.grant_coordinator(actor=lead, user_id=lead.user_id)
    _promise(actor_of(FACILITATOR))
    if not rounds.led_rounds(actor=lead, limit=1):
        _round_of_the_quarter(lead)
