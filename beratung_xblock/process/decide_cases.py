"""Rules about cases: offered, chosen, opened by their owner, key question, method."""

from __future__ import annotations

from beratung_xblock.process.events import Event, Kind, PersonId, plain_id
from beratung_xblock.process.rules import Asked, Decision, Refusal, Why
from beratung_xblock.process.samples import samples
from beratung_xblock.process.state import Offer, Status
from beratung_xblock.process.templates import methods

PROCEDURES = ("dots", "longest_waiting", "draw")


def offer_case(asked: Asked) -> Decision:
    """An owner offers a case (written before or told now) with urgency 1 to 3; the moderator may for somebody else."""
    case, owner = asked.data.get("case"), asked.data.get("owner", asked.person)
    urgency = asked.data.get("urgency", 2)
    if owner not in asked.state.members:
        return Refusal(Why.UNKNOWN_PERSON)
    if owner != asked.person and not (asked.steers or asked.doer.coordinator):
        return Refusal(Why.NOT_ALLOWED)
    if not plain_id(case) or urgency not in (1, 2, 3):
        return Refusal(Why.UNKNOWN_VALUE)
    known = asked.state.offers.get(case)
    if asked.state.run(case) is not None or (known and known.owner != owner):
        return Refusal(Why.UNKNOWN_CASE)
    waiting = asked.data.get("waiting", 0)
    if known == Offer(case, owner, urgency, waiting):
        return ()
    return (asked.event(Kind.CASE_OFFERED, case=case, owner=owner, urgency=urgency, waiting=waiting),)


def withdraw_case(asked: Asked) -> Decision:
    """Only the owner takes a case back, at any time and silently; a running one closes at once."""
    case = asked.data.get("case")
    if asked.gives and asked.state.current and asked.state.current.case == case:
        return (asked.event(Kind.CASE_DROPPED, case=case),)
    offer = asked.state.offers.get(case)
    queued = next((run for run in asked.state.queue if run.case == case), None)
    if offer is None and queued is None:
        return Refusal(Why.UNKNOWN_CASE)
    owner = offer.owner if offer else queued.giver if queued else None
    if owner != asked.person and not asked.doer.system:
        return Refusal(Why.UNKNOWN_CASE)
    return (asked.event(Kind.CASE_WITHDRAWN, case=case),)


def place_dots(asked: Asked) -> Decision:
    """Dots are given by the caller's own table; the event only says that the counts changed, not who voted."""
    if not asked.state.offers:
        return Refusal(Why.NO_CASE)
    return (Event(Kind.DOTS_CHANGED, asked.now),)


def _choose(asked: Asked, case: PersonId, giver: PersonId | None) -> Decision:
    state = asked.state
    if giver is not None and giver == state.moderator and len(state.members) > 1:
        to = asked.data.get("moderator")
        if to not in state.members or to == giver:
            return Refusal(Why.OWN_CASE)
        return (
            asked.event(Kind.MODERATOR_SET, person=to),
            asked.event(Kind.CASE_CHOSEN, case=case, giver=giver),
        )
    return (asked.event(Kind.CASE_CHOSEN, case=case, giver=giver),)


def choose_case(asked: Asked) -> Decision:
    """The moderator records what the group agreed on. Without `giver`: a round without anybody's case, or with the
    invented one named in `sample`.

    A case becomes current, or waits in the queue when another one is. A moderator whose own case it is names in
    `moderator` who leads instead.
    """
    if not asked.moderates:
        return Refusal(Why.NOT_THE_MODERATOR)
    case = asked.data.get("case")
    offer = asked.state.offers.get(case)
    if offer is not None:
        return _choose(asked, offer.case, offer.owner)
    if not plain_id(case) or asked.state.run(case) is not None or asked.data.get("giver") is not None:
        return Refusal(Why.UNKNOWN_CASE)
    sample = asked.data.get("sample")
    if sample is None:
        return _choose(asked, case, None)
    if sample not in samples():
        return Refusal(Why.UNKNOWN_VALUE)
    return (asked.event(Kind.CASE_CHOSEN, case=case, giver=None, sample=sample),)


def pick_case(asked: Asked) -> Decision:
    """Choose by a procedure: `dots` (counts in `votes`), `longest_waiting`, or `draw` (`ticket`, 0 to 999999).

    A tie goes to who has waited longest, then to the earlier offer (domain A.4).
    """
    if not asked.moderates:
        return Refusal(Why.NOT_THE_MODERATOR)
    offers = list(asked.state.offers.values())
    procedure = asked.data.get("procedure")
    if procedure not in PROCEDURES:
        return Refusal(Why.UNKNOWN_VALUE)
    if not offers:
        return Refusal(Why.NO_CASE)
    if procedure == "draw":
        ticket = asked.data.get("ticket")
        if not isinstance(ticket, int) or not 0 <= ticket < 1_000_000:
            return Refusal(Why.UNKNOWN_VALUE)
        offer = offers[ticket * len(offers) // 1_000_000]
    else:
        votes = asked.data.get("votes") or {}
        count = (lambda offer: votes.get(offer.case, 0)) if procedure == "dots" else (lambda offer: 0)
        offer = max(offers, key=lambda offer: (count(offer), offer.waiting))
    return _choose(asked, offer.case, offer.owner)


def ask_conflict(asked: Asked) -> Decision:
    """The moderator has asked who knows the people involved; only then the owner can open the text."""
    if not asked.moderates:
        return Refusal(Why.NOT_THE_MODERATOR)
    run = asked.state.current
    if run is None:
        return Refusal(Why.NO_CASE)
    return () if run.conflict_asked else (asked.event(Kind.CONFLICT_ASKED, case=run.case),)


def open_case(asked: Asked) -> Decision:
    """The owner's own click shows the text to the group, after the conflict question."""
    run = asked.state.current
    if run is None:
        return Refusal(Why.NO_CASE)
    if not asked.gives:
        return Refusal(Why.NOT_ALLOWED)
    if not run.conflict_asked:
        return Refusal(Why.CONFLICT_NOT_ASKED)
    return () if run.opened else (asked.event(Kind.CASE_OPENED, case=run.case),)


def drop_case(asked: Asked) -> Decision:
    """The moderator notes that the current case falls away (its giver is gone): text closed, back to the casting."""
    if not asked.steers:
        return Refusal(Why.NOT_THE_MODERATOR)
    run = asked.state.current
    return Refusal(Why.NO_CASE) if run is None else (asked.event(Kind.CASE_DROPPED, case=run.case),)


def set_question(asked: Asked) -> Decision:
    """Case giver, moderator or note-taker write the key question; the case giver's own words need no confirmation."""
    run = asked.state.current
    if run is None:
        return Refusal(Why.NO_CASE)
    if not (asked.gives or asked.moderates or asked.writes_notes):
        return Refusal(Why.NOT_ALLOWED)
    present = bool(asked.data.get("present", True))
    written = asked.event(Kind.QUESTION_SET, case=run.case, present=present)
    if present and (asked.gives or run.giver is None):
        return (written, asked.event(Kind.QUESTION_CONFIRMED, case=run.case))
    return (written,)


def confirm_question(asked: Asked) -> Decision:
    """The case giver confirms; the moderator may when the case giver has no page of their own."""
    run = asked.state.current
    if run is None or not run.question:
        return Refusal(Why.NO_CASE if run is None else Why.NOT_NOW)
    if not (asked.gives or (asked.moderates and _without_page(asked))):
        return Refusal(Why.NOT_ALLOWED)
    return () if run.question_confirmed else (asked.event(Kind.QUESTION_CONFIRMED, case=run.case),)


def _without_page(asked: Asked) -> bool:
    run = asked.state.current
    giver = asked.state.members.get(run.giver) if run and run.giver is not None else None
    return giver is None or giver.phone


def choose_method(asked: Asked) -> Decision:
    """The case giver decides, the moderator confirms; what the moderator enters counts as confirmed (domain A.1)."""
    run = asked.state.current
    if run is None:
        return Refusal(Why.NO_CASE)
    if not (asked.gives or asked.moderates):
        return Refusal(Why.NOT_ALLOWED)
    method = asked.data.get("method")
    if method not in methods():
        return Refusal(Why.UNKNOWN_VALUE)
    chosen = asked.event(Kind.METHOD_CHOSEN, case=run.case, method=method)
    if asked.moderates:
        return (chosen, asked.event(Kind.METHOD_CONFIRMED, case=run.case))
    return () if run.method == method else (chosen,)


def confirm_method(asked: Asked) -> Decision:
    """The moderator confirms the case giver's choice."""
    run = asked.state.current
    if not asked.moderates:
        return Refusal(Why.NOT_THE_MODERATOR)
    if run is None or not run.method:
        return Refusal(Why.NO_CASE if run is None else Why.NOT_NOW)
    return () if run.method_confirmed else (asked.event(Kind.METHOD_CONFIRMED, case=run.case),)


def next_case(asked: Asked) -> Decision:
    """Begin the next round: with the queued case right away, else in the casting. Ends a break."""
    if not asked.moderates:
        return Refusal(Why.NOT_THE_MODERATOR)
    state = asked.state
    if state.status is not Status.BETWEEN:
        return Refusal(Why.NOT_NOW)
    ready = state.current is not None or bool(state.queue)
    phase = state.template.first_case_phase if ready else 0
    end = (asked.event(Kind.BREAK_ENDED),) if state.on_break else ()
    return (*end, asked.event(Kind.ROUND_STARTED, phase=phase))
