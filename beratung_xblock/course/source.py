"""Read the course texts: structure, lessons, questions, drawings' words, printable sheets.

Every text file is checked against ``schema/content.xsd`` first; an error names the file and the line.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from importlib import resources
from pathlib import Path

from lxml import etree

CONTENT = Path(str(resources.files(__package__))) / "content"
SCHEMA = Path(str(resources.files(__package__))) / "schema"
LANGUAGES = ("de", "en")


class CourseError(Exception):
    """A fault in the course sources, told as ``file:line: what is wrong``."""


def parser() -> etree.XMLParser:
    """The one way XML is read here: no network, no entities, no comments."""
    return etree.XMLParser(remove_comments=True, resolve_entities=False, no_network=True)


def load_schema(name: str) -> etree.XMLSchema:
    """A compiled schema of ``schema/``, e.g. ``content.xsd``."""
    return etree.XMLSchema(etree.parse(str(SCHEMA / name), parser()))


def read_xml(path: Path, schema: etree.XMLSchema, root: str) -> etree._Element:
    """Parse and validate one file. Raises `CourseError` with file and line."""
    try:
        tree = etree.parse(str(path), parser())
    except OSError as error:
        raise CourseError(f"{path}:0: cannot be read") from error
    except etree.XMLSyntaxError as error:
        raise CourseError(f"{path}:{error.lineno}: {error.msg}") from error
    if not schema.validate(tree):
        first = schema.error_log[0]
        raise CourseError(f"{path}:{first.line}: {first.message}")
    element = tree.getroot()
    if element.tag != root:
        raise CourseError(f"{path}:{element.sourceline}: <{root}> expected, <{element.tag}> found")
    return element


@dataclass(frozen=True)
class Option:
    """One answer of a question and what the learner reads after choosing it."""

    text: str
    feedback: str
    right: bool


@dataclass(frozen=True)
class Question:
    """A question of the quiz. ``kind`` is ``single`` or ``multiple``."""

    id: str
    kind: str
    topic: str
    stem: str
    options: tuple[Option, ...]
    why: str


@dataclass(frozen=True)
class Unit:
    """One page of the course. ``body`` holds the author's elements."""

    id: str
    title: str
    kind: str
    minutes: int
    optional: bool
    quick: bool
    body: etree._Element


@dataclass(frozen=True)
class Lesson:
    """A row of units with goals ("Ich kann ...")."""

    id: str
    title: str
    minutes: int
    quick: bool
    goals: tuple[str, ...]
    units: tuple[Unit, ...]


@dataclass(frozen=True)
class Chapter:
    """A row of lessons."""

    id: str
    title: str
    minutes: int
    lessons: tuple[Lesson, ...]


@dataclass(frozen=True)
class Drawing:
    """The words of a drawing: alternative text and labels."""

    name: str
    alt: str
    labels: dict[str, str]


@dataclass(frozen=True)
class Part:
    """A block of a printable sheet. ``kind``: tick, number, plain or fill (a line to write on)."""

    title: str
    kind: str
    lines: tuple[str, ...]


@dataclass(frozen=True)
class Sheet:
    """A printable page."""

    id: str
    title: str
    parts: tuple[Part, ...]


@dataclass(frozen=True)
class Course:
    """The whole course in one language."""

    language: str
    title: str
    subtitle: str
    short: str
    minutes: int
    minutes_without_optional: int
    minutes_quick: int
    chapters: tuple[Chapter, ...]
    questions: dict[str, Question]
    final: tuple[str, ...]
    final_pass: int
    drawings: dict[str, Drawing]
    sheets: dict[str, Sheet]
    wording: dict[str, str]
    about: etree._Element

    @cached_property
    def units(self) -> tuple[Unit, ...]:
        """All units in the order of the course."""
        return tuple(u for c in self.chapters for lesson in c.lessons for u in lesson.units)

    @cached_property
    def quick_units(self) -> tuple[Unit, ...]:
        """The quick path: units of quick lessons that are not optional."""
        return tuple(u for u in self.units if u.quick)

    def next_quick(self, unit: Unit) -> Unit | None:
        """The unit that follows on the quick path; None at its end or off the path."""
        if unit not in self.quick_units:
            return None
        at = self.quick_units.index(unit) + 1
        return self.quick_units[at] if at < len(self.quick_units) else None

    def question(self, question_id: str) -> Question:
        """A question. Raises `CourseError` when nobody wrote it."""
        if question_id not in self.questions:
            raise CourseError(f"questions.xml ({self.language}): {question_id} is asked but not written")
        return self.questions[question_id]

    def say(self, key: str, **values: object) -> str:
        """A wording of the frame, e.g. ``step``; values fill ``{name}``."""
        if key not in self.wording:
            raise CourseError(f"course.xml ({self.language}): no wording “{key}”")
        return self.wording[key].format(**values)


def words(element: etree._Element | None) -> str:
    """The text of an element with white space folded."""
    return "" if element is None else " ".join("".join(element.itertext()).split())


def load(language: str, content: Path = CONTENT) -> Course:
    """Read one language from ``content``. Raises `CourseError`."""
    if language not in LANGUAGES:
        raise CourseError(f"no course texts in “{language}”; there are: {', '.join(LANGUAGES)}")
    schema = load_schema("content.xsd")
    base = content / language
    texts = read_xml(base / "course.xml", schema, "coursetexts")
    structure = read_xml(content / "structure.xml", schema, "structure")
    titles = {c.get("id"): c.get("title") for c in texts.findall("chapter")}
    chapters = []
    for chapter in structure:
        if chapter.get("id") not in titles:
            raise CourseError(f"{base / 'course.xml'}:{texts.sourceline}: chapter {chapter.get('id')} has no title")
        lessons = tuple(_lesson(item, base, schema) for item in chapter)
        chapters.append(Chapter(chapter.get("id"), titles[chapter.get("id")], int(chapter.get("minutes")), lessons))
    final = texts.find("final")
    return Course(
        language=language,
        title=words(texts.find("title")),
        subtitle=words(texts.find("subtitle")),
        short=words(texts.find("short")),
        minutes=int(structure.get("minutes")),
        minutes_without_optional=int(structure.get("minutes-without-optional")),
        minutes_quick=int(structure.get("minutes-quick")),
        chapters=tuple(chapters),
        questions={q.id: q for q in map(_question, read_xml(base / "questions.xml", schema, "questions"))},
        final=tuple(final.get("ids").split()),
        final_pass=int(final.get("pass")),
        drawings={d.name: d for d in map(_drawing, read_xml(base / "drawings.xml", schema, "drawings"))},
        sheets={s.id: s for s in map(_sheet, read_xml(base / "sheets.xml", schema, "sheets"))},
        wording={w.get("id"): words(w) for w in texts.findall("say")},
        about=texts.find("about"),
    )


def _lesson(item: etree._Element, base: Path, schema: etree.XMLSchema) -> Lesson:
    path = base / f"{item.get('id')}.xml"
    lesson = read_xml(path, schema, "lesson")
    quick = item.get("quick") == "yes"
    written = {unit.get("id"): unit for unit in lesson.findall("unit")}
    wanted = [unit.get("id") for unit in item]
    if list(written) != wanted:
        raise CourseError(f"{path}:{lesson.sourceline}: units {wanted} expected, {list(written)} found")
    units = tuple(
        Unit(
            id=unit.get("id"),
            title=written[unit.get("id")].get("title"),
            kind=unit.get("kind"),
            minutes=int(unit.get("minutes")),
            optional=unit.get("optional") == "yes",
            quick=quick and unit.get("optional") != "yes",
            body=written[unit.get("id")],
        )
        for unit in item
    )
    goals = tuple(words(goal) for goal in lesson.findall("goal"))
    return Lesson(item.get("id"), lesson.get("title"), int(item.get("minutes")), quick, goals, units)


def _question(node: etree._Element) -> Question:
    options = tuple(Option(words(o.find("text")), words(o.find("feedback")), o.get("right") == "yes") for o in node.findall("option"))
    return Question(node.get("id"), node.get("type"), node.get("topic"), words(node.find("stem")), options, words(node.find("why")))


def _drawing(node: etree._Element) -> Drawing:
    return Drawing(node.get("name"), words(node.find("alt")), {x.get("id"): words(x) for x in node.findall("label")})


def _sheet(node: etree._Element) -> Sheet:
    parts = tuple(Part(p.get("title") or "", p.get("kind"), tuple(words(line) for line in p)) for p in node.findall("part"))
    return Sheet(node.get("id"), words(node.find("title")), parts)
