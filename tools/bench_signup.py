"""Sign-up when everybody clicks at once, and what one write costs in a large round. On a private MariaDB server.

Runs in a process of its own, because the database is chosen when Django starts.
"""

from __future__ import annotations

import functools
import json
import os
import statistics
import time
from collections.abc import Callable

REPEAT = 15
TIMES = 20


def run() -> dict:
    """Measure beside a private server."""
    from tools.mariadb import measure_apart

    return measure_apart("tools.bench_signup")


def measure() -> dict:
    """All figures; the database is empty before."""
    import django

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tests.settings")
    django.setup()
    from django.core.management import call_command

    from beratung_xblock import outbox
    from tests.integration import world

    call_command("migrate", verbosity=0)
    outbox.announce = lambda: None
    world.place()
    lead = world.lead()
    return {"rush_of_250": _rushes(lead), "large_rounds": _large_rounds(lead)}


def _rushes(lead) -> dict:
    from tests.integration import storm
    from tests.integration.test_signup_storm import new_round, rush

    crowd = storm.people(250)
    walls, p95, errors = [], [], 0
    for _ in range(TIMES):
        uid = new_round(lead, capacity=15)
        outcome = rush(uid, crowd, connections_used=10)
        counts = storm.check(uid)
        assert (counts["registered"], counts["waiting"]) == (15, 235), counts
        walls.append(round(outcome.wall, 2))
        p95.append(round(outcome.percentile(0.95), 3))
        errors += len(outcome.errors)
    return {"connections": 10, "seconds": walls, "p95_seconds": p95, "errors": errors}


def _large_rounds(lead) -> dict:
    small = _one_size(lead, 100)
    large = _one_size(lead, 10_000)
    return {
        name: {"ms_at_100": small[name], "ms_at_10000": large[name], "ratio": round(large[name] / small[name], 2)}
        for name in small
    }


def _one_size(lead, size: int) -> dict[str, float]:
    from beratung_xblock.api import desk, rounds, signup, waiting
    from beratung_xblock.models import Registration, Round
    from tests.integration import storm, world
    from tests.integration.test_signup_storm import wishes_for

    uid = world.open_round(lead, evenings=4, in_days=30, max_groups=500)
    _fill(uid, size)
    people = storm.people(REPEAT * 2, prefix=f"n{size}x")
    wishes = wishes_for(uid)
    fresh, others = people[:REPEAT], people[REPEAT:]
    figures = {
        "register": _median(functools.partial(signup.register, actor=p, round_uid=uid, wishes=wishes) for p in fresh),
        "own_registration": _median(functools.partial(signup.own_registration, actor=p, round_uid=uid) for p in fresh),
        "update": _median(functools.partial(signup.update, actor=p, round_uid=uid, wishes=wishes) for p in fresh),
        "get_round": _median(functools.partial(rounds.get_round, actor=p, round_uid=uid) for p in fresh),
        "desk_registrations": _median(
            functools.partial(desk.registrations, actor=lead, round_uid=uid) for _ in range(REPEAT)
        ),
        "cancel": _median(functools.partial(signup.cancel, actor=p, round_uid=uid) for p in fresh),
    }
    held = Registration.objects.filter(round__uid=uid, state="registered").count()
    Round.objects.filter(uid=uid).update(capacity=held)
    figures["register_when_full"] = _median(
        functools.partial(signup.register, actor=p, round_uid=uid, wishes=wishes) for p in others
    )
    figures["waiting_position"] = _median(
        functools.partial(signup.own_registration, actor=p, round_uid=uid) for p in others
    )
    figures["waiting_list"] = _median(
        functools.partial(waiting.list_waiting, actor=lead, round_uid=uid) for _ in range(REPEAT)
    )
    return figures


def _fill(uid: str, size: int) -> None:
    """So many registrations without their mails, written in bulk, each seated and willing on all dates."""
    from django.contrib.auth import get_user_model
    from django.utils import timezone

    from beratung_xblock.models import Availability, Registration, Round

    round_ = Round.objects.get(uid=uid)
    slots = list(round_.slots.all())
    model = get_user_model()
    model.objects.bulk_create(
        [model(username=f"s{size}-{n}", email=f"s{size}-{n}@example.org", password="!") for n in range(size)],
        batch_size=2000,
    )
    users = model.objects.filter(username__startswith=f"s{size}-").order_by("pk")
    Registration.objects.bulk_create(
        [
            Registration(
                round=round_,
                user=user,
                display_name=user.username,
                seat=slots[n % len(slots)],
                queued_at=timezone.now(),
            )
            for n, user in enumerate(users)
        ],
        batch_size=2000,
    )
    Availability.objects.bulk_create(
        [
            Availability(registration=row, slot=slot, answer="yes")
            for row in Registration.objects.filter(round=round_)
            for slot in slots
        ],
        batch_size=5000,
    )


def _median(calls) -> float:
    """Milliseconds of the middle call; the first one warms up."""
    return round(1000 * statistics.median([_time(call) for call in calls][1:]), 2)


def _time(call: Callable[[], object]) -> float:
    begin = time.perf_counter()
    call()
    return time.perf_counter() - begin


if __name__ == "__main__":
    print(json.dumps(measure()))
