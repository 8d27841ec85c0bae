"""Explanations say what is true, from a closed list, and the same with and without an exclusion."""

from dataclasses import replace

import pytest

from beratung_xblock.assignment import Instance, Person, Rules, Slot, Solution, advise, explain, instance_from_dict, solve
from beratung_xblock.assignment.explain import KINDS
from beratung_xblock.assignment.small import PROPOSALS, groups_for

from .tools import load


def person(number, **more):
    return Person(id=f"p{number}", **{"slots": {"s": 3}, "langs": ("de",), "org": f"o{number}", "region": f"r{number}", **more})


def round_of(people, **more):
    return Instance(**{"rules": Rules(), "slots": (Slot(id="s", max_groups=3),), "people": tuple(people), **more})


def kinds(statements):
    return {s.kind for s in statements}


def test_everybody_and_every_group_is_explained_from_the_closed_list():
    instance = instance_from_dict(load("generate").make("partly_infeasible", 60, 1))
    result = solve(instance, effort="quick")
    said = explain(instance, result.solution, bound=result.bound[0])
    assert said.people.keys() | said.unplaced.keys() == {p.id for p in instance.people}
    assert said.groups.keys() == {g.id for g in result.solution.groups}
    every = [s for part in (said.people, said.groups, said.unplaced) for group in part.values() for s in group]
    assert kinds([*every, *said.round]) <= KINDS.keys()
    assert "best_possible" in kinds(said.round)
    for group in result.solution.groups:
        assert "role_moderator" in kinds(said.people[group.moderator]) if group.moderator in said.people else True
        assert kinds(said.groups[group.id]) & {"sturdy", "fragile"}


def test_an_exclusion_cannot_be_read_from_an_explanation():
    crowd = [person(k, mod=k % 4 == 0, case=k % 3, slots={"s": 3, "t": 2}) for k in range(12)]
    slots = (Slot(id="s", max_groups=1), Slot(id="t", max_groups=1))
    open_round = round_of(crowd, slots=slots)
    solution = solve(open_round, effort="quick").solution
    first, second = solution.groups
    closed = replace(open_round, exclusions=((first.members[0], second.members[0]),))
    assert explain(closed, solution) == explain(open_round, solution)


def test_the_reason_says_what_would_help():
    alone = round_of([person(k, mod=True) for k in range(4)])
    said = explain(alone, solve(alone).solution)
    assert kinds(said.unplaced["p0"]) == {"reason", "help_case"}
    assert "cases_missing" in kinds(said.round)
    other = round_of([*(person(k, mod=k == 0, case=int(k == 1)) for k in range(5)), person(9, slots={"t": 3})],
                     slots=(Slot(id="s", max_groups=1), Slot(id="t", max_groups=1)))
    assert "help_slot" in kinds(explain(other, solve(other).solution).unplaced["p9"])


@pytest.mark.parametrize(("people", "kind"), [
    ([person(1), person(2)], "talk_one_to_one"),
    ([person(1), person(2), person(3)], "troika"),
    ([person(k, case=1) for k in range(6)], "moderator_missing"),
    ([person(k, mod=k == 1) for k in range(6)], "group_without_case"),
])
def test_few_people_get_a_proposal(people, kind):
    instance = round_of(people)
    (proposal,) = advise(instance, solve(instance).solution)
    assert proposal.kind == kind
    assert set(proposal.params["people"]) == {p.id for p in people}
    assert kind in PROPOSALS


def test_nine_people_and_one_moderator_are_one_group_on_site():
    instance = round_of([person(k, mod=k == 0, case=1) for k in range(9)])
    proposals = advise(instance, solve(instance).solution)
    assert [p.kind for p in proposals] == ["one_group_on_site"]
    assert len(proposals[0].params["people"]) == 9


def test_no_proposal_where_everybody_has_a_place():
    instance = round_of([person(k, mod=k < 2, case=1) for k in range(6)])
    assert advise(instance, solve(instance).solution) == ()
    assert explain(instance, Solution(unplaced={p.id: "competition" for p in instance.people})).groups == {}


@pytest.mark.parametrize(("people", "groups"), [(3, (0, 0)), (4, (1, 1)), (8, (1, 1)), (9, (2, 2)), (10, (2, 2)), (16, (2, 2)), (17, (3, 3)), (24, (3, 3))])
def test_the_split_follows_practice(people, groups):
    assert groups_for(people) == groups
