"""The line "Diesen Fall können gerade sehen" says exactly who gets the text when they ask, in every state of a case."""

import itertools

import pytest
from django.utils import timezone

from beratung_xblock import access
from beratung_xblock.api.cases import view_of
from beratung_xblock.data.settings import PlaceSettings
from beratung_xblock.exceptions import NotFound
from beratung_xblock.models import Case, Group, Membership, Registration, Session, SessionCase
from beratung_xblock.models._base import new_uid
from beratung_xblock.pages.volunteer_panels import visible_to
from tests.integration import session_world, world

pytestmark = [pytest.mark.django_db, pytest.mark.slow]


def gets_it(ask) -> bool:
    try:
        ask()
    except NotFound:
        return False
    return True


def test_the_line_equals_the_truth_in_every_state():
    made = session_world.make()
    chief = world.lead()
    Group.objects.filter(pk=made.group.pk).update(facilitator_id=chief.user_id)
    row = SessionCase.objects.create(
        row_uid=new_uid(), session=made.session, case=Case.objects.get(), giver=made.registrations["Cem"]
    )
    Membership.objects.filter(registration=made.registrations["Farouk"]).update(left_at=timezone.now())
    now = timezone.now()
    lines = set()
    for state, tick, opened, closed, session_state, group_state, registered in itertools.product(
        ("draft", "submitted", "consulted", "withdrawn"), (True, False), (now, None), (now, None), ("running", "ended"),
        ("published", "dissolved"), ("registered", "cancelled"),
    ):
        Case.objects.update(state=state, staff_may_read=tick)
        SessionCase.objects.update(opened_at=opened, closed_at=closed)
        Session.objects.update(state=session_state)
        Group.objects.filter(pk=made.group.pk).update(state=group_state)
        Registration.objects.filter(pk=made.registrations["Cem"].pk).update(state=registered)
        case = access.own_case(made.actors["Cem"], made.case_uid)
        by_desk = gets_it(lambda: access.case_allowed_to_coordination(chief, made.case_uid))

        def in_session(actor):
            return gets_it(lambda: access.case_open_in_session(actor, access.seat(actor, made.session.uid), made.case_uid))

        by_group = in_session(made.actors["Dana"])
        assert in_session(chief) == by_group, "the facilitator of the group reads as its members do"
        assert not in_session(made.actors["Farouk"]), "who left the group reads nothing"
        readers = access.readers_of(case)
        assert (readers.coordination, readers.group_size) == (by_desk, 6 if by_group else 0)
        assert readers.session_id == (made.session.pk if by_group else None)
        line = visible_to(view_of(case, PlaceSettings()))
        assert ("coordination" in line and "sees title" not in line) == by_desk, line
        assert ("group (6 people)" in line) == bool(by_group), line
        lines.add(line)
    assert len(lines) == 5
    assert row.pk
