"""A group with its session, made directly in the database: six people, Anna moderates, Cem brings a case."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field

from django.utils import timezone

from beratung_xblock.api import sessions
from beratung_xblock.api.cases import seal_case
from beratung_xblock.data.actor import Actor
from beratung_xblock.models import (
    Case,
    Group,
    Membership,
    Registration,
    Round,
    Session,
    Slot,
    UndertakingAcceptance,
)
from beratung_xblock.models._base import new_uid
from beratung_xblock.process import template, to_dict
from tests.integration import world

NAMES = ("Anna", "Bernd", "Cem", "Dana", "Eva", "Farouk")
TITLE, SITUATION = "Titelmarke-4711", "Situationsmarke-0815: jeden Abend kommen Nachrichten."
CASE_QUESTION = "Vorabfrage-52: Wie sage ich Nein?"


@dataclass
class GroupOfSix:
    """The people of one session by name, and how they act."""

    session: Session
    group: Group
    actors: dict[str, Actor] = field(default_factory=dict)
    registrations: dict[str, Registration] = field(default_factory=dict)
    case_uid: str = ""

    def do(self, who: str, name: str, **data: object) -> None:
        sessions.act(actor=self.actors[who], session_uid=self.session.uid, name=name, data=data)

    def see(self, who: str) -> sessions.SessionView:
        return sessions.see(actor=self.actors[who], session_uid=self.session.uid)

    def uid(self, who: str) -> str:
        return self.registrations[who].uid

    def to_ideas(self) -> None:
        """Straight into the consultation phase with Cem's case and Eva taking notes."""
        self.to_the_question()
        self.do("Anna", "next")
        self.do("Anna", "next")

    def to_the_question(self) -> None:
        """Into the phase of the key question."""
        self.do("Anna", "start")
        self.do("Cem", "offer_case", case=self.case_uid)
        self.do("Anna", "choose_case", case=self.case_uid)
        self.do("Anna", "give_role", role="note_taker", person=self.uid("Eva"))
        self.do("Anna", "next")
        self.do("Anna", "next")


def make(*, names=NAMES, template_id: str = "tietze6", users=None, number: int = 1, **settings) -> GroupOfSix:
    """A published group whose session begins now."""
    place = world.place(**settings)
    now = timezone.now()
    round_ = Round.objects.create(place=place, title="Q", state="published", rules=place.settings, closes_at=now)
    slot = Slot.objects.create(
        round=round_, starts_at=now - dt.timedelta(minutes=5), ends_at=now + dt.timedelta(minutes=115)
    )
    group = Group.objects.create(round=round_, slot=slot, number=number, published_at=now)
    session = Session.objects.create(group=group, template=to_dict(template(template_id)))
    made = GroupOfSix(session=session, group=group)
    for place_in_list, name in enumerate(names):
        who = users[place_in_list] if users else world.user()
        registration = Registration.objects.create(
            round=round_, user=who, display_name=name, can_moderate=name in ("Anna", "Bernd"), queued_at=now,
            languages=["de"], needs=["captions"] if name == "Farouk" else [],
        )
        Membership.objects.create(
            group=group, registration=registration, planned_role="moderator" if name == "Anna" else "adviser",
            joined_at=now,
        )
        made.actors[name] = world.actor(who)
        UndertakingAcceptance.objects.get_or_create(
            course_key=world.COURSE, user=who, version="1", defaults={"language": "de", "text_hash": "", "accepted_at": now}
        )
        made.registrations[name] = registration
    uid = new_uid()
    giver = made.registrations[names[2]]
    Case.objects.create(
        row_uid=uid, place=place, owner=giver.user, registration=giver, state="submitted", urgency=3, updated_at=now,
        **seal_case(row_uid=uid, title=TITLE, body={"situation": SITUATION, "tried": "", "key_question": CASE_QUESTION, "method": ""}),
    )
    made.case_uid = uid
    return made
