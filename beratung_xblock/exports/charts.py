"""Bar charts as SVG for the page: real text, colours from the style sheet, hidden figures as dashed outlines."""

from __future__ import annotations

from dataclasses import dataclass
from html import escape

from beratung_xblock.data.reports import Report
from beratung_xblock.exports import words

WIDTH, BAR, GAP, LABEL, VALUE = 420, 26, 12, 150, 64


@dataclass(frozen=True)
class Bar:
    """One bar: its label, the figure in words, and its share of the longest (None: hidden)."""

    label: str
    figure: str
    share: float | None


@dataclass(frozen=True)
class Chart:
    """A titled set of bars."""

    title: str
    bars: tuple[Bar, ...]


def charts(report: Report) -> list[Chart]:
    """One chart for each of the figures that have something to compare; none when there is one line only."""
    rows = [row for row in report.rows if not row.is_total]
    if len(rows) < 2:
        return []
    found = []
    for name in ("attendances", "hours", "people", "sessions", "cases", "session_hours"):
        if name not in report.columns or len(found) == 3:
            continue
        cells = [row.cells[name] for row in rows]
        top = max((cell.value or 0 for cell in cells), default=0)
        if not top or all(cell.mark == "none" for cell in cells):
            continue
        bars = tuple(
            Bar(words.line(report, row), words.figure(cell), None if cell.mark else (cell.value or 0) / top)
            for row, cell in zip(rows, cells, strict=True)
        )
        found.append(Chart(words.column(name), bars))
    return found


def in_words(chart: Chart) -> str:
    """The chart for somebody who does not see it."""
    return f"{chart.title}. " + "; ".join(f"{bar.label}: {bar.figure}" for bar in chart.bars)


def _short(text: str) -> str:
    return text if len(text) <= 20 else text[:19] + "…"


def svg(chart: Chart, *, rtl: bool = False) -> str:
    """The chart as an inline SVG with a text alternative."""
    height = len(chart.bars) * (BAR + GAP) + GAP
    room = WIDTH - LABEL - VALUE
    parts = [
        f'<svg viewBox="0 0 {WIDTH} {height}" role="img" aria-label="{escape(in_words(chart))}" direction="{"rtl" if rtl else "ltr"}">'
    ]

    def x(value: float, width: float = 0) -> float:
        return round(WIDTH - value - width if rtl else value, 1)

    for number, bar in enumerate(chart.bars):
        top = GAP + number * (BAR + GAP)
        middle = top + BAR / 2 + 4.5
        parts.append(f'<text x="{x(LABEL - 10)}" y="{middle}" text-anchor="end">{escape(_short(bar.label))}</text>')
        wide = max(2.0, room * (bar.share if bar.share is not None else 0.12))
        kind = "bar" if bar.share is not None else "bar bar--hidden"
        parts.append(f'<rect class="{kind}" x="{x(LABEL, wide)}" y="{top}" width="{round(wide, 1)}" height="{BAR}" rx="2"/>')
        parts.append(f'<text x="{x(LABEL + wide + 8)}" y="{middle}" text-anchor="start">{escape(bar.figure)}</text>')
    parts.append(f'<line class="axis" x1="{x(LABEL)}" y1="0" x2="{x(LABEL)}" y2="{height}"/></svg>')
    return "".join(parts)
