"""Drawn instances: whatever is asked, the answer is valid, its reasons are true and its bound holds."""

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


@st.composite
def instances(draw, most=14):
    size_min = draw(st.integers(1, 5))
    size_max = draw(st.integers(size_min, 8))
    rules = Rules(size_min=size_min, size_max=size_max, size_target=draw(st.integers(1, 8)), cases_max=draw(st.integers(1, 3)),
                  repeat_policy=draw(st.sampled_from(["avoid", "stable"])))
    slots = tuple(Slot(id=f"s{k}", max_groups=draw(st.integers(0, 3))) for k in range(draw(st.integers(0, 3))))
    names = [s.id for s in slots]
    n = draw(st.integers(0, most))
    people = tuple(
        Person(id=f"ö{i}", slots={s: draw(st.integers(1, 3)) for s in draw(st.sets(st.sampled_from(names)) if names else st.just(set()))},
               langs=tuple(sorted(draw(st.sets(st.sampled_from(LANGS), max_size=2)))), case=draw(st.sampled_from([0, 0, 1, 2, 3])),
               mod=draw(st.sampled_from([False, False, True])), org=draw(st.sampled_from("ab")), region=draw(st.sampled_from("xy")),
               exp=draw(st.integers(0, 2)), waited=draw(st.integers(0, 2)))
        for i in range(n))
    facs = tuple(Facilitator(id=f"f{k}", slots=tuple(sorted(draw(st.sets(st.sampled_from(names)) if names else st.just(set())))),
                             langs=("de",), max_groups=draw(st.integers(0, 2))) for k in range(draw(st.integers(0, 1))))
    ids = [p.id for p in people] + ["left"]
    pairs = st.lists(st.tuples(st.sampled_from(ids), st.sampled_from(ids)).filter(lambda p: p[0] != p[1]), max_size=5)
    two = len(ids) > 1
    return Instance(rules=rules, slots=slots, people=people, facilitators=facs,
                    exclusions=tuple(draw(pairs)) if two else (), together=tuple(draw(pairs)) if two else (),
                    history=((tuple(ids[: draw(st.integers(0, 6))]),),))


SETTINGS = {"deadline": None, "derandomize": True, "database": None,
            "suppress_health_check": [HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.large_base_example]}


@settings(max_examples=500, **SETTINGS)
@given(instances())
def test_every_answer_to_a_drawn_instance_is_valid(instance):
    judge(instance, solve(instance, effort="quick"))


@pytest.mark.slow
@settings(max_examples=4000, **SETTINGS)
@given(instances())
def test_every_answer_to_thousands_of_drawn_instances_is_valid(instance):
    judge(instance, solve(instance, effort="quick"))


@pytest.mark.slow
@settings(max_examples=60, **SETTINGS)
@given(instances(most=30))
def test_larger_drawn_instances_go_through_all_stages(instance):
    judge(instance, solve(instance, effort="quick"))


@settings(max_examples=250, **SETTINGS)
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


@settings(max_examples=250, **SETTINGS)
@given(instances(), st.data())
def test_pins_are_kept_or_named(instance, data):
    if not instance.people or not instance.slots:
        return
    people = data.draw(st.lists(st.sampled_from([p.id for p in instance.people]), max_size=3, unique=True))
    slot = data.draw(st.sampled_from([s.id for s in instance.slots]))
    pins = Pins(people=tuple(SeatPin(person=p, group="pinned", slot=slot, lang="de") for p in people))
    try:
        result = solve(instance, effort="quick", pins=pins)
    except ImpossiblePins as error:
        assert error.problems
        return
    judge(instance, result)
    assert validate(instance, result.solution, pins=pins) == ()


@settings(max_examples=150, **SETTINGS)
@given(instances(), st.data())
def test_a_pinned_group_stays_exactly(instance, data):
    first = solve(instance, effort="quick")
    if not first.solution.groups:
        return
    pins = Pins(groups=(data.draw(st.sampled_from(first.solution.groups)),))
    result = solve(instance, effort="quick", seed=3, pins=pins)
    judge(instance, result)
    assert validate(instance, result.solution, pins=pins) == ()
