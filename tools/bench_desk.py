"""The desk with 100 and with 10,000 registrations: server time and queries of each section. SQLite, one process, templates warm."""

from __future__ import annotations

import datetime as dt
import statistics
import time
from types import SimpleNamespace

SIZES = (100, 10_000)
REPEAT = 5


def run() -> dict:
    """Build both places, render every section, return milliseconds, queries and the ratio."""
    import django
    from django.test.runner import DiscoverRunner

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
            "small_ms": small[name]["ms"], "large_ms": large[name]["ms"], "ratio": round(large[name]["ms"] / small[name]["ms"], 2),
            "small_queries": small[name]["queries"], "large_queries": large[name]["queries"],
        }
        for name in small
    }  # fmt: skip


def _sections(size: int) -> dict[str, dict[str, float]]:
    from django.db import connection
    from django.test.utils import CaptureQueriesContext
    from django.utils import translation

    from beratung_xblock.pages import desk as _registered  # noqa: F401  (fills SECTIONS)
    from beratung_xblock.pages.desk.frame import SECTIONS, Desk, partial

    place, actor = _fill(size)
    block = SimpleNamespace(action_url=lambda name: f"/act/{name}", asset=lambda path: f"/static/{path}")
    found = {}
    with translation.override("de"):
        for name in SECTIONS:
            if name == "planning":
                continue

            def show(name: str = name) -> None:
                partial(Desk(block=block, actor=actor, place=place, section=name))

            show()
            with CaptureQueriesContext(connection) as queries:
                show()
            times = []
            for _number in range(REPEAT):
                started = time.perf_counter()
                show()
                times.append(1000 * (time.perf_counter() - started))
            found[name] = {"ms": round(statistics.median(times), 1), "queries": len(queries)}
            print(f"{size:6} {name:14} {found[name]['ms']:8.1f} ms {found[name]['queries']:3} queries", flush=True)
    return found


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
