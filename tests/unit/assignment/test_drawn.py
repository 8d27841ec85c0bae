"""Drawn instances: whatever is asked, the answer is valid, its reasons are true and its bound holds."""

import random

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from beratung_xblock.assignment import (
    Facilitator,
    ImpossiblePins,
    Instance,
    Person,
    Pins,
    Rules,
    SeatPin,
    Slot,
    reassign,
    solve,
    validate,
)

from .tools import judge

LANGS = ["de", "uk", "العربية"]


def invent(n, seed):
    """An instance of ``n`` people; quick, so that thousands can be drawn (one number each instead of hundreds)."""
    rnd = random.Random(seed)

    def some(values, most=9):
        return [v for v in values if rnd.random() < 0.6][:most]

    size_min = rnd.randint(1, 5)
    rules = Rules(size_min=size_min, size_max=rnd.randint(size_min, rnd.choice((8, 8, 8, 15))), size_target=rnd.randint(1, 8), cases_max=rnd.randint(1, 3),
                  repeat_policy=rnd.choice(["avoid", "stable"]))
    slots = tuple(Slot(id=f"s{k}", max_groups=rnd.randint(0, 3)) for k in range(rnd.randint(0, 3)))
    names = [s.id for s in slots]
    people = tuple(
        Person(id=f"ö{i}", slots={s: rnd.randint(1, 3) for s in some(names)}, langs=tuple(some(LANGS, 2)), case=rnd.choice([0, 0, 1, 2, 3]),
               mod=rnd.random() < 0.35, org=rnd.choice("ab"), region=rnd.choice("xy"), exp=rnd.randint(0, 2), waited=rnd.randint(0, 2))
        for i in range(n))
    facs = tuple(Facilitator(id=f"f{k}", slots=tuple(some(names)), langs=("de",), max_groups=rnd.randint(0, 2)) for k in range(rnd.randint(0, 1)))
    ids = [p.id for p in people] + ["left", "gone"]
    return Instance(rules=rules, slots=slots, people=people, facilitators=facs, name=f"{n}-{seed}",
                    exclusions=tuple(tuple(rnd.sample(ids, 2)) for _ in range(rnd.randint(0, 5))),
                    together=tuple(tuple(rnd.sample(ids, 2)) for _ in range(rnd.randint(0, 5))),
                    history=((tuple(ids[: rnd.randint(0, 6)]),),))


def instances(least=0, most=14):
    return st.builds(invent, st.integers(least, most), st.integers(0, 2**31))


SETTINGS = {"deadline": None, "derandomize": True, "database": None,
            "suppress_health_check": [HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.large_base_example]}


@settings(max_examples=300, **SETTINGS)
@given(instances())
def test_every_answer_to_a_drawn_instance_is_valid(instance):
    judge(instance, solve(instance, effort="quick"))


@pytest.mark.slow
@settings(max_examples=5000, **SETTINGS)
@given(instances())
def test_every_answer_to_thousands_of_drawn_instances_is_valid(instance):
    judge(instance, solve(instance, effort="quick"))


@pytest.mark.slow
@settings(max_examples=120, **SETTINGS)
@given(instances(least=15, most=40))
def test_larger_drawn_instances_go_through_all_stages(instance):
    judge(instance, solve(instance, effort="quick"))


@settings(max_examples=120, **SETTINGS)
@given(instances(), st.data())
def test_a_cancellation_never_breaks_the_rules(instance, data):
    before = solve(instance, effort="quick")
    if not instance.people:
        return
    gone = data.draw(st.sampled_from([p.id for p in instance.people]))
    after = Instance(**{**{f: getattr(instance, f) for f in Instance.__slots__}, "people": tuple(p for p in instance.people if p.id != gone)})
    result = reassign(after, before.solution)
    report = judge(after, result, before.solution)
    assert report["perturbation"]["changed"] == len(result.changed)
    assert report["perturbation"]["dropped"] == len(result.dropped)


@settings(max_examples=120, **SETTINGS)
@given(instances(), st.data())
def test_pins_are_kept_or_named(instance, data):
    if not instance.people or not instance.slots:
        return
    people = data.draw(st.lists(st.sampled_from([p.id for p in instance.people]), max_size=3, unique=True))
    slot = data.draw(st.sampled_from([s.id for s in instance.slots]))
    pins = Pins(people=tuple(SeatPin(person=p, group="pinned", slot=slot, lang="de") for p in people))
    try:
        result = solve(instance, effort="quick", pins=pins)
    except ImpossiblePins as impossible:
        named = impossible.problems
    else:
        named = ()
    if named:
        return
    judge(instance, result)
    assert validate(instance, result.solution, pins=pins) == ()


@settings(max_examples=200, **SETTINGS)
@given(instances(), st.data())
def test_a_pinned_group_stays_exactly(instance, data):
    first = solve(instance, effort="quick")
    if not first.solution.groups:
        return
    pins = Pins(groups=(data.draw(st.sampled_from(first.solution.groups)),))
    result = solve(instance, effort="quick", seed=3, pins=pins)
    judge(instance, result)
    assert validate(instance, result.solution, pins=pins) == ()
