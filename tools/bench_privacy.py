"""What confidentiality costs: sealing a case text, rotating ten thousand cases, purging a hundred thousand expired rows. On a private MariaDB.

Runs in a process of its own, because the database is chosen when Django starts. The purge is measured twice: how long it takes in all,
and how long another connection had to wait for a row of the same table meanwhile.
"""

from __future__ import annotations

import base64
import datetime as dt
import json
import os
import statistics
import threading
import time

CASES, EXPIRED = 10_000, 100_000
TEXT = "Seit acht Monaten begleite ich eine Familie. " * 34


def run() -> dict:
    """Measure beside a private server."""
    from tools.mariadb import measure_apart

    return measure_apart("tools.bench_privacy")


def measure() -> dict:
    """All figures; the database is empty before."""
    import django

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tests.settings")
    django.setup()
    from django.core.management import call_command

    call_command("migrate", verbosity=0)
    return {"sealing": _sealing(), "rotation": _rotation(), "purge": _purge()}


def _sealing() -> dict:
    from beratung_xblock import crypto

    def once() -> float:
        started = time.perf_counter()
        token = crypto.seal(TEXT[:1500], table="case", column="body", row_uid="x")
        crypto.open_sealed(token, table="case", column="body", row_uid="x")
        return 1000 * (time.perf_counter() - started)

    times = sorted(once() for _ in range(2000))
    return {"characters": 1500, "seal_and_open_median_ms": round(statistics.median(times), 4), "p99_ms": round(times[1980], 4)}


def _rotation() -> dict:
    from django.conf import settings
    from django.utils import timezone

    from beratung_xblock.api import rotation
    from beratung_xblock.api.cases import seal_case
    from beratung_xblock.models import Case
    from beratung_xblock.models._base import new_uid
    from tests.integration import world

    place, now = world.place(), timezone.now()
    rows = []
    for _ in range(CASES):
        uid = new_uid()
        rows.append(Case(row_uid=uid, place=place, state="draft", updated_at=now, **seal_case(row_uid=uid, title="Titel", body={"situation": TEXT[:1500]})))
    Case.objects.bulk_create(rows, batch_size=500)
    settings.BERATUNG_KEYS = {**settings.BERATUNG_KEYS, "t3": base64.b64encode(b"k" * 32).decode()}
    settings.BERATUNG_ACTIVE_KEY = "t3"
    started = time.perf_counter()
    report = rotation.rotate()
    seconds = time.perf_counter() - started
    assert (report.done, report.unreadable) == (2 * CASES, 0)
    return {"cases": CASES, "texts": report.done, "seconds": round(seconds, 1)}


def _purge() -> dict:
    from django.db import connection
    from django.utils import timezone

    from beratung_xblock.api import retention
    from beratung_xblock.models import AuditEntry, Place

    place, old = Place.objects.get(), timezone.now() - dt.timedelta(days=400)
    rows = (
        AuditEntry(at=old, actor_id=n, actor_role="volunteer", action="case.read", object_kind="case", object_id=f"{n}", place_id=place.pk) for n in range(EXPIRED)
    )
    AuditEntry.objects.bulk_create(rows, batch_size=2000)
    waits: list[float] = []
    stop = threading.Event()

    def writer() -> None:
        while not stop.is_set():
            started = time.perf_counter()
            AuditEntry.objects.create(
                at=timezone.now(), actor_role="system", action="bench", object_kind="bench", object_id="x", place_id=place.pk
            )
            waits.append(time.perf_counter() - started)
            time.sleep(0.02)
        connection.close()

    thread = threading.Thread(target=writer)
    thread.start()
    started = time.perf_counter()
    counts = retention.purge()
    seconds = time.perf_counter() - started
    stop.set()
    thread.join()
    assert counts["audit"] == EXPIRED
    return {"rows": EXPIRED, "seconds": round(seconds, 1), "longest_wait_of_a_writer_seconds": round(max(waits), 3)}


if __name__ == "__main__":
    print(json.dumps(measure()))
