"""Servers of their own for tests that kill them. Everything here runs on MariaDB alone."""

from __future__ import annotations

import contextlib
import os
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.core.management import call_command
from django.db import connection

from beratung_xblock import outbox
from tests.load.stack import Stack
from tools.mariadb import Server

NOTES: list[str] = []
"""What could not be done here in the truest way; told at the end of the run."""


def pytest_terminal_summary(terminalreporter) -> None:
    """Say what was done in another way than meant."""
    for note in NOTES:
        terminalreporter.write_line(note)


@pytest.fixture
def quiet(monkeypatch) -> None:
    """No mails leave from the process of the test itself."""
    monkeypatch.setattr(outbox, "announce", lambda: None)


@contextlib.contextmanager
def django_on(server: Server) -> Iterator[Server]:
    """Django in this process speaks to this server; the tables are made."""
    known = connection.settings_dict
    before = {name: known[name] for name in ("HOST", "NAME")}
    connection.close()
    known.update(HOST=str(server.socket), NAME="beratung")
    try:
        call_command("migrate", verbosity=0)
        yield server
    finally:
        connection.close()
        known.update(before)


@pytest.fixture
def durable_server(transactional_db) -> Iterator[Server]:
    """A server that acknowledges a COMMIT only when it is written and synced, on a real disk where /tmp is one."""
    with tempfile.TemporaryDirectory(prefix="beratung-load-") as folder:
        server = Server(Path(folder) / "db", durable=True)
        server.start()
        try:
            with django_on(server):
                yield server
        finally:
            server.stop()


@pytest.fixture
def small_disk() -> Iterator[Path | None]:
    """A file system of 160 MB of its own, or None where mounting is not permitted."""
    with tempfile.TemporaryDirectory(prefix="beratung-disk-") as folder:
        mounted = os.geteuid() == 0 and not subprocess.run(
            ["mount", "-t", "tmpfs", "-o", "size=160m", "tmpfs", folder], check=False, capture_output=True
        ).returncode
        try:
            yield Path(folder) if mounted else None
        finally:
            if mounted:
                subprocess.run(["umount", folder], check=True)


@pytest.fixture
def new_stack(tmp_path) -> Iterator:
    """`new_stack(web=2, workers=0)` starts an installation on Django's database of this test."""
    started: list[Stack] = []

    def start(*, web: int, workers: int, **options) -> Stack:
        folder = tmp_path / f"stack{len(started)}"
        folder.mkdir()
        stack = Stack(folder, database=connection.settings_dict["NAME"], socket_path=connection.settings_dict["HOST"], **options)
        started.append(stack)
        stack.start(web=web, workers=workers)
        return stack

    yield start
    for stack in started:
        stack.stop()
