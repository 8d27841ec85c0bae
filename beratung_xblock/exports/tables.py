"""Tables as CSV and XLSX."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence

from openpyxl import Workbook
from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE
from openpyxl.styles import Alignment, Font, PatternFill
from openpyxl.utils import get_column_letter

from beratung_xblock.data import plain_text
from beratung_xblock.data.reports import Report
from beratung_xblock.exports import words

CSV_TYPE = "text/csv; charset=utf-8"
XLSX_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
FORMULA_SIGNS = ("=", "+", "-", "@", "\t", "\r", "\uff1d", "\uff0b", "\uff0d", "\uff20")
"""The last four are the wide forms, which some spreadsheets take for the same."""
HEADING = PatternFill("solid", fgColor="E2EEF1")


def safe(value: object) -> object:
    """Text that a spreadsheet would take for a formula gets an apostrophe in front; numbers stay numbers.

    Characters that no sheet can hold are left out: one name must not cost the whole file.
    """
    if not isinstance(value, str):
        return value
    text = ILLEGAL_CHARACTERS_RE.sub("", plain_text.typed(value))
    return f"'{text}" if text.lstrip().startswith(FORMULA_SIGNS) or value.startswith(FORMULA_SIGNS) else text


def as_csv(heading: Sequence[str], rows: Iterable[Sequence[object]]) -> bytes:
    """Semicolons and a byte order mark: what German spreadsheets open with a double click."""
    out = io.StringIO()
    writer = csv.writer(out, delimiter=";", lineterminator="\r\n")
    writer.writerow([safe(cell) for cell in heading])
    writer.writerows([safe(cell) for cell in row] for row in rows)
    return b"\xef\xbb\xbf" + out.getvalue().encode()


def as_xlsx(title: str, heading: Sequence[str], rows: Iterable[Sequence[object]], notes: Sequence[str] = ()) -> bytes:
    """One sheet with a frozen heading, columns as wide as their content, notes below."""
    book = Workbook()
    sheet = book.active
    sheet.title = "".join(sign for sign in title if sign not in "[]:*?/\\")[:31] or "1"
    sheet.append([safe(cell) for cell in heading])
    for cell in sheet[1]:
        cell.font, cell.fill, cell.alignment = Font(bold=True), HEADING, Alignment(wrap_text=True, vertical="top")
    width = [len(str(cell)) for cell in heading]
    for row in rows:
        sheet.append([safe(cell) for cell in row])
        width = [max(old, len(str(cell))) for old, cell in zip(width, row, strict=True)]
    for number, wide in enumerate(width, start=1):
        sheet.column_dimensions[get_column_letter(number)].width = min(max(10, wide + 2), 50)
    sheet.freeze_panes = "B2"
    for note in notes:
        sheet.append([])
        sheet.append([safe(note)])
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def _report_rows(report: Report) -> list[list[object]]:
    return [
        [words.line(report, row), *(words.figure(row.cells[name]) if row.cells[name].mark else row.cells[name].value for name in report.columns)]
        for row in report.rows
    ]


def _report_heading(report: Report) -> list[str]:
    return [words.period(report), *(words.column(name) for name in report.columns)]


def report_csv(report: Report) -> bytes:
    """The report with decimal commas or points as the language has it."""
    rows = [[words.line(report, row), *(words.figure(row.cells[name], grouped=False) for name in report.columns)] for row in report.rows]
    return as_csv(_report_heading(report), [*rows, *([note] for note in words.legend(report))])


def report_xlsx(report: Report) -> bytes:
    """The report as numbers to calculate with; hidden figures as text."""
    title = f"{words.SPLITS[report.by]()} {words.period(report)}"
    return as_xlsx(title, _report_heading(report), _report_rows(report), [*words.legend(report), *filter(None, [words.text_block(report)])])
