"""Bring a carried-over state to its feet with as few changes as possible."""

from collections import deque

from .deal import Dealer
from .repair import Chains, rescue
from .state import conflicts, stands

#: Longest chain of people who move over one after the other, and how many are looked at for one group.
DEPTH, PULLS = 5, 20_000


class Mender:
    """Works on one state in place: mends groups that do not stand, then seats whoever has no place.

    ``placed`` are the people who had a place before, in a team still or not; they come first.
    """

    def __init__(self, a, state, placed):
        self.a, self.state = a, state
        self.weak = [t for t in state.teams if not self.sound(t)]
        self.placed = placed

    def sound(self, team):
        """Pinned groups are; others when size and roles hold."""
        return team.closed or stands(self.a, team.members, team.leader >= 0)

    def mend(self):
        """Mend every weak team or close it; then seat everybody by the shortest chains."""
        for team in sorted(self.weak, key=lambda t: (-len(t.members), t.id)):
            if not (self._by_newcomer(team) or self._by_leader(team) or self._by_neighbour(team) or self._by_chain(team) or self._by_two(team)):
                self._close(team)
        self._seat_all()

    def _room_for(self, team, i):
        return (len(team.members) < self.a.rules.size_max and self.a.fits(i, team.slot, team.lang)
                and not conflicts(self.a, i, team.members))

    def _by_newcomer(self, team):
        """People without a place enter, as many as it takes; nobody else changes."""
        a, before = self.a, list(team.members)
        for _ in range(a.rules.size_max):
            able = [i for i in self.state.spare if self._room_for(team, i)]
            if not able:
                break
            best = max(able, key=lambda i: (stands(a, [*team.members, i], team.leader >= 0), bool(a.mod_of[i]) + bool(a.case_of[i]),
                                            a.waited_of[i], -i))
            team.members.append(best)
            self.state.spare.remove(best)
            if self.sound(team):
                return True
        self.state.spare += [i for i in team.members if i not in before]
        team.members = before
        return False

    def _by_leader(self, team):
        """A free facilitator takes over: no volunteer changes."""
        a = self.a
        if team.leader >= 0 or not stands(a, team.members, True):
            return False
        led = [(t.leader, t.slot) for t in self.state.teams if t.leader >= 0]
        for f in range(len(a.fac_ids)):
            free = (f, team.slot) not in led and sum(x == f for x, _ in led) < a.fac_max[f]
            if free and a.fac_slots[f, team.slot] and a.fac_langs[f, team.lang]:
                team.leader = f
                return True
        return False

    def _donors(self, team):
        """(person, own team) of everybody another group can spare and this one can take, mildest loss of wish first."""
        a, found = self.a, []
        for other in self.state.teams:
            if other is team or other.closed or not self.sound(other):
                continue
            for i in other.members:
                free = i not in other.fixed and self._room_for(team, i)
                if free and stands(a, [m for m in other.members if m != i], other.leader >= 0):
                    found.append((i, other))
        return sorted(found, key=lambda d: (int(a.wish[d[0], d[1].slot]) - int(a.wish[d[0], team.slot]), -len(d[1].members), d[0]))

    def _by_neighbour(self, team):
        """One person moves over from a group that stands without."""
        for i, other in self._donors(team):
            if stands(self.a, [*team.members, i], team.leader >= 0):
                other.members.remove(i)
                team.members.append(i)
                return True
        return False

    def _by_chain(self, team):
        """One person moves over from a group that does not stand without, which is helped the same way (breadth first)."""
        queue, seen, looked = deque([(team, None, ())]), set(), 0
        while queue:
            weak, lost, moves = queue.popleft()
            left = [m for m in weak.members if m != lost]
            touched = {id(t) for _, source, target in moves for t in (source, target)} | {id(weak)}
            for i, other in self._able(weak, left):
                looked += 1
                if looked > PULLS:
                    return False
                if i in seen or id(other) in touched or not stands(self.a, [*left, i], weak.leader >= 0):
                    continue
                seen.add(i)
                path = (*moves, (i, other, weak))
                if other is None or stands(self.a, [m for m in other.members if m != i], other.leader >= 0):
                    for who, source, target in path:
                        (source.members if source is not None else self.state.spare).remove(who)
                        target.members.append(who)
                    return True
                if len(path) < DEPTH:
                    queue.append((other, i, path))
        return False

    def _able(self, team, left):
        """(person, own team or ``None``) of everybody who could sit with ``left`` in this team: people without a place, then
        those of the largest groups."""
        a = self.a
        if len(left) >= a.rules.size_max:
            return []
        pool = [(i, None) for i in self.state.spare]
        pool += [(i, t) for t in sorted(self.state.teams, key=lambda t: -len(t.members)) if t is not team and not t.closed and self.sound(t)
                 for i in t.members if i not in t.fixed]
        return [(i, t) for i, t in pool if a.fits(i, team.slot, team.lang) and not conflicts(a, i, left)]

    def _by_two(self, team):
        """Two or more people move over, one by one, newcomers first; undone when it does not suffice."""
        a = self.a
        moved, spare, members = [], list(self.state.spare), list(team.members)
        for _ in range(max(1, a.rules.size_min - 1)):
            able = [i for i in self.state.spare if self._room_for(team, i)]
            if able:
                team.members.append(able[0])
                self.state.spare.remove(able[0])
            else:
                donors = self._donors(team)
                if not donors or len(moved) >= len(members):
                    break
                i, other = min(donors, key=lambda d: -(bool(a.mod_of[d[0]]) + bool(a.case_of[d[0]])))
                other.members.remove(i)
                moved.append((i, other))
                team.members.append(i)
            if self.sound(team):
                return True
        for i, other in reversed(moved):
            other.members.append(i)
        self.state.spare, team.members = spare, members
        return False

    def _close(self, team):
        self.state.teams.remove(team)
        self.state.spare += team.members
        team.members = []

    def _seat_all(self):
        """Who had a place gets one by the shortest chain; who had none only where nobody else moves."""
        chains = Chains(self.a, self.state)
        for i in sorted(self.state.spare, key=lambda i: (i not in self.placed, -self.a.waited_of[i], i)):
            if i in self.placed:
                seated = chains.seat(i)
            else:
                team = chains.direct(i)
                seated = team is not None
                if seated:
                    team.members.append(i)
            if seated:
                self.state.spare.remove(i)
        rescue(self.a, self.state, [i for i in self.state.spare if i in self.placed])
        self._open()

    def _open(self):
        """New groups from people without a place, where they make valid ones on their own."""
        state = self.state
        if len(state.spare) < self.a.rules.size_min:
            return
        opened = Dealer(self.a, state.teams).deal(complete=False).teams[len(state.teams) :]
        placed = {i for t in opened for i in t.members}
        state.teams += opened
        state.spare = [i for i in state.spare if i not in placed]
        chains = Chains(self.a, state)
        for i in list(state.spare):
            team = chains.direct(i)
            if team is not None:
                team.members.append(i)
                state.spare.remove(i)
