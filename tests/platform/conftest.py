"""Tests against a running Open edX platform, named in the environment; without it the folder is left out with one line.

    BERATUNG_LMS_URL, BERATUNG_STUDIO_URL    https://learning.example.org, https://studio.example.org
    BERATUNG_LMS_USER                        a learner enrolled in the course
    BERATUNG_LMS_AUTHOR                      an instructor of the course
    BERATUNG_LMS_STRANGER                    somebody with an account who is not enrolled
    BERATUNG_LMS_PASSWORD                    the password of the three
    BERATUNG_UNIT                            usage key of a published unit with one `beratung` and one `teams_practice` block

Three more open further tests, which are left out with their reason otherwise:

    BERATUNG_IMPORT_COURSE                   a course of the same author and learner whose content may be overwritten
    BERATUNG_LEARNING_URL                    the learning app's address as the LMS knows it (LEARNING_MICROFRONTEND_URL)
    BERATUNG_LMS_SECOND                      a second learner who is enrolled, for a live session

The server must not wait on a connection that says nothing, as Chromium opens them ahead: uWSGI behind a proxy does not, nor does
`gunicorn -k gthread`; gunicorn's `sync` worker does, and pages then stand still until the browser gives up.

Log in nowhere else as one of these people while the tests run: the platform ends the session before (PREVENT_CONCURRENT_LOGINS), and Studio
then sends them to its log-in.

The tests write: give them a course of their own, with nobody signed up, and completion tracking switched on.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from typing import Any
from urllib.parse import quote

import pytest
from playwright.sync_api import APIResponse, Browser, BrowserContext, Page, sync_playwright

NEEDED = (
    "BERATUNG_LMS_URL", "BERATUNG_STUDIO_URL", "BERATUNG_LMS_USER", "BERATUNG_LMS_AUTHOR", "BERATUNG_LMS_STRANGER",
    "BERATUNG_LMS_PASSWORD", "BERATUNG_UNIT",
)
MISSING = [name for name in NEEDED if not os.environ.get(name)]
CHROMIUM = os.environ.get("CHROMIUM", "/usr/bin/chromium")
OURS = "/beratung_xblock/"
ARGUMENTS = (
    "--no-sandbox", "--disable-gpu", "--disable-background-networking",
    "--disable-features=LocalNetworkAccessChecks",  # a page of ours frames the platform, which may live on this machine
)

if MISSING:
    collect_ignore_glob = ["test_*.py"]


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Say why nothing ran here."""
    if MISSING:
        terminalreporter.write_line(f"tests/platform left out: no platform is named ({', '.join(MISSING)} not set).")


def named(name: str) -> str:
    """A value of the environment, addresses without a slash at the end."""
    return os.environ[f"BERATUNG_{name}"].rstrip("/")


def optional(name: str) -> str:
    """A value that may be missing: then it is empty."""
    return os.environ.get(f"BERATUNG_{name}", "").rstrip("/")


class Person:
    """Somebody logged in at the platform: a browser page, and plain requests with the same session."""

    def __init__(self, context: BrowserContext, name: str) -> None:
        self.name = name
        self.context = context
        self.lms, self.studio = named("LMS_URL"), named("STUDIO_URL")
        self.page: Page = context.new_page()
        self.page.set_default_timeout(30_000)
        self.failed: list[str] = []
        self.page.on("response", self._note)
        self.page.on("pageerror", lambda error: self.failed.append(str(error)) if OURS in (error.stack or "") else None)
        context.request.get(f"{self.lms}/login")
        answer = self._send(f"{self.lms}/api/user/v2/account/login_session/", form={"email_or_username": name, "password": named("LMS_PASSWORD")})
        assert answer.ok, f"{name} cannot log in: {answer.status}"

    def _note(self, response: Any) -> None:
        if OURS in response.url and response.status >= 400:
            self.failed.append(f"{response.status} {response.url}")

    def token(self) -> str:
        """The CSRF token of the session."""
        return next((cookie["value"] for cookie in self.context.cookies(self.lms) if cookie["name"] == "csrftoken"), "")

    def _send(self, url: str, **body: Any) -> APIResponse:
        host = self.studio if url.startswith(self.studio) else self.lms
        answer = self.context.request.post(url, headers={"X-CSRFToken": self.token(), "Referer": f"{host}/", "Accept": "application/json"}, **body)
        assert "/oauth2/authorize" not in answer.url, f"the session of {self.name} has ended: somebody logged in as the same person meanwhile"
        return answer

    def open_unit(self, unit: str = "") -> Page:
        """The page that the learning app shows in its frame; returns when the consultation block listens."""
        self.page.goto(f"{self.lms}/xblock/{unit or named('UNIT')}")
        self.page.locator(".kb-root[data-kb-started=ready]").first.wait_for()
        return self.page

    def handler(self, block: str, name: str, **body: Any) -> APIResponse:
        """A handler of a block on the learning side."""
        return self._send(f"{self.lms}/courses/{course_of(block)}/xblock/{block}/handler/{name}", **body)

    def studio_handler(self, block: str, name: str, **body: Any) -> APIResponse:
        """The same in Studio."""
        return self._send(f"{self.studio}/xblock/{block}/handler/{name}", **body)

    def view(self, path: str, **body: Any) -> APIResponse:
        """A plugin view below /beratung/."""
        return self._send(f"{self.lms}/beratung/{path}", **body)

    def studio_get(self, path: str) -> dict[str, Any]:
        """JSON of Studio."""
        answer = self.context.request.get(f"{self.studio}{path}", headers={"Accept": "application/json"})
        assert answer.ok, f"{path}: {answer.status}"
        return answer.json()

    def studio_json(self, method: str, path: str, data: dict[str, Any] | None = None) -> APIResponse:
        """A write to Studio's own interface."""
        headers = {"X-CSRFToken": self.token(), "Referer": f"{self.studio}/", "Accept": "application/json", "Content-Type": "application/json"}
        return self.context.request.fetch(f"{self.studio}{path}", method=method, headers=headers, data=json.dumps(data or {}))

    def look_as(self, learner: str, role: str = "staff") -> None:
        """Masquerade as this learner or, without a name, in a role; `staff` ends it."""
        wish = {"role": "student", "user_name": learner} if learner else {"role": role}
        address = f"{self.lms}/courses/{course_of(named('UNIT'))}/masquerade"
        headers = {"X-CSRFToken": self.token(), "Referer": f"{self.lms}/", "Content-Type": "application/json"}
        answer = self.context.request.post(address, headers=headers, data=json.dumps(wish))
        assert answer.json()["success"]

    def blocks(self, unit: str = "") -> dict[str, dict[str, Any]]:
        """The blocks of a unit by type, as the mobile apps and the learning app read them."""
        fields = "completion,student_view_multi_device,student_view_data"
        address = f"{self.lms}/api/courses/v2/blocks/{quote(unit or named('UNIT'))}?username={self.name}&depth=all&requested_fields={fields}&student_view_data=beratung"
        answer = self.context.request.get(address)
        assert answer.ok, f"blocks: {answer.status}"
        return {row["type"]: row for row in answer.json()["blocks"].values()}


def course_of(usage_key: str) -> str:
    """`block-v1:org+course+run+type@...` -> `course-v1:org+course+run`."""
    return "course-v1:" + "+".join(usage_key.removeprefix("block-v1:").split("+")[:3])


def publish(author: Person, unit: str) -> None:
    assert author.studio_json("POST", f"/xblock/{unit}", {"publish": "make_public"}).ok


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """One Chromium for the run."""
    with sync_playwright() as playwright:
        found = playwright.chromium.launch(executable_path=CHROMIUM, args=list(ARGUMENTS))
        yield found
        found.close()


def _person(browser: Browser, name: str) -> Iterator[Person]:
    context = browser.new_context(viewport={"width": 1100, "height": 900}, locale="en-US")
    yield Person(context, named(name))
    context.close()


@pytest.fixture(scope="session")
def learner(browser: Browser) -> Iterator[Person]:
    """Enrolled."""
    yield from _person(browser, "LMS_USER")


@pytest.fixture(scope="session")
def author(browser: Browser) -> Iterator[Person]:
    """Instructor: names the coordinator, plans the round, edits in Studio."""
    yield from _person(browser, "LMS_AUTHOR")


@pytest.fixture(scope="session")
def second(browser: Browser) -> Iterator[Person]:
    """Enrolled as well."""
    if not optional("LMS_SECOND"):
        pytest.skip("BERATUNG_LMS_SECOND names no second learner")
    yield from _person(browser, "LMS_SECOND")


@pytest.fixture(scope="session")
def stranger(browser: Browser) -> Iterator[Person]:
    """Has an account and nothing else."""
    yield from _person(browser, "LMS_STRANGER")


@pytest.fixture(scope="session")
def keys(learner: Person) -> dict[str, str]:
    """Usage keys of the unit's blocks by type."""
    return {kind: row["id"] for kind, row in learner.blocks().items()}


@pytest.fixture
def unit(author: Person) -> Iterator[str]:
    """An empty unit beside the one of the suite; it is deleted at the end, and what was in it with it."""
    parent = author.studio_get(f"/xblock/{named('UNIT')}?fields=ancestorInfo")["ancestors"][0]["id"]
    made = author.studio_json("POST", "/xblock/", {"parent_locator": parent, "category": "vertical", "display_name": "Kopien"})
    assert made.ok, made.text()
    yield made.json()["locator"]
    assert author.studio_json("DELETE", f"/xblock/{made.json()['locator']}").status == 204


@pytest.fixture(scope="session")
def other_course() -> str:
    """A course that may be overwritten; without one these tests are left out."""
    key = optional("IMPORT_COURSE")
    if not key:
        pytest.skip("BERATUNG_IMPORT_COURSE names no course that may be overwritten")
    return key
