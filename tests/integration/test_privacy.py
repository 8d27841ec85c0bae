"""What goes away when, and that erasing, exporting and rotating do what they say."""

import base64
import datetime as dt

import pytest
import time_machine
from django.apps import apps
from django.db import models

from beratung_xblock.api import assignment, attendance, cases, conflicts, erasure, own_data, publishing, retention, rotation
from beratung_xblock.exceptions import NotFound
from beratung_xblock.models import (
    Attendance,
    AuditEntry,
    Case,
    Evidence,
    Exclusion,
    Membership,
    OutboxMail,
    Reflection,
    Registration,
    UndertakingAcceptance,
)
from beratung_xblock.models.sealed import SEALED
from tests.integration import world

pytestmark = pytest.mark.django_db(transaction=True)
SECRET = "Geheimnis-des-Falls"


def key(letter: bytes) -> str:
    return base64.b64encode(letter * 32).decode()


@pytest.fixture
def held_round():
    """Eight people, one of them with a submitted case, published groups, attendance and reflections."""
    world.place()
    lead = world.lead()
    uid = world.open_round(lead, evenings=1)
    people = [world.actor(world.user()) for _ in range(8)]
    for number, person in enumerate(people):
        world.sign_up(person, uid, can_moderate=number < 2, brings_case=number == 2, wish_with="Rosa", needs=["captions"])
    text = {**world.CASE, "situation": SECRET + " " + world.CASE["situation"]}
    cases.submit(actor=people[2], round_uid=uid, case=text, boundaries=world.NO_BOUNDARY)
    number = assignment.propose(actor=lead, round_uid=uid, number=0)
    publishing.publish(actor=lead, round_uid=uid, number=number, ends_signup=True)
    group = publishing.led_groups(actor=lead, round_uid=uid)[0]
    with time_machine.travel(group.slot.ends_at, tick=True):
        attendance.all_present(actor=lead, group_uid=group.uid)
        for person in people:
            attendance.reflect(actor=person, group_uid=group.uid, helped="5", safe="5", note="nur für mich")
    return {"lead": lead, "uid": uid, "people": people, "group": group}


def test_every_table_has_a_rule_or_a_reason():
    ruled = {rule.model.__name__ for rule in retention.RULES} | set(retention.KEPT)
    assert {model.__name__ for model in apps.get_app_config("beratung_xblock").get_models()} == ruled


def test_every_sealed_column_is_in_the_registry():
    found = {
        (model, field.name)
        for model in apps.get_app_config("beratung_xblock").get_models()
        for field in model._meta.get_fields()
        if isinstance(field, models.TextField) and field.name.endswith("_sealed")
    }
    assert {(column.model, column.field) for column in SEALED} == found


def test_texts_go_after_thirty_days_logs_after_ninety_and_proof_stays(held_round):
    ends = held_round["group"].slot.ends_at
    day = dt.timedelta(days=1)
    before = retention.purge(now=ends + 29 * day)
    assert (before["case_texts"], before["reflection_notes"]) == (0, 0)
    dry = retention.purge(now=ends + 31 * day, dry_run=True)
    assert (dry["case_texts"], dry["reflection_notes"], Case.objects.count()) == (1, 8, 1)
    done = retention.purge(now=ends + 31 * day)
    assert done == {**dict.fromkeys(done, 0), "case_texts": 1, "reflection_notes": 8}
    assert retention.purge(now=ends + 31 * day) == dict.fromkeys(done, 0)
    assert set(Reflection.objects.values_list("note_sealed", flat=True)) == {""}
    later = retention.purge(now=ends + 120 * day)
    assert later["mails"] > 0
    assert later["registration_details"] == 8
    assert set(Registration.objects.values_list("wish_with", flat=True)) == {""}
    assert not AuditEntry.objects.filter(at__lt=ends + 30 * day).exists()
    assert Attendance.objects.count() == 8
    retention.purge(now=ends + 6 * 365.25 * day)
    assert Attendance.objects.count() == 0
    assert UndertakingAcceptance.objects.count() == 0
    assert Evidence.objects.filter(attended=True).count() == 8


def test_erasing_a_person_keeps_the_counts_and_nothing_else(held_round):
    person = held_round["people"][2]
    erasure.erase_person(user_id=person.user_id)
    for model in apps.get_app_config("beratung_xblock").get_models():
        for field in model._meta.get_fields():
            if getattr(field, "related_model", None) and field.concrete and field.related_model._meta.model_name == "user":
                assert not model.objects.filter(**{field.name: person.user_id}).exists(), (model, field.name)
    assert not AuditEntry.objects.filter(actor_id=person.user_id).exists()
    assert Case.objects.count() == 0
    assert Attendance.objects.count() == 8
    assert Registration.objects.filter(display_name="–", user__isnull=True).count() == 1
    assert sum(erasure.erase_person(user_id=person.user_id).values()) == 0


def test_erasing_somebody_before_the_session_frees_the_place():
    world.place()
    lead = world.lead()
    uid = world.open_round(lead, capacity=1)
    first, second = world.actor(world.user()), world.actor(world.user())
    assert world.sign_up(first, uid).state == "registered"
    assert world.sign_up(second, uid).state == "waiting"
    erasure.erase_person(user_id=first.user_id)
    assert Registration.objects.get(user_id=second.user_id).state == "offered"
    assert not OutboxMail.objects.filter(user_id=first.user_id).exists()


def test_leaving_the_course_ends_the_seat(held_round):
    person = held_round["people"][0]
    assert erasure.leave_course(user_id=person.user_id, course_key=world.COURSE) == 1
    assert not Membership.objects.filter(registration__user_id=person.user_id, left_at__isnull=True).exists()
    assert erasure.leave_course(user_id=person.user_id, course_key=world.COURSE) == 0


def test_own_data_holds_my_texts_and_nobody_elses(held_round):
    mine = own_data.own_data(actor=held_round["people"][2])
    assert SECRET in mine["cases"][0]["situation"]
    assert mine["participation"] == [
        {"date": held_round["group"].slot.starts_at.date().isoformat(), "attended": True, "reflected": True, "minutes": 120}
    ]
    other = own_data.own_data(actor=held_round["people"][3])
    assert other["cases"] == []
    assert SECRET not in str(other)
    with pytest.raises(NotFound):
        own_data.own_data(actor=world.actor(world.user(), is_enrolled=False))


def test_rotation_seals_everything_anew_and_survives_a_lost_key(held_round, settings):
    old = settings.BERATUNG_KEYS
    settings.BERATUNG_KEYS = {**old, "new": key(b"n")}
    settings.BERATUNG_ACTIVE_KEY = "new"
    total = rotation.count()
    report = rotation.rotate()
    assert (report.done, report.unreadable, report.changed_meanwhile) == (total, 0, 0)
    assert rotation.rotate().current == total
    settings.BERATUNG_KEYS = {"new": key(b"n")}
    owner = held_round["people"][2]
    assert SECRET in own_data.own_data(actor=owner)["cases"][0]["situation"]
    settings.BERATUNG_KEYS = {"other": key(b"o")}
    settings.BERATUNG_ACTIVE_KEY = "other"
    lost = own_data.own_data(actor=owner)["cases"][0]
    assert lost["readable"] is False
    assert "situation" not in lost
    assert rotation.rotate().unreadable == total


def test_a_declaration_keeps_two_people_apart_and_is_stored_sealed():
    world.place()
    lead = world.lead()
    uid = world.open_round(lead, evenings=1)
    people = [world.actor(world.user()) for _ in range(10)]
    rows = [world.sign_up(p, uid, can_moderate=n < 3, brings_case=n in (4, 5, 6)) for n, p in enumerate(people)]
    conflicts.declare(actor=people[7], round_uid=uid, other_uid=rows[8].uid)
    conflicts.declare(actor=people[7], round_uid=uid, other_uid=rows[8].uid)
    assert Exclusion.objects.count() == 1
    assert rows[8].uid not in Exclusion.objects.get().other_sealed
    assert [peer.uid for peer in conflicts.declared(actor=people[7], round_uid=uid)] == [rows[8].uid]
    assert conflicts.declared(actor=people[8], round_uid=uid) == []
    assignment.propose(actor=lead, round_uid=uid, number=0)
    board = assignment.board(actor=lead, round_uid=uid)
    together = [{p.uid for p in group.people} for group in board.groups]
    assert not any({rows[7].uid, rows[8].uid} <= members for members in together)
    conflicts.take_back(actor=people[7], round_uid=uid, other_uid=rows[8].uid)
    assert Exclusion.objects.count() == 0
