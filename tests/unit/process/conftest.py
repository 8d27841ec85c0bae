"""A session that waits, and one that runs with a case."""

from __future__ import annotations

import pytest

from beratung_xblock.process import Act
from tests.unit.process.meeting import ANNA, CEM, DANA, EVA, Meeting


@pytest.fixture
def meeting():
    return Meeting()


@pytest.fixture
def running(meeting):
    meeting.do(Act.TAKE_OVER, ANNA)
    meeting.do(Act.START, ANNA)
    meeting.do(Act.OFFER_CASE, CEM, case="c", urgency=3)
    meeting.do(Act.OFFER_CASE, DANA, case="d", urgency=1, waiting=2)
    meeting.do(Act.CHOOSE_CASE, ANNA, case="c")
    meeting.do(Act.GIVE_ROLE, ANNA, role="note_taker", person=EVA)
    return meeting
