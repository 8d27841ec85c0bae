"""The poll: nothing new costs nothing, whatever is lost comes back from the database, nobody sees another's answer."""

from __future__ import annotations

import datetime as dt
import itertools
import re
import time

import pytest
from django.core.cache import cache
from django.db import connection
from django.test import Client, override_settings
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from beratung_xblock.api import session_cache, sessions
from beratung_xblock.compat import platform
from beratung_xblock.models import AuditEntry
from tests.integration import session_world, world

pytestmark = pytest.mark.django_db(transaction=True)
SESSIONS_IN_CACHE = override_settings(SESSION_ENGINE="django.contrib.sessions.backends.cache")


@pytest.fixture(autouse=True)
def empty_cache():
    cache.clear()
    with SESSIONS_IN_CACHE:
        yield
    cache.clear()


class Browser:
    """One person's browser: polls with the tag it holds."""

    def __init__(self, six, who):
        user = six.registrations[who].user
        platform().grant(user, "enrolled", world.COURSE)
        self.client, self.six, self.etag = Client(), six, ""
        self.client.force_login(user)

    def url(self, name):
        return reverse(f"beratung:{name}", kwargs={"usage_key": world.BLOCK, "session_uid": self.six.session.uid})

    def poll(self, **headers):
        if self.etag:
            headers.setdefault("HTTP_IF_NONE_MATCH", self.etag)
        answer = self.client.get(self.url("session_poll"), **headers)
        if answer.status_code == 200:
            self.etag = answer["ETag"]
        return answer

    def act(self, name, **data):
        return self.client.post(self.url("session_act"), {"act": name, **data})


@pytest.fixture
def six():
    return session_world.make()


@pytest.fixture
def anna(six):
    return Browser(six, "Anna")


@pytest.fixture
def bernd(six):
    return Browser(six, "Bernd")


def ours(queries):
    """Queries that are not the log-in's own (user and session of Django)."""
    return [q["sql"] for q in queries if "beratung" in q["sql"]]


def settle(*browsers):
    for _ in range(2):
        for browser in browsers:
            browser.poll()


def test_nothing_new_is_304_without_a_query_of_ours(anna, bernd):
    settle(anna, bernd)
    before = time.time()
    with CaptureQueriesContext(connection) as queries:
        answer = anna.poll()
    assert before - 0.002 <= float(answer["X-Kb-Now"]) / 1000 <= time.time() + 0.002, "in whole milliseconds"
    assert answer.status_code == 304
    assert answer.content == b""
    assert ours(queries) == []
    assert len(queries) <= 1  # Django reads the user; the platform keeps it in the cache


def test_a_change_reaches_the_others_with_their_next_poll(anna, bernd):
    settle(anna, bernd)
    assert anna.act("start").status_code == 200
    answer = bernd.poll()
    assert answer.status_code == 200
    assert answer.json()["state"]["clock"]["running"] is True
    assert bernd.poll().status_code == 304


def test_a_change_is_read_from_the_database_once_for_the_whole_group(six):
    browsers = {who: Browser(six, who) for who in six.registrations}
    browsers["Anna"].act("join")
    settle(*browsers.values())
    assert browsers["Anna"].act("start").status_code == 200  # answers with a view, so the reading is done
    for who in ("Bernd", "Cem", "Dana", "Eva", "Farouk"):
        with CaptureQueriesContext(connection) as queries:
            answer = browsers[who].poll()
        assert (answer.status_code, ours(queries)) == (200, []), who
        assert answer.json()["state"]["place"].startswith("running.1.0")
    offered = {who: "Titelmarke" in browsers[who].poll(HTTP_IF_NONE_MATCH="").content.decode() for who in browsers}
    assert [who for who, shown in offered.items() if shown] == ["Cem"]  # a title shows to its owner alone


def test_the_first_reading_of_a_case_is_noted_although_the_text_is_at_hand(six):
    browsers = {who: Browser(six, who) for who in six.registrations}
    for who, name, data in (
        ("Anna", "start", {}), ("Cem", "offer_case", {"case": six.case_uid}), ("Anna", "choose_case", {"case": six.case_uid}),
        ("Anna", "ask_conflict", {}), ("Farouk", "step_out", {}),
    ):
        six.do(who, name, **data)
    settle(*browsers.values())
    assert browsers["Cem"].act("open_case").status_code == 200
    readers = {"Anna", "Bernd", "Dana", "Eva"}
    for _ in range(2):
        for who, browser in browsers.items():
            shown = session_world.SITUATION in browser.poll(HTTP_IF_NONE_MATCH="").json()["regions"]["case"]
            assert shown is (who in readers or who == "Cem"), who
    noted = AuditEntry.objects.filter(action="case.read", object_id=six.case_uid).values_list("actor_id", flat=True)
    assert sorted(noted) == sorted(six.actors[who].user_id for who in readers)
    assert browsers["Anna"].act("drop_case").status_code == 200
    for browser in browsers.values():
        assert session_world.SITUATION not in browser.poll(HTTP_IF_NONE_MATCH="").content.decode()


def test_what_the_cache_keeps_of_a_session_cannot_be_read_and_cannot_be_forged(six):
    anna, bernd = Browser(six, "Anna"), Browser(six, "Bernd")
    six.to_ideas()
    six.do("Dana", "add_idea", text="Ideenmarke-99")
    settle(anna, bernd)
    stored = b"".join(cache._cache.values())
    assert six.session.uid in "".join(cache._cache)
    for word in ("Ideenmarke", "Anna", "Bernd", session_world.TITLE, "SessionState", "captions"):
        assert word.encode() not in stored, word
    seen = session_cache.glance(six.session.uid, six.actors["Bernd"].user_id)
    session_cache.lay(seen, "v1:test:" + "A" * 400)
    forged = bernd.poll(HTTP_IF_NONE_MATCH="")
    assert forged.status_code == 200
    assert "Ideenmarke-99" in forged.json()["regions"]["ideas"]


def test_an_own_write_shows_at_once(anna):
    anna.poll()
    body = anna.act("start").json()
    assert body["state"]["place"].startswith("running.1.0")
    assert "Casting" in body["regions"]["strip"]


def test_with_the_cache_lost_everything_comes_back_from_the_database(anna, bernd):
    settle(anna, bernd)
    anna.act("start")
    settle(anna, bernd)
    cookies = dict(anna.client.session)
    cache.clear()
    anna.client.force_login(anna.six.registrations["Anna"].user)
    bernd.client.force_login(anna.six.registrations["Bernd"].user)
    assert cookies
    answer = bernd.poll()
    assert answer.status_code == 200
    assert answer.json()["state"]["clock"]["running"] is True
    anna.act("next")
    assert bernd.poll().json()["state"]["place"].startswith("running.1.1")


@override_settings(CACHES={"default": {"BACKEND": "django.core.cache.backends.dummy.DummyCache"}}, SESSION_ENGINE="django.contrib.sessions.backends.db")
def test_without_any_cache_each_poll_reads_the_database_and_is_right(six):
    anna, bernd = Browser(six, "Anna"), Browser(six, "Bernd")
    anna.act("start")
    first = bernd.client.get(bernd.url("session_poll"))
    assert (first.status_code, first.json()["state"]["clock"]["running"]) == (200, True)
    assert not first.has_header("ETag")


def test_a_change_between_two_steps_of_a_reader_is_never_hidden(anna, bernd, monkeypatch):
    settle(anna, bernd)
    real = sessions.see

    def slow(**kwargs):
        view = real(**kwargs)
        if kwargs["actor"].user_id == bernd.six.actors["Bernd"].user_id:
            monkeypatch.setattr(sessions, "see", real)
            anna.act("start")
        return view

    monkeypatch.setattr(sessions, "see", slow)
    session_cache.changed(bernd.six.session.uid)
    stale = bernd.poll().json()
    assert stale["state"]["clock"]["running"] is False
    fresh = bernd.poll()
    assert fresh.status_code == 200
    assert fresh.json()["state"]["clock"]["running"] is True


def test_what_a_write_leaves_for_the_others_never_hides_a_write_that_came_between(anna, bernd, monkeypatch):
    """Bernd's write commits while Anna's, already committed, is about to leave her view of the session."""
    anna.six.do("Anna", "start")
    settle(anna, bernd)
    real = session_cache.token_of
    calls = []

    def interrupted(uid):
        calls.append(uid)
        if len(calls) == 2:  # Anna has committed and now looks whether the token is hers
            bernd.six.do("Bernd", "offer_case")
        return real(uid)

    monkeypatch.setattr(session_cache, "token_of", interrupted)
    assert anna.act("extend", minutes="1").status_code == 200
    assert len(calls) == 4
    for browser in (anna, bernd):
        assert "kb-session__list" in browser.poll(HTTP_IF_NONE_MATCH="").json()["regions"]["work"]  # the list of offered cases


def test_a_write_leaves_the_reading_done(anna, bernd):
    anna.act("join")
    settle(anna, bernd)
    assert anna.act("join").status_code == 200
    anna.act("start")
    session_cache_token = session_cache.token_of(anna.six.session.uid)
    with CaptureQueriesContext(connection) as queries:
        assert bernd.poll().json()["state"]["place"].startswith("running.1.0")
    assert ours(queries) == []
    assert session_cache.token_of(anna.six.session.uid) == session_cache_token


def test_a_tag_is_worth_nothing_to_another_person(anna, bernd):
    settle(anna, bernd)
    assert bernd.poll(HTTP_IF_NONE_MATCH=anna.etag).status_code == 200


def test_strangers_and_visitors_get_the_same_404(six, anna):
    anna.poll()
    stranger = Client()
    user = world.user()
    platform().grant(user, "enrolled", world.COURSE)
    stranger.force_login(user)
    answers = [client.get(anna.url("session_poll"), HTTP_IF_NONE_MATCH=anna.etag) for client in (Client(), stranger)]
    unknown = anna.client.get(anna.url("session_poll").replace(six.session.uid, "0" * 32))
    assert {(a.status_code, a.content) for a in (*answers, unknown)} == {(404, b'{"code": "not_found"}')}


def test_unenrolled_people_and_role_changes_end_a_grant_at_once(six, bernd):
    settle(bernd)
    user = six.registrations["Bernd"].user
    platform().withdraw(user, "enrolled", world.COURSE)
    sessions.forget_user(user.pk)
    assert bernd.poll().status_code == 404


def test_a_masquerade_sees_nothing_although_a_grant_is_there(bernd):
    settle(bernd)
    session = bernd.client.session
    session["masquerade_settings"] = {world.COURSE: {"role": "student"}}
    session.save()
    assert bernd.poll().status_code == 404


def test_refusals_say_what_happened_and_what_to_do(anna, bernd):
    anna.act("start")
    answer = bernd.act("next")
    assert (answer.status_code, answer.json()["reason"]) == (409, "not_the_moderator")
    assert answer.json()["message"] == "Only the moderator can do this. Please ask in the call."
    assert bernd.act("add_idea", text="x").json()["reason"] == "no_case"
    assert bernd.act("nonsense").status_code == 404
    assert bernd.act("add_idea", text="x" * 5000).status_code == 400
    assert bernd.client.get(bernd.url("session_act")).status_code == 405
    strict = Client(enforce_csrf_checks=True)
    strict.force_login(anna.six.registrations["Anna"].user)
    assert strict.post(anna.url("session_act"), {"act": "next"}).status_code == 403


def test_every_region_of_a_whole_session_renders_for_every_role(six):
    browsers = {who: Browser(six, who) for who in six.registrations}
    turns = itertools.cycle(("de", "ar", "en", "de", "uk"))

    def look():
        for who, browser in browsers.items():
            language = next(turns)
            answer = browser.client.get(browser.url("session_poll"), HTTP_ACCEPT_LANGUAGE=language)
            assert answer.status_code == 200, who
            html = "".join(answer.json()["regions"].values())
            assert "{{" not in html
            assert "None" not in html
            ids = re.findall(r'\sid="([^"]+)"', html)
            assert len(ids) == len(set(ids)), sorted(x for x in ids if ids.count(x) > 1)

    look()
    steps = [
        ("Anna", "start", {}), ("Cem", "offer_case", {"case": six.case_uid, "urgency": "3"}), ("Dana", "offer_case", {}),
        ("Anna", "choose_case", {"case": six.case_uid}), ("Anna", "ask_conflict", {}), ("Farouk", "knows_them", {}),
        ("Cem", "open_case", {}), ("Eva", "give_role", {"role": "note_taker"}), ("Anna", "next", {}), ("Anna", "next", {}),
        ("Eva", "set_question", {"text": "Wie geht das?"}), ("Cem", "confirm_question", {}),
        ("Anna", "enter_loop", {"loop": "find_key_question"}), ("Bernd", "add_idea", {"text": "Was noch?"}),
        ("Anna", "leave_loop", {}), ("Anna", "next", {}), ("Cem", "choose_method", {"method": "kopfstand_brainstorming"}),
        ("Anna", "confirm_method", {}), ("Anna", "next", {}), ("Bernd", "add_idea", {"text": "Alles verbieten"}),
        ("Dana", "add_idea", {"text": "Nie antworten"}), ("Cem", "stop", {}), ("Anna", "resume", {}), ("Anna", "pause", {}),
        ("Anna", "resume", {}), ("Anna", "next", {}), ("Anna", "next", {}), ("Anna", "start_break", {"minutes": "5"}),
        ("Anna", "next_case", {}), ("Anna", "leave", {}), ("Bernd", "take_over", {}), ("Bernd", "end", {}),
    ]
    for who, name, data in steps:
        answer = browsers[who].act(name, **data)
        assert answer.status_code == 200, (who, name, answer.content)
        look()


def test_a_hidden_page_asks_nothing_and_still_counts_as_there(anna, bernd, monkeypatch):
    settle(anna, bernd)
    anna_id = anna.six.registrations["Anna"].pk
    now = time.time()
    monkeypatch.setattr(session_cache.time, "time", lambda: now)
    for minute in (60, 120, 180, 240, 300, 360):  # her grant runs out on the way and is renewed
        monkeypatch.setattr(session_cache.time, "time", lambda at=now + minute: at)
        anna.client.post(anna.url("session_bye"), {"stay": "1"})
        assert anna_id in session_cache.glance(anna.six.session.uid, 0).online(), minute
    monkeypatch.setattr(session_cache.time, "time", lambda: now + 460)
    assert anna_id not in session_cache.glance(anna.six.session.uid, 0).online()
    stranger = Client()
    stranger.force_login(world.user())
    assert stranger.post(anna.url("session_bye"), {"stay": "1"}).status_code == 204


def test_the_phase_sheet_holds_everything_but_the_case(six, anna):
    six.to_ideas()
    html = anna.client.get(anna.url("session_sheet"), HTTP_ACCEPT_LANGUAGE="de").content.decode()
    assert html.count("<tr>") == 7
    assert html.count('<section class="card">') == 6
    assert session_world.TITLE not in html


@pytest.mark.parametrize(("minutes", "early"), [(-1, False), (10, True)])
def test_nobody_is_asked_to_take_over_before_the_moderator_is_late(six, bernd, minutes, early):
    slot = six.group.slot
    slot.starts_at = timezone.now() + dt.timedelta(minutes=minutes)
    slot.save()
    html = bernd.poll().json()["regions"]["steer"]
    notice = html.split("<p>")[0]
    assert ("data-kb-after" in notice and "hidden" in notice) is early
