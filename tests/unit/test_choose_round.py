"""Which round a volunteer sees first."""

import datetime as dt
from types import SimpleNamespace

from beratung_xblock.api.standing import Standing, first, is_over

NOW = dt.datetime(2027, 4, 13, 17, 0, tzinfo=dt.UTC)
DAY = dt.timedelta(days=1)
HOUR = dt.timedelta(hours=1)


def row(pk, state, *, ends=None, closes=NOW - DAY, mine="registered", seat=None, session="open"):
    """A round; `seat` is the end of the date of my group."""
    group = None
    if seat is not None:
        slot = SimpleNamespace(starts_at=seat - 2 * HOUR, ends_at=seat)
        group = SimpleNamespace(group=SimpleNamespace(slot=slot, session=SimpleNamespace(state=session)))
    round_ = SimpleNamespace(pk=pk, state=state, last_end=seat or ends, closes_at=closes)
    return Standing(round_, SimpleNamespace(state=mine) if mine else None, group)


def test_the_session_of_today_wins_over_what_is_over_and_what_comes():
    old = row(1, "published", seat=NOW - 30 * DAY)
    today = row(2, "published", seat=NOW + 2 * HOUR)
    later = row(3, "published", seat=NOW + 60 * DAY)
    assert first([later, today, old], now=NOW) is today


def test_a_session_that_runs_late_is_still_todays():
    late = row(1, "published", seat=NOW - 3 * HOUR, session="running")
    later = row(2, "published", seat=NOW + 60 * DAY)
    assert first([later, late], now=NOW) is late
    assert not is_over(ends_at=NOW - 3 * HOUR, session_state="running", now=NOW)
    assert is_over(ends_at=NOW - 7 * HOUR, session_state="running", now=NOW)


def test_the_look_back_has_its_evening_then_the_next_date_comes_first():
    later = row(3, "published", seat=NOW + 18 * DAY)
    assert first([later, ended := row(2, "published", seat=NOW + HOUR, session="ended")], now=NOW) is ended
    assert first([later, row(2, "published", seat=NOW - 8 * HOUR, session="ended")], now=NOW) is later


def test_a_round_where_groups_are_made_comes_before_one_that_is_over():
    over, waiting = row(1, "published", seat=NOW - 3 * DAY), row(2, "closed", ends=NOW + 9 * DAY)
    assert first([waiting, over], now=NOW) is waiting


def test_the_last_one_of_mine_before_one_that_is_open_to_all():
    old, older = row(2, "published", seat=NOW - 3 * DAY), row(1, "published", seat=NOW - 90 * DAY)
    open_ = row(3, "open", ends=NOW + 9 * DAY, closes=NOW + DAY, mine=None)
    assert first([open_, old, older], now=NOW) is old


def test_who_got_no_group_sees_the_next_sign_up():
    unplaced = row(1, "published", ends=NOW + 5 * DAY)
    open_ = row(2, "open", ends=NOW + 30 * DAY, closes=NOW + 9 * DAY, mine=None)
    assert first([open_, unplaced], now=NOW) is open_
    assert first([unplaced], now=NOW) is unplaced


def test_a_cancelled_sign_up_stays_in_sight_until_something_else_matters():
    cancelled = row(1, "open", ends=NOW + 9 * DAY, closes=NOW + DAY, mine="cancelled")
    closed = row(1, "closed", ends=NOW + 9 * DAY, mine="cancelled")
    open_ = row(2, "open", ends=NOW + 30 * DAY, closes=NOW + 9 * DAY, mine=None)
    assert first([cancelled], now=NOW) is cancelled
    assert first([closed], now=NOW) is closed
    assert first([open_, cancelled], now=NOW) is open_
    assert first([row(1, "published", seat=None, ends=NOW - DAY, mine="cancelled")], now=NOW) is None


def test_without_mine_the_open_one_else_the_latest_i_was_in():
    finished = row(1, "finished", ends=NOW - 90 * DAY)
    open_ = row(2, "open", ends=NOW + 9 * DAY, closes=NOW + DAY, mine=None)
    closed = row(3, "closed", ends=NOW + 9 * DAY, mine=None)
    assert first([closed, open_, finished], now=NOW) is open_
    assert first([closed, finished], now=NOW) is finished
    assert first([closed], now=NOW) is None


def test_a_place_that_waits_for_an_answer_comes_before_my_next_date_and_after_the_session_of_today():
    offered = row(2, "open", ends=NOW + 30 * DAY, closes=NOW + 9 * DAY, mine="offered")
    later, today = row(3, "published", seat=NOW + 18 * DAY), row(1, "published", seat=NOW + 2 * HOUR)
    assert first([later, offered], now=NOW) is offered
    assert first([later, offered, today], now=NOW) is today
    queued = row(2, "open", ends=NOW + 30 * DAY, closes=NOW + 9 * DAY, mine="waiting")
    assert first([later, queued], now=NOW) is later
