"""What a group costs by composition is what the objective says of it, in small groups (listed) and large ones (counted)."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from beratung_xblock.assignment import DEFAULT_WEIGHTS, Facilitator, Group, Instance, Person, Rules, Slot, Solution
from beratung_xblock.assignment.arrays import Arrays
from beratung_xblock.assignment.groupcost import LISTED
from beratung_xblock.assignment.scoring import objective
from beratung_xblock.assignment.state import cast, stands

RELATED = ("slot_pref", "repeat", "same_org", "same_region", "apart")


@pytest.mark.parametrize("size_max", [8, LISTED, LISTED + 1, 30])
@settings(max_examples=50)
@given(drawn=st.data())
def test_the_cost_of_a_composition_is_what_the_objective_says(size_max, drawn):
    kinds = st.tuples(st.integers(0, 3), st.booleans(), st.integers(0, 2))
    made = drawn.draw(st.lists(kinds, min_size=1, max_size=size_max))
    led = drawn.draw(st.booleans())
    weights = {name: 0 if name in RELATED else weight for name, weight in DEFAULT_WEIGHTS.items()}
    rules = Rules(size_min=3, size_max=size_max, cases_max=drawn.draw(st.integers(1, 3)), weights=weights)
    people = tuple(Person(id=f"p{n:02}", slots={"a": 3}, langs=("de",), case=case, mod=mod, exp=exp) for n, (case, mod, exp) in enumerate(made))
    facs = (Facilitator(id="f", slots=("a",), langs=("de",)),) if led else ()
    instance = Instance(rules=rules, slots=(Slot(id="a", max_groups=1),), people=people, facilitators=facs)
    a = Arrays(instance)
    everybody = list(range(len(people)))
    code, experts = a.group_cost.codes(a)[everybody].sum(keepdims=True), a.expert[everybody].sum(keepdims=True)
    cost, urgency, flaws = (int(column[0]) for column in a.group_cost(code, experts, np.array([led])))
    if not stands(a, everybody, led):
        assert flaws == (3 if len(people) < 3 else len(people) + 1)
        assert (cost, urgency) == (0, 0)
        return
    moderator, cases = cast(a, everybody, led)
    group = Group(id="g", slot="a", lang="de", members=tuple(p.id for p in people), moderator="f" if led else people[moderator].id,
                  cases=tuple(people[i].id for i in cases))
    assert (urgency, -cost) == objective(instance, Solution(groups=(group,)))[2:]
    assert flaws == 0
