"""The processes of a small installation, started and ended by the tests: Redis, web processes behind one port, Celery workers."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections import Counter
from collections.abc import Callable
from email import message_from_bytes
from pathlib import Path

import psutil
from aiosmtpd.controller import Controller

from tests.ports import free_port

ROOT = Path(__file__).resolve().parent.parent.parent


def wait_for(condition: Callable[[], object], what: str, seconds: float = 60) -> None:
    """Wait until the condition is true; AssertionError with `what` when it does not come."""
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, f"not within {seconds} s: {what}"
        time.sleep(0.05)


class Inbox:
    """A mail server: counts Message-IDs and keeps recipients; `pause` seconds before each answer."""

    def __init__(self) -> None:
        self.ids: Counter[str] = Counter()
        self.to: dict[str, str] = {}
        self.pause = 0.0
        self._controller = Controller(self, hostname="127.0.0.1", port=free_port(), ready_timeout=60)

    async def handle_DATA(self, _server, _session, envelope) -> str:
        if self.pause:
            import asyncio

            await asyncio.sleep(self.pause)
        number = message_from_bytes(envelope.content)["Message-ID"].strip()
        self.ids[number] += 1
        self.to[number] = envelope.rcpt_tos[0]
        return "250 OK"

    @property
    def port(self) -> int:
        """Where it listens."""
        return self._controller.port

    def start(self) -> None:
        """Listen."""
        self._controller.start()

    def stop(self) -> None:
        """Listen no more."""
        self._controller.stop()


class Stack:
    """Redis, gunicorn and Celery workers that share one database; everything ends with `stop`."""

    def __init__(self, folder: Path, *, database: str, socket_path: str, async_from: int = 500) -> None:
        self.folder = folder
        self.inbox = Inbox()
        self.redis_port, self.port = free_port(), free_port()
        self.processes: list[subprocess.Popen] = []
        self.web: subprocess.Popen | None = None
        self.workers: list[subprocess.Popen] = []
        self.log = folder / "stack.log"
        self.environment = {
            **os.environ, "DJANGO_SETTINGS_MODULE": "tests.load.host", "PYTHONPATH": str(ROOT), "LOAD_DB": database,
            "BERATUNG_TEST_DB": "mariadb", "BERATUNG_MARIADB_SOCKET": socket_path, "LOAD_ASYNC_FROM": str(async_from),
            "LOAD_REDIS": f"redis://127.0.0.1:{self.redis_port}", "LOAD_SMTP": str(self.inbox.port),
        }  # fmt: skip

    def start(self, *, web: int, workers: int) -> None:
        """Start all; the web processes answer when this returns."""
        redis = shutil.which("redis-server")
        assert redis, "redis-server is missing: apt-get install redis-server"
        self.inbox.start()
        self._run([redis, "--port", str(self.redis_port), "--bind", "127.0.0.1", "--save", "", "--dir", str(self.folder)])
        wait_for(lambda: listens(self.redis_port), "Redis", 20)
        gunicorn = [
            "gunicorn", "--workers", str(web), "--bind", f"127.0.0.1:{self.port}", "--backlog", "1024", "--log-level", "error",
            "--worker-tmp-dir", "/dev/shm" if Path("/dev/shm").is_dir() else str(self.folder),
            "django.core.wsgi:get_wsgi_application()",
        ]  # fmt: skip
        self.web = self._run([sys.executable, "-m", *gunicorn])
        for _ in range(workers):
            self.start_worker()
        wait_for(self._answers, "an answer of a web process", 120)

    def _answers(self) -> bool:
        assert self.web is not None
        assert self.web.poll() is None, self.log.read_text(errors="replace")[-3000:]
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{self.port}/beratung/check/", timeout=20) as answer:
                return answer.status == 200
        except OSError:
            return False

    def start_worker(self) -> subprocess.Popen:
        """One more Celery worker, one task at a time."""
        worker = self._run([sys.executable, "-m", "celery", "-A", "tests.load.worker:app", "worker", "-P", "solo", "-l", "warning"])
        self.workers.append(worker)
        return worker

    def run_command(self, *arguments: str) -> str:
        """A management command, as cron runs it."""
        done = subprocess.run(
            [sys.executable, "-m", "django", *arguments], cwd=ROOT, env=self.environment, check=False, capture_output=True, text=True,
            timeout=120,
        )  # fmt: skip
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    def start_command(self, *arguments: str) -> subprocess.Popen:
        """The same without waiting for it."""
        return self._run([sys.executable, "-m", "django", *arguments])

    def web_processes(self) -> list[psutil.Process]:
        """The processes that answer, without the one that started them."""
        assert self.web is not None
        return psutil.Process(self.web.pid).children()

    def kill(self, pid: int) -> None:
        """SIGKILL."""
        os.kill(pid, signal.SIGKILL)

    def cpu_seconds(self) -> float:
        """Processor time of all web processes and workers that live."""
        living = [*self.web_processes(), *(psutil.Process(worker.pid) for worker in self.workers if worker.poll() is None)]
        return sum(sum(process.cpu_times()[:2]) for process in living)

    def stop(self) -> None:
        """End everything that was started here."""
        for process in reversed(self.processes):
            if process.poll() is None:
                process.terminate()
        for process in reversed(self.processes):
            try:
                process.wait(timeout=15)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
        self.inbox.stop()

    def _run(self, command: list[str]) -> subprocess.Popen:
        with self.log.open("ab") as log:
            process = subprocess.Popen(command, cwd=ROOT, env=self.environment, stdin=subprocess.DEVNULL, stdout=log, stderr=log)
        self.processes.append(process)
        return process


def listens(port: int) -> bool:
    """Does somebody answer there?"""
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0
