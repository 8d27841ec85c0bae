"""Hostile requests at every door: no 5xx, nothing confidential to those outside, nothing half-written.

The draws are seeded: the same run every time. `BERATUNG_FUZZ=20000` throws more.
"""

import os
import random
from urllib.parse import quote

import pytest
from django.apps import apps
from django.db import transaction

from tests.permissions import scene

pytestmark = [pytest.mark.django_db, pytest.mark.slow]
REQUESTS = int(os.environ.get("BERATUNG_FUZZ", "2000"))
NASTY = (
    "", " ", "0", "-1", "1e999", "NaN", "null", "true", "[]", "{}", "%00", "\x00", "'", "\"", "';--",
    "../../etc/passwd", "<script>alert(1)</script>", "{{ 7*7 }}", "{% debug %}", "🦊" * 50, "شكراً جزيلاً",
    "\u202eabc", "\ud800", "\x07\x1b[2J", "a" * 100_000, "é" * 5000, "99999999999999999999", "2027-02-30", "2027-13-01T99:99", "yes", "no",
    "maybe", "urgent", "1,5", "１２", "\ud7ff", "\r\n\r\nSet-Cookie: x=1", "course-v1:A+B+C",
    "block-v1:A+B+C+type@x+block@y", "f1", "me", "-", "0x10", "1_000",
)
HOSTILE_BODIES = (
    (b"", "application/json"), (b"[" * 20_000, "application/json"), (b'{"draft": {"title": "\\ud800"}}', "application/json"),
    (b"\xff\xfe\x00", "application/json"), (b"act=%ED%A0%80&text=%00", "application/x-www-form-urlencoded"),
    (b"a=1&" * 2000, "application/x-www-form-urlencoded"), (b"--x\r\nbroken", "multipart/form-data; boundary=x"),
    (b"--\r\n", "multipart/form-data"), (b"x", "text/plain; charset=nonsense"), (b"act=next", "application/x-www-form-urlencoded"),
)
KEEPS_WHAT_IS_TYPED = {"act check_case", "act submit_case"}
"""A case that is not yet fit to be submitted is kept as the owner's draft: nothing typed is ever lost."""
NAMES = (
    "round", "group", "slot", "case", "person", "registration", "other", "to", "number", "object", "session_case",
    "section", "version", "title", "closes_at", "capacity", "slots.0.day", "slots.0.from", "slots.0.minutes",
    "slots.0.max_groups", "slots.0.meeting_url", "slots.99.day", "display_name", "languages", "region",
    "can_moderate", "brings_case", "urgency", "experience", "wish_with", "take_part", "needs", "answers",
    "situation", "tried", "key_question", "method", "boundary_child", "boundary_law", "helped", "safe", "note",
    "takeaway", "first_step", "remind_on", "confirmed", "reason", "offset", "search", "state", "order", "accept",
    "moderator", "pinned", "language", "meeting_url", "finding", "replacement", "declared", "staff_may_read",
    "minutes", "year", "first_day", "job", "kind", "period", "format", "columns", "act", "text", "key", "group_max",
    "own.name", "template", "attendance_threshold", "retention_text_days",
)


def draw(rng: random.Random, world: scene.Scene) -> dict[str, str]:
    """A form body: some honest ids, some hostile values, some names nobody knows."""
    body = {name: value for name, value in world.ids.items() if rng.random() < 0.6}
    slot = world.ids["slot"]
    for _ in range(rng.randrange(8)):
        name = rng.choice((*NAMES, f"slot_{slot}", f"{world.ids['person']}.minutes", "x" * 300, "<b>", ""))
        body[name] = rng.choice((*NASTY, *world.ids.values()))
    return body


def odd_address(rng: random.Random, world: scene.Scene, name: str) -> str:
    """The address of a plain view with one part of it hostile, and sometimes a hostile query."""
    path = scene.address(world, name)
    parts = path.split("/")
    part = rng.randrange(2, len(parts))
    parts[part] = quote(rng.choice((*NASTY, *world.ids.values()))[:3000], safe="", errors="surrogatepass")
    query = "&".join(f"{quote(rng.choice(NAMES))}={quote(rng.choice(NASTY)[:2000], errors='surrogatepass')}" for _ in range(rng.randrange(3)))
    return "/".join(parts) + (f"?{query}" if query else "")


def rows() -> dict[str, int]:
    return {model.__name__: model.objects.count() for model in apps.get_app_config("beratung_xblock").get_models()}


def test_no_request_breaks_anything():
    world = scene.build()
    rng = random.Random(20270413)
    doors = [door for door in scene.doors() if not door.startswith("view ")]
    allowed = {(door, role) for door in scene.doors() for role in ("member", "case_giver", "moderator")}
    faults = []
    for number in range(REQUESTS):
        door, role = rng.choice(doors), rng.choice(scene.ROLES)
        body = draw(rng, world)
        before = rows() if number % 10 == 0 else None
        point = transaction.savepoint()
        try:
            kind, name = door.split(" ", 1)
            if kind in ("GET", "POST") and rng.random() < 0.5:
                status, text = scene.send(world, role, kind, odd_address(rng, world, name), rng.choice(HOSTILE_BODIES))
            else:
                status, text = scene.knock(world, role, door, body)
            if status >= 500:
                faults.append((number, door, role, status))
            seen = {letter for letter, secret in scene.SECRETS.items() if secret in text}
            if (door, role) not in allowed and seen - ({"T"} if role in scene.LEADERS else set()):
                faults.append((number, door, role, "saw", sorted(seen)))
            if before is not None and status in (400, 403, 404, 405, 409, 422):
                after = rows()
                kept = {"AuditEntry", "CalendarSubscription"}
                if door in KEEPS_WHAT_IS_TYPED:
                    kept |= {"Case"}
                grown = {name for name in after if after[name] > before[name]} - kept
                if grown:
                    faults.append((number, door, role, status, "wrote", sorted(grown)))
        except Exception as error:
            faults.append((number, door, role, repr(error)[:200]))
        finally:
            transaction.savepoint_rollback(point)
    assert faults == []
