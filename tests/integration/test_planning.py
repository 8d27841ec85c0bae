"""A year's four rounds by a rule, copies of rounds, and what speaks against a date."""

import datetime as dt
from zoneinfo import ZoneInfo

import pytest
import time_machine

from beratung_xblock.api import planning, rounds
from beratung_xblock.exceptions import Conflict, Invalid, NotFound
from beratung_xblock.holidays import Concern
from beratung_xblock.models import Round, Slot
from tests.integration import world

pytestmark = pytest.mark.django_db(transaction=True)
RULE = {"nth": "2", "weekday": "1", "month": "1", "starts": "18:00", "ends": "20:00", "year": "2027"}
BERLIN = ZoneInfo("Europe/Berlin")


@pytest.fixture
def lead():
    with time_machine.travel(dt.datetime(2026, 12, 1, 9, tzinfo=dt.UTC), tick=False):
        world.place()
        yield world.lead()


def test_four_rounds_of_a_year_once(lead):
    uids = planning.create_year(actor=lead, rule=RULE, max_groups="3", capacity="30")
    assert len(uids) == 4
    assert list(Round.objects.order_by("pk").values_list("title", "state", "capacity")) == [
        (f"Quarter {n} of 2027", "draft", 30) for n in (1, 2, 3, 4)
    ]
    local = [slot.starts_at.astimezone(BERLIN) for slot in Slot.objects.order_by("pk")]
    assert [moment.strftime("%Y-%m-%d %H:%M") for moment in local] == [
        "2027-01-12 18:00", "2027-04-13 18:00", "2027-07-13 18:00", "2027-10-12 18:00",
    ]  # fmt: skip
    assert [slot.starts_at.hour for slot in Slot.objects.order_by("pk")] == [17, 16, 16, 16]
    with pytest.raises(Conflict, match="exists"):
        planning.create_year(actor=lead, rule=RULE)
    assert Round.objects.count() == 4


def test_quarters_can_be_left_out_and_past_ones_are(lead):
    with time_machine.travel(dt.datetime(2027, 5, 1, 9, tzinfo=dt.UTC), tick=False):
        assert len(planning.create_year(actor=lead, rule=RULE, without=[4])) == 1
    assert Round.objects.get().title == "Quarter 3 of 2027"


def test_the_plan_warns_of_holidays_and_of_other_rounds(lead):
    rule = {**RULE, "weekday": "0", "nth": "-1", "month": "3"}  # the last Monday in March 2027 is Easter Monday
    first = planning.plan_year(actor=lead, rule=rule)[0]
    assert [warning.concern for warning in first.warnings] == [Concern.PUBLIC_HOLIDAY]
    planning.create_year(actor=lead, rule=RULE)
    again = planning.plan_year(actor=lead, rule={**RULE, "starts": "19:00", "ends": "21:00"})
    assert [warning.concern for warning in again[1].warnings] == [Concern.OVERLAP]
    assert again[1].warnings[0].text == "Quarter 2 of 2027"
    assert all(each.exists for each in again)


def test_school_holidays_of_the_operator(lead, settings):
    settings.BERATUNG_SCHOOL_HOLIDAYS = [("Sommerferien", "2027-07-01", "2027-08-01"), ("bad",)]
    plan = planning.plan_year(actor=lead, rule=RULE)
    assert [(w.concern, w.text) for w in plan[2].warnings] == [(Concern.SCHOOL_HOLIDAY, "Sommerferien")]


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"nth": "x"}, "nth"),
        ({"nth": "5"}, "nth"),
        ({"starts": "25:00"}, "starts"),
        ({"year": "1999"}, "year"),
        ({"time_zone": "Mars/Base"}, "time_zone"),
        ({"ends": "18:00"}, "ends"),
    ],
)
def test_a_bad_rule_names_its_field(lead, changes, field):
    with pytest.raises(Invalid) as refused:
        planning.plan_year(actor=lead, rule={**RULE, **changes})
    assert list(refused.value.errors) == [field]


def test_only_coordinators_plan(lead):
    with pytest.raises(NotFound):
        planning.plan_year(actor=world.actor(world.user()), rule=RULE)


def test_a_copy_keeps_clock_and_distance_across_the_change_of_the_clock(lead):
    uid = world.open_round(lead, in_days=60, evenings=2, capacity=12)  # winter
    rounds.cancel_round(actor=lead, round_uid=uid)
    old = [slot.starts_at.astimezone(BERLIN) for slot in Slot.objects.filter(round__uid=uid)]
    copy = planning.copy_round(actor=lead, round_uid=uid, title="Copy", first_day="2027-06-01")
    new = list(Slot.objects.filter(round__uid=copy).order_by("starts_at"))
    local = [slot.starts_at.astimezone(BERLIN) for slot in new]
    assert local[0].date() == dt.date(2027, 6, 1)
    assert [moment.time() for moment in local] == [moment.time() for moment in old]
    assert (local[1].date() - local[0].date()) == (old[1].date() - old[0].date())
    assert {slot.meeting_url for slot in new} == {""}
    assert Round.objects.get(uid=copy).capacity == 12
    with pytest.raises(Invalid) as refused:
        planning.copy_round(actor=lead, round_uid=uid, title="Copy", first_day="2020-06-01")
    assert refused.value.errors == {"first_day": "past"}
