"""Rounds too large for one matrix of relations: what is kept beside the groups is what counting anew gives."""

from dataclasses import replace

import numpy as np
import pytest

from beratung_xblock.assignment import field, instance_from_dict
from beratung_xblock.assignment.anneal import Annealer
from beratung_xblock.assignment.arrays import DENSE_LIMIT, Arrays
from beratung_xblock.assignment.deal import Dealer

from .tools import load


@pytest.fixture(scope="module")
def large():
    """Weights beyond what a byte holds, so that sums must not overflow."""
    instance = instance_from_dict(load("generate").make("national", DENSE_LIMIT + 100, 1))
    weights = {**instance.rules.weights, "same_org": 700, "same_region": 300}
    a = Arrays(replace(instance, rules=replace(instance.rules, weights=weights)))
    return a, Dealer(a).deal()


def played(large):
    a, state = large
    player = Annealer(a, [state], seed=5, copies=1, batch=2000)
    player.run(40, hot=900.0, cold=300.0)
    return player


def test_the_running_score_is_what_counting_anew_gives(large):
    player = played(large)
    assert player.f.tallies is not None
    assert np.array_equal(player.now, player.f.energy())


def test_without_tallies_the_same_groups_are_found(large, monkeypatch):
    with_them = played(large).answers()
    monkeypatch.setattr(field, "TALLIES", 0)
    player = played(large)
    assert player.f.tallies is None
    assert player.answers() == with_them
