"""What the two blocks promise the platform, and what they keep to on its learning side."""

import pytest
from django.test import override_settings

from beratung_xblock.beratung_block import BeratungXBlock
from beratung_xblock.compat import OpenEdxPlatform
from tests.blocks import stage
from tests.integration import world

pytestmark = pytest.mark.django_db


def test_the_mobile_apps_show_the_page_themselves():
    assert stage.block().has_support(BeratungXBlock.student_view, "multi_device")


@override_settings(ROOT_URLCONF="lms.urls", BERATUNG_PLATFORM="beratung_xblock.compat.OpenEdxPlatform")
def test_nobody_is_an_author_on_the_learning_side():
    """Its course content is read-only: the platform answers an attempt to store a setting with an error 500."""
    author = world.user("author")
    assert OpenEdxPlatform().has_author_access(author, world.COURSE) is False
