"""The clock: server time in, seconds out."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from beratung_xblock.process import Event, Kind, Notice, Status, clock_of, template

T0 = datetime(2026, 10, 25, 0, 30, tzinfo=UTC)  # the night the clocks go back in Berlin
TIETZE = template("tietze6")


def event(kind, after=0.0, /, **data):
    return Event(kind, T0 + timedelta(minutes=after), 1, data)


def at(minutes):
    return T0 + timedelta(minutes=minutes)


STARTED = [event(Kind.STARTED)]


def test_before_the_start_the_whole_first_phase_is_left():
    seen = clock_of(TIETZE, [], T0)
    assert (seen.status, seen.remaining, seen.running, seen.notice) == (Status.WAITING, 300, False, None)


@pytest.mark.parametrize(
    ("minutes", "remaining", "notice"),
    [(0, 300, None), (2.9, 126, None), (3, 120, Notice.TWO_MINUTES), (5, 0, Notice.TIME_UP), (125, -7200, Notice.TIME_UP)],
)
def test_time_runs_below_zero_and_nothing_closes(minutes, remaining, notice):
    seen = clock_of(TIETZE, STARTED, at(minutes))
    assert seen.remaining == pytest.approx(remaining)
    assert (seen.notice, seen.status, seen.phase_index, seen.running) == (notice, Status.RUNNING, 0, True)


def test_extending_brings_time_back_and_takes_the_notice_away():
    events = [*STARTED, event(Kind.EXTENDED, 4, minutes=5), event(Kind.EXTENDED, 4, minutes=1)]
    seen = clock_of(TIETZE, events, at(4))
    assert (seen.remaining, seen.extended, seen.notice) == (420, 360, None)


def test_a_pause_holds_the_clock_and_resuming_goes_on():
    events = [*STARTED, event(Kind.PAUSED, 2)]
    assert clock_of(TIETZE, events, at(60)).remaining == 180
    assert clock_of(TIETZE, events, at(60)).running is False
    assert clock_of(TIETZE, [*events, event(Kind.RESUMED, 60)], at(61)).remaining == 120


def test_stopp_holds_the_clock_like_a_pause():
    assert clock_of(TIETZE, [*STARTED, event(Kind.STOPPED, 1)], at(30)).remaining == 240


def test_going_back_finds_what_the_phase_had_left():
    events = [*STARTED, event(Kind.PHASE_ENTERED, 2, phase=1), event(Kind.PHASE_ENTERED, 3, phase=0)]
    assert clock_of(TIETZE, events, at(4)).remaining == 120
    forth = [*events, event(Kind.PHASE_ENTERED, 4, phase=1)]
    assert clock_of(TIETZE, forth, at(4)).remaining == 540


def test_a_loop_has_its_own_five_minutes_and_leaves_the_phase_its_own():
    events = [*STARTED, event(Kind.PHASE_ENTERED, 1, phase=2), event(Kind.LOOP_ENTERED, 3, loop="find_key_question")]
    inside = clock_of(TIETZE, events, at(4))
    assert (inside.loop_id, inside.remaining) == ("find_key_question", 240)
    assert clock_of(TIETZE, [*events, event(Kind.LOOP_LEFT, 8)], at(8)).remaining == 180


def test_a_break_counts_by_itself_and_the_phase_waits():
    events = [*STARTED, event(Kind.BREAK_STARTED, 1, minutes=10)]
    inside = clock_of(TIETZE, events, at(2))
    assert (inside.on_break, inside.remaining, inside.running) == (True, 540, True)
    assert clock_of(TIETZE, [*events, event(Kind.EXTENDED, 2, minutes=5)], at(2)).remaining == 840
    assert clock_of(TIETZE, [*events, event(Kind.BREAK_ENDED, 20)], at(21)).remaining == 180


def test_between_two_cases_only_a_break_counts():
    done = [*STARTED, event(Kind.CASE_FINISHED, 3, case="a")]
    seen = clock_of(TIETZE, done, at(50))
    assert (seen.status, seen.running, seen.notice) == (Status.BETWEEN, False, None)
    pausing = clock_of(TIETZE, [*done, event(Kind.BREAK_STARTED, 50, minutes=5)], at(56))
    assert (pausing.running, pausing.remaining, pausing.notice) == (True, -60, Notice.TIME_UP)


def test_a_second_round_starts_with_a_full_clock():
    events = [*STARTED, event(Kind.CASE_FINISHED, 5, case="a"), event(Kind.ROUND_STARTED, 10, phase=0)]
    seen = clock_of(TIETZE, events, at(11))
    assert (seen.round_no, seen.remaining) == (2, 240)


def test_a_clock_that_runs_backwards_changes_nothing():
    events = [*STARTED, event(Kind.PHASE_ENTERED, 4, phase=1), event(Kind.EXTENDED, 1, minutes=1)]
    assert clock_of(TIETZE, events, at(0)).remaining == 660


def test_short_phases_give_no_two_minute_notice_at_once():
    troika = template("troika")
    assert clock_of(troika, STARTED, at(0)).notice is None
    assert clock_of(troika, STARTED, at(1)).notice is Notice.TIME_UP
