"""The assignment problem as one full model for CP-SAT (OR-tools), to compare with in ``make bench``. Never used by the product.

One copy of every variable per possible group, the whole objective, symmetry broken by the order of the groups in a slot. Levels
1 to 3 are one weighted sum and get the first half of the time; level 4 gets the rest with levels 1 to 3 held and the answer
so far as a hint.
"""

from __future__ import annotations

import time

from ortools.sat.python import cp_model

from beratung_xblock import assignment as assign
from beratung_xblock.assignment.scoring import met_before, objective

LEVELS = (100_000, 100, 1)


class FullModel:
    """The model of one instance; ``solve(seconds)`` answers with an objective and whether it was proven."""

    def __init__(self, instance: assign.Instance) -> None:
        self.instance, self.rules = instance, instance.rules
        self.m = cp_model.CpModel()
        self.people = {p.id: p for p in instance.people}
        self.langs = sorted({lang for p in instance.people for lang in p.langs})
        offers = {s.id: sum(s.id in p.slots for p in instance.people) for s in instance.slots}
        self.groups = [(s.id, k) for s in instance.slots for k in range(min(s.max_groups, offers[s.id] // self.rules.size_min))]
        self.x, self.heard, self.leads, self.fac, self.open, self.lang = {}, {}, {}, {}, {}, {}
        self.cost = []
        for g in self.groups:
            self._group(g)
        self._once()
        self._pairs()

    def _bool(self, name: str):
        return self.m.new_bool_var(name)

    def _group(self, g) -> None:
        m, rules, slot = self.m, self.rules, g[0]
        opened = self.open[g] = self._bool("open")
        if g[1]:
            m.add(opened <= self.open[slot, g[1] - 1])
        tongue = self.lang[g] = {lang: self._bool(lang) for lang in self.langs}
        m.add(sum(tongue.values()) == opened)
        who = [p for p in self.instance.people if slot in p.slots]
        x = {p.id: self._bool(p.id) for p in who}
        heard = {p.id: self._bool("heard") for p in who if p.case}
        leads = {p.id: self._bool("leads") for p in who if p.mod}
        for p in who:
            m.add(x[p.id] <= sum(tongue[lang] for lang in p.langs))
            roles = [v[p.id] for v in (heard, leads) if p.id in v]
            if roles:
                m.add(sum(roles) <= x[p.id])
        fac = {f.id: self._bool("fac") for f in self.instance.facilitators if slot in f.slots}
        for f in self.instance.facilitators:
            if f.id in fac:
                m.add(fac[f.id] <= sum(tongue[lang] for lang in f.langs if lang in tongue))
        size = sum(x.values())
        m.add(size >= rules.size_min * opened)
        m.add(size <= rules.size_max * opened)
        m.add(sum(heard.values()) >= opened)
        m.add(sum(heard.values()) <= rules.cases_max * opened)
        m.add(sum(leads.values()) + sum(fac.values()) == opened)
        for a, b in self.instance.exclusions:
            if a in x and b in x:
                m.add(x[a] + x[b] <= 1)
        self.x[g], self.heard[g], self.leads[g], self.fac[g] = x, heard, leads, fac
        self._comfort(g, who, size)

    def _comfort(self, g, who, size) -> None:
        m, w, rules, opened = self.m, self.rules.weights, self.rules, self.open[g]
        x = self.x[g]
        self.cost += [w["slot_pref"] * (3 - p.slots[g[0]]) * x[p.id] for p in who]
        off = m.new_int_var(0, 64, "off")
        m.add(off >= size - rules.size_target * opened)
        m.add(off >= rules.size_target * opened - size)
        plain, one, fragile = self._bool("no expert"), self._bool("one case"), self._bool("fragile")
        m.add(plain >= opened - sum(x[p.id] for p in who if p.exp == 2))
        m.add(one >= 2 * opened - sum(self.heard[g].values()))
        givers, mods = [x[p.id] for p in who if p.case], [x[p.id] for p in who if p.mod]
        able = [x[p.id] for p in who if p.case or p.mod]
        m.add(size >= rules.size_min + 1).only_enforce_if(opened, ~fragile)
        m.add(sum(givers) >= 2).only_enforce_if(opened, ~fragile)
        led = self._bool("led")
        m.add(led == sum(self.fac[g].values()))
        m.add(sum(mods) >= 2).only_enforce_if(opened, ~fragile, ~led)
        m.add(sum(able) >= 3).only_enforce_if(opened, ~fragile, ~led)
        self.cost += [w["size"] * off, w["no_experience"] * plain, w["one_case"] * one, w["fragile"] * fragile, w["facilitator"] * led]
        for name, weight in (("org", w["same_org"]), ("region", w["same_region"])):
            alike = {}
            for p in who:
                alike.setdefault(getattr(p, name), []).append(x[p.id])
            for same in alike.values():
                most = min(len(same), rules.size_max)
                if most > 1 and weight:
                    pairs = m.new_int_var(0, most * (most - 1) // 2, name)
                    for k in range(1, most):
                        m.add(pairs >= k * sum(same) - k * (k + 1) // 2)
                    self.cost.append(weight * pairs)

    def _once(self) -> None:
        for p in self.instance.people:
            seats = [self.x[g][p.id] for g in self.groups if p.id in self.x[g]]
            if seats:
                self.m.add_at_most_one(seats)
        for f in self.instance.facilitators:
            led = {}
            for g in self.groups:
                if f.id in self.fac[g]:
                    led.setdefault(g[0], []).append(self.fac[g][f.id])
            for same in led.values():
                self.m.add_at_most_one(same)
            if led:
                self.m.add(sum(v for same in led.values() for v in same) <= f.max_groups)

    def _pairs(self) -> None:
        """Who met before, and who wishes to be together."""
        worth = {}
        sign = -1 if self.rules.repeat_policy == "stable" else 1
        for pair, count in met_before(self.instance.history).items():
            worth[pair] = worth.get(pair, 0) + sign * self.rules.weights["repeat"] * count
        self.apart = len(self.instance.together) * self.rules.weights["apart"]
        for a, b in self.instance.together:
            pair = (a, b) if a < b else (b, a)
            worth[pair] = worth.get(pair, 0) - self.rules.weights["apart"]
        for (a, b), value in worth.items():
            for g in self.groups if value else ():
                x = self.x[g]
                if a in x and b in x:
                    both = self._bool("both")
                    if value > 0:
                        self.m.add(both >= x[a] + x[b] - 1)
                    else:
                        self.m.add_implication(both, x[a])
                        self.m.add_implication(both, x[b])
                    self.cost.append(value * both)

    def _levels(self):
        urgency = self.rules.urgency_weight
        seats = [(v, self.people[i]) for g in self.groups for i, v in self.x[g].items()]
        places = sum(v for v, _ in seats)
        fair = sum(p.waited * v for v, p in seats)
        heard = sum(urgency[self.people[i].case] * v for g in self.groups for i, v in self.heard[g].items())
        return sum(weight * level for weight, level in zip(LEVELS, (places, fair, heard), strict=True))

    def solve(self, seconds: float, workers: int = 2) -> dict:
        """The best found within ``seconds`` of wall time (building the model counts): objective or ``None``, proven or not."""
        begin = time.perf_counter()
        solver = cp_model.CpSolver()
        solver.parameters.num_workers = workers
        levels = self._levels()
        self.m.maximize(levels)
        solver.parameters.max_time_in_seconds = max(0.1, seconds / 2)
        status = solver.solve(self.m)
        if status not in (cp_model.OPTIMAL, cp_model.FEASIBLE):
            return {"objective": None, "proven": False}
        found, proven = self._read(solver), status == cp_model.OPTIMAL
        self.m.add(levels >= round(solver.objective_value))
        for index in range(len(self.m.proto.variables)):
            var = self.m.get_bool_var_from_proto_index(index) if self._is_bool(index) else self.m.get_int_var_from_proto_index(index)
            self.m.add_hint(var, solver.value(var))
        self.m.minimize(sum(self.cost))
        solver.parameters.max_time_in_seconds = max(0.1, seconds - (time.perf_counter() - begin))
        status = solver.solve(self.m)
        if status in (cp_model.OPTIMAL, cp_model.FEASIBLE):
            found = max(found, self._read(solver), key=lambda s: objective(self.instance, s))
            proven = proven and status == cp_model.OPTIMAL
        return {"objective": list(objective(self.instance, found)), "proven": proven, "faults": self._faults(found)}

    def _is_bool(self, index: int) -> bool:
        return list(self.m.proto.variables[index].domain) == [0, 1]

    def _faults(self, solution) -> int:
        """Broken hard rules; reasons do not count here, the model gives none."""
        return sum(v.rule not in ("R", "H1") for v in assign.validate(self.instance, solution))

    def _read(self, solver) -> assign.Solution:
        out = []
        for n, g in enumerate(self.groups):
            if solver.value(self.open[g]):
                leader = next(i for part in (self.leads[g], self.fac[g]) for i, v in part.items() if solver.value(v))
                out.append(assign.Group(
                    id=str(n), slot=g[0], lang=next(lang for lang, v in self.lang[g].items() if solver.value(v)), moderator=leader,
                    members=tuple(i for i, v in self.x[g].items() if solver.value(v)),
                    cases=tuple(i for i, v in self.heard[g].items() if solver.value(v))))
        return assign.Solution(groups=tuple(out))


def solve(instance: assign.Instance, seconds: float) -> dict:
    """Build and solve within ``seconds``; a model that takes longer to build alone finds nothing."""
    begin = time.perf_counter()
    model = FullModel(instance)
    built = time.perf_counter() - begin
    answer = model.solve(seconds - built) if built < seconds else {"objective": None, "proven": False}
    return {**answer, "build_seconds": round(built, 1)}
