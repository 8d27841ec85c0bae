"""Parts every drawing is made of: one palette, one line, one set of icons.

A drawing is 320 x 200 units, so on the smallest telephone one unit is one CSS pixel; no text is below 13.
"""

from __future__ import annotations

from html import escape

WIDTH, HEIGHT = 320, 200
INK = "#1d3557"
PAPER = "#ffffff"
GROUND = "#e8f1f4"
SOFT = "#c5d8e1"
ACCENT = "#0f766e"
ALARM = "#b42318"
MARK = "#f2a900"
WARM = "#f7d9b5"
SKINS = ("#f1c9a5", "#8d5a3b", "#d9a066", "#f6d7c0")
SHIRTS = ("#0f766e", "#8a4f7d", "#c2571a", "#35618e")
HAIRS = ("#9aa3ad", "#2b2b2b", "#5b3a21", "#e6e2dc")

ICONS = {
    "mic": '<rect x="9" y="3" width="6" height="11" rx="3"/><path d="M5 11a7 7 0 0 0 14 0M12 18v3M8 21h8"/>',
    "cam": '<rect x="2" y="7" width="13" height="10" rx="2"/><path d="M15 11l7-3.5v9L15 13z"/>',
    "hand": '<path d="M7 13V6.5a1.5 1.5 0 0 1 3 0V11M10 11V4.5a1.5 1.5 0 0 1 3 0V11M13 11V5.5a1.5 1.5 0 0 1 3 0V12'
    'M16 12V8.5a1.5 1.5 0 0 1 3 0V14a7.5 7.5 0 0 1-7.5 7.5c-3 0-4.7-1.5-6-4L3 13.6a1.5 1.5 0 0 1 2.6-1.5L7 14"/>',
    "chat": '<path d="M4 4h16v12H11l-4.5 4.5V16H4zM8 8.5h8M8 12h5"/>',
    "people": '<circle cx="9" cy="8" r="3.5"/><path d="M2.5 20a6.5 6.5 0 0 1 13 0"/><circle cx="17.5" cy="9" r="2.5"/><path d="M17 14a5 5 0 0 1 5 5"/>',
    "more": '<circle cx="5" cy="12" r="1.8"/><circle cx="12" cy="12" r="1.8"/><circle cx="19" cy="12" r="1.8"/>',
    "share": '<rect x="2.5" y="4" width="19" height="13" rx="2"/><path d="M12 14V8M8.8 10.8L12 7.6l3.2 3.2M8 21h8"/>',
    "leave": '<path d="M2.5 15c5-6 14-6 19 0l-2.5 3.5-4.5-2v-2.7c-1.7-.5-3.3-.5-5 0v2.7l-4.5 2z"/>',
    "phone": '<path d="M6.5 3L10 8 7.5 10.5c1.2 3 3 4.8 6 6L16 14l5 3.5c0 2.5-1.8 3.8-4 3.5C9.5 20 4 14.5 3 7c-.3-2.2 1-4 3.5-4z"/>',
    "lock": '<rect x="5" y="11" width="14" height="10" rx="2"/><path d="M8 11V8a4 4 0 0 1 8 0v3"/>',
    "captions": '<rect x="2.5" y="5" width="19" height="14" rx="2"/><path d="M11 10.3a2.3 2.3 0 1 0 0 3.4M17.5 10.3a2.3 2.3 0 1 0 0 3.4"/>',
    "headset": '<path d="M4 15v-3a8 8 0 0 1 16 0v3"/><rect x="2.5" y="14" width="4.5" height="6.5" rx="1.6"/>'
    '<rect x="17" y="14" width="4.5" height="6.5" rx="1.6"/><path d="M19 20.5c0 1.5-2.5 2-5 2"/>',
    "speaker": '<path d="M3 9h4.5L13 4.5v15L7.5 15H3zM16 9a4 4 0 0 1 0 6M18.5 6a8.5 8.5 0 0 1 0 12"/>',
    "wifi": '<path d="M2.5 9.5a13.5 13.5 0 0 1 19 0M6 13a8.5 8.5 0 0 1 12 0M9 16.3a4.3 4.3 0 0 1 6 0"/><circle cx="12" cy="19.8" r="1"/>',
    "check": '<path d="M4 12.5l5.5 6L20 6"/>',
    "cross": '<path d="M5.5 5.5l13 13M18.5 5.5l-13 13"/>',
    "mail": '<rect x="2.5" y="5" width="19" height="14" rx="2"/><path d="M3 6.5l9 7 9-7"/>',
    "clock": '<circle cx="12" cy="12" r="9"/><path d="M12 7v5.5l3.5 2"/>',
    "sliders": '<path d="M3 8h7M15.5 8H21M3 16h3M11.5 16H21"/><circle cx="12.7" cy="8" r="2.7"/><circle cx="8.7" cy="16" r="2.7"/>',
    "turn": '<path d="M4 13a8 8 0 0 1 13.5-6.5L20.5 9M20.5 3.5V9H15"/>',
    "charge": '<rect x="2.5" y="7" width="16" height="10" rx="2"/><path d="M21.5 10.5v3M11.5 8.5l-3.5 4h4l-3 4"/>',
    "sun": '<circle cx="12" cy="12" r="4.5"/><path d="M12 2v3M12 19v3M2 12h3M19 12h3M5 5l2 2M17 17l2 2M19 5l-2 2M7 17l-2 2"/>',
    "print": '<path d="M7 8V3h10v5M7 17H3V8h18v9h-4"/><rect x="7" y="14" width="10" height="7"/>',
    "star": '<path d="M12 3l2.7 5.9 6.3.7-4.7 4.3 1.3 6.3L12 17l-5.6 3.2 1.3-6.3L3 9.6l6.3-.7z"/>',
    "smile": '<circle cx="12" cy="12" r="9"/><path d="M8 14a4.5 4.5 0 0 0 8 0M9 9v.5M15 9v.5"/>',
    "note": '<path d="M5 3h10l4 4v14H5zM8.5 11h7M8.5 15h7"/>',
    "eye": '<path d="M2 12c3-5 6.5-7 10-7s7 2 10 7c-3 5-6.5 7-10 7s-7-2-10-7z"/><circle cx="12" cy="12" r="3"/>',
}


class Canvas:
    """Collects the shapes of one drawing; ``t`` looks a label up in the language of the course."""

    def __init__(self, labels: dict[str, str]) -> None:
        self.labels = labels
        self.used: set[str] = set()
        self.shapes: list[str] = []

    def t(self, key: str) -> str:
        """The label ``key`` in the course's language; a missing one raises `KeyError`."""
        self.used.add(key)
        return self.labels[key]

    def svg(self, alt: str) -> str:
        """The finished file. The alternative text is its title, too, for whoever opens the file alone."""
        head = f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" width="{WIDTH}" height="{HEIGHT}" role="img">'
        ground = f'<rect width="{WIDTH}" height="{HEIGHT}" rx="12" fill="{GROUND}"/>'
        style = 'font-family="Arial, Helvetica, DejaVu Sans, sans-serif" stroke-linecap="round" stroke-linejoin="round"'
        return f"{head}<title>{escape(alt)}</title>{ground}<g {style}>{''.join(self.shapes)}</g></svg>\n"

    def add(self, shape: str) -> None:
        """A raw SVG shape."""
        self.shapes.append(shape)

    def rect(self, x: float, y: float, w: float, h: float, fill: str = PAPER, stroke: str = INK, r: float = 6, width: float = 2) -> None:
        """A box with round corners."""
        self.add(f'<rect x="{x}" y="{y}" width="{w}" height="{h}" rx="{r}" fill="{fill}" stroke="{stroke}" stroke-width="{width}"/>')

    def circle(self, x: float, y: float, r: float, fill: str = PAPER, stroke: str = INK, width: float = 2) -> None:
        """A circle."""
        self.add(f'<circle cx="{x}" cy="{y}" r="{r}" fill="{fill}" stroke="{stroke}" stroke-width="{width}"/>')

    def path(self, d: str, stroke: str = INK, fill: str = "none", width: float = 2.5, dash: str = "") -> None:
        """A free line."""
        dashes = f' stroke-dasharray="{dash}"' if dash else ""
        self.add(f'<path d="{d}" fill="{fill}" stroke="{stroke}" stroke-width="{width}"{dashes}/>')

    def text(self, x: float, y: float, s: str, size: float = 14, fill: str = INK, anchor: str = "start", bold: bool = False) -> None:
        """One line of text; ``y`` is its base line."""
        weight = ' font-weight="700"' if bold else ""
        self.add(f'<text x="{x}" y="{y}" font-size="{size}" fill="{fill}" text-anchor="{anchor}"{weight}>{escape(s)}</text>')

    def link(self, x: float, y: float, s: str, anchor: str = "start") -> None:
        """A link: coloured, bold and underlined."""
        self.add(
            f'<text x="{x}" y="{y}" font-size="14" font-weight="700" text-decoration="underline" fill="{ACCENT}" text-anchor="{anchor}">{escape(s)}</text>'
        )

    def lines(self, x: float, y: float, w: float, n: int, gap: float = 10) -> None:
        """Grey bars that stand for text nobody needs to read."""
        for i in range(n):
            length = w if i < n - 1 else w * 0.6
            self.path(f"M{x} {y + i * gap}h{length:g}", SOFT, width=4)

    def icon(self, name: str, x: float, y: float, size: float = 28, color: str = INK, fill: str = "none", off: bool = False) -> None:
        """An icon centred at (x, y); ``off`` strikes it through."""
        scale = size / 24
        strike = f'<path d="M3 3l18 18" stroke="{PAPER}" stroke-width="5"/><path d="M3 3l18 18"/>' if off else ""
        self.add(
            f'<g transform="translate({x - size / 2:g} {y - size / 2:g}) scale({scale:g})" fill="{fill}" stroke="{color}" '
            f'stroke-width="2">{ICONS[name]}{strike}</g>'
        )

    def button(self, x: float, y: float, label: str, kind: str = "plain", size: float = 14, w: float = 0) -> float:
        """A button from the left edge ``x``; returns its width. Kinds: plain, primary, danger."""
        width = w or round(len(label) * size * 0.57 + 22)
        fill = {"plain": PAPER, "primary": ACCENT, "danger": ALARM}[kind]
        self.rect(x, y, width, 28, fill, INK if kind == "plain" else fill, 7)
        self.text(x + width / 2, y + 19, label, size, INK if kind == "plain" else PAPER, "middle", kind != "plain")
        return width

    def round_button(self, x: float, y: float, name: str, on: bool = True, r: float = 20, fill: str = PAPER, color: str = INK) -> None:
        """A round button with an icon, struck through when off."""
        self.circle(x, y, r, fill)
        self.icon(name, x, y, r * 1.25, color, off=not on)

    def ring(self, x: float, y: float, r: float) -> None:
        """The yellow ring: look here."""
        self.add(f'<circle cx="{x}" cy="{y}" r="{r}" fill="none" stroke="{MARK}" stroke-width="5"/>')

    def frame(self, x: float, y: float, w: float, h: float) -> None:
        """The yellow frame: look here, for wide things."""
        self.add(f'<rect x="{x}" y="{y}" width="{w}" height="{h}" rx="10" fill="none" stroke="{MARK}" stroke-width="5"/>')

    def badge(self, x: float, y: float, n: int | str) -> None:
        """A number in a disc, for pictures whose parts the text explains."""
        self.circle(x, y, 12, INK, PAPER)
        self.text(x, y + 5, str(n), 14, PAPER, "middle", True)

    def pointer(self, x: float, y: float) -> None:
        """The mouse arrow with its tip at (x, y)."""
        self.path(f"M{x} {y}l0 26l6.500-6l4.500 10l5.500-2.500l-4.500-9.500h9z", PAPER, INK, 2)

    def arrow(self, x1: float, y1: float, x2: float, y2: float, color: str = ACCENT) -> None:
        """A straight arrow."""
        length = ((x2 - x1) ** 2 + (y2 - y1) ** 2) ** 0.5
        ux, uy = (x2 - x1) / length * 10, (y2 - y1) / length * 10
        self.path(f"M{x1:g} {y1:g}L{x2:g} {y2:g}", color, width=4)
        left = f"{x2 - ux - uy * 0.7:.1f} {y2 - uy + ux * 0.7:.1f}"
        right = f"{x2 - ux + uy * 0.7:.1f} {y2 - uy - ux * 0.7:.1f}"
        self.path(f"M{left}L{x2:g} {y2:g}L{right}", color, width=4)

    def bubble(self, x: float, y: float, w: float, h: float, tail_x: float, fill: str = PAPER) -> None:
        """A speech bubble whose tail points down at ``tail_x``."""
        self.rect(x, y, w, h, fill, INK, 10)
        self.path(f"M{tail_x} {y + h - 1}l-4 14l16-14", INK, fill, 2)
        self.path(f"M{tail_x + 1} {y + h}h10", fill, width=4)

    def person(self, x: float, y: float, s: float = 1.0, look: int = 0) -> None:
        """Head and shoulders; (x, y) is the middle of the head, ``look`` picks one of four people."""
        look %= 4
        shoulders = f"M{x - 30 * s:g} {y + 52 * s:g}c0-{30 * s:g} {12 * s:g}-{33 * s:g} {30 * s:g}-{33 * s:g}s{30 * s:g} {3 * s:g} {30 * s:g} {33 * s:g}z"
        self.path(shoulders, INK, SHIRTS[look], 2)
        self.circle(x, y, 17 * s, SKINS[look])
        hair = f"M{x - 17.5 * s:g} {y - 1 * s:g}a{17.5 * s:g} {17.5 * s:g} 0 0 1 {35 * s:g} 0c-{6 * s:g}-{9 * s:g}-{26 * s:g}-{11 * s:g}-{35 * s:g} 0z"
        self.path(hair, INK, HAIRS[look], 1.5)
        if look == 1:
            self.path(f"M{x - 17 * s:g} {y - 2 * s:g}c-{6 * s:g} {12 * s:g}-{3 * s:g} {20 * s:g} {2 * s:g} {22 * s:g}", HAIRS[1], width=4 * s)
            self.path(f"M{x + 17 * s:g} {y - 2 * s:g}c{6 * s:g} {12 * s:g} {3 * s:g} {20 * s:g}-{2 * s:g} {22 * s:g}", HAIRS[1], width=4 * s)
        for dx in (-6, 6):
            self.circle(x + dx * s, y + 1 * s, 1.6 * s, INK, INK, 0)
        self.path(f"M{x - 6 * s:g} {y + 8 * s:g}q{6 * s:g} {5 * s:g} {12 * s:g} 0", INK, width=1.8)

    def tile(self, x: float, y: float, w: float, h: float, look: int | None = 0, name: str = "") -> None:
        """One picture in the meeting; ``look`` None shows a camera that is off."""
        self.rect(x, y, w, h, WARM if look is not None else SOFT, INK, 6)
        if look is None:
            self.icon("cam", x + w / 2, y + h / 2 - 2, min(w, h) * 0.45, INK, off=True)
        else:
            s = h / 92
            clip = f"t{len(self.shapes)}"
            self.add(f'<clipPath id="{clip}"><rect x="{x + 1}" y="{y + 1}" width="{w - 2}" height="{h - 2}" rx="5"/></clipPath><g clip-path="url(#{clip})">')
            self.person(x + w / 2, y + h * 0.42, s, look)
            self.add("</g>")
        if name:
            self.text(x + 6, y + h - 6, name, 13, INK, bold=True)

    def window(self, x: float, y: float, w: float, h: float, title: str = "") -> None:
        """A program window with a title bar."""
        self.rect(x, y, w, h, PAPER, INK, 8)
        self.path(f"M{x} {y + 24}v-16a8 8 0 0 1 8-8h{w - 16}a8 8 0 0 1 8 8v16z", INK, SOFT, 2)
        self.text(x + 10, y + 17, title, 13, INK, bold=True)
        for i, name in enumerate(("cross",)):
            self.icon(name, x + w - 14 - i * 18, y + 12, 12)

    def browser(self, x: float, y: float, w: float, h: float, address: str = "") -> None:
        """A browser window: bar with round arrows and the address."""
        self.rect(x, y, w, h, PAPER, INK, 8)
        self.path(f"M{x} {y + 34}v-26a8 8 0 0 1 8-8h{w - 16}a8 8 0 0 1 8 8v26z", INK, SOFT, 2)
        self.icon("turn", x + 16, y + 17, 15)
        self.rect(x + 30, y + 6, w - 40, 22, PAPER, INK, 11, 1.5)
        self.icon("lock", x + 43, y + 16.5, 14)
        self.text(x + 55, y + 21.5, address, 13)

    def laptop(self, x: float, y: float, w: float, h: float) -> None:
        """A laptop; screen of ``w`` x ``h`` at (x, y)."""
        self.rect(x, y, w, h, PAPER, INK, 6, 3)
        self.path(f"M{x - 14} {y + h + 14}h{w + 28}l-10-14h-{w + 8}z", INK, SOFT, 2.5)

    def mobile(self, x: float, y: float, w: float, h: float) -> None:
        """A telephone or tablet."""
        self.rect(x, y, w, h, PAPER, INK, 10, 3)
        self.path(f"M{x + w / 2 - 8:g} {y + h - 8:g}h16", INK, width=3)

    def bar(self, x: float, y: float, w: float, names: tuple[str, ...], off: tuple[str, ...] = (), gap: float = 38) -> dict[str, float]:
        """The bar of a meeting with round buttons; returns the middle of each."""
        self.rect(x, y, w, 44, SOFT, INK, 10)
        start = x + w / 2 - gap * (len(names) - 1) / 2
        middles = {}
        for i, name in enumerate(names):
            middles[name] = start + i * gap
            red = name == "leave"
            self.round_button(middles[name], y + 22, name, name not in off, 16, ALARM if red else PAPER, PAPER if red else INK)
        return middles
