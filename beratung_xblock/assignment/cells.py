"""The cell model: how many groups meet in which slot and language, and who goes where. It brings the proof along.

A *cell* is (slot, language). Variables: x person in cell, h the person's case is heard there, G groups, F groups led by a
facilitator, y facilitator leads in cell. Groups inside a cell are not told apart, so there is no symmetry. By Hall's
theorem a solution can always be cut into real groups, apart from exclusions, of which only "a set of mutually excluded
people needs as many groups" is kept. So the optimum is an upper bound for every real assignment, and mostly reached.

HiGHS 1.8 (inside scipy 1.15 and 1.16) reported wrong optima on small instances of this model with presolve on and
continuous x. Hence: presolve off and integral x for small rounds; :func:`Model.plan` never trusts a claim of optimality
but only solutions it can count, and the bound is cross-checked by the caller against what was really reached.
"""

from dataclasses import dataclass

import numpy as np
import scipy

#: Up to this many people presolve is off and x integral (see above).
CAREFUL = 400


@dataclass
class Plan:
    """A solution of the cell model: ``cell[i]`` index into ``cells`` or -1, ``heard[i]`` (``None``: not decided),
    groups and leaders per cell."""

    cells: list
    cell: np.ndarray
    heard: np.ndarray | None
    groups: np.ndarray
    leaders: list


class Model:
    """The mixed-integer model of one compiled instance; levels are solved one after the other."""

    def __init__(self, arrays, *, pinned=(), light=False):
        """``pinned`` teams are kept: closed ones are taken out of the round, people of others stay in their cell.

        ``light`` leaves out which case is heard: enough for the first two levels, by Hall's theorem on moderators, case
        givers and both together.
        """
        self.a = a = arrays
        self.light = light
        self.room, self.free = a.room.copy(), a.alive[: a.n].copy()
        self.duty, self.busy = a.fac_max.copy(), set()
        self.fixed = {i: (t.slot, t.lang) for t in pinned if not t.closed for i in t.fixed}
        for team in pinned:
            if team.closed:
                self.room[team.slot] -= 1
                self.free[team.members] = False
                if team.leader >= 0:
                    self.duty[team.leader] -= 1
                    self.busy.add((team.leader, team.slot))
        self._variables()
        self._rows, self._alone = [], None
        self._constraints()

    def _variables(self):
        a = self.a
        screen, people = a.screen, a.instance.people
        owner, where, number = [], [], {}
        for i in range(a.n):
            if not self.free[i]:
                continue
            for s in a.offers[i]:
                for lang in a.langs[i]:
                    if i in self.fixed and self.fixed[i] != (s, lang):
                        continue
                    if screen.cell_stage(people[i], (a.slot_ids[s], a.lang_ids[lang])) < 3:
                        continue
                    k = number.setdefault((s, lang), len(number))
                    owner.append(i)
                    where.append(k)
        self.cells = list(number)
        self.owner, self.where = np.array(owner, dtype=np.int64), np.array(where, dtype=np.int64)
        self.nx, self.nk = len(owner), len(self.cells)
        self.givers = np.flatnonzero(a.case[self.owner] > 0)
        self.nh = 0 if self.light else len(self.givers)
        self.slot_of = np.array([s for s, _ in self.cells], dtype=np.int64)
        self.lead = [(f, k) for k, (s, lang) in enumerate(self.cells) for f in range(len(a.fac_ids))
                     if a.fac_slots[f, s] and a.fac_langs[f, lang] and self.duty[f] > 0 and (f, s) not in self.busy]
        self.h0, self.g0 = self.nx, self.nx + self.nh
        self.y0 = self.g0 + self.nk
        self.size = self.y0 + len(self.lead)

    def _add(self, rows, cols, vals, low, high):
        self._rows.append((np.asarray(rows), np.asarray(cols), np.asarray(vals, dtype=float),
                           np.asarray(low, dtype=float), np.asarray(high, dtype=float)))

    def _constraints(self):
        rules = self.a.rules
        nx, nk = self.nx, self.nk
        k, x = self.where, np.arange(nx)
        cell, ones, inf = np.arange(nk), np.ones, np.inf
        g = self.g0 + cell
        _, person = np.unique(self.owner, return_inverse=True)
        must = np.zeros(person.max(initial=-1) + 1)
        for i in self.fixed:
            must[person[self.owner == i]] = 1
        self._add(person, x, ones(nx), must, ones(len(must)))
        for bound, low, high in ((rules.size_min, 0, inf), (rules.size_max, -inf, 0)):
            self._add(np.r_[k, cell], np.r_[x, g], np.r_[ones(nx), np.full(nk, -bound)], np.full(nk, low), np.full(nk, high))
        lead_cell = np.array([c for _, c in self.lead], dtype=np.int64)
        y = self.y0 + np.arange(len(self.lead))
        if self.light:
            self._roles_counted(k, cell, g, lead_cell, y)
        else:
            self._roles(k, cell, g, lead_cell, y)
        self._add(np.r_[lead_cell, cell], np.r_[y, g], np.r_[ones(len(y)), -ones(nk)], np.full(nk, -inf), np.zeros(nk))
        slots = np.unique(self.slot_of)
        self._add(np.searchsorted(slots, self.slot_of), g, ones(nk), np.zeros(len(slots)), self.room[slots])
        self._leaders(y)
        self._exclusions()

    def _roles(self, k, cell, g, lead_cell, y):
        a, nk, ones, inf = self.a, self.nk, np.ones, np.inf
        h, hx = self.h0 + np.arange(self.nh), self.givers
        r = np.arange(self.nh)
        self._add(np.r_[r, r], np.r_[h, hx], np.r_[ones(self.nh), -ones(self.nh)], np.full(self.nh, -inf), np.zeros(self.nh))
        for bound, low, high in ((1, 0, inf), (a.rules.cases_max, -inf, 0)):
            self._add(np.r_[k[hx], cell], np.r_[h, g], np.r_[ones(self.nh), np.full(nk, -bound)], np.full(nk, low), np.full(nk, high))
        mx = np.flatnonzero(a.mod[self.owner])
        both = np.flatnonzero(a.mod[self.owner[hx]])
        self._add(np.r_[k[mx], k[hx[both]], cell, lead_cell], np.r_[mx, h[both], g, y],
                  np.r_[ones(len(mx)), -ones(len(both)), -ones(nk), ones(len(y))], np.zeros(nk), np.full(nk, inf))

    def _roles_counted(self, k, cell, g, lead_cell, y):
        a, nk, ones = self.a, self.nk, np.ones
        case, mod = a.case[self.owner] > 0, a.mod[self.owner]
        for who, share, led in ((case, 1, 0), (mod, 1, 1), (case | mod, 2, 1)):
            x = np.flatnonzero(who)
            self._add(np.r_[k[x], cell, lead_cell], np.r_[x, g, y], np.r_[ones(len(x)), np.full(nk, -share), np.full(len(y), led)],
                      np.zeros(nk), np.full(nk, np.inf))

    def _leaders(self, y):
        keys = sorted({(f, self.cells[c][0]) for f, c in self.lead})
        at = {key: n for n, key in enumerate(keys)}
        if keys:
            self._add([at[f, self.cells[c][0]] for f, c in self.lead], y, np.ones(len(y)), np.zeros(len(keys)), np.ones(len(keys)))
            facs = sorted({f for f, _ in self.lead})
            self._add([facs.index(f) for f, _ in self.lead], y, np.ones(len(y)), np.zeros(len(facs)), self.duty[facs])

    def _exclusions(self):
        column = {(int(i), int(c)): n for n, (i, c) in enumerate(zip(self.owner, self.where, strict=True))}
        cells_of = {}
        for i, c in column:
            cells_of.setdefault(i, set()).add(c)
        rows, cols, vals, n = [], [], [], 0
        for clique in self._cliques():
            for c in sorted(set().union(*(cells_of.get(i, ()) for i in clique))):
                inside = [i for i in clique if (i, c) in column]
                if len(inside) > 1:
                    rows += [n] * (len(inside) + 1)
                    cols += [column[i, c] for i in inside] + [self.g0 + c]
                    vals += [1] * len(inside) + [-1]
                    n += 1
        if n:
            self._add(rows, cols, vals, np.full(n, -np.inf), np.zeros(n))

    def _cliques(self):
        """Sets of mutually excluded people covering every exclusion (greedy)."""
        foes, covered = self.a.foes, set()
        for i in range(self.a.n):
            for j in sorted(foes[i]):
                if i < j and (i, j) not in covered:
                    clique = [i, j]
                    for m in sorted(foes[i] & foes[j]):
                        if all(m in foes[q] for q in clique):
                            clique.append(m)
                    covered.update((p, q) for p in clique for q in clique if p < q)
                    yield clique

    def matrix(self, extra):
        """Constraint object of the model with the rows in ``extra``."""
        rows, cols, vals, low, high, n = [], [], [], [], [], 0
        for r, c, v, lo, hi in self._rows + extra:
            rows.append(np.asarray(r) + n)
            cols.append(c)
            vals.append(v)
            low.append(lo)
            high.append(hi)
            n += len(lo)
        m = scipy.sparse.coo_matrix((np.concatenate(vals), (np.concatenate(rows), np.concatenate(cols))), shape=(n, self.size))
        return scipy.optimize.LinearConstraint(m.tocsr(), np.concatenate(low), np.concatenate(high))

    def levels(self):
        """The three exact objective levels as (name, coefficients)."""
        a, c = self.a, np.zeros(self.size)
        placed, fairness, urgency = c.copy(), c.copy(), c.copy()
        placed[: self.nx] = 1
        fairness[: self.nx] = a.waited[self.owner]
        if not self.light:
            urgency[self.h0 : self.g0] = a.urgency[a.case[self.owner[self.givers]]]
        return placed, fairness, urgency

    def preference(self):
        """A fourth level that makes the plan unique: wishes first, then drawn numbers that are the same everywhere.

        Without it every version of HiGHS would hand back another of many equally good plans.
        """
        a = self.a
        c = np.random.Generator(np.random.PCG64(20)).random(self.size) * 65536 // 1 / 65536
        c[: self.nx] += 2 * a.wish[self.owner, self.slot_of[self.where]]
        return c

    def floor_row(self, coefficients, value):
        """An extra row: this level stays at least at ``value``."""
        cols = np.flatnonzero(coefficients)
        return (np.zeros(len(cols), dtype=int), cols, coefficients[cols], np.array([value - 1e-6]), np.array([np.inf]))

    def solve(self, coefficients, extra=(), *, relaxed=False):
        """Maximise; returns scipy's result (``x`` is None when nothing was found)."""
        careful = self.a.n <= CAREFUL
        integrality = np.zeros(self.size)
        if not relaxed:
            integrality[self.g0 :] = 1
            if careful:
                integrality[: self.g0] = 1
        options = {"mip_rel_gap": 0, "presolve": not careful}
        return scipy.optimize.milp(-coefficients, constraints=self.matrix(list(extra)), bounds=scipy.optimize.Bounds(np.zeros(self.size), self.most()),
                    integrality=integrality, options=options)

    def most(self):
        """The largest value of each variable."""
        top = np.ones(self.size)
        top[self.g0 : self.y0] = self.room[self.slot_of]
        return top

    def ask(self, coefficients, low, high, *, whole=(), nodes=None):
        """Maximise between ``low`` and ``high``, the variables ``whole`` in whole numbers; the vector or ``None``."""
        integrality = np.zeros(self.size)
        integrality[list(whole)] = 1
        options = {"mip_rel_gap": 0} | ({"node_limit": nodes} if nodes else {})
        self._alone = self.matrix([]) if self._alone is None else self._alone
        return scipy.optimize.milp(-coefficients, constraints=self._alone, bounds=scipy.optimize.Bounds(low, high), integrality=integrality, options=options).x

    def plan(self, values):
        """Read a solution vector."""
        a = self.a
        cell, heard = np.full(a.n, -1), None if self.light else np.zeros(a.n, dtype=bool)
        for v in np.flatnonzero(values[: self.nx] > 0.5):
            cell[self.owner[v]] = self.where[v]
        if heard is not None:
            heard[self.owner[self.givers[values[self.h0 : self.g0] > 0.5]]] = True
        groups = np.rint(values[self.g0 : self.y0]).astype(int)
        leaders = [self.lead[v] for v in np.flatnonzero(values[self.y0 :] > 0.5)]
        return Plan(self.cells, cell, heard, groups, leaders)
