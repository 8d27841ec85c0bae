"""The stand-in keeps the contract of the platform seam, so that what the other tests see is what a platform does."""

from __future__ import annotations

from types import SimpleNamespace

import pytest
from completion.models import BlockCompletion
from completion.waffle import ENABLE_COMPLETION_TRACKING_SWITCH
from django.contrib.auth import get_user_model
from django.contrib.auth.models import Group
from edx_toggles.toggles.testutils import override_waffle_switch
from opaque_keys.edx.keys import CourseKey, UsageKey

from beratung_xblock import signals
from beratung_xblock.api import places
from beratung_xblock.compat import Preferences, StandInPlatform
from beratung_xblock.data.settings import validate_settings
from tests.integration import seam, world

pytestmark = pytest.mark.django_db(transaction=True)


class StandIn:
    """Deeds where nobody but us is: groups of Django, and the receivers called as the platform's signals call them."""

    platform = StandInPlatform()
    in_studio = True
    hides_blocks = False
    has_scores = False
    has_drafts = False

    def new_user(self, username=""):
        return world.user(username)

    def enrol(self, user, course_key):
        self.platform.grant(user, "enrolled", course_key)

    def unenrol(self, user, course_key):
        self.platform.withdraw(user, "enrolled", course_key)
        course = SimpleNamespace(course_key=course_key)
        signals.on_unenrolled(enrollment=SimpleNamespace(is_active=False, user=SimpleNamespace(id=user.pk), course=course))

    def _grant(self, role, course_key):
        """The word and where it counts: a course, or its organisation."""
        word = role.removeprefix("org_")
        return word, CourseKey.from_string(course_key).org if word != role else course_key

    def give(self, user, role, course_key):
        if role == "global_staff":
            get_user_model().objects.filter(pk=user.pk).update(is_staff=True)
        else:
            self.platform.grant(user, *self._grant(role, course_key))

    def take(self, user, role, course_key):
        if role == "global_staff":
            get_user_model().objects.filter(pk=user.pk).update(is_staff=False)
        else:
            self.platform.withdraw(user, *self._grant(role, course_key))

    def request(self, user, masquerade, course_key):
        looking = masquerade and masquerade != {"role": "staff"}
        return SimpleNamespace(user=user, session={"masquerade_settings": {course_key: masquerade}} if looking else {})

    def prefer(self, user, *, language, time_zone, full_name):
        user.first_name, _, user.last_name = full_name.partition(" ")
        user.save()
        return Preferences(full_name=full_name)  # accounts of Django have no language and no time zone

    def cohorts(self, course_key):
        prefix = f"cohort:{course_key}:"
        found = Group.objects.filter(name__startswith=prefix)
        return {group.name.removeprefix(prefix): set(group.user_set.values_list("pk", flat=True)) for group in found}

    def completion(self, user, usage_key):
        row = BlockCompletion.objects.filter(user=user, block_key=UsageKey.from_string(usage_key)).first()
        return row.completion if row else None

    def score(self, user, usage_key):
        return None

    def retire(self, user):
        signals.on_retired(sender=None, user=user)

    def publish_block(self, usage_key, **settings):
        places.snapshot(usage_key=usage_key, course_key=world.COURSE, settings=validate_settings(settings))

    def delete_block(self, usage_key, *, publish=True):
        signals.on_deleted(xblock_info=SimpleNamespace(usage_key=UsageKey.from_string(usage_key), block_type="beratung"))

    def delete_course(self, course_key):
        signals.on_course_deleted(course_key=course_key)


@pytest.mark.parametrize("check", seam.CHECKS, ids=lambda check: check.__name__)
def test_the_stand_in_keeps_the_contract(check):
    with override_waffle_switch(ENABLE_COMPLETION_TRACKING_SWITCH, active=True):
        seen = list(check(StandIn()))
    assert len(seen) > 0
    assert [what for what, holds in seen if not holds] == []
