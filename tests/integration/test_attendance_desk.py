"""Attendance at the desk after the evening: what one press fills in, what it leaves alone, and what a date that is over still offers."""

import datetime as dt

import pytest
from django.contrib.auth import get_user_model
from django.utils import timezone

from beratung_xblock.api import assignment, publishing, rounds
from beratung_xblock.exceptions import Conflict
from beratung_xblock.models import Attendance, Group, OutboxMail, Slot
from tests.blocks import stage
from tests.integration import world
from tests.integration.test_desk import filled

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def lead():
    world.place(regions=["Nord", "Süd"])
    return world.lead(stage.enrol(world.user()))


@pytest.fixture
def over(lead):
    """A group of a round whose one evening was yesterday."""
    uid = filled(lead, evenings=1)
    rounds.close_round(actor=lead, round_uid=uid)
    publishing.publish(actor=lead, round_uid=uid, number=assignment.propose(actor=lead, round_uid=uid, number=0), ends_signup=True)
    at = timezone.now() - dt.timedelta(days=1)
    Slot.objects.filter(round__uid=uid).update(starts_at=at, ends_at=at + dt.timedelta(hours=2))
    return Group.objects.select_related("round", "slot").filter(round__uid=uid).order_by("number").first()


def press(lead, name, **data):
    return stage.act(get_user_model().objects.get(pk=lead.user_id), name, data)


def entered(group):
    return {row.registration.uid: (row.minutes, row.override, row.reason) for row in Attendance.objects.select_related("registration").filter(group=group)}


def test_all_present_leaves_alone_what_was_entered_before(lead, over):
    at = {"round": over.round.uid, "group": over.uid}
    first, second, *others = over.memberships.order_by("pk").values_list("registration__uid", flat=True)
    saved = press(lead, "attendance.save", **at, **{
        f"{first}.minutes": "35", f"{first}.take_part": "online", f"{first}.override": "yes", f"{first}.reason": "Strom fiel aus",
        f"{second}.minutes": "0", f"{second}.take_part": "online",
    })  # fmt: skip
    assert saved.status_int == 200
    shown = press(lead, "attendance.all", **at)
    assert shown.status_int == 200
    assert entered(over) == {first: (35, True, "Strom fiel aus"), second: (0, None, ""), **dict.fromkeys(others, (120, None, ""))}


def test_a_group_whose_attendance_is_entered_says_so_and_offers_to_change_it(lead, over):
    at = {"round": over.round.uid, "section": "sessions"}
    before = press(lead, "desk.show", **at).text
    assert (before.count("attendance entered"), before.count("Mark all as present"), before.count("Change attendance")) == (0, 2, 0)
    press(lead, "attendance.all", round=over.round.uid, group=over.uid)
    after = press(lead, "desk.show", **at).text
    assert (after.count("attendance entered"), after.count("Mark all as present"), after.count("Change attendance")) == (1, 1, 1)
    Attendance.objects.filter(group=over).first().delete()
    assert "attendance entered" not in press(lead, "desk.show", **at).text


def test_a_date_that_is_over_is_neither_moved_nor_cancelled(lead, over):
    OutboxMail.objects.all().delete()
    shown = press(lead, "desk.show", section="rounds", round=over.round.uid).text
    assert "Change the meeting link" in shown
    assert "Cancel this date" not in shown
    assert "Move this date" not in shown
    with pytest.raises(Conflict, match="date_over"):
        rounds.cancel_slot(actor=lead, slot_uid=over.slot.uid)
    assert not OutboxMail.objects.exists()
    assert press(lead, "slot.cancel", slot=over.slot.uid, round=over.round.uid).status_int == 409


def test_the_line_about_a_failed_mail_leads_to_the_failed_mails(lead, over):
    OutboxMail.objects.update(state="sent", sent_at=timezone.now())
    failed = OutboxMail.objects.order_by("pk").first()
    OutboxMail.objects.filter(pk=failed.pk).update(state="failed")
    assert '<input type="hidden" name="state" value="failed">' in press(lead, "desk.show", section="today").text
    assert press(lead, "desk.show", section="mails", state="failed").text.count('<th scope="row"') == 1
