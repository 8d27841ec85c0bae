"""The course as a tree of blocks: what both the archive and the import write."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from .problems import exercise_problem, question_problem
from .render import Piece, block_id, pieces
from .source import Chapter, Course, Lesson, Unit

PRACTICE_LESSON = "L7.1"
FINAL_LESSON = "L7.2"

# Practice and final questions both decide. With these numbers nothing makes up for a missing basic task
# (13 of 14 tasks and 12 of 12 questions are 93.9 %), and 14 tasks with 8 of 12 questions are exactly 95 %.
PRACTICE_WEIGHT = 0.85
FINAL_WEIGHT = 0.15
PASS_MARK = 0.95


# The fields this course may set, by type: the import compares these and no others.
FIELDS: dict[str, tuple[str, ...]] = {
    "chapter": ("display_name",),
    "sequential": ("display_name", "graded", "format"),
    "vertical": ("display_name", "graded"),
    "html": ("display_name", "editor"),
    "problem": ("display_name", "showanswer", "weight"),
    "teams_practice": ("display_name", "tasks", "variant", "weight"),
    "beratung": ("display_name",),
}
WITH_DATA = ("html", "problem")


@dataclass(frozen=True)
class Block:
    """One block: ``fields`` are settings, ``data`` is the HTML or the problem XML."""

    type: str
    id: str
    fields: dict[str, str | float | bool] = field(default_factory=dict)
    data: str = ""
    children: tuple[Block, ...] = ()


def walk(block: Block) -> Iterator[Block]:
    """The block and everything below it, in course order."""
    yield block
    for child in block.children:
        yield from walk(child)


def course_tree(course: Course, *, with_beratung: bool = False) -> Block:
    """The whole course; the root is of type ``course``.

    ``with_beratung`` adds a last chapter with a `beratung` block, so that volunteers sign up where they learned.
    """
    chapters = tuple(_chapter(course, chapter) for chapter in course.chapters)
    if with_beratung:
        chapters += (_beratung_chapter(course),)
    return Block("course", "course", {"display_name": course.title}, children=chapters)


def _beratung_chapter(course: Course) -> Block:
    fields: dict[str, str | float | bool] = {"display_name": course.say("beratung")}
    unit = Block("vertical", "u8_1_1", fields, children=(Block("beratung", "beratung", fields),))
    return Block("chapter", "k8", fields, children=(Block("sequential", "l8_1", fields, children=(unit,)),))


def grading_policy(course: Course) -> dict[str, object]:
    """Practice and final questions, pass mark (see the numbers above)."""
    return {
        "GRADER": [
            _grader(course.say("grade-practice"), course.say("grade-practice-short"), PRACTICE_WEIGHT),
            _grader(course.say("grade-final"), course.say("grade-final-short"), FINAL_WEIGHT),
        ],
        "GRADE_CUTOFFS": {"Pass": PASS_MARK},
    }


def _grader(name: str, short: str, weight: float) -> dict[str, object]:
    return {"type": name, "short_label": short, "min_count": 1, "drop_count": 0, "weight": weight}


def _chapter(course: Course, chapter: Chapter) -> Block:
    lessons = tuple(_lesson(course, lesson) for lesson in chapter.lessons)
    return Block("chapter", block_id(chapter.id), {"display_name": chapter.title}, children=lessons)


def _lesson(course: Course, lesson: Lesson) -> Block:
    title = course.say("quick-title", title=lesson.title) if lesson.quick else lesson.title
    fields: dict[str, str | float | bool] = {"display_name": title}
    if lesson.id == PRACTICE_LESSON:
        fields |= {"graded": True, "format": course.say("grade-practice")}
    if lesson.id == FINAL_LESSON:
        fields |= {"graded": True, "format": course.say("grade-final")}
    units = tuple(_unit(course, lesson, unit) for unit in lesson.units)
    return Block("sequential", block_id(lesson.id), fields, children=units)


def _unit(course: Course, lesson: Lesson, unit: Unit) -> Block:
    fields: dict[str, str | float | bool] = {"display_name": unit.title}
    if lesson.id in (PRACTICE_LESSON, FINAL_LESSON) and not _decides(unit):
        fields["graded"] = False
    blocks: list[Block] = []
    for number, piece in enumerate(pieces(course, lesson, unit), start=1):
        blocks += _blocks(course, unit, piece, f"{block_id(unit.id)}_{number}")
    return Block("vertical", block_id(unit.id), fields, children=tuple(blocks))


def _decides(unit: Unit) -> bool:
    practice = unit.body.find("practice")
    return unit.kind == "quiz_pool" or (practice is not None and practice.get("tasks") == "basic")


def _blocks(course: Course, unit: Unit, piece: Piece, name: str) -> list[Block]:
    if piece.kind == "html":
        return [Block("html", f"{name}_text", {"display_name": unit.title, "editor": "raw"}, piece.html)]
    if piece.kind == "practice":
        title = piece.node.get("title")
        fields = {"display_name": title, "tasks": piece.node.get("tasks"), "variant": "auto"}
        if not _decides(unit):
            fields["weight"] = 0.0  # it decides nothing, even where an author makes its unit count
        return [Block("teams_practice", f"{name}_practice", fields)]
    if piece.kind == "exercise":
        fields = {"display_name": piece.node.get("title"), "showanswer": "never"}
        if unit.kind == "survey_certificate":
            fields["weight"] = 0.0
        return [Block("problem", f"x_{piece.node.get('id').replace('-', '_')}", fields, exercise_problem(course, piece.node))]
    prefix = "final_" if piece.kind == "finalquiz" else ""
    return [
        Block(
            "problem",
            f"{prefix}{question_id.lower()}",
            {
                "display_name": course.say("question", number=number, count=len(piece.ids)),
                "showanswer": "attempted",
            },
            question_problem(course, course.question(question_id)),
        )
        for number, question_id in enumerate(piece.ids, start=1)
    ]
