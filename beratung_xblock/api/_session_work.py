"""One action of one person inside its transaction: form fields in, events and rows out."""

from __future__ import annotations

import hashlib
import hmac
import secrets
from collections.abc import Mapping
from typing import Any

from django.conf import settings
from django.db.models import Count
from django.views.decorators.debug import sensitive_variables

from beratung_xblock import anonymise, crypto
from beratung_xblock.data import plain_text
from beratung_xblock.data.confidential import Confidential
from beratung_xblock.data.enums import CaseState
from beratung_xblock.exceptions import Conflict, Invalid, KeyMissing, NotFound, Unreadable
from beratung_xblock.models import Case, CaseDot, Idea, KnowsThoseInvolved, SessionCase
from beratung_xblock.models._base import new_uid
from beratung_xblock.process import Act, Action, Doer, Event, Refusal, SessionState, perform

from . import _session_store as store
from ._write import audit
from .session_views import DOTS_EACH

QUESTION_LIMIT, IDEA_LIMIT = 300, 500
_PERSON_FIELDS = ("person", "moderator", "owner")
_WORD_FIELDS = ("case", "idea", "into", "of", "role", "method", "loop", "procedure", "sample")
_NUMBER_FIELDS = ("minutes", "urgency", "column")
_FLOW = frozenset({
    Act.NEXT, Act.BACK, Act.SKIP, Act.ENTER_LOOP, Act.LEAVE_LOOP, Act.NEXT_CASE, Act.START, Act.START_BREAK, Act.EXTEND,
})


class SessionRefused(Conflict):
    """The rules said no: `reason` is a word of `process.Why`, `seconds` says how long waiting would help."""

    def __init__(self, refusal: Refusal):
        super().__init__(refusal.why.value)
        self.seconds = refusal.seconds


def open_text(sealed: str, table: str, column: str, row_uid: str) -> Confidential | None:
    """A sealed text; empty when there is none, None when its key is lost."""
    if not sealed:
        return Confidential("")
    try:
        return crypto.open_sealed(sealed, table=table, column=column, row_uid=row_uid)
    except (KeyMissing, Unreadable):
        return None


@sensitive_variables()
def _clean(raw: Mapping[str, Any], people: store.People) -> dict[str, Any]:
    """Form fields as action data: public ids of people become persons, numbers numbers; the rest is left out."""
    data: dict[str, Any] = {}
    for name in _PERSON_FIELDS:
        if raw.get(name):
            data[name] = people.by_uid(raw[name]) if people.by_uid(raw[name]) is not None else "-"
    for name in _WORD_FIELDS:
        value = raw.get(name)
        if isinstance(value, str) and value:
            data[name] = value[:64]
    for name in _NUMBER_FIELDS:
        if str(raw.get(name, "")).isascii() and str(raw.get(name, "")).isdigit():
            data[name] = int(str(raw[name])[:6])
    if "present" in raw:
        data["present"] = str(raw["present"]).lower() in ("1", "true", "on", "yes")
    return data


@sensitive_variables()
def _text(raw: Mapping[str, Any], limit: int, *, required: bool) -> str:
    value = raw.get("text")
    if not isinstance(value, str):
        value = ""
    value = plain_text.lines(value)
    if required and not value:
        raise Invalid({"text": "required"})
    if len(value) > limit:
        raise Invalid({"text": "long"})
    declared = str(raw.get("declared") or "") in ("1", "on", "true")
    strengths = {found.strength for found in anonymise.findings(value)} if value and not declared else set()
    for strength in ("direct", "name"):
        if strength in strengths:
            raise Invalid({"text": strength})
    return value


def place_word(state: SessionState) -> str:
    """Where the group is, as one word; a steering click carries it, so that the same click sent twice counts once."""
    pause = "break" if state.on_break else ""
    return f"{state.status.value}.{state.round_no}.{state.phase_index}.{state.loop_id}.{pause}"


def voter(session_uid: str, user_id: int | None) -> str:
    """A keyed hash of who votes in which session: enough to count to two, not enough to name anybody."""
    key = f"dots\x1f{settings.SECRET_KEY}".encode()
    return hmac.new(key, f"{session_uid}\x1f{user_id}".encode(), hashlib.sha256).hexdigest()


class Work:
    """One action inside its transaction: the state so far, the events to store, the rows that hold the texts."""

    def __init__(self, actor, session, people, person, state, now, heard):
        self.actor, self.session, self.people, self.person = actor, session, people, person
        self.state, self.now, self.heard = state, now, heard
        self.events: list[Event] = []

    def ask(self, act_: Act, data: Mapping[str, Any]) -> tuple[Event, ...]:
        """Let the rules decide; raises SessionRefused."""
        doer = Doer(self.person, coordinator=self.actor.may_lead)
        answer = perform(self.state, Action(act_, data), doer, now=self.now, heard=self.heard)
        if isinstance(answer, Refusal):
            raise SessionRefused(answer)
        self.state, events = answer
        self.events += events
        return events

    @sensitive_variables()
    def perform(self, act_: Act, raw: Mapping[str, Any]) -> None:
        """Any action; those that bring a text also store it."""
        if act_ in _FLOW and raw.get("place") and raw["place"] != place_word(self.state):
            return
        data = _clean(raw, self.people)
        special = {
            Act.SET_QUESTION: self.set_question, Act.ADD_IDEA: self.add_idea, Act.EDIT_IDEA: self.edit_idea,
            Act.OFFER_CASE: self.offer_case, Act.PICK_CASE: self.pick_case, Act.CHOOSE_CASE: self.choose_case,
        }.get(act_)
        if special is None:
            self.ask(act_, data)
        else:
            special(raw, data)
        if act_ in (Act.END, Act.HAND_OVER, Act.TAKE_OVER):
            audit(
                self.actor, f"session.{act_.value}", kind="session", uid=self.session.uid,
                place_id=self.session.group.round.place_id, round_uid=self.session.group.round.uid,
            )

    def row(self) -> SessionCase:
        """The row of the current case."""
        run = self.state.current
        found = store.session_case(self.session, run.case) if run else None
        if found is None:
            raise NotFound
        return found

    @sensitive_variables()
    def set_question(self, raw: Mapping[str, Any], data: dict[str, Any]) -> None:
        """The text is stored with the event that says it is there."""
        text = _text(raw, QUESTION_LIMIT, required=False)
        self.ask(Act.SET_QUESTION, {"present": bool(text)})
        row = self.row()
        sealed = crypto.seal(text, table="session_case", column="key_question", row_uid=row.row_uid) if text else ""
        SessionCase.objects.filter(pk=row.pk).update(key_question_sealed=sealed)

    @sensitive_variables()
    def add_idea(self, raw: Mapping[str, Any], data: dict[str, Any]) -> None:
        """One row for each key the page made up: a resent write lands once."""
        text = _text(raw, IDEA_LIMIT, required=True)
        key = str(raw.get("key") or "")[:40]
        author = self.person if isinstance(self.person, int) else None
        if key and Idea.objects.filter(session_case__session=self.session, author_id=author, client_key=key).exists():
            return
        uid = new_uid()
        wish = {"idea": uid, "column": data.get("column", 0)}
        if wish["column"] == 1 and data.get("of"):
            wish["of"] = data["of"]
        self.ask(Act.ADD_IDEA, wish)
        Idea.objects.create(
            row_uid=uid, session_case=self.row(), author_id=author, column=wish["column"], client_key=key or uid,
            text_sealed=crypto.seal(text, table="idea", column="text", row_uid=uid), seq=len(self.state.ideas),
            created_at=self.now,
        )

    @sensitive_variables()
    def edit_idea(self, raw: Mapping[str, Any], data: dict[str, Any]) -> None:
        """The new text replaces the old one."""
        text = _text(raw, IDEA_LIMIT, required=True)
        self.ask(Act.EDIT_IDEA, data)
        uid = data["idea"]
        Idea.objects.filter(session_case__session=self.session, row_uid=uid).update(
            text_sealed=crypto.seal(text, table="idea", column="text", row_uid=uid), edited_at=self.now
        )

    def offer_case(self, raw: Mapping[str, Any], data: dict[str, Any]) -> None:
        """A written case by its uid (owner's own only), or one told freely: then it gets an id here."""
        owner = data.get("owner", self.person)
        seat = self.people.seats.get(owner)
        case = data.get("case")
        known = case in self.state.offers
        if case and not known:
            own = Case.objects.filter(
                row_uid=case, registration_id=owner if isinstance(owner, int) else None, state=CaseState.SUBMITTED.value
            )
            if owner != self.person or not own.exists():
                raise NotFound
        waiting = seat.registration.waited if seat else 0
        self.ask(Act.OFFER_CASE, {
            "case": case or new_uid(), "owner": owner, "urgency": data.get("urgency", 2), "waiting": waiting,
        })

    def choose_case(self, raw: Mapping[str, Any], data: dict[str, Any]) -> None:
        """An offer by its id, or "none": a round without anybody's case, or with the invented one named in `sample`."""
        if data.get("case") == "none":
            data["case"] = new_uid()
        self.ask(Act.CHOOSE_CASE, data)

    def pick_case(self, raw: Mapping[str, Any], data: dict[str, Any]) -> None:
        """Dots are counted and lots are drawn here, on the server."""
        counts = CaseDot.objects.filter(session=self.session).values("case_uid").annotate(n=Count("pk"))
        data["votes"] = dict(counts.values_list("case_uid", "n"))
        data["ticket"] = secrets.randbelow(1_000_000)
        self.ask(Act.PICK_CASE, data)

    def place_dot(self, case: str) -> None:
        """One of two dots; a third one moves the older of the two, the same case again takes the dot back.

        A dot on a case that was taken back, or has been chosen meanwhile, is free again.
        """
        self.ask(Act.PLACE_DOTS, {})
        if case not in self.state.offers:
            raise NotFound
        mine_hash = voter(self.session.uid, self.actor.user_id)
        CaseDot.objects.filter(session=self.session, voter_hash=mine_hash).exclude(
            case_uid__in=[str(offered) for offered in self.state.offers]
        ).delete()
        mine = list(CaseDot.objects.filter(session=self.session, voter_hash=mine_hash).order_by("number"))
        again = next((dot for dot in mine if dot.case_uid == case), None)
        if again is not None:
            again.delete()
            return
        free = next((n for n in range(1, DOTS_EACH + 1) if n not in {dot.number for dot in mine}), None)
        if free is None:
            mine[0].case_uid = case
            mine[0].save(update_fields=["case_uid"])
            return
        CaseDot.objects.create(session=self.session, voter_hash=mine_hash, number=free, case_uid=case)

    def knows_them(self) -> None:
        """"Ich kenne die Beteiligten": the moderator learns the name, the others see that somebody sits out, no more."""
        self.ask(Act.STEP_OUT, {})
        row = self.row()
        known = any(
            (who := open_text(entry.who_sealed, "conflict", "who", entry.row_uid)) and who.reveal() == str(self.person)
            for entry in KnowsThoseInvolved.objects.filter(session_case=row)
        )
        if not known:
            uid = new_uid()
            KnowsThoseInvolved.objects.create(
                row_uid=uid, session_case=row, created_at=self.now,
                who_sealed=crypto.seal(str(self.person), table="conflict", column="who", row_uid=uid),
            )
