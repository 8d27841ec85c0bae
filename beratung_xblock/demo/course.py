"""The demo course: its keys and its units. The same in every process and after every reset."""

from __future__ import annotations

from dataclasses import dataclass

from opaque_keys.edx.keys import CourseKey, UsageKey

COURSE_KEY = CourseKey.from_string("course-v1:Ehrenamt+KB1+2026")


@dataclass(frozen=True, kw_only=True)
class Unit:
    """One page of the course; it holds one block."""

    slug: str
    block_type: str
    text_key: str

    @property
    def usage_key(self) -> UsageKey:
        """``block-v1:Ehrenamt+KB1+2026+type@...+block@...``."""
        return COURSE_KEY.make_usage_key(self.block_type, self.slug)


UNITS = (
    Unit(slug="beratung", block_type="beratung", text_key="unit_beratung"),
    Unit(slug="practice", block_type="teams_practice", text_key="unit_practice"),
)
BERATUNG = UNITS[0]
PRACTICE = UNITS[1]


def unit_by_slug(slug: str) -> Unit | None:
    """The unit of that name, or None."""
    return next((unit for unit in UNITS if unit.slug == slug), None)


def unit_by_key(usage_key: UsageKey) -> Unit | None:
    """The unit that holds the block, or None."""
    return next((unit for unit in UNITS if unit.usage_key == usage_key), None)
