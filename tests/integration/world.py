"""A small world for tests: a place, a round with two evenings, people with one click."""

from __future__ import annotations

import datetime as dt
import itertools
import zoneinfo

from django.contrib.auth import get_user_model
from django.utils import timezone

from beratung_xblock.api import places, rounds, signup, undertaking
from beratung_xblock.data.actor import Actor
from beratung_xblock.data.settings import validate_settings

BERLIN = zoneinfo.ZoneInfo("Europe/Berlin")
COURSE = "course-v1:Diakonie+KB+2027"
BLOCK = "block-v1:Diakonie+KB+2027+type@beratung+block@round"
_numbers = itertools.count(1)


def user(name: str = ""):
    """A fresh platform user."""
    number = next(_numbers)
    return get_user_model().objects.create_user(
        username=name or f"person{number}", email=f"person{number}@example.org", password="x"
    )


def actor(who=None, **rights) -> Actor:
    """An enrolled person, or what `rights` says."""
    rights = {"is_enrolled": True, **rights}
    return Actor(user_id=who.pk if who else None, usage_key=BLOCK, course_key=COURSE, **rights)


def lead(who=None) -> Actor:
    """A coordinator with the role in our table."""
    who = who or user()
    chief = Actor(user_id=who.pk, usage_key=BLOCK, course_key=COURSE, is_instructor=True)
    places.grant_coordinator(actor=chief, user_id=who.pk)
    return actor(who, is_coordinator=True)


def promise(who: Actor) -> Actor:
    """The same person, who has accepted the undertaking."""
    undertaking.accept(actor=who, version="1", confirmed=True)
    return who


def place(**settings):
    """The place with these settings."""
    return places.snapshot(usage_key=BLOCK, course_key=COURSE, settings=validate_settings(settings))


def open_round(coordinator: Actor, *, in_days: int = 14, evenings: int = 2, capacity=None, max_groups: int = 2) -> str:
    """An open round with evenings of 120 minutes, 18 o'clock in Berlin."""
    day = timezone.now().date() + dt.timedelta(days=in_days)
    slots = [
        {
            "starts_at": f"{day + dt.timedelta(days=n)}T18:00", "minutes": 120, "max_groups": max_groups,
            "meeting_url": "https://teams.microsoft.com/l/meetup-join/abc",
        }
        for n in range(evenings)
    ]
    closes = max(f"{day - dt.timedelta(days=2)}T12:00", f"{timezone.localtime(timezone.now() + dt.timedelta(hours=1), BERLIN):%Y-%m-%dT%H:%M}")
    uid = rounds.create_round(actor=coordinator, title="2. Quartal", closes_at=closes, slots=slots, capacity=capacity)
    rounds.open_round(actor=coordinator, round_uid=uid)
    return uid


def sign_up(who: Actor, round_uid: str, **wishes):
    """Accept the undertaking and sign up for every slot."""
    undertaking.accept(actor=who, version="1", confirmed=True)
    view = rounds.get_round(actor=who, round_uid=round_uid)
    wishes.setdefault("display_name", f"Person {who.user_id}")
    wishes.setdefault("answers", {slot.uid: "yes" for slot in view.slots})
    wishes.setdefault("languages", ["de"])
    return signup.register(actor=who, round_uid=round_uid, wishes=wishes)


CASE = {
    "title": "Nachrichten bis spät in die Nacht",
    "situation": "Seit acht Monaten begleite ich eine Familie. " * 6,
    "tried": "Ich habe mein Handy abends leise gestellt.",
    "key_question": "Wie setze ich eine Grenze?",
    "method": "",
    "urgency": "2",
}
NO_BOUNDARY = {"child": "no", "suicide": "no", "violence": "no", "crime": "no", "law": "no"}
