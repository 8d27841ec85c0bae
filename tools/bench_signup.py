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
    """Each call in turn in the small and in the large round, so that other work on the machine meets both alike."""
    small, large = _calls(lead, 100), _calls(lead, 10_000)
    figures = {}
    for (name, in_small), (_name, in_large) in zip(small, large, strict=True):
        times: tuple[list[float], list[float]] = ([], [])
        for pair in zip(in_small, in_large, strict=True):
            for call, taken in zip(pair, times, strict=True):
                taken.append(_time(call))
        ms = [round(1000 * statistics.median(taken[1:]), 2) for taken in times]  # the first one warms up
        figures[name] = {"ms_at_100": ms[0], "ms_at_10000": ms[1], "ratio": round(ms[1] / ms[0], 2)}
    return figures


def _calls(lead, size: int):
    """Names with their calls, to be made in this order, in a round of so many people."""
    from beratung_xblock.api import desk, rounds, signup, waiting
    from beratung_xblock.models import Registration, Round
    from tests.integration import storm, world
    from tests.integration.test_signup_storm import wishes_for

    uid = world.open_round(lead, evenings=4, in_days=30, max_groups=500)
    _fill(uid, size)
    people = storm.people(REPEAT * 3, prefix=f"n{size}x")
    wishes = wishes_for(uid)
    fresh, others, newcomers = people[:REPEAT], people[REPEAT : 2 * REPEAT], people[2 * REPEAT :]
    each = functools.partial
    yield "register", [each(signup.register, actor=p, round_uid=uid, wishes=wishes) for p in fresh]
    yield "own_registration", [each(signup.own_registration, actor=p, round_uid=uid) for p in fresh]
    yield "page_registered", [_Page(p, uid, "You are signed up") for p in fresh]
    yield "update", [each(signup.update, actor=p, round_uid=uid, wishes=wishes) for p in fresh]
    yield "get_round", [each(rounds.get_round, actor=p, round_uid=uid) for p in fresh]
    for order in ("time", "name", "waited"):
        yield f"desk_by_{order}", [each(desk.registrations, actor=lead, round_uid=uid, order=order)] * REPEAT
    yield "desk_search", [each(desk.registrations, actor=lead, round_uid=uid, search="s1")] * REPEAT
    yield "cancel", [each(signup.cancel, actor=p, round_uid=uid) for p in fresh]
    held = Registration.objects.filter(round__uid=uid, state="registered").count()
    Round.objects.filter(uid=uid).update(capacity=held)
    yield "register_when_full", [each(signup.register, actor=p, round_uid=uid, wishes=wishes) for p in others]
    yield "page_sign_up_when_full", [_Page(p, uid, "All places are taken") for p in newcomers]
    yield "page_waiting", [_Page(p, uid, "Your position") for p in others]
    yield "waiting_position", [each(signup.own_registration, actor=p, round_uid=uid) for p in others]
    yield "waiting_list", [each(waiting.list_waiting, actor=lead, round_uid=uid)] * REPEAT
    Registration.objects.filter(round__uid=uid, user__username__startswith="s").update(state="waiting", seat=None)
    yield "waiting_list_of_all", [each(waiting.list_waiting, actor=lead, round_uid=uid)] * REPEAT
    yield "waiting_position_behind_all", [each(signup.own_registration, actor=p, round_uid=uid) for p in others]
    yield "page_waiting_behind_all", [_Page(p, uid, "Your position") for p in others]


class _Page:
    """The whole page of a volunteer, as the platform asks for it; the other rounds of the place are hidden meanwhile."""

    def __init__(self, person, uid: str, shown: str):
        self.person, self.uid, self.shown = person, uid, shown
        self.user, self.hidden = None, []

    def before(self) -> None:
        """What is not measured: the account, and that this round is the one to see."""
        from django.contrib.auth import get_user_model

        from beratung_xblock.models import Round
        from tests.blocks import stage

        self.user = stage.enrol(get_user_model().objects.get(pk=self.person.user_id))
        self.hidden = list(Round.objects.filter(state="open").exclude(uid=self.uid).values_list("pk", flat=True))
        Round.objects.filter(pk__in=self.hidden).update(state="draft")

    def after(self) -> None:
        """The other rounds are back."""
        from beratung_xblock.models import Round

        Round.objects.filter(pk__in=self.hidden).update(state="open")

    def __call__(self) -> None:
        from tests.blocks import stage

        assert self.shown in stage.show(self.user), self.shown


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


def _time(call: Callable[[], object]) -> float:
    if isinstance(call, _Page):
        call.before()
    begin = time.perf_counter()
    call()
    taken = time.perf_counter() - begin
    if isinstance(call, _Page):
        call.after()
    return taken


if __name__ == "__main__":
    print(json.dumps(measure()))
