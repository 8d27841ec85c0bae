"""What people type, without the characters nobody types: they break files, hide names and turn lines around.

Taken out are control characters, halves of surrogate pairs, code points that are no characters, and the signs that turn
the direction of a whole line. What scripts need stays: joiners of Persian and of emoji, marks of direction for one place.
"""

from __future__ import annotations

import re

_NEVER = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f"  # control characters, but for tab and line breaks
    "\u202a-\u202e\u2066-\u2069"  # embedding, override and isolation of direction
    "\ud800-\udfff\ufdd0-\ufdef\ufffe\uffff]"
)
_UNSEEN = re.compile("[\u00ad\u115f\u1160\u180e\u200b-\u200f\u2060-\u2064\u3164\ufe00-\ufe0f\ufeff\uffa0]")
_ZERO = re.compile("[\u200b\u2060\ufeff]")


def typed(text: str) -> str:
    """A field of a form as it came, but for what is in no text."""
    return _NEVER.sub("", text)


def lines(text: str) -> str:
    """A text of several lines: line breaks as \\n, nothing around it."""
    return _NEVER.sub("", text.replace("\r\n", "\n").replace("\r", "\n")).strip()


def one_line(text: str) -> str:
    """A name or a title: one line, single spaces; empty when nothing of it could be seen."""
    found = " ".join(_ZERO.sub("", _NEVER.sub("", text)).split())
    return found if _UNSEEN.sub("", found).strip() else ""
