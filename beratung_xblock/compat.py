"""The only file that imports Open edX platform code: lazily, behind one small interface with a stand-in.

`platform()` answers with the real platform where its packages exist, with the class named by the Django setting
`BERATUNG_PLATFORM` where a host sets one (demo, tests), and otherwise with `StandInPlatform`.
"""

from __future__ import annotations

import importlib.util
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from django.conf import settings
from django.contrib.auth import get_user_model
from django.contrib.auth.models import Group
from django.utils.module_loading import import_string
from opaque_keys.edx.keys import CourseKey, UsageKey


@dataclass(frozen=True)
class CourseRights:
    """Facts about a person in a course, as the platform knows them."""

    is_enrolled: bool = False
    is_staff: bool = False
    is_instructor: bool = False
    is_global_staff: bool = False


@dataclass(frozen=True)
class Preferences:
    """What the platform knows of a person's wishes; empty strings when unknown."""

    language: str = ""
    time_zone: str = ""
    full_name: str = ""


class StandInPlatform:
    """Answers from Django's own users and groups: `enrolled|staff|instructor:<course key>`, `staff|instructor:<organisation>`.

    Used where no Open edX platform is installed; a person without such a group is a stranger.
    """

    def group_name(self, word: str, course_key: str) -> str:
        """The name of the Django group that grants `word` in a course."""
        return f"{word}:{course_key}"[:150]

    def grant(self, user, word: str, course_key: str) -> None:
        """Give a user `enrolled`, `staff` or `instructor` in a course, the last two also in an organisation."""
        group, _ = Group.objects.get_or_create(name=self.group_name(word, course_key))
        user.groups.add(group)

    def withdraw(self, user, word: str, course_key: str) -> None:
        """Take it away again."""
        user.groups.remove(*Group.objects.filter(name=self.group_name(word, course_key)))

    def rights(self, user, course_key: str) -> CourseRights:
        """One query."""
        names = set(user.groups.values_list("name", flat=True))
        places = (course_key, CourseKey.from_string(course_key).org)
        is_instructor = any(self.group_name("instructor", place) in names for place in places)
        return CourseRights(
            is_enrolled=self.group_name("enrolled", course_key) in names,
            is_staff=is_instructor or any(self.group_name("staff", place) in names for place in places),
            is_instructor=is_instructor,
            is_global_staff=bool(user.is_staff),
        )

    def has_author_access(self, user, course_key: str) -> bool:
        """May this person write the course in Studio?"""
        rights = self.rights(user, course_key)
        return rights.is_staff or rights.is_global_staff

    def is_masquerading(self, request, course_key: str) -> bool:
        """The stand-in keeps masquerade in the session under the platform's key."""
        session = getattr(request, "session", None)
        return bool(session and str(course_key) in (session.get("masquerade_settings") or {}))

    def preferences(self, user) -> Preferences:
        """No preferences are stored here; the name is the account's."""
        return Preferences(full_name=user.get_full_name() or user.get_username())

    def may_load_block(self, user, usage_key: str) -> bool:
        """Start dates and visibility do not exist here."""
        return True

    def shows_draft(self, course_key: str) -> bool:
        """Whether blocks of the course are read as authors left them, not as learners have them: in Studio and in a preview."""
        return False

    def is_published(self, usage_key: str) -> bool:
        """Do learners have this block? Asked about blocks that somebody deleted; there is one state of a block here, so they have not."""
        return False

    def cohort_sync(self, course_key: str, name: str, user_ids: list[int]) -> None:
        """Make these people, and nobody else, members of a cohort; a person is in one cohort of a course at most.

        The stand-in keeps cohorts as Django groups `cohort:<course key>:<name>`. No cohort is made for nobody.
        """
        group_name = self.group_name("cohort", f"{course_key}:{name}")
        if not user_ids and not Group.objects.filter(name=group_name).exists():
            return
        cohort, _ = Group.objects.get_or_create(name=group_name)
        for other in Group.objects.filter(name__startswith=f"cohort:{course_key}:"):
            other.user_set.remove(*other.user_set.filter(pk__in=user_ids))
        cohort.user_set.set(user_ids)

    def publish_score(self, user, usage_key: str, earned: float, possible: float) -> None:
        """Grades do not exist here."""

    def jump_url(self, course_key: str, usage_key: str) -> str:
        """Where the page of a block is found; the host of the stand-in may override."""
        return f"/courses/{course_key}/jump_to/{usage_key}"


class OpenEdxPlatform(StandInPlatform):
    """The real thing. Every import is local, so that Studio, LMS and commands load only what they use."""

    def rights(self, user, course_key: str) -> CourseRights:
        """Roles of the course and of its organisation. Global staff have no role by that: it is a fact of its own, as on the stand-in."""
        from common.djangoapps.student.models import CourseEnrollment
        from common.djangoapps.student.roles import (
            CourseInstructorRole,
            CourseStaffRole,
            GlobalStaff,
            OrgInstructorRole,
            OrgStaffRole,
        )

        key = CourseKey.from_string(course_key)
        is_instructor = CourseInstructorRole(key).has_user(user) or OrgInstructorRole(key.org).has_user(user)
        return CourseRights(
            is_enrolled=bool(CourseEnrollment.is_enrolled(user, key)),
            is_staff=bool(is_instructor or CourseStaffRole(key).has_user(user) or OrgStaffRole(key.org).has_user(user)),
            is_instructor=bool(is_instructor),
            is_global_staff=bool(GlobalStaff().has_user(user)),
        )

    def has_author_access(self, user, course_key: str) -> bool:
        if settings.ROOT_URLCONF.startswith("lms."):
            return False  # the learning side offers every handler too, but its course content is read-only: saving there is an error 500
        key = CourseKey.from_string(course_key)
        try:  # From Verawood on a course may keep its team in openedx-authz, with roles the older function does not know.
            from openedx.core.djangoapps.authz.constants import LegacyAuthoringPermission
            from openedx.core.djangoapps.authz.decorators import user_has_course_permission
            from openedx_authz.constants.permissions import COURSES_EDIT_COURSE_CONTENT
        except ImportError:
            from common.djangoapps.student.auth import has_studio_write_access

            return bool(has_studio_write_access(user, key))
        return bool(user_has_course_permission(user, COURSES_EDIT_COURSE_CONTENT.identifier, key, LegacyAuthoringPermission.WRITE))

    def is_masquerading(self, request, course_key: str) -> bool:
        from lms.djangoapps.courseware.masquerade import MASQUERADE_SETTINGS_KEY

        session = getattr(request, "session", None)
        stored = (session.get(MASQUERADE_SETTINGS_KEY) if session else None) or {}
        masquerade = stored.get(CourseKey.from_string(course_key))
        if masquerade is None:
            return False
        return bool(getattr(masquerade, "user_name", None)) or getattr(masquerade, "role", "staff") != "staff"

    def preferences(self, user) -> Preferences:
        from openedx.core.djangoapps.user_api.models import UserPreference

        stored = dict(
            UserPreference.objects.filter(user=user, key__in=("pref-lang", "time_zone")).values_list("key", "value")
        )
        profile = getattr(user, "profile", None)
        return Preferences(
            language=stored.get("pref-lang", "") or "",
            time_zone=stored.get("time_zone", "") or "",
            full_name=getattr(profile, "name", "") or user.get_full_name() or user.get_username(),
        )

    def may_load_block(self, user, usage_key: str) -> bool:
        from lms.djangoapps.courseware.access import has_access
        from xmodule.modulestore.django import modulestore
        from xmodule.modulestore.exceptions import ItemNotFoundError

        key = UsageKey.from_string(usage_key)
        try:
            block = modulestore().get_item(key)
        except ItemNotFoundError:
            return False
        return bool(has_access(user, "load", block, key.course_key))

    def shows_draft(self, course_key: str) -> bool:
        from xmodule.modulestore import ModuleStoreEnum
        from xmodule.modulestore.django import modulestore

        return modulestore().get_branch_setting(CourseKey.from_string(course_key)) == ModuleStoreEnum.Branch.draft_preferred

    def is_published(self, usage_key: str) -> bool:
        from xmodule.modulestore import ModuleStoreEnum
        from xmodule.modulestore.django import modulestore

        key, store = UsageKey.from_string(usage_key), modulestore()
        with store.branch_setting(ModuleStoreEnum.Branch.published_only, key.course_key):
            return bool(store.has_item(key))

    def cohort_sync(self, course_key: str, name: str, user_ids: list[int]) -> None:
        from openedx.core.djangoapps.course_groups import cohorts
        from openedx.core.djangoapps.course_groups.models import CourseUserGroup

        # Never `get_cohort`: it puts people without a cohort into the default one.
        key = CourseKey.from_string(course_key)
        try:
            cohort = cohorts.get_cohort_by_name(key, name)
        except CourseUserGroup.DoesNotExist:
            if not user_ids:
                return
            cohort = cohorts.add_cohort(key, name, "manual")
        present = {user.pk: user for user in cohort.users.all()}
        for user in (user for pk, user in present.items() if pk not in user_ids):
            cohorts.remove_user_from_cohort(cohort, user.username)
        for user in get_user_model().objects.filter(pk__in=set(user_ids) - present.keys()):
            try:
                cohorts.add_user_to_cohort(cohort, user.username)
            except ValueError:
                continue  # somebody else was faster: already there

    def publish_score(self, user, usage_key: str, earned: float, possible: float) -> None:
        from lms.djangoapps.grades.signals.signals import SCORE_PUBLISHED
        from xmodule.modulestore.django import modulestore

        block = modulestore().get_item(UsageKey.from_string(usage_key))
        SCORE_PUBLISHED.send(
            sender=None, block=block, user=user, raw_earned=earned, raw_possible=possible, only_if_higher=False
        )


@lru_cache(maxsize=1)
def _has_platform() -> bool:
    try:
        return importlib.util.find_spec("common.djangoapps.student") is not None
    except ModuleNotFoundError:
        return False


def platform() -> Any:
    """The platform we live in; see the module's first lines."""
    named = getattr(settings, "BERATUNG_PLATFORM", "")
    if named:
        return import_string(named)()
    return OpenEdxPlatform() if _has_platform() else StandInPlatform()


def course_signals() -> dict[str, Any]:
    """The modulestore's `course_published` and `course_deleted`, sent in Studio only; empty outside the platform."""
    if not _has_platform():
        return {}
    from xmodule.modulestore.django import SignalHandler

    return {"course_published": SignalHandler.course_published, "course_deleted": SignalHandler.course_deleted}


def retirement_signals() -> list[Any]:
    """USER_RETIRE_LMS_MISC and ..._CRITICAL of the platform; empty outside."""
    if not _has_platform():
        return []
    try:
        from openedx.core.djangoapps.user_api.accounts import signals
    except (ImportError, RuntimeError):
        return []
    return [signals.USER_RETIRE_LMS_MISC, signals.USER_RETIRE_LMS_CRITICAL]


def events() -> dict[str, Any]:
    """The openedx-events we listen to, by name; empty where the package is absent."""
    try:
        from openedx_events.content_authoring import signals as authoring
        from openedx_events.learning import signals as learning
    except ImportError:
        return {}
    names = (
        (learning, "COURSE_UNENROLLMENT_COMPLETED"),
        (learning, "COURSE_ENROLLMENT_CHANGED"),
        (authoring, "XBLOCK_PUBLISHED"),
        (authoring, "XBLOCK_DELETED"),
    )
    return {name: getattr(module, name) for module, name in names if hasattr(module, name)}


def published_settings(usage_key: str, block_type: str) -> list[tuple[str, str, dict[str, Any]]]:
    """(usage key, course key, settings) of every block of a type at or below a published block; empty outside the platform.

    Only fields are read: a block taken straight from the modulestore carries the services of somebody else.
    """
    if not _has_platform():
        return []
    from xmodule.modulestore.django import modulestore
    from xmodule.modulestore.exceptions import ItemNotFoundError

    try:
        block = modulestore().get_item(UsageKey.from_string(usage_key))
    except ItemNotFoundError:
        return []
    found, queue = [], [block]
    while queue:
        block = queue.pop()
        queue += block.get_children() if getattr(block, "has_children", False) else []
        if block.scope_ids.block_type == block_type:
            key = block.scope_ids.usage_id
            found.append((str(key), str(key.course_key), block.settings_values()))
    return found
