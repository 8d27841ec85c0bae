"""The report on paper: the text, the table, charts, what the marks mean."""

from __future__ import annotations

import datetime as dt

from django.utils.translation import gettext as _
from fpdf.enums import TableCellFillMode
from fpdf.fonts import FontFace

from beratung_xblock.data.reports import Report
from beratung_xblock.exports import charts, words
from beratung_xblock.exports.pdf import ACTION, INK, LINE, PALE, SOFT, Document
from beratung_xblock.exports.tagging import TaggedTable
from beratung_xblock.times import words_for_day


def report_pdf(report: Report, *, today: dt.date, language: str) -> bytes:
    """The report as a PDF of A4 pages; across when the table has many columns."""
    wide = len(report.columns) > 6
    title = _("Peer consultation: report %(period)s") % {"period": words.period(report)}
    pdf = Document(title=title, author=report.organisation, landscape=wide)
    pdf.footer_text = _("Made on %(day)s from counts only.") % {"day": words_for_day(today, language)}
    if report.organisation:
        pdf.text_line(report.organisation, size=10, colour=SOFT, gap=1)
    pdf.text_line(title, size=19, bold=True, gap=4, kind="/H1")
    if text := words.text_block(report):
        pdf.text_line(text, size=11.5, gap=5)
    _table(pdf, report)
    pdf.ln(4)
    for note in words.legend(report):
        pdf.text_line(note, size=9, colour=SOFT, gap=0.5)
    pdf.ln(4)
    for chart in charts.charts(report):
        _chart(pdf, chart)
    return pdf.finished()


def _table(pdf: Document, report: Report) -> None:
    pdf.set_font("Text", "", 10)
    pdf.set_text_color(*INK)
    pdf.set_draw_color(*LINE)
    head = FontFace(emphasis="BOLD", color=INK, fill_color=PALE, size_pt=8.5)
    # A column is as wide as the longest word of its heading, so that no word is cut.
    share = (18, *(max(6, *(len(word) for word in words.column(name).split())) for name in report.columns))
    table = TaggedTable(
        pdf, headings_style=head, col_widths=share, text_align=("LEFT", *(["RIGHT"] * len(report.columns))), line_height=6,
        borders_layout="HORIZONTAL_LINES", cell_fill_mode=TableCellFillMode.NONE, padding=1, first_row_as_headings=True,
    )
    table.row([words.SPLITS[report.by](), *(words.column(name) for name in report.columns)])
    for row in report.rows:
        style = FontFace(emphasis="BOLD") if row.is_total else None
        table.row([words.line(report, row), *(words.figure(row.cells[name]) for name in report.columns)], style=style)
    table.render()


def _chart(pdf: Document, chart: charts.Chart) -> None:
    height = 9 + 8 * len(chart.bars)
    if pdf.get_y() + height > pdf.h - 24:
        pdf.add_page()
    pdf.text_line(chart.title, size=12, bold=True, gap=2, kind="/H2")
    with pdf.mark("/Figure", alt=charts.in_words(chart)):
        _bars(pdf, chart)
    pdf.ln(4)


def _bars(pdf: Document, chart: charts.Chart) -> None:
    left, room = pdf.l_margin + 48, pdf.epw - 48 - 24
    for bar in chart.bars:
        top = pdf.get_y()
        pdf.set_font("Text", "", 10)
        pdf.set_text_color(*INK)
        pdf.set_xy(pdf.l_margin, top)
        pdf.cell(46, 6, bar.label, align="R")
        wide = max(0.8, room * (bar.share if bar.share is not None else 0.12))
        if bar.share is None:
            pdf.set_draw_color(*LINE)
            pdf.set_dash_pattern(dash=1.2, gap=0.8)
            pdf.rect(left, top + 0.6, wide, 4.8)
            pdf.set_dash_pattern()
        else:
            pdf.set_fill_color(*ACTION)
            pdf.rect(left, top + 0.6, wide, 4.8, style="F")
        pdf.set_xy(left + wide + 2, top)
        pdf.cell(22, 6, bar.figure)
        pdf.set_xy(pdf.l_margin, top + 8)
