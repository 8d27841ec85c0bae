"""The journey whose traces the leak tests search."""

import logging

import pytest
import time_machine
from django.utils import timezone
from eventtracking import tracker
from waffle.testutils import override_switch

from beratung_xblock import events, outbox
from beratung_xblock.api import attendance, cases, closing, periodic, results, sessions
from beratung_xblock.models import Registration, SessionCase
from tests.integration import session_world, world
from tests.permissions import scene
from tests.permissions.leak_search import SECRETS


class Tracking:
    """Stands where the platform's tracker stands, and keeps what is emitted."""

    def __init__(self):
        self.events = []
        self.told = []  # public events, with everything a receiver gets

    def emit(self, name=None, data=None):
        self.events.append((name, data))


@pytest.fixture
def journey(caplog, monkeypatch):
    """Everything confidential written through its own door, with logs, events and mails kept."""
    caplog.set_level(logging.DEBUG)
    tracking = Tracking()
    monkeypatch.setitem(tracker.TRACKERS, "default", tracking)
    monkeypatch.setattr(session_world, "TITLE", SECRETS["T"])
    receivers = [(signal, lambda **told: tracking.told.append(told)) for signal in events.SIGNALS.values()]
    for signal, receive in receivers:
        signal.connect(receive)
    try:
        with override_switch("completion.enable_completion_tracking", True):
            return _journey(caplog, tracking)
    finally:
        for signal, receive in receivers:
            signal.disconnect(receive)


def _journey(caplog, tracking):
    made = scene.build()
    people = {role: made.users[role] for role in ("member", "case_giver", "moderator", "coordinator")}
    giver, member = world.actor(people["case_giver"]), world.actor(people["member"])
    round_uid = made.ids["round"]
    writer = made.users["other_group"]
    text = {**world.CASE, "title": SECRETS["T"], "situation": SECRETS["S"] + " Jeden Abend kommen Nachrichten. " * 8, "tried": SECRETS["V"]}
    cases.save_draft(actor=world.actor(writer), round_uid=round_uid, draft=text)
    cases.submit(actor=world.actor(writer), round_uid=round_uid, case=text, boundaries=world.NO_BOUNDARY)
    scene.knock(made, "member", "POST session_act")
    sessions.act(actor=world.actor(people["moderator"]), session_uid=made.session_uid, name="end", data={})
    results.save_takeaway(
        actor=giver, session_case_uid=SessionCase.objects.get().row_uid, text=SECRETS["W"], first_step=SECRETS["F"]
    )
    attendance.reflect(actor=member, group_uid=made.ids["group"], helped="5", safe="5", note=SECRETS["N"])
    row = Registration.objects.select_related("round").get(user=people["case_giver"])
    for kind in ("assigned", "changed", "cancelled", "withdrawn"):
        outbox.tell(row, kind=kind, place_id=row.round.place_id, cause="leak", group=made.ids["group"])
    periodic.run()
    year = timezone.now().year
    with time_machine.travel(timezone.now().replace(year=year + 1, month=2, day=1), tick=False):
        closing.close_period(actor=world.actor(people["coordinator"], is_coordinator=True), year=year)
    return {"scene": made, "giver": giver, "tracking": tracking, "log": caplog}
