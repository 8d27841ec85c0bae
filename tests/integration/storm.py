"""Many people at the same moment: real threads with a database connection each."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from threading import Barrier

from django.contrib.auth import get_user_model
from django.db import close_old_connections, connection, connections
from django.utils import timezone

from beratung_xblock.data.actor import Actor
from beratung_xblock.models import Registration, Round, UndertakingAcceptance
from tests.integration import world

HELD = ("registered", "offered")


@dataclass
class Outcome:
    """Seconds per call, the results in order of the calls, and what went wrong."""

    seconds: list[float] = field(default_factory=list)
    results: list[object] = field(default_factory=list)
    errors: list[BaseException] = field(default_factory=list)
    wall: float = 0.0

    def percentile(self, share: float) -> float:
        """The time that this share of the calls did not exceed."""
        ordered = sorted(self.seconds)
        return ordered[min(len(ordered) - 1, int(share * len(ordered)))]


def people(count: int, *, prefix: str = "storm") -> list[Actor]:
    """So many enrolled persons who accepted the undertaking."""
    model = get_user_model()
    model.objects.bulk_create(
        [model(username=f"{prefix}{n}", email=f"{prefix}{n}@example.org", password="!") for n in range(count)]
    )
    users = list(model.objects.filter(username__startswith=prefix).order_by("pk"))
    UndertakingAcceptance.objects.bulk_create(
        [
            UndertakingAcceptance(
                course_key=world.COURSE, user=user, version="1", language="de", text_hash="x", accepted_at=timezone.now()
            )
            for user in users
        ]
    )
    return [world.actor(user) for user in users]


def at_once(calls: Sequence[Callable[[], object]], *, connections_used: int = 10) -> Outcome:
    """Run the calls on so many connections, all starting together; each thread closes its connection."""
    outcome = Outcome()
    barrier = Barrier(connections_used)
    shares = [calls[number::connections_used] for number in range(connections_used)]

    def work(share: Sequence[Callable[[], object]]) -> None:
        close_old_connections()
        connection.ensure_connection()
        barrier.wait()
        try:
            for call in share:
                begin = time.perf_counter()
                try:
                    outcome.results.append(call())
                except Exception as error:  # judged by the test
                    outcome.errors.append(error)
                outcome.seconds.append(time.perf_counter() - begin)
        finally:
            connections.close_all()

    begin = time.perf_counter()
    with ThreadPoolExecutor(connections_used) as pool:
        for done in [pool.submit(work, share) for share in shares]:
            done.result()
    outcome.wall = time.perf_counter() - begin
    return outcome


def check(round_uid: str) -> dict[str, int]:
    """The invariants of a round: limits hold, offers and states agree, seats fit answers. Returns people per state."""
    round_ = Round.objects.get(uid=round_uid)
    rows = list(Registration.objects.filter(round=round_).prefetch_related("availabilities", "offers"))
    held = [row for row in rows if row.state in HELD]
    if round_.capacity is not None:
        assert len(held) <= round_.capacity
    for slot in round_.slots.all():
        limit = slot.capacity if slot.capacity is not None else slot.max_groups * 8
        assert sum(row.seat_id == slot.pk for row in held) <= limit
    users = [row.user_id for row in rows]
    assert len(users) == len(set(users))
    for row in rows:
        open_offers = [offer for offer in row.offers.all() if offer.state == "open"]
        assert len(open_offers) == (row.state == "offered"), row.state
        willing = {a.slot_id for a in row.availabilities.all() if a.answer in ("yes", "maybe")}
        if row.state in HELD:
            assert row.seat_id in willing
        else:
            assert row.seat_id is None
    return {word: sum(row.state == word for row in rows) for word in ("registered", "offered", "waiting", "cancelled")}
