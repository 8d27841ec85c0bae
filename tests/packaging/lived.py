"""Rounds lived with the product so that every table holds rows: the stuff of which the state of a release is made."""

from __future__ import annotations

import datetime as dt

from django.utils import timezone

from beratung_xblock import jobs
from beratung_xblock.api import (
    assignment,
    attendance,
    calendar,
    cases,
    certificates,
    closing,
    conflicts,
    periodic,
    places,
    results,
    rounds,
    signup,
)
from beratung_xblock.data.actor import Actor
from beratung_xblock.models import Round, SessionCase
from tests.blocks import stage
from tests.integration import session_world, world

SECRETS = {
    "title": "Titelmarke-2201", "situation": "Situationsmarke-2202", "question": "Fragemarke-2203", "idea": "Ideenmarke-2204",
    "takeaway": "Mitnahmemarke-2205", "note": "Notizmarke-2206",
}

SETTINGS = {"languages": ["de", "en"], "hotline": "+49 30 23125 100", "regions": ["Hagen"]}


def live() -> None:
    """A session of today up to its certificate, an open round with a waiting list, a proposal and a job."""
    people = {name: stage.enrol(world.user(name.lower())) for name in (*session_world.NAMES, "Gina", "Hans", "Ines", "Jo", "Karl", "Lara")}
    chief = stage.enrol(world.user("chief"), "enrolled", "instructor")
    world.place(**SETTINGS)
    places.grant_coordinator(
        actor=Actor(user_id=chief.pk, usage_key=world.BLOCK, course_key=world.COURSE, is_instructor=True), user_id=chief.pk
    )
    lead = world.actor(chief, is_coordinator=True)
    _today(people, lead)
    _open_round(people, lead)
    periodic.run()
    closing.close_period(actor=lead, year=timezone.now().year - 1)
    _casting_now(people)


def _today(people, lead) -> None:
    made = session_world.make(users=[people[name] for name in session_world.NAMES], **SETTINGS)
    made.do("Anna", "start")
    made.do("Cem", "offer_case", case=made.case_uid)
    made.do("Dana", "place_dot", case=made.case_uid)
    made.do("Anna", "choose_case", case=made.case_uid)
    made.do("Anna", "give_role", role="note_taker", person=made.uid("Eva"))
    made.do("Anna", "ask_conflict")
    made.do("Farouk", "knows_them")
    made.do("Cem", "open_case")
    for _ in range(2):
        made.do("Anna", "next")
    made.do("Cem", "set_question", text=SECRETS["question"])
    for _ in range(2):
        made.do("Anna", "next")
    made.do("Dana", "add_idea", text=SECRETS["idea"], key="k1")
    for name in session_world.NAMES:
        made.see(name)
    made.do("Anna", "end")
    brought = SessionCase.objects.get()
    results.save_takeaway(
        actor=made.actors["Cem"], session_case_uid=brought.row_uid, text=SECRETS["takeaway"], first_step="Anrufen",
        remind_on=(timezone.localdate() + dt.timedelta(days=10)).isoformat(),
    )
    attendance.all_present(actor=lead, group_uid=made.group.uid)
    attendance.reflect(actor=made.actors["Dana"], group_uid=made.group.uid, helped="5", safe="4", note=SECRETS["note"])
    certificates.issue_own(actor=made.actors["Dana"], round_uid=made.group.round.uid)


def _casting_now(people) -> None:
    """A session that goes on: who is there and what they vote for is forgotten when it ends."""
    made = session_world.make(users=[people[name] for name in ("Jo", "Karl", "Lara", "Hans", "Ines", "Eva")], **SETTINGS)
    made.do("Anna", "start")
    made.do("Cem", "offer_case", case=made.case_uid)
    made.do("Dana", "place_dot", case=made.case_uid)
    made.do("Eva", "join")


def _open_round(people, lead) -> None:
    rounds.note_interest(actor=world.actor(people["Lara"]))
    uid = world.open_round(lead, capacity=6)
    rounds.note_interest(actor=world.actor(people["Lara"]))
    wishing = ("Anna", "Bernd", "Dana", "Eva", "Gina", "Hans", "Ines", "Jo")
    seen = {
        name: world.sign_up(
            world.actor(people[name]), uid, display_name=name, can_moderate=name in ("Anna", "Bernd"), brings_case=name == "Gina", region="Hagen"
        )
        for name in wishing
    }
    giver = world.actor(people["Gina"])
    text = {**world.CASE, "title": SECRETS["title"], "situation": f"{SECRETS['situation']} {world.CASE['situation']}"}
    cases.submit(actor=giver, round_uid=uid, case=text, boundaries=world.NO_BOUNDARY)
    conflicts.declare(actor=giver, round_uid=uid, other_uid=seen["Hans"].uid)
    cases.ask_for_contact(actor=world.actor(people["Karl"]))
    calendar.subscribe(actor=giver)
    signup.cancel(actor=world.actor(people["Eva"]), round_uid=uid)
    number = assignment.propose(actor=lead, round_uid=uid, number=0)
    jobs.start(kind="assignment", round_=Round.objects.get(uid=uid), parameters={"number": number, "keep": False}, user_id=lead.user_id)

