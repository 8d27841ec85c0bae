"""One's own data: every table that knows a person is in the file, and what the page says about deletion is what happens."""

import datetime as dt

import pytest
from django.apps import apps
from django.contrib.auth import get_user_model
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from beratung_xblock.api import attendance, calendar, cases, own_data, results, retention, rounds
from beratung_xblock.api.history import history
from beratung_xblock.api.overview import overview
from beratung_xblock.data.actor import Actor
from beratung_xblock.data.enums import CaseState
from beratung_xblock.data.settings import PlaceSettings
from beratung_xblock.models import (
    Attendance,
    AuditEntry,
    Case,
    Coordinator,
    Idea,
    OutboxMail,
    Place,
    PlaceOffer,
    Registration,
    Session,
    SessionCase,
    Slot,
)
from beratung_xblock.pages import own_words
from tests.blocks import stage
from tests.integration import session_world, world

pytestmark = pytest.mark.django_db(transaction=True)
DAY = dt.timedelta(days=1)


def knows_people() -> set[type]:
    """Models with a column that points at a user or at a sign-up."""
    return {
        model for model in apps.get_app_config("beratung_xblock").get_models()
        for field in model._meta.concrete_fields
        if field.name == "actor_id" or getattr(field, "related_model", None) in (get_user_model(), Registration)
    }


def test_every_table_that_knows_a_person_is_in_the_file_or_has_a_reason():
    made = session_world.make()
    with CaptureQueriesContext(connection) as asked:
        own_data.own_data(actor=made.actors["Cem"])
    read = {model for model in knows_people() if any(f"FROM {connection.ops.quote_name(model._meta.db_table)}" in one["sql"] for one in asked)}
    assert len(read) > 15
    assert {model.__name__ for model in knows_people() - read} <= set(own_data.NOT_HERE)
    assert set(own_data.NOT_HERE) <= {model.__name__ for model in apps.get_app_config("beratung_xblock").get_models()}


def everything(made: session_world.GroupOfSix) -> Actor:
    """Dana with something in every table."""
    dana, row = made.actors["Dana"], made.registrations["Dana"]
    now = timezone.now()
    made.to_ideas()
    made.do("Dana", "add_idea", text="Ein Vorschlag von mir", key="k1")
    made.do("Dana", "knows_them")
    Registration.objects.filter(pk=row.pk).update(wish_with="Rosa", cancel_reason="krank gewesen", organisation="2027-99-99", waited=2)
    PlaceOffer.objects.create(registration=row, state="expired", offered_at=now, expires_at=now)
    Attendance.objects.create(
        group=made.group, registration=row, minutes=90, scheduled_minutes=120, updated_at=now, reason="kam später"
    )
    Session.objects.update(state="ended", ended_at=now)
    attendance.reflect(actor=dana, group_uid=made.group.uid, helped="5", safe="4", note="nur für mich notiert")
    Session.objects.update(state="running", ended_at=None)
    Coordinator.objects.create(course_key=world.COURSE, user_id=dana.user_id, region="Süd")
    calendar.subscribe(actor=dana)
    cases.ask_for_contact(actor=dana)
    rounds.note_interest(actor=dana)
    OutboxMail.objects.create(
        place=made.group.round.place, user_id=dana.user_id, registration=row, kind="assigned", dedupe_key="k", not_before=now, message_id="m"
    )
    return dana


def test_the_file_holds_what_is_stored_and_the_log_about_me():
    made = session_world.make()
    dana = everything(made)
    found = own_data.own_data(actor=dana)
    (mine,) = found["registrations"]
    assert (mine["wish_with"], mine["cancel_reason"], mine["rounds_waited"]) == ("Rosa", "krank gewesen", 2)
    assert [offer["state"] for offer in mine["offers"]] == ["expired"]
    (session,) = found["sessions"]
    assert (session["minutes_present"], session["note_on_minutes"], session["sat_out"]) == (90, "kam später", True)
    assert session["ideas_i_gave"] == ["Ein Vorschlag von mir"]
    assert session["reflection"]["note"] == "nur für mich notiert"
    assert {wish["kind"] for wish in found["wishes_to_be_told"]} == {"call_back", "next_round", "calendar_address", "coordination"}
    assert [mail["kind"] for mail in found["mails"]] == ["assigned"]
    assert {"reflection.write", "contact.ask"} <= {line["action"] for line in found["log"]}
    assert not any("own_data" in line["action"] for line in found["log"])
    assert "own_data.export" in {line["action"] for line in own_data.own_data(actor=dana)["log"]}
    others = repr(own_data.own_data(actor=made.actors["Eva"]))
    for text in ("Rosa", "krank gewesen", "kam später", "Ein Vorschlag", "notiert"):
        assert text not in others
    Idea.objects.update(author=None)  # as the end of a session does
    assert own_data.own_data(actor=dana)["sessions"][0]["ideas_i_gave"] == []


def test_a_writer_gets_all_cases_however_many():
    made = session_world.make()
    row = made.registrations["Cem"]
    for _ in range(25):
        uid = cases.new_uid()
        Case.objects.create(
            row_uid=uid, place=row.round.place, owner=row.user, state="kept", updated_at=timezone.now(),
            **cases.seal_case(row_uid=uid, title="Aufgehoben", body={}),
        )
    assert len(own_data.own_data(actor=made.actors["Cem"])["cases"]) == 26


def test_the_readable_file_has_a_name_for_everything(settings):
    made = session_world.make()
    dana = everything(made)
    data = own_data.own_data(actor=dana)
    assert [key for key in data if key != "place"] == list(own_words.HEADINGS)
    names = {name for key in own_words.HEADINGS for entry in data[key] for name in entry}
    assert {name for name in names if name not in own_words.LABELS} == set()
    told = {line["action"] for line in data["log"]} | {one["kind"] for one in (*data["mails"], *data["wishes_to_be_told"])}
    assert {word for word in told if own_words.word(word, "kind") == word or "%(" in own_words.word(word)} == set()
    assert own_words.word("3", "urgency") != "3" != own_words.word("2", "experience")
    assert own_words.word("3") == "3"
    stage.enrol(made.registrations["Dana"].user)
    client = Client()
    client.force_login(made.registrations["Dana"].user)
    answer = client.get(reverse("beratung:my_data", kwargs={"usage_key": world.BLOCK, "kind": "pdf"}))
    assert (answer.status_code, answer.content[:5]) == (200, b"%PDF-")


# --- the day on the page is the day of the purge -----------------------------------------------------------------------


def gone(now: dt.datetime, rows) -> bool:
    retention.purge(now=now)
    return not rows.exists()


@pytest.mark.parametrize(("days", "later_evening"), [((60, 30), False), ((5, 90), True)])
@pytest.mark.parametrize("state", [state.value for state in CaseState])
def test_a_case_goes_on_the_day_the_page_says(state, later_evening, days):
    made = session_world.make(retention_draft_days=days[0], retention_text_days=days[1])
    place = Place.objects.get()
    place.settings = {**place.settings, "retention_text_days": days[1] + 7}  # changed while the round runs: the place counts
    place.save()
    if later_evening:
        Slot.objects.create(round=made.group.round, starts_at=timezone.now() + 20 * DAY, ends_at=timezone.now() + 20 * DAY)
    Case.objects.update(state=state, registration=None if state == "kept" else made.registrations["Cem"])
    (case,) = cases.own_cases(actor=made.actors["Cem"], settings=PlaceSettings(**{**place.settings, "languages": ("de",), "reminders": (), "regions": (), "meeting_hosts": ()}))
    shown = overview(actor=made.actors["Cem"], place=place, now=timezone.now() - dt.timedelta(hours=2))
    own = shown.kept or shown.case
    assert own.deleted_on == case.deleted_on
    midnight = dt.datetime.combine(case.deleted_on, dt.time(), dt.UTC)
    assert not gone(midnight, Case.objects.all())
    assert gone(midnight + DAY, Case.objects.all())


@pytest.mark.parametrize("ended", [dt.timedelta(hours=-30), dt.timedelta(hours=30)])
def test_the_ideas_go_on_the_day_the_page_says(ended):
    made = session_world.make()
    made.to_ideas()
    made.do("Dana", "add_idea", text="Ein Vorschlag", key="k1")
    made.do("Anna", "end")
    Session.objects.update(ended_at=made.group.slot.ends_at + ended)
    (result,) = results.own_results(actor=made.actors["Cem"], settings=PlaceSettings())
    midnight = dt.datetime.combine(result.deleted_on, dt.time(), dt.UTC)
    assert not gone(midnight, Idea.objects.all())
    assert gone(midnight + DAY, Idea.objects.all())
    assert set(SessionCase.objects.values_list("key_question_sealed", flat=True)) == {""}


def test_the_coordination_does_not_learn_who_asked_for_their_data():
    made = session_world.make()
    own_data.own_data(actor=made.actors["Dana"])
    assert AuditEntry.objects.filter(action="own_data.export").exists()
    made.to_ideas()
    made.do("Anna", "end")
    results.forget_ideas(actor=made.actors["Cem"], session_case_uid=SessionCase.objects.get().row_uid)
    assert AuditEntry.objects.filter(action="ideas.delete").exists()
    seen = {line.action for line in history(actor=world.lead())[0]}
    assert "coordinator.grant" in seen
    assert not any(action.startswith(("own_data", "ideas", "takeaway", "reflection")) for action in seen)
