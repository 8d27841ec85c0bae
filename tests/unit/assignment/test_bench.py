"""The bench says what a line promises and does not keep."""

import pytest

from tools.bench_assignment import misses

GOOD = {"instance": "national-10000-s1", "family": "national", "n": 10_000, "seconds": 20.0, "peak_mb": 90, "valid": True,
        "objective": [10_000, 1669, 2820, -5873], "bound": [10_000, 1669, None, None],
        "cancel": {"most_changed": 1, "changes_nobody": 0.9, "dropped": 0, "slowest_ms": 130}}


def test_a_line_that_keeps_everything_misses_nothing_with_and_without_a_published_bound():
    assert misses(GOOD, {}) == []
    assert misses(GOOD, {"national-10000-s1": {"bound": None}}) == []
    assert misses(GOOD, {"national-10000-s1": {"bound": [10_000, 1669, 2820, None]}}) == []


@pytest.mark.parametrize(("change", "said"), [
    ({"valid": False}, "INVALID"), ({"seconds": 121.0}, "121.0 s"), ({"peak_mb": 501}, "501 MB"),
    ({"objective": [9_999, 1669, 2820, -5873]}, "below the bound"),
    ({"cancel": {**GOOD["cancel"], "slowest_ms": 201}}, "cancel"), ({"cancel": {**GOOD["cancel"], "most_changed": 2}}, "cancel"),
    ({"late": {**GOOD["cancel"]}}, "late"),
])
def test_what_is_not_kept_is_named(change, said):
    missed = misses({**GOOD, **change}, {})
    assert len(missed) == 1
    assert said in missed[0]
