"""A case that leaves a running session in whatever way: nobody sees any of it with the next look, and the owner keeps what was collected."""

import pytest
from django.core.cache import cache
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from beratung_xblock.api import cases, erasure, results, rounds, sessions, signup, undertaking
from beratung_xblock.data.settings import PlaceSettings
from beratung_xblock.models import Case, Idea, Registration, Round, SessionCase, Slot
from tests.blocks import stage
from tests.integration import world
from tests.permissions import scene

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]


def giver(made):
    return world.actor(made.users["case_giver"])


def give_back(made):
    signup.cancel(actor=giver(made), round_uid=made.ids["round"], reason="krank")


def leave_course(made):
    erasure.leave_course(user_id=made.users["case_giver"].pk, course_key=world.COURSE)


def deactivate(made):
    made.users["case_giver"].is_active = False
    made.users["case_giver"].save()


WAYS = {
    "withdrawn": lambda made: cases.withdraw(actor=giver(made), case_uid=made.ids["case"]),
    "deleted": lambda made: cases.delete_case(actor=giver(made), case_uid=made.ids["case"]),
    "kept": lambda made: cases.keep_case(actor=giver(made), case_uid=made.ids["case"]),
    "place given back": give_back, "left the course": leave_course, "account deactivated": deactivate,
    "person erased": lambda made: erasure.erase_person(user_id=made.users["case_giver"].pk),
}


def looks(made, *roles):
    """A poll for each role that has just seen the text, twice: from the database and from the cache."""
    path = reverse("beratung:session_poll", kwargs={"usage_key": world.BLOCK, "session_uid": made.session_uid})
    clients = []
    cache.clear()
    for role in roles:
        client = Client()
        client.force_login(made.users[role])
        for _look in range(2):
            text = client.get(path).content.decode()
            assert {letter for letter, secret in scene.SECRETS.items() if secret in text} == set("TSKI")
        clients.append(client)
    return [lambda one=client: one.get(path) for client in clients]


@pytest.mark.parametrize("way", WAYS)
def test_what_belongs_to_the_case_is_gone_for_everybody_at_once(way):
    made = scene.build()
    polls = looks(made, "member", "moderator")
    WAYS[way](made)
    for poll in polls:
        answer = poll()
        assert answer.status_code == 200
        assert [letter for letter, secret in scene.SECRETS.items() if secret in answer.content.decode()] == []
    assert not SessionCase.objects.filter(closed_at__isnull=True).exists()
    assert not Case.objects.filter(state="submitted", owner=made.users["case_giver"]).exists()
    sessions.act(actor=world.actor(made.users["moderator"]), session_uid=made.session_uid, name="end", data={})
    assert not Idea.objects.filter(author__isnull=False).exists()


@pytest.mark.parametrize("way", ["withdrawn", "deleted", "kept"])
def test_the_ideas_collected_so_far_stay_with_the_owner_alone(way):
    made = scene.build()
    WAYS[way](made)
    sessions.act(actor=world.actor(made.users["moderator"]), session_uid=made.session_uid, name="end", data={})
    (mine,) = results.own_results(actor=giver(made), settings=PlaceSettings())
    assert [text.reveal() for text, _turned in mine.ideas] == [scene.SECRETS["I"]]
    assert mine.key_question.reveal() == scene.SECRETS["K"]
    for role in ("member", "moderator", "coordinator"):
        assert results.own_results(actor=world.actor(made.users[role]), settings=PlaceSettings()) == []
    results.save_takeaway(actor=giver(made), session_case_uid=mine.session_case_uid, text="Das nehme ich mit.")
    results.forget_ideas(actor=giver(made), session_case_uid=mine.session_case_uid)
    assert Idea.objects.count() == 0


def test_a_kept_case_is_the_owner_s_and_serves_in_the_next_round():
    made = scene.build()
    WAYS["kept"](made)
    assert scene.SECRETS["S"] in repr([case.text.situation.reveal() for case in cases.own_cases(actor=giver(made), settings=PlaceSettings())])
    Round.objects.update(state="finished")
    Slot.objects.update(starts_at=timezone.now() - timezone.timedelta(days=9), ends_at=timezone.now() - timezone.timedelta(days=8))
    lead = world.actor(made.users["coordinator"], is_coordinator=True)
    uid = world.open_round(lead)
    slots = {slot.uid: "yes" for slot in rounds.get_round(actor=giver(made), round_uid=uid).slots}
    signup.register(actor=giver(made), round_uid=uid, wishes={"display_name": "Cem", "answers": slots, "languages": ["de"]})
    page = scene.knock(made, "case_giver", "view student_view")[1]
    assert "use_kept_case" in page
    again = scene.knock(made, "case_giver", "act use_kept_case", {})
    assert again[0] == 200
    assert scene.SECRETS["S"] in again[1]
    (case,) = Case.objects.filter(owner=made.users["case_giver"])
    assert (case.state, case.staff_may_read, case.registration.round.uid) == ("draft", False, uid)


def test_a_new_version_is_asked_at_the_door_and_ends_no_session():
    made = scene.build()
    (poll,) = looks(made, "member")
    settings = {"undertaking_version": "2"}
    page = stage.show(made.users["member"], **settings)
    assert "data-kb-session" not in page
    assert not [letter for letter, secret in scene.SECRETS.items() if secret in page]
    cache.clear()
    assert poll().status_code == 200, "who sits in the session stays in it"
    undertaking.accept(actor=world.actor(made.users["member"]), version="2", confirmed=True)
    assert scene.SECRETS["S"] in stage.show(made.users["member"], **settings)
    assert Registration.objects.exists()
