"""Many hands at once: eight connections write into one session, nothing is lost and nothing counts twice."""

from __future__ import annotations

import threading

import pytest
from django.core.cache import cache
from django.db import connection

from beratung_xblock.api import _session_store as store
from beratung_xblock.api import sessions
from beratung_xblock.models import Idea, Session, SessionEvent
from beratung_xblock.process import fold, from_dict
from tests.integration import session_world

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.mariadb]
NAMES = ("Anna", "Bernd", "Cem", "Dana", "Eva", "Farouk", "Gerd", "Hanna")


@pytest.fixture
def eight():
    cache.clear()
    return session_world.make(names=NAMES)


def at_once(*calls):
    """Run all calls at the same moment, each on its own connection; what they raised."""
    start, raised = threading.Barrier(len(calls)), []

    def run(call):
        try:
            start.wait()
            call()
        except Exception as error:
            raised.append(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=(call,)) for call in calls]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    return raised


def test_ideas_written_at_the_same_moment_all_arrive_once(eight):
    eight.to_ideas()
    writers = [name for name in NAMES if name != "Cem"]
    calls = [lambda who=who, n=n: eight.do(who, "add_idea", text=f"idee {NAMES.index(who)} {n}", key=f"{who}{n}") for who in writers for n in (1, 1, 2)]
    assert at_once(*calls) == []
    assert sorted(idea.text.reveal() for idea in eight.see("Anna").ideas) == sorted(f"idee {NAMES.index(who)} {n}" for who in writers for n in (1, 2))
    numbers = list(SessionEvent.objects.order_by("seq").values_list("seq", flat=True))
    assert numbers == list(range(1, len(numbers) + 1))
    assert Idea.objects.count() == 14


def test_of_two_who_take_over_at_the_same_moment_one_leads(eight):
    eight.do("Anna", "start")
    eight.do("Bernd", "join")
    eight.do("Anna", "leave")
    raised = at_once(lambda: eight.do("Bernd", "take_over"), lambda: eight.do("Bernd", "take_over"), lambda: eight.do("Dana", "take_over"))
    assert {error.reason for error in raised} <= {"moderator_is_here", "wait_for_skilled"}
    assert eight.see("Dana").state.moderator == eight.registrations["Bernd"].pk


def test_the_same_click_from_two_devices_moves_one_phase(eight):
    eight.do("Anna", "start")
    here = sessions.place_word(eight.see("Anna").state)
    assert at_once(*[lambda: eight.do("Anna", "next", place=here)] * 4) == []
    assert eight.see("Anna").state.phase_index == 1
    session = Session.objects.get()
    assert fold(from_dict(session.template), store.events_of(session)).phase_index == 1
