"""Somebody who has every report and solves for what is left out: whole numbers, all figures of a year at once."""

from __future__ import annotations

import numpy as np
from scipy.optimize import Bounds, LinearConstraint, milp
from scipy.sparse import csr_array

from beratung_xblock.api import reports
from beratung_xblock.data.reports import MEASURES

PERIODS = ("1", "2", "3", "4", "year")
WHOLE = ("all", "")
MOST = 600


def exports(lead, year, regions, ways):
    """All that anybody can ask for on a day: {(measure, period, kind, value): Cell}, and which lines are told together."""
    cells, together = {}, {}
    read = reports.read_year(actor=lead, year=year)
    for quarter in range(5):
        period = str(quarter) if quarter else "year"
        for by in ("region", "format"):
            for row in read.report(quarter=quarter, by=by, columns=MEASURES).rows:
                if row.others:
                    together[period, by] = row.others
                part = WHOLE if row.is_total else (by, row.others or row.key)
                cells.update({(name, period, *part): cell for name, cell in row.cells.items()})
    for kind, values in (("region", regions), ("format", ways)):
        for value in values:
            for row in read.report(columns=MEASURES, **({"region": value} if kind == "region" else {"take_part": value})).rows:
                for name, cell in row.cells.items():
                    told = cells.setdefault((name, row.key, kind, value), cell)
                    assert told == cell, "two reports of a day agree"
    return cells, together


class Reader:
    """What fits everything that was told."""

    def __init__(self, cells, *, regions, ways, is_first_year=False):
        self.names, self.rows, self.matrix = {}, [], None
        lines = {"region": regions, "format": ways}
        for period in PERIODS:
            sessions = cells["sessions", period, *WHOLE].value
            for part in (WHOLE, *((kind, value) for kind, values in lines.items() for value in values)):
                people, seats = ("people", period, *part), ("attendances", period, *part)
                self.add({seats: 1, people: -1}, low=0)
                self.add({people: sessions, seats: -1}, low=0)
            whole = [(name, period, *WHOLE) for name in ("people", "attendances", "new_people", "registered")]
            people, seats, new, registered = whole
            self.add({people: 1, new: -1}, low=0)
            self.add({registered: 1, seats: -1}, low=0)
            for name in ("people", "attendances"):
                for kind, values in lines.items():
                    self.add({(name, period, *WHOLE): -1, **{(name, period, kind, value): 1 for value in values}}, low=0, high=0)
        for part in (WHOLE, *((kind, value) for kind, values in lines.items() for value in values)):
            self.add({("attendances", "year", *part): -1, **{("attendances", q, *part): 1 for q in "1234"}}, low=0, high=0)
            self.add({("people", "year", *part): -1, **{("people", q, *part): 1 for q in "1234"}}, low=0)
        for name in ("new_people", "registered"):
            self.add({(name, "year", *WHOLE): -1, **{(name, q, *WHOLE): 1 for q in "1234"}}, low=0, high=0)
        for quarter in "1234":
            self.add({("people", "year", *WHOLE): 1, ("people", quarter, *WHOLE): -1}, low=0)
        if is_first_year:
            self.add({("people", "year", *WHOLE): 1, ("new_people", "year", *WHOLE): -1}, low=0, high=0)
        for (name, period, kind, value), cell in cells.items():
            if name not in ("people", "attendances", "new_people", "registered"):
                continue
            keys = [(name, period, kind, one) for one in value] if isinstance(value, tuple) else [(name, period, kind, value)]
            if cell.mark == "small":
                self.add(dict.fromkeys(keys, 1), low=1, high=4)
            elif not cell.mark:
                self.add(dict.fromkeys(keys, 1), low=cell.value, high=cell.value)

    def add(self, terms, *, low=-np.inf, high=np.inf):
        """Something that holds between numbers."""
        for key in terms:
            self.names.setdefault(key, len(self.names))
        self.rows.append((terms, low, high))

    def could_differ(self, terms, true):
        """Whether a sum of numbers could be another one, with everything told as it is. What is found is checked again."""
        if self.matrix is None:
            self.matrix = np.zeros((len(self.rows), len(self.names)))
            for number, (row, _low, _high) in enumerate(self.rows):
                for key, factor in row.items():
                    self.matrix[number, self.names[key]] = factor
        goal = np.zeros(len(self.names))
        for key, factor in terms.items():
            goal[self.names[key]] = factor
        matrix = np.vstack([self.matrix, goal])
        for low, high in ((-np.inf, true - 1), (true + 1, np.inf)):
            lows, highs = [*(row[1] for row in self.rows), low], [*(row[2] for row in self.rows), high]
            answer = milp(
                np.zeros(len(goal)), constraints=LinearConstraint(csr_array(matrix), lows, highs), integrality=np.ones(len(goal)), bounds=Bounds(0, MOST)
            )
            if answer.x is not None:
                told = matrix @ np.round(answer.x)
                assert (told >= lows).all()
                assert (told <= highs).all()
                return True
            assert answer.status == 2, answer.message
        return False

    def questions(self):
        """Every number of people of the year: each figure, and what is left when two are subtracted."""
        for key in self.names:
            yield {key: 1}
        for period in PERIODS:
            one = {name: (name, period, *WHOLE) for name in ("people", "attendances", "new_people", "registered")}
            yield {one["people"]: 1, one["new_people"]: -1}
            yield {one["registered"]: 1, one["attendances"]: -1}
            if period != "year":
                yield {("people", "year", *WHOLE): 1, one["people"]: -1}
        for name, *key in list(self.names):
            if name == "people":
                yield {("attendances", *key): 1, ("people", *key): -1}
                yield {("people", key[0], *WHOLE): 1, ("people", *key): -1}


def worked_out(reader, truth):
    """Small numbers that the reader finds: each question whose true answer is small and the only possible one."""
    found = []
    for terms in reader.questions():
        true = sum(factor * truth[key] for key, factor in terms.items())
        if 0 < true < 5 and not reader.could_differ(terms, true):
            found.append((terms, true))
    return found
