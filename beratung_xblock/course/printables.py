"""The printable sheets: one page A4 each, never smaller than 14 point."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

from fpdf import FPDF

from .source import Course, CourseError, Part, Sheet

FONTS = Path(__file__).parent / "fonts"
SIZES = (20, 18, 16, 14)
INK = (29, 53, 87)
# A fixed date keeps the file the same from build to build.
CREATED = datetime(2026, 1, 1, tzinfo=UTC)


class _Page(FPDF):
    def __init__(self, language: str, title: str, body: int) -> None:
        super().__init__(format="A4", unit="mm")
        self.body = body
        self.line_height = body * 0.53
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

    def close_fonts(self) -> None:
        """Close the font files, which the library leaves open."""
        for font in self.fonts.values():
            font.ttfont.close()


def sheet_pdf(course: Course, sheet: Sheet) -> bytes:
    """The sheet as PDF in the largest letters that fit on one page. Raises `CourseError` when 14 point do not."""
    for body in SIZES:
        pdf = _drawn(course, sheet, body)
        fits = pdf.page_no() == 1
        content = bytes(pdf.output()) if fits else b""
        pdf.close_fonts()
        if fits:
            return content
    raise CourseError(f"sheets.xml ({course.language}): sheet {sheet.id} is longer than one page at {SIZES[-1]} point")


def _drawn(course: Course, sheet: Sheet, body: int) -> _Page:
    pdf = _Page(course.language, sheet.title, body)
    pdf.set_font("Body", "B", body + 5)
    pdf.multi_cell(0, (body + 5) * 0.5, sheet.title, align="L", new_x="LMARGIN", new_y="NEXT")
    pdf.line(20, pdf.get_y() + 2, 190, pdf.get_y() + 2)
    pdf.ln(6)
    for part in sheet.parts:
        _part(pdf, part)
    return pdf


def _part(pdf: _Page, part: Part) -> None:
    if part.title:
        pdf.set_font("Body", "B", pdf.body + 2)
        pdf.multi_cell(0, pdf.line_height * 1.2, part.title, align="L", new_x="LMARGIN", new_y="NEXT")
    pdf.set_font("Body", "", pdf.body)
    for number, line in enumerate(part.lines, start=1):
        _DRAW[part.kind](pdf, line, number)
    pdf.ln(3)


def _indented(pdf: _Page, line: str, indent: float) -> None:
    pdf.set_x(20 + indent)
    pdf.multi_cell(0, pdf.line_height, line, align="L", new_x="LMARGIN", new_y="NEXT")


def _tick(pdf: _Page, line: str, number: int) -> None:
    pdf.set_line_width(0.5)
    side = pdf.line_height * 0.85
    pdf.rect(20, pdf.get_y() + 0.4, side, side)
    _indented(pdf, line, side + 4)
    pdf.ln(3.5)


def _number(pdf: _Page, line: str, number: int) -> None:
    y = pdf.get_y()
    pdf.set_xy(20, y)
    pdf.cell(8, pdf.line_height, f"{number}.")
    pdf.set_xy(20, y)
    _indented(pdf, line, pdf.body * 0.62)


def _plain(pdf: _Page, line: str, number: int) -> None:
    _indented(pdf, line, 0)


def _fill(pdf: _Page, line: str, number: int) -> None:
    pdf.ln(3)
    y = pdf.get_y()
    pdf.cell(0, pdf.line_height, line)
    pdf.line(24 + pdf.get_string_width(line), y + pdf.line_height, 190, y + pdf.line_height)
    pdf.set_xy(20, y + pdf.line_height + 2)


_DRAW = {"tick": _tick, "number": _number, "plain": _plain, "fill": _fill}
