"""Six people in a session of the pure model, one action a second."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from beratung_xblock.process import (
    Act,
    Action,
    Doer,
    Heard,
    Refusal,
    SessionState,
    perform,
    template,
)

T0 = datetime(2026, 4, 14, 16, 0, tzinfo=UTC)
ANNA, BERND, CEM, DANA, EVA, FAROUK = 1, 2, 3, 4, 5, 6


class Meeting:
    """Six people; Anna and Bernd said they can moderate. Each action is one second after the last."""

    def __init__(self, template_id="tietze6"):
        self.state = SessionState(template=template(template_id))
        self.now, self.events, self.silent = T0, [], {}
        for person in (ANNA, BERND, CEM, DANA, EVA, FAROUK):
            self.do(Act.ADD_MEMBER, Doer(system=True), person=person, can_moderate=person in (ANNA, BERND))
            self.do(Act.JOIN, person)

    def wait(self, seconds):
        self.now += timedelta(seconds=seconds)

    def heard(self):
        return Heard(since=T0, seen={person: self.silent.get(person, self.now) for person in self.state.members})

    def do(self, act, doer, **data):
        self.wait(1)
        doer = doer if isinstance(doer, Doer) else Doer(doer)
        answer = perform(self.state, Action(act, data), doer, now=self.now, heard=self.heard())
        if isinstance(answer, Refusal):
            return answer
        self.state, events = answer
        self.events += events
        return [event.kind for event in events]


def to_phase(meeting, index):
    while meeting.state.phase_index < index:
        meeting.do(Act.NEXT, meeting.state.moderator)
