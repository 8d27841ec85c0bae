"""The Teams course and its practice meeting: sizes, building, and how soon a slow machine answers (Chromium, processor slowed down four times)."""

from __future__ import annotations

import statistics
import tempfile
import time
from pathlib import Path

LANGUAGES = ("de", "en", "ar")
WIDTHS = {"computer": 1280, "phone": 360}
SLOWER = 4
RELOADS = 7
READY = """new MutationObserver(() => { if (!window.kbReady && document.querySelector("[data-do=begin]")) window.kbReady = performance.now(); })
  .observe(document, {childList: true, subtree: true});"""
PRESS = """(wanted) => new Promise((done) => {
  const started = performance.now();
  document.querySelector(wanted).click();
  requestAnimationFrame(() => setTimeout(() => done(performance.now() - started)));
})"""


def run() -> dict:
    """Bytes, seconds to build, and milliseconds until the page can be used and until a press has been answered on the screen."""
    return {"packages": packages(), "practice": practice()}


def packages() -> dict[str, dict[str, float]]:
    """Size of each course file, seconds to build it, and whether a second build gave the same bytes."""
    from beratung_xblock.course.olx import Identity, archive, package_files
    from beratung_xblock.course.source import load

    found = {}
    for language in ("de", "en"):
        started = time.perf_counter()
        first = archive(package_files(load(language), Identity()))
        seconds = time.perf_counter() - started
        again = archive(package_files(load(language), Identity()))
        found[language] = {"bytes": len(first), "seconds": round(seconds, 2), "same_twice": first == again}
    return found


def practice() -> dict[str, dict[str, float]]:
    """Per language and device: ms until the page can be used, ms from each press to the answer on the screen."""
    from playwright.sync_api import sync_playwright

    from tests.e2e.conftest import CHROMIUM, Demo

    found = {}
    with tempfile.TemporaryDirectory() as folder:
        demo = Demo(Path(folder))
        demo.prepare()
        demo.start()
        try:
            with sync_playwright() as playwright:
                chromium = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox", "--disable-gpu"])
                for language in LANGUAGES:
                    for device, width in WIDTHS.items():
                        found[f"{language}, {device}"] = _one(chromium, demo.url, language, width)
                chromium.close()
        finally:
            demo.stop()
    return found


def _one(chromium, url: str, language: str, width: int) -> dict[str, float]:
    from tests.e2e.conftest import login

    context = chromium.new_context(base_url=url, viewport={"width": width, "height": 800}, locale=language)
    page = context.new_page()
    login(page, "volunteer-1")
    page.goto("/practice/")
    context.new_cdp_session(page).send("Emulation.setCPUThrottlingRate", {"rate": SLOWER})
    page.add_init_script(READY)
    ready = []
    for _ in range(RELOADS):
        page.reload()
        page.locator("[data-do=begin]").wait_for()
        ready.append(page.evaluate("window.kbReady - performance.getEntriesByType('navigation')[0].responseEnd"))
    presses = [page.evaluate(PRESS, "[data-do=begin]"), *_walk(page)]
    context.close()
    return {
        "usable_ms_median": round(statistics.median(ready)),
        "usable_ms_longest": round(max(ready)),
        "press_ms_median": round(statistics.median(presses)),
        "press_ms_longest": round(max(presses)),
        "presses": len(presses),
    }


def _walk(page) -> list[float]:
    """Press through the basic part as a learner does without help; the ms of each press."""
    from tests.e2e.practice_steps import BASIC, DEEDS, TEXTS

    times = []
    for task in BASIC:
        for act in DEEDS[task]:
            if act in TEXTS:
                page.locator(f"[data-act='{act}'] input").fill(TEXTS[act])
            wanted = f"form[data-act='{act}'] button" if act in TEXTS else f"[data-act='{act}']"
            times.append(page.evaluate(PRESS, wanted))
        times.append(page.evaluate(PRESS, "[data-do=next]"))
    return times
