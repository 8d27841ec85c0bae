"""Small helpers of our templates."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django import template

register = template.Library()


@register.filter
def get(mapping: Mapping[str, Any] | None, key: object) -> Any:
    """`mapping|get:key`: the value of a key that is itself a variable, '' when absent."""
    return (mapping or {}).get(key, "")
