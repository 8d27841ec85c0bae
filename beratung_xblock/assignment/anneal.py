"""Simulated annealing over many moves at a time.

One step draws a batch of proposals (a person swaps with a member of a group, or takes a free seat, in a slot the person
offers), judges all of them with numpy, keeps those the temperature allows and plays every one whose two groups nobody
else touched in the same step. Small rounds play many copies side by side, large rounds one copy with a large batch:
the same code, and one step costs about a millisecond either way. The budget is steps, never seconds.

Numbers are integers except the acceptance draw, so a seed gives the same groups on every platform.
"""

import numpy as np

from .field import Field
from .groupcost import PLACE, URGENCY, WAITED

#: Share of their worth that fairness and urgency have at the start of the cooling (all of it from the middle on).
LEVELS_AT_FIRST = 0.12
#: Price of one flaw (see groupcost): at the start of the strictest copy, what it grows to while groups open and close, and after.
#: Soft copies open and close groups freely, strict ones keep hold of people whom only few groups suit.
STRICT_FLAW, FIRM_FLAW, HARD_FLAW = 30.0, 60.0, 4000.0


def _padded(lists):
    """(lengths, matrix) of ragged lists."""
    lengths = np.array([len(o) for o in lists])
    matrix = np.zeros((len(lists), int(lengths.max())), dtype=np.int32)
    for k, values in enumerate(lists):
        matrix[k, : len(values)] = values
    return lengths, matrix


class Annealer:
    """Plays on a :class:`Field`; ``best`` holds the best snapshot per copy."""

    def __init__(self, a, states, *, seed, copies, batch, empty=0):
        self.a, self.batch = a, batch
        self.f = f = Field(a, states, copies, empty)
        self.rng = np.random.Generator(np.random.PCG64([seed, a.n, 7]))
        self.movable = np.flatnonzero(f.free & np.append(a.alive[: a.n], False))
        self.n_offers, self.offers = _padded([o or [0] for o in a.offers] + [[0]])
        self.n_tongues, self.tongues = _padded([t or [0] for t in a.langs] + [[0]])
        self.expert = a.expert.astype(np.int64)
        # Flat tables with one line a person: what a wish is worth, who can come when, who speaks what; the dummy can do everything.
        self.wish = (a.rules.weights["slot_pref"] * a.wish.astype(np.int64)).ravel()
        self.can, self.speaks, self.free = a.wish > 0, a.speaks.copy(), f.free.copy()
        self.can[a.n], self.speaks[a.n], self.free[a.n] = True, True, True
        self.dates, self.languages = a.wish.shape[1], a.speaks.shape[1]
        self.can, self.speaks = self.can.ravel(), self.speaks.ravel()
        self.owner = np.empty(len(f.members), dtype=np.int64)
        self.now = f.energy()
        self.best_energy = self.now.copy()
        self.best = [f.snapshot(r) for r in range(copies)]

    def run(self, steps, *, hot, cold, soft=None, tick=None):
        """Cool from ``hot`` to ``cold`` in ``steps`` steps.

        With ``soft`` groups may open and close: a flaw costs ``soft`` (strict copies more) at first and FIRM_FLAW at
        last, fairness and urgency grow to their full worth. Without it flaws are as good as forbidden.
        """
        if not len(self.movable) or not self.f.real or steps <= 0:
            return
        cooling = (cold / hot) ** (1 / max(1, steps - 1))
        heat = hot
        if soft is not None:
            spread = np.arange(self.f.copies) / max(1, self.f.copies - 1)
            first = soft * max(1.0, STRICT_FLAW / soft) ** spread
        for n in range(steps):
            self.flaw = np.full(self.f.copies, HARD_FLAW) if soft is None else first * (FIRM_FLAW / first) ** (n / steps)
            self.worth = 1.0 if soft is None else min(1.0, LEVELS_AT_FIRST ** (1 - 1.4 * n / steps))
            self._seats(heat)
            if n % 4 == 1:
                self._times(heat)
            if n % 4 == 3 and len(self.a.fac_ids):
                self._leaders(heat)
            heat *= cooling
            if n % 16 == 15 or n == steps - 1:
                self._keep()
                if tick is not None and n % 256 == 255:
                    tick(n / steps)

    def _keep(self):
        for r in np.flatnonzero((self.now < self.best_energy) & (self.f.broken == 0)):
            self.best_energy[r] = self.now[r]
            self.best[r] = self.f.snapshot(r)

    def _draw(self, high):
        return (self.rng.random(len(high)) * high).astype(np.int64)

    def _winners(self, accepted, *touched):
        """Indices of the accepted proposals that are first on everything they touch."""
        order = np.arange(len(accepted))
        for keys in touched:
            self.owner[keys] = len(order)
        for keys in touched:
            np.minimum.at(self.owner, keys, order)
        won = np.ones(len(order), dtype=bool)
        for keys in touched:
            won &= self.owner[keys] == order
        return won

    def _proposals(self):
        f, a, rng = self.f, self.a, self.rng
        i = self.movable[(rng.random(self.batch) * len(self.movable)).astype(np.int64)]
        r = (rng.random(self.batch) * f.copies).astype(np.int64)
        if f.per_copy > f.real:                          # spare people get a good share of the proposals
            some = self.batch // 6
            row = r[:some] * f.per_copy + f.real + (rng.random(some) * (f.per_copy - f.real)).astype(np.int64)
            who = f.members[row, (rng.random(some) * f.size[row]).astype(np.int64)]
            i[:some] = np.where(who < a.n, who, i[:some])
        g = f.row_of.take(r * (a.n + 1) + i)
        s = self.offers.take(i * self.offers.shape[1] + self._draw(self.n_offers.take(i)))
        key = r * f.n_slots + s
        count = f.count_in.take(key)
        pick, seat = rng.random(self.batch), rng.random(self.batch)
        if not count.all():
            keep = np.flatnonzero(count)
            i, r, g, s, key, count, pick, seat = (v.take(keep) for v in (i, r, g, s, key, count, pick, seat))
        h = f.rows_in.take(key * f.rows_in.shape[1] + (pick * count).astype(np.int64))
        b = (seat * (f.size.take(h) + 1)).astype(np.int64)
        j = f.members.take(h * f.width + np.minimum(b, f.width - 1))     # the dummy where the seat is free
        home = f.slot.take(g)
        ok = (h != g) & (b < f.width) & self.free.take(j) & self.speaks.take(i * self.languages + f.lang.take(h))
        ok &= (home < 0) | self.can.take(j * self.dates + home) & self.speaks.take(j * self.languages + f.lang.take(g))
        keep = np.flatnonzero(ok)
        return tuple(v.take(keep) for v in (i, j, g, h, b, r, s, home))

    def _seats(self, heat):
        f, a = self.f, self.a
        i, j, g, h, b, r, s, home = self._proposals()
        if not len(i):
            return
        both = f.between(i, j)
        real, taken = home >= 0, j < a.n
        at_i, at_j = i * self.dates, j * self.dates
        (i_to_g, i_to_h), (j_to_g, j_to_h) = f.relations(i, r, g, h), f.relations(j, r, g, h)
        delta = i_to_h - both - j_to_h + self.wish.take(at_j + s) - self.wish.take(at_i + s)
        away = j_to_g - both - i_to_g + self.wish.take(at_i + home) - self.wish.take(at_j + home)
        change, shift = f.code_of.take(i) - f.code_of.take(j), self.expert.take(i) - self.expert.take(j)
        code_g, code_h = f.code.take(g) - change, f.code.take(h) + change
        cost_g, urg_g, flaw_g = f.group_cost(code_g, f.experts.take(g) - shift, f.leader.take(g) >= 0, real, f.size.take(g) - ~taken)
        cost_h, urg_h, flaw_h = a.group_cost(code_h, f.experts.take(h) + shift, f.leader.take(h) >= 0)
        delta += real * away + cost_g + cost_h - f.cost.take(g) - f.cost.take(h)
        level = -URGENCY * (urg_g + urg_h - f.urgency.take(g) - f.urgency.take(h))
        worse = flaw_g + flaw_h - f.flaws.take(g) - f.flaws.take(h)
        spare = ~real
        if spare.any():  # a full wish penalty appears with the seat, the place and the years waited are gained
            delta += spare * (3 * a.rules.weights["slot_pref"] * ~taken)
            level -= spare * (WAITED * (a.waited.take(i) - a.waited.take(j)))
        yes = self._accept(delta + self.worth * level + self.flaw.take(r) * worse, heat)
        delta += level
        if spare.any():  # spare people are no broken group
            delta -= spare * (PLACE * ~taken)
            worse -= spare * (flaw_g - f.flaws.take(g))
        if not len(yes):
            return
        yes = yes[self._winners(yes, g[yes], h[yes])]
        self._play(i[yes], j[yes], g[yes], h[yes], b[yes], r[yes])
        f.retie(i[yes], j[yes], g[yes], h[yes])
        g, h = g[yes], h[yes]
        f.code[g], f.code[h] = code_g[yes], code_h[yes]
        f.experts[g] -= shift[yes]
        f.experts[h] += shift[yes]
        f.cost[g], f.cost[h], f.urgency[g], f.urgency[h] = cost_g[yes], cost_h[yes], urg_g[yes], urg_h[yes]
        f.flaws[g], f.flaws[h] = flaw_g[yes], flaw_h[yes]
        np.add.at(self.now, r[yes], delta[yes])
        np.add.at(f.broken, r[yes], worse[yes])

    def _accept(self, delta, heat):
        chance = self.rng.random(len(delta))
        return np.flatnonzero((delta <= 0) | (chance < np.exp(-np.maximum(delta, 0) / heat)))

    def _play(self, i, j, g, h, b, r):
        f, n = self.f, self.a.n
        seat = f.seat_of[r, i]
        f.members[h, b] = i
        f.row_of[r, i], f.seat_of[r, i] = h, b
        f.members[g, seat] = j
        f.row_of[r, j], f.seat_of[r, j] = g, seat
        gone = np.flatnonzero(j == n)                    # nobody came back: the last member closes the gap
        g, h, seat, r = g[gone], h[gone], seat[gone], r[gone]
        last = f.size[g] - 1
        tail = f.members[g, last]
        f.members[g, seat] = tail
        f.members[g, last] = n
        moved = tail < n
        f.seat_of[r[moved], tail[moved]] = seat[moved]
        f.size[g] -= 1
        f.size[h] += 1

    def _times(self, heat):
        """Move whole groups to another slot or language all their members share."""
        f, a, rng = self.f, self.a, self.rng
        amount = max(4, self.batch // 4)
        g = (rng.random(amount) * f.real).astype(np.int64) + (rng.random(amount) * f.copies).astype(np.int64) * f.per_copy
        empty = f.size[g] == 0
        who = f.members[g, (rng.random(amount) * np.maximum(1, f.size[g])).astype(np.int64)]
        who = np.where(empty, self.movable[(rng.random(amount) * len(self.movable)).astype(np.int64)], who)
        s = self.offers[who, self._draw(self.n_offers[who])]
        change = (rng.random(amount) < 0.2) | empty
        lang = np.where(change, self.tongues[who, self._draw(self.n_tongues[who])], f.lang[g])
        inside = f.members[g]
        blank = inside == a.n
        wish = a.wish[inside, s[:, None]].astype(np.int64)
        ok = (f.slot[g] >= 0) & (f.leader[g] < 0) & ~f.tied[g] & ((s != f.slot[g]) | (lang != f.lang[g]))
        key = f.copy_of[g] * f.n_slots + s
        ok &= (s == f.slot[g]) | (f.count_in[key] < f.room[key])
        ok &= ((wish > 0) & a.speaks[inside, lang[:, None]] | blank).all(1)
        keep = np.flatnonzero(ok)
        if not len(keep):
            return
        g, s, lang, key = g[keep], s[keep], lang[keep], key[keep]
        old = a.wish[inside[keep], f.slot[g][:, None]].astype(np.int64)
        delta = a.rules.weights["slot_pref"] * (old - wish[keep]).sum(1)
        used = set()
        for k in self._accept(delta, heat):
            home = int(f.copy_of[g[k]]) * f.n_slots + int(f.slot[g[k]])
            if home in used or int(key[k]) in used:
                continue
            used.update((home, int(key[k])))
            f.move_row(g[k], s[k], lang[k])
            self.now[f.copy_of[g[k]]] += delta[k]

    def _leaders(self, heat):
        """Let a facilitator lead a group, or give a group back to its members."""
        f, a, rng = self.f, self.a, self.rng
        amount = max(4, self.batch // 8)
        r = (rng.random(amount) * f.copies).astype(np.int64)
        g = (rng.random(amount) * f.real).astype(np.int64) + r * f.per_copy
        fac = (rng.random(amount) * len(a.fac_ids)).astype(np.int64)
        led = f.leader[g] >= 0
        free = a.fac_slots[fac, f.slot[g]] & a.fac_langs[fac, f.lang[g]] & (f.duty[r, fac] < a.fac_max[fac]) & ~f.busy[r, fac, f.slot[g]]
        keep = np.flatnonzero((led | free) & (f.size[g] > 0) & ~f.tied[g])
        if not len(keep):
            return
        g, r, fac, led = g[keep], r[keep], fac[keep], led[keep]
        cost, urgency, flaws = a.group_cost(f.code[g], f.experts[g], ~led)
        delta = cost - f.cost[g] - URGENCY * (urgency - f.urgency[g])
        worse = flaws - f.flaws[g]
        used = set()
        for k in self._accept(delta + self.flaw[r] * worse, heat):
            row, copy = int(g[k]), int(r[k])
            who = int(f.leader[row]) if led[k] else int(fac[k])
            if row in used or (copy, who) in used:
                continue
            used.update((row, (copy, who)))
            f.duty[copy, who] += -1 if led[k] else 1
            f.busy[copy, who, f.slot[row]] = not led[k]
            f.leader[row] = -1 if led[k] else who
            f.cost[row], f.urgency[row], f.flaws[row] = cost[k], urgency[k], flaws[k]
            f.broken[copy] += worse[k]
            self.now[copy] += delta[k]

    def last(self):
        """(state now, best state) of every copy; the first may hold groups that do not stand."""
        return [(self.f.state(self.f.snapshot(r)), self.f.state(self.best[r])) for r in range(self.f.copies)]

    def answers(self):
        """(energy, state) of every copy at its best, best first."""
        order = np.argsort(self.best_energy, kind="stable")
        return [(int(self.best_energy[r]), self.f.state(self.best[r])) for r in order]
