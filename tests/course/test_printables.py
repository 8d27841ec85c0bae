"""Printable sheets: one page, large letters, the same from build to build."""

from __future__ import annotations

import re
import shutil
import subprocess
from dataclasses import replace
from pathlib import Path

import pytest

from beratung_xblock.course.printables import SIZES, sheet_pdf
from beratung_xblock.course.source import Course, CourseError, Part


@pytest.mark.parametrize("name", ["P1", "P2", "P3"])
def test_a_sheet_is_one_page_in_large_letters(course: Course, name: str, tmp_path: Path) -> None:
    content = sheet_pdf(course, course.sheets[name])
    assert content.startswith(b"%PDF-")
    assert content == sheet_pdf(course, course.sheets[name])
    path = tmp_path / "sheet.pdf"
    path.write_bytes(content)
    told = run("pdfinfo", str(path))
    assert re.search(r"^Pages: +1$", told, re.MULTILINE)
    assert "A4" in told
    assert course.sheets[name].title in told
    boxes = run("pdftotext", "-bbox", str(path), "-")
    heights = [float(a) - float(b) for b, a in re.findall(r'yMin="([\d.]+)" xMax="[\d.]+" yMax="([\d.]+)"', boxes)]
    # A line box of DejaVu Sans is 1.16 times its size.
    assert min(heights) / 1.165 >= 13.9, min(heights)
    text = " ".join(run("pdftotext", "-layout", str(path), "-").split())
    for part in course.sheets[name].parts:
        for line in part.lines:
            assert line.split()[0] in text


def run(*command: str) -> str:
    program = shutil.which(command[0])
    assert program, f"{command[0]} is missing: apt-get install poppler-utils"
    return subprocess.run([program, *command[1:]], capture_output=True, text=True, check=True).stdout


def test_no_sheet_may_shrink_below_fourteen_point() -> None:
    assert min(SIZES) == 14


def test_a_sheet_that_is_too_long_is_refused(german: Course) -> None:
    sheet = german.sheets["P1"]
    long = replace(sheet, parts=(Part("", "tick", tuple(f"Zeile {n}" for n in range(60))),))
    with pytest.raises(CourseError, match=r"sheets\.xml \(de\): sheet P1 is longer than one page at 14 point"):
        sheet_pdf(german, long)
