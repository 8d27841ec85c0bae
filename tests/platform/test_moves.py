"""Studio moves blocks about: copy and paste, export and import, libraries. Settings travel, rounds never do."""

from __future__ import annotations

import io
import re
import tarfile
import time
from collections.abc import Callable, Iterator

import pytest
from lxml import etree

from tests.platform.conftest import Person, course_of, named, publish

SENTENCE = "Mitgenommen <im Koffer> & „heil“\nzweite Zeile"
TASKS = "S01,S05"


@pytest.fixture
def made(author: Person, unit: str) -> dict[str, str]:
    """One block of each kind in it, with settings of their own."""
    found = {}
    for kind, settings in (("beratung", {"display_name": "Koffer", "intro_text": SENTENCE, "group_max": 7}), ("teams_practice", {"tasks": TASKS})):
        answer = author.studio_json("POST", "/xblock/", {"parent_locator": unit, "category": kind})
        assert answer.ok, answer.text()
        found[kind] = answer.json()["locator"]
        assert author.studio_json("PUT", f"/xblock/{found[kind]}", {"metadata": settings}).ok
    return found


def settings_of(author: Person, block: str) -> dict[str, object]:
    """The fields an author has filled; a copy's title may differ, and what comes from a library has empty ones too."""
    stored = author.studio_get(f"/xblock/{block}")["metadata"]
    return {name: stored[name] for name in ("intro_text", "group_max", "tasks", "wording") if stored.get(name)}


def until(done: Callable[[], bool], *, seconds: float = 120) -> None:
    deadline = time.monotonic() + seconds
    while not done():
        assert time.monotonic() < deadline, "Studio did not finish"
        time.sleep(0.5)


def export(author: Person, course: str) -> bytes:
    """The course as Studio's export page makes it."""
    assert author.studio_json("POST", f"/export/{course}").ok
    until(lambda: author.studio_get(f"/export_status/{course}")["ExportStatus"] == 3)
    answer = author.context.request.get(author.studio + author.studio_get(f"/export_status/{course}")["ExportOutput"])
    assert answer.ok
    return answer.body()


def upload(author: Person, course: str, package: bytes, name: str) -> None:
    """Send a package as Studio's import page does and wait until it is taken in."""
    headers = {"X-CSRFToken": author.token(), "Referer": f"{author.studio}/", "Accept": "application/json"}
    file = {"name": name, "mimeType": "application/gzip", "buffer": package}
    answer = author.context.request.post(f"{author.studio}/import/{course}", headers=headers, multipart={"course-data": file}, timeout=300_000)
    assert answer.ok, answer.text()[:500]

    def taken_in() -> bool:
        status = author.studio_get(f"/import_status/{course}/{name}")["ImportStatus"]
        assert status >= 0, f"the import failed in step {-status}"
        return status == 4

    until(taken_in, seconds=300)


def test_duplicates_and_pasted_copies_carry_the_settings_and_nothing_else(author: Person, unit: str, made: dict[str, str]) -> None:
    for block in made.values():
        copied = author.studio_json("POST", "/api/content-staging/v1/clipboard/", {"usage_key": block})
        assert copied.ok, copied.text()
        pasted = author.studio_json("POST", "/xblock/", {"parent_locator": unit, "staged_content": "clipboard"})
        assert pasted.ok, pasted.text()
        doubled = author.studio_json("POST", "/xblock/", {"duplicate_source_locator": block, "parent_locator": unit})
        for copy in (pasted.json()["locator"], doubled.json()["locator"]):
            assert copy != block
            assert settings_of(author, copy) == settings_of(author, block) != {}
            assert "kb-root" in author.studio_get(f"/xblock/{copy}/studio_view")["html"]
            assert author.studio_json("DELETE", f"/xblock/{copy}").status == 204
    assert author.studio_get(f"/xblock/{made['beratung']}")["metadata"]["display_name"] == "Koffer", "the first one is untouched"


def test_two_blocks_of_a_kind_live_on_one_page(author: Person, learner: Person, unit: str, made: dict[str, str]) -> None:
    for block in made.values():
        assert author.studio_json("POST", "/xblock/", {"duplicate_source_locator": block, "parent_locator": unit}).ok
    publish(author, unit)
    page = learner.context.new_page()
    page.set_default_timeout(30_000)
    page.goto(f"{learner.lms}/xblock/{unit}")
    page.wait_for_function("document.querySelectorAll('.kb-practice [data-do=begin]').length === 2")
    page.wait_for_function("document.querySelectorAll('.xblock-student_view-beratung .kb-root[data-kb-started]').length === 2")
    ids = page.evaluate("[...document.querySelectorAll('.kb-root, .kb-root [id]')].map((part) => part.id).filter(Boolean)")
    assert sorted(ids) == sorted(set(ids))
    told = page.locator("form[hx-post*='/act/tell_me']")
    assert told.count() == 2
    with page.expect_response(lambda answer: "/act/tell_me" in answer.url) as waiting:
        told.nth(1).locator("button").click()
    assert waiting.value.status == 200
    page.wait_for_function("document.querySelectorAll(\"form[hx-post*='/act/tell_me']\").length === 1")
    assert page.locator(".kb-root").count() == 4, "an answer changes its own block and no other"
    page.close()


def test_a_preview_shows_authors_the_draft_and_learners_nothing_of_it(author: Person, learner: Person, unit: str, made: dict[str, str]) -> None:
    def seen(person: Person, query: str = "") -> str:
        answer = person.context.request.get(f"{person.lms}/xblock/{unit}{query}")
        return answer.text() if answer.ok else f"({answer.status})"

    assert "This page is not published yet" in seen(author, "?preview=1")
    publish(author, unit)
    assert author.studio_json("PUT", f"/xblock/{made['beratung']}", {"metadata": {"display_name": "Entwurf 4711"}}).ok
    assert "Entwurf 4711" in seen(author, "?preview=1")
    assert "Koffer" in seen(author)
    for query in ("", "?preview=1"):
        assert "Koffer" in seen(learner, query)
        assert "Entwurf 4711" not in seen(learner, query)


def test_a_moved_block_stays_what_it_was_for_everybody(author: Person, learner: Person, unit: str, made: dict[str, str]) -> None:
    publish(author, unit)
    told = learner.handler(made["beratung"], "act/tell_me", form={})
    assert told.status == 200
    parent = author.studio_get(f"/xblock/{unit}?fields=ancestorInfo")["ancestors"][0]["id"]
    other = author.studio_json("POST", "/xblock/", {"parent_locator": parent, "category": "vertical", "display_name": "Ziel"}).json()["locator"]
    try:
        moved = author.studio_json("PATCH", "/xblock/", {"move_source_locator": made["beratung"], "parent_locator": other})
        assert moved.ok, moved.text()
        for one in (unit, other):
            publish(author, one)
        page = learner.context.request.get(f"{learner.lms}/xblock/{other}").text()
        assert "kb-root" in page
        assert "/act/tell_me" not in page, "what was asked for in the old unit is known in the new one"
        assert settings_of(author, made["beratung"]) == {"intro_text": SENTENCE, "group_max": 7}
    finally:
        assert author.studio_json("DELETE", f"/xblock/{other}").status == 204


def test_a_block_goes_into_a_library_and_back_into_a_course(author: Person, unit: str, made: dict[str, str], library: str) -> None:
    for kind, block in made.items():
        assert author.studio_json("POST", "/api/content-staging/v1/clipboard/", {"usage_key": block}).ok
        pasted = author.studio_json("POST", f"/api/libraries/v2/{library}/paste_clipboard/", {})
        assert pasted.ok, pasted.text()
        there = pasted.json()["id"]
        olx = author.studio_get(f"/api/libraries/v2/blocks/{there}/olx/")["olx"]
        assert {"beratung": 'group_max="7"', "teams_practice": f'tasks="{TASKS}"'}[kind] in olx
        assert author.studio_json("POST", f"/api/libraries/v2/blocks/{there}/publish/").ok
        back = author.studio_json("POST", "/xblock/", {"parent_locator": unit, "category": kind, "library_content_key": there})
        assert back.ok, back.text()
        assert back.json()["locator"] != block
        assert settings_of(author, back.json()["locator"]) == settings_of(author, block) != {}


def test_a_deleted_block_is_gone_on_the_learning_side(author: Person, learner: Person, unit: str, made: dict[str, str]) -> None:
    assert author.studio_json("POST", f"/xblock/{unit}", {"publish": "make_public"}).ok
    address = f"{learner.lms}/xblock/{made['beratung']}"
    assert learner.context.request.get(address).status == 200
    assert learner.handler(made["beratung"], "act/tell_me", form={}).status != 404
    assert author.studio_json("DELETE", f"/xblock/{made['beratung']}").status == 204
    assert author.studio_json("POST", f"/xblock/{unit}", {"publish": "make_public"}).ok
    until(lambda: learner.context.request.get(address).status == 404, seconds=30)
    assert learner.handler(made["beratung"], "act/tell_me", form={}).status == 404
    assert learner.view(f"draft/{made['beratung']}/", data={"round": "x", "version": None, "draft": {}}).status == 404


def test_export_holds_settings_only_and_import_brings_them_back(author: Person, unit: str, made: dict[str, str], other_course: str) -> None:
    package = export(author, course_of(unit))
    with tarfile.open(fileobj=io.BytesIO(package)) as tar:
        name = next(member for member in tar.getnames() if member.endswith(f"vertical/{unit.rsplit('@', 1)[1]}.xml"))
        vertical = etree.fromstring(tar.extractfile(name).read())
        everything = b"".join(tar.extractfile(member).read() for member in tar.getmembers() if member.name.endswith(".xml")).decode()
    beratung, practice = vertical.find("beratung"), vertical.find("teams_practice")
    assert beratung.get("intro_text") == SENTENCE
    assert beratung.get("group_max") == "7"
    assert practice.get("tasks") == TASKS
    for word in ("registration", "coordinator", named("LMS_USER")):
        assert not re.search(rf"<(beratung|teams_practice)[^>]*{word}", everything), f"the export of our blocks names a {word}"
    upload(author, other_course, package, "hin-und-her.tar.gz")
    for kind, block in made.items():
        there = block.replace(course_of(block).removeprefix("course-v1:"), other_course.removeprefix("course-v1:"))
        assert settings_of(author, there) == settings_of(author, block) != {}, kind


@pytest.fixture
def library(author: Person) -> Iterator[str]:
    """A content library of one's own, deleted at the end."""
    org = course_of(named("UNIT")).removeprefix("course-v1:").split("+")[0]
    slug = f"kb-{int(time.time())}"
    made = author.studio_json("POST", "/api/libraries/v2/", {"org": org, "slug": slug, "title": "Bibliothek", "description": ""})
    if made.status in (403, 404):
        pytest.skip(f"this author may make no library here ({made.status})")
    assert made.ok, made.text()
    yield made.json()["id"]
    assert author.studio_json("DELETE", f"/api/libraries/v2/{made.json()['id']}/").ok


def test_a_block_in_a_content_library_says_that_it_needs_a_course(author: Person, library: str) -> None:
    for kind in ("beratung", "teams_practice"):
        answer = author.studio_json("POST", f"/api/libraries/v2/{library}/blocks/", {"block_type": kind, "definition_id": kind})
        if answer.status == 400:
            pytest.skip(f"LIBRARY_ENABLED_BLOCKS of this Studio does not name {kind}")
        assert answer.ok, answer.text()
        block = answer.json()["id"]
        for view in ("student_view", "studio_view"):
            page = author.context.request.get(f"{author.studio}/xblocks/v2/{block}/embed/{view}/")
            assert page.status == 200, f"{kind} {view}: {page.status}"
            assert "kb-root" in page.text(), f"{kind} {view}"
            assert ("This block needs a course" in page.text()) is ((kind, view) == ("beratung", "student_view"))
        address = author.studio_get(f"/api/xblock/v2/xblocks/{block}/handler_url/save_settings/")["handler_url"]
        headers = {"X-CSRFToken": author.token(), "Referer": f"{author.studio}/"}
        assert author.context.request.post(address, headers=headers, data={"display_name": "X"}).status == 403
