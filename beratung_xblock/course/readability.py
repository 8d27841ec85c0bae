"""How hard is a text? Sentence length, LIX and the first Wiener Sachtextformel."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from lxml import etree

from .source import Course, Unit, words

MEAN_WORDS = 15
MOST_WORDS = 25
BLOCKS = ("lead", "p", "h", "item", "step", "tip", "term", "cell", "intro", "choice", "download", "goal")
_END = re.compile(r"(?<!\d)[.!?…]+[“”\"')\]]*\s+")
_WORD = re.compile(r"[^\W\d_]+(?:[-’'][^\W\d_]+)*|\d[\d.,/:]*")
_VOWELS = {"de": re.compile(r"[aeiouyäöü]+", re.I), "en": re.compile(r"[aeiouy]+", re.I)}


@dataclass(frozen=True)
class Sentence:
    """One sentence and the place it was written."""

    text: str
    count: int
    file: str
    line: int


@dataclass(frozen=True)
class Figures:
    """Figures of a text. ``vienna`` is about the school grade that can read it (German only, else None)."""

    sentences: int
    words: int
    mean: float
    longest: int
    lix: float
    vienna: float | None


def split(text: str) -> list[str]:
    """The sentences of a text. A full stop after a digit ends none ("5. September")."""
    return [part.strip() for part in _END.sub(lambda m: m.group().strip() + "\n", text).split("\n") if part.strip()]


def word_list(text: str) -> list[str]:
    """The words of a text, numbers included."""
    return _WORD.findall(text)


def sentences(course: Course, unit: Unit) -> Iterator[Sentence]:
    """All sentences a learner reads in the unit: text, exercises, questions with their feedback."""
    file = str(unit.body.base or "")
    for element in unit.body.iter(*BLOCKS):
        yield from _of(words(element), file, element.sourceline)
    for element in unit.body.iter("ask", "choice", "tip", "more"):
        for name in ("text", "feedback", "title"):
            yield from _of(element.get(name) or "", file, element.sourceline)
    for quiz in unit.body.iter("quiz"):
        for question_id in quiz.get("ids").split():
            for text in question_texts(course, question_id):
                yield from _of(text, f"questions.xml, {question_id}", 0)


def question_texts(course: Course, question_id: str) -> list[str]:
    """Everything a question says."""
    question = course.question(question_id)
    options = [text for option in question.options for text in (option.text, option.feedback)]
    return [question.stem, *options, question.why]


def _of(text: str, file: str, line: int) -> Iterator[Sentence]:
    for sentence in split(text):
        count = len(word_list(sentence))
        if count:
            yield Sentence(sentence, count, file, line)


def figures(found: list[Sentence], language: str) -> Figures:
    """The figures of some sentences (at least one)."""
    tokens = [word for sentence in found for word in word_list(sentence.text)]
    total = len(tokens)
    mean = total / len(found)
    syllables = [max(1, len(_VOWELS[language].findall(word))) for word in tokens]
    long = 100 * sum(len(word) > 6 for word in tokens) / total
    vienna = None
    if language == "de":
        many = 100 * sum(n >= 3 for n in syllables) / total
        one = 100 * sum(n == 1 for n in syllables) / total
        vienna = 0.1935 * many + 0.1672 * mean + 0.1297 * long - 0.0327 * one - 0.875
    return Figures(len(found), total, mean, max(s.count for s in found), mean + long, vienna)


def visible_text(course: Course) -> Iterator[tuple[str, str]]:
    """(text, place) of everything people read: for the spelling check."""
    for unit in course.units:
        for sentence in sentences(course, unit):
            yield sentence.text, f"{sentence.file}:{sentence.line}"
        yield unit.title, str(unit.body.base or "")
    for chapter in course.chapters:
        yield chapter.title, "course.xml"
        for lesson in chapter.lessons:
            yield lesson.title, f"{lesson.id}.xml"
            for goal in lesson.goals:
                yield goal, f"{lesson.id}.xml"
    for drawing in course.drawings.values():
        yield drawing.alt, f"drawings.xml, {drawing.name}"
        for label in drawing.labels.values():
            yield label, f"drawings.xml, {drawing.name}"
    for sheet in course.sheets.values():
        yield sheet.title, f"sheets.xml, {sheet.id}"
        for part in sheet.parts:
            yield part.title, f"sheets.xml, {sheet.id}"
            for line in part.lines:
                yield line, f"sheets.xml, {sheet.id}"
    for key, text in course.wording.items():
        yield re.sub(r"\{\w+\}", "", text), f"course.xml, {key}"
    yield " ".join((course.title, course.subtitle, course.short)), "course.xml"
    yield _flat(course.about), "course.xml, about"


def _flat(element: etree._Element) -> str:
    return " ".join(words(child) for child in element.iter(*BLOCKS))
