"""What a report tells of the people of a period: whatever is left out could always be another small number.

Every small table is gone through. Tables that look the same in the report are one class; the attacker knows the rule, how
many sessions there were, and everything else that a report shows.
"""

import itertools
from collections import defaultdict

import pytest

from beratung_xblock.api._report_rule import SMALL, Split, may_be_told, people_of_year, split, told

MEASURES = ("people", "attendances", "new_people", "registered")


def differences(people, attendances, new, registered):
    """Every number of people that hides in one line of a report."""
    return {
        "people": people, "attendances": attendances, "new": new, "not new": people - new, "registered": registered,
        "came again": attendances - people, "did not come": registered - attendances, "registered more than people": registered - people,
    }


def is_small(number):
    return 0 < abs(number) < SMALL


@pytest.mark.parametrize("sessions", [1, 2, 3])
@pytest.mark.parametrize("known_before", [0, 7, 99], ids=["first year", "few before", "many before"])
def test_no_small_number_follows_from_a_line(sessions, known_before):
    top = 15
    possible = defaultdict(lambda: defaultdict(set))
    for people, registered in itertools.product(range(top + 1), range(top + 6)):
        for attendances in range(people, min(people * sessions, top) + 1):
            for new in range(max(0, people - known_before), people + 1):
                world = (people, attendances, new, registered)
                names = told(people=people, attendances=attendances, new_people=new, registered=registered)
                seen = tuple(number if name in names else "*" for name, number in zip(MEASURES, world, strict=True))
                shown = [number for number in seen if number != "*"]
                assert not any(is_small(number) for number in shown)
                assert not any(is_small(one - other) for one, other in itertools.combinations(shown, 2))
                for name, number in differences(*world).items():
                    possible[seen, 0 < people < SMALL][name].add(number)  # "<5" is said of people
    for seen, numbers in possible.items():
        for name, found in numbers.items():
            assert len(found) > 1 or not is_small(*found), (seen, name, found)


def tables(count, people, again, sessions):
    """Every way to spread people, and the times they came again, over so many lines."""
    if count == 1:
        if again <= people * (sessions - 1):
            yield ((people, again),)
        return
    for here in range(people + 1):
        for times in range(min(again, here * (sessions - 1)) + 1):
            for rest in tables(count - 1, people - here, again - times, sessions):
                yield ((here, times), *rest)


@pytest.mark.parametrize("sessions", [1, 2, 3])
@pytest.mark.parametrize(("count", "top"), [(2, 26), (3, 19), (4, 11)])
def test_no_small_number_follows_from_a_split(count, top, sessions):
    names, divided = "abcd"[:count], 0
    for people in range(SMALL, top + 1):
        most = people * (sessions - 1)
        for again in {0, 5, 6, 7, 9, 11, most - 2, most - 1, most}:
            if not (may_be_told(again) and 0 <= again <= most):
                continue
            possible = defaultdict(lambda: [set() for _ in range(3 * count)])
            for table in tables(count, people, again, sessions):
                found = split({name: (number, number + times) for name, (number, times) in zip(names, table, strict=True)})
                lines = dict(zip(names, table, strict=True))
                rest = tuple(sum(lines[name][part] for name in found.others) for part in (0, 1)) if found else ()
                seen = (found, tuple(lines[name] for name in found.kept), rest) if found else None
                for number, (here, times) in enumerate(table):
                    possible[seen][3 * number].add(here)
                    possible[seen][3 * number + 1].add(times)
                    possible[seen][3 * number + 2].add(people - here)
            divided += len(possible) - 1
            for seen, numbers in possible.items():
                assert all(len(found) > 1 or not is_small(*found) for found in numbers), seen
    assert divided > 10, "some tables are told line by line"


def test_no_small_number_follows_from_a_year_beside_its_quarters():
    """People who came in one, two or three quarters; who missed one, who came in both of two, who came in one only."""
    kinds = [kind for kind in itertools.product((0, 1), repeat=3) if any(kind)]
    questions = [lambda kind, q=q: not kind[q] for q in range(3)]
    questions += [lambda kind, a=a, b=b: kind[a] and kind[b] for a, b in itertools.combinations(range(3), 2)]
    questions += [lambda kind, n=n: sum(kind) == n for n in (1, 2, 3)]
    questions += [lambda kind, one=one: kind == one for one in kinds]
    possible = defaultdict(lambda: [set() for _ in questions])
    top, shown = 11, 0
    for people in range(top + 1):
        for cuts in itertools.combinations_with_replacement(range(people + 1), len(kinds) - 1):
            world = [after - before for before, after in itertools.pairwise((0, *cuts, people))]
            quarters = [sum(n for kind, n in zip(kinds, world, strict=True) if kind[q]) for q in range(3)]
            seen = [number if may_be_told(number) else None for number in quarters]
            whole = people if people_of_year(people, seen, []) else None
            if whole is None and sum(number or SMALL for number in seen) > top:
                continue  # the class goes on beyond the tables tried here
            for found, asked in zip(possible[*seen, whole], questions, strict=True):
                found.add(sum(n for kind, n in zip(kinds, world, strict=True) if asked(kind)))
            shown += whole is not None
    assert shown > 100
    for seen, numbers in possible.items():
        assert all(len(found) > 1 or not is_small(*found) for found in numbers), seen


def test_the_year_is_left_out_when_a_small_number_would_follow_from_it():
    assert people_of_year(40, [30, 25, 0, 20], [90])
    assert not people_of_year(40, [30, 25, None, 20], [90])
    assert not people_of_year(40, [38, 25, 0, 20], [90]), "two people did not come in the first quarter"
    assert not people_of_year(40, [22, 20, 0, 0], [50]), "two people came in both quarters"
    assert not people_of_year(40, [20, 20, 0, 0], [43]), "three attendances are those of people who came again"


def test_what_a_year_of_twelve_people_tells():
    assert told(people=12, attendances=41, new_people=7, registered=48) == {"attendances", "people", "new_people", "registered"}
    assert told(people=12, attendances=41, new_people=2, registered=43) == {"attendances", "people"}
    assert told(people=12, attendances=13, new_people=12, registered=13) == {"attendances", "registered"}
    assert told(people=4, attendances=16, new_people=0, registered=16) == frozenset()


def test_small_lines_are_told_together_with_the_next():
    assert split({"Nord": (25, 80), "Süd": (12, 30), "West": (3, 5)}) == Split(("Nord",), ("Süd", "West"))
    assert split({"Nord": (25, 80), "Süd": (12, 30), "West": (3, 5), "Ost": (4, 8)}) == Split(("Nord", "Süd"), ("West", "Ost"))
    assert split({"Nord": (25, 80), "Süd": (12, 30), "West": (0, 0)}) == Split(("Nord", "Süd", "West"), ())
    assert split({"Nord": (10, 30), "Süd": (2, 4)}) is None
    assert split({"Nord": (7, 30), "Süd": (5, 14)}) == Split(("Nord",), ("Süd",))
    assert split({"Nord": (12, 40)}) == Split(("Nord",), ())
