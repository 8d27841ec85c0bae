"""Redis is gone: pages, sign-up, sessions and the periodic run go on; nothing old is shown when it is back."""

import pytest
from django.test import Client
from django.urls import reverse

from beratung_xblock import kept
from beratung_xblock.api import periodic, rounds, signup
from beratung_xblock.compat import platform
from beratung_xblock.models import Idea
from tests.blocks import stage
from tests.integration import session_world, world
from tests.integration.cache_away import CacheAway

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def cache(settings):
    settings.CACHES = {"default": {"BACKEND": "tests.integration.cache_away.CacheAway", "LOCATION": "away"}}
    kept.cache.clear()
    yield kept.cache
    CacheAway.away = False
    kept.cache.clear()


class Browser:
    def __init__(self, six, who):
        user = six.registrations[who].user
        platform().grant(user, "enrolled", world.COURSE)
        self.client, self.session, self.etag = Client(), six.session.uid, ""
        self.client.force_login(user)

    def url(self, name):
        return reverse(f"beratung:{name}", kwargs={"usage_key": world.BLOCK, "session_uid": self.session})

    def poll(self):
        answer = self.client.get(self.url("session_poll"), **({"HTTP_IF_NONE_MATCH": self.etag} if self.etag else {}))
        if answer.status_code == 200:
            self.etag = answer.get("ETag", "")
        return answer

    def act(self, name, **data):
        return self.client.post(self.url("session_act"), {"act": name, **data})


@pytest.fixture
def two():
    six = session_world.make()
    six.to_ideas()
    return Browser(six, "Bernd"), Browser(six, "Dana")


def test_people_sign_up_and_see_their_page():
    world.place()
    lead = world.lead()
    uid = world.open_round(lead)
    user = stage.enrol(world.user())
    CacheAway.away = True
    assert world.sign_up(world.actor(user), uid).state == "registered"
    assert rounds.get_round(actor=lead, round_uid=uid).registered == 1
    assert "You are signed up" in stage.show(user)
    signup.cancel(actor=world.actor(user), round_uid=uid)
    assert rounds.get_round(actor=lead, round_uid=uid).registered == 0


def test_a_session_goes_on(two):
    bernd, dana = two
    dana.poll()
    CacheAway.away = True
    assert bernd.act("add_idea", text="Zuerst anrufen", key="a1").status_code == 200
    for _ in range(2):
        seen = dana.poll()
        assert seen.status_code == 200
        assert "Zuerst anrufen" in seen.content.decode()
    assert Idea.objects.count() == 1


def test_what_changed_meanwhile_is_seen_when_the_cache_is_back(two):
    """The cache comes back with what it held: a page that shows the old state must not be told "nothing new"."""
    bernd, dana = two
    for _ in range(3):
        dana.poll()
    assert dana.poll().status_code == 304
    CacheAway.away = True
    assert bernd.act("add_idea", text="Zuerst anrufen", key="a1").status_code == 200
    CacheAway.away = False
    seen = dana.poll()
    assert seen.status_code == 200
    assert "Zuerst anrufen" in seen.content.decode()


def test_the_periodic_run_goes_on_and_makes_up_for_what_the_platform_could_not_do():
    """The platform keeps its switches in the cache, that of completion too: completion waits for the cache."""
    world.place()
    CacheAway.away = True
    report = periodic.run()
    assert report.failed == {"completions_checked": "ConnectionError"}
    assert "rows_purged" in report.counts
    CacheAway.away = False
    report = periodic.run()
    assert report.failed == {}
    assert "completions_checked" in report.counts


def test_counting_up_what_is_not_there_is_still_told(cache):
    with pytest.raises(ValueError, match="nothing"):
        cache.incr("nothing")
    cache.set("number", 4, 60)
    assert cache.incr("number") == 5
    CacheAway.away = True
    assert (cache.get("number", 7), cache.get_many(["number"]), cache.add("x", 1, 60)) == (7, {}, True)
    cache.delete("number")
    CacheAway.away = False
    assert cache.get("number") is None
