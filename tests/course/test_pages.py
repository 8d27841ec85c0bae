"""The pages in a real browser: accessible, and nothing sticks out on a telephone."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import Browser, sync_playwright

from beratung_xblock.course.assets import assets
from beratung_xblock.course.blocks import course_tree, walk
from beratung_xblock.course.source import Course
from tests.e2e.axe import violations

CHROMIUM = "/usr/bin/chromium"
ARGUMENTS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]
pytestmark = pytest.mark.e2e


@pytest.fixture(scope="module")
def browser():
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        yield browser
        browser.close()


def write_site(course: Course, folder: Path) -> list[Path]:
    """Each unit's own HTML in a bare page, the way the platform's unit frame shows it."""
    (folder / "static").mkdir(parents=True)
    for name, content in assets(course).items():
        (folder / "static" / name).write_bytes(content)
    pages = []
    for block in walk(course_tree(course)):
        texts = [child.data.replace("/static/", "static/") for child in block.children if child.type == "html"]
        if block.type == "vertical":
            head = f'<meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>{block.fields["display_name"]}</title>'
            body = f"<main><h2>{block.fields['display_name']}</h2>{''.join(texts)}</main>"
            path = folder / f"{block.id}.html"
            path.write_text(f'<!doctype html><html lang="{course.language}">{head}<body>{body}</body></html>', encoding="utf-8")
            pages.append(path)
    return pages


def test_every_page_fits_a_telephone_and_is_clean_under_axe(course: Course, browser: Browser, tmp_path: Path) -> None:
    pages = write_site(course, tmp_path / "site")
    assert len(pages) == 62
    page = browser.new_page(viewport={"width": 320, "height": 640}, locale=course.language)
    for path in pages:
        page.goto(path.as_uri())
        assert page.evaluate("getComputedStyle(document.querySelector('.kb-unit')).fontSize") == "18px", path.name
        assert page.evaluate("document.documentElement.scrollWidth") <= 320, path.name
        loaded = page.evaluate("[...document.images].every((image) => image.complete && image.naturalWidth > 0)")
        assert loaded or page.locator(".kb-toggle").count(), path.name
        small = page.evaluate(
            "[...document.querySelectorAll('summary, .kb-check label, .kb-toggle, .kb-next a, .kb-download a')]"
            ".filter((e) => e.getBoundingClientRect().height < 44).map((e) => e.textContent)"
        )
        assert small == [], path.name
        # Both languages have the same elements, so one of them is enough for the slow part.
        if course.language == "de":
            assert violations(page) == [], path.name
    page.close()


def test_letters_are_large(german: Course, browser: Browser, tmp_path: Path) -> None:
    pages = {path.stem: path for path in write_site(german, tmp_path / "site")}
    page = browser.new_page()
    page.goto(pages["u2_1_2"].as_uri())
    assert page.evaluate("parseFloat(getComputedStyle(document.querySelector('.kb-steps p')).fontSize)") >= 18
    page.close()


def test_the_practice_switch_works_with_the_keyboard(german: Course, browser: Browser, tmp_path: Path) -> None:
    pages = {path.stem: path for path in write_site(german, tmp_path / "site")}
    page = browser.new_page()
    page.goto(pages["u3_1_2"].as_uri())
    switch = page.get_by_role("switch")
    switch.focus()
    assert page.get_by_text("Stumm. Niemand hört Sie.").is_visible()
    page.keyboard.press("Space")
    assert switch.is_checked()
    assert page.get_by_text("Laut. Alle hören Sie.").is_visible()
    assert not page.get_by_text("Stumm. Niemand hört Sie.").is_visible()
    page.close()


def test_answers_of_the_first_aid_open_on_a_tap(german: Course, browser: Browser, tmp_path: Path) -> None:
    pages = {path.stem: path for path in write_site(german, tmp_path / "site")}
    page = browser.new_page()
    page.goto(pages["u5_1_1"].as_uri())
    advice = page.get_by_text("Stellen Sie den Lautsprecher lauter.")
    assert not advice.is_visible()
    page.get_by_text("Nein, ich höre nichts").click()
    assert advice.is_visible()
    page.close()
