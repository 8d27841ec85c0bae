"""After any change: valid groups, nobody dropped whom an assignment could keep, few changes, whatever the cause."""

from dataclasses import replace
from functools import cache

import pytest

from beratung_xblock.assignment import Cancelled, Pins, SeatPin, instance_from_dict, reassign, solve, validate

from .tools import judge, load


@cache
def planned(seed):
    instance = instance_from_dict(load("generate").make("small", 60, seed))
    return instance, solve(instance, effort="quick").solution


def slot_lost(instance, before, number):
    return replace(instance, slots=tuple(replace(s, max_groups=0) if n == number else s for n, s in enumerate(instance.slots)))


def facilitator_ill(instance, before, number):
    return replace(instance, facilitators=tuple(f for n, f in enumerate(instance.facilitators) if n != number))


def conflict_declared(instance, before, number):
    return replace(instance, exclusions=(*instance.exclusions, before.groups[number].members[:2]))


def slot_withdrawn(instance, before, number):
    group = before.groups[number]
    people = tuple(replace(p, slots={s: w for s, w in p.slots.items() if s != group.slot}) if p.id == group.members[0] else p for p in instance.people)
    return replace(instance, people=people)


@pytest.mark.parametrize(("change", "seed", "number", "most"), [
    (conflict_declared, 1, 0, 3), (conflict_declared, 1, 1, 2), (conflict_declared, 2, 0, 2), (conflict_declared, 2, 1, 1),
    (facilitator_ill, 1, 0, 1), (facilitator_ill, 2, 0, 1), (slot_withdrawn, 1, 0, 3), (slot_withdrawn, 2, 3, 14),
    (slot_lost, 1, 0, 5), (slot_lost, 2, 0, 8), (slot_lost, 2, 1, 22),
])
def test_every_cause_drops_only_whom_nothing_could_keep_and_changes_few(change, seed, number, most):
    instance, before = planned(seed)
    after = change(instance, before, number)
    result = reassign(after, before)
    report = judge(after, result, before)
    assert (report["perturbation"]["changed"], report["perturbation"]["dropped"]) == (len(result.changed), len(result.dropped))
    assert len(result.changed) <= most
    if result.dropped:
        assert result.objective[0] == solve(after, effort="quick").bound[0]


@pytest.mark.slow
def test_where_mending_would_drop_somebody_the_round_is_looked_at_as_a_whole():
    instance, before = planned(2)
    after = slot_lost(instance, before, 2)
    result = reassign(after, before)
    judge(after, result, before)
    assert result.dropped == ()
    assert {g.id for g in result.solution.groups} & {g.id for g in before.groups}
    assert result == reassign(after, before)


@pytest.mark.slow
def test_pins_hold_while_the_whole_round_is_looked_at():
    instance, before = planned(2)
    lost = instance.slots[2].id
    kept, seated = [g for g in before.groups if g.slot != lost][:2]
    pins = Pins(groups=(kept,), people=(SeatPin(person=seated.members[0], group=seated.id, slot=seated.slot, lang=seated.lang),))
    after = slot_lost(instance, before, 2)
    result = reassign(after, before, pins=pins)
    judge(after, result, before)
    assert validate(after, result.solution, pins=pins) == ()


def test_the_look_at_the_whole_round_tells_how_far_it_is_and_can_be_stopped_anywhere():
    instance, before = planned(2)
    after, seen = slot_lost(instance, before, 2), []
    with pytest.raises(Cancelled):
        reassign(after, before, progress=lambda done, stage: seen.append((done, stage)), cancelled=lambda: len(seen) >= 4)
    assert len(seen) == 4
    assert seen == sorted(seen)
    assert seen[0] == (0.0, "reassign")
    assert 0.1 < seen[-1][0] < 1


@pytest.mark.slow
def test_progress_through_the_look_at_the_whole_round_rises_to_one():
    instance, before = planned(2)
    seen = []
    reassign(slot_lost(instance, before, 2), before, progress=lambda done, stage: seen.append(done))
    assert seen == sorted(seen)
    assert seen[-1] == 1.0
    assert len([done for done in seen if 0.44 < done < 0.95]) > 5
