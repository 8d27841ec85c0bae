"""The desk with 100 and with 10,000 registrations: server time and queries of each section, on SQLite and on MariaDB.

One process, templates warm. "cold" is the first view after somebody wrote to the round, with nothing kept in the cache;
"warm" every further one. `report_year` counts the people of a year, as closing it does, `move` is a step on the board with the page that follows.
"""

from __future__ import annotations

import datetime as dt
import json
import os
import statistics
import sys
import time
from types import SimpleNamespace

SIZES = (100, 10_000)
REPEAT = 5


def run() -> dict:
    """Both databases; milliseconds, queries and the ratio of each section."""
    from tools.mariadb import measure_apart

    return {"sqlite": measure(), "mariadb": measure_apart("tools.bench_desk")}


def measure() -> dict:
    """Build both places, render every section, on the database of this process."""
    import django
    from django.test.runner import DiscoverRunner

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tests.settings")
    django.setup()
    runner = DiscoverRunner(verbosity=0, interactive=False)
    old = runner.setup_databases()
    try:
        measured = {size: _sections(size) for size in SIZES}
    finally:
        runner.teardown_databases(old)
    small, large = (measured[size] for size in SIZES)
    return {
        name: {
            **{f"small_{key}": value for key, value in small[name].items()},
            **{f"large_{key}": value for key, value in large[name].items()},
            "ratio": round(large[name]["ms"] / small[name]["ms"], 2),
        }
        for name in small
    }  # fmt: skip


def _timed(step) -> float:
    started = time.perf_counter()
    step()
    return 1000 * (time.perf_counter() - started)


def _sections(size: int) -> dict[str, dict[str, float]]:
    from django.core.cache import cache
    from django.db import connection
    from django.test.utils import CaptureQueriesContext
    from django.utils import translation

    from beratung_xblock.pages import desk as _registered  # noqa: F401  (fills SECTIONS)
    from beratung_xblock.pages.desk.frame import SECTIONS, Desk, partial

    place, actor = _fill(size)
    block = SimpleNamespace(action_url=lambda name: f"/act/{name}", asset=lambda path: f"/static/{path}")
    found = {}

    def note(name: str, show) -> None:
        show()
        colds, warms = [], []
        for _number in range(REPEAT):
            cache.clear()
            colds.append(_timed(show))
            warms.append(_timed(show))
        with CaptureQueriesContext(connection) as queries:
            show()
        found[name] = {"ms": round(statistics.median(warms), 1), "cold_ms": round(statistics.median(colds), 1), "queries": len(queries)}
        print(f"{size:6} {name:14} {found[name]['ms']:8.1f} ms, cold {found[name]['cold_ms']:8.1f} ms, {len(queries):3} queries", file=sys.stderr, flush=True)

    with translation.override("de"):
        for name in SECTIONS:
            if name != "planning":
                note(name, lambda name=name: partial(Desk(block=block, actor=actor, place=place, section=name)))
        _steps(place, actor, block, note)
    return found


def _steps(place, actor, block, note) -> None:
    """A year counted anew, the list by name and searched, and a step on the board."""
    from django.utils import timezone

    from beratung_xblock.api import _report_rows, assignment
    from beratung_xblock.models import Proposal, Registration, Round
    from beratung_xblock.pages.desk.frame import Desk, partial

    year = timezone.now().year
    note("report_year", lambda: _report_rows.counts_of(place, year, 0))
    for order in ("name", "region", "waited"):
        note(f"list_by_{order}", lambda order=order: partial(Desk(block=block, actor=actor, place=place, section="registrations", asked={"order": order})))
    note("list_searched", lambda: partial(Desk(block=block, actor=actor, place=place, section="registrations", asked={"search": "Person 000"})))
    round_ = Round.objects.get(place=place)
    person = Registration.objects.filter(round=round_).order_by("pk").first().uid

    def move() -> None:
        newest = Proposal.objects.filter(round=round_).order_by("-number").values_list("number", flat=True).first()
        assignment.move(actor=actor, round_uid=round_.uid, number=newest, person=person, to_group="")
        partial(Desk(block=block, actor=actor, place=place, section="assignment", focus=person))
        assignment.undo(actor=actor, round_uid=round_.uid, number=newest + 1)

    note("move_and_undo", move)


def _fill(size: int):
    from django.contrib.auth import get_user_model
    from django.utils import timezone

    from beratung_xblock.api import places
    from beratung_xblock.data.actor import Actor
    from beratung_xblock.data.settings import validate_settings
    from beratung_xblock.models import (
        Attendance,
        Availability,
        Coordinator,
        Group,
        Membership,
        OutboxMail,
        Proposal,
        Registration,
        Round,
        Session,
        Slot,
    )  # fmt: skip

    now = timezone.now()
    course, usage = f"course-v1:Bench+KB+{size}", f"block-v1:Bench+KB+{size}+type@beratung+block@round"
    place = places.snapshot(usage_key=usage, course_key=course, settings=validate_settings({"regions": ["Nord", "Süd", "West"]}))
    lead = get_user_model().objects.create_user(username=f"lead{size}")
    Coordinator.objects.create(course_key=course, user=lead)
    round_ = Round.objects.create(place=place, title="2. Quartal", state="published", closes_at=now - dt.timedelta(days=10), rules=place.settings)
    slots = [
        Slot.objects.create(
            round=round_, starts_at=now + dt.timedelta(days=5 + n), ends_at=now + dt.timedelta(days=5 + n, hours=2), max_groups=size // 12 + 2, meeting_url="https://teams.microsoft.com/x",
        )
        for n in range(3)
    ]  # fmt: skip
    Registration.objects.bulk_create(
        Registration(
            round=round_, display_name=f"Person {n:05}", region=("Nord", "Süd", "West")[n % 3], languages=["de"], can_moderate=n % 6 == 0, brings_case=n % 6 == 1, queued_at=now
        )
        for n in range(size)
    )
    rows = list(Registration.objects.filter(round=round_).order_by("pk"))
    Availability.objects.bulk_create(
        [Availability(registration=row, slot=slot, answer="yes") for row in rows for slot in slots[:2]], batch_size=2000
    )
    groups = []
    for start in range(0, size - size % 6, 6):
        members = rows[start : start + 6]
        groups.append({
            "id": f"{size:08}{start:024}", "slot": slots[(start // 6) % 2].uid, "lang": "de", "members": [row.uid for row in members],
            "moderator": members[0].uid, "cases": [members[1].uid], "pinned": False, "pinned_members": [],
        })  # fmt: skip
    Proposal.objects.create(round=round_, number=1, groups=groups, unplaced={}, figures={})
    by_uid = {slot.uid: slot for slot in slots}
    Group.objects.bulk_create(
        Group(uid=raw["id"], round=round_, slot=by_uid[raw["slot"]], number=n, published_at=now) for n, raw in enumerate(groups, start=1)
    )
    stored = {group.uid: group for group in Group.objects.filter(round=round_)}
    Session.objects.bulk_create(Session(group=group) for group in stored.values())
    pk_of = {row.uid: row for row in rows}
    seats = [(stored[raw["id"]], pk_of[uid]) for raw in groups for uid in raw["members"]]
    Membership.objects.bulk_create([Membership(group=group, registration=row, joined_at=now) for group, row in seats], batch_size=2000)
    Attendance.objects.bulk_create(
        [Attendance(group=group, registration=row, minutes=120, scheduled_minutes=120, updated_at=now) for group, row in seats], batch_size=2000
    )
    OutboxMail.objects.bulk_create(
        [OutboxMail(place=place, round=round_, registration=row, kind="assigned", dedupe_key=f"{size}-{row.pk}", not_before=now, message_id=f"{row.pk}", state="sent") for row in rows],
        batch_size=2000,
    )
    actor = Actor(user_id=lead.pk, usage_key=usage, course_key=course, is_enrolled=True, is_coordinator=True, is_instructor=True)
    return place, actor


if __name__ == "__main__":
    print(json.dumps(measure()))
