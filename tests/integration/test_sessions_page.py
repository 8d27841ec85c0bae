"""The companion's page: the way in for who has not promised yet, dots, people without a page, a case giver who is away."""

from __future__ import annotations

import dataclasses

import crum
import pytest
from django.core.cache import cache
from django.db import connection
from django.test import RequestFactory
from django.test.utils import CaptureQueriesContext
from django.utils import translation

from beratung_xblock.api import session_cache
from beratung_xblock.models import CaseDot, UndertakingAcceptance
from beratung_xblock.pages import session as page
from beratung_xblock.process import Text
from tests.blocks import stage
from tests.integration import session_world
from tests.integration.test_sessions_live import SESSIONS_IN_CACHE, Browser, ours, settle

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def english():
    cache.clear()
    with SESSIONS_IN_CACHE, translation.override("en"):
        yield
    cache.clear()


@pytest.fixture
def six():
    return session_world.make()


def shown(six, who, region):
    """One region of a person's companion."""
    return page.regions(six.see(who), uid="kb-x")[region]


def only(six, monkeypatch, *online):
    """Only these people's pages are there."""
    made = {six.registrations[who].pk for who in online}
    monkeypatch.setattr(session_cache.Glance, "online", lambda self: tuple(sorted(made)))


def test_who_has_not_promised_reads_the_undertaking_first_and_is_then_inside(six):
    dana = six.registrations["Dana"].user
    UndertakingAcceptance.objects.filter(user=dana).delete()
    browser = Browser(six, "Dana")
    refused = browser.poll()
    assert (refused.status_code, refused.json()["code"]) == (403, "undertaking_needed")
    assert browser.act("join").json()["code"] == "undertaking_needed"
    request = RequestFactory().get("/")
    request.user, request.session = dana, {}
    crum.set_current_request(request)
    before = stage.show(dana)
    assert "data-kb-session" not in before
    assert "What I hear in the peer consultation stays there." in before
    answer = stage.act(dana, "accept_undertaking", {"version": "1", "accept": "yes"})
    assert "data-kb-session" in answer.text
    settle(browser)
    with CaptureQueriesContext(connection) as queries:
        assert browser.poll().status_code == 304
    assert ours(queries) == []


def test_a_button_says_whether_it_gives_a_dot_or_takes_it_back(six):
    six.do("Anna", "start")
    six.session.group.round.rules = {**six.session.group.round.rules, "case_selection": "dots"}
    six.session.group.round.save()
    six.do("Cem", "offer_case", case=six.case_uid)
    six.do("Dana", "offer_case", urgency="1")
    told = next(case for case in six.see("Anna").state.offers if case != six.case_uid)
    six.do("Eva", "place_dot", case=told)
    mine = shown(six, "Eva", "work")
    assert mine.count("Take my dot back") == 1
    assert mine.count("Give a dot") == 1
    assert "You have 1 dot left." in mine
    assert "Take my dot back" not in shown(six, "Farouk", "work")
    six.do("Eva", "place_dot", case=six.case_uid)
    six.do("Dana", "withdraw_case", case=told)
    assert "You have 1 dot left." in shown(six, "Eva", "work")  # the dot on what was taken back is free again
    six.do("Farouk", "offer_case", urgency="2")
    third = next(case for case in six.see("Anna").state.offers if case != six.case_uid)
    six.do("Eva", "place_dot", case=third)
    assert sorted(six.see("Eva").my_dots) == sorted((third, six.case_uid))
    assert CaseDot.objects.count() == 2


def test_a_moderator_whose_own_case_is_drawn_has_named_who_moderates_then(six):
    six.do("Anna", "start")
    six.session.group.round.rules = {**six.session.group.round.rules, "case_selection": "draw"}
    six.session.group.round.save()
    six.do("Anna", "offer_case", urgency="2")
    assert f'<option value="{six.uid("Bernd")}" dir="auto">' in shown(six, "Anna", "work").partition('data-kb-act="pick_case"')[2]
    six.do("Anna", "pick_case", procedure="draw", moderator=six.uid("Bernd"))
    assert six.see("Bernd").moderates
    assert six.see("Anna").state.current.giver == six.registrations["Anna"].pk


def test_the_moderator_reads_aloud_to_who_has_no_page(six, monkeypatch):
    six.to_ideas()
    for who in ("Bernd", "Farouk"):
        six.do("Anna", "mark_present", person=six.uid(who))
    only(six, monkeypatch, "Anna", "Cem", "Dana", "Eva")
    aloud = shown(six, "Anna", "now")
    assert "Please read aloud to them:" in aloud
    assert "<bdi>Bernd</bdi>, <bdi>Farouk</bdi> (Peer adviser): <q>Give one contribution at a time. Not too fast.</q>" in aloud
    assert "read aloud" not in shown(six, "Dana", "now")
    only(six, monkeypatch, *session_world.NAMES)
    assert "read aloud to them" not in shown(six, "Anna", "now")


def test_a_case_giver_whose_page_is_away_is_told_to_the_moderator_with_the_way_on(six, monkeypatch):
    six.to_ideas()
    only(six, monkeypatch, "Anna", "Bernd", "Dana", "Eva")
    steer = shown(six, "Anna", "steer")
    assert "Cem brings the case and is not on the page right now." in steer
    assert steer.count('data-kb-act="drop_case"') == 1
    assert "is not on the page right now" not in shown(six, "Dana", "steer")
    only(six, monkeypatch, *session_world.NAMES)
    steer = shown(six, "Anna", "steer")
    assert "is not on the page right now" not in steer
    assert steer.count('data-kb-act="drop_case"') == 1


@pytest.mark.parametrize(("language", "cell"), [("ar", "وُزّعت الأدوار واختيرت الحالة ودُوّنت المواضيع الأخرى"), ("de", "5 <bdi>(5–15)</bdi>")])
def test_the_sheet_is_in_the_language_of_its_reader_and_says_the_range(six, language, cell):
    with translation.override(language):
        sheet = page.sheet(six.see("Dana"))
    assert cell in sheet
    assert ("Rollen besetzt" in sheet) is (language == "de")


def test_what_an_author_wrote_in_one_language_is_marked_as_such_for_readers_of_another(six):
    state = six.see("Dana").state
    phase = dataclasses.replace(state.phase, output=Text({"de": "Alles gesagt"}))
    template = dataclasses.replace(state.template, phases=(phase, *state.template.phases[1:]))
    view = dataclasses.replace(six.see("Dana"), state=dataclasses.replace(state, template=template))
    with translation.override("ar"):
        assert '<bdi lang="de">Alles gesagt</bdi>' in page.sheet(view)
