"""The measures of plain language, on texts whose figures can be counted by hand."""

from __future__ import annotations

import pytest

from beratung_xblock.course import readability, spelling
from beratung_xblock.course.readability import Sentence, figures, split, word_list
from beratung_xblock.course.source import Course


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("Ein Satz. Noch einer!", ["Ein Satz.", "Noch einer!"]),
        ("Am 5. September geht es los.", ["Am 5. September geht es los."]),
        ("Sie sagt: „Guten Abend.“ Er lacht.", ["Sie sagt: „Guten Abend.“", "Er lacht."]),
        ("Ohne Punkt am Ende", ["Ohne Punkt am Ende"]),
        ("Wirklich?! Ja … Gut.", ["Wirklich?!", "Ja …", "Gut."]),
        ("", []),
    ],
)
def test_sentences_are_split(text: str, parts: list[str]) -> None:
    assert split(text) == parts


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("Teams-App und E-Mail", ["Teams-App", "und", "E-Mail"]),
        ("etwa 0,5 Megabit", ["etwa", "0,5", "Megabit"]),
        ("„Hallo“, sagt Kai's Oma – leise.", ["Hallo", "sagt", "Kai's", "Oma", "leise"]),
    ],
)
def test_words_are_counted(text: str, found: list[str]) -> None:
    assert word_list(text) == found


def sentence(text: str) -> Sentence:
    return Sentence(text, len(word_list(text)), "x", 1)


def test_figures_of_a_known_text() -> None:
    found = [sentence("Der Hund bellt laut."), sentence("Die Besprechung beginnt heute Abend pünktlich.")]
    result = figures(found, "de")
    assert (result.sentences, result.words, result.longest) == (2, 10, 6)
    assert result.mean == 5
    # Longer than six letters: Besprechung, beginnt, pünktlich.
    assert result.lix == pytest.approx(5 + 30)
    # Three syllables and more: Besprechung. One syllable: Der, Hund, bellt, laut, Die.
    assert result.vienna == pytest.approx(0.1935 * 10 + 0.1672 * 5 + 0.1297 * 30 - 0.0327 * 50 - 0.875)


def test_vienna_is_for_german_only() -> None:
    assert figures([sentence("A short line.")], "en").vienna is None


def test_the_whole_course_is_easy_to_read(courses: dict[str, Course]) -> None:
    for course in courses.values():
        found = [s for unit in course.units for s in readability.sentences(course, unit)]
        result = figures(found, course.language)
        assert result.mean <= 8
        assert result.longest <= 20
        assert result.lix < 40, "40 and more is a newspaper"
    german = [s for unit in courses["de"].units for s in readability.sentences(courses["de"], unit)]
    assert figures(german, "de").vienna < 6


def test_german_words_are_spelled_right(german: Course) -> None:
    assert spelling.available("de"), "apt-get install hunspell hunspell-de-de"
    assert spelling.unknown_words(german) == {}


def test_the_list_of_accepted_words_holds_no_word_too_many(course: Course) -> None:
    used = {word.strip("-'") for text, _ in readability.visible_text(course) for word in word_list(text)}
    # The dictionary judges some words in parts: "Wi" and "Fi".
    used |= {part for word in used for part in word.split("-")}
    assert spelling.accepted(course.language) <= used, sorted(spelling.accepted(course.language) - used)
