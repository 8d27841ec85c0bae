"""Browser tests: the demo host on a free port with its own data per test file, Debian's Chromium, axe-core.

No test of this folder touches the database in this process: people click, and ``demo.run(code)`` reaches into the host from outside.
"""

from __future__ import annotations

import json
import os
import select
import shutil
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect, sync_playwright

from tests.e2e.axe import violations
from tests.ports import free_port

ROOT = Path(__file__).resolve().parents[2]
CHROMIUM = os.environ.get("CHROMIUM", "/usr/bin/chromium")
START_SECONDS = 180
RUN_SECONDS = 180
BESIDE = """
import contextlib, io, json, os, sys, traceback
os.environ["DJANGO_SETTINGS_MODULE"] = "beratung_xblock.demo.settings"
import django
django.setup()
from django.core.cache import cache
from django.db import connections
from edx_django_utils.cache import RequestCache
for line in sys.stdin:
    told, failed = io.StringIO(), ""
    cache.clear()
    RequestCache.clear_all_namespaces()
    try:
        with contextlib.redirect_stdout(told):
            exec(json.loads(line), {"__name__": "__main__"})
    except Exception:
        failed = traceback.format_exc()
    connections.close_all()
    print(json.dumps([told.getvalue(), failed]), flush=True)
"""
CLICK_MILLISECONDS = 30_000
EXPECT_MILLISECONDS = 20_000
"""How long to wait for what must come. Generous: on a machine that does other work nothing here is about speed."""
expect.set_options(timeout=EXPECT_MILLISECONDS)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Everything here drives a browser."""
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker(pytest.mark.e2e)


class Demo:
    """A running demo host."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.log = folder / "demo.log"
        self.environment = {
            **os.environ,
            "BERATUNG_DEMO_VAR": str(folder / "var"),
            "PYTHONPATH": str(ROOT),
            "PORT": str(self.port),
            "PYTHONWARNINGS": "default",
        }
        self.environment.pop("DJANGO_SETTINGS_MODULE", None)
        self.process: subprocess.Popen | None = None
        self.beside: subprocess.Popen[str] | None = None

    def prepare(self) -> None:
        """Migrate and seed only."""
        done = subprocess.run(
            [sys.executable, "-m", "beratung_xblock.demo", "--prepare"],
            cwd=self.folder,
            env=self.environment,
            capture_output=True,
            text=True,
            check=False,
            timeout=START_SECONDS,
        )
        assert done.returncode == 0, done.stderr

    def start(self, prepared: Path | None = None) -> None:
        """Serve a copy of prepared data, or what is there; returns when the start page answers."""
        if prepared is not None:
            shutil.copytree(prepared, self.folder / "var")
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "beratung_xblock.demo", "--serve", "--port", str(self.port)],
                cwd=self.folder,
                env=self.environment,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
            )
        deadline = time.monotonic() + START_SECONDS
        while not self._answers():
            if self.process.poll() is not None or time.monotonic() > deadline:
                raise RuntimeError(f"The demo host did not start:\n{self.log_text()[-3000:]}")
            time.sleep(0.2)

    def end(self) -> None:
        """End everything that was started here."""
        self.stop()
        if self.beside is not None:
            self.beside.communicate(timeout=20)

    def stop(self) -> None:
        """End the server."""
        if self.process is not None:
            self.process.terminate()
            self.process.wait(timeout=20)

    def log_text(self) -> str:
        """What the server wrote so far."""
        return self.log.read_text(encoding="utf-8", errors="replace")

    def run(self, code: str) -> str:
        """Run Python in the host's settings (Django is set up); returns what it printed. For moving time and for reading tables.

        In a process beside the server, which starts with the first call and forgets everything between two calls.
        """
        if self.beside is None:
            self.beside = subprocess.Popen(
                [sys.executable, "-c", BESIDE], cwd=self.folder, env=self.environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
            )
        assert self.beside.stdin
        assert self.beside.stdout
        self.beside.stdin.write(json.dumps(code) + "\n")
        self.beside.stdin.flush()
        assert select.select([self.beside.stdout], [], [], RUN_SECONDS)[0], f"no answer within {RUN_SECONDS} s to {code}"
        told, failed = json.loads(self.beside.stdout.readline())
        assert not failed, failed
        return told.strip()

    def _answers(self) -> bool:
        try:
            with urllib.request.urlopen(self.url, timeout=5) as answer:
                return answer.status == 200
        except (urllib.error.URLError, OSError):
            return False


@pytest.fixture(scope="session")
def prepared(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The data of a fresh demo, made once."""
    host = Demo(tmp_path_factory.mktemp("prepared"))
    host.prepare()
    return host.folder / "var"


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory, prepared: Path) -> Iterator[Demo]:
    """A fresh host for each test file; the server must not have raised anything by the end."""
    host = Demo(tmp_path_factory.mktemp("demo"))
    host.start(prepared)
    yield host
    host.end()
    assert "Traceback" not in host.log_text(), host.log_text()[-4000:]


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """One Chromium for the whole run."""
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(
            executable_path=CHROMIUM, args=["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--force-color-profile=srgb"]
        )
        yield chromium
        chromium.close()


@pytest.fixture
def new_page(browser: Browser, demo: Demo) -> Iterator[Callable[..., Page]]:
    """A factory: each call opens a page in its own context (own cookies). Fails at the end if a script raised."""
    contexts: list[BrowserContext] = []
    errors: list[str] = []

    def make(*, width: int = 1280, height: int = 900, language: str = "de", **more) -> Page:
        context = browser.new_context(base_url=demo.url, viewport={"width": width, "height": height}, locale=language, **more)
        context.set_default_timeout(CLICK_MILLISECONDS)
        contexts.append(context)
        page = context.new_page()
        page.on("pageerror", lambda error: errors.append(str(error)))
        return page

    yield make
    for context in contexts:
        context.close()
    assert errors == []


@pytest.fixture
def page(new_page: Callable[..., Page]) -> Page:
    """One page, German, desktop size."""
    return new_page()


@pytest.fixture
def person(new_page: Callable[..., Page]) -> Callable[..., Page]:
    """A factory: ``person("volunteer-3")`` is a page in which that persona is logged in, at the beratung unit (or in Studio)."""

    def make(slug: str, **more) -> Page:
        page = new_page(**more)
        login(page, slug)
        return page

    return make


def login(page: Page, slug: str) -> None:
    """Become a persona by the button of the start page."""
    page.goto("/")
    page.locator(f"button[name=persona][value={slug}]").click()
    page.locator(".who__name").wait_for()


def assert_axe_clean(page: Page, *, within: str = "body") -> None:
    """No WCAG 2.2 A or AA violation that axe-core can find."""
    found = violations(page, within)
    assert found == [], "\n".join(found)
