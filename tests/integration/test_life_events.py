"""Life around us: people leave, accounts go, blocks and courses are deleted. Each event and its effect."""

from types import SimpleNamespace

import pytest
from django.test import Client
from django.urls import reverse
from opaque_keys.edx.keys import UsageKey

from beratung_xblock import access, signals
from beratung_xblock.api import cases, places, rounds
from beratung_xblock.compat import StandInPlatform, platform
from beratung_xblock.exceptions import NotFound
from beratung_xblock.models import AuditEntry, Case, Coordinator, Place, Registration, Round
from tests.integration import session_world, world

pytestmark = pytest.mark.django_db(transaction=True)
OTHER_COURSE = "course-v1:Diakonie+Other+2027"


def enrolment(person, *, is_active=False, course=world.COURSE):
    return SimpleNamespace(
        is_active=is_active, user=SimpleNamespace(id=person.user_id), course=SimpleNamespace(course_key=course)
    )


@pytest.fixture
def two():
    world.place()
    uid = world.open_round(world.lead(), capacity=1)
    first, second = world.actor(world.user()), world.actor(world.user())
    world.sign_up(first, uid)
    world.sign_up(second, uid)
    cases.submit(actor=first, round_uid=uid, case=world.CASE, boundaries=world.NO_BOUNDARY)
    return uid, first, second


def states():
    return list(Registration.objects.order_by("pk").values_list("state", flat=True))


def test_unenrolment_frees_the_place_and_takes_the_case_back(two):
    _uid, first, _second = two
    signals.on_unenrolled(enrollment=enrolment(first, is_active=True))
    signals.on_unenrolled(enrollment=enrolment(first, course=OTHER_COURSE))
    assert states() == ["registered", "waiting"]
    signals.on_unenrolled(enrollment=enrolment(first))
    assert states() == ["cancelled", "offered"]
    assert Case.objects.get().state == "withdrawn"


def test_a_deactivated_account_leaves(two):
    _uid, first, _second = two
    user = world.get_user_model().objects.get(pk=first.user_id)
    user.save()
    assert states() == ["registered", "waiting"]
    user.is_active = False
    user.save()
    assert states() == ["cancelled", "offered"]


def test_retirement_erases_and_may_come_twice(two):
    _uid, first, _second = two
    user = world.get_user_model().objects.get(pk=first.user_id)
    signals.on_retired(sender=None, user=user)
    signals.on_retired(sender=None, user=user)
    assert Case.objects.count() == 0
    assert not Registration.objects.filter(user=user).exists()
    assert not AuditEntry.objects.filter(actor_id=user.pk).exists()


def test_a_deleted_block_answers_not_found_and_comes_back_when_published_again(two):
    uid, first, _second = two
    info = SimpleNamespace(usage_key=UsageKey.from_string(world.BLOCK), block_type="beratung")
    signals.on_deleted(xblock_info=info)
    with pytest.raises(NotFound):
        rounds.get_round(actor=first, round_uid=uid)
    world.place()
    assert rounds.get_round(actor=first, round_uid=uid).registered == 1


def test_a_block_deleted_in_the_draft_stays_open_until_that_is_published(two, monkeypatch):
    learners_have = {world.BLOCK}
    monkeypatch.setattr(StandInPlatform, "is_published", lambda self, key: key in learners_have)
    signals.on_deleted(xblock_info=SimpleNamespace(usage_key=UsageKey.from_string(world.BLOCK), block_type="beratung"))
    signals.on_course_published(course_key=world.COURSE)
    assert Place.objects.get().is_active
    learners_have.clear()
    signals.on_course_published(course_key=OTHER_COURSE)
    assert Place.objects.get().is_active
    signals.on_course_published(course_key=world.COURSE)
    assert not Place.objects.get().is_active


def test_a_block_that_left_with_its_unit_ends_everybodys_way_into_its_sessions_at_once():
    answers = poll_before_and_after(lambda: signals.on_course_published(course_key=world.COURSE))
    assert answers == [200, 304, 404]


def test_a_deleted_block_of_another_kind_concerns_nobody(two):
    info = SimpleNamespace(usage_key=UsageKey.from_string(world.BLOCK), block_type="html")
    signals.on_deleted(xblock_info=info)
    assert Place.objects.get().is_active


def test_a_deleted_course_takes_its_places_and_coordinators(two):
    signals.on_course_deleted(course_key=world.COURSE)
    assert not Place.objects.filter(is_active=True).exists()
    assert not Coordinator.objects.exists()


def poll_before_and_after(event):
    """The status of the session's poll for a member: at first, while nothing changes, and after the event."""
    six = session_world.make()
    browser = Client()
    person = six.registrations["Bernd"].user
    platform().grant(person, "enrolled", world.COURSE)
    browser.force_login(person)
    address = reverse("beratung:session_poll", kwargs={"usage_key": world.BLOCK, "session_uid": six.session.uid})
    six.do("Anna", "join")
    browser.get(address)
    first = browser.get(address)
    quiet = browser.get(address, HTTP_IF_NONE_MATCH=first["ETag"])
    event()
    return [first.status_code, quiet.status_code, browser.get(address, HTTP_IF_NONE_MATCH=first["ETag"]).status_code]


def test_a_deleted_course_ends_everybodys_way_into_its_sessions_at_once():
    assert poll_before_and_after(lambda: signals.on_course_deleted(course_key=world.COURSE)) == [200, 304, 404]


def test_publishing_renews_the_snapshot_and_leaves_running_rounds_alone(two, monkeypatch):
    uid, first, _second = two
    values = {"group_max": 5, "hotline": "+49 30 23125 100"}
    monkeypatch.setattr(
        signals.compat, "published_settings", lambda key, kind: [(world.BLOCK, world.COURSE, values)]
    )
    signals.on_published(xblock_info=SimpleNamespace(usage_key=world.BLOCK))
    assert places.settings_of(usage_key=world.BLOCK).hotline == "+49 30 23125 100"
    round_ = Round.objects.select_related("place").get(uid=uid)
    assert rounds.rules_of(round_).group_max == 8
    assert access.round_(first, uid).pk == round_.pk


def test_a_duplicated_or_copied_block_is_a_place_of_its_own_without_rounds(two):
    copy = world.BLOCK.replace("block@round", "block@copy")
    places.snapshot(usage_key=copy, course_key=world.COURSE, settings=places.settings_of(usage_key=world.BLOCK))
    assert Round.objects.filter(place__usage_key=copy).count() == 0
    assert Round.objects.filter(place__usage_key=world.BLOCK).count() == 1


def test_a_rerun_has_no_rounds(two):
    rerun = world.BLOCK.replace("+2027+", "+2028+")
    places.snapshot(
        usage_key=rerun, course_key="course-v1:Diakonie+KB+2028", settings=places.settings_of(usage_key=world.BLOCK)
    )
    assert Round.objects.filter(place__usage_key=rerun).count() == 0


def test_errors_in_receivers_are_logged_by_kind_and_stop_nobody(two, caplog):
    signals.on_deleted(xblock_info=None)
    assert [record.getMessage() for record in caplog.records] == ["on_deleted failed: AttributeError"]
