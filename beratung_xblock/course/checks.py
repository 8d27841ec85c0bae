"""Everything that must hold for the course: sources, language, finished archive."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator

from lxml import etree, html

from . import readability, spelling
from .assets import used_drawings
from .drawings import SCENES, canvas_of
from .olx import PLUGIN_BLOCKS, Identity, archive, package_files
from .source import Course, CourseError, load_schema, parser, words

Check = Callable[[Course], Iterator[str]]

LIMIT_BYTES = 3_000_000
DATED_CHAPTERS = ("K2", "K3", "K4", "K5")
_PLACEHOLDER = re.compile(r"\b(TODO|FIXME|XXX|TBD|lorem|platzhalter|placeholder)\b", re.IGNORECASE)
_ALT_MOST = 250


def problems(course: Course, checks: Iterable[Check] | None = None) -> list[str]:
    """All faults as ``file:line: what``; an empty list is a good course. ``checks`` runs only some."""
    found: list[str] = []
    for check in checks or CHECKS:
        try:
            found += check(course)
        except CourseError as error:
            found.append(str(error))
    return found


def minutes(course: Course) -> Iterator[str]:
    """The minutes add up: units, lessons, chapters, optional parts, quick path."""
    for chapter in course.chapters:
        for lesson in chapter.lessons:
            if sum(unit.minutes for unit in lesson.units) != lesson.minutes:
                yield f"structure.xml: {lesson.id}: minutes of the units do not add up"
        if sum(lesson.minutes for lesson in chapter.lessons) != chapter.minutes:
            yield f"structure.xml: {chapter.id}: minutes of the lessons do not add up"
    sums = {
        "whole course": (sum(u.minutes for u in course.units), course.minutes),
        "without optional units": (sum(u.minutes for u in course.units if not u.optional), course.minutes_without_optional),
        "quick path": (sum(u.minutes for u in course.quick_units), course.minutes_quick),
    }
    for name, (found, promised) in sums.items():
        if found != promised:
            yield f"structure.xml: {name}: {found} minutes, {promised} promised"


def questions(course: Course) -> Iterator[str]:
    """Every question is asked in one lesson; its right answers fit its kind; the final set is in order."""
    asked = Counter(q for unit in course.units for quiz in unit.body.iter("quiz") for q in quiz.get("ids").split())
    for question_id in sorted({*asked, *course.questions, *course.final}):
        if question_id not in course.questions:
            yield f"questions.xml: {question_id} is asked but not written"
            continue
        question = course.questions[question_id]
        if asked[question_id] != 1:
            yield f"questions.xml: {question_id} is asked {asked[question_id]} times in the lessons, not once"
        right = sum(option.right for option in question.options)
        if (question.kind == "single" and right != 1) or (question.kind == "multiple" and right < 2):
            yield f"questions.xml: {question_id} is “{question.kind}” with {right} right answers"
        if len({option.text for option in question.options}) != len(question.options):
            yield f"questions.xml: {question_id} has the same answer twice"
    if len(set(course.final)) != len(course.final) or course.final_pass > len(course.final):
        yield "course.xml: final questions repeat, or more must be right than are asked"


def exercises(course: Course) -> Iterator[str]:
    """Exercise names are unique, and every ask can be answered right."""
    names = Counter(x.get("id") for unit in course.units for x in unit.body.iter("exercise"))
    for unit in course.units:
        for exercise in unit.body.iter("exercise"):
            where = _place(exercise)
            if names[exercise.get("id")] > 1:
                yield f"{where}: exercise “{exercise.get('id')}” exists twice"
            for ask in exercise.iter("ask"):
                right = sum(choice.get("right") == "yes" for choice in ask)
                fits = {
                    "select": right == 1 and len(ask) > 1,
                    "radio": right >= 1 and len(ask) > 1,
                    "tick": right == 1 and len(ask) == 1,
                    "text": len(ask) == 0 and bool(ask.get("feedback")),
                }
                if not fits[ask.get("kind")]:
                    yield f"{where}: “{ask.get('text')}” cannot be answered right"


def drawings(course: Course) -> Iterator[str]:
    """Each described drawing is shown and drawn, uses all its labels, and its description is short enough."""
    used = set(used_drawings(course))
    for name in sorted({*course.drawings, *SCENES} - used):
        yield f"drawings.xml: “{name}” is never shown"
    for name in sorted(used):
        canvas = canvas_of(course, name)
        spare = set(course.drawings[name].labels) - canvas.used
        if spare:
            yield f"drawings.xml: “{name}” does not use {sorted(spare)}"
        if len(course.drawings[name].alt) > _ALT_MOST:
            yield f"drawings.xml: “{name}” is described in more than {_ALT_MOST} characters"


def links(course: Course) -> Iterator[str]:
    """Links inside texts lead to units."""
    known = {unit.id for unit in course.units}
    for unit in course.units:
        for go in unit.body.iter("go"):
            if go.get("to") not in known:
                yield f"{_place(go)}: there is no unit {go.get('to')}"


def dates(course: Course) -> Iterator[str]:
    """Units with facts about Teams say how old the facts are."""
    for chapter in course.chapters:
        if chapter.id not in DATED_CHAPTERS:
            continue
        for lesson in chapter.lessons:
            for unit in lesson.units:
                if unit.kind not in ("quiz", "exercise") and unit.body.find("facts") is None:
                    yield f"{_place(unit.body)}: {unit.id} shows no date of its facts"


def written(course: Course) -> Iterator[str]:
    """No unit is empty, no text is a placeholder, every learning unit has a picture or a practice."""
    for unit in course.units:
        text = words(unit.body)
        asks = unit.body.find("quiz") is not None
        if not text and not asks:
            yield f"{_place(unit.body)}: {unit.id} is empty"
        if _PLACEHOLDER.search(text):
            yield f"{_place(unit.body)}: {unit.id} holds a placeholder"


def sentences(course: Course) -> Iterator[str]:
    """At most 15 words a sentence on average in each unit, none above 25."""
    for unit in course.units:
        found = list(readability.sentences(course, unit))
        if not found:
            continue
        mean = readability.figures(found, course.language).mean
        if mean > readability.MEAN_WORDS:
            yield f"{_place(unit.body)}: {unit.id} has {mean:.1f} words a sentence"
        for sentence in found:
            if sentence.count > readability.MOST_WORDS:
                yield f"{sentence.file}:{sentence.line}: {sentence.count} words in one sentence: {sentence.text}"


def spelled(course: Course) -> Iterator[str]:
    """Every word is in the dictionary or in ``words.txt``; silent where hunspell lacks the language."""
    if spelling.available(course.language):
        for word, place in sorted(spelling.unknown_words(course).items()):
            yield f"{place}: unknown word “{word}”"


def archive_files(course: Course) -> Iterator[str]:
    """The archive: valid files, unique names, no loose end, small enough, the same twice."""
    files = package_files(course, Identity())
    schema = load_schema("olx.xsd")
    for path, content in files.items():
        if path.endswith(".xml") and not schema.validate(etree.fromstring(content, parser())):
            yield f"{path}: {schema.error_log[0].message}"
    yield from _references(files)
    packed = archive(files)
    if len(packed) > LIMIT_BYTES:
        yield f"archive: {len(packed)} bytes, {LIMIT_BYTES} allowed"
    if packed != archive(package_files(course, Identity())):
        yield "archive: a second build differs"


def _references(files: dict[str, bytes]) -> Iterator[str]:
    names: Counter[str] = Counter()
    targets: set[str] = set()
    used: set[str] = set()
    for path, content in files.items():
        if path.endswith(".xml"):
            for pointer in etree.fromstring(content, parser()).iter("*"):
                if pointer.get("url_name") and path != "course.xml":
                    names[pointer.get("url_name")] += 1
                    target = f"{pointer.tag}/{pointer.get('url_name')}.xml"
                    if pointer.tag not in PLUGIN_BLOCKS and target not in files:
                        yield f"{path}: {target} is missing"
        if path.endswith(".html") and path.startswith(("html/", "about/overview")):
            tree = html.fragment_fromstring(content.decode(), create_parent="div")
            for link in tree.xpath("//@src | //@href"):
                if link.startswith("/static/"):
                    used.add(f"static/{link.removeprefix('/static/')}")
                elif link.startswith("/jump_to_id/"):
                    targets.add(link.removeprefix("/jump_to_id/"))
                else:
                    yield f"{path}: link to {link}"
            for image in tree.iter("img"):
                if not image.get("alt"):
                    yield f"{path}: image without description"
    for name, count in names.items():
        if count > 1:
            yield f"url_name “{name}” exists {count} times"
    for target in sorted(targets - set(names)):
        yield f"jump to {target}: no such block"
    present = {path for path in files if path.startswith("static/")}
    for path in sorted(used - present):
        yield f"{path} is missing"
    for path in sorted(present - used - {"static/kb-course-card.png"}):
        yield f"{path} is used nowhere"


def _place(element: etree._Element) -> str:
    return f"{element.base or ''}:{element.sourceline}"


CHECKS: tuple[Check, ...] = (
    minutes,
    questions,
    exercises,
    drawings,
    links,
    dates,
    written,
    sentences,
    spelled,
    archive_files,
)
# What must hold on a server too; which words a dictionary knows differs from server to server.
IMPORT_CHECKS: tuple[Check, ...] = tuple(check for check in CHECKS if check is not spelled)
