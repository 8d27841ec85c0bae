"""One round from creation to completion, at the door of the api."""

import pytest
import time_machine
from completion.models import BlockCompletion
from waffle.testutils import override_switch

from beratung_xblock.api import assignment, attendance, cases, publishing
from beratung_xblock.data.settings import PlaceSettings
from beratung_xblock.exceptions import Invalid
from beratung_xblock.models import Attendance, AuditEntry, Case, Membership
from tests.integration import world

pytestmark = pytest.mark.django_db(transaction=True)
SETTINGS = PlaceSettings()


def completions():
    return dict(BlockCompletion.objects.values_list("user_id", "completion"))


def test_a_round_from_creation_to_completion():
    world.place()
    lead = world.lead()
    uid = world.open_round(lead)
    people = [world.actor(world.user()) for _ in range(12)]
    with override_switch("completion.enable_completion_tracking", True):
        for number, person in enumerate(people):
            view = world.sign_up(person, uid, can_moderate=number in (0, 1, 2), brings_case=number in (3, 4, 5, 6))
            assert view.state == "registered"
        assert completions() == {p.user_id: 0.3 for p in people}
        for person in people[3:7]:
            saved = cases.save_draft(actor=person, round_uid=uid, draft=world.CASE)
            assert saved.state == "draft"
            cases.submit(actor=person, round_uid=uid, case=world.CASE, boundaries=world.NO_BOUNDARY)
        assert [c.title.reveal() for c in cases.listed(actor=lead, round_uid=uid)] == [world.CASE["title"]] * 4
        assert world.CASE["situation"][:20] not in str(list(Case.objects.values()))

        number = assignment.propose(actor=lead, round_uid=uid, number=0)
        board = assignment.board(actor=lead, round_uid=uid)
        assert (board.placed, board.bound, board.unplaced) == (12, 12, ())
        assert [len(g.people) for g in board.groups] == [6, 6]
        assert not any(g.problems for g in board.groups)
        first, second = board.groups
        person = next(p for p in first.people if not p.is_moderator and not p.case_is_heard)
        number = assignment.move(actor=lead, round_uid=uid, number=number, person=person.uid, to_group=second.id)
        number = assignment.pin_group(actor=lead, round_uid=uid, number=number, group=second.id, pinned=True)
        publishing.publish(actor=lead, round_uid=uid, number=number, ends_signup=True)
        assert sorted(
            len([m for m in Membership.objects.all() if m.group_id == g]) for g in set(Membership.objects.values_list("group_id", flat=True))
        ) == [5, 7]
        assert completions() == {p.user_id: 0.4 for p in people}

        group = publishing.my_groups(actor=people[0], settings=SETTINGS)[0]
        assert group.meeting_url == ""
        last = max(g.slot.ends_at for g in publishing.led_groups(actor=lead, round_uid=uid))
        with time_machine.travel(last, tick=True):
            seen = publishing.my_groups(actor=people[0], settings=SETTINGS)[0]
            assert seen.meeting_url.startswith("https://teams.microsoft.com/")
            for g in publishing.led_groups(actor=lead, round_uid=uid):
                attendance.all_present(actor=lead, group_uid=g.uid)
            assert set(completions().values()) == {0.8}
            for person in people:
                mine = publishing.my_groups(actor=person, settings=SETTINGS)[0]
                attendance.reflect(actor=person, group_uid=mine.uid, helped="5", safe="4", note="Danke")
            assert set(completions().values()) == {1.0}
            line = attendance.sheet(actor=lead, group_uid=group.uid)[0]
            attendance.record(actor=lead, group_uid=group.uid, lines={line.registration_uid: {"minutes": "83"}})
            assert sorted(completions().values()) == [0.4] + [1.0] * 11
            attendance.record(actor=lead, group_uid=group.uid, lines={line.registration_uid: {"minutes": "", "take_part": "online"}})
            assert Attendance.objects.get(registration__uid=line.registration_uid).minutes == 0
    assert AuditEntry.objects.filter(action="round.publish").count() == 1


def test_a_sheet_saved_half_way_says_nothing_of_the_others():
    world.place()
    lead = world.lead()
    uid = world.open_round(lead, evenings=1)
    people = [world.actor(world.user()) for _ in range(5)]
    with override_switch("completion.enable_completion_tracking", True):
        for number, person in enumerate(people):
            world.sign_up(person, uid, can_moderate=number == 0, brings_case=number == 1)
        number = assignment.propose(actor=lead, round_uid=uid, number=0)
        with pytest.raises(Invalid) as caught:
            publishing.publish(actor=lead, round_uid=uid, number=number)
        assert caught.value.errors == {"ends_signup": "signup_open"}  # people were promised more time
        publishing.publish(actor=lead, round_uid=uid, number=number, ends_signup=True)
        group = publishing.led_groups(actor=lead, round_uid=uid)[0]
        with time_machine.travel(group.slot.ends_at, tick=True):
            lines = attendance.sheet(actor=lead, group_uid=group.uid)
            typed = {line.registration_uid: {"minutes": "", "take_part": "online", "override": "", "reason": ""} for line in lines}
            typed[lines[0].registration_uid]["minutes"] = "120"
            attendance.record(actor=lead, group_uid=group.uid, lines=typed)
            assert Attendance.objects.count() == 1
            assert [line.minutes for line in attendance.sheet(actor=lead, group_uid=group.uid)] == [120, None, None, None, None]
            assert sorted(completions().values()) == [0.4] * 4 + [0.8]
