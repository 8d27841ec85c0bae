"""Our openedx-events: who connects hears ids and counters after the commit; the event bus can carry and configure them."""

import os
import subprocess
import sys
from pathlib import Path

import attr
import pytest
from django.db import transaction
from opaque_keys.edx.keys import CourseKey, UsageKey
from openedx_events.event_bus.avro.deserializer import AvroSignalDeserializer
from openedx_events.event_bus.avro.serializer import AvroSignalSerializer

from beratung_xblock import events
from beratung_xblock.api import assignment, publishing, rounds, session_desk, signup
from beratung_xblock.api._events import TRACKED, emit_after_commit
from beratung_xblock.models import Group, Place
from tests.integration import world

ROOT = Path(__file__).parents[2]
ABOUT = events.RoundData(CourseKey.from_string(world.COURSE), UsageKey.from_string(world.BLOCK), "r" * 32)
EXAMPLES = {
    "round.open": ABOUT,
    "round.cancel": ABOUT,
    "round.publish": events.PublishedGroupsData(ABOUT, 2, 11),
    "registration.create": events.RegistrationData(ABOUT, "p" * 32),
    "registration.cancel": events.RegistrationData(ABOUT, "p" * 32),
    "session.end": events.SessionData(ABOUT, "s" * 32),
    "attendance.record": events.AttendanceData(ABOUT, "g" * 32, 6),
}


@pytest.fixture
def heard():
    """(action, data) of everything that is sent."""
    found, receivers = [], []
    for action, signal in events.SIGNALS.items():

        def receive(*, signal, metadata, action=action, **data):
            (name,) = signal.init_data
            found.append((action, data[name]))

        receivers.append(receive)
        signal.connect(receive)
    yield found
    for signal, receive in zip(events.SIGNALS.values(), receivers, strict=True):
        signal.disconnect(receive)


@pytest.mark.django_db(transaction=True)
def test_a_round_is_told_with_ids_and_counters(heard):
    world.place()
    lead = world.lead()
    uid = world.open_round(lead)
    about = attr.evolve(ABOUT, round_id=uid)
    people = [world.actor(world.user()) for _ in range(7)]
    views = [world.sign_up(person, uid, can_moderate=n < 2, brings_case=n == 3) for n, person in enumerate(people)]
    signup.cancel(actor=people[6], round_uid=uid)
    number = assignment.propose(actor=lead, round_uid=uid, number=0)
    publishing.publish(actor=lead, round_uid=uid, number=number, accept=("no_case",), ends_signup=True)
    group = Group.objects.select_related("session").get()
    session_desk.end(actor=lead, group_uid=group.uid)
    rounds.cancel_round(actor=lead, round_uid=uid)
    assert heard == [
        ("round.open", about),
        *(("registration.create", events.RegistrationData(about, view.uid)) for view in views),
        ("registration.cancel", events.RegistrationData(about, views[6].uid)),
        ("round.publish", events.PublishedGroupsData(about, 1, 6)),
        ("session.end", events.SessionData(about, group.session.uid)),
        ("round.cancel", about),
    ]


@pytest.mark.django_db(transaction=True)
def test_attendance_is_told_by_number(heard):
    world.place()
    emitted = {"kind": "group", "uid": "g" * 32, "round_uid": "r" * 32, "place_id": Place.objects.get().pk}
    with transaction.atomic():
        emit_after_commit("attendance.record", detail={"people": 6, "word": "text"}, **emitted)
        assert heard == []
    assert heard == [("attendance.record", EXAMPLES["attendance.record"])]


@pytest.mark.django_db(transaction=True)
def test_nothing_is_told_or_asked_of_the_database_when_nobody_listens(django_assert_num_queries):
    with django_assert_num_queries(0):
        emit_after_commit("round.open", kind="round", uid="r", round_uid="r", place_id=1, detail={})


@pytest.mark.django_db(transaction=True)
def test_a_receiver_that_fails_stops_nobody(heard):
    def fail(**kwargs):
        raise ZeroDivisionError

    events.ROUND_OPENED.connect(fail)
    try:
        world.place()
        world.open_round(world.lead())
    finally:
        events.ROUND_OPENED.disconnect(fail)
    assert [action for action, _data in heard] == ["round.open"]


def test_each_event_has_a_type_of_its_own_and_belongs_to_a_tracked_action():
    types = [signal.event_type for signal in events.SIGNALS.values()]
    assert len(set(types)) == len(types) == len(EXAMPLES)
    assert all(name.startswith("org.openedx.beratung.") and name.endswith(".v1") for name in types)
    assert events.SIGNALS.keys() <= TRACKED


@pytest.mark.parametrize("action", EXAMPLES)
def test_the_event_bus_can_carry_it(action):
    signal = events.SIGNALS[action]
    (name,) = signal.init_data
    packed = AvroSignalSerializer(signal).to_dict({name: EXAMPLES[action]})
    assert AvroSignalDeserializer(signal).from_dict(packed) == {name: EXAMPLES[action]}


def test_the_event_bus_can_be_told_to_carry_it():
    script = (
        "import django; django.setup()\n"
        "from beratung_xblock import events\n"
        "print(events.ROUND_PUBLISHED.has_listeners(), events.ROUND_OPENED.has_listeners())"
    )
    settings = (
        "from tests.settings import *\n"
        "INSTALLED_APPS = ['openedx_events', *INSTALLED_APPS]\n"
        "EVENT_BUS_PRODUCER_CONFIG = {'org.openedx.beratung.round.published.v1': "
        "{'beratung': {'event_key_field': 'published.round.round_id', 'enabled': True}}}\n"
    )
    code = f"import sys, types\nmodule = types.ModuleType('bus'); exec({settings!r}, module.__dict__); sys.modules['bus'] = module\n{script}"
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=False,
        env={**os.environ, "DJANGO_SETTINGS_MODULE": "bus", "PYTHONPATH": str(ROOT)},
    )
    assert done.stdout.split() == ["True", "False"], done.stderr


def test_a_host_without_openedx_events_tells_nothing():
    code = (
        "import sys; sys.modules['openedx_events'] = None; sys.modules['openedx_events.tooling'] = None\n"
        "from beratung_xblock import events; print(events.SIGNALS, events.is_heard('round.open'))"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.stdout.strip() == "{} False", done.stderr


def test_every_public_event_is_documented():
    text = (ROOT / "docs" / "operators" / "events.md").read_text(encoding="utf-8")
    assert [signal.event_type for signal in events.SIGNALS.values() if f"`{signal.event_type}`" not in text] == []
    assert text.count("`org.openedx.beratung.") == len(events.SIGNALS)
