"""A published round whose mails are looked at, and how one mail is found, read or written."""

import contextlib
import datetime as dt

import time_machine
import vobject
from django.contrib.auth import get_user_model
from django.utils import timezone

from beratung_xblock import outbox
from beratung_xblock.api import assignment, cases, publishing
from beratung_xblock.models import Membership, OutboxMail, Registration
from tests.integration import world
from tests.tables import Once

START = dt.datetime(2027, 3, 1, 9, 0, tzinfo=dt.UTC)


@Once
def _twelve():
    """Twelve people in two groups; the evenings lie after the change of the clock on 28 March 2027."""
    world.place(hotline="02331 12345")
    lead = world.lead()
    uid = world.open_round(lead, in_days=43)
    people = [world.actor(world.user()) for _ in range(12)]
    for number, person in enumerate(people):
        world.sign_up(person, uid, can_moderate=number < 3, brings_case=number in (4, 5))
        if number in (4, 5):
            cases.submit(actor=person, round_uid=uid, case=world.CASE, boundaries=world.NO_BOUNDARY)
    number = assignment.propose(actor=lead, round_uid=uid, number=0)
    publishing.publish(actor=lead, round_uid=uid, number=number, ends_signup=True)
    return lead, uid, people


@contextlib.contextmanager
def published_round():
    """(clock, coordinator, round, people) of a published round, its mails sent, on the day it was made."""
    with time_machine.travel(START, tick=False) as clock:
        yield clock, *_twelve()


def mail_of(person):
    return get_user_model().objects.get(pk=person.user_id).email


def kinds():
    """How many mails of each kind are in each state."""
    found = {}
    for kind, state in OutboxMail.objects.values_list("kind", "state"):
        found[f"{kind}:{state}"] = found.get(f"{kind}:{state}", 0) + 1
    return found


def calendar_of(message):
    """The calendar file of a mail, read by another library."""
    (part,) = [item for item in message.attachments if item.get_content_type() == "text/calendar"]
    read = vobject.readOne(part.get_payload(decode=True).decode())
    assert part.get_param("method") == read.method.value
    return read


def written(row, kind):
    """Compose one mail of a kind with the world bent so that it is true."""
    from beratung_xblock.mails.compose import compose
    from beratung_xblock.models import Case, PlaceOffer

    now = timezone.now()
    context = {}
    Registration.objects.filter(pk=row.pk).update(
        state={"waiting": "waiting", "offer": "offered", "offer_expired": "waiting"}.get(kind, "registered")
    )
    if kind == "offer":
        offer = PlaceOffer.objects.create(registration=row, offered_at=now, expires_at=now + dt.timedelta(days=2))
        context = {"offer": offer.uid}
    if kind == "deletion_notice":
        case = Case.objects.filter(owner_id=row.user_id).first()
        context = {"case": case.row_uid, "until": "2027-04-20"}
    if kind == "reminder":
        context = {"hours": 72}
    if kind == "case_wanted":
        Case.objects.filter(registration=row).update(state="draft")
    if kind == "moderator_wanted":
        Registration.objects.filter(pk=row.pk).update(can_moderate=False)
    if kind == "round_open":
        type(row.round).objects.filter(pk=row.round_id).update(state="open")
    if kind == "not_placed":
        Membership.objects.filter(registration=row).update(left_at=now)
    outbox.put(
        kind=kind, place_id=row.round.place_id, round_id=row.round_id, registration=row, dedupe_key=f"t:{kind}",
        context=context,
    )  # fmt: skip
    message = compose(OutboxMail.objects.get(dedupe_key=f"t:{kind}"))
    Membership.objects.filter(registration=row).update(left_at=None)
    type(row.round).objects.filter(pk=row.round_id).update(state="published")
    return message
