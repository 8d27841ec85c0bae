"""Pages: what a person sees, and what their clicks do. Builds the actor, calls `api`, renders templates.

`student_page`, `author_page`, `studio_page` answer a `Page`; `act` and `save_settings` answer an `Answer`. Actions
register themselves by name with `action`; the permission table of the tests walks this registry.
"""

from beratung_xblock.pages._dispatch import ACTIONS, Answer, Click, Page, act, action
from beratung_xblock.pages.entry import author_page, public_page, save_settings, student_page, studio_page

from beratung_xblock.pages import certificates, desk, volunteer_after, volunteer_case, volunteer_signup  # isort: skip  (register their actions)

__all__ = [
    "ACTIONS", "Answer", "Click", "Page", "act", "action", "author_page", "certificates", "desk", "public_page", "save_settings",
    "student_page", "studio_page", "volunteer_after", "volunteer_case", "volunteer_signup",
]
