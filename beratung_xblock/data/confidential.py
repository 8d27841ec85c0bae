"""Confidential text that cannot show up by accident."""

from __future__ import annotations


class Confidential:
    """A text whose repr, str and format are masked; `reveal()` is the explicit way to it.

    Compares by content, is not hashable, cannot be pickled.
    """

    __hash__ = None
    __slots__ = ("_text",)

    def __init__(self, text: str):
        self._text = text

    def reveal(self) -> str:
        """The text itself."""
        return self._text

    def __bool__(self) -> bool:
        return bool(self._text)

    def __len__(self) -> int:
        return len(self._text)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Confidential) and other._text == self._text

    def __repr__(self) -> str:
        return "Confidential(***)"

    def __str__(self) -> str:
        return "***"

    def __format__(self, spec: str) -> str:
        return "***"

    def __reduce__(self):
        raise TypeError("confidential text is never pickled")
