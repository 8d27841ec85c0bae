"""Tracking events: a closed, documented vocabulary; ids and counters; sent after the commit only."""

import re
from pathlib import Path

import pytest
from django.db import transaction
from eventtracking import tracker

from beratung_xblock.api._events import TRACKED, emit_after_commit
from tests.integration import world

ROOT = Path(__file__).parents[2]


class Ears:
    """Keeps what is emitted."""

    def __init__(self):
        self.heard = []

    def emit(self, name=None, data=None):
        self.heard.append((name, data))


@pytest.fixture
def ears(monkeypatch):
    found = Ears()
    monkeypatch.setitem(tracker.TRACKERS, "default", found)
    return found


@pytest.mark.django_db(transaction=True)
def test_a_sign_up_is_told_with_ids_only(ears):
    world.place()
    lead = world.lead()
    uid = world.open_round(lead)
    ears.heard.clear()
    view = world.sign_up(world.actor(world.user()), uid, display_name="Offenmarke")
    ours = [event for event in ears.heard if event[0].startswith("beratung.")]
    assert ours == [
        ("beratung.undertaking.accept", {"object_kind": "user", "object_id": "", "round_id": ""}),
        ("beratung.registration.create", {"object_kind": "registration", "object_id": view.uid, "round_id": uid}),
    ]


@pytest.mark.django_db(transaction=True)
def test_nothing_is_told_of_what_was_rolled_back(ears):
    with transaction.atomic():
        emit_after_commit("round.open", kind="round", uid="x", round_uid="x", detail={})
        transaction.set_rollback(True)
    assert ears.heard == []


def test_the_vocabulary_is_documented():
    text = (ROOT / "docs" / "operators" / "events.md").read_text(encoding="utf-8")
    assert set(re.findall(r"`beratung\.([a-z_.]+)`", text)) == set(TRACKED)
