"""Small figures cannot be worked out: an attacker who tries every possibility finds at least two."""

import itertools

from hypothesis import given, settings
from hypothesis import strategies as st

from beratung_xblock.api._suppression import HIDDEN, IS_SMALL, SHOWN, SMALL, Sum, suppress

ROWS, COLUMNS = ("a", "b"), ("x", "y", "z")
MOST = 9


def table(cells):
    values = dict(cells)
    for row in ROWS:
        values[row, "all"] = sum(cells[row, column] for column in COLUMNS)
    for column in COLUMNS:
        values["all", column] = sum(cells[row, column] for row in ROWS)
    values["all", "all"] = sum(cells.values())
    sums = [Sum((row, "all"), tuple((row, column) for column in COLUMNS)) for row in (*ROWS, "all")]
    sums += [Sum(("all", column), tuple((row, column) for row in ROWS)) for column in (*COLUMNS, "all")]
    return values, sums


def guesses(values, marks, cells):
    """Every table of whole numbers that fits what is shown; the attacker knows what the marks mean."""
    ranges = []
    for key in cells:
        if marks[key] == SHOWN:
            ranges.append((values[key],))
        elif marks[key] == IS_SMALL:
            ranges.append(range(1, SMALL))
        else:
            ranges.append(range(SMALL, MOST + 4))
    for guess in itertools.product(*ranges):
        told, _sums = table(dict(zip(cells, guess, strict=True)))
        if all(_fits(told[key], values[key], marks[key]) for key in values):
            yield told


def _fits(guess, value, mark):
    if mark == SHOWN:
        return guess == value
    return 0 < guess < SMALL if mark == IS_SMALL else guess >= SMALL


@settings(max_examples=60, deadline=None)
@given(st.lists(st.integers(0, MOST), min_size=6, max_size=6))
def test_no_small_figure_can_be_found_by_trying_everything(numbers):
    cells = dict(zip(itertools.product(ROWS, COLUMNS), numbers, strict=True))
    values, sums = table(cells)
    marks = suppress(values, sums)
    assert all(marks[key] == IS_SMALL for key, value in values.items() if 0 < value < SMALL)
    assert all(marks[key] == SHOWN for key, value in values.items() if value == 0)
    small = [key for key, mark in marks.items() if mark == IS_SMALL]
    if not small:
        assert set(marks.values()) == {SHOWN}
        return
    possible: dict = {key: set() for key in small}
    for guess in guesses(values, marks, cells):
        for key in small:
            possible[key].add(guess[key])
        if all(len(found) > 1 for found in possible.values()):
            return
    # Every figure that is not zero is hidden: nothing more can be kept back.
    assert all(marks[key] for key, value in values.items() if value), {key: found for key, found in possible.items() if len(found) < 2}


def test_one_small_part_takes_a_second_one_with_it():
    values = {"total": 20, "a": 2, "b": 7, "c": 11}
    assert suppress(values, [Sum("total", ("a", "b", "c"))]) == {"total": "", "a": IS_SMALL, "b": HIDDEN, "c": ""}


def test_two_small_parts_that_could_only_be_ones_take_a_third():
    values = {"total": 12, "a": 1, "b": 1, "c": 10}
    assert suppress(values, [Sum("total", ("a", "b", "c"))]) == {"total": "", "a": IS_SMALL, "b": IS_SMALL, "c": HIDDEN}


def test_zeros_and_large_figures_stay():
    values = {"total": 18, "a": 0, "b": 8, "c": 10}
    assert set(suppress(values, [Sum("total", ("a", "b", "c"))]).values()) == {""}


def test_people_of_several_quarters_are_no_sum():
    """A year of 9 people with quarters of 8 and 3: the 3 is hidden, and 1 to 4 remain possible."""
    values = {"year": 9, "q1": 8, "q2": 3}
    assert suppress(values, [Sum("year", ("q1", "q2"), at_most=True)]) == {"year": "", "q1": "", "q2": IS_SMALL}


def test_a_figure_hidden_for_another_reason_is_protected_too():
    values = {"total": 30, "a": 6, "b": 24}
    assert suppress(values, [Sum("total", ("a", "b"))], also={"a"}) == {"total": "", "a": HIDDEN, "b": HIDDEN}
