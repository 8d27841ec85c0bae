"""Dates in words: both languages, both changes of the clock, other zones."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo, available_timezones

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from beratung_xblock import times

ZONE = "Europe/Berlin"


def berlin(*parts):
    return datetime(*parts, tzinfo=ZoneInfo(ZONE))


@pytest.mark.parametrize(
    ("start", "end", "language", "expected"),
    [
        ((2026, 4, 14, 18), (2026, 4, 14, 20), "de", "Dienstag, 14. April 2026, 18 bis 20 Uhr"),
        ((2026, 4, 14, 18), (2026, 4, 14, 20), "en", "Tuesday, 14 April 2026, 18:00 to 20:00"),
        ((2026, 3, 3, 9, 5), (2026, 3, 3, 10, 30), "de-at", "Dienstag, 3. März 2026, 9:05 bis 10:30 Uhr"),
        ((2026, 3, 3, 9, 5), (2026, 3, 3, 10, 30), "pl", "Tuesday, 3 March 2026, 09:05 to 10:30"),
        (
            (2026, 12, 31, 22), (2027, 1, 1, 0, 30), "de",
            "Donnerstag, 31. Dezember 2026, 22 Uhr bis Freitag, 1. Januar 2027, 0:30 Uhr",
        ),
        ((2026, 10, 25, 1), (2026, 10, 25, 4), "de", "Sonntag, 25. Oktober 2026, 1 Uhr MESZ bis 4 Uhr MEZ"),
        ((2026, 3, 29, 1), (2026, 3, 29, 4), "en", "Sunday, 29 March 2026, 01:00 CET to 04:00 CEST"),
    ],
)  # fmt: skip
def test_words(start, end, language, expected):
    assert (
        times.words_for_time(berlin(*start).astimezone(UTC), berlin(*end).astimezone(UTC), ZONE, language) == expected
    )


@pytest.mark.parametrize("day", [(2027, 3, 27), (2027, 3, 28), (2027, 10, 30), (2027, 10, 31), (2028, 2, 29)])
def test_six_in_the_evening_is_six_in_every_season(day):
    start = times.local_moment(date(*day), time(18), ZONE)
    words = times.words_for_time(start, start + timedelta(hours=2), ZONE, "de")
    assert words.endswith(", 18 bis 20 Uhr")


def test_reader_in_another_zone_gets_both_times_named():
    start, end = berlin(2026, 4, 14, 18), berlin(2026, 4, 14, 20)
    both = times.words_for_both(start, end, ZONE, "Europe/Kyiv", "de")
    assert both.home == "Dienstag, 14. April 2026, 18 bis 20 Uhr (deutsche Zeit)"
    assert both.own == "Dienstag, 14. April 2026, 19 bis 21 Uhr (Zeit in Kyjiw)"


@pytest.mark.parametrize("own", [None, "", "Europe/Berlin", "Europe/Vienna"])
def test_same_clock_is_told_once(own):
    both = times.words_for_both(berlin(2026, 4, 14, 18), berlin(2026, 4, 14, 20), ZONE, own, "en")
    assert both == times.BothTimes(home="Tuesday, 14 April 2026, 18:00 to 20:00", own=None)


def test_weeks_in_which_the_difference_is_another():
    """New York changes its clock two weeks before Berlin: five hours instead of six."""
    both = times.words_for_both(berlin(2026, 3, 17, 18), berlin(2026, 3, 17, 20), ZONE, "America/New_York", "en")
    assert both.own == "Tuesday, 17 March 2026, 13:00 to 15:00 (time in New York)"


@pytest.mark.parametrize(
    ("now", "language", "expected"),
    [
        ((2026, 4, 14, 9), "de", "heute um 18 Uhr"),
        ((2026, 4, 13, 23, 59), "de", "morgen um 18 Uhr"),
        ((2026, 4, 13, 0, 1), "en", "tomorrow at 18:00"),
        ((2026, 4, 11, 20), "de", "in 3 Tagen"),
        ((2026, 3, 31, 12), "en", "in 14 days"),
        ((2026, 4, 14, 18), "de", ""),
    ],
)
def test_words_until(now, language, expected):
    assert times.words_until(berlin(*now), berlin(2026, 4, 14, 18), ZONE, language) == expected


def test_words_until_counts_days_by_the_calendar_across_a_change_of_the_clock():
    assert times.words_until(berlin(2027, 3, 27, 12), berlin(2027, 3, 28, 12), ZONE, "de") == "morgen um 12 Uhr"


@pytest.mark.parametrize(("language", "expected"), [("de", "14.04., 18 Uhr"), ("en", "14 April, 18:00")])
def test_short_day(language, expected):
    assert times.short_day(berlin(2026, 4, 14, 18).astimezone(UTC), ZONE, language) == expected


def test_skipped_and_repeated_hours():
    assert times.local_moment(date(2026, 3, 29), time(2, 30), ZONE) == datetime(2026, 3, 29, 1, 30, tzinfo=UTC)
    assert times.local_moment(date(2026, 10, 25), time(2, 30), ZONE) == datetime(2026, 10, 25, 0, 30, tzinfo=UTC)


@pytest.mark.parametrize(("day", "hours"), [((2026, 3, 29), 23), ((2026, 10, 25), 25), ((2026, 10, 26), 24)])
def test_a_day_has_the_hours_it_has(day, hours):
    begin, end = times.day_bounds(date(*day), ZONE)
    assert end - begin == timedelta(hours=hours)


def test_naive_moments_are_refused():
    with pytest.raises(ValueError, match="time zone"):
        times.words_for_time(berlin(2026, 1, 1).replace(tzinfo=None), berlin(2026, 1, 2), ZONE, "de")


@settings(max_examples=200, deadline=None)
@given(
    minute=st.integers(0, 60 * 24 * 365 * 4),
    length=st.integers(1, 60 * 30),
    zone=st.sampled_from(sorted(name for name in available_timezones() if "/" in name)),
    language=st.sampled_from(["de", "en", "uk", "ar"]),
)
def test_words_name_the_weekday_and_year_of_the_zone(minute, length, zone, language):
    start = datetime(2026, 1, 1, tzinfo=UTC) + timedelta(minutes=minute)
    words = times.words_for_time(start, start + timedelta(minutes=length), zone, language)
    local = start.astimezone(ZoneInfo(zone))
    assert words.startswith(times.words_for_day(local.date(), language))
    assert str(local.year) in words


@pytest.mark.parametrize(
    ("language", "words"),
    [
        ("uk", "вівторок, 14 квітня 2026"),
        ("ru", "вторник, 14 апреля 2026"),
        ("ar", "الثلاثاء، 14 أبريل 2026"),
        ("tr", "Salı, 14 Nisan 2026"),
        ("fr-CA", "mardi, 14 avril 2026"),
        ("fa", "سه‌شنبه، 14 آوریل 2026"),
        ("pl", "Tuesday, 14 April 2026"),
    ],
)
def test_days_in_the_language_of_the_reader(language: str, words: str) -> None:
    assert times.words_for_day(date(2026, 4, 14), language) == words


@pytest.mark.parametrize(
    ("language", "berlin_words", "other"),
    [
        ("de", "deutsche Zeit", "Zeit in New York"),
        ("en", "German time", "time in New York"),
        ("uk", "за часом Німеччини", "час: New York"),
        ("ru", "по времени Германии", "время: New York"),
        ("ar", "بتوقيت ألمانيا", "بتوقيت New York"),
        ("tr", "Almanya saati", "yerel saat: New York"),
        ("fr", "heure allemande", "heure locale\u00a0: New York"),
        ("fa", "به وقت آلمان", "به وقت New York"),
    ],
)
def test_zones_are_named_in_the_language_of_the_reader(language: str, berlin_words: str, other: str) -> None:
    start = datetime(2026, 4, 14, 16, tzinfo=UTC)
    both = times.words_for_both(start, start + timedelta(hours=2), ZONE, "America/New_York", language)
    assert both.home.endswith(f"({berlin_words})")
    assert both.own.endswith(f"({other})")


@pytest.mark.parametrize(
    ("own", "words"),
    [
        ("Europe/Vienna", "Dienstag, 14. April 2026, 18 Uhr"),
        (None, "Dienstag, 14. April 2026, 18 Uhr"),
        ("Europe/Kyiv", "Dienstag, 14. April 2026, 18 Uhr (deutsche Zeit)"),
    ],
)
def test_a_moment_names_its_zone_where_the_reader_s_clock_differs(own: str | None, words: str) -> None:
    assert times.words_for_moment(datetime(2026, 4, 14, 16, tzinfo=UTC), ZONE, own, "de") == words


def test_a_span_in_other_languages_has_a_dash_between_the_times() -> None:
    start = datetime(2026, 4, 14, 16, tzinfo=UTC)
    words = times.words_for_time(start, start + timedelta(hours=2), "Europe/Berlin", "uk")
    assert words == "вівторок, 14 квітня 2026, 18:00 – 20:00"
    assert times.short_day(start, "Europe/Berlin", "uk") == "14 квітня, 18:00"


@pytest.mark.parametrize(("days", "words"), [(0, "aujourd’hui à 18:00"), (1, "demain à 18:00"), (3, "dans 3 jours")])
def test_how_far_away_in_other_languages(days: int, words: str) -> None:
    now = datetime(2026, 4, 14, 8, tzinfo=UTC)
    assert times.words_until(now, now + timedelta(days=days, hours=8), "Europe/Berlin", "fr") == words
