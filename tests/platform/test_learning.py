"""LMS: a round from planning to an autosaved case, through the chromeless page that the learning app frames."""

from __future__ import annotations

import datetime as dt
import time
from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, expect

from tests.platform.conftest import Person, named

SITUATION = "Ich besuche seit einem Jahr eine Familie und weiß nicht, wie ich Grenzen setze. " * 3
TITLE = "Besuch am Abend"


def form(page: Page, action: str):
    return page.locator(f"form[hx-post*='/act/{action}']").first


def press(page: Page, action: str) -> int:
    """Press the button of a form; the status of the answer."""
    with page.expect_response(lambda answer: f"/handler/act/{action}" in answer.url) as waiting:
        form(page, action).locator("button[type=submit]").first.click()
    page.wait_for_function("!document.querySelector('.htmx-request, .htmx-swapping, .htmx-settling')")
    return waiting.value.status


def day(days: int) -> dt.date:
    return dt.datetime.now(tz=dt.UTC).date() + dt.timedelta(days=days)


@pytest.fixture(scope="module")
def signed_up(author: Person, learner: Person, keys: dict[str, str]) -> Iterator[Person]:
    """A round is planned and opened by the coordinator, and the learner registers for it: every click through the browser.

    The round is cancelled at the end, so that the next run finds nobody signed up.
    """
    desk = author.open_unit()
    if form(desk, "team.grant").count():
        form(desk, "team.grant").locator("[name=account]").fill(author.name)
        assert press(desk, "team.grant") == 200
        desk = author.open_unit()
    desk.locator(".kb-tabs form:has(input[name=section][value=rounds]) button").click()
    form(desk, "round.create").wait_for(state="attached")
    new = desk.locator("details:has(form[hx-post*='round.create'])")
    if new.get_attribute("open") is None:
        new.locator("summary").first.click()
    form(desk, "round.create").locator("[name=title]").fill(f"Runde {int(time.time())}")
    form(desk, "round.create").locator("[name=closes_at]").fill(f"{day(10)}T12:00")
    desk.locator("[name='slots.0.day']").fill(str(day(20)))
    assert press(desk, "round.create") == 200
    assert press(desk, "round.open") == 200
    uid = form(desk, "round.cancel").locator("[name=round]").get_attribute("value")
    try:
        _register(learner.open_unit())
        yield learner
    finally:
        assert author.handler(keys["beratung"], "act/round.cancel", form={"round": uid}).status == 200


def _register(page: Page) -> None:
    if form(page, "accept_undertaking").count():
        assert press(page, "accept_undertaking") == 422, "the promise needs its tick"
        page.locator("[name=accept]").check()
        assert press(page, "accept_undertaking") == 200
    form(page, "review_signup").locator("input[type=radio]").first.check()
    form(page, "review_signup").locator("[name=display_name]").fill("Gosia <b>")
    assert press(page, "review_signup") == 200
    expect(page.locator(".kb-root").first).to_contain_text("Gosia <b>")
    assert press(page, "submit_signup") == 200


@pytest.fixture(scope="module")
def with_case(signed_up: Person) -> Person:
    """The learner types a case; the page saves it by itself."""
    page = signed_up.open_unit()
    assert press(page, "write_case") == 200
    page.locator("input[name=title]").fill(TITLE)
    with page.expect_response(lambda answer: "/beratung/draft/" in answer.url) as waiting:
        page.locator("textarea[name=situation]").fill(SITUATION)
    assert waiting.value.status == 200
    return signed_up


def test_both_blocks_work_on_one_page(learner: Person) -> None:
    page = learner.open_unit()
    assert page.locator(".kb-root").count() == 2
    page.locator(".kb-practice button").first.wait_for()
    page.set_viewport_size({"width": 360, "height": 800})
    wide = page.evaluate("[...document.querySelectorAll('.kb-root')].filter((box) => box.scrollWidth > box.clientWidth + 1).length")
    page.set_viewport_size({"width": 1100, "height": 900})
    assert wide == 0
    assert learner.failed == []


def test_mobile_apps_are_told_that_the_page_works_there(learner: Person) -> None:
    blocks = learner.blocks()
    assert blocks["beratung"]["student_view_multi_device"] is True
    assert blocks["teams_practice"]["student_view_multi_device"] is True
    assert blocks["beratung"]["student_view_data"]["open_in_browser"] is True


def test_signing_up_counts_in_the_platforms_completion(signed_up: Person) -> None:
    assert signed_up.blocks()["beratung"]["completion"] == pytest.approx(0.3)
    assert signed_up.failed == []


def test_a_case_saves_itself_and_is_there_again(with_case: Person) -> None:
    page = with_case.open_unit()
    assert press(page, "write_case") == 200
    assert page.locator("textarea[name=situation]").input_value().strip() == SITUATION.strip()


def test_solved_steps_of_the_practice_count(learner: Person, keys: dict[str, str]) -> None:
    answer = learner.handler(keys["teams_practice"], "save_progress", data={"tasks": ["S01"]})
    assert answer.status == 200
    assert answer.json()["solved"] == ["S01"]
    assert learner.blocks()["teams_practice"]["completion"] == pytest.approx(answer.json()["completion"])
    refused = learner.handler(keys["teams_practice"], "save_progress", data={"tasks": ["S99"]})
    assert refused.status == 400


def test_without_the_csrf_token_nothing_is_taken(learner: Person, keys: dict[str, str]) -> None:
    address = f"{learner.lms}/beratung/draft/{keys['beratung']}/"
    assert learner.context.request.post(address, headers={"Referer": f"{learner.lms}/"}, data={"draft": {}}).status == 403


def test_somebody_who_is_not_enrolled_gets_nothing(stranger: Person, keys: dict[str, str]) -> None:
    block = keys["beratung"]
    assert stranger.context.request.get(f"{stranger.lms}/xblock/{block}").status == 404
    assert stranger.handler(block, "act/tell_me", form={}).status in (403, 404)
    assert stranger.handler(block, "act/accept_undertaking", form={"accept": "yes"}).status in (403, 404)
    assert stranger.view(f"draft/{block}/", data={"round": "x", "version": None, "draft": {}}).status == 404
    assert stranger.handler(keys["teams_practice"], "save_progress", data={"tasks": ["S01"]}).status == 403
    assert stranger.handler(block, "save_settings", form={"display_name": "X"}).status == 403


def test_a_masquerade_shows_no_text_and_changes_nothing(with_case: Person, author: Person, keys: dict[str, str]) -> None:
    address = f"{author.lms}/xblock/{named('UNIT')}"
    author.look_as("", role="student")
    try:
        page = author.open_unit()
        assert page.locator(".kb-tabs").count() == 0, "no desk for somebody who looks as a learner does"
        author.look_as(with_case.name)
        html = author.context.request.get(address).text()
        assert "xblock-student_view-beratung" in html
        assert TITLE not in html
        assert "Grenzen setze" not in html
        assert author.handler(keys["beratung"], "act/cancel_signup", form={}).status == 403
        assert author.handler(keys["beratung"], "act/write_case", form={}).status == 403
        assert author.view(f"draft/{keys['beratung']}/", data={"round": "x", "version": None, "draft": {}}).status == 403
        assert author.handler(keys["teams_practice"], "save_progress", data={"tasks": ["S02"]}).status == 403
    finally:
        author.look_as("")
    assert with_case.blocks()["beratung"]["completion"] == pytest.approx(0.3)
