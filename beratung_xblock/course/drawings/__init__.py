"""The drawings of the course: neutral, in one style, with labels in the language of the course.

They show a meeting in general, not a product: no logo and no screenshot. They are not mirrored for languages
written from right to left, because windows, telephones and microphones look the same there.
"""

from __future__ import annotations

from collections.abc import Callable

from ..source import Course, CourseError
from . import scenes_care, scenes_join, scenes_meeting, scenes_start
from .parts import Canvas

SCENES: dict[str, Callable[[Canvas], None]] = {
    **scenes_start.SCENES,
    **scenes_join.SCENES,
    **scenes_meeting.SCENES,
    **scenes_care.SCENES,
}
SHARED = "label-"


def draw(course: Course, name: str) -> str:
    """The drawing ``name`` as SVG text. Raises `CourseError` when the scene, its words or a label is missing."""
    canvas = canvas_of(course, name)
    return canvas.svg(course.drawings[name].alt)


def canvas_of(course: Course, name: str) -> Canvas:
    """The drawn canvas; its ``used`` tells which labels the scene asked for."""
    if name not in SCENES:
        raise CourseError(f"there is no drawing “{name}”")
    if name not in course.drawings:
        raise CourseError(f"drawings.xml ({course.language}): drawing “{name}” has no description")
    shared = {key[len(SHARED) :]: value for key, value in course.wording.items() if key.startswith(SHARED)}
    canvas = Canvas({**shared, **course.drawings[name].labels})
    try:
        SCENES[name](canvas)
    except KeyError as error:
        raise CourseError(f"drawings.xml ({course.language}): drawing “{name}” needs the label {error}") from error
    return canvas
