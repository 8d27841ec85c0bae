"""A block in a content library: the editor opens there, and saving is refused with a sentence instead of an error."""

from types import SimpleNamespace

import pytest

from beratung_xblock import actors
from beratung_xblock.exceptions import NotFound
from beratung_xblock.pages import studio


def test_saving_in_a_content_library_is_refused_with_a_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    def no_course(block: object) -> None:
        raise NotFound

    monkeypatch.setattr(actors, "author_from_block", no_course)
    answer = studio.save(SimpleNamespace(), SimpleNamespace(method="POST"))
    assert answer.status == 403
    assert "This block needs a course" in answer.body
