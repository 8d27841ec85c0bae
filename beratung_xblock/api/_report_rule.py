"""What may be told of the people of one period. Pure.

The rule in one sentence: a number of people is 0 or at least five, and so is what is left when two of them are subtracted.

Nothing else has to hold for it to be enough, because no two reports count the same people: each attendance belongs to one
closed period (`closing`), and each period is looked at alone. `tests/unit/reports/test_rule.py` goes through every small
table and shows that whatever is left out could always be another number.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

SMALL = 5
"""Numbers of people from 1 to SMALL - 1 are never told."""


def may_be_told(number: int) -> bool:
    """Nobody, or enough that nobody is recognised."""
    return number == 0 or number >= SMALL


def told(*, people: int, attendances: int, new_people: int, registered: int) -> frozenset[str]:
    """Which numbers of a period are told. Attendances (and the hours with them) come first, people second.

    Few people: nothing at all. One more attendance than people would say that one person came twice; then the number of
    people is left out, and with eight attendances or fewer everything, because it would follow.
    """
    if 0 < people < SMALL or (not may_be_told(attendances - people) and attendances < 2 * SMALL - 1):
        return frozenset()
    found: dict[str, int] = {}
    for name, number in (("attendances", attendances), ("people", people), ("new_people", new_people), ("registered", registered)):
        if name == "new_people" and "people" not in found:
            continue
        if fits(number, list(found.values())):
            found[name] = number
    return frozenset(found)


@dataclass(frozen=True)
class Split:
    """The lines told one by one, and those told together ("others"; none when all are told)."""

    kept: tuple[str, ...]
    others: tuple[str, ...]


def split(lines: Mapping[str, tuple[int, int]]) -> Split | None:
    """How the people of a period are told by region or way of taking part: line -> (people, attendances).

    Lines of up to five people, and those where few came more than once, are told together. When that is still too few,
    the smallest other line joins them, if it cannot be told apart then. None: no lines at all.
    """
    kept = [name for name, (people, seats) in lines.items() if people > SMALL and may_be_told(seats - people)]
    others = [name for name in lines if name not in kept]
    people, seats = _together(lines, others)
    if people and not (people >= SMALL and may_be_told(seats - people)):
        by_size = sorted(kept, key=lambda name: (lines[name][0], name))
        if len(by_size) < 2:
            return None
        kept.remove(by_size[0])
        others.append(by_size[0])
        people, seats = _together(lines, others)
        if not (people <= lines[by_size[1]][0] and may_be_told(seats - people)):
            return None
    if not kept:
        return None
    return Split(tuple(lines), ()) if not people else Split(tuple(kept), tuple(name for name in lines if name in others))


def _together(lines: Mapping[str, tuple[int, int]], names: Sequence[str]) -> tuple[int, int]:
    return sum(lines[name][0] for name in names), sum(lines[name][1] for name in names)


def people_of_year(people: int, quarters: Sequence[int | None], sums: Sequence[int]) -> bool:
    """Whether the different people of a year may stand beside its quarters: `quarters` as told, None where left out.

    Those who did not come in a quarter, and those who came in several, are numbers of people too. `sums` are further
    numbers of the year that anybody can add up (attendances, registered).
    """
    known = [number for number in quarters if number is not None]
    return len(known) == len(quarters) and fits(people, [*known, sum(known), *sums])


def fits(number: int, others: Sequence[int]) -> bool:
    """Whether a number of people may stand beside others: neither it nor any difference is small."""
    return may_be_told(number) and all(may_be_told(abs(number - other)) for other in others)
