"""What opening the page asks of the database: at most 15 queries of ours, also the first time, in every state of a round."""

import datetime as dt

import pytest
from django.core.cache import cache
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from beratung_xblock.api import signup
from beratung_xblock.api.desk import today
from beratung_xblock.models import Slot
from tests.blocks import journey, stage
from tests.integration import world

pytestmark = pytest.mark.django_db(transaction=True)
LIMIT = 15


def asked(user) -> int:
    """Queries on our tables when this person opens the page with nothing in the cache; the platform's own it pays anyway."""
    cache.clear()
    with CaptureQueriesContext(connection) as queries:
        assert "kb-root" in stage.show(user)
    return sum("beratung_xblock_" in each["sql"] for each in queries)


def test_every_state_of_a_round_stays_within_the_limit():
    world.place()
    desk = stage.enrol(world.user())
    lead = world.lead(desk)
    users = [stage.enrol(world.user()) for _ in range(6)]
    other = stage.enrol(world.user())
    seen = {"nothing yet": asked(users[1])}
    uid = world.open_round(lead)
    seen["open"] = asked(users[1])
    group = journey.published(uid, lead, users)
    for when, name in ((dt.timedelta(days=9), "assigned"), (dt.timedelta(minutes=10), "soon"), (dt.timedelta(minutes=-5), "now"), (dt.timedelta(days=-1), "over")):
        begin = timezone.now() + when
        Slot.objects.filter(pk=group.slot_id).update(starts_at=begin, ends_at=begin + dt.timedelta(hours=2))
        seen[name] = asked(users[0])
        seen[f"{name}, with a case"] = asked(users[1])
        seen[f"{name}, not signed up"] = asked(other)
        seen[f"{name}, desk"] = asked(desk)
    second = world.open_round(lead)
    world.sign_up(world.actor(users[1]), second)
    seen["two rounds"], seen["two rounds, desk"] = asked(users[1]), asked(desk)
    # Whoever waits for a call: guests without an account, one with a place to offer, and a volunteer who asks for it.
    third = world.open_round(lead, evenings=1, capacity=1)
    world.sign_up(world.actor(users[2]), third)
    for place, name in ((third, "Herr Ohnekonto"), (uid, "Frau Nachher")):
        answers = dict.fromkeys(journey.slots(place), "yes")
        signup.register_by_phone(actor=lead, round_uid=place, wishes={"display_name": name, "languages": ["de"], "answers": answers}, phone="02331 1")
    signup.cancel(actor=world.actor(users[2]), round_uid=third)
    assert stage.act(other, "ask_contact", {"phone": "02331 2"}).status_int == 200
    assert {"call_offer", "contact"} <= {need.kind for need in today(actor=lead)}
    seen["calls to make, desk"] = asked(desk)
    assert {name: count for name, count in seen.items() if count > LIMIT} == {}
    assert min(seen.values()) > 1
    assert max(seen.values()) > 8, "the count sees nothing"
