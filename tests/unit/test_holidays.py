"""Rules for rounds and the warnings about their dates."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from beratung_xblock import holidays
from beratung_xblock.holidays import Concern, DateWarning, Period, QuarterRule, Span

SECOND_TUESDAY = QuarterRule(nth=2, weekday=1, month=1, starts=time(18), ends=time(20))


def kinds(day, **changes):
    return [warning.concern for warning in holidays.concerns(day, "de", **changes)]


def test_second_tuesday_in_the_first_month_of_each_quarter():
    slots = holidays.slots_for_year(SECOND_TUESDAY, 2027)
    assert [slot.day for slot in slots] == [
        date(2027, 1, 12), date(2027, 4, 13), date(2027, 7, 13), date(2027, 10, 12),
    ]  # fmt: skip
    assert [slot.starts for slot in slots] == [
        datetime(2027, 1, 12, 17, tzinfo=UTC),
        datetime(2027, 4, 13, 16, tzinfo=UTC),
        datetime(2027, 7, 13, 16, tzinfo=UTC),
        datetime(2027, 10, 12, 16, tzinfo=UTC),
    ]
    assert {slot.ends - slot.starts for slot in slots} == {timedelta(hours=2)}


def test_last_weekday_of_a_month_also_in_december_and_a_leap_february():
    assert holidays.nth_weekday(2027, 12, 4, holidays.LAST) == date(2027, 12, 31)
    assert holidays.nth_weekday(2028, 2, 1, holidays.LAST) == date(2028, 2, 29)


def test_an_evening_over_midnight_ends_the_next_day():
    rule = QuarterRule(nth=1, weekday=4, month=3, starts=time(23), ends=time(0, 30))
    slot = holidays.slot_for_quarter(rule, 2027, 1)
    assert slot.ends - slot.starts == timedelta(minutes=90)


@given(
    year=st.integers(2024, 2060),
    month=st.integers(1, 12),
    weekday=st.integers(0, 6),
    nth=st.sampled_from([1, 2, 3, 4, -1]),
)
def test_nth_weekday_is_that_weekday_in_that_week(year, month, weekday, nth):
    day = holidays.nth_weekday(year, month, weekday, nth)
    assert (day.year, day.month, day.weekday()) == (year, month, weekday)
    if nth == -1:
        assert (day + timedelta(days=7)).month != month
    else:
        assert (day.day - 1) // 7 == nth - 1


@given(
    nth=st.sampled_from([1, 2, 3, 4, -1]),
    weekday=st.integers(0, 6),
    month=st.integers(1, 3),
    hour=st.integers(4, 22),
    year=st.integers(2024, 2060),
)
def test_a_rule_keeps_its_wall_clock_in_every_quarter(nth, weekday, month, hour, year):
    rule = QuarterRule(nth=nth, weekday=weekday, month=month, starts=time(hour), ends=time(hour + 1))
    for slot in holidays.slots_for_year(rule, year):
        local = slot.starts.astimezone(ZoneInfo("Europe/Berlin"))
        assert (local.date(), local.hour) == (slot.day, hour)
        assert (slot.day.month - 1) // 3 + 1 == slot.quarter


@pytest.mark.parametrize(
    ("field", "changes"),
    [
        ("nth", {"nth": 5}),
        ("nth", {"nth": 0}),
        ("weekday", {"weekday": 7}),
        ("month", {"month": 4}),
        ("ends", {"ends": time(18)}),
    ],
)
def test_a_rule_that_gives_no_date_is_refused_by_field(field, changes):
    values = {"nth": 2, "weekday": 1, "month": 1, "starts": time(18), "ends": time(20), **changes}
    with pytest.raises(ValueError, match=f"^{field}:"):
        QuarterRule(**values)


def test_holidays_of_north_rhine_westphalia_are_the_default():
    assert holidays.public_holiday(date(2027, 5, 27), "de") == "Fronleichnam"
    assert holidays.public_holiday(date(2027, 5, 27), "de", subdivision="BE") == ""
    assert holidays.public_holiday(date(2027, 3, 26), "en") == "Good Friday"


@pytest.mark.parametrize(
    ("day", "expected"),
    [
        (date(2027, 4, 13), []),
        (date(2027, 5, 27), [Concern.PUBLIC_HOLIDAY]),
        (date(2027, 5, 26), [Concern.BEFORE_HOLIDAY]),
        (date(2027, 5, 28), [Concern.BETWEEN_HOLIDAYS]),
        (date(2027, 6, 5), [Concern.WEEKEND]),
        (date(2027, 2, 16), [Concern.RAMADAN]),
        (date(2027, 3, 10), []),
        (date(2027, 12, 28), [Concern.CHRISTMAS_TIME]),
        (date(2026, 4, 13), [Concern.ORTHODOX_EASTER]),
    ],
)
def test_concerns(day, expected):
    assert kinds(day) == expected


def test_a_holiday_is_named_in_the_reader_s_language():
    assert holidays.concerns(date(2027, 5, 26), "de") == (
        DateWarning(date(2027, 5, 26), Concern.BEFORE_HOLIDAY, "Fronleichnam"),
    )
    assert holidays.concerns(date(2027, 5, 26), "en")[0].text == "Corpus Christi"


def test_school_holidays_come_from_the_operator_and_include_both_ends():
    summer = Period("Sommerferien", date(2026, 7, 20), date(2026, 9, 1))
    assert kinds(date(2026, 7, 20), school=[summer]) == [Concern.SCHOOL_HOLIDAY]
    assert kinds(date(2026, 9, 1), school=[summer]) == [Concern.SCHOOL_HOLIDAY]
    assert kinds(date(2026, 9, 2), school=[summer]) == []


def test_days_gone_by_are_warned_of_only_when_asked():
    assert kinds(date(2027, 4, 13), today=date(2027, 4, 14)) == [Concern.IN_THE_PAST]
    assert kinds(date(2027, 4, 13), today=date(2027, 4, 13)) == []


def test_a_year_with_two_fasting_months_and_one_across_the_turn_of_the_year():
    assert [first for first, _ in holidays.ramadans(2030)] == [date(2030, 1, 6), date(2030, 12, 26)]
    assert Concern.RAMADAN in kinds(date(2031, 1, 14))


def test_clashes_tell_overlap_from_the_same_evening():
    start, end = datetime(2027, 4, 13, 16, tzinfo=UTC), datetime(2027, 4, 13, 18, tzinfo=UTC)
    others = [
        Span("touches", end, end + timedelta(hours=1)),
        Span("overlaps", end - timedelta(minutes=1), end + timedelta(hours=1)),
        Span("elsewhere", start + timedelta(days=7), end + timedelta(days=7)),
    ]
    found = holidays.clashes(start, end, others, date(2027, 4, 13))
    assert [(warning.concern, warning.text) for warning in found] == [
        (Concern.OVERLAP, "overlaps"),
        (Concern.SAME_DAY, "touches"),
    ]
