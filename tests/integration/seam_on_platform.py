"""The contract of the platform seam against a running Open edX: for people who have one at hand, with a scratch database.

Run it with the platform's Python and this repository on the path, once for each side:

    SERVICE_VARIANT=lms DJANGO_SETTINGS_MODULE=lms.envs.production PYTHONPATH=/path/to/this/repository python -m tests.integration.seam_on_platform
    SERVICE_VARIANT=cms DJANGO_SETTINGS_MODULE=cms.envs.production PYTHONPATH=/path/to/this/repository python -m tests.integration.seam_on_platform

It makes two courses of its own and accounts `seam...`, prints every check, and ends with 1 when one does not hold. It leaves the accounts behind.
"""

from __future__ import annotations

import contextlib
import datetime as dt
import itertools
import sys
import time
from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any

import django

_numbers = itertools.count(1)
RUN = f"{int(time.time())}"
LONG_AGO = dt.datetime(2020, 1, 1, tzinfo=dt.UTC)  # a new course starts in years by default


class OpenEdx:
    """Deeds as the platform does them: its own models, its modulestore, its signals."""

    hides_blocks = True
    has_scores = True
    has_drafts = True

    def __init__(self) -> None:
        from django.conf import settings

        from beratung_xblock.compat import OpenEdxPlatform, platform

        self.platform = platform()
        assert isinstance(self.platform, OpenEdxPlatform), "this is no Open edX platform"
        self.in_studio = settings.ROOT_URLCONF.startswith("cms.")
        self.creator: Any = None

    def new_user(self, username: str = "") -> Any:
        from common.djangoapps.student.models import UserProfile
        from django.contrib.auth import get_user_model

        name = f"seam{RUN}-{next(_numbers)}{username}"
        user = get_user_model().objects.create_user(username=name[:30], email=f"{name}@example.org", password="x")
        UserProfile.objects.create(user=user)
        return user

    @contextlib.contextmanager
    def _writing(self) -> Iterator[Any]:
        """The modulestore as Studio uses it; the learning side would write what is published only."""
        from xmodule.modulestore import ModuleStoreEnum
        from xmodule.modulestore.django import modulestore

        store = modulestore()
        with store.branch_setting(ModuleStoreEnum.Branch.draft_preferred):
            yield store

    def make_courses(self, *keys: str) -> None:
        """Courses with a published unit that holds one block of ours."""
        from opaque_keys.edx.keys import CourseKey
        from xmodule.modulestore import ModuleStoreEnum

        self.creator = self.new_user()
        for key in map(CourseKey.from_string, keys):
            self._make_course(key, ModuleStoreEnum.Type.split)

    def _make_course(self, key: Any, kind_of_store: str) -> None:
        with self._writing() as store:
            if store.has_course(key):
                store.delete_course(key, self.creator.pk)
            with store.default_store(kind_of_store):
                course = store.create_course(key.org, key.course, key.run, self.creator.pk, fields={"display_name": "Seam", "start": LONG_AGO})
            parent = course
            for kind in ("chapter", "sequential", "vertical"):
                parent = store.create_child(self.creator.pk, parent.location, kind, block_id=f"seam_{kind}")
            store.create_child(self.creator.pk, parent.location, "beratung", block_id="round")
            store.publish(key.make_usage_key("chapter", "seam_chapter"), self.creator.pk)

    def enrol(self, user: Any, course_key: str) -> None:
        from common.djangoapps.student.models import CourseEnrollment
        from opaque_keys.edx.keys import CourseKey

        CourseEnrollment.enroll(user, CourseKey.from_string(course_key))

    def unenrol(self, user: Any, course_key: str) -> None:
        from common.djangoapps.student.models import CourseEnrollment
        from opaque_keys.edx.keys import CourseKey

        CourseEnrollment.unenroll(user, CourseKey.from_string(course_key))

    def _role(self, role: str, course_key: str) -> Any:
        from common.djangoapps.student import roles
        from opaque_keys.edx.keys import CourseKey

        key = CourseKey.from_string(course_key)
        return {
            "staff": lambda: roles.CourseStaffRole(key), "instructor": lambda: roles.CourseInstructorRole(key),
            "org_staff": lambda: roles.OrgStaffRole(key.org), "org_instructor": lambda: roles.OrgInstructorRole(key.org),
            "global_staff": roles.GlobalStaff,
        }[role]()  # fmt: skip

    def give(self, user: Any, role: str, course_key: str) -> None:
        self._role(role, course_key).add_users(user)

    def take(self, user: Any, role: str, course_key: str) -> None:
        self._role(role, course_key).remove_users(user)

    def request(self, user: Any, masquerade: dict[str, str] | None, course_key: str) -> Any:
        from opaque_keys.edx.keys import CourseKey

        if masquerade is None:
            return SimpleNamespace(user=user, session={})
        from lms.djangoapps.courseware.masquerade import MASQUERADE_SETTINGS_KEY, CourseMasquerade

        key = CourseKey.from_string(course_key)
        masquerade = {name: int(value) if name.endswith("_id") else value for name, value in masquerade.items()}
        return SimpleNamespace(user=user, session={MASQUERADE_SETTINGS_KEY: {key: CourseMasquerade(key, **masquerade)}})

    def prefer(self, user: Any, *, language: str, time_zone: str, full_name: str) -> Any:
        from openedx.core.djangoapps.user_api.models import UserPreference

        from beratung_xblock.compat import Preferences

        for key, value in (("pref-lang", language), ("time_zone", time_zone)):
            UserPreference.objects.update_or_create(user=user, key=key, defaults={"value": value})
        user.profile.name = full_name
        user.profile.save()
        return Preferences(language=language, time_zone=time_zone, full_name=full_name)

    def _unit(self, usage_key: str) -> Any:
        from opaque_keys.edx.keys import UsageKey

        return UsageKey.from_string(usage_key).course_key.make_usage_key("vertical", "seam_vertical")

    def _set(self, usage_key: str, **fields: Any) -> None:
        """As an author does it in Studio: change, save, publish."""
        from opaque_keys.edx.keys import UsageKey

        key, unit = UsageKey.from_string(usage_key), self._unit(usage_key)
        with self._writing() as store:
            if not store.has_item(unit):
                store.create_child(self.creator.pk, key.course_key.make_usage_key("sequential", "seam_sequential"), "vertical", block_id=unit.block_id)
            if not store.has_item(key):
                store.create_child(self.creator.pk, unit, "beratung", block_id=key.block_id)
            block = store.get_item(key)
            for name, value in fields.items():
                setattr(block, name, value)
            store.update_item(block, self.creator.pk)
            store.publish(unit, self.creator.pk)

    def hide(self, usage_key: str) -> None:
        self._set(usage_key, visible_to_staff_only=True)

    def show(self, usage_key: str) -> None:
        self._set(usage_key, visible_to_staff_only=False)

    def publish_block(self, usage_key: str, **settings: Any) -> None:
        self._set(usage_key, **settings)

    def delete_block(self, usage_key: str, *, publish: bool = True) -> None:
        """As an author does it in Studio; the modulestore sends the events."""
        from opaque_keys.edx.keys import UsageKey

        with self._writing() as store:
            store.delete_item(UsageKey.from_string(usage_key), self.creator.pk)
            if publish:
                store.publish(self._unit(usage_key), self.creator.pk)

    def unpublish_unit(self, usage_key: str) -> None:
        with self._writing() as store:
            store.unpublish(self._unit(usage_key), self.creator.pk)

    def delete_unit(self, usage_key: str) -> None:
        with self._writing() as store:
            store.delete_item(self._unit(usage_key), self.creator.pk)

    def in_a_preview(self) -> contextlib.AbstractContextManager[Any]:
        return self._writing()

    def cohorts(self, course_key: str) -> dict[str, set[int]]:
        from opaque_keys.edx.keys import CourseKey
        from openedx.core.djangoapps.course_groups.models import CourseUserGroup

        groups = CourseUserGroup.objects.filter(course_id=CourseKey.from_string(course_key), group_type=CourseUserGroup.COHORT)
        return {group.name: set(group.users.values_list("pk", flat=True)) for group in groups}

    def completion(self, user: Any, usage_key: str) -> float | None:
        from completion.models import BlockCompletion
        from opaque_keys.edx.keys import UsageKey

        row = BlockCompletion.objects.filter(user=user, block_key=UsageKey.from_string(usage_key)).first()
        return row.completion if row else None

    def score(self, user: Any, usage_key: str) -> tuple[float, float] | None:
        from lms.djangoapps.courseware.models import StudentModule
        from opaque_keys.edx.keys import UsageKey

        row = StudentModule.objects.filter(student=user, module_state_key=UsageKey.from_string(usage_key)).first()
        return (row.grade, row.max_grade) if row else None

    def retire(self, user: Any) -> None:
        """As the platform's retirement driver does it: both endpoints of the LMS. Studio has none, and a second time there are the signals."""
        from openedx.core.djangoapps.user_api.accounts.signals import USER_RETIRE_LMS_CRITICAL, USER_RETIRE_LMS_MISC
        from openedx.core.djangoapps.user_api.models import UserRetirementStatus

        if not self.in_studio and not UserRetirementStatus.objects.filter(user=user).exists():
            self._retire_by_the_endpoints(user)
            return
        USER_RETIRE_LMS_MISC.send(sender=self.__class__, user=user)
        USER_RETIRE_LMS_CRITICAL.send(sender=self.__class__, user=user)

    def _retire_by_the_endpoints(self, user: Any) -> None:
        from openedx.core.djangoapps.user_api.accounts.views import AccountRetirementView, LMSAccountRetirementView
        from openedx.core.djangoapps.user_api.models import RetirementState, UserRetirementStatus
        from rest_framework.test import APIRequestFactory, force_authenticate

        for order, (state, end) in enumerate((("PENDING", True), ("RETIRING_LMS", False))):
            RetirementState.objects.get_or_create(state_name=state, defaults={"state_execution_order": order * 10, "required": end, "is_dead_end_state": False})
        status = UserRetirementStatus.create_retirement(user)
        status.current_state = RetirementState.objects.get(state_name="RETIRING_LMS")
        status.save()
        driver = self.new_user()
        driver.is_superuser = True
        driver.save()
        for view in (LMSAccountRetirementView, AccountRetirementView):
            request = APIRequestFactory().post("/", {"username": status.original_username}, format="json")
            force_authenticate(request, driver)
            answer = view.as_view({"post": "post"})(request)
            assert answer.status_code == 204, f"{view.__name__}: {answer.status_code} {answer.data}"

    def delete_course(self, course_key: str) -> None:
        """The modulestore sends the signal by itself."""
        from opaque_keys.edx.keys import CourseKey
        from xmodule.modulestore.django import modulestore

        modulestore().delete_course(CourseKey.from_string(course_key), self.creator.pk)


def main() -> int:
    """Every check of the contract; 1 when one does not hold."""
    django.setup()
    from tests.integration import seam

    host = OpenEdx()
    host.make_courses(seam.COURSE, seam.OTHER_COURSE, seam.SISTER_COURSE)
    failed = total = 0
    for check in seam.CHECKS:
        for what, holds in check(host):
            total += 1
            failed += not holds
            sys.stdout.write(f"{'ok  ' if holds else 'FAIL'} {check.__name__}: {what}\n")
    sys.stdout.write(f"{total - failed} of {total} hold in {'Studio' if host.in_studio else 'the LMS'}\n")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
