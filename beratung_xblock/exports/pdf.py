"""The frame of our PDF files: A4, bundled fonts with shaping for Latin, Cyrillic and Arabic, tags, language and title for readers."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable
from pathlib import Path

from django.utils.translation import get_language
from fpdf import ViewerPreferences
from fpdf.enums import XPos, YPos

from beratung_xblock.exports.tagging import Tagged

FONTS = Path(__file__).parent / "fonts"
INK, SOFT, ACTION, PALE, LINE = (34, 41, 45), (77, 87, 92), (23, 86, 106), (226, 238, 241), (119, 112, 106)
PDF_TYPE = "application/pdf"
LABEL_WIDTH = 84


RIGHT_TO_LEFT = ("R", "AL")


def is_rtl(text: str) -> bool:
    """True when the first strong letter runs from right to left."""
    for sign in text:
        direction = unicodedata.bidirectional(sign)
        if direction in ("L", *RIGHT_TO_LEFT):
            return direction != "L"
    return False


def has_rtl(text: str) -> bool:
    """True when any letter runs from right to left."""
    return any(unicodedata.bidirectional(sign) in RIGHT_TO_LEFT for sign in text)


class Document(Tagged):
    """A4 upright (or across), margins of 20 mm, our fonts and colours. A title that runs from right to left mirrors the pages.

    `side` is where lines begin, "L" or "R".
    """

    def __init__(self, *, title: str, author: str = "", landscape: bool = False):
        super().__init__(orientation="L" if landscape else "P", unit="mm", format="A4")
        self.footer_text = ""
        self.side = "R" if is_rtl(title) else "L"
        self._is_last_page = False
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
        self.viewer_preferences = ViewerPreferences(display_doc_title=True)
        self.add_page()

    def footer(self) -> None:
        """Small lines at the foot of each page; read out once."""
        self.set_y(-16)
        for line in self.footer_text.splitlines():
            self.text_line(line.strip(), size=8.5, colour=SOFT, align=self.side, kind="/P" if self._is_last_page else "")

    def text_line(
        self, text: str, *, size: float = 11, bold: bool = False, colour: tuple[int, int, int] = INK, align: str = "", gap: float = 0,
        kind: str = "/P",
    ) -> None:
        """A paragraph over the full width; it starts at the side of its own script unless `align` says otherwise. `gap` mm stay free below.

        `kind` is what it is to a screen reader: "/H1", "/H2", "/P".
        """
        self.set_font("Text", "B" if bold else "", size)
        self.set_text_color(*colour)
        side = align or ("R" if is_rtl(text) else "L")
        if self.will_page_break(size * 0.5):
            self.add_page()
        self._run(text)
        with self.mark(kind, text=text):
            self.multi_cell(0, size * 0.5, text, align=side, new_x=XPos.LMARGIN, new_y=YPos.NEXT)
        if gap:
            self.ln(gap)

    def _run(self, text: str) -> None:
        """The order of a line that mixes scripts: that of the page, else that of its first letter."""
        self.set_text_shaping(True, direction="rtl" if self.side == "R" and has_rtl(text) else None)

    def facts(self, pairs: Iterable[tuple[str, str]]) -> None:
        """Labels at the side where lines begin and their values beside them, a list of facts to a screen reader."""
        with self.part("/L"):
            for label, value in pairs:
                with self.part("/LI"):
                    self._fact(label, value)

    def _fact(self, label: str, value: str) -> None:
        self.set_font("Text", "B", 11)
        room = self.epw - LABEL_WIDTH - 4
        at_label, at_value = (self.l_margin, self.l_margin + LABEL_WIDTH + 4) if self.side == "L" else (self.l_margin + room + 4, self.l_margin)
        self._run(value)
        lines = self.multi_cell(room, 5.6, value, align=self.side, dry_run=True, output="LINES")
        if self.get_y() + 5.6 * max(2, len(lines)) > self.page_break_trigger:  # both stay on one page
            self.add_page()
        top = self.get_y()
        self.set_font("Text", "", 10)
        self.set_text_color(*SOFT)
        self.set_x(at_label)
        self._run(label)
        with self.mark("/Lbl", text=label):
            self.multi_cell(LABEL_WIDTH, 5.6, label, align=self.side, new_x=XPos.LMARGIN, new_y=YPos.NEXT)
        below = self.get_y()
        self.set_xy(at_value, top)
        self.set_font("Text", "B", 11)
        self.set_text_color(*INK)
        self._run(value)
        with self.mark("/LBody", text=value):
            self.multi_cell(room, 5.6, value, align=self.side, new_x=XPos.LMARGIN, new_y=YPos.NEXT)
        self.set_y(max(below, self.get_y()) + 2)

    def rule(self) -> None:
        """A thin line over the full width."""
        self.set_draw_color(*LINE)
        self.set_line_width(0.2)
        with self.mark(""):
            self.line(self.l_margin, self.get_y(), self.w - self.r_margin, self.get_y())
        self.ln(4)

    def finished(self) -> bytes:
        """The file."""
        self._is_last_page = True
        content = bytes(self.output())
        for font in self.fonts.values():  # the library leaves the files open
            font.ttfont.close()
        return content
