"""Right-to-left pages and long German words on small screens: no text overlaps another, none is cut off, nothing scrolls sideways.

BERATUNG_SHOTS=folder keeps a picture of every page looked at.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page

from beratung_xblock.demo.course import BERATUNG, PRACTICE
from tests.e2e.conftest import Demo, login
from tests.e2e.hands import settled
from tests.e2e.layout import faults
from tests.e2e.practice_steps import BASIC, DEEDS, use

SHOTS = os.environ.get("BERATUNG_SHOTS", "")
WIDTHS = (320, 360, 1280)
SECTIONS = ("today", "rounds", "registrations", "assignment", "cases", "sessions", "mails", "report", "history", "team")
LETTERS_DOUBLED = "document.documentElement.style.fontSize = '200%'"
FRESH = """
from django.contrib.auth import get_user_model
from beratung_xblock.models import Case, Registration, UndertakingAcceptance
user = get_user_model().objects.get(username="volunteer-10")
for model, name in ((Case, "owner"), (Registration, "user"), (UndertakingAcceptance, "user")):
    model.objects.filter(**{name: user}).delete()
"""
SESSION = """
from beratung_xblock.demo import seed
from beratung_xblock.models import Group
group = Group.objects.get(round__uid=seed.session_today())
roles = {m.registration.user.username: m.planned_role for m in group.memberships.all()}
print(next(name for name, role in roles.items() if role == "moderator"))
"""


class Looker:
    """One person's page in one language, looked at in every width after each step."""

    def __init__(self, page: Page, *, direction: str, widths: tuple[int, ...], doubled: bool = False) -> None:
        self.page, self.direction, self.widths, self.doubled = page, direction, widths, doubled
        self.found: list[str] = []

    def open(self, unit) -> None:
        """The block alone, as the learning front end frames it."""
        self.page.goto(f"/xblock/{unit.usage_key}")
        self.page.locator(".kb-root").first.wait_for()

    def look(self, name: str, *, words: int = 8) -> None:
        """Note what is wrong here."""
        for width in self.widths:
            self.page.set_viewport_size({"width": width, "height": 900})
            if self.doubled:
                self.page.evaluate(LETTERS_DOUBLED)
            wrong, seen, direction = faults(self.page, ".kb-root")
            self.found += [f"{name} at {width}: {fault}" for fault in wrong]
            if direction != self.direction or seen < words:
                self.found.append(f"{name} at {width}: {seen} texts, {direction}")
            if SHOTS:
                self.page.screenshot(path=Path(SHOTS) / f"{self.direction}-{name}-{width}.png", full_page=True)

    def press(self, text_or_selector: str) -> None:
        """Click the first such button, wait for the answer."""
        self.page.locator(text_or_selector).first.click()
        settled(self.page)

    def unfold(self) -> None:
        """Open everything that is folded."""
        self.page.evaluate("document.querySelectorAll('details').forEach((one) => { one.open = true; })")


@pytest.fixture
def looker(new_page: Callable[..., Page], request: pytest.FixtureRequest) -> Iterator[Callable[..., Looker]]:
    """A factory; the faults of all pages are told together at the end."""
    made: list[Looker] = []

    def make(slug: str, language: str, **more) -> Looker:
        page = new_page(language=language, width=more.get("widths", WIDTHS)[-1])
        login(page, slug)
        made.append(Looker(page, direction="rtl" if language == "ar" else "ltr", **{"widths": WIDTHS, **more}))
        return made[-1]

    yield make
    found = [fault for one in made for fault in one.found]
    assert found == [], "\n".join(found)


@pytest.fixture(params=["ar", "de"])
def language(request: pytest.FixtureRequest) -> tuple[str, dict]:
    """Arabic in three widths; German on the smallest screen with letters of twice the size."""
    return request.param, {} if request.param == "ar" else {"widths": (320,), "doubled": True}


def test_a_volunteer_s_pages(demo: Demo, looker, language) -> None:
    code, more = language
    demo.run(FRESH)
    one = looker("volunteer-10", code, **more)
    one.open(BERATUNG)
    one.look("undertaking")
    one.page.locator("input[type=checkbox]").first.check()
    one.press("form[hx-post*='accept_undertaking'] button[type=submit]")
    one.unfold()
    one.look("signup", words=30)
    for group in one.page.locator(".kb-segment").all():
        group.locator("input[type=radio]").first.check()
    one.page.locator("input[name=brings_case]").check()
    one.press("form[hx-post*='review_signup'] button[type=submit]")
    one.look("review")
    one.press("form[hx-post*='submit_signup'] button[type=submit]")
    one.unfold()
    one.look("registered", words=20)
    one.press("form[hx-post*='write_case'] button[type=submit]")
    one.unfold()
    one.look("case", words=20)


def test_a_session(demo: Demo, looker, language) -> None:
    code, more = language
    moderator = demo.run(SESSION)
    one = looker(moderator, code, **more)
    one.open(BERATUNG)
    one.page.locator("[data-kb-link][data-state=connected]").wait_for()
    one.unfold()
    one.look("companion-before", words=15)
    one.press("form[data-kb-act=start] button")
    one.unfold()
    one.look("companion", words=15)


def test_the_practice_meeting(looker, language) -> None:
    code, more = language
    one = looker("volunteer-11" if code == "ar" else "volunteer-12", code, **more)
    one.open(PRACTICE)
    one.page.locator("[data-do=begin]").wait_for()
    one.look("practice-start")
    one.press("[data-do='variant:computer']")
    one.press("[data-do=begin]")
    for task in BASIC[:6]:
        one.look(f"practice-{task}")
        for act in DEEDS[task]:
            use(one.page, act)
        one.page.locator(".kb-notice--ok").wait_for()
        one.press("[data-do=next]")


def test_the_desk(looker, language) -> None:
    code, more = language
    one = looker("facilitator", code, **more)
    one.open(BERATUNG)
    for section in SECTIONS:
        one.press(f".kb-tabs form:has(input[name=section][value={section}]) button")
        one.unfold()
        one.look(f"desk-{section}")
