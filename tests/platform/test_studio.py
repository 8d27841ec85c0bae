"""Studio: editor, preview, publishing, copies, and who may save."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.platform.conftest import Person, named

NEW_TITLE = "Beratung im Quartal"


def editor(author: Person, block: str):
    """The frame in which the authoring app opens an editor."""
    author.page.goto(f"{author.studio}/xblock/{block}/action/edit")
    author.page.locator(".kb-studio[data-kb-started]").wait_for()
    return author.page


def save(author: Person, block: str, title: str) -> int:
    page = editor(author, block)
    page.locator(".kb-studio [name=display_name]").fill(title)
    with page.expect_response(lambda answer: "save_settings" in answer.url) as waiting:
        page.locator(".kb-studio button[type=submit]").first.click()
    return waiting.value.status


def filled_in(author: Person, block: str) -> dict[str, str]:
    """Everything the editor would send."""
    return editor(author, block).evaluate("Object.fromEntries(new FormData(document.querySelector('.kb-studio form')))")


def publish(author: Person) -> None:
    assert author.studio_json("POST", f"/xblock/{named('UNIT')}", {"publish": "make_public"}).ok


@pytest.fixture
def title(author: Person, keys: dict[str, str]) -> Iterator[str]:
    """The title before; it is put back."""
    before = author.studio_get(f"/xblock/{keys['beratung']}")["metadata"].get("display_name", "Kollegiale Beratung")
    yield before
    assert save(author, keys["beratung"], before) == 200
    publish(author)


def test_what_the_editor_saves_reaches_learners_when_it_is_published(author: Person, learner: Person, keys: dict[str, str], title: str) -> None:
    assert save(author, keys["beratung"], NEW_TITLE) == 200
    assert editor(author, keys["beratung"]).locator("[name=display_name]").input_value() == NEW_TITLE
    assert NEW_TITLE in author.studio_get(f"/xblock/{named('UNIT')}/container_preview")["html"]
    assert NEW_TITLE not in learner.open_unit().locator(".kb-root").first.inner_text()
    publish(author)
    assert NEW_TITLE in learner.open_unit().locator(".kb-root").first.inner_text()
    assert author.failed == []


def test_a_refused_value_comes_back_with_its_message(author: Person, keys: dict[str, str]) -> None:
    assert save(author, keys["beratung"], "") == 422
    author.page.locator(".kb-studio .kb-errors").wait_for()


def test_preview_and_both_editors_render(author: Person, keys: dict[str, str]) -> None:
    assert "kb-studio" in author.studio_get(f"/xblock/{keys['beratung']}/author_view")["html"]
    for block in (keys["beratung"], keys["teams_practice"]):
        assert "kb-root" in author.studio_get(f"/xblock/{block}/studio_view")["html"]


def test_only_authors_save_and_only_in_studio(author: Person, learner: Person, stranger: Person, keys: dict[str, str]) -> None:
    values = filled_in(author, keys["beratung"]) | {"display_name": "Nicht erlaubt"}
    practice = {"display_name": "Nicht erlaubt", "tasks": "basic", "variant": "auto", "wording": {}}
    for person in (learner, stranger):
        assert person.studio_handler(keys["beratung"], "save_settings", form=values).status == 403
        assert person.studio_handler(keys["teams_practice"], "save_settings", data=practice).status == 403
    for person in (learner, author):
        assert person.handler(keys["beratung"], "save_settings", form=values).status == 403
        assert person.handler(keys["teams_practice"], "save_settings", data=practice).status == 403
    assert editor(author, keys["beratung"]).locator("[name=display_name]").input_value() != "Nicht erlaubt"


def test_a_copy_is_a_place_of_its_own_and_can_be_deleted(author: Person, keys: dict[str, str]) -> None:
    made = author.studio_json("POST", "/xblock/", {"duplicate_source_locator": keys["beratung"], "parent_locator": named("UNIT")})
    assert made.ok
    copy = made.json()["locator"]
    try:
        assert copy != keys["beratung"]
        assert "kb-root" in author.studio_get(f"/xblock/{copy}/studio_view")["html"]
    finally:
        assert author.studio_json("DELETE", f"/xblock/{copy}").status == 204
