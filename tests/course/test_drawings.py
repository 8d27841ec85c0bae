"""Drawings: well-formed, self-contained, readable on the smallest telephone, nobody's trademark."""

from __future__ import annotations

import re

import pytest
from fontTools.ttLib import TTFont
from lxml import etree

from beratung_xblock.course.assets import used_drawings
from beratung_xblock.course.drawings import SCENES, draw
from beratung_xblock.course.drawings.parts import HEIGHT, ICONS, WIDTH, Canvas
from beratung_xblock.course.printables import FONTS
from beratung_xblock.course.source import Course, CourseError

SVG = "{http://www.w3.org/2000/svg}"
# DejaVu Sans runs wider than Arial or Helvetica, which come first in the drawings: what fits in it fits in them. Many Linux
# machines have neither, and show it.


@pytest.fixture(scope="module")
def fonts():
    with TTFont(FONTS / "DejaVuSans-Latin.ttf") as plain, TTFont(FONTS / "DejaVuSans-Bold-Latin.ttf") as bold:
        yield {False: plain, True: bold}


def width(font: TTFont, text: str, size: float) -> float:
    cmap, metrics = font.getBestCmap(), font["hmtx"]
    return sum(metrics[cmap[ord(letter)]][0] for letter in text) / font["head"].unitsPerEm * size


@pytest.mark.parametrize("name", sorted(SCENES))
def test_a_drawing_stands_alone_and_is_readable(course: Course, fonts, name: str) -> None:
    root = etree.fromstring(draw(course, name).encode())
    assert root.get("viewBox") == f"0 0 {WIDTH} {HEIGHT}"
    assert root.get("role") == "img"
    assert root.findtext(f"{SVG}title") == course.drawings[name].alt
    allowed = {"svg", "title", "g", "rect", "circle", "path", "text", "clipPath"}
    assert {element.tag.removeprefix(SVG) for element in root.iter()} <= allowed
    for value in (value for element in root.iter() for value in element.attrib.values()):
        assert "http" not in value
        assert "url(" not in value or value.startswith("url(#")
    for text in root.iter(f"{SVG}text"):
        size = float(text.get("font-size"))
        assert size >= 13, text.text
        x, wide = float(text.get("x")), width(fonts[text.get("font-weight") == "700"], text.text, size)
        left = {"start": x, "middle": x - wide / 2, "end": x - wide}[text.get("text-anchor", "start")]
        assert left >= 1, (text.text, left)
        assert left + wide <= WIDTH - 1, (text.text, left + wide)
        assert 0 < float(text.get("y")) <= HEIGHT - 3, text.text


def test_ids_in_a_drawing_are_unique(course: Course) -> None:
    for name in SCENES:
        ids = re.findall(r' id="([^"]+)"', draw(course, name))
        assert len(ids) == len(set(ids)), name


def test_drawings_show_no_trademark(course: Course) -> None:
    for name in SCENES:
        labels = " ".join(course.drawings[name].labels.values()).casefold()
        assert "microsoft" not in labels, name


def test_every_step_has_a_drawing(course: Course) -> None:
    steps = [step for unit in course.units for step in unit.body.iter("step")]
    assert len(steps) > 50
    assert all(step.get("pic") in SCENES for step in steps)


def test_every_scene_is_used(course: Course) -> None:
    assert used_drawings(course) == sorted(SCENES)


def test_every_icon_is_well_formed() -> None:
    for name, shapes in ICONS.items():
        etree.fromstring(f"<g>{shapes}</g>")
        assert name.isalpha()


def test_labels_are_escaped() -> None:
    canvas = Canvas({"x": "a < b & c"})
    canvas.text(10, 20, canvas.t("x"))
    assert "a &lt; b &amp; c" in canvas.svg("<alt>")
    assert "<title>&lt;alt&gt;</title>" in canvas.svg("<alt>")


def test_an_unknown_drawing_is_an_error(german: Course) -> None:
    with pytest.raises(CourseError, match="there is no drawing “nowhere”"):
        draw(german, "nowhere")
