"""The live session under load: gunicorn with two workers, MariaDB, Redis; 200 groups of six poll while one request in a hundred writes.

    make bench ONLY=session
    SESSION_SECONDS=60 SESSION_GROUPS=50 python tools/bench.py --only session

Three measurements in one run, on one server: the poll against an empty view behind the same middleware (closed loop), the
full load in real time, and the opening storm. The client runs on the same machine and takes its share of it.
"""

from __future__ import annotations

import asyncio
import json
import os
import random
import shutil
import signal
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from urllib.parse import urlencode

ROOT = Path(__file__).resolve().parent.parent
GROUPS = int(os.environ.get("SESSION_GROUPS", "200"))
SECONDS = int(os.environ.get("SESSION_SECONDS", "300"))
PORT = int(os.environ.get("SESSION_PORT", "8165"))
PEOPLE = 6
WRITES = 0.01
TOKEN = "a" * 32
EVERY = 3.0
"""At most so many seconds between two polls; the client takes 0.7 to 1 of it."""
STORM_PEOPLE, STORM_SECONDS = 500, 10


class Host:
    """MariaDB, Redis and gunicorn in a folder of their own."""

    def __init__(self) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="kb-bench-"))
        self.started: list[subprocess.Popen] = []

    def start(self) -> None:
        """Start all three and create the tables."""
        sys.path.insert(0, str(ROOT))
        from tools import mariadb

        os.environ["BERATUNG_TEST_DB"] = "mariadb"
        os.environ["BENCH_REDIS"] = str(self.folder / "redis.sock")
        os.environ["BERATUNG_MARIADB_SOCKET"] = str(self.folder / "db.sock")
        os.environ["DJANGO_SETTINGS_MODULE"] = "tools.session_host"
        self.database = mariadb.Server(self.folder)
        self.database.start()
        redis = shutil.which("redis-server") or sys.exit("redis-server is missing: apt-get install redis-server")
        self.started.append(subprocess.Popen(
            [redis, "--port", "0", "--unixsocket", os.environ["BENCH_REDIS"], "--save", "", "--appendonly", "no", "--dir", str(self.folder)],
            stdout=subprocess.DEVNULL,
        ))
        import django

        django.setup()
        from django.core.management import call_command

        call_command("migrate", verbosity=0)

    def serve(self) -> None:
        """Two worker processes, one request each at a time, as an LMS runs."""
        self.started.append(subprocess.Popen(
            [sys.executable, "-m", "gunicorn", "--workers", "2", "--bind", f"127.0.0.1:{PORT}", "--backlog", "2048", "--log-level", "warning",
             "django.core.wsgi:get_wsgi_application()"],
            cwd=ROOT, env={**os.environ, "PYTHONPATH": str(ROOT)},
        ))
        for _ in range(200):
            try:
                socket.create_connection(("127.0.0.1", PORT), 1).close()
                return
            except OSError:
                time.sleep(0.1)
        raise SystemExit("gunicorn did not start")

    def processes(self) -> dict[str, int]:
        """Who shares the two cores: process ids by name."""
        return {"workers": self.started[1].pid, "redis": self.started[0].pid, "mariadb": self.database.process.pid, "client": os.getpid()}

    def stop(self) -> None:
        """End what was started here."""
        for process in reversed(self.started):
            process.send_signal(signal.SIGTERM)
            process.wait(timeout=20)
        self.database.stop()
        shutil.rmtree(self.folder, ignore_errors=True)


def fill(groups: int) -> list[dict]:
    """Groups with running sessions and a log-in for everybody; one dict for each person."""
    import datetime as dt
    from importlib import import_module

    from django.conf import settings
    from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY, get_user_model
    from django.contrib.auth.models import Group as Right
    from django.utils import timezone

    from beratung_xblock.api import sessions
    from beratung_xblock.data.actor import Actor
    from beratung_xblock.data.settings import validate_settings
    from beratung_xblock.models import Group, Membership, Place, Registration, Round, Session, Slot, UndertakingAcceptance
    from beratung_xblock.process import template, to_dict

    course, block = "course-v1:Bench+KB+2027", "block-v1:Bench+KB+2027+type@beratung+block@round"
    now = timezone.now()
    rules = validate_settings({}).as_dict()
    place = Place.objects.create(usage_key=block, course_key=course, settings=rules)
    round_ = Round.objects.create(place=place, title="Q", state="published", rules=rules, closes_at=now)
    slot = Slot.objects.create(round=round_, starts_at=now, ends_at=now + dt.timedelta(hours=2))
    right = Right.objects.create(name=f"enrolled:{course}")
    model = get_user_model()
    users = model.objects.bulk_create([model(username=f"b{n}", password="!") for n in range(groups * PEOPLE)])
    users = list(model.objects.filter(username__startswith="b").order_by("pk"))
    right.user_set.add(*users)
    UndertakingAcceptance.objects.bulk_create(
        [UndertakingAcceptance(course_key=course, user=user, version="1", language="de", text_hash="", accepted_at=now) for user in users]
    )
    process = to_dict(template("tietze6"))
    engine = import_module(settings.SESSION_ENGINE)
    people = []
    for number in range(groups):
        group = Group.objects.create(round=round_, slot=slot, number=number + 1, published_at=now)
        session = Session.objects.create(group=group, template=process)
        for seat in range(PEOPLE):
            user = users[number * PEOPLE + seat]
            registration = Registration.objects.create(
                round=round_, user=user, display_name=f"Person {seat}", can_moderate=seat < 2, queued_at=now, languages=["de"]
            )
            Membership.objects.create(
                group=group, registration=registration, planned_role="moderator" if seat == 0 else "adviser", joined_at=now
            )
            store = engine.SessionStore()
            store[SESSION_KEY], store[BACKEND_SESSION_KEY] = str(user.pk), "django.contrib.auth.backends.ModelBackend"
            store[HASH_SESSION_KEY] = user.get_session_auth_hash()
            store.save()
            people.append({"session": session.uid, "seat": seat, "cookie": store.session_key, "base": f"/beratung/session/{block}/{session.uid}/",
                           "page": f"/page/{block}/{session.uid}/"})
        moderator = Actor(user_id=users[number * PEOPLE].pk, usage_key=block, course_key=course, is_enrolled=True)
        for name, data in (("start", {}), ("choose_case", {"case": "none"}), *[("next", {})] * 4):
            sessions.act(actor=moderator, session_uid=session.uid, name=name, data=data)
    return people


def cpu_of(pid: int) -> float:
    """Seconds of processor time a process and its children have used."""
    total = 0.0
    for each in (pid, *children_of(pid)):
        fields = Path(f"/proc/{each}/stat").read_text().rsplit(")", 1)[1].split()
        total += (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
    return total


def children_of(pid: int) -> list[int]:
    """The worker processes of a server."""
    return [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


async def ask(method: str, path: str, cookie: str, *, headers: str = "", body: str = "") -> tuple[int, str, bytes]:
    """One request on a connection of its own (the workers keep none open): status, ETag, body.

    Written close to the socket: the client shares the two cores with the server, so what it costs is missing there.
    """
    extra = f"Content-Type: application/x-www-form-urlencoded\r\nContent-Length: {len(body)}\r\n" if method == "POST" else ""
    connection = socket.create_connection(("127.0.0.1", PORT))
    connection.sendall(
        f"{method} {path} HTTP/1.1\r\nHost: bench\r\nConnection: close\r\nAccept-Language: de\r\n"
        f"Cookie: sessionid={cookie}; csrftoken={TOKEN}\r\nX-CSRFToken: {TOKEN}\r\n{extra}{headers}\r\n{body}".encode()
    )
    connection.setblocking(False)
    loop = asyncio.get_running_loop()
    answered: asyncio.Future[bytes] = loop.create_future()
    parts: list[bytes] = []

    def arrived() -> None:
        try:
            part = connection.recv(65536)
        except BlockingIOError:
            return
        except OSError as error:
            loop.remove_reader(connection)
            answered.set_exception(error)
            return
        if part:
            parts.append(part)
            return
        loop.remove_reader(connection)
        answered.set_result(b"".join(parts))

    loop.add_reader(connection, arrived)
    try:
        raw = await answered
    finally:
        connection.close()
    if not raw:
        raise ConnectionResetError
    head, _, rest = raw.partition(b"\r\n\r\n")
    at = head.find(b"ETag: ")
    return int(head[9:12]), head[at + 6 : head.find(b"\r\n", at)].decode() if at > 0 else "", rest


async def closed_loop(path_of, people: list[dict], seconds: float, server: int, *, workers: int = 8) -> tuple[float, float]:
    """Requests per second that the server answers when asked without a pause, and its milliseconds of processor for each."""
    done = 0
    used = cpu_of(server)
    until = time.perf_counter() + seconds

    async def one(index: int) -> None:
        nonlocal done
        turn = index
        while time.perf_counter() < until:
            person = people[turn % len(people)]
            turn += workers
            path, headers = path_of(person)
            status, tag, _ = await ask("GET", path, person["cookie"], headers=headers)
            if status == 200:  # somebody of the group counts as gone meanwhile: that is news, and not measured here
                person["etag"] = tag
                continue
            if status not in (204, 304):
                raise RuntimeError(f"{path}: {status}")
            done += 1

    await asyncio.gather(*(one(index) for index in range(workers)))
    return done / seconds, (cpu_of(server) - used) / max(1, done) * 1000


def share(values: list[float], part: float) -> float:
    """A percentile in milliseconds."""
    return round(sorted(values)[min(len(values) - 1, int(len(values) * part))] * 1000, 1) if values else 0.0


def version_of(answer: bytes) -> int:
    """How many events the session had when this answer was made."""
    return json.loads(answer)["state"]["version"]


async def real_time(people: list[dict], seconds: float, processes: dict[str, int]) -> dict:
    """Everybody polls at the client's pace; one request in a hundred is a write, and the others' arrival of it is timed."""
    polls: list[float] = []
    writes: list[float] = []
    late: list[float] = []
    errors: list[str] = []
    full = 0
    written: dict[str, list[tuple[float, int, set[int]]]] = {}
    used = {name: cpu_of(pid) for name, pid in processes.items()}
    until = time.perf_counter() + seconds
    rng = random.Random(7)

    newest: dict[tuple[str, int], int] = {}

    def wrote(person: dict, version: int, at: float) -> None:
        """Somebody may have seen a change before its writer has read the answer."""
        known = {seat for seat in range(PEOPLE) if newest.get((person["session"], seat), 0) >= version}
        late.extend([0.0] * len(known - {person["seat"]}))
        written.setdefault(person["session"], []).append((at, version, known | {person["seat"]}))

    def saw(person: dict, version: int, at: float) -> None:
        newest[person["session"], person["seat"]] = max(version, newest.get((person["session"], person["seat"]), 0))
        for when, number, known in written.get(person["session"], ()):
            if person["seat"] not in known and number <= version:
                known.add(person["seat"])
                late.append(max(0.0, at - when))

    async def person_lives(person: dict) -> None:
        nonlocal full
        await asyncio.sleep(rng.random() * EVERY)
        etag = person.get("etag", "")
        number = 0
        while time.perf_counter() < until:
            begun = time.perf_counter()
            try:
                if rng.random() < WRITES:
                    number += 1
                    body = urlencode({"act": "add_idea", "text": f"Idee {number}", "key": f"{person['seat']}-{number}-{begun}"})
                    status, tag, answer = await ask("POST", person["base"] + "act/", person["cookie"], body=body)
                    arrived = time.perf_counter()
                    writes.append(arrived - begun)
                    if status == 200:
                        etag = tag
                        saw(person, version_of(answer), arrived)  # the answer to an own write brings what others wrote before
                        wrote(person, version_of(answer), arrived)
                    else:
                        errors.append(f"write {status}")
                else:
                    status, tag, answer = await ask("GET", person["base"] + "poll/", person["cookie"], headers=f"If-None-Match: {etag}\r\n" if etag else "")
                    arrived = time.perf_counter()
                    polls.append(arrived - begun)
                    if status == 200:
                        full += 1
                        etag = tag
                        saw(person, version_of(answer), arrived)
                    elif status != 304:
                        errors.append(f"poll {status}")
            except OSError as error:
                errors.append(type(error).__name__)
            await asyncio.sleep(max(0.0, EVERY * rng.uniform(0.7, 1.0) - (time.perf_counter() - begun)))

    await asyncio.gather(*(person_lives(person) for person in people))
    unseen = sum(PEOPLE - len(known) for entries in written.values() for when, _, known in entries if until - when > 2 * EVERY)
    return {
        "people": len(people), "seconds": seconds, "requests_per_s": round((len(polls) + len(writes)) / seconds, 1), "polls": len(polls),
        "polls_with_news": full, "writes": len(writes), "errors": len(errors), "error_kinds": sorted(set(errors)),
        "poll_p50_ms": share(polls, 0.5), "poll_p95_ms": share(polls, 0.95), "poll_p99_ms": share(polls, 0.99),
        "write_p50_ms": share(writes, 0.5), "write_p95_ms": share(writes, 0.95),
        "change_seen_p50_s": round(share(late, 0.5) / 1000, 2), "change_seen_p95_s": round(share(late, 0.95) / 1000, 2),
        "change_seen_max_s": round(max(late, default=0), 2), "changes_never_seen": unseen,
        "worker_ms_per_request": round((cpu_of(processes["workers"]) - used["workers"]) * 1000 / max(1, len(polls) + len(writes)), 2),
        "cores_used": {name: round((cpu_of(pid) - used[name]) / seconds, 2) for name, pid in processes.items()},
    }


async def storm(people: list[dict]) -> dict:
    """Five hundred people open the page of their session within ten seconds, and say that they are there."""
    took: list[float] = []
    errors = 0
    begun = time.perf_counter()

    async def opens(person: dict, delay: float) -> None:
        nonlocal errors
        await asyncio.sleep(delay)
        start = time.perf_counter()
        status, _, body = await ask("GET", person["page"], person["cookie"])
        took.append(time.perf_counter() - start)
        errors += status != 200 or b"data-kb-session" not in body
        status, _, _ = await ask("POST", person["base"] + "act/", person["cookie"], body=urlencode({"act": "join"}))
        errors += status != 200

    chosen = people[:STORM_PEOPLE]
    await asyncio.gather(*(opens(person, STORM_SECONDS * n / len(chosen)) for n, person in enumerate(chosen)))
    return {"people": len(chosen), "errors": errors, "last_has_it_after_s": round(time.perf_counter() - begun, 1),
            "page_p50_ms": share(took, 0.5), "page_p95_ms": share(took, 0.95)}


async def measure(people: list[dict], processes: dict[str, int]) -> dict:
    """All three, one after the other."""
    server = processes["workers"]
    figures: dict = {"opening_storm": await storm(people)}
    print("opening storm", figures["opening_storm"], flush=True)
    limit = asyncio.Semaphore(16)

    async def settle(person: dict) -> None:
        async with limit:
            for _ in range(2):
                _, person["etag"], _ = await ask("GET", person["base"] + "poll/", person["cookie"])

    for _ in range(2):
        await asyncio.gather(*(settle(person) for person in people))
    some = people[: 6 * 20]
    rounds = []
    for _ in range(3):
        await asyncio.gather(*(settle(person) for person in some))
        nothing = await closed_loop(lambda person: ("/empty/", ""), some, 5, server)
        poll = await closed_loop(lambda person: (person["base"] + "poll/", f"If-None-Match: {person['etag']}\r\n"), some, 5, server)
        rounds.append((nothing, poll))
    figures["empty_view_per_s"] = round(statistics.median(r[0][0] for r in rounds), 1)
    figures["poll_per_s"] = round(statistics.median(r[1][0] for r in rounds), 1)
    figures["poll_to_empty"] = round(statistics.median(r[1][0] / r[0][0] for r in rounds), 3)
    figures["empty_view_worker_ms"] = round(statistics.median(r[0][1] for r in rounds), 3)
    figures["poll_worker_ms"] = round(statistics.median(r[1][1] for r in rounds), 3)
    figures["poll_to_empty_worker_time"] = round(statistics.median(r[0][1] / r[1][1] for r in rounds), 3)
    print("closed loop", {k: v for k, v in figures.items() if k != "opening_storm"}, flush=True)
    figures["real_time"] = await real_time(people, SECONDS, processes)
    print("real time", figures["real_time"], flush=True)
    return figures


def run() -> dict:
    """Start the host, fill it, measure, stop."""
    host = Host()
    try:
        host.start()
        people = fill(GROUPS)
        host.serve()
        return asyncio.run(measure(people, host.processes()))
    finally:
        host.stop()
