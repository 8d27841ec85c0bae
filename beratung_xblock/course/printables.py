"""The printable sheets: one page A4 each, never smaller than 14 point."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

from fpdf import FPDF

from .source import Course, CourseError, Part, Sheet

FONTS = Path(__file__).parent / "fonts"
BODY = 14
LINE = 7.4
INK = (29, 53, 87)
# A fixed date keeps the file the same from build to build.
CREATED = datetime(2026, 1, 1, tzinfo=UTC)


class _Page(FPDF):
    def __init__(self, language: str, title: str) -> None:
        super().__init__(format="A4", unit="mm")
        self.set_creation_date(CREATED)
        self.set_lang(language)
        self.set_title(title)
        self.set_margins(20, 18, 20)
        self.set_auto_page_break(auto=True, margin=15)
        self.add_font("Body", fname=FONTS / "DejaVuSans-Latin.ttf")
        self.add_font("Body", style="B", fname=FONTS / "DejaVuSans-Bold-Latin.ttf")
        self.set_text_color(*INK)
        self.set_draw_color(*INK)
        self.add_page()


def sheet_pdf(course: Course, sheet: Sheet) -> bytes:
    """The sheet as PDF. Raises `CourseError` when it does not fit on one page."""
    pdf = _Page(course.language, sheet.title)
    pdf.set_font("Body", "B", 19)
    pdf.multi_cell(0, 9.5, sheet.title, align="L", new_x="LMARGIN", new_y="NEXT")
    pdf.line(20, pdf.get_y() + 2, 190, pdf.get_y() + 2)
    pdf.ln(6)
    for part in sheet.parts:
        _part(pdf, part)
    if pdf.page_no() > 1:
        raise CourseError(f"sheets.xml ({course.language}): sheet {sheet.id} is longer than one page")
    return bytes(pdf.output())


def _part(pdf: _Page, part: Part) -> None:
    if part.title:
        pdf.set_font("Body", "B", 16)
        pdf.multi_cell(0, 9, part.title, align="L", new_x="LMARGIN", new_y="NEXT")
    pdf.set_font("Body", "", BODY)
    for number, line in enumerate(part.lines, start=1):
        _DRAW[part.kind](pdf, line, number)
    pdf.ln(3)


def _indented(pdf: _Page, line: str, indent: float) -> None:
    pdf.set_x(20 + indent)
    pdf.multi_cell(0, LINE, line, align="L", new_x="LMARGIN", new_y="NEXT")


def _tick(pdf: _Page, line: str, number: int) -> None:
    pdf.set_line_width(0.5)
    pdf.rect(20, pdf.get_y() + 0.4, 6.5, 6.5)
    _indented(pdf, line, 11)
    pdf.ln(3.5)


def _number(pdf: _Page, line: str, number: int) -> None:
    y = pdf.get_y()
    pdf.set_xy(20, y)
    pdf.cell(8, LINE, f"{number}.")
    pdf.set_xy(20, y)
    _indented(pdf, line, 9)


def _plain(pdf: _Page, line: str, number: int) -> None:
    _indented(pdf, line, 0)


def _fill(pdf: _Page, line: str, number: int) -> None:
    pdf.ln(2)
    y = pdf.get_y()
    pdf.cell(0, LINE, line)
    start = 22 + pdf.get_string_width(line) + 2
    pdf.line(start, y + LINE, 190, y + LINE)
    pdf.set_xy(20, y + LINE + 2)


_DRAW = {"tick": _tick, "number": _number, "plain": _plain, "fill": _fill}
