"""Ejection chains: seat a spare person by moving others along, as few as possible (breadth first)."""

from collections import defaultdict, deque

from .state import Team, cast, conflicts, stands

#: Groups looked at in all searches over one state together.
TOTAL = 60_000


class Chains:
    """Chain search over a state; ``limit`` bounds the groups looked at in one search."""

    def __init__(self, a, state, limit=3000, depth=4):
        self.a, self.state, self.limit, self.depth = a, state, limit, depth
        self.budget = TOTAL
        self.by_cell = defaultdict(list)
        for team in state.teams:
            if not team.closed:
                self.by_cell[team.slot, team.lang].append(team)

    def targets(self, i):
        """Open groups person ``i`` could attend, best wish first."""
        a = self.a
        for slot in sorted(a.offers[i], key=lambda s: (-a.wish[i, s], s)):
            for lang in a.langs[i]:
                yield from self.by_cell[slot, lang]

    def direct(self, i):
        """A group with a free seat and nobody excluded, the smallest first; ``None`` if there is none."""
        best = None
        for team in self.targets(i):
            smaller = best is None or len(team.members) < len(best.members)
            if smaller and len(team.members) < self.a.rules.size_max and not conflicts(self.a, i, team.members):
                best = team
        return best

    def seat(self, person):
        """Seat one spare person; true on success. Nobody else loses a place."""
        a = self.a
        queue, seen, looked = deque([(person, None, None, 0)]), {person}, 0
        while queue:
            node = queue.popleft()
            i, _, _, depth = node
            team = self.direct(i)
            if team is not None and self._apply(node, team):
                return True
            if depth >= self.depth:
                continue
            for team in self.targets(i):
                looked += 1
                self.budget -= 1
                if looked > self.limit or self.budget < 0:
                    return False
                clash = [m for m in team.members if m in a.foes[i]]
                if len(clash) > 1:
                    continue
                for m in clash or team.members:
                    if m in seen or m in team.fixed:
                        continue
                    if stands(a, [q for q in team.members if q != m] + [i], team.leader >= 0):
                        seen.add(m)
                        queue.append((m, node, team, depth + 1))
        return False

    def _apply(self, node, team):
        """Play the chain that ends with ``node``'s person entering ``team``; undone if it does not hold."""
        moves, target = [], team
        while node is not None:
            i, parent, left, _ = node
            moves.append((i, left, target))
            node, target = parent, left
        touched = {id(t): t for _, left, to in moves for t in (left, to) if t is not None}
        saved = {key: list(t.members) for key, t in touched.items()}
        for i, left, _ in moves:
            if left is not None:
                if i not in left.members:
                    return self._undo(touched, saved)
                left.members.remove(i)
        for i, _, to in moves:
            if conflicts(self.a, i, to.members):
                return self._undo(touched, saved)
            to.members.append(i)
        if all(stands(self.a, t.members, t.leader >= 0) for t in touched.values()):
            return True
        return self._undo(touched, saved)

    @staticmethod
    def _undo(touched, saved):
        for key, team in touched.items():
            team.members = saved[key]
        return False


def rescue(a, state, people):
    """Open groups around these spare people whom no chain can seat, with members other groups can spare."""
    gather = Gatherer(a, state)
    for i in sorted(people, key=lambda i: (-a.waited_of[i], i)):
        if i in state.spare and gather.open_around(i):
            gather = Gatherer(a, state)


class Gatherer:
    """Gathers the members of a new group; whom it may ask is worked out once a cell and holds until a group opens."""

    def __init__(self, a, state):
        self.a, self.state = a, state
        self.used = defaultdict(int)
        for team in state.teams:
            self.used[team.slot] += 1
        self.pools = {}

    def open_around(self, person):
        """Open a group with ``person`` in the best slot where one can be gathered; true on success."""
        a, state = self.a, self.state
        for slot in sorted(a.offers[person], key=lambda s: (-a.wish[person, s], s)):
            for lang in a.langs[person] if self.used[slot] < a.room[slot] else ():
                members, gone = self._gathered(person, slot, lang)
                if members is not None:
                    for m, team in gone:
                        team.members.remove(m)
                    state.spare = [i for i in state.spare if i not in members]
                    state.teams.append(Team(slot, lang, members))
                    return True
        return False

    def _pool(self, slot, lang):
        """[(person, own team or ``None``)] of everybody who can be asked: spare people, then those of the largest groups that
        stand without them. Four lists: who may moderate and has no case, who may moderate, who has a case, everybody."""
        a, state = self.a, self.state
        if (slot, lang) not in self.pools:
            pool = [(i, None) for i in state.spare if a.fits(i, slot, lang)]
            seated = [(i, t) for t in state.teams if not t.closed for i in t.members if i not in t.fixed and a.fits(i, slot, lang)
                      and stands(a, [m for m in t.members if m != i], t.leader >= 0)]
            pool += sorted(seated, key=lambda x: (-len(x[1].members), -a.wish[x[0], slot], x[0]))
            self.pools[slot, lang] = ([x for x in pool if a.mod_of[x[0]] and not a.case_of[x[0]]], [x for x in pool if a.mod_of[x[0]]],
                                      [x for x in pool if a.case_of[x[0]]], pool)
        return self.pools[slot, lang]

    def _gathered(self, person, slot, lang):
        """(members of a new group in this cell, [(member, team left)]) or (None, None)."""
        a = self.a
        members, gone, left = [person], [], {}
        for n, pool in enumerate(self._pool(slot, lang)):
            if n == 2 and not any(a.mod_of[i] for i in members):
                return None, None
            enough = self._enough(n, members)
            for i, team in pool:
                if enough or len(members) == a.rules.size_max:
                    break
                if i in members or conflicts(a, i, members):
                    continue
                if team is not None:
                    rest = [m for m in left.get(id(team), team.members) if m != i]
                    if not stands(a, rest, team.leader >= 0):
                        continue
                    left[id(team)] = rest
                    gone.append((i, team))
                members.append(i)
                enough = self._enough(n, members)
        return (members, gone) if stands(a, members, False) else (None, None)

    def _enough(self, n, members):
        """Is what the n-th list is asked for there: a moderator, a case that can be heard, people?"""
        if n == 3:
            return len(members) >= self.a.rules.size_min
        mod, cases = cast(self.a, members, False)
        return bool(cases) if n == 2 else mod >= 0


def repair(a, state, limit=3000):
    """Seat as many spare people as chains can; those who waited longest first."""
    chains = Chains(a, state, limit)
    left = []
    for i in sorted(state.spare, key=lambda i: (-a.waited_of[i], i)):
        if not chains.seat(i):
            left.append(i)
    state.spare = left
