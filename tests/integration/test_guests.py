"""Guests without an account: no mail reaches them, so the desk says whom to call, about what, and takes their answer."""

import datetime as dt
import re
from dataclasses import replace

import pytest
from django.contrib.auth import get_user_model
from django.utils import timezone, translation

from beratung_xblock.api import assignment, calls, cases, desk, publishing, rounds, signup, waiting
from beratung_xblock.compat import Preferences, StandInPlatform
from beratung_xblock.exceptions import Conflict, NotFound
from beratung_xblock.models import AuditEntry, OutboxMail, Registration
from tests.blocks import journey, stage
from tests.integration import world

pytestmark = pytest.mark.django_db(transaction=True)
PHONE = "02331 555 01"


@pytest.fixture
def lead():
    world.place(regions=["Nord", "Süd"])
    return world.lead(stage.enrol(world.user("lead")))


def guest(lead, uid, name="Herr Ohnekonto", **more):
    answers = dict.fromkeys(journey.slots(uid), "yes")
    wishes = {"display_name": name, "languages": ["de"], "answers": answers, **more}
    return signup.register_by_phone(actor=lead, round_uid=uid, wishes=wishes, phone=PHONE)


def five_people(uid):
    """Enough for a group: one moderates, one brings a case."""
    for number in range(5):
        person = world.actor(world.user())
        world.sign_up(person, uid, can_moderate=number == 0, brings_case=number == 1)
        if number == 1:
            cases.submit(actor=person, round_uid=uid, case=world.CASE, boundaries=world.NO_BOUNDARY)


def needs(lead):
    return [need for need in desk.today(actor=lead) if need.kind.startswith("call_")]


def shown(section, **more):
    with translation.override("en"):
        return stage.act(get_user_model().objects.get(username="lead"), "desk.show", {"section": section, **more}).text


def test_a_guest_on_the_waiting_list_is_called_and_takes_the_place(lead):
    uid = world.open_round(lead, evenings=1, capacity=1)
    holder = world.actor(world.user())
    world.sign_up(holder, uid)
    row = guest(lead, uid)
    assert (row.state, needs(lead)) == ("waiting", [])
    signup.cancel(actor=holder, round_uid=uid)
    (need,) = needs(lead)
    assert (need.kind, need.section, need.urgent, need.params["phone"]) == ("call_offer", "waiting", True, PHONE)
    today, listed = shown("today"), shown("waiting", round=uid)
    assert "Herr Ohnekonto has no mail address. Please call: a place is free." in today
    assert 'href="tel:0233155501"' in today
    assert 'href="tel:0233155501"' in listed
    assert "Accepts the place on the telephone" in listed
    with translation.override("en"):
        done = stage.act(get_user_model().objects.get(username="lead"), "waiting.answer", {"round": uid, "person": row.uid, "answer": "yes"})
    assert "The person has the place." in done.text
    assert Registration.objects.get(uid=row.uid).state == "registered"
    assert needs(lead) == []
    with pytest.raises(Conflict, match="no_offer"):
        waiting.answer_for(actor=lead, registration_uid=row.uid, accepted=False)


def test_the_desk_says_whether_the_guest_has_a_place_or_waits(lead):
    uid = world.open_round(lead, evenings=1, capacity=1)
    form = {"round": uid, "guest_phone": PHONE, **{f"slot_{slot}": "yes" for slot in journey.slots(uid)}}
    user = get_user_model().objects.get(username="lead")
    with translation.override("en"):
        first = stage.act(user, "desk.register", {**form, "display_name": "Frau Erste"})
        second = stage.act(user, "desk.register", {**form, "display_name": "Herr Zweiter"})
    assert "Registered." in first.text
    assert "All places are taken. The person is on the waiting list now." in second.text


def test_who_phoned_is_registered_with_languages_way_and_case(lead):
    spoken = {"languages": ["de", "uk", "ar"]}
    world.place(**spoken)
    uid = world.open_round(lead, evenings=1)
    form = [("round", uid), ("display_name", "Frau Olha"), *((f"slot_{slot}", "yes") for slot in journey.slots(uid))]
    user = get_user_model().objects.get(username="lead")
    more = [("languages", "uk"), ("languages", "ar"), ("take_part", "online"), ("brings_case", "on")]
    with translation.override("en"):
        refused = stage.act(user, "desk.register", [*form[:1], *form[2:], *more], **spoken)
        assert refused.status_int == 400
        assert re.findall(r'name="languages" value="(\w+)" checked', refused.text) == ["uk", "ar"]
        assert '<option value="online" selected>' in refused.text
        assert stage.act(user, "desk.register", [*form, *more], **spoken).status_int == 200
        assert stage.act(user, "desk.register", [*form[:1], ("display_name", "Herr Kurz"), *form[2:]], **spoken).status_int == 200
    rows = Registration.objects.filter(round__uid=uid).values_list("display_name", "languages", "take_part", "brings_case")
    assert sorted(rows) == [("Frau Olha", ["uk", "ar"], "online", True), ("Herr Kurz", ["de"], "phone", False)]


def test_a_guest_who_declines_on_the_telephone_frees_the_place_for_the_next(lead):
    uid = world.open_round(lead, evenings=1, capacity=1)
    holder, after = world.actor(world.user()), world.actor(world.user())
    world.sign_up(holder, uid)
    row = guest(lead, uid)
    world.sign_up(after, uid)
    signup.cancel(actor=holder, round_uid=uid)
    waiting.answer_for(actor=lead, registration_uid=row.uid, accepted=False)
    assert Registration.objects.get(uid=row.uid).state == "cancelled"
    assert signup.own_registration(actor=after, round_uid=uid).state == "offered"
    assert needs(lead) == []
    for nobody in (after, holder):
        with pytest.raises(NotFound):
            waiting.answer_for(actor=nobody, registration_uid=row.uid, accepted=True)


def test_a_guest_is_told_of_the_date_and_of_its_end_by_telephone(lead):
    uid = world.open_round(lead, evenings=1)
    five_people(uid)
    row = guest(lead, uid)
    assert needs(lead) == [], "who is on the telephone knows that they are registered"
    number = assignment.propose(actor=lead, round_uid=uid, number=0)
    publishing.publish(actor=lead, round_uid=uid, number=number, ends_signup=True)
    (need,) = needs(lead)
    assert (need.kind, need.object_uid, need.params["name"]) == ("call_assigned", row.uid, "Herr Ohnekonto")
    assert "18:00 to 20:00" in shown("today")
    assert "no mail address" in shown("mails")
    with translation.override("en"):
        done = stage.act(get_user_model().objects.get(username="lead"), "desk.told", {"object": row.uid})
    assert "Marked as called." in done.text
    assert needs(lead) == []
    assert "told by telephone" in shown("mails")
    assert AuditEntry.objects.filter(action="mail.told", actor_id=lead.user_id).count() == 1
    with pytest.raises(NotFound):
        calls.told(actor=lead, registration_uid=row.uid)
    rounds.cancel_round(actor=lead, round_uid=uid)
    assert [need.kind for need in needs(lead)] == ["call_cancelled"]
    Registration.objects.filter(uid=row.uid).update(guest_name="")  # erased meanwhile
    assert needs(lead) == []


def test_a_call_is_a_matter_of_the_region(lead):
    uid = world.open_round(lead, evenings=1, capacity=1)
    holder = world.actor(world.user())
    world.sign_up(holder, uid)
    row = guest(lead, uid, region="Süd")
    signup.cancel(actor=holder, round_uid=uid)
    south, north = replace(lead, regions=("Süd",)), replace(lead, regions=("Nord",))
    assert [need.object_uid for need in needs(south)] == [row.uid]
    assert needs(north) == []
    for step in (lambda: calls.told(actor=north, registration_uid=row.uid), lambda: waiting.answer_for(actor=north, registration_uid=row.uid, accepted=True)):
        with pytest.raises(NotFound):
            step()


def test_the_telephone_number_is_for_coordinators_only(lead):
    uid = world.open_round(lead, evenings=1)
    guest(lead, uid)
    member = world.actor(world.user())
    world.sign_up(member, uid)
    (row,) = (row for row in desk.registrations(actor=lead, round_uid=uid).rows if row.is_guest)
    assert row.phone == PHONE
    assert 'href="tel:0233155501"' in shown("registrations", round=uid)
    assert signup.own_registration(actor=member, round_uid=uid).phone == ""
    assert OutboxMail.objects.filter(registration__uid=row.uid, state="sent").count() == 0


def test_whom_the_staff_register_gets_mails_in_their_own_language_and_clock(lead, monkeypatch):
    uid = world.open_round(lead)
    known = world.user()
    monkeypatch.setattr(StandInPlatform, "preferences", lambda self, user: Preferences(language="uk", time_zone="Europe/Kyiv", full_name="O"))
    wishes = {"display_name": "Olena", "answers": dict.fromkeys(journey.slots(uid), "yes")}
    signup.register_by_phone(actor=lead, round_uid=uid, wishes=wishes, user_id=known.pk)
    row = Registration.objects.get(user=known)
    assert (row.language, row.time_zone) == ("uk", "Europe/Kyiv")


def test_late_after_the_groups_are_published(lead):
    uid = world.open_round(lead, evenings=1)
    five_people(uid)
    publishing.publish(actor=lead, round_uid=uid, number=assignment.propose(actor=lead, round_uid=uid, number=0), ends_signup=True)
    row = guest(lead, uid)
    assert row.state == "registered"
    assert [need.params["count"] for need in desk.today(actor=lead) if need.kind == "unplaced"] == [1]
    number = assignment.repair(actor=lead, round_uid=uid)
    publishing.publish(actor=lead, round_uid=uid, number=number, ends_signup=True)
    assert [need.kind for need in needs(lead)] == ["call_assigned"]
    assert timezone.now() < Registration.objects.get(uid=row.uid).memberships.get().group.slot.starts_at < timezone.now() + dt.timedelta(days=15)
