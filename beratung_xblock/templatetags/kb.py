"""Small helpers of our templates."""

from __future__ import annotations

from collections.abc import Mapping
from html import escape
from typing import Any

from django import template
from django.utils.safestring import SafeString

from beratung_xblock import __version__

register = template.Library()


@register.filter
def get(mapping: Mapping[str, Any] | None, key: object) -> Any:
    """`mapping|get:key`: the value of a key that is itself a variable, '' when absent."""
    return (mapping or {}).get(key, "")


@register.filter
def kb_when(moment, language: str = "de") -> str:
    """A moment in words, in the zone of the rounds."""
    from beratung_xblock.times import short_day

    return short_day(moment, "Europe/Berlin", language)


@register.filter
def kb_list(items) -> str:
    """Several things in one line, with the comma of the reader's language."""
    from beratung_xblock.pages.words import listed

    return listed(str(item) for item in items)


@register.simple_tag
def kb_targets(targets, group_word: str, breaks_word: str) -> SafeString:
    """The groups a person can be moved to, as options, in one go: a page of a big board has thousands, half of the cost of drawing it."""
    word, breaks = escape(group_word), escape(breaks_word)
    return SafeString("".join(
        f'<option value="{escape(to.id)}">{word} {to.number:d}</option>' if to.fits
        else f'<option value="{escape(to.id)}" data-kb-fits="no">{word} {to.number:d} ({breaks})</option>'
        for to in targets
    ))  # fmt: skip


@register.simple_tag
def kb_version() -> str:
    """Name and version of this package, for the foot of pages that authors and coordinators see."""
    return f"beratung-xblock {__version__}"
