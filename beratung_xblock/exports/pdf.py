"""The frame of our PDF files: A4, bundled fonts with shaping for Latin, Cyrillic and Arabic, language and title for readers.

The library writes no structure tags for text, so a screen reader reads plain lines in order; the same content is on the page.
"""

from __future__ import annotations

import unicodedata
from pathlib import Path

from django.utils.translation import get_language
from fpdf import FPDF
from fpdf.enums import XPos, YPos

FONTS = Path(__file__).parent / "fonts"
INK, SOFT, ACTION, PALE, LINE = (34, 41, 45), (77, 87, 92), (23, 86, 106), (226, 238, 241), (119, 112, 106)
PDF_TYPE = "application/pdf"
LABEL_WIDTH = 76


def is_rtl(text: str) -> bool:
    """True when the first strong letter runs from right to left."""
    for sign in text:
        direction = unicodedata.bidirectional(sign)
        if direction in ("L", "R", "AL"):
            return direction != "L"
    return False


class Document(FPDF):
    """A4 upright (or across), margins of 20 mm, our fonts and colours."""

    def __init__(self, *, title: str, author: str = "", landscape: bool = False):
        super().__init__(orientation="L" if landscape else "P", unit="mm", format="A4")
        self.footer_text = ""
        for family, file in (("Text", "NotoSans"), ("Arabic", "NotoSansArabic")):
            self.add_font(family, "", FONTS / f"{file}-Regular-Subset.ttf")
            self.add_font(family, "B", FONTS / f"{file}-Bold-Subset.ttf")
        self.set_fallback_fonts(["Arabic"], exact_match=False)
        self.set_text_shaping(True)
        self.set_margin(20)
        self.set_auto_page_break(True, margin=22)
        self.set_title(title)
        self.set_author(author)
        self.set_creator("beratung-xblock")
        self.set_lang((get_language() or "de").split("-")[0])
        self.add_page()

    def footer(self) -> None:
        """One small line at the foot of each page."""
        self.set_y(-16)
        self.text_line(self.footer_text, size=8.5, colour=SOFT, align="L")

    def text_line(
        self, text: str, *, size: float = 11, bold: bool = False, colour: tuple[int, int, int] = INK, align: str = "", gap: float = 0
    ) -> None:
        """A paragraph over the full width; Arabic text starts at the right side. `gap` mm stay free below."""
        self.set_font("Text", "B" if bold else "", size)
        self.set_text_color(*colour)
        side = align or ("R" if is_rtl(text) else "L")
        self.multi_cell(0, size * 0.5, text, align=side, new_x=XPos.LMARGIN, new_y=YPos.NEXT)
        if gap:
            self.ln(gap)

    def fact(self, label: str, value: str) -> None:
        """A label and its value beside each other."""
        top = self.get_y()
        self.set_font("Text", "", 10)
        self.set_text_color(*SOFT)
        self.multi_cell(LABEL_WIDTH, 5.6, label, align="L", new_x=XPos.LMARGIN, new_y=YPos.NEXT)
        below = self.get_y()
        self.set_xy(self.l_margin + LABEL_WIDTH + 4, top)
        self.set_font("Text", "B", 11)
        self.set_text_color(*INK)
        self.multi_cell(0, 5.6, value, align="L", new_x=XPos.LMARGIN, new_y=YPos.NEXT)
        self.set_y(max(below, self.get_y()) + 2)

    def rule(self) -> None:
        """A thin line over the full width."""
        self.set_draw_color(*LINE)
        self.set_line_width(0.2)
        self.line(self.l_margin, self.get_y(), self.w - self.r_margin, self.get_y())
        self.ln(4)

    def finished(self) -> bytes:
        """The file."""
        return bytes(self.output())
