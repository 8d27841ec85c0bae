"""The part of the companion in which a person does something: casting, key question, method, contribution."""

from __future__ import annotations

from typing import Any

from django.views.decorators.debug import sensitive_variables

from beratung_xblock.api.session_views import DOTS_EACH, SessionView
from beratung_xblock.pages import session_words as words
from beratung_xblock.process import (
    Contribution,
    PersonId,
    PhaseKind,
    Refusal,
    Role,
    SessionState,
    Status,
    beginner_methods,
    method_now,
    methods,
    samples,
    writing_open,
)


def others(view: SessionView) -> list[dict[str, Any]]:
    """Everybody else, present people first, for menus."""
    members = sorted(
        (m for m in view.state.members.values() if m.id != view.person),
        key=lambda m: (m.id not in view.online and not m.phone, view.name(m.id).lower()),
    )
    return [{"uid": view.uids[m.id], "name": view.name(m.id), "id": m.id} for m in members if m.id in view.uids]


@sensitive_variables()
def work(view: SessionView, common: dict[str, Any]) -> dict[str, Any] | None:
    """What this person can do now, beside steering; None when the session is over."""
    state = view.state
    kind = state.phase.kind
    me = view.person
    run = state.current
    if state.is_over:
        return None
    casting = (state.status is Status.RUNNING and kind is PhaseKind.CASTING) or state.status in (Status.BETWEEN, Status.WAITING)
    may_write = writing_open(state, me, view.now)
    asks = state.contribution is not Contribution.NONE
    writes = state.status is Status.RUNNING and not isinstance(may_write, Refusal) and (
        asks or view.moderates or state.roles.get(Role.NOTE_TAKER) == me or state.writing_ended_at is not None
    ) and (asks or kind in (PhaseKind.STATEMENT, PhaseKind.CLOSING))
    method = method_now(state)
    question = state.status is Status.RUNNING and kind is PhaseKind.KEY_QUESTION and run is not None and (
        common["gives"] or view.moderates or state.roles.get(Role.NOTE_TAKER) == me
    )
    offers = [
        {
            "case": case, "name": view.name(offer.owner), "urgency": offer.urgency, "mine": offer.owner == me,
            "dots": view.dots.get(str(case), 0), "dotted": str(case) in view.my_dots, "is_moderator": offer.owner == state.moderator,
        }
        for case, offer in state.offers.items()
    ] if casting else []
    offered = {str(case) for case in state.offers}
    return {
        "casting": casting and state.status is not Status.WAITING, "offers": offers,
        "own_offers": [
            {"uid": own.uid, "title": words.reveal(own.title), "urgency": own.urgency}
            for own in view.own_offers if own.uid not in offered
        ] if casting else [],
        "i_offer": any(offer["mine"] for offer in offers), "dots_left": DOTS_EACH - len(view.my_dots),
        "selection": view.case_selection, "queue": [view.name(run_.giver) for run_ in state.queue],
        "can_offer": casting and not common["gives"], "giver_name": view.name(run.giver) if run else "",
        "conflict": run is not None and run.giver is not None and state.status is Status.RUNNING
        and kind in (PhaseKind.CASTING, PhaseKind.STORY),
        "out": state.members[me].out, "can_open": common["gives"] and run is not None and not run.opened,
        "others": others(view), "samples": [(one.id, words.said(one.title)) for one in samples().values()],
        "sample": words.said(samples()[run.sample].title) if run and run.sample in samples() else None,
        "question_form": question, "question_text": words.reveal(view.question or view.own_question) if question else "",
        "has_question": bool(view.question),
        "confirm_question": run is not None and run.question and not run.question_confirmed and (
            common["gives"] or (view.moderates and _without_page(state, run.giver))
        ),
        "method_form": state.status is Status.RUNNING and kind is PhaseKind.METHOD and run is not None,
        "methods": _method_rows(state) if kind is PhaseKind.METHOD else (),
        "may_choose": common["gives"] or view.moderates,
        "writes": writes, "contribution": state.contribution.value,
        "form": words.said(method.form) if method and asks else None,
        "second": words.said(method.second_column) if method and method.second_column else None,
        "turnable": [idea for idea in view.ideas if idea.column == 0] if method and method.second_column else [],
    }


def _without_page(state: SessionState, giver: PersonId | None) -> bool:
    """Nobody could click for this case: it is nobody's, or its giver takes part by telephone."""
    member = state.members.get(giver) if giver is not None else None
    return member is None or member.phone


def _method_rows(state: Any) -> tuple[dict[str, Any], ...]:
    first = beginner_methods()
    chosen = state.current.method if state.current else ""
    return tuple(
        {
            "id": method.id, "name": words.said(method.name), "line": words.said(method.one_line), "when": words.said(method.when),
            "advanced": method.level != "basic", "chosen": method.id == chosen,
        }
        for method in sorted(methods().values(), key=lambda method: method.id not in first)
        if method.id != "schluesselfrage_erfinden"
    )
