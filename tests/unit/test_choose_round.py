"""Which round a volunteer sees first."""

import datetime as dt
from types import SimpleNamespace

from beratung_xblock.api.rounds import choose_round

NOW = dt.datetime(2027, 4, 13, 17, 0, tzinfo=dt.UTC)
DAY = dt.timedelta(days=1)


def row(pk, state, *, ends=None, closes=NOW - DAY):
    return SimpleNamespace(pk=pk, state=state, last_end=ends, closes_at=closes)


def test_the_session_of_today_wins_over_what_is_over_and_what_comes():
    old = row(1, "published", ends=NOW - 30 * DAY)
    today = row(2, "published", ends=NOW + dt.timedelta(hours=2))
    later = row(3, "published", ends=NOW + 60 * DAY)
    assert choose_round([later, today, old], {1, 2, 3}, now=NOW) is today


def test_a_session_that_runs_late_is_still_todays():
    late = row(1, "published", ends=NOW - dt.timedelta(hours=3))
    later = row(2, "published", ends=NOW + 60 * DAY)
    assert choose_round([later, late], {1, 2}, now=NOW) is late


def test_the_last_one_of_mine_before_one_that_is_open_to_all():
    old, older = row(2, "published", ends=NOW - 3 * DAY), row(1, "published", ends=NOW - 90 * DAY)
    open_ = row(3, "open", ends=NOW + 9 * DAY, closes=NOW + DAY)
    assert choose_round([open_, old, older], {1, 2}, now=NOW) is old


def test_without_mine_the_open_one_else_the_latest_i_was_in():
    finished = row(1, "finished", ends=NOW - 90 * DAY)
    open_ = row(2, "open", ends=NOW + 9 * DAY, closes=NOW + DAY)
    closed = row(3, "closed", ends=NOW + 9 * DAY)
    assert choose_round([closed, open_, finished], {1}, now=NOW) is open_
    assert choose_round([closed, finished], {1}, now=NOW) is finished
    assert choose_round([closed], set(), now=NOW) is None
