"""Sessions with attendance as plain rows, fast and of any shape, for reports and certificates; and the same counted by hand."""

from __future__ import annotations

import datetime as dt
import itertools
import random
from collections import defaultdict
from zoneinfo import ZoneInfo

from django.utils import timezone

from beratung_xblock.api import closing
from beratung_xblock.models import Attendance, Group, Membership, Reflection, Registration, Round, Session, SessionCase, Slot
from tests.integration import world

BERLIN = ZoneInfo("Europe/Berlin")
REGIONS = ("Nord", "Süd", "West")
WAYS = ("online", "phone", "on_site")
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


def busy_year(place, seed, *, year=2025, people=40, sessions=14):
    """Sessions all over the year with people of uneven regions and formats."""
    draw = random.Random(seed)
    everybody = [(user, draw.choices(REGIONS, (10, 5, 1))[0], draw.choices(WAYS, (12, 3, 1))[0]) for user in users(people)]
    for number in range(sessions):
        day = dt.date(year, (1, 2, 4, 5, 8, 11)[number % 6], draw.randint(1, 28))
        chosen = draw.sample(everybody, draw.randint(3, 8))
        group = session(place, [(user, region, way, draw.choice((0, 60, 90, 120))) for user, region, way in chosen], on=day)
        consult(group, draw.randint(0, 3))


def four_rounds(place, seed, *, people, year=2025):
    """A round in each quarter, as the product means it: groups of about six, most people come, nobody twice in a round."""
    draw = random.Random(seed)
    everybody = [(user, draw.choices(REGIONS, (10, 5, 1))[0], draw.choices(WAYS, (12, 3, 1))[0]) for user in users(people)]
    for month in (2, 5, 9, 11):
        there = [(*one, draw.choice((90, 120, 120))) for one in draw.sample(everybody, round(people * draw.uniform(0.7, 0.9)))]
        groups = max(1, len(there) // 6)
        for number in range(groups):
            group = session(place, there[number::groups], on=dt.date(year, month, 1 + number % 28))
            consult(group, draw.choice((1, 1, 2)))


def close(lead, quarters, year=2025):
    """Close the year (0) or quarters."""
    for quarter in quarters:
        closing.close_period(actor=lead, year=year, quarter=quarter)


def raw_counts(place, year):
    """A second computation with plain loops: {(measure, period, kind, value): number}."""
    found = defaultdict(set)
    minutes = defaultdict(int)
    first = {}
    rows = sorted(
        Attendance.objects.filter(group__round__place=place).select_related("registration", "group__slot"),
        key=lambda row: row.group.slot.starts_at,
    )
    for row in rows:
        if row.minutes:
            first.setdefault(row.registration.user_id, row)
    for row in rows:
        day = row.group.slot.starts_at.astimezone(BERLIN)
        if day.year != year:
            continue
        for period in (str((day.month + 2) // 3), "year"):
            found["registered", period, "all", ""].add(row.registration_id)
            for part in (("all", ""), ("region", row.registration.region), ("format", row.take_part)):
                if row.minutes:
                    found["attendances", period, *part].add(row.pk)
                    found["people", period, *part].add(row.registration.user_id)
                    minutes[period, *part] += row.minutes
                    if first[row.registration.user_id].pk == row.pk:
                        found["new_people", period, *part].add(row.registration.user_id)
    for row in SessionCase.objects.filter(session__group__round__place=place):
        day = row.consulted_at.astimezone(BERLIN)
        if day.year == year:
            for period in (str((day.month + 2) // 3), "year"):
                found["cases", period, "all", ""].add(row.pk)
    counts = {key: len(value) for key, value in found.items()}
    counts.update({("hours", *key): round(value / 60, 1) for key, value in minutes.items()})
    counts.update({("units", *key): round(value / 45, 1) for key, value in minutes.items()})
    return defaultdict(int, counts)


def the_sum(truth, name, period, kind, value):
    """A figure of the second computation; lines that are told together are added."""
    return round(sum(truth[name, period, kind, one] for one in value), 1) if isinstance(value, tuple) else truth[name, period, kind, value]
