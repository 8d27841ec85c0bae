"""Bad input is refused with the field's name; odd input gets a valid answer with reasons."""

import json
from dataclasses import replace

import pytest

from beratung_xblock.assignment import (
    Cancelled,
    Facilitator,
    Group,
    ImpossiblePins,
    Instance,
    InstanceError,
    Person,
    Pins,
    Rules,
    SeatPin,
    Slot,
    Solution,
    instance_from_dict,
    instance_to_dict,
    reassign,
    solve,
    validate,
)
from beratung_xblock.assignment.__main__ import main

from .tools import judge, load


def person(number, **more):
    return Person(id=f"p{number}", **{"slots": {"s": 3}, "langs": ("de",), "org": f"o{number}", "region": f"r{number}", **more})


def round_of(people, **more):
    return Instance(**{"rules": Rules(), "slots": (Slot(id="s", max_groups=3),), "people": tuple(people), **more})


def team(n):
    return [person(0, mod=True), person(1, case=1), *(person(k) for k in range(2, n))]


@pytest.mark.parametrize(("instance", "field"), [
    (round_of([person(1), person(1)]), "people[1].id"),
    (round_of([person(1, slots={"x": 3})]), "people[0].slots"),
    (round_of([person(1, slots={"s": 4})]), "people[0].slots"),
    (round_of([person(1, langs=("de", "de"))]), "people[0].langs"),
    (round_of([person(1, waited=float("nan"))]), "people[0].waited"),
    *((round_of([person(0), replace(person(1), **{name: value})]), f"people[1].{name}") for name, value in (
        ("id", ["p1"]), ("id", None), ("id", ""), ("id", 7), ("slots", {"s": True}), ("slots", {"s": 2.0}), ("langs", ["de", "de"]), ("langs", (1,)),
        ("langs", ("",)), ("case", 4), ("case", True), ("exp", -1), ("exp", 1.0), ("mod", 1), ("org", None), ("region", 3), ("waited", 1001))),
    (round_of([person(1)], exclusions=(("p1", "p1"),)), "exclusions[0]"),
    (round_of([person(1)], history=((("p1", "p2"),), (("p1", "p1"),))), "history[1]"),
    (round_of([person(1)], facilitators=(Facilitator(id="p1", slots=(), langs=()),)), "facilitators[0].id"),
    (round_of([], rules=Rules(size_min=6, size_max=5)), "rules.size_min"),
    (round_of([], rules=replace(Rules(), weights={})), "rules.weights.slot_pref"),
    (round_of([], rules=Rules(repeat_policy="maybe")), "rules.repeat_policy"),
])
def test_unsound_input_is_refused_with_the_field(instance, field):
    for ask in (solve, lambda round_: reassign(round_, Solution())):
        with pytest.raises(InstanceError) as caught:
            ask(instance)
        assert caught.value.field == field


def test_unusual_but_sound_input_is_taken():
    """Languages as a list, an experience above what the screen can tell apart."""
    instance = round_of([replace(p, langs=["de"], exp=9) for p in team(6)])
    result = solve(instance)
    judge(instance, result)
    assert result.objective[0] == 6


@pytest.mark.parametrize(("instance", "reasons"), [
    (round_of([]), {}),
    (round_of([person(1)]), {"p1": "too_few_peers"}),
    (round_of([person(k, slots={}) for k in range(3)]), {f"p{k}": "no_slots" for k in range(3)}),
    (round_of([person(k, mod=True) for k in range(4)]), {f"p{k}": "no_case_giver" for k in range(4)}),
    (round_of([person(k, case=1) for k in range(4)]), {f"p{k}": "no_moderator" for k in range(4)}),
])
def test_nobody_can_be_placed_and_everybody_learns_why(instance, reasons):
    result = solve(instance)
    judge(instance, result)
    assert dict(result.solution.unplaced) == reasons
    assert result.objective[0] == result.bound[0] == 0


@pytest.mark.parametrize(("people", "sizes"), [(4, [4]), (8, [8]), (9, [4, 5]), (12, [6, 6])])
def test_few_people_in_one_slot_make_groups_as_practice_advises(people, sizes):
    crowd = [person(k, mod=k < 3, case=1 if k % 3 == 2 else 0) for k in range(people)]
    result = solve(round_of(crowd), effort="quick")
    judge(round_of(crowd), result)
    assert sorted(len(g.members) for g in result.solution.groups) == sizes


def test_json_survives_the_round_trip():
    data = load("generate").make("small", 60, 1)
    assert instance_to_dict(instance_from_dict(data)) == {k: v for k, v in data.items() if k not in ("family", "seed")}


def test_command_line_writes_a_valid_solution(tmp_path, capsys):
    (tmp_path / "i.json").write_text(json.dumps(load("generate").make("tiny", 12, 1)), encoding="utf-8")
    assert main([str(tmp_path / "i.json"), str(tmp_path / "s.json")]) == 0
    assert "objective [10, 1, 1, -54]  bound [10, 1, 1, -54]" in capsys.readouterr().out
    assert main([str(tmp_path / "i.json"), str(tmp_path / "t.json"), "--before", str(tmp_path / "s.json")]) == 0
    assert (tmp_path / "t.json").read_text() == (tmp_path / "s.json").read_text()
    (tmp_path / "i.json").write_text("[]", encoding="utf-8")
    assert main([str(tmp_path / "i.json"), str(tmp_path / "s.json")]) == 2


def test_cancelling_stops_the_calculation():
    with pytest.raises(Cancelled):
        solve(round_of(team(6)), cancelled=lambda: True)


def test_progress_rises_to_one():
    seen = []
    solve(round_of(team(20)), effort="quick", progress=lambda done, stage: seen.append(done))
    assert seen[-1] == 1.0
    assert seen == sorted(seen)


@pytest.mark.parametrize(("pins", "kind"), [
    (Pins(people=(SeatPin(person="x", group="a", slot="s", lang="de"),)), "unknown_person"),
    (Pins(people=(SeatPin(person="p1", group="a", slot="x", lang="de"),)), "unknown_slot"),
    (Pins(people=(SeatPin(person="p1", group="a", slot="s", lang="uk"),)), "language_not_spoken"),
    (Pins(people=tuple(SeatPin(person="p1", group=g, slot="s", lang="de") for g in "ab")), "pinned_twice"),
    (Pins(people=tuple(SeatPin(person=f"p{k}", group="a", slot="s", lang="de") for k in range(9))), "group_too_large"),
    (Pins(people=tuple(SeatPin(person=p, group="a", slot="s", lang="de") for p in ("p2", "p3"))), "excluded_pair"),
    (Pins(people=tuple(SeatPin(person=f"p{k}", group=f"g{k}", slot="s", lang="de") for k in range(4))), "slot_full"),
    (Pins(groups=(Group(id="a", slot="s", lang="de", members=("p2", "p3", "p4", "p5"), moderator="p2", cases=("p3",)),)), "group_not_valid"),
])
def test_impossible_pins_are_named(pins, kind):
    instance = round_of(team(10), exclusions=(("p2", "p3"),))
    with pytest.raises(ImpossiblePins) as caught:
        solve(instance, pins=pins)
    assert kind in {p.kind for p in caught.value.problems}


def test_proposing_again_does_not_touch_pins():
    instance = instance_from_dict(load("generate").make("small", 60, 1))
    first = solve(instance, effort="quick").solution
    kept, seated = first.groups[:2], first.groups[2]
    pins = Pins(groups=kept, people=tuple(SeatPin(person=m, group=seated.id, slot=seated.slot, lang=seated.lang) for m in seated.members[:2]))
    result = solve(instance, effort="quick", seed=9, pins=pins)
    judge(instance, result)
    assert validate(instance, result.solution, pins=pins) == ()
    assert set(kept) <= set(result.solution.groups)


@pytest.mark.slow
def test_a_slot_where_nobody_moderates_does_not_keep_anybody_waiting():
    crowd = [person(k, slots={"early": 3, "late": 2}, case=k % 2) for k in range(30)] + [person(k, slots={"late": 3}, mod=True) for k in range(30, 36)]
    instance = Instance(rules=Rules(), slots=(Slot(id="early", max_groups=4), Slot(id="late", max_groups=6)), people=tuple(crowd))
    result = solve(instance, effort="quick")
    judge(instance, result)
    assert result.objective[0] == 36
