"""The Teams course through Studio's own import page, and its units as learners get them."""

from __future__ import annotations

import re
import tarfile
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from beratung_xblock.course.cli import main as course
from tests.platform.conftest import Person, course_of


@pytest.fixture(scope="module")
def archive(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What `make course` builds."""
    folder = tmp_path_factory.mktemp("course")
    assert course(["build", "--lang", "de", "--out", str(folder)]) == 0
    return next(folder.glob("*.tar.gz"))


@pytest.fixture(scope="module")
def imported(author: Person, other_course: str, archive: Path) -> str:
    """The archive chosen in Studio's import page, the button pressed, the page told that it worked."""
    page = author.context.new_page()
    page.set_default_timeout(30_000)
    page.goto(f"{author.studio}/import/{other_course}")
    if urlsplit(page.url).netloc != urlsplit(author.studio).netloc:
        pytest.skip("this Studio hands its import page to the authoring app (switch legacy_studio.import on for the course)")
    page.locator("input[name=course-data]").set_input_files(archive)
    page.locator("#replace-courselike-button").click()
    page.locator(".item-progresspoint-success.is-complete, .item-progresspoint.has-error, .error-block:not(:empty)").first.wait_for(timeout=600_000)
    told = page.locator(".wrapper-status").inner_text()
    assert page.locator(".item-progresspoint-success.is-complete").count() == 1, told
    assert page.locator(".has-error").count() == 0, told
    page.close()
    return other_course


def blocks_of(person: Person, key: str) -> dict[str, dict]:
    """The published course as the learning app reads it."""
    address = f"{person.lms}/api/courses/v2/blocks/?course_id={key.replace('+', '%2B')}&username={person.name}&depth=all&requested_fields=children,graded,display_name"
    answer = person.context.request.get(address)
    assert answer.ok, answer.text()[:300]
    return answer.json()["blocks"]


def test_every_block_of_the_archive_arrives(author: Person, imported: str, archive: Path) -> None:
    with tarfile.open(archive) as tar:
        verticals = [name for name in tar.getnames() if re.search(r"/vertical/[^/]+\.xml$", name)]
        problems = [name for name in tar.getnames() if re.search(r"/problem/[^/]+\.xml$", name)]
    found = [row["type"] for row in blocks_of(author, imported).values()]
    assert found.count("vertical") == len(verticals) > 50
    assert found.count("problem") == len(problems) > 50
    assert found.count("teams_practice") >= 1


def test_a_learner_opens_the_units_with_pictures_links_and_the_practice_meeting(learner: Person, imported: str) -> None:
    rows = blocks_of(learner, imported)
    units = [row for row in rows.values() if row["type"] == "vertical"]
    with_practice = next(unit for unit in units if any("teams_practice" in child for child in unit.get("children", ())))
    refused: list[str] = []
    page = learner.context.new_page()
    page.on("response", lambda answer: refused.append(f"{answer.status} {answer.url}") if answer.status >= 400 and ("/asset-v1" in answer.url or "beratung_xblock" in answer.url) else None)
    for unit in [*units[:3], with_practice]:
        page.goto(f"{learner.lms}/xblock/{unit['id']}")
        assert page.locator(".vert-mod").count() == 1
        assert page.locator(".xblock-student_view-error").count() == 0
    page.locator(".kb-practice [data-do=begin]").wait_for()
    page.close()
    assert refused == []
    assert all(course_of(row["id"]) == imported for row in rows.values())
