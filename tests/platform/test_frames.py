"""Our pages inside the frames of the learning app and of the authoring app, with a page of ours in the place of those apps."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Frame, Page

from tests.platform.conftest import Person, named, optional

HOST = """<!doctype html><title>app</title><style>body {{ margin: 0 }} iframe {{ border: 0; width: {width}px; height: {height}px }}</style>
<script>
  window.heard = [];
  addEventListener("message", (event) => {{
    const data = event.data || {{}};
    heard.push(data);
    if (data.type === "plugin.resize") {{ document.querySelector("iframe").style.height = data.payload.height + "px"; }}
  }});
</script>
<iframe src="{address}" referrerpolicy="origin" allow="microphone *; camera *; clipboard-write *"></iframe>"""
"""What the apps do: one frame, its height as the platform's page reports it, messages noted."""


@pytest.fixture
def app(request: pytest.FixtureRequest) -> Iterator[Callable[..., tuple[Page, Frame]]]:
    """Open an address of the platform in a frame of another origin; gives the page and the frame."""
    pages = []

    def show(person: Person, address: str, *, origin: str, width: int = 800, height: int = 300) -> tuple[Page, Frame]:
        page = person.context.new_page()
        page.set_default_timeout(30_000)
        pages.append(page)
        shell = f"{origin}/shell-of-the-app"
        page.route(shell, lambda route: route.fulfill(body=HOST.format(address=address, width=width, height=height), content_type="text/html"))
        page.goto(shell)
        frame = page.locator("iframe").element_handle().content_frame()
        assert frame is not None
        return page, frame

    yield show
    for page in pages:
        page.close()


def learning_origin() -> str:
    """Where the LMS believes the learning app to be: it reports heights to nobody else."""
    address = optional("LEARNING_URL")
    if not address:
        pytest.skip("BERATUNG_LEARNING_URL does not say where the learning app is")
    parts = urlsplit(address)
    return f"{parts.scheme}://{parts.netloc}"


def clipped(frame: Frame) -> int:
    """Pixels by which the part that the platform measures is higher than the frame."""
    return frame.evaluate("document.querySelector('#content').offsetHeight - innerHeight")


def overflowing(frame: Frame) -> list[str]:
    """Parts of our blocks that stick out of what the platform measures."""
    return frame.evaluate("""() => {
        const end = document.querySelector('#content').getBoundingClientRect().bottom + 1;
        return [...document.querySelectorAll('.kb-root *')].filter((part) => part.checkVisibility() && getComputedStyle(part).position !== 'fixed'
          && !part.matches('.kb-sr, .kb-live, .sr-only') && part.getBoundingClientRect().height > 1
          && part.getBoundingClientRect().bottom > end).map((part) => part.outerHTML.slice(0, 120));
    }""")


@pytest.mark.parametrize("width", [360, 800])
def test_the_learning_app_hears_the_height_and_clips_nothing(learner: Person, app: Callable[..., tuple[Page, Frame]], width: int) -> None:
    page, frame = app(learner, f"{learner.lms}/xblock/{named('UNIT')}?show_title=0&show_bookmark_button=0&view=student_view", origin=learning_origin(), width=width)
    frame.locator(".kb-root[data-kb-started=ready]").first.wait_for()
    page.wait_for_function("heard.some((message) => message.type === 'plugin.resize' && message.payload.height > 300)")
    frame.wait_for_function("document.querySelector('#content').offsetHeight - innerHeight <= 1")
    assert overflowing(frame) == []
    assert frame.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth") <= 1
    before = page.evaluate("document.querySelector('iframe').offsetHeight")
    # Something opens: a part of the page that grows by the reader's own hand, with no word to the server.
    closed = frame.locator(".kb-root details:not([open]) > summary")
    if closed.count():
        closed.first.click()
        page.wait_for_function("(before) => document.querySelector('iframe').offsetHeight > before", arg=before)
        assert clipped(frame) <= 1
        assert overflowing(frame) == []


def test_the_frame_grows_with_what_an_answer_swaps_in(author: Person, app: Callable[..., tuple[Page, Frame]]) -> None:
    page, frame = app(author, f"{author.lms}/xblock/{named('UNIT')}?view=student_view", origin=learning_origin())
    frame.locator(".kb-root[data-kb-started=ready]").first.wait_for()
    seen = set()
    for number in range(frame.locator(".kb-tabs form button").count()):
        with page.expect_response(lambda answer: "/handler/act/" in answer.url):
            frame.locator(".kb-tabs form button").nth(number).click()
        frame.wait_for_function("!document.querySelector('.htmx-request, .htmx-swapping, .htmx-settling')")
        frame.wait_for_function("document.querySelector('#content').offsetHeight - innerHeight <= 1")
        assert overflowing(frame) == []
        seen.add(page.evaluate("document.querySelector('iframe').offsetHeight"))
    assert len(seen) != 1, "the tabs of the desk differ in height"


def test_a_page_at_rest_changes_nothing_the_learning_app_watches(learner: Person, app: Callable[..., tuple[Page, Frame]]) -> None:
    """Each changed node or attribute lets the platform's page add one more listener to every link."""
    _page, frame = app(learner, f"{learner.lms}/xblock/{named('UNIT')}?view=student_view", origin=learning_origin())
    frame.locator(".kb-root[data-kb-started=ready]").first.wait_for()
    frame.wait_for_timeout(2000)
    changes = frame.evaluate("""() => new Promise((done) => {
        const found = [];
        const ours = (node) => (node.nodeType === 1 ? node : node.parentElement)?.closest('.kb-root');
        new MutationObserver((records) => records.filter((one) => ours(one.target)).forEach((one) => found.push(one.type + ' ' + one.attributeName)))
          .observe(document.body, {attributes: true, childList: true, subtree: true});
        setTimeout(() => done(found), 3000);
    })""")
    assert changes == []


def test_the_platforms_rules_for_headings_do_not_reach_ours(author: Person, app: Callable[..., tuple[Page, Frame]]) -> None:
    """The title of each block is larger than everything below it, and as bold as we say."""
    _page, frame = app(author, f"{author.lms}/xblock/{named('UNIT')}?view=student_view", origin=learning_origin())
    frame.locator(".kb-root[data-kb-started=ready]").first.wait_for()
    frame.locator(".kb-practice [data-do=begin]").wait_for()
    looks = frame.evaluate("""() => [...document.querySelectorAll('.kb-root')].map((root) => {
        const size = (one) => parseFloat(getComputedStyle(one).fontSize) / parseFloat(getComputedStyle(root).fontSize);
        const title = root.querySelector('.kb-title'), below = root.querySelector('h3');
        return [size(title).toFixed(2), size(below).toFixed(2), getComputedStyle(title).fontWeight, getComputedStyle(below).fontWeight];
    })""")
    assert looks == [["1.50", "1.08", "650", "650"]] * 2


def studio_origin(person: Person) -> str:
    """Another origin on the same host, as the authoring app has: cookies of the session still arrive."""
    parts = urlsplit(person.studio)
    return f"{parts.scheme}://{parts.hostname}:45999"


def heard(page: Page, kind: str) -> bool:
    return page.evaluate("(kind) => heard.some((message) => message.type === kind)", kind)


@pytest.mark.parametrize("kind", ["beratung", "teams_practice"])
def test_the_editor_saves_in_the_authoring_apps_frame_and_tells_it(author: Person, app: Callable[..., tuple[Page, Frame]], keys: dict[str, str], kind: str) -> None:
    block = keys[kind]
    root = ".kb-studio[data-kb-started=ready]" if kind == "beratung" else ".kb-practice-studio"
    before = author.studio_get(f"/xblock/{block}")["metadata"].get("display_name")
    page, frame = app(author, f"{author.studio}/xblock/{block}/action/edit", origin=studio_origin(author), width=1000, height=700)
    frame.locator(root).wait_for()
    title = frame.locator(f"{root} [name=display_name]")
    old = title.input_value()
    title.fill("Im Rahmen geändert")
    # The Studio of the platform has a bar of its own around the editor; there must be one way to save, and it must be ours.
    assert frame.get_by_role("button", name=re.compile("^(save|speichern)$", re.IGNORECASE)).filter(visible=True).count() <= 1
    with page.expect_response(lambda answer: "save_settings" in answer.url) as waiting:
        frame.locator(f"{root} button[type=submit]").first.click()
    assert waiting.value.status == 200
    page.wait_for_function("heard.some((message) => message.type === 'saveEditedXBlockData')")
    assert author.studio_get(f"/xblock/{block}")["metadata"]["display_name"] == "Im Rahmen geändert"
    restored = author.studio_json("PUT", f"/xblock/{block}", {"metadata": {"display_name": before if before is not None else old}})
    assert restored.ok


@pytest.mark.parametrize("kind", ["beratung", "teams_practice"])
def test_the_editor_can_be_left_in_the_authoring_apps_frame(author: Person, app: Callable[..., tuple[Page, Frame]], keys: dict[str, str], kind: str) -> None:
    root = ".kb-studio[data-kb-started=ready]" if kind == "beratung" else ".kb-practice-studio"
    before = author.studio_get(f"/xblock/{keys[kind]}")["metadata"]
    page, frame = app(author, f"{author.studio}/xblock/{keys[kind]}/action/edit", origin=studio_origin(author), width=1000, height=700)
    frame.locator(root).wait_for()
    frame.locator(f"{root} [name=display_name]").fill("Verworfen")
    frame.locator(f"{root} [data-kb-cancel], {root} [data-do=cancel]").first.click()
    page.wait_for_function("heard.some((message) => message.type === 'closeXBlockEditorModal')")
    assert not heard(page, "saveEditedXBlockData")
    assert author.studio_get(f"/xblock/{keys[kind]}")["metadata"] == before


def test_a_refused_value_keeps_the_editor_open(author: Person, app: Callable[..., tuple[Page, Frame]], keys: dict[str, str]) -> None:
    page, frame = app(author, f"{author.studio}/xblock/{keys['beratung']}/action/edit", origin=studio_origin(author), width=1000, height=700)
    frame.locator(".kb-studio[data-kb-started=ready] [name=display_name]").fill("")
    frame.locator(".kb-studio button[type=submit]").first.click()
    frame.locator(".kb-studio .kb-errors").wait_for()
    assert not heard(page, "saveEditedXBlockData")
    assert not heard(page, "closeXBlockEditorModal")
