"""Random sequences of actions by random people: what must hold after every single step."""

from __future__ import annotations

import random
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from beratung_xblock.process import (
    Act,
    Action,
    Doer,
    Heard,
    Kind,
    Refusal,
    SessionState,
    Status,
    clock,
    fold,
    methods,
    perform,
    prompt,
    take_over_wait,
    template,
    template_ids,
)

START = datetime(2026, 4, 14, 16, 0, tzinfo=UTC)
PEOPLE = (1, 2, 3, 4, 5, 6, 99)  # 99 is a stranger
CASES = ("a1", "b2", "c3", "d4")
IDEAS = tuple(f"i{number}" for number in range(12))
DATA = {
    "person": PEOPLE, "moderator": PEOPLE, "owner": PEOPLE, "case": CASES, "idea": IDEAS, "into": IDEAS, "of": (None, *IDEAS),
    "column": (0, 0, 1), "role": ("note_taker", "observer", "tech_host", "moderator"), "urgency": (1, 2, 3, 4),
    "waiting": (0, 3), "procedure": ("dots", "longest_waiting", "draw", "whim"), "ticket": (0, 999_999, 1_000_000),
    "method": (*methods(), "none"), "loop": ("find_key_question", "nowhere"), "minutes": (1, 2, 5, 7, 15),
    "present": (True, False), "can_moderate": (True, False),
}
USES = {
    Act.ADD_MEMBER: ("person", "can_moderate"), Act.REMOVE_MEMBER: ("person",), Act.MARK_PRESENT: ("person", "present"),
    Act.HAND_OVER: ("person",), Act.GIVE_ROLE: ("role", "person"), Act.FREE_ROLE: ("role",),
    Act.OFFER_CASE: ("case", "urgency", "waiting"), Act.WITHDRAW_CASE: ("case",), Act.CHOOSE_CASE: ("case", "moderator"),
    Act.PICK_CASE: ("procedure", "ticket", "moderator"), Act.SET_QUESTION: ("present",), Act.CHOOSE_METHOD: ("method",),
    Act.ENTER_LOOP: ("loop",), Act.EXTEND: ("minutes",), Act.START_BREAK: ("minutes",), Act.ADD_IDEA: ("idea", "column"),
    Act.EDIT_IDEA: ("idea",), Act.REMOVE_IDEA: ("idea",), Act.MERGE_IDEA: ("idea", "into"), Act.SPLIT_IDEA: ("idea",),
    Act.MERGE_AWAY: ("into",),
}
RARE = (Act.END, Act.MERGE_AWAY, Act.LEAVE, Act.REMOVE_MEMBER, Act.DROP_CASE, Act.WITHDRAW_CASE)


class Group:
    """A session under test, with everything stored that a database would store."""

    def __init__(self, template_id: str, size: int = 6):
        self.state = SessionState(template=template(template_id))
        self.checked: SessionState | None = None
        self.events: list = []
        self.now = START
        self.seen = dict.fromkeys(PEOPLE, START)
        for person in PEOPLE[:size]:
            self.act(Action(Act.ADD_MEMBER, {"person": person, "can_moderate": person <= 2}), Doer(system=True))

    def act(self, action: Action, doer: Doer) -> bool:
        heard = Heard(since=START, seen=self.seen)
        before = self.state
        answer = perform(self.state, action, doer, now=self.now, heard=heard)
        if isinstance(answer, Refusal):
            return False
        self.state, events = answer
        self.events.extend(events)
        assert self.state.version == before.version + len(events)
        return True

    def check(self) -> None:
        state = self.state
        assert state.version == len(self.events)
        assert 0 <= state.phase_index < len(state.template.phases)
        assert state.moderator is None or state.moderator in state.members
        assert state.status in Status
        self.check_clock()
        self.check_nobody_stuck()
        if state is self.checked:
            return  # what was refused changed nothing; only time has passed
        self.check_cases()
        self.check_ideas()
        for person in state.members:
            assert prompt(state, person).sentence.get("de")
        self.checked = state

    def check_cases(self) -> None:
        state = self.state
        runs = [*([state.current] if state.current else []), *state.queue, *state.finished]
        cases = [run.case for run in runs]
        assert len(cases) == len(set(cases))
        assert not set(cases) & set(state.offers)
        for run in runs:
            assert run.conflict_asked or not run.opened
            assert run.question or not run.question_confirmed
        for person, member in state.members.items():
            for case in CASES:
                if state.may_read_case(person, case):
                    assert state.current
                    assert state.current.case == case
                    assert not state.is_over
                    assert person == state.current.giver or (state.current.opened and not member.out)
        if state.current and state.current.giver is not None:
            assert state.current.giver in state.members
            assert state.current.giver not in state.roles.values()

    def check_ideas(self) -> None:
        added = [event.data["idea"] for event in self.events if event.kind is Kind.IDEA_ADDED]
        assert [idea.id for idea in self.state.ideas] == added
        assert len(added) == len(set(added))
        by_id = {idea.id: idea for idea in self.state.ideas}
        for idea in self.state.ideas:
            if idea.removed:
                assert any(e.kind is Kind.IDEA_REMOVED and e.data["idea"] == idea.id and e.by == idea.by for e in self.events)
            elif idea.merged_into is not None:
                into = by_id[idea.merged_into]
                assert not into.removed
                assert into.merged_into is None
                assert into.case == idea.case

    def check_clock(self) -> None:
        first, later = clock(self.state, self.now), clock(self.state, self.now + timedelta(seconds=30))
        assert first.remaining == pytest.approx(first.planned + first.extended - first.spent)
        assert later.spent - first.spent == pytest.approx(30 if first.running else 0)
        started = [event.at for event in self.events if event.kind is Kind.STARTED]
        booked = sum(stretch.spent for stretch in self.state.stretches.values())
        open_time = first.spent - self.state.stretches[self.state.place].spent if first.running and not first.on_break else 0
        assert booked + open_time <= (((self.now - started[0]).total_seconds() if started else 0) + 0.001)
        if self.state.status is Status.RUNNING and not self.state.held:
            assert first.running
        if self.state.status in (Status.WAITING, Status.ENDED, Status.MERGED):
            assert not first.running
            assert first.notice is None

    def check_nobody_stuck(self) -> None:
        state = self.state
        here = [member.id for member in state.members.values() if member.present]
        if state.is_over or not here or here == [state.moderator]:
            return
        much_later = self.now + timedelta(minutes=4)
        silent = Heard(since=self.now, seen={person: self.now for person in here if person != state.moderator})
        assert any(take_over_wait(state, person, much_later, silent) == 0 for person in here)


OFTEN = tuple(act for act in Act if act not in RARE)


def random_action(pick: random.Random, state: SessionState) -> Action:
    kind = pick.random()
    act = Act.NEXT if kind < 0.12 else pick.choice(RARE if kind > 0.97 else OFTEN)
    data = {key: pick.choice(DATA[key]) for key in USES.get(act, ())}
    if act is not Act.ADD_IDEA and "idea" in data and state.ideas and pick.random() < 0.8:
        data |= {key: pick.choice(state.ideas).id for key in ("idea", "into") if key in data}
    if act is Act.CHOOSE_CASE and state.offers:
        data["case"] = pick.choice(tuple(state.offers))
    if act is Act.ADD_IDEA and data["column"] == 1:
        data["of"] = pick.choice(DATA["of"])
    return Action(act, data)


def random_doer(pick: random.Random, state: SessionState) -> Doer:
    kind = pick.random()
    if kind < 0.03:
        return Doer(system=True)
    if kind < 0.05:
        return Doer(coordinator=True)
    if kind < 0.45:
        return Doer(state.moderator)
    if kind < 0.65 and state.current:
        return Doer(state.current.giver)
    return Doer(pick.choice(PEOPLE))


def opening(group: Group) -> None:
    for person in list(group.state.members):
        group.act(Action(Act.JOIN), Doer(person))
    group.act(Action(Act.TAKE_OVER), Doer(1))
    group.act(Action(Act.OFFER_CASE, {"case": "a1", "waiting": 0, "urgency": 3}), Doer(3))
    group.act(Action(Act.START), Doer(1))
    group.act(Action(Act.CHOOSE_CASE, {"case": "a1"}), Doer(1))


def play(template_id: str, seed: int, done: set[Act]) -> None:
    pick = random.Random(f"{template_id}-{seed}")
    group = Group(template_id, size=pick.choice((3, 4, 6)))
    if pick.random() < 0.7:
        opening(group)
    for _ in range(70):
        group.now += timedelta(seconds=pick.choice((0, 1, 5, 30, 90, 400)))
        for person in PEOPLE:
            if pick.random() < 0.7:
                group.seen[person] = group.now
        action = random_action(pick, group.state)
        if group.act(action, random_doer(pick, group.state)):
            done.add(action.act)
        group.check()
    assert fold(group.state.template, group.events) == group.state


def test_thousands_of_random_sequences_keep_every_invariant():
    done: set[Act] = set()
    for template_id in template_ids():
        for seed in range(300):
            play(template_id, seed, done)
    assert done == set(Act), "the random people must have managed to do everything there is to do"


class SessionMachine(RuleBasedStateMachine):
    """The same invariants under hypothesis, which shrinks a failing sequence to its core."""

    def __init__(self):
        super().__init__()
        self.group = Group("tietze6")

    @rule(seconds=st.integers(0, 900))
    def time_passes(self, seconds):
        self.group.now += timedelta(seconds=seconds)

    @rule(people=st.sets(st.sampled_from(PEOPLE)))
    def pages_report(self, people):
        self.group.seen.update(dict.fromkeys(people, self.group.now))

    @rule(person=st.sampled_from((*PEOPLE, None)), act=st.sampled_from(sorted(Act)), data=st.data())
    def somebody_acts(self, person, act, data):
        fields = {key: data.draw(st.sampled_from(DATA[key]), label=key) for key in USES.get(act, ())}
        who = self.group.state.moderator if person is None else person
        self.group.act(Action(act, fields), Doer(who))

    @rule(act=st.sampled_from((Act.TAKE_OVER, Act.START, Act.NEXT, Act.NEXT_CASE)))
    def the_moderator_goes_on(self, act):
        if self.group.state.moderator is None:
            self.group.act(Action(Act.TAKE_OVER), Doer(1))
        self.group.act(Action(act), Doer(self.group.state.moderator))

    @invariant()
    def all_holds(self):
        self.group.check()

    def teardown(self):
        assert fold(self.group.state.template, self.group.events) == self.group.state


SessionMachine.TestCase.settings = settings(max_examples=100, stateful_step_count=40, deadline=None)
TestSessionMachine = SessionMachine.TestCase
