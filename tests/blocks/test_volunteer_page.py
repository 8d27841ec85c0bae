"""The volunteer's page up to the submitted case, through the block: what is shown and what a click does."""

import re

import pytest

from beratung_xblock.api import cases
from beratung_xblock.models import Case, ContactRequest, InterestNote, Registration
from tests.blocks import stage
from tests.blocks.journey import ANSWERED, CASE, accept, signed_up, signup_data, slots, submitted, written
from tests.integration import world

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("english")]


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


def test_the_owner_sees_who_opened_it(renate, round_uid):
    signed_up(renate, round_uid)
    case = submitted(renate)
    stage.act(renate, "staff_may_read", {"case": case.row_uid, "allowed": "on"})
    cases.read_for_coordination(actor=world.promise(world.lead()), case_uid=case.row_uid)
    log = stage.act(renate, "case_log").text
    assert "Coordination: opened" in log
    assert "you: submitted" in log


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
    assert "02331 123456" not in replaced.text
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
