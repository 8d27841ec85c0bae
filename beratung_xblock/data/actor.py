"""Who is asking. Built in one place (`actors.py`), passed to every `api` call."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class Actor:
    """One person at one place (a block in a course) at the moment of a request.

    Rights are facts about the platform, not permissions to content: `is_course_staff` and `is_global_staff` open no
    confidential row. Any masquerade makes the actor read-only and blind to confidential content.
    """

    user_id: int | None
    usage_key: str
    course_key: str
    is_enrolled: bool = False
    is_course_staff: bool = False
    is_instructor: bool = False
    is_global_staff: bool = False
    is_author: bool = False
    is_masquerading: bool = False
    is_coordinator: bool = False
    regions: tuple[str, ...] = ()
    """Regions a coordinator is limited to; empty means all."""
    language: str = "de"
    time_zone: str = "Europe/Berlin"
    full_name: str = ""

    @property
    def is_anonymous(self) -> bool:
        """True when nobody is logged in."""
        return self.user_id is None

    @property
    def may_take_part(self) -> bool:
        """True for an enrolled person (or coordinator) acting as themselves."""
        return self.user_id is not None and not self.is_masquerading and (self.is_enrolled or self.is_coordinator)

    @property
    def may_lead(self) -> bool:
        """True for a coordinator acting as themselves."""
        return self.user_id is not None and not self.is_masquerading and self.is_coordinator

    @property
    def role_word(self) -> str:
        """The word written to the audit log: volunteer, coordinator, staff, masquerade or anonymous."""
        if self.user_id is None:
            return "anonymous"
        if self.is_masquerading:
            return "masquerade"
        if self.is_coordinator:
            return "coordinator"
        return "staff" if self.is_course_staff or self.is_global_staff else "volunteer"


def system_actor(*, usage_key: str = "", course_key: str = "") -> Actor:
    """The actor of commands and periodic work: no user, coordinator rights, no confidential content of its own."""
    return Actor(user_id=None, usage_key=usage_key, course_key=course_key)
