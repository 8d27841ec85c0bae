"""Template filter of the demo's frame."""

from django import template

register = template.Library()


@register.filter
def text(texts: dict[str, str], key: str) -> str:
    """The text of that key."""
    return texts[key]
