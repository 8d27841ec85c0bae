"""A volunteer in several rounds: no date is hidden, no way ends, what was written stays within reach."""

import datetime as dt
import re

import pytest
from django.utils import timezone

from beratung_xblock.models import Case, Group, Reflection, Registration, Round, Session, Slot
from tests.blocks import stage
from tests.blocks.journey import CASE, accept, move_to, published, signed_up, signup_data, submitted, written
from tests.integration import world

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("english")]


def both(lead, six):
    """Today's session and one in a later round, both published with the same people."""
    groups = []
    for days in (14, 21):
        uid = world.open_round(lead, in_days=days, evenings=1)
        groups.append(published(uid, lead, six))
        Round.objects.filter(uid=uid).update(title=f"Round in {days} days")
    return groups


def ended(group):
    move_to(group, -30)
    Session.objects.filter(group=group).update(state="ended", ended_at=timezone.now())


def test_a_finished_session_hides_no_other_date(lead, six):
    today, later = both(lead, six)
    ended(today)
    page = stage.show(six[0])
    dates, back = page.index("Your next dates"), page.index("Thank you for taking part")
    assert dates < back
    card = page[dates:back]
    assert "Round in 21 days" in card
    assert "Your role: Moderator" in card
    assert "Confirm: I am coming" in card
    assert "I cannot come" in card
    answer = stage.act(six[0], "confirm_coming", {"group": later.uid, "shown": today.round.uid})
    assert "You have confirmed" in answer.text
    assert "Thank you for taking part" in answer.text
    asked = stage.act(six[0], "ask_cancel", {"round": later.round.uid, "shown": today.round.uid})
    assert "Do you really want to cancel for" in asked.text
    assert Registration.objects.get(round=later.round, user=six[0]).state == "registered"


def test_the_day_after_the_next_date_is_first_and_the_look_back_is_one_click_away(lead, six):
    today, later = both(lead, six)
    move_to(today, -24 * 60)
    page = stage.show(six[0])
    assert f'{{"shown": "{later.round.uid}"}}' in page
    assert "Earlier sessions" in page
    back = stage.act(six[0], "show", {"round": today.round.uid, "shown": later.round.uid})
    assert "Thank you for taking part" in back.text
    done = stage.act(six[0], "reflect", {"group": today.uid, "helped": "5", "safe": "4", "note": "", "shown": today.round.uid})
    assert "Your look back is saved." in done.text
    assert f'{{"shown": "{today.round.uid}"}}' in done.text


def test_a_second_round_ahead_is_named_below_the_first(lead, six):
    both(lead, six)
    page = stage.show(six[0])
    assert page.index("Round in 14 days") < page.index("Further dates and rounds") < page.index("Round in 21 days")


def test_the_case_belongs_to_the_round_that_is_shown(lead, six):
    _first, second = both(lead, six)
    form = stage.act(six[0], "write_case", {"shown": second.round.uid})
    assert f'name="round" value="{second.round.uid}"' in form.text
    stage.act(six[0], "save_case", {"title": "For later", "round": second.round.uid})
    assert Case.objects.get(owner=six[0]).registration.round_id == second.round_id


def unplaced(lead, six):
    group = published(world.open_round(lead, evenings=1), lead, six)
    user = stage.enrol(world.user())
    Round.objects.update(state="open")
    signed_up(user, group.round.uid)
    Round.objects.update(state="published")
    Registration.objects.filter(user=user).update(not_placed_because="too_few_peers")
    return user


def test_no_group_is_no_dead_end(lead, six):
    user = unplaced(lead, six)
    page = stage.show(user)
    assert "No group this time" in page
    assert "Groups are being put together" not in page
    assert "Notify me" in page
    uid = world.open_round(lead, in_days=40)
    page = stage.show(user)
    assert "When can you come?" in page
    assert f'name="round" value="{uid}"' in page
    assert "This time no group fitted for you." in page
    old = stage.act(user, "show", {"round": Registration.objects.get(user=user).round.uid})
    assert f'name="round" value="{uid}"' in old.text
    assert "Sign up" in old.text


def test_sign_up_goes_to_the_round_of_the_form_or_nowhere(lead, six):
    user = stage.enrol(world.user())
    old, new = world.open_round(lead), world.open_round(lead, in_days=40)
    accept(user)
    data = signup_data(old)
    Round.objects.filter(uid=old).update(state="closed")
    assert stage.act(user, "submit_signup", data).status_int == 409
    assert not Registration.objects.filter(user=user).exists()
    assert stage.act(user, "submit_signup", signup_data(new)).status_int == 200


def test_cancelling_asks_once_and_keeps_answers_and_case(lead):
    user, uid = stage.enrol(world.user()), world.open_round(lead)
    signed_up(user, uid, display_name="Renate Ö", can_moderate="on")
    case = submitted(user)
    asked = stage.act(user, "ask_cancel", {"round": uid})
    assert "Do you really want to cancel your sign-up?" in asked.text
    assert "No, I am coming" in asked.text
    assert Registration.objects.get().state == "registered"
    gone = stage.act(user, "cancel_signup", {"round": uid})
    for page in (gone.text, stage.show(user)):
        assert "You gave your place in “2. Quartal” back." in page
        assert "When can you come?" not in page
        assert CASE["title"] in page
        assert CASE["situation"].split(".")[0] in page
        assert "Delete the text" in page
    form = stage.act(user, "change_signup", {"round": uid})
    assert 'value="Renate Ö"' in form.text
    assert re.search(r'name="can_moderate" value="on" checked', form.text)
    again = stage.act(user, "submit_signup", signup_data(uid))
    assert "You are signed up" in again.text
    assert "Go on writing" in again.text
    assert submitted(user).row_uid == case.row_uid


def test_the_case_of_a_cancelled_sign_up_can_be_used_in_another_round_or_deleted(lead):
    user, uid = stage.enrol(world.user()), world.open_round(lead)
    signed_up(user, uid)
    case = written(user)
    stage.act(user, "cancel_signup", {"round": uid})
    other = world.open_round(lead, in_days=40)
    page = signed_up(user, other).text
    assert "Texts you have kept" in page
    used = stage.act(user, "use_kept_case", {"case": case.row_uid, "shown": other})
    assert f'value="{CASE["title"]}"' in used.text
    assert Case.objects.get().registration.round.uid == other
    stage.act(user, "delete_case", {"case": Case.objects.get().row_uid, "shown": other})
    assert Case.objects.count() == 0


def test_a_kept_text_is_readable_and_can_be_deleted(lead):
    user, uid = stage.enrol(world.user()), world.open_round(lead)
    signed_up(user, uid)
    case = written(user)
    stage.act(user, "keep_case", {"case": case.row_uid})
    page = stage.show(user)
    assert CASE["situation"].split(".")[0] in page
    assert stage.act(user, "delete_case", {"case": case.row_uid}).status_int == 200
    assert Case.objects.count() == 0


def test_a_session_begun_before_its_hour_counts_as_begun(lead, six):
    group = published(world.open_round(lead, evenings=1), lead, six)
    move_to(group, 60)
    data = {"group": group.uid, "helped": "5", "safe": "4", "note": "for me"}
    refused = stage.act(six[0], "reflect", data)
    assert refused.status_int == 409
    Session.objects.filter(group=group).update(state="ended", ended_at=timezone.now())
    assert "Your look back is saved." in stage.act(six[0], "reflect", data).text
    assert Reflection.objects.count() == 1


def test_a_refused_look_back_keeps_what_was_typed(lead, six, monkeypatch):
    group = published(world.open_round(lead, evenings=1), lead, six)
    move_to(group, -180)

    def refuse(**_what):
        from beratung_xblock.exceptions import Conflict

        raise Conflict("too_early")

    monkeypatch.setattr("beratung_xblock.api.attendance.reflect", refuse)
    answer = stage.act(six[0], "reflect", {"group": group.uid, "helped": "5", "safe": "4", "note": "a long thought"})
    assert answer.status_int == 409
    assert "a long thought" in answer.text
    assert answer.text.count('checked>') == 2


def test_slots_of_rounds_that_are_over_are_not_offered(lead, six):
    """Somebody who once had no group keeps no old card for ever."""
    user = unplaced(lead, six)
    Slot.objects.update(starts_at=timezone.now() - dt.timedelta(days=3), ends_at=timezone.now() - dt.timedelta(days=3))
    uid = world.open_round(lead, in_days=40)
    page = stage.show(user)
    assert f'name="round" value="{uid}"' in page
    assert "This time no group fitted for you." not in page
    assert Group.objects.count() == 1


def test_a_submitted_case_is_changed_in_one_step(lead):
    user, uid = stage.enrol(world.user()), world.open_round(lead)
    signed_up(user, uid)
    case = submitted(user)
    assert "Change the case" in stage.show(user)
    form = stage.act(user, "withdraw_case", {"case": case.row_uid, "then": "write"})
    assert f'value="{CASE["title"]}"' in form.text
    assert Case.objects.get().state == "withdrawn"


def test_who_waits_in_another_round_is_not_called_signed_up_there(lead, six):
    first_in, queued = six[:2]
    full = world.open_round(lead, in_days=40, capacity=1)
    for user in (first_in, queued):
        signed_up(user, full)
        signed_up(user, world.open_round(lead, in_days=14, evenings=1))
    signed, waits, free = "The groups are not put together yet.", "You are on the waiting list.", "A place is free for you"

    def beside(user):
        page = stage.show(user)
        return [text in page[page.index("Further dates and rounds") :] for text in (signed, waits, free)]

    assert (beside(first_in), beside(queued)) == ([True, False, False], [False, True, False])
    stage.act(first_in, "cancel_signup", {"round": full, "reason": "ill"})
    page = stage.show(queued)
    assert page.index(free) < page.index("Further dates and rounds"), "what waits for an answer is shown first"
    other = stage.act(queued, "show", {"round": Registration.objects.filter(user=queued).exclude(round__uid=full).get().round.uid}).text
    assert free in other[other.index("Further dates and rounds") :]


def test_the_note_of_the_look_back_can_be_read_again_by_its_writer_only(lead, six):
    group = published(world.open_round(lead, evenings=1), lead, six)
    move_to(group, -180)
    done = stage.act(six[0], "reflect", {"group": group.uid, "helped": "5", "safe": "4", "note": "call her <b>"})
    assert done.text.count("Your look back is saved. Thank you.") == 2  # on the page, and in what is read aloud
    assert "call her &lt;b&gt;" in stage.show(six[0])
    assert all("call her" not in stage.show(user) for user in six[1:])


def test_one_date_is_not_called_one_of_several(lead):
    user = stage.enrol(world.user())
    world.open_round(lead, evenings=1)
    page = accept(user).text
    assert "There is one date in this round." in page
    assert "You will get one of these dates" not in page


def test_the_missing_tick_is_named_at_the_tick(lead):
    user = stage.enrol(world.user())
    world.open_round(lead)
    first = stage.show(user)
    assert "After this promise you see the dates and sign up." in first
    page = stage.act(user, "accept_undertaking", {"version": "1"}).text
    assert page.count("data-kb-focus") == 1
    assert re.search(r'name="accept"[^>]*data-kb-focus', page)


def test_my_data_says_how_to_have_it_deleted_and_days_are_words(lead):
    user, uid = stage.enrol(world.user()), world.open_round(lead)
    signed_up(user, uid)
    page = stage.show(user, emergency_checked_on="2026-11-27")
    assert "Have your data deleted" in page
    assert page.count("Ask for a call") == 2
    assert "Numbers checked on Friday, 27 November 2026." in page
