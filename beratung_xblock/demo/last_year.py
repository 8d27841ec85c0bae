"""The year before: four rounds with their sessions, closed by quarters, so that the report has figures at first sight.

Everything goes through ``beratung_xblock.api``, as if people had clicked then: the clock of this process is moved for each step.
Its people are no personas; what would be deleted by now is deleted, as the nightly run does it.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from contextlib import contextmanager
from unittest import mock

from django.utils import timezone

from beratung_xblock import outbox, process, tasks
from beratung_xblock.api import assignment, attendance, closing, places, publishing, reminders, retention, rounds, sessions
from beratung_xblock.data.actor import Actor
from beratung_xblock.data.enums import MailState
from beratung_xblock.data.views import GroupView
from beratung_xblock.demo import seed
from beratung_xblock.demo.personas import ENNEPE, FACILITATOR, HAGEN, Persona
from beratung_xblock.models import ClosedPeriod, OutboxMail

NAMES = (
    "Anneliese Bartels", "Dilek Yıldız", "Heinrich Voss", "Marion Eickhoff", "Rolf Petersen", "Natalia Kravets", "Ursula Kamp", "Ahmad Nasser",
    "Brigitte Sander", "Jürgen Thiele", "Fatma Demir", "Karin Wiegand", "Günter Ahlers", "Rosemarie Fink", "Tarek Salem", "Edith Lorenz",
    "Wolfgang Behr",
)  # fmt: skip
ROUNDS = ((2, 7), (5, 12), (9, 12), (11, 17))
"""Month and people of each round. More come from quarter to quarter, so that nothing small follows from the figures of the year."""
TEMPLATE = "tietze6"
CASES = {1: "F02", 8: "F06", 15: "F08"}
"""Who brings which case, by their place in NAMES."""


def _people() -> list[Persona]:
    found = []
    for number, name in enumerate(NAMES):
        first, last = name.split()
        found.append(Persona(
            slug=f"earlier-{number + 1}", first_name=first, last_name=last, region=HAGEN if number < 7 or number > 12 else ENNEPE,
            can_moderate=number % 6 == 0, case=CASES.get(number, ""),
        ))  # fmt: skip
    return found


@contextmanager
def _at(moment: dt.datetime) -> Iterator[None]:
    """As if it were that moment."""
    with mock.patch.object(timezone, "now", return_value=moment):
        yield


@contextmanager
def _without_mails() -> Iterator[None]:
    """Mails are written down, as always, and nobody sends them."""
    outbox.mails_waiting.disconnect(dispatch_uid=tasks.WAKE)
    try:
        yield
    finally:
        outbox.mails_waiting.connect(tasks.wake, dispatch_uid=tasks.WAKE)


def _moment(day: dt.date, hour: int, minute: int = 0) -> dt.datetime:
    return dt.datetime.combine(day, dt.time(hour, minute), tzinfo=seed.BERLIN)


def _consult(people: dict[str, Actor], group: GroupView, starts: dt.datetime, roles: dict[str, str]) -> None:
    """The group meets: the case that is planned is heard to its end."""
    moderator = next((who for who, role in roles.items() if role == "moderator"), None)
    giver = next((who for who, role in roles.items() if role == "case_giver"), None)
    if moderator is None or giver is None:
        return
    minutes = iter(range(2, 110, 6))

    def do(who: str, name: str, **data: object) -> None:
        with _at(starts + dt.timedelta(minutes=next(minutes))):
            sessions.act(actor=people[who], session_uid=group.session_uid, name=name, data=data)

    with _at(starts):
        case = sessions.see(actor=people[giver], session_uid=group.session_uid).own_offers[0].uid
    do(moderator, "start")
    do(giver, "offer_case", case=case)
    do(moderator, "choose_case", case=case)
    for _phase in process.template(TEMPLATE).phases:
        do(moderator, "next")
    do(moderator, "end")


def _round(lead: Actor, quarter: int, first: dt.date, people: list[Persona]) -> None:
    opens = _moment(first - dt.timedelta(days=30), 9)
    with _at(opens):
        uid = rounds.create_round(
            actor=lead, title=f"{quarter}. Quartal {first.year}", closes_at=f"{first - dt.timedelta(days=5)}T12:00", capacity=24,
            slots=[seed.evening(first + dt.timedelta(days=days)) for days in (0, 2)],
        )
        rounds.open_round(actor=lead, round_uid=uid)
        for number, persona in enumerate(people):
            seed.sign_up(persona, uid, answers=["yes", "maybe"] if number % 2 else ["maybe", "yes"])
    with _at(_moment(first - dt.timedelta(days=4), 9)):
        rounds.close_round(actor=lead, round_uid=uid)
        publishing.publish(actor=lead, round_uid=uid, number=assignment.propose(actor=lead, round_uid=uid))
    groups = publishing.led_groups(actor=lead, round_uid=uid)
    seats = {}
    for persona in people:
        actor = seed.actor_of(persona)
        for seat in publishing.my_groups(actor=actor, settings=places.settings_of(usage_key=actor.usage_key)):
            seats.setdefault(seat.uid, {})[persona.slug] = (actor, seat.my_role)
    for group in groups:
        here = seats[group.uid]
        _consult({slug: actor for slug, (actor, _role) in here.items()}, group, group.slot.starts_at, {slug: role for slug, (_actor, role) in here.items()})
        with _at(group.slot.ends_at + dt.timedelta(hours=14)):
            attendance.all_present(actor=lead, group_uid=group.uid)
            for number, (actor, _role) in enumerate(here.values()):
                attendance.reflect(actor=actor, group_uid=group.uid, helped=(5, 4, 5, 5, 3, 4)[(number + quarter) % 6], safe=(5, 5, 4)[number % 3])


def run() -> None:
    """Live through the year before this one, unless a year was closed before."""
    if ClosedPeriod.objects.exists():
        return
    year = timezone.localdate(timezone=seed.BERLIN).year - 1
    lead = seed.actor_of(FACILITATOR)
    people = _people()
    with _without_mails():
        for quarter, (month, count) in enumerate(ROUNDS, start=1):
            first = dt.date(year, month, 10)
            first += dt.timedelta(days=(1 - first.weekday()) % 7)
            _round(lead, quarter, first, people[:count])
            over = dt.date(year + quarter // 4, (1, 4, 7, 10)[quarter % 4], 3)
            with _at(_moment(over, 9)):
                reminders.finish_rounds()
                closing.close_period(actor=lead, year=year, quarter=quarter)
    retention.purge()
    OutboxMail.objects.filter(state=MailState.WAITING.value).update(state=MailState.DROPPED.value)
