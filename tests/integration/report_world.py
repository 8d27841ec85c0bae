"""Sessions with attendance as plain rows, fast and of any shape, for reports and certificates."""

from __future__ import annotations

import datetime as dt
import itertools
from zoneinfo import ZoneInfo

from django.utils import timezone

from beratung_xblock.models import Attendance, Group, Membership, Reflection, Registration, Round, Session, SessionCase, Slot
from tests.integration import world

BERLIN = ZoneInfo("Europe/Berlin")
_numbers = itertools.count(1)


def session(place, people, *, on=dt.date(2025, 5, 13), minutes=120, title="Runde"):
    """One group that met: `people` are (user or None, region, way of taking part, minutes present). Returns the group."""
    starts = dt.datetime.combine(on, dt.time(18), tzinfo=BERLIN)
    round_ = Round.objects.create(
        place=place, title=f"{title} {next(_numbers)}", state="finished", closes_at=starts - dt.timedelta(days=5), rules=place.settings
    )
    slot = Slot.objects.create(round=round_, starts_at=starts, ends_at=starts + dt.timedelta(minutes=minutes))
    group = Group.objects.create(round=round_, slot=slot, number=1, published_at=starts)
    for user, region, way, present in people:
        row = Registration.objects.create(
            round=round_, user=user, display_name=f"Person {next(_numbers)}", region=region, take_part=way, queued_at=starts
        )
        Membership.objects.create(group=group, registration=row, joined_at=starts)
        Attendance.objects.create(
            group=group, registration=row, minutes=present, scheduled_minutes=minutes, take_part=way, updated_at=timezone.now()
        )
    return group


def reflect(group, helped, safe):
    """Everybody of the group answers the same."""
    for row in Registration.objects.filter(round=group.round):
        Reflection.objects.create(group=group, registration=row, helped=helped, safe=safe, created_at=timezone.now())


def consult(group, count):
    """So many cases of the group's first people were consulted in its session."""
    session, _made = Session.objects.get_or_create(group=group)
    for row in Registration.objects.filter(round=group.round).order_by("pk")[:count]:
        SessionCase.objects.create(session=session, giver=row, consulted_at=group.slot.starts_at)


def users(count):
    """Fresh platform users."""
    return [world.user() for _ in range(count)]
