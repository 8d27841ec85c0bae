"""A first dealing without any solver: open one group after the other where those with the fewest options wait.

It is not optimal and need not be: chains and annealing follow. It uses nothing but counting, so that the result does not
depend on the version of any library.
"""

import heapq

from .state import State, Team, cast, conflicts, stands


class Dealer:
    """Greedy dealing; ``pinned`` are teams to begin with: closed ones stay as they are, others are completed first."""

    def __init__(self, a, pinned=()):
        self.a = a
        self.state = State(teams=list(pinned)).copy()
        self.free = list(a.alive[: a.n])
        self.room = a.room.copy()
        self.duty = a.fac_max.copy()
        self.busy = set()
        for team in pinned:
            self.room[team.slot] -= 1
            if team.leader >= 0:
                self.duty[team.leader] -= 1
                self.busy.add((team.leader, team.slot))
            for i in team.members:
                self.free[i] = False
        self._cells()
        self.size = self._size()

    def _cells(self):
        a = self.a
        self.cells_of = [[(s, lang) for s in a.offers[i] for lang in a.langs[i]] if self.free[i] else [] for i in range(a.n)]
        options = [len(c) for c in self.cells_of]
        self.need = [1 / max(1, k) for k in options]
        self.pool = {}
        for i in sorted(range(a.n), key=lambda i: (options[i], -a.waited_of[i], i)):
            for cell in self.cells_of[i]:
                self.pool.setdefault(cell, []).append(i)

    def _size(self):
        """Members to aim at: the target, or more where rooms, moderators or cases are scarce."""
        a = self.a
        alive = max(1, sum(self.free))
        leads = int(sum(a.mod_of[i] for i in range(a.n) if self.free[i]) + self.duty.sum())
        givers = sum(1 for i in range(a.n) if self.free[i] and a.case_of[i])
        most = max(1, min(int(self.room.clip(min=0).sum()), leads, givers))
        aim = max(a.rules.size_target, -(-alive // most))
        return max(a.rules.size_min, min(a.rules.size_max, aim))

    def _waiting(self, cell):
        pool = [i for i in self.pool[cell] if self.free[i]]
        self.pool[cell] = pool
        return pool

    def _score(self, cell):
        pool = self.pool[cell]
        total, count = 0.0, 0
        for i in pool:
            if self.free[i]:
                total += self.need[i]
                count += 1
                if count == self.size:
                    break
        return total if count >= self.a.rules.size_min else -1.0

    def deal(self, complete=True):
        """Open groups until no cell can carry another one; the rest is spare. ``complete``: first fill pinned teams."""
        for team in self.state.teams:
            if complete and not team.closed:
                self._complete(team)
        heap = [(-self._score(cell), cell) for cell in sorted(self.pool)]
        heapq.heapify(heap)
        while heap:
            score, cell = heapq.heappop(heap)
            if self.room[cell[0]] <= 0:
                continue
            now = -self._score(cell)
            if now >= 0:
                continue
            if now > score + 1e-12:
                heapq.heappush(heap, (now, cell))
                continue
            team = self._open(cell)
            if team is not None:
                self.state.teams.append(team)
                heapq.heappush(heap, (-self._score(cell), cell))
        self.state.spare = [i for i in range(self.a.n) if self.free[i]]
        return self.state

    def _open(self, cell):
        """A valid team from the people waiting in a cell, or ``None`` (then the cell is done for good)."""
        a, (slot, lang) = self.a, cell
        pool = self._waiting(cell)
        members = self._roles(pool)
        leader = -1
        if members is None:
            leader = self._leader(slot, lang)
            giver = next((i for i in pool if a.case_of[i]), None)
            if leader < 0 or giver is None:
                return None
            members = [giver]
        for i in pool:
            if len(members) == self.size:
                break
            if i not in members and not conflicts(a, i, members):
                members.append(i)
        if len(members) < a.rules.size_min:
            return None
        if leader >= 0:
            self.duty[leader] -= 1
            self.busy.add((leader, slot))
        self.room[slot] -= 1
        for i in members:
            self.free[i] = False
        return Team(slot, lang, members, leader)

    def _complete(self, team):
        """Add to a pinned team what it lacks: roles first, then people up to the size aimed at."""
        a, cell = self.a, (team.slot, team.lang)
        pool = [i for i in self._waiting(cell) if not conflicts(a, i, team.members)] if cell in self.pool else []
        lacks = [lambda i: a.mod_of[i] and not a.case_of[i], lambda i: a.mod_of[i], lambda i: bool(a.case_of[i]), lambda i: True]
        for n, wanted in enumerate(lacks):
            for i in pool:
                mod, cases = cast(a, team.members, team.leader >= 0)
                enough = (mod >= 0, mod >= 0, bool(cases), len(team.members) >= self.size)[n]
                if enough or len(team.members) >= a.rules.size_max:
                    break
                if self.free[i] and wanted(i) and not conflicts(a, i, team.members):
                    team.members.append(i)
                    self.free[i] = False
        if team.leader < 0 and not stands(a, team.members, False) and stands(a, team.members, True):
            team.leader = self._leader(team.slot, team.lang)
            if team.leader >= 0:
                self.duty[team.leader] -= 1
                self.busy.add((team.leader, team.slot))

    def _roles(self, pool):
        """A moderator and somebody else with a case, the most restricted ones; ``None`` if there are none."""
        a = self.a
        mods = sorted((i for i in pool if a.mod_of[i]), key=lambda i: a.case_of[i] > 0)[:20]
        givers = sorted((i for i in pool if a.case_of[i]), key=lambda i: bool(a.mod_of[i]))[:20]
        for mod in mods:
            for giver in givers:
                if giver != mod and giver not in a.foes[mod] and a.rules.size_max > 1:
                    return [mod, giver]
        return None

    def _leader(self, slot, lang):
        a = self.a
        for f in range(len(a.fac_ids)):
            if a.fac_slots[f, slot] and a.fac_langs[f, lang] and self.duty[f] > 0 and (f, slot) not in self.busy:
                return f
        return -1
