"""Files a learner's browser loads: drawings, printable sheets, style sheet, course card."""

from __future__ import annotations

from lxml import etree

from .drawings import draw
from .printables import sheet_pdf
from .render import sheet_file
from .source import CONTENT, Course


def used_drawings(course: Course) -> list[str]:
    """Names of the drawings that units and the about page show, sorted."""
    bodies: list[etree._Element] = [unit.body for unit in course.units] + [course.about]
    names: set[str] = set()
    for body in bodies:
        names.update(body.xpath(".//pic/@name | .//step/@pic | .//toggle/@on | .//toggle/@off"))
    return sorted(names)


def assets(course: Course) -> dict[str, bytes]:
    """File name -> content; names start with ``kb-`` so that they never meet an author's own files."""
    files = {f"kb-{name}.svg": draw(course, name).encode() for name in used_drawings(course)}
    files |= {sheet_file(course, sheet.id): sheet_pdf(course, sheet) for sheet in course.sheets.values()}
    for name in ("kb-course.css", "kb-course-card.png"):
        files[name] = (CONTENT / "static" / name).read_bytes()
    return files
