"""The optional copy of groups in course cohorts: off by default, exact, and the same calls on the platform as on the stand-in."""

import sys
from types import ModuleType, SimpleNamespace

import pytest
from django.contrib.auth.models import Group as DjangoGroup

from beratung_xblock import compat, signals
from beratung_xblock.api import assignment, publishing, rounds, signup
from beratung_xblock.models import Group
from tests.integration import world

pytestmark = pytest.mark.django_db(transaction=True)


def cohorts():
    """Cohort name without the course -> names of its members, as the stand-in keeps them."""
    prefix = f"cohort:{world.COURSE}:"
    return {
        group.name.removeprefix(prefix): {user.pk for user in group.user_set.all()}
        for group in DjangoGroup.objects.filter(name__startswith=prefix)
    }


@pytest.fixture
def published(settings):
    """Six people, one group; copying as the test has set it."""

    def publish(*, copy):
        settings.BERATUNG_MIRROR_COHORTS = copy
        world.place()
        lead = world.lead()
        uid = world.open_round(lead)
        people = [world.actor(world.user()) for _ in range(6)]
        for number, person in enumerate(people):
            world.sign_up(person, uid, can_moderate=number < 2, brings_case=number == 3)
        publishing.publish(actor=lead, round_uid=uid, number=assignment.propose(actor=lead, round_uid=uid, number=0), accept=("no_case",), ends_signup=True)
        return lead, uid, people

    return publish


def test_nothing_is_copied_unless_somebody_switched_it_on(published):
    published(copy=False)
    assert Group.objects.count() == 1
    assert cohorts() == {}


def test_a_published_group_is_a_cohort_until_people_leave(published):
    lead, uid, people = published(copy=True)
    name = f"2. Quartal · 1 [{Group.objects.get().uid[:6]}]"
    ids = {person.user_id for person in people}
    assert cohorts() == {name: ids}
    signup.cancel(actor=people[0], round_uid=uid, reason="Krank")
    assert cohorts() == {name: ids - {people[0].user_id}}
    rounds.cancel_round(actor=lead, round_uid=uid)
    assert cohorts() == {name: set()}


def test_a_person_is_in_one_cohort_of_a_course(published):
    _lead, _uid, people = published(copy=True)
    old = next(iter(cohorts()))
    compat.StandInPlatform().cohort_sync(world.COURSE, "Other", [people[0].user_id])
    assert cohorts()["Other"] == {people[0].user_id}
    assert people[0].user_id not in cohorts()[old]


def test_a_platform_that_refuses_is_logged_and_stops_nobody(published, monkeypatch, caplog):
    monkeypatch.setattr(compat.StandInPlatform, "cohort_sync", lambda *args: 1 / 0)
    _lead, uid, _people = published(copy=True)
    assert Group.objects.get().state == "published"
    assert [record.getMessage() for record in caplog.records if "cohort" in record.getMessage()] == [
        f"a cohort of round {uid} was not copied: ZeroDivisionError"
    ]


class Cohort:
    """A cohort of a platform in memory."""

    def __init__(self, name):
        self.name, self.members = name, []
        self.users = SimpleNamespace(all=lambda: list(self.members))


@pytest.fixture
def platform(monkeypatch):
    """The names of course_groups that we call, kept in memory; `calls` says which were used."""
    known, calls = {}, []
    package = "openedx.core.djangoapps.course_groups"

    class Missing(Exception):
        pass

    def by_name(key, name):
        calls.append("get_cohort_by_name")
        if name not in known:
            raise Missing
        return known[name]

    def add(key, name, kind):
        calls.append(f"add_cohort {kind}")
        return known.setdefault(name, Cohort(name))

    def put(cohort, username):
        user = world.get_user_model().objects.get(username=username)
        if user in cohort.members:
            raise ValueError
        for other in known.values():
            if user in other.members:
                other.members.remove(user)
        cohort.members.append(user)

    def remove(cohort, username):
        cohort.members = [user for user in cohort.members if user.username != username]

    def trap(*args, **kwargs):
        raise AssertionError("get_cohort assigns people")

    for path, names in {
        "openedx": {}, "openedx.core": {}, "openedx.core.djangoapps": {}, package: {},
        f"{package}.cohorts": {
            "get_cohort_by_name": by_name, "add_cohort": add, "add_user_to_cohort": put, "remove_user_from_cohort": remove, "get_cohort": trap,
        },
        f"{package}.models": {"CourseUserGroup": SimpleNamespace(DoesNotExist=Missing)},
    }.items():
        module = ModuleType(path)
        module.__dict__.update(names)
        monkeypatch.setitem(sys.modules, path, module)
    sys.modules[package].cohorts = sys.modules[f"{package}.cohorts"]
    monkeypatch.setattr(compat, "platform", compat.OpenEdxPlatform)
    return SimpleNamespace(known=known, calls=calls)


def test_the_platform_s_cohorts_are_asked_for_the_same(published, platform, settings):
    # Publishing reads names through the stand-in's calls elsewhere; only the copying is under test here.
    people = [world.user() for _ in range(3)]
    real = compat.OpenEdxPlatform()
    real.cohort_sync(world.COURSE, "Nobody", [])
    assert platform.known == {}
    real.cohort_sync(world.COURSE, "One", [people[0].pk, people[1].pk])
    real.cohort_sync(world.COURSE, "Two", [people[1].pk, people[2].pk])
    real.cohort_sync(world.COURSE, "Two", [people[2].pk])
    real.cohort_sync(world.COURSE, "Two", [people[2].pk])
    assert {name: cohort.members for name, cohort in platform.known.items()} == {"One": [people[0]], "Two": [people[2]]}
    assert platform.calls.count("add_cohort manual") == 2


def test_a_round_that_is_gone_copies_nothing():
    signals.mirror_cohorts("0" * 32)
    assert cohorts() == {}
