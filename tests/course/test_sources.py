"""What the course promises about itself, and how faults in its sources are told."""

from __future__ import annotations

import pytest
from lxml import etree

from beratung_xblock.course import checks
from beratung_xblock.course.checks import Check, problems
from beratung_xblock.course.source import Course, CourseError, load

WORDS_ONLY = {"title", "text", "feedback", "label", "word"}


def test_eight_chapters_twenty_nine_lessons_sixty_two_units(course: Course) -> None:
    assert len(course.chapters) == 8
    assert sum(len(chapter.lessons) for chapter in course.chapters) == 29
    assert len(course.units) == 62
    assert len(course.questions) == 35


def test_minutes_of_all_paths(course: Course) -> None:
    assert sum(unit.minutes for unit in course.units) == 175
    assert sum(unit.minutes for unit in course.units if not unit.optional) == 152
    assert sum(unit.minutes for unit in course.quick_units) == 86


def test_no_check_finds_a_fault(course: Course) -> None:
    assert problems(course) == []


def skeleton(element: etree._Element) -> tuple:
    """Tags and attributes that are no words, recursively."""
    attributes = sorted((k, v) for k, v in element.attrib.items() if k not in WORDS_ONLY)
    return element.tag, attributes, [skeleton(child) for child in element if child.tag not in ("b", "i", "key", "button")]


def test_both_languages_say_the_same_things_in_the_same_order(courses: dict[str, Course]) -> None:
    german, english = courses["de"], courses["en"]
    for here, there in zip(german.units, english.units, strict=True):
        assert skeleton(here.body) == skeleton(there.body), here.id
    for name, question in german.questions.items():
        other = english.questions[name]
        assert question.kind == other.kind
        assert [option.right for option in question.options] == [option.right for option in other.options], name
    assert german.final == english.final
    assert set(german.drawings) == set(english.drawings)
    assert set(german.wording) == set(english.wording)


def test_no_text_was_left_in_german(courses: dict[str, Course]) -> None:
    german, english = courses["de"], courses["en"]
    for here, there in zip(german.units, english.units, strict=True):
        assert here.title != there.title, here.id
        if here.body.find("lead") is not None:
            assert here.body.findtext("lead") != there.body.findtext("lead"), here.id


def test_the_quick_path_leads_from_unit_to_unit_to_its_end(course: Course) -> None:
    unit = course.units[0]
    visited = [unit.id]
    while (unit := course.next_quick(unit)) is not None:
        visited.append(unit.id)
    assert visited == [unit.id for unit in course.quick_units]
    assert visited[-1] == "U7.2.4"
    assert not {"U7.1.2", "U7.2.3"} & set(visited)


def test_a_unit_off_the_quick_path_has_no_next(course: Course) -> None:
    (off,) = [unit for unit in course.units if unit.id == "U1.1.1"]
    assert course.next_quick(off) is None


def test_an_unknown_language_is_refused() -> None:
    with pytest.raises(CourseError, match="no course texts in “fr”; there are: de, en"):
        load("fr")


@pytest.mark.parametrize(
    ("name", "old", "new", "message"),
    [
        ("de/L3.1.xml", "<lead>Ein Blick", "<leed>Ein Blick", r"L3\.1\.xml:\d+: Opening and ending tag mismatch"),
        ("de/L3.1.xml", '<pic name="mic-compare"/>', "<video/>", r"L3\.1\.xml:7: Element 'video': This element is not expected"),
        ("de/L3.1.xml", 'pic="mic-off"', "", r"L3\.1\.xml:14: Element 'step': The attribute 'pic' is required"),
        ("de/L3.1.xml", 'id="U3.1.2"', 'id="U3.1.9"', r"L3\.1\.xml:2: units .* expected"),
        ("de/questions.xml", 'type="single"', 'type="double"', r"questions\.xml:3: .*'double' is not an element of the set"),
        ("de/course.xml", 'id="K4"', 'id="K9"', r"course\.xml:2: chapter K4 has no title"),
        ("de/L3.1.xml", '<lesson id="L3.1"', '<!DOCTYPE x [<!ENTITY y SYSTEM "file:///etc/hostname">]><lesson id="&y;"', r"L3\.1\.xml:\d+"),
    ],
)
def test_a_fault_in_a_source_names_file_and_line(spoiled, name: str, old: str, new: str, message: str) -> None:
    folder = spoiled(name, old, new)
    with pytest.raises(CourseError, match=message):
        load("de", folder)


def test_a_missing_file_is_named(spoiled) -> None:
    folder = spoiled("de/L3.1.xml", "lead", "lead")
    (folder / "de" / "L3.1.xml").unlink()
    with pytest.raises(CourseError, match=r"L3\.1\.xml:0: cannot be read"):
        load("de", folder)


@pytest.mark.parametrize(
    ("check", "name", "old", "new", "message"),
    [
        (
            checks.minutes,
            "structure.xml",
            'id="U3.1.1" kind="text_image" minutes="3"',
            'id="U3.1.1" kind="text_image" minutes="5"',
            "L3.1: minutes of the units",
        ),
        (checks.minutes, "structure.xml", 'minutes-quick="86"', 'minutes-quick="90"', "quick path: 86 minutes, 90 promised"),
        (checks.questions, "de/L3.1.xml", "Q13 Q14 Q15", "Q13 Q14", "Q15 is asked 0 times"),
        (checks.questions, "de/L3.1.xml", "Q13 Q14 Q15", "Q13 Q14 Q15 Q99", "Q99 is asked but not written"),
        (
            checks.questions,
            "de/questions.xml",
            '<option right="yes"><text>Den Einladungslink',
            "<option><text>Den Einladungslink",
            "Q01 is “single” with 0 right",
        ),
        (
            checks.questions,
            "de/questions.xml",
            "<text>Ein Büro bei der Diakonie<",
            "<text>Ein eigenes, kostenpflichtiges Microsoft-Konto<",
            "Q01 has the same answer",
        ),
        (checks.questions, "de/course.xml", "Q29 Q32", "Q29 Q29", "final questions repeat"),
        (checks.exercises, "de/L3.1.xml", 'exercise id="mic-scenes"', 'exercise id="room"', "exercise “room” exists twice"),
        (checks.exercises, "de/L3.1.xml", '<choice right="yes" feedback="Genau. Jetzt hört', '<choice feedback="Genau. Jetzt hört', "cannot be answered right"),
        (checks.drawings, "de/L3.1.xml", 'pic="keys-mic"', 'pic="mic-off"', "“keys-mic” is never shown"),
        (checks.drawings, "de/drawings.xml", '<label id="muted">stumm<', '<label id="mutet">stumm<', "needs the label 'muted'"),
        (checks.drawings, "de/drawings.xml", '<label id="hello">', '<label id="bye">Tschüss</label><label id="hello">', "does not use ['bye']"),
        (checks.drawings, "de/drawings.xml", "<alt>Zwei Personen", "<alt>" + "sehr " * 60 + "Zwei Personen", "described in more than 250"),
        (checks.links, "de/L5.4.xml", 'to="U2.4.1"', 'to="U2.4.9"', "there is no unit U2.4.9"),
        (checks.dates, "de/L3.1.xml", '<facts date="2021-12-21"/>', "", "U3.1.1 shows no date"),
        (checks.written, "de/L3.1.xml", "Ein Blick auf das Mikrofon genügt", "TODO Ein Blick", "U3.1.1 holds a placeholder"),
        (checks.written, "de/L3.1.xml", '<quiz ids="Q13 Q14 Q15"/>', "", "U3.1.3 is empty"),
        (checks.sentences, "de/L3.1.xml", "Ein Blick auf das Mikrofon genügt.", "Ein Wort " * 13 + ".", "26 words in one sentence"),
        (checks.spelled, "de/L3.1.xml", "Ein Blick auf das Mikrofon", "Ein Blikk auf das Mikrofon", "unknown word “Blikk”"),
    ],
)
def test_each_check_finds_the_fault_it_is_for(spoiled, check: Check, name: str, old: str, new: str, message: str) -> None:
    found = problems(load("de", spoiled(name, old, new)), [check])
    assert any(message in fault for fault in found), found


def test_a_mean_above_fifteen_words_is_a_fault(spoiled) -> None:
    folder = spoiled("de/L2.5.xml", "Manchmal streikt", "Manchmal streikt")
    path = folder / "de" / "L7.1.xml"
    text = path.read_text(encoding="utf-8")
    start, end = text.index("<lead>Hier warten"), text.index('<practice title="Übungs-Besprechung: Aufbau"')
    long = "<p>" + "Wir üben heute alle zusammen sehr lange und sehr gern und dann noch einmal lange. " * 2 + "</p>"
    longer = long.replace(" lange. ", " lange und noch einmal. ")
    path.write_text(text[:start] + longer + text[end:], encoding="utf-8")
    found = problems(load("de", folder), [checks.sentences])
    assert any("U7.1.2 has 18.0 words a sentence" in fault for fault in found), found
