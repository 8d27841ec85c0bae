"""What the two blocks promise the platform, and what they keep to on its learning side."""

import pytest
from django.test import override_settings

from beratung_xblock.beratung_block import BeratungXBlock
from beratung_xblock.compat import OpenEdxPlatform, StandInPlatform
from beratung_xblock.models import InterestNote, Place
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


@pytest.fixture
def in_a_preview(monkeypatch):
    """Blocks are read as their author left them."""
    monkeypatch.setattr(StandInPlatform, "shows_draft", lambda self, course_key: True)


def test_a_preview_shows_the_draft_and_stores_nothing_of_it(in_a_preview, monkeypatch):
    reader = stage.enrol(world.user())
    world.place(hotline="02331 1")
    before = Place.objects.values().get()
    assert "02331 2" in stage.show(reader, hotline="02331 2")
    assert stage.act(reader, "tell_me", hotline="02331 2").status_int == 200
    assert Place.objects.values().get() == before
    monkeypatch.undo()
    assert "02331 2" in stage.show(reader, hotline="02331 2")
    assert Place.objects.get().settings["hotline"] == "02331 2"


@pytest.mark.parametrize("withdrawn", [False, True])
def test_a_preview_of_what_learners_do_not_have_says_so_and_opens_nothing(in_a_preview, withdrawn):
    reader = stage.enrol(world.user())
    if withdrawn:
        world.place()
        Place.objects.update(is_active=False)
    assert "This page is not published yet" in stage.show(reader)
    assert stage.act(reader, "tell_me").status_int == 404
    assert not Place.objects.filter(is_active=True).exists()
    assert not InterestNote.objects.exists()
