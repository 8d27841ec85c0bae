"""Make the pictures of docs/img anew, from a fresh demo: what volunteers, coordinators and authors see.

    python tools/screenshots.py [name ...]

Needs Chromium (CHROMIUM names another one than /usr/bin/chromium). Pictures are reduced to 64 colours, so that each stays under 80 kB.
"""

from __future__ import annotations

import io
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

from PIL import Image
from playwright.sync_api import Page, sync_playwright

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))
from tests.e2e.conftest import CHROMIUM, Demo, login  # noqa: E402

FOLDER = ROOT / "docs" / "img"
COLOURS = 64
MOST_BYTES = 80_000
TODAY = """
from beratung_xblock.demo import seed
from beratung_xblock.models import Group
group = Group.objects.get(round__uid=seed.session_today())
roles = {m.registration.user.username: m.planned_role for m in group.memberships.all()}
print(next(name for name, role in roles.items() if role == "moderator"))
"""


def _section(page: Page, name: str) -> None:
    page.locator(f".kb-tabs form:has(input[name=section][value={name}]) button").click()
    page.locator(f".kb-tabs form:has(input[name=section][value={name}]) button[aria-current=page]").wait_for()


def volunteer(page: Page, demo: Demo) -> None:
    """Somebody who has signed up and handed in a case."""
    login(page, "volunteer-2")
    page.goto("/learn/beratung/")


def desk(page: Page, demo: Demo) -> None:
    """The groups as they were proposed."""
    login(page, "facilitator")
    page.goto("/learn/beratung/")
    _section(page, "assignment")
    page.locator("form[hx-post*='board.propose'] button[type=submit]").first.click()
    page.locator("form[hx-post*='board.publish'] button[type=submit]").first.wait_for()


def session(page: Page, demo: Demo) -> None:
    """The companion beside the call, for the moderator."""
    login(page, demo.run(TODAY))
    page.goto("/learn/beratung/")
    page.locator("[data-kb-link][data-state=connected]").wait_for()
    page.locator("form[data-kb-act=start] button").click()
    page.locator(".kb-session__clock").wait_for()
    page.locator(".kb-session").evaluate("(part) => part.scrollIntoView()")


def studio_preview(page: Page, demo: Demo) -> None:
    """What an author sees in the unit."""
    login(page, "author")
    page.goto("/studio/beratung/")


def studio_editor(page: Page, demo: Demo) -> None:
    """The settings of the block."""
    login(page, "author")
    page.goto("/studio/beratung/edit/")
    page.locator(".kb-root").first.wait_for()


def practice(page: Page, demo: Demo) -> None:
    """A step of the practice meeting."""
    login(page, "volunteer-5")
    page.goto("/practice/")
    page.locator("[data-do=begin]").click()
    page.locator(".kb-practice__stage").wait_for()


PICTURES: dict[str, tuple[Callable[[Page, Demo], None], int, int]] = {
    "volunteer": (volunteer, 1000, 1000),
    "desk": (desk, 1100, 1100),
    "session": (session, 460, 1000),
    "studio-preview": (studio_preview, 1000, 900),
    "studio-editor": (studio_editor, 1000, 900),
    "practice": (practice, 1000, 900),
}
"""Name -> (what to open, width, height)."""


def save(name: str, raw: bytes) -> int:
    """Write one picture with few colours; answers its size. Raises SystemExit when it is too big for a page of text."""
    path = FOLDER / f"{name}.png"
    image = Image.open(io.BytesIO(raw)).convert("RGB").quantize(COLOURS, dither=Image.Dither.NONE)
    image.save(path, optimize=True)
    size = path.stat().st_size
    if size > MOST_BYTES:
        raise SystemExit(f"{path} has {size} bytes: make the picture smaller")
    return size


def main() -> int:
    """Read the command line, start the demo, take the pictures."""
    wanted = sys.argv[1:] or list(PICTURES)
    FOLDER.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        demo = Demo(Path(folder))
        demo.prepare()
        demo.start()
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox", "--disable-gpu"])
        try:
            for name in wanted:
                open_it, width, height = PICTURES[name]
                context = browser.new_context(base_url=demo.url, viewport={"width": width, "height": height}, locale="de", reduced_motion="reduce")
                page = context.new_page()
                open_it(page, demo)
                page.wait_for_load_state("networkidle")
                print(name, save(name, page.screenshot()))
                context.close()
        finally:
            browser.close()
            demo.stop()
    return 0


if __name__ == "__main__":
    sys.exit(main())
