"""A session at the door of the api: rows, texts, rights, the cache."""

from __future__ import annotations

import datetime as dt
import json

import pytest
from django.core.cache import cache
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils.translation import gettext, override

from beratung_xblock import access
from beratung_xblock.api import cases, session_cache, session_upkeep, sessions
from beratung_xblock.exceptions import Forbidden, Invalid, NotFound
from beratung_xblock.models import (
    AuditEntry,
    Case,
    CaseDot,
    Idea,
    Membership,
    Session,
    SessionCase,
    SessionEvent,
)
from beratung_xblock.pages import session as page
from beratung_xblock.pages import session_words as words
from beratung_xblock.process import Role, Status
from tests.integration import session_world, world

pytestmark = pytest.mark.django_db(transaction=True)
QUESTION, IDEA = "Fragemarke-31: Wie sage ich es?", "Ideenmarke-17: ruhig bleiben"


@pytest.fixture(autouse=True)
def empty_cache():
    cache.clear()
    yield
    cache.clear()


@pytest.fixture
def six():
    return session_world.make()


def refused(function, *args, **kwargs):
    with pytest.raises(sessions.SessionRefused) as caught:
        function(*args, **kwargs)
    return caught.value.reason


def test_the_planned_moderator_leads_and_everybody_sees_the_same_clock(six):
    assert refused(six.do, "Bernd", "start") == "not_the_moderator"
    six.do("Anna", "start")
    anna, farouk = six.see("Anna"), six.see("Farouk")
    assert (anna.state.status, anna.moderates, farouk.moderates) == (Status.RUNNING, True, False)
    assert anna.state.running_since == farouk.state.running_since
    assert Session.objects.get().state == "running"
    assert [need.name for need in anna.needs] == ["Farouk"]
    assert farouk.needs == ()


def test_strangers_guests_of_other_groups_and_masquerade_find_nothing(six):
    other = session_world.make(number=2)
    for stranger in (world.actor(world.user()), other.actors["Anna"], world.actor()):
        with pytest.raises(NotFound):
            sessions.see(actor=stranger, session_uid=six.session.uid)
    masked = world.actor(None, is_masquerading=True)
    with pytest.raises(Forbidden):
        sessions.act(actor=masked, session_uid=six.session.uid, name="start", data={})
    with pytest.raises(NotFound):
        six.do("Anna", "add_member")
    with pytest.raises(NotFound):
        six.do("Anna", "nonsense")


def test_the_case_text_is_the_groups_only_between_opening_and_the_end(six):
    six.do("Anna", "start")
    six.do("Cem", "offer_case", case=six.case_uid)
    with pytest.raises(NotFound):
        six.do("Anna", "offer_case", case="0" * 32)
    six.do("Anna", "choose_case", case=six.case_uid)
    assert six.see("Bernd").case_text is None
    assert refused(six.do, "Cem", "open_case") == "conflict_not_asked"
    six.do("Anna", "ask_conflict")
    six.do("Farouk", "knows_them")
    six.do("Cem", "open_case")
    assert six.see("Bernd").case_text.situation.reveal() == session_world.SITUATION
    assert six.see("Farouk").case_text is None
    assert six.see("Anna").conflicts == ("Farouk",)
    assert six.see("Bernd").conflicts == ()
    assert AuditEntry.objects.filter(action="case.read", actor_id=six.actors["Bernd"].user_id).count() == 1
    six.do("Anna", "end")
    row = SessionCase.objects.get()
    assert row.closed_at is not None
    with pytest.raises(NotFound):
        access.case_open_in_session(six.actors["Bernd"], access.seat(six.actors["Bernd"], six.session.uid), six.case_uid)


def test_key_question_and_ideas_are_sealed_and_no_text_reaches_events_or_audit(six):
    six.to_ideas()
    six.do("Cem", "set_question", text=QUESTION)
    six.do("Bernd", "add_idea", text=IDEA, key="k1")
    six.do("Bernd", "add_idea", text=IDEA, key="k1")
    view = six.see("Dana")
    assert view.question.reveal() == QUESTION
    assert [idea.text.reveal() for idea in view.ideas] == [IDEA]
    assert view.ideas[0].is_mine is False
    assert six.see("Bernd").ideas[0].is_mine is True
    stored = json.dumps([
        list(SessionEvent.objects.values_list("payload", flat=True)),
        list(AuditEntry.objects.values_list("detail", flat=True)),
        list(Idea.objects.values_list("text_sealed", flat=True)),
        list(SessionCase.objects.values_list("key_question_sealed", flat=True)),
    ])
    for marker in ("Fragemarke", "Ideenmarke", "Titelmarke"):
        assert marker not in stored


@pytest.mark.parametrize(("text", "why"), [("", "required"), ("x" * 501, "long")])
def test_a_wrong_idea_is_refused_at_its_field(six, text, why):
    six.to_ideas()
    with pytest.raises(Invalid) as caught:
        six.do("Bernd", "add_idea", text=text)
    assert caught.value.errors == {"text": why}


def test_editing_merging_and_taking_back(six):
    six.to_ideas()
    for who, text in (("Bernd", "eins"), ("Dana", "zwei"), ("Farouk", "drei")):
        six.do(who, "add_idea", text=text)
    one, two, three = (idea.uid for idea in six.see("Eva").ideas)
    six.do("Bernd", "edit_idea", idea=one, text="eins neu")
    assert refused(six.do, "Dana", "edit_idea", idea=one, text="fremd") == "not_allowed"
    six.do("Eva", "merge_idea", idea=two, into=one)
    six.do("Farouk", "remove_idea", idea=three)
    seen = six.see("Cem").ideas
    assert [(idea.text.reveal(), [text.reveal() for _, text in idea.merged]) for idea in seen] == [("eins neu", ["zwei"])]
    assert Idea.objects.get(row_uid=two).merged_into.row_uid == one
    six.do("Eva", "split_idea", idea=two)
    assert len(six.see("Cem").ideas) == 2


def test_after_the_end_nobody_can_tell_who_said_what(six):
    six.to_ideas()
    six.do("Bernd", "add_idea", text=IDEA)
    six.do("Anna", "end")
    idea = Idea.objects.get()
    assert idea.author is None
    event = SessionEvent.objects.get(kind="idea_added")
    assert (event.registration, "by" in event.payload) == (None, False)
    assert Case.objects.get().state == "consulted"
    assert refused(six.do, "Anna", "next") == "over"


def test_the_same_steering_click_sent_twice_counts_once(six):
    six.do("Anna", "start")
    here = sessions.place_word(six.see("Anna").state)
    six.do("Anna", "next", place=here)
    six.do("Anna", "next", place=here)
    assert six.see("Anna").state.phase_index == 1


def test_dots_are_counted_and_nobody_knows_whose(six):
    six.do("Anna", "start")
    six.do("Cem", "offer_case", case=six.case_uid)
    six.do("Dana", "offer_case", urgency="1")
    told = next(case for case in six.see("Anna").state.offers if case != six.case_uid)
    for who in ("Eva", "Farouk"):
        six.do(who, "place_dot", case=told)
    six.do("Eva", "place_dot", case=six.case_uid)
    assert six.see("Eva").dots == {told: 2, six.case_uid: 1}
    assert sorted(six.see("Eva").my_dots) == sorted((told, six.case_uid))
    six.do("Eva", "place_dot", case=six.case_uid)
    assert six.see("Eva").dots == {told: 2}
    assert {field.name for field in CaseDot._meta.fields} == {"id", "session", "voter_hash", "number", "case_uid"}
    assert CaseDot.objects.values("voter_hash").distinct().count() == 2
    assert not SessionEvent.objects.filter(kind="dots_changed").exclude(registration=None).exists()
    six.do("Anna", "pick_case", procedure="dots")
    assert six.see("Anna").state.current.case == told
    six.do("Anna", "end")
    assert not CaseDot.objects.exists()


def test_who_cancels_is_out_at_once_and_their_running_case_closes(six):
    six.do("Anna", "start")
    six.do("Cem", "offer_case", case=six.case_uid)
    six.do("Anna", "choose_case", case=six.case_uid)
    six.do("Anna", "ask_conflict")
    six.do("Cem", "open_case")
    Membership.objects.filter(registration=six.registrations["Cem"]).update(left_at=six.see("Anna").now)
    session_cache.people_changed(six.session.uid)
    with pytest.raises(NotFound):
        six.see("Cem")
    assert six.see("Bernd").case_text is None
    six.do("Anna", "extend", minutes="1")
    assert SessionCase.objects.get().closed_at is not None


def test_two_people_cannot_both_take_over(six):
    six.do("Anna", "start")
    six.do("Anna", "leave")
    six.do("Bernd", "take_over")
    assert refused(six.do, "Dana", "take_over") == "moderator_is_here"
    assert six.see("Dana").state.moderator == six.registrations["Bernd"].pk


def test_a_group_without_a_case_practises_with_an_invented_one(six):
    six.do("Anna", "start")
    with pytest.raises(sessions.SessionRefused, match="not_the_moderator"):
        six.do("Bernd", "choose_case", case="none", sample="f01")
    with pytest.raises(sessions.SessionRefused, match="unknown_value"):
        six.do("Anna", "choose_case", case="none", sample="f99")
    six.do("Anna", "choose_case", case="none", sample="f01")
    for who in six.actors:
        html = page.regions(six.see(who), uid="kb")["case"]
        assert "Messages until late at night" in html
        assert "For eight months I have been supporting a family" in html
    assert six.see("Dana").state.role_of(six.registrations["Cem"].pk).value == "adviser"
    row = SessionCase.objects.get()
    assert (row.case, row.giver) == (None, None)
    assert not AuditEntry.objects.filter(action="case.read").exists()
    six.do("Anna", "next")
    six.do("Anna", "next")
    six.do("Anna", "give_role", role="note_taker", person=six.uid("Eva"))
    six.do("Eva", "set_question", text="Wie sage ich Nein?")
    assert six.see("Anna").state.current.question_confirmed  # nobody is there who could confirm it
    for _ in range(4):
        six.do("Anna", "next")
    assert six.see("Anna").state.status.value == "between"


def test_a_facilitator_who_is_no_member_leads(six):
    chief = world.user("chief")
    six.group.facilitator = chief
    six.group.save()
    six.actors["Chief"] = world.promise(world.actor(chief, is_coordinator=True))
    six.do("Chief", "join")
    six.do("Anna", "hand_over", person=f"f{chief.pk}")
    six.do("Chief", "start")
    assert six.see("Chief").moderates


def test_seeing_costs_the_same_for_one_idea_and_for_many(six):
    six.to_ideas()
    six.do("Bernd", "add_idea", text="eins")
    six.see("Dana")
    six.do("Bernd", "add_idea", text="zwei")
    with CaptureQueriesContext(connection) as few:
        six.see("Dana")
    for number in range(12):
        six.do("Bernd", "add_idea", text=f"Idee {number}")
    with CaptureQueriesContext(connection) as many:
        six.see("Dana")
    with CaptureQueriesContext(connection) as again:
        six.see("Eva")
        six.see("Dana")
    six.see("Eva")
    with CaptureQueriesContext(connection) as known:
        six.see("Eva")
    assert len(known) == 2  # may this person come in; the rest has been read by somebody of the group
    assert len(again) <= 6  # Eva's first look notes that she is here and asks whether she promised
    assert len(few) == len(many) <= 8


def test_an_overdue_session_is_ended(six):
    six.to_ideas()
    six.do("Bernd", "add_idea", text=IDEA)
    assert session_upkeep.end_overdue() == 0
    assert session_upkeep.end_overdue(now=six.see("Anna").now + dt.timedelta(hours=9)) == 1
    assert Session.objects.get().state == "ended"
    assert Idea.objects.get().author is None


def test_a_case_withdrawn_outside_the_session_leaves_it_at_once(six):
    six.do("Anna", "start")
    six.do("Cem", "offer_case", case=six.case_uid)
    six.do("Anna", "choose_case", case=six.case_uid)
    six.do("Anna", "ask_conflict")
    six.do("Cem", "open_case")
    assert six.see("Bernd").case_text is not None
    cases.withdraw(actor=six.actors["Cem"], case_uid=six.case_uid)
    assert six.see("Bernd").case_text is None
    assert six.see("Anna").state.current is None


@pytest.mark.parametrize("language", ["de", "uk", "ru", "ar", "tr", "fr", "fa"])
def test_what_is_announced_is_in_the_reader_s_language(six, language):
    six.to_ideas()
    with override(language):
        said = [page.moment(six.see(name))["announce"] for name in ("Anna", "Cem")]
        expected = [words.ROLES[Role.MODERATOR], gettext("You are listening.")]
        assert [str(part) in sentence for part, sentence in zip(expected, said, strict=True)] == [True, True]
    assert not [sentence for sentence in said if "Your role" in sentence or "You are" in sentence]


def test_the_case_giver_finds_the_question_of_the_case_and_nobody_else_does(six):
    six.to_the_question()
    assert six.see("Cem").own_question.reveal() == session_world.CASE_QUESTION
    assert {six.see(name).own_question for name in six.actors if name != "Cem"} == {None}
    assert session_world.CASE_QUESTION in page.regions(six.see("Cem"), uid="u")["work"]
    assert session_world.CASE_QUESTION not in json.dumps({name: page.regions(six.see(name), uid="u") for name in six.actors if name != "Cem"})
    six.do("Cem", "set_question", text=QUESTION)
    assert six.see("Cem").own_question is None


def test_a_name_in_an_idea_is_asked_about_once(six):
    six.to_ideas()
    with pytest.raises(Invalid) as caught:
        six.do("Eva", "add_idea", text="Ruf doch Frau Schröder an", key="k1")
    assert caught.value.errors == {"text": "name"}
    six.do("Eva", "add_idea", text="Ruf doch Frau Schröder an", key="k1", declared="1")
    assert Idea.objects.count() == 1
