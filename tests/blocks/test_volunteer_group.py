"""The volunteer's page from the group on, what it costs, and the files a person takes along."""

import datetime as dt
import gzip
import re
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from django.contrib.auth import get_user_model
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone, translation

import beratung_xblock
from beratung_xblock import live_hints, times
from beratung_xblock.models import Attendance, Case, Exclusion, Group, Registration, Round, Session
from beratung_xblock.pages import session
from tests.blocks import stage
from tests.blocks.journey import CASE, accept, move_to, published, signed_up, submitted, written
from tests.integration import world

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("english")]
MOST_QUERIES = 15


# --- group, today, afterwards ----------------------------------------------------------------------------------------


@pytest.fixture
def group(lead, six):
    return published(world.open_round(lead, evenings=1), lead, six)


def test_assigned_shows_date_group_role_and_no_link_yet(group, six):
    page = stage.show(six[0])
    assert "Your session" in page
    assert page.count("kb-people__name") == 6
    assert "teams.microsoft.com" not in page
    assert "Only your group sees it." in page
    answer = stage.act(six[0], "confirm_coming", {"group": group.uid})
    assert "You have confirmed" in answer.text


@pytest.mark.parametrize("code", ["de", "en", "ar", "fa", "fr", "ru", "tr", "uk"])
def test_the_calendar_leaf_is_there_in_every_language(group, six, code):
    """Arabic and Persian have a comma of their own between weekday and day."""
    with translation.override(code):
        page = stage.show(six[0])
    local = group.slot.starts_at.astimezone(ZoneInfo("Europe/Berlin")).date()
    weekday, number, month = times.parts_of_day(local, code)
    assert re.findall(r'kb-leaf__(?:weekday|day|month)">([^<]+)<', page) == [weekday, number, month]
    assert times.words_for_day(local, code).split() == [f"{weekday}{'،' if code in ('ar', 'fa') else ','}", number, month, str(local.year)]


def test_the_link_appears_when_the_doors_open(group, six):
    move_to(group, 14)
    assert "https://teams.microsoft.com/l/meetup-join/abc" in stage.show(six[0])
    assert "kb-session" in stage.show(six[0])


def test_names_are_listed_only_when_asked_for_and_stay_private(group, six):
    round_uid = group.round.uid
    names = [row.display_name for row in Registration.objects.exclude(user=six[0])]
    other = Registration.objects.get(user=six[3])
    answer = stage.act(six[0], "exclude", {"round": round_uid, "other": other.uid})
    assert "Nobody learns of it." in answer.text
    assert all(name in answer.text for name in names)
    assert Exclusion.objects.count() == 1
    assert other.uid not in Exclusion.objects.get().other_sealed
    assert "Take back" in answer.text
    stage.act(six[0], "include", {"round": round_uid, "other": other.uid})
    assert Exclusion.objects.count() == 0


def test_cancelling_after_the_deadline_asks_for_a_sentence(group, six):
    Round.objects.update(closes_at=timezone.now() - dt.timedelta(hours=1))
    round_uid = group.round.uid
    answer = stage.act(six[0], "cancel_signup", {"round": round_uid, "reason": " "})
    assert answer.status_int == 422
    assert "Please write one sentence why." in answer.text
    assert stage.act(six[0], "cancel_signup", {"round": round_uid, "reason": "Flu"}).status_int == 200


def test_afterwards_two_questions(group, six):
    move_to(group, -180)
    page = stage.show(six[0])
    assert "Thank you for taking part" in page
    assert "The coordination still has to enter who was there." in page
    wrong = stage.act(six[0], "reflect", {"group": group.uid, "helped": "9", "note": "for me"})
    assert wrong.status_int == 422
    assert "Please choose a number." in wrong.text
    assert "for me" in wrong.text
    done = stage.act(six[0], "reflect", {"group": group.uid, "helped": "5", "safe": "4", "note": "for me"})
    assert "Your look back is saved." in done.text
    Attendance.objects.create(
        group=group, registration=Registration.objects.get(user=six[0]), minutes=110, scheduled_minutes=120, updated_at=timezone.now()
    )
    assert "You were there for 110 minutes." in stage.show(six[0])


def test_a_certificate_that_was_made_is_a_link_also_after_the_page_was_loaded_again(group, six):
    move_to(group, -180)
    mine = Attendance.objects.create(
        group=group, registration=Registration.objects.get(user=six[0]), minutes=110, scheduled_minutes=120, updated_at=timezone.now()
    )
    make, save = "Make certificate of attendance", "Save certificate of attendance (PDF)"
    page = stage.show(six[0])
    assert (page.count(make), page.count(save)) == (1, 0)
    made = stage.act(six[0], "certificate", {"what": "attendance", "value": group.round.uid})
    address = re.search(r'href="([^"]+)"', made.text)[1]
    page = stage.show(six[0])
    assert (page.count(make), page.count(save)) == (0, 1)
    assert f'<a class="kb-button" href="{address}" download>{save}</a>' in page
    assert "Make statement of hours" in page, "the year's is another one"
    Attendance.objects.filter(pk=mine.pk).update(minutes=100)
    assert make in stage.show(six[0]), "the attendance was corrected: the old one is no longer valid"


def test_a_case_that_no_group_took_is_kept_or_deleted(group, six):
    move_to(group, -180)
    case = Case.objects.get()
    assert "Your case was not needed this time" in stage.show(six[1])
    kept = stage.act(six[1], "keep_case", {"case": case.row_uid})
    assert "Your case is kept for the next round." in kept.text
    assert "Your case was not needed this time" not in kept.text
    assert Case.objects.get().state == "kept"
    lead = world.actor(world.user(), is_coordinator=True)
    Group.objects.update(state="cancelled")
    Round.objects.update(state="finished")
    signed_up(six[1], world.open_round(lead))
    again = stage.act(six[1], "use_kept_case")
    assert f'value="{CASE["title"]}"' in again.text
    assert Case.objects.get().state == "draft"


# --- cost ------------------------------------------------------------------------------------------------------------


def queries(user):
    shown = stage.block(user)
    shown.render("student_view")  # renews the stored settings, once
    with CaptureQueriesContext(connection) as seen:
        stage.block(user).render("student_view")
    return len(seen)


def crowd(round_uid, number):
    """Many more registrations in a round."""
    held = Round.objects.get(uid=round_uid)
    users = get_user_model().objects.bulk_create(
        [get_user_model()(username=f"crowd{n}", email=f"crowd{n}@example.org") for n in range(number)]
    )
    Registration.objects.bulk_create(
        [Registration(round=held, user=user, display_name="Somebody", queued_at=timezone.now()) for user in users]
    )


def test_few_queries_in_every_state_whatever_the_number_of_people(renate, round_uid):
    states = {"undertaking": lambda: None, "form": lambda: accept(renate), "registered": lambda: signed_up(renate, round_uid),
              "draft": lambda: written(renate), "submitted": lambda: submitted(renate)}
    counted = {}
    for name, reach in states.items():
        reach()
        counted[name] = queries(renate)
    assert max(counted.values()) <= MOST_QUERIES, counted
    crowd(round_uid, 1200)
    assert queries(renate) == counted["submitted"]


def test_few_queries_with_a_group(group, six):
    counted = {}
    for name, minutes in (("assigned", 60 * 24), ("doors", 10), ("after", -300)):
        move_to(group, minutes)
        if name == "after":
            Session.objects.update(state="ended", ended_at=timezone.now())
        counted[name] = max(queries(six[0]), queries(six[1]))
    assert max(counted.values()) <= MOST_QUERIES, counted
    few = queries(six[1])
    crowd(group.round.uid, 1200)
    assert queries(six[1]) == few


# --- files and weight ------------------------------------------------------------------------------------------------


@pytest.fixture
def browser_of(client):
    def log_in(user):
        client.force_login(user)
        return client

    return log_in


def test_own_data_and_undertaking_as_files(renate, round_uid, browser_of):
    signed_up(renate, round_uid, display_name="Renate Ö")
    submitted(renate)
    page = stage.show(renate)
    links = re.findall(r'href="(/beratung/[^"]+)"', page)
    files = {link.split("/")[2]: browser_of(renate).get(link) for link in links if "my-data" in link or "undertaking" in link}
    assert {name: answer.status_code for name, answer in files.items()} == {"my-data": 200, "undertaking": 200}
    data = browser_of(renate).get(next(link for link in links if "my-data/json" in link)).json()
    assert data["registrations"][0]["display_name"] == "Renate Ö"
    assert data["cases"][0]["title"] == CASE["title"]
    for link in links:
        if "my-data/pdf" in link or "undertaking" in link:
            answer = browser_of(renate).get(link)
            assert answer.content.startswith(b"%PDF-")
            assert answer["Cache-Control"] == "no-store"


def test_files_are_nobody_elses(renate, round_uid, browser_of):
    for user in (world.user(), stage.enrol(world.user(), "staff")):
        assert browser_of(user).get(f"/beratung/my-data/json/{world.BLOCK}/").status_code == 404
        assert browser_of(user).get(f"/beratung/undertaking/{world.BLOCK}/").status_code == 404
    assert browser_of(renate).get(f"/beratung/my-data/zip/{world.BLOCK}/").status_code == 404
    assert browser_of(renate).get(f"/beratung/undertaking/{world.BLOCK}/").status_code == 404  # not accepted yet


def test_rules_for_hints_are_the_servers(renate, round_uid, client):
    answer = client.get(f"/beratung/anonymise/de/{live_hints.version()}.json")
    assert set(answer.json()) == {"rules", "names", "why"}
    assert "immutable" in answer["Cache-Control"]
    assert client.get("/beratung/anonymise/de/0000.json").status_code == 404
    assert client.get("/beratung/anonymise/xx-not-a-language-at-all/" + live_hints.version() + ".json").status_code == 404


def test_what_a_volunteer_loads_stays_below_60_kilobytes(renate, round_uid):
    shown = stage.block(renate).student_view()
    urls = [resource.data for resource in shown.resources if resource.kind == "url"]
    urls += [*list(shown.json_init_args["modules"].values()), *(stage.block(renate).asset(f"js/session/{name}.js") for name in session.MODULES)]
    folder = Path(beratung_xblock.__file__).parent / "static"
    sizes = {url: len(gzip.compress((folder / url.removeprefix("/resource/")).read_bytes())) for url in set(urls)}
    assert len(sizes) >= 8
    assert sum(sizes.values()) < 60_000, sizes
