"""``beratung_import_course``: what an administrator types and reads."""

from __future__ import annotations

import io

import pytest
from django.core.management import CommandError, call_command
from opaque_keys.edx.keys import CourseKey

from beratung_xblock.course import assets, source, spelling
from beratung_xblock.management.commands import beratung_import_course as command
from tests.course.fake_platform import MemoryCourse

WHERE = ["--org", "Diakonie", "--course", "KB1", "--run", "2026_T1"]


@pytest.fixture
def memory(monkeypatch: pytest.MonkeyPatch) -> MemoryCourse:
    memory = MemoryCourse()
    asked: list[CourseKey] = []
    monkeypatch.setattr(command, "open_store", lambda key: asked.append(key) or memory)
    monkeypatch.setattr(assets, "sheet_pdf", lambda course, sheet: f"%PDF {sheet}".encode())
    memory.asked = asked
    return memory


def run(*arguments: str) -> str:
    out = io.StringIO()
    call_command("beratung_import_course", *WHERE, *arguments, stdout=out)
    return out.getvalue()


def test_import_and_update(memory: MemoryCourse) -> None:
    assert run() == "327 created, 0 updated, 0 removed, 0 unchanged, 0 left alone\n"
    assert memory.asked == [CourseKey.from_string("course-v1:Diakonie+KB1+2026_T1")]
    assert run("--update") == "0 created, 0 updated, 0 removed, 327 unchanged, 0 left alone\n"
    memory.write("chapter", "k1", {"display_name": "Vorbereitung"}, "")
    assert run("--update").splitlines() == [
        "0 created, 0 updated, 0 removed, 326 unchanged, 1 left alone",
        "  left alone: chapter/k1 (an author changed it)",
    ]


def test_english(memory: MemoryCourse) -> None:
    run("--lang", "en")
    assert memory.blocks["chapter", "k0"].fields["display_name"] == "Welcome"


def test_with_a_beratung_block(memory: MemoryCourse) -> None:
    run("--with-beratung")
    assert ("beratung", "beratung") in memory.blocks


def test_a_second_import_is_refused_in_one_sentence(memory: MemoryCourse) -> None:
    run()
    with pytest.raises(CommandError, match=r"^the course has content already; --update brings it up to date$"):
        run()


def test_an_impossible_name_is_refused(memory: MemoryCourse) -> None:
    with pytest.raises(CommandError, match="letters, digits, hyphens"):
        call_command("beratung_import_course", "--org", "A B", "--course", "x", "--run", "y")
    assert memory.asked == []


def test_a_fault_in_the_sources_names_file_and_line(memory: MemoryCourse, spoiled, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = spoiled("de/L5.4.xml", 'to="U2.4.1"', 'to="U2.4.9"')
    monkeypatch.setattr(command, "load", lambda language: source.load(language, folder))
    with pytest.raises(CommandError, match=r"L5\.4\.xml:17: there is no unit U2\.4\.9"):
        run()
    folder = spoiled("de/L5.4.xml", "<h>Ausweg 2", "<x>Ausweg 2")
    with pytest.raises(CommandError, match=r"L5\.4\.xml:\d+: "):
        run()
    assert memory.blocks == {}


def test_a_servers_dictionary_has_no_say(memory: MemoryCourse, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(spelling, "available", lambda language: True)
    monkeypatch.setattr(spelling, "unknown_words", lambda course: {"Teams": "everywhere"})
    assert run().startswith("327 created")


def test_outside_studio_it_says_where_to_run() -> None:
    with pytest.raises(CommandError, match="this command runs in Studio"):
        run()
