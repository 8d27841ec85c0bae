"""The volunteer's page, state by state, through the block: what is shown, what a click does, what it costs."""

import datetime as dt
import re

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone, translation

from beratung_xblock.api import assignment, publishing
from beratung_xblock.models import Attendance, Case, ContactRequest, Exclusion, Group, InterestNote, Registration, Session, Slot
from tests.blocks import stage
from tests.integration import world

pytestmark = pytest.mark.django_db
MOST_QUERIES = 15


@pytest.fixture(autouse=True)
def english():
    with translation.override("en"):
        yield


@pytest.fixture
def round_uid():
    world.place()
    return world.open_round(world.lead())


@pytest.fixture
def renate():
    return stage.enrol(world.user("renate"))


def slots(round_uid):
    return list(Slot.objects.filter(round__uid=round_uid).values_list("uid", flat=True))


def signup_data(round_uid, **more):
    first, *others = slots(round_uid)
    data = {"round": round_uid, "display_name": "Renate", "languages": "de", f"slot_{first}": "yes", "wants_reminders": "on"}
    return {**data, **{f"slot_{uid}": "no" for uid in others}, **more}


def accept(user):
    return stage.act(user, "accept_undertaking", {"version": "1", "accept": "yes"})


def signed_up(user, round_uid, **more):
    accept(user)
    return stage.act(user, "submit_signup", signup_data(round_uid, **more))


CASE = {**world.CASE, "situation": "Since autumn I accompany a family. They call me late at night. " * 5, "title": "Messages at night"}
ANSWERED = {f"boundary_{word}": "no" for word in ("child", "suicide", "violence", "crime", "law")}


def written(user, **more):
    """Write and check a case; returns its row."""
    answer = stage.act(user, "check_case", {**CASE, **more})
    assert answer.status_int == 200, answer.text
    return Case.objects.get(owner=user)


def submitted(user):
    case = written(user)
    answer = stage.act(user, "submit_case", {"case": case.row_uid, "version": str(case.version), **ANSWERED})
    assert answer.status_int == 200, answer.text
    return case


def published(round_uid, lead, users):
    """Six people signed up, one group, published."""
    for number, user in enumerate(users):
        actor = world.actor(user)
        world.sign_up(actor, round_uid, can_moderate=number == 0, brings_case=number == 1)
    submitted(users[1])
    number = assignment.propose(actor=lead, round_uid=round_uid)
    publishing.publish(actor=lead, round_uid=round_uid, number=number, accept=("no_case", "small_group"))
    return Group.objects.get(round__uid=round_uid)


def move_to(group, minutes):
    """Put the session of a group `minutes` from now."""
    starts = timezone.now() + dt.timedelta(minutes=minutes)
    Slot.objects.filter(pk=group.slot_id).update(starts_at=starts, ends_at=starts + dt.timedelta(minutes=120))


# --- states ----------------------------------------------------------------------------------------------------------


def test_help_stands_before_everything_in_every_state(renate, round_uid):
    for _state in range(2):
        page = stage.show(renate, hotline="02331 555 0123")
        assert page.index("kb-helpbar") < page.index("kb-card")
        assert "tel:023315550123" in page
        assert "tel:116016" in page
        accept(renate)


def test_without_a_round_one_click_asks_to_be_told(renate):
    world.place()
    assert "No sign-up is open at the moment" in stage.show(renate)
    answer = stage.act(renate, "tell_me")
    assert "You will get one mail as soon as sign-up opens." in answer.text
    assert InterestNote.objects.filter(user=renate).count() == 1
    stage.act(renate, "forget_me")
    assert InterestNote.objects.count() == 0


def test_nothing_of_a_round_before_the_undertaking(renate, round_uid):
    page = stage.show(renate)
    assert "Your promise of confidentiality" in page
    assert "2. Quartal" not in page
    assert not any(uid in page for uid in slots(round_uid))
    refused = stage.act(renate, "submit_signup", signup_data(round_uid))
    assert refused.status_int == 409
    assert Registration.objects.count() == 0


def test_undertaking_needs_the_tick(renate, round_uid):
    answer = stage.act(renate, "accept_undertaking", {"version": "1"})
    assert answer.status_int == 422
    assert "Please tick the box" in answer.text
    assert "Your promise of confidentiality" in stage.show(renate)


def test_a_new_version_asks_again(renate, round_uid):
    signed_up(renate, round_uid)
    assert "The text has changed" in stage.show(renate, undertaking_version="2")


def test_sign_up_in_two_screens_and_review(renate, round_uid):
    page = accept(renate).text
    assert "When can you come?" in page
    review = stage.act(renate, "review_signup", signup_data(round_uid, display_name="Renate <b>", can_moderate="on"))
    assert review.status_int == 200
    assert "Is everything right?" in review.text
    assert "Renate &lt;b&gt;" in review.text
    assert Registration.objects.count() == 0
    back = stage.act(renate, "edit_signup", signup_data(round_uid, display_name="Renate <b>", can_moderate="on"))
    assert 'value="Renate &lt;b&gt;"' in back.text
    done = stage.act(renate, "submit_signup", signup_data(round_uid, display_name="Renate <b>", can_moderate="on"))
    assert "You are signed up" in done.text
    row = Registration.objects.get()
    assert (row.display_name, row.can_moderate, row.user_id) == ("Renate <b>", True, renate.pk)


@pytest.mark.parametrize(
    ("more", "message"),
    [
        ({"display_name": ""}, "Please write a name. A first name is enough."),
        ({"display_name": "x" * 61}, "This text is too long. Please shorten it."),
        ({"languages": "xx"}, "Select a valid choice. xx is not one of the available choices."),
        ({"take_part": "by balloon"}, "Select a valid choice. by balloon is not one of the available choices."),
        ({"organisation": "o" * 100_000}, "This text is too long. Please shorten it."),
    ],
)
def test_wrong_input_gets_a_message_and_stays(renate, round_uid, more, message):
    accept(renate)
    answer = stage.act(renate, "submit_signup", signup_data(round_uid, wish_with="Gisela 🙂", **more))
    assert answer.status_int == 422
    assert message in answer.text
    assert 'value="Gisela 🙂"' in answer.text
    assert Registration.objects.count() == 0


def test_at_least_one_date(renate, round_uid):
    accept(renate)
    answer = stage.act(renate, "review_signup", {"round": round_uid, "display_name": "Renate", "languages": "de"})
    assert answer.status_int == 422
    assert answer.text.count("Please choose at least one date") == 2  # in the summary and at the dates


def test_double_click_signs_up_once(renate, round_uid):
    signed_up(renate, round_uid)
    assert stage.act(renate, "submit_signup", signup_data(round_uid)).status_int == 200
    assert Registration.objects.count() == 1


def test_change_and_cancel(renate, round_uid):
    signed_up(renate, round_uid)
    form = stage.act(renate, "change_signup", {"round": round_uid})
    assert 'value="Renate"' in form.text
    stage.act(renate, "submit_signup", signup_data(round_uid, display_name="Reni"))
    assert Registration.objects.get().display_name == "Reni"
    gone = stage.act(renate, "cancel_signup", {"round": round_uid})
    assert "Your sign-up is cancelled." in gone.text
    assert Registration.objects.get().state == "cancelled"


def test_full_round_says_so_and_puts_on_the_waiting_list(renate):
    world.place()
    round_uid = world.open_round(world.lead(), capacity=1)
    signed_up(stage.enrol(world.user()), round_uid)
    assert "All places are taken." in accept(renate).text
    answer = stage.act(renate, "submit_signup", signup_data(round_uid))
    assert "You are on the waiting list" in answer.text
    assert "Your position: 1" in answer.text


def test_a_free_place_is_offered_and_taken(renate):
    world.place()
    round_uid = world.open_round(world.lead(), capacity=1)
    first = stage.enrol(world.user())
    signed_up(first, round_uid)
    signed_up(renate, round_uid)
    stage.act(first, "cancel_signup", {"round": round_uid})
    assert "A place is free for you" in stage.show(renate)
    answer = stage.act(renate, "accept_offer", {"round": round_uid})
    assert "The place is yours." in answer.text
    assert stage.act(renate, "accept_offer", {"round": round_uid}).status_int == 409


# --- my case ---------------------------------------------------------------------------------------------------------


def test_case_from_draft_to_submission_and_back(renate, round_uid):
    signed_up(renate, round_uid)
    kept = stage.act(renate, "save_case", {"title": "Half a thought"})
    assert "Your draft is saved." in kept.text
    assert "only you" in kept.text
    case = Case.objects.get()
    assert "Half a thought" not in case.title_sealed
    done = submitted(renate)
    page = stage.show(renate)
    assert "only you. The coordination sees title and urgency." in page
    back = stage.act(renate, "withdraw_case", {"case": done.row_uid})
    assert "Nobody but you can read it." in back.text
    assert Case.objects.get().state == "withdrawn"
    assert submitted(renate).row_uid == done.row_uid


def test_unfinished_case_gets_messages_at_the_fields(renate, round_uid):
    signed_up(renate, round_uid)
    answer = stage.act(renate, "check_case", {"title": "", "situation": "Too short.", "key_question": ""})
    assert answer.status_int == 422
    assert "Please write a short title." in answer.text
    assert "At least 200 characters, now 10." in answer.text
    assert "Please write one question to the group." in answer.text
    assert "Too short." in answer.text


def test_every_question_of_the_checklist_needs_an_answer(renate, round_uid):
    signed_up(renate, round_uid)
    case = written(renate)
    answer = stage.act(renate, "submit_case", {"case": case.row_uid, "version": str(case.version), "boundary_child": "no"})
    assert answer.status_int == 422
    assert answer.text.count("Please answer yes or no.") == 4
    assert Case.objects.get().state == "draft"


@pytest.mark.parametrize(
    ("topic", "notice"),
    [
        ("child", "This sounds as if a child needs protection."),
        ("suicide", "call 112."),
        ("violence", "Violence needs help from professionals."),
        ("crime", "A serious crime seems to be planned."),
        ("law", "Only an advice centre or a lawyer can answer legal questions."),
    ],
)
def test_a_topic_of_the_checklist_shows_help_and_submits_nothing(renate, round_uid, topic, notice):
    signed_up(renate, round_uid)
    case = written(renate)
    data = {"case": case.row_uid, "version": str(case.version), **ANSWERED, f"boundary_{topic}": "yes"}
    answer = stage.act(renate, "submit_case", data)
    assert notice in answer.text
    assert "Nobody was told." in answer.text
    assert Case.objects.get().state == "draft"
    assert ContactRequest.objects.count() == 0


def test_a_legal_case_may_go_on_when_the_question_is_about_oneself(renate, round_uid):
    signed_up(renate, round_uid)
    case = written(renate)
    data = {"case": case.row_uid, "version": str(case.version), **ANSWERED, "boundary_law": "yes", "law_own_role": "on"}
    assert "Your case is submitted." in stage.act(renate, "submit_case", data).text


def test_direct_identifiers_are_replaced_or_declared(renate, round_uid):
    signed_up(renate, round_uid)
    case = written(renate, situation="Her number is 02331 123456. " + CASE["situation"])
    data = {"case": case.row_uid, "version": str(case.version), **ANSWERED}
    refused = stage.act(renate, "submit_case", data)
    assert refused.status_int == 422
    assert "Please replace these places" in refused.text
    key = re.search(r'name="not_real" value="([^"]+)"', refused.text).group(1)
    replaced = stage.act(renate, "replace_finding", {**data, "finding": key})
    assert "02331" not in replaced.text
    again = Case.objects.get()
    assert stage.act(renate, "submit_case", {**data, "version": str(again.version)}).status_int == 200
    assert Case.objects.get().state == "submitted"


def test_a_finding_that_is_declared_goes_through(renate, round_uid):
    signed_up(renate, round_uid)
    case = written(renate, situation="Her number is 02331 123456. " + CASE["situation"])
    data = {"case": case.row_uid, "version": str(case.version), **ANSWERED}
    keys = re.findall(r'name="not_real" value="([^"]+)"', stage.act(renate, "submit_case", data).text)
    answer = stage.act(renate, "submit_case", [*data.items(), *(("not_real", key) for key in keys)])
    assert answer.status_int == 200
    assert Case.objects.get().state == "submitted"


def test_two_windows_lose_nothing(renate, round_uid):
    signed_up(renate, round_uid)
    stage.act(renate, "save_case", {"title": "First"})
    old = Case.objects.get().version
    stage.act(renate, "save_case", {"title": "Second", "version": str(old)})
    answer = stage.act(renate, "save_case", {"title": "Third", "version": str(old)})
    assert answer.status_int == 409
    assert "You saved a newer version in another window." in answer.text
    assert 'value="Third"' in answer.text
    newest = re.search(r'name="version" value="(\d+)"', answer.text).group(1)
    assert stage.act(renate, "save_case", {"title": "Third", "version": newest}).status_int == 200


def test_somebody_elses_case_is_out_of_reach(renate, round_uid):
    signed_up(renate, round_uid)
    case = submitted(renate)
    other = stage.enrol(world.user())
    signed_up(other, round_uid)
    for name in ("withdraw_case", "delete_case", "keep_case", "staff_may_read"):
        answer = stage.act(other, name, {"case": case.row_uid})
        missing = stage.act(other, name, {"case": "f" * 32})
        assert answer.status_int == missing.status_int == 404
        assert answer.text == missing.text
    assert Case.objects.get().state == "submitted"


# --- group, today, afterwards ----------------------------------------------------------------------------------------


@pytest.fixture
def six():
    return [stage.enrol(world.user(f"p{number}")) for number in range(6)]


@pytest.fixture
def group(six):
    world.place()
    lead = world.lead()
    return published(world.open_round(lead, evenings=1), lead, six)


def test_assigned_shows_date_group_role_and_no_link_yet(group, six):
    page = stage.show(six[0])
    assert "Your session" in page
    assert page.count("kb-people__name") == 6
    assert "teams.microsoft.com" not in page
    assert "Only your group sees it." in page
    answer = stage.act(six[0], "confirm_coming", {"group": group.uid})
    assert "You have confirmed" in answer.text


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
    from beratung_xblock.models import Round

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
    group.round.__class__.objects.update(state="finished")
    signed_up(six[1], world.open_round(lead))
    again = stage.act(six[1], "use_kept_case")
    assert f'value="{CASE["title"]}"' in again.text
    assert Case.objects.get().state == "draft"


# --- who may not -----------------------------------------------------------------------------------------------------


def test_staff_see_neither_names_nor_the_form(renate, round_uid):
    signed_up(renate, round_uid, display_name="Renate Ostermann")
    page = stage.show(stage.enrol(world.user(), "staff"))
    assert "Renate Ostermann" not in page
    assert "submit_signup" not in page
    assert "Your promise of confidentiality" not in page


def test_strangers_see_no_forms(round_uid):
    for user, sentence in ((None, "Please log in"), (world.user(), "Please join the course first")):
        page = stage.show(user)
        assert sentence in page
        assert "hx-post" not in page
        assert "2. Quartal" not in page


def test_actions_of_strangers_and_unknown_actions_answer_alike(renate, round_uid):
    stranger = stage.act(world.user(), "tell_me")
    unknown = stage.act(renate, "no_such_thing")
    assert (stranger.status_int, stranger.text) == (unknown.status_int, unknown.text)
    assert stranger.status_int == 404
    assert stage.act(renate, "tell_me", method="GET").status_int == 405


def test_a_refusal_lands_above_what_was_typed(renate, round_uid):
    answer = stage.act(renate, "no_such_thing")
    assert answer.headers["X-Beratung"] == "1"
    assert answer.headers["HX-Reswap"] == "innerHTML"
    assert f'id="{answer.headers["HX-Retarget"][1:]}"' in stage.show(renate)


# --- cost ------------------------------------------------------------------------------------------------------------


def queries(user):
    shown = stage.block(user)
    shown.render("student_view")  # renews the stored settings, once
    with CaptureQueriesContext(connection) as seen:
        stage.block(user).render("student_view")
    return len(seen)


def crowd(round_uid, number):
    """Many more registrations in a round."""
    from django.contrib.auth import get_user_model

    from beratung_xblock.models import Round

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
    from beratung_xblock import live_hints

    answer = client.get(f"/beratung/anonymise/de/{live_hints.version()}.json")
    assert set(answer.json()) == {"rules", "names", "why"}
    assert "immutable" in answer["Cache-Control"]
    assert client.get("/beratung/anonymise/de/0000.json").status_code == 404
    assert client.get("/beratung/anonymise/xx-not-a-language-at-all/" + live_hints.version() + ".json").status_code == 404


def test_what_a_volunteer_loads_stays_below_60_kilobytes(renate, round_uid):
    import gzip
    from pathlib import Path

    import beratung_xblock

    shown = stage.block(renate).student_view()
    urls = [resource.data for resource in shown.resources if resource.kind == "url"]
    urls += [*list(shown.json_init_args["modules"].values()), stage.block(renate).asset("js/session/session.js")]
    folder = Path(beratung_xblock.__file__).parent / "static"
    sizes = {url: len(gzip.compress((folder / url.removeprefix("/resource/")).read_bytes())) for url in set(urls)}
    assert len(sizes) >= 8
    assert sum(sizes.values()) < 60_000, sizes
