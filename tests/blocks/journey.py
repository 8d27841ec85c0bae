"""Steps of a volunteer through the block, for tests that begin in the middle of a round."""

import datetime as dt

from django.utils import timezone

from beratung_xblock.api import assignment, publishing
from beratung_xblock.models import Case, Group, Slot
from tests.blocks import stage
from tests.integration import world


def slots(round_uid):
    return list(Slot.objects.filter(round__uid=round_uid).values_list("uid", flat=True))


def signup_data(round_uid, **more):
    first, *others = slots(round_uid)
    data = {"round": round_uid, "display_name": "Renate", "languages": "de", f"slot_{first}": "yes", "wants_reminders": "on"}
    return {**data, **{f"slot_{uid}": "no" for uid in others}, **more}


def accept(user):
    return stage.act(user, "accept_undertaking", {"version": "1", "accept": "yes"})


def signed_up(user, round_uid, **more):
    accept(user)
    return stage.act(user, "submit_signup", signup_data(round_uid, **more))


CASE = {**world.CASE, "situation": "Since autumn I accompany a family. They call me late at night. " * 5, "title": "Messages at night"}
ANSWERED = {f"boundary_{word}": "no" for word in ("child", "suicide", "violence", "crime", "law")}


def written(user, **more):
    """Write and check a case; returns its row."""
    answer = stage.act(user, "check_case", {**CASE, **more})
    assert answer.status_int == 200, answer.text
    return Case.objects.filter(owner=user).latest("pk")


def submitted(user, round_uid=""):
    case = written(user, round=round_uid)
    answer = stage.act(user, "submit_case", {"round": round_uid, "case": case.row_uid, "version": str(case.version), **ANSWERED})
    assert answer.status_int == 200, answer.text
    return case


def published(round_uid, lead, users):
    """Six people signed up, one group, published."""
    for number, user in enumerate(users):
        actor = world.actor(user)
        world.sign_up(actor, round_uid, can_moderate=number == 0, brings_case=number == 1)
    submitted(users[1], round_uid)
    number = assignment.propose(actor=lead, round_uid=round_uid)
    publishing.publish(actor=lead, round_uid=round_uid, number=number, accept=("no_case", "small_group"), ends_signup=True)
    return Group.objects.get(round__uid=round_uid)


def move_to(group, minutes):
    """Put the session of a group `minutes` from now."""
    starts = timezone.now() + dt.timedelta(minutes=minutes)
    Slot.objects.filter(pk=group.slot_id).update(starts_at=starts, ends_at=starts + dt.timedelta(minutes=120))
