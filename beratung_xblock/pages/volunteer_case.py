"""Actions around the volunteer's own case: write, check, submit, withdraw, delete, keep.

The draft is stored before it is checked, so that nothing typed is lost; the check and the submission work on what is
stored. A text appears in answers to its owner only, and in no message, log or address.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from typing import Any

from django.utils.datastructures import MultiValueDict
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from beratung_xblock import anonymise
from beratung_xblock.api import cases, own_data
from beratung_xblock.api.overview import overview
from beratung_xblock.data.cases import CaseText
from beratung_xblock.data.enums import CaseState
from beratung_xblock.data.overview import Overview
from beratung_xblock.exceptions import Conflict, Invalid
from beratung_xblock.pages import forms, words
from beratung_xblock.pages import volunteer_panels as panels
from beratung_xblock.pages._dispatch import Answer, Click, action
from beratung_xblock.pages.viewmodels import Boundary, CasePanel, Finding, Flash
from beratung_xblock.pages.volunteer import Asked
from beratung_xblock.pages.volunteer_signup import WRONG_INPUT, ok, round_shown, shown
from beratung_xblock.process import templates

TEXTS = ("title", "situation", "tried", "key_question")
LOG_ROLES = {
    "own": gettext_lazy("you"), "coordinator": gettext_lazy("Coordination"), "volunteer": gettext_lazy("Your group"),
    "system": gettext_lazy("by itself"),
}  # fmt: skip
LOG_ACTIONS = {
    "case.read": gettext_lazy("opened"), "case.submit": gettext_lazy("submitted"),
    "case.withdraw": gettext_lazy("withdrawn"), "case.keep": gettext_lazy("kept"),
    "case.staff_may_read": gettext_lazy("permission of the coordination changed"),
}  # fmt: skip
EDITABLE = (CaseState.DRAFT.value, CaseState.WITHDRAWN.value)


def _state(click: Click) -> Overview:
    """The state of a person who may write a case now. Raises Conflict otherwise."""
    state = overview(actor=click.actor, place=click.place, round_uid=round_shown(click))
    if state.round is None or state.registration is None:
        raise Conflict("cancelled")
    return state


def _form(click: Click, state: Overview, data: Any = None) -> forms.CaseForm:
    own = state.case
    initial: dict[str, Any] = {"urgency": str(state.registration.urgency), "method": ""}
    if own is not None and own.text is not None:
        initial = {name: getattr(own.text, name).reveal() for name in TEXTS}
        initial |= {"method": own.text.method, "urgency": str(own.urgency), "staff_may_read": own.staff_may_read}
    return forms.CaseForm(data, uid=words.uid_of(click.actor.usage_key) + "-text", initial=initial, methods=_methods())


def _methods() -> list[tuple[str, str]]:
    known = templates.methods()
    offered = [(key, known[key].name.get(words.language())) for key in templates.beginner_methods()]
    return [("", _("I decide in the session")), *offered]


def _panel(click: Click, state: Overview, form: forms.CaseForm, *, version: int | None = None) -> CasePanel:
    own = state.case
    return CasePanel(
        mode="form", uid=own.uid if own else "", form=form, round_uid=state.round.uid,
        version=version if version is not None else (own.version if own else 0),
        max_chars=state.rules.case_max_chars, min_chars=state.rules.case_min_chars,
        saved_words=words.moment(own.updated_at) if own else "",
    )


def _refused(click: Click, error: Conflict) -> Answer:
    return shown(click, Asked(flash=Flash(kind="warn", text=words.conflict(error.reason))), status=409)


@action("write_case")
def write_case(click: Click) -> Answer:
    """Open the form with the draft."""
    try:
        state = _state(click)
    except Conflict as error:
        return _refused(click, error)
    if state.case is not None and state.case.state not in EDITABLE:
        return _refused(click, Conflict("submitted"))
    return shown(click, Asked(case=_panel(click, state, _form(click, state))))


def _typed(form: forms.CaseForm) -> dict[str, str]:
    return {name: form.cleaned_data.get(name) or "" for name in (*TEXTS, "method", "urgency")}


def _store(click: Click) -> tuple[Overview, forms.CaseForm, Answer | None]:
    """Keep what was typed. Returns the state after it, the form, and an answer when it could not be kept."""
    state = _state(click)
    form = _form(click, state, MultiValueDict(click.many))
    if not form.is_valid():
        answer = shown(click, Asked(case=_panel(click, state, form), has_errors=True), status=WRONG_INPUT)
        return state, form, answer
    version = click.data.get("version", "")
    try:
        cases.save_draft(
            actor=click.actor, round_uid=state.round.uid, draft=_typed(form),
            version=int(version) if version.isdigit() and int(version) else None,
        )
    except Invalid as error:
        form.add_api_errors({name: words.reason(word) for name, word in error.errors.items()})
        answer = shown(click, Asked(case=_panel(click, state, form), has_errors=True), status=WRONG_INPUT)
        return state, form, answer
    except Conflict as error:
        if error.reason != "stale":
            return state, form, _refused(click, error)
        # What is typed stays in the form; the newer version number lets the person decide to save it over the other.
        form.add_error(None, words.conflict("stale"))
        panel = _panel(click, state, form, version=error.current_version)
        return state, form, shown(click, Asked(case=panel, has_errors=True), status=409)
    return overview(actor=click.actor, place=click.place, round_uid=state.round.uid), form, None


@action("save_case")
def save_case(click: Click) -> Answer:
    """Keep the draft and go back to the page."""
    try:
        answer = _store(click)[2]
    except Conflict as error:
        return _refused(click, error)
    return answer or ok(click, _("Your draft is saved. Only you can read it."))


@action("check_case")
def check_case(click: Click) -> Answer:
    """Keep the draft and show it once more, with what could tell who somebody is and the boundary checklist."""
    try:
        state, form, answer = _store(click)
    except Conflict as error:
        return _refused(click, error)
    if answer is not None:
        return answer
    if state.case is None:  # an old window, and the session has begun meanwhile: kept, but there is nothing to submit it to
        return ok(click, _("Your draft is saved. Only you can read it."))
    if not form.check_complete(min_chars=state.rules.case_min_chars, max_chars=state.rules.case_max_chars):
        return shown(click, Asked(case=_panel(click, state, form), has_errors=True), status=WRONG_INPUT)
    return _check(click, state, staff_may_read=form.cleaned_data["staff_may_read"])


def findings(text: CaseText, declared: set[str] = frozenset()) -> tuple[Finding, ...]:
    """What could tell who somebody is, field by field, with one table of names for the case. Never stored, never logged."""
    labels = {name: str(forms.CaseForm.base_fields[name].label) for name in TEXTS}
    found = []
    for name, value, hits in _finds(text):
        for hit in hits:
            key = f"{name}:{hit.start}:{hit.end}"
            found.append(
                Finding(
                    key=key, field_label=labels[name], text=value[hit.start : hit.end], why=_(anonymise.WHY[hit.kind]),
                    replacement=hit.replacement or "", must_decide=hit.strength == "direct", declared=key in declared,
                )
            )
    return tuple(found)


def _finds(text: CaseText) -> list[tuple[str, str, tuple[anonymise.Finding, ...]]]:
    values = [getattr(text, name).reveal() for name in TEXTS]
    return list(zip(TEXTS, values, anonymise.findings_of(values), strict=True))


def _replaced(text: CaseText, key: str) -> tuple[dict[str, str] | None, int]:
    """The fields with one find replaced, everywhere the same person or the same words stand; and the number of the find."""
    found = _finds(text)
    places = [(name, value, hit) for name, value, hits in found for hit in hits]
    number, wanted = next(
        ((n, (hit, value[hit.start : hit.end])) for n, (name, value, hit) in enumerate(places) if f"{name}:{hit.start}:{hit.end}" == key),
        (-1, (None, "")),
    )
    hit, words_found = wanted
    if hit is None or not hit.replacement:
        return None, number
    fields = {}
    for name, before, hits in found:
        fields[name] = before
        for other in reversed(hits):
            same = other.group == hit.group if hit.group else before[other.start : other.end] == words_found
            if same and other.replacement:
                fields[name] = fields[name][: other.start] + other.replacement + fields[name][other.end :]
    return fields, number


def _still_declared(before: CaseText, after: CaseText, declared: set[str]) -> set[str]:
    """The ticks "not real data" after a replacement moved the places: the same words in the same field stay ticked."""
    ticked = {(name, value[hit.start : hit.end]) for name, value, hits in _finds(before) for hit in hits if f"{name}:{hit.start}:{hit.end}" in declared}
    return {f"{name}:{hit.start}:{hit.end}" for name, value, hits in _finds(after) for hit in hits if (name, value[hit.start : hit.end]) in ticked}


def _check(
    click: Click, state: Overview, *, staff_may_read: bool, error: str = "", missing: frozenset[str] = frozenset(),
    findings_error: str = "", status: int = 200, focus: int = -1, declared: set[str] | None = None,
) -> Answer:
    own = state.case
    found = findings(own.text, set(click.many.get("not_real", ())) if declared is None else declared)
    if focus >= 0 and found:
        focus = min(focus, len(found) - 1)
        found = (*found[:focus], replace(found[focus], has_focus=True), *found[focus + 1 :])
    boundaries = tuple(
        Boundary(
            key=key, question=str(question), value=click.data.get(f"boundary_{key}", ""),
            error=_("Please answer yes or no.") if key in missing else "",
        )
        for key, question in forms.BOUNDARIES
    )
    panel = CasePanel(
        mode="check", uid=own.uid, version=own.version, round_uid=state.round.uid, facts=panels.case_facts(own.text),
        findings=found, boundaries=boundaries, boundary_error=error, was_replaced=focus >= 0,
        findings_error=findings_error, staff_may_read=staff_may_read,
    )
    return shown(click, Asked(case=panel, has_errors=bool(error or findings_error)), status=status)


def _draft(click: Click) -> Overview:
    """The state with a draft that can be read. Raises Conflict when there is none to work on."""
    state = _state(click)
    if state.case is None or state.case.text is None:
        raise Conflict("stale")
    if state.case.state not in EDITABLE:
        raise Conflict("submitted")
    return state


@action("replace_finding")
def replace_finding(click: Click) -> Answer:
    """Put the proposed words in place of one finding and check again."""
    try:
        state = _draft(click)
        text = state.case.text
        fields, number = _replaced(text, click.data.get("finding", ""))
        if fields is not None:
            draft = {**fields, "method": text.method, "urgency": str(state.case.urgency)}
            cases.save_draft(actor=click.actor, round_uid=state.round.uid, draft=draft, version=state.case.version)
            state = overview(actor=click.actor, place=click.place, round_uid=state.round.uid)
    except Conflict as error:
        return _refused(click, error)
    declared = _still_declared(text, state.case.text, set(click.many.get("not_real", ())))
    return _check(click, state, staff_may_read=click.data.get("staff_may_read") == "on", focus=max(number, 0), declared=declared)


@action("submit_case")
def submit_case(click: Click) -> Answer:
    """Put the case on the round's list; a topic of the checklist shows where to find help instead."""
    may_read = click.data.get("staff_may_read") == "on"
    answers = {key: click.data.get(f"boundary_{key}", "") for key, _question in forms.BOUNDARIES}
    try:
        state = _draft(click)
        if click.data.get("version", "") != str(state.case.version):
            raise Conflict("stale")
        if answers["law"] == "yes" and click.data.get("law_own_role") != "on":
            raise Invalid({"boundary": "law"})
        text = state.case.text
        declared = set(click.many.get("not_real", ()))
        harmless = all(f.key in declared for f in findings(text) if f.must_decide)
        raw = {name: getattr(text, name).reveal() for name in TEXTS}
        cases.submit(
            actor=click.actor, round_uid=state.round.uid,
            case={**raw, "method": text.method, "urgency": str(state.case.urgency)}, boundaries=answers,
            declared_harmless=harmless, staff_may_read=may_read,
        )
    except Conflict as error:
        return _refused(click, error)
    except Invalid as error:
        return _not_submitted(click, state, error, may_read)
    return ok(click, _("Your case is submitted. You can withdraw it at any time."))


def _not_submitted(click: Click, state: Overview, error: Invalid, may_read: bool) -> Answer:
    topic = error.errors.get("boundary")
    if topic is not None:
        return shown(click, Asked(case=CasePanel(mode="boundary", boundary=str(topic), round_uid=state.round.uid)))
    missing = frozenset(name.removeprefix("boundary_") for name in error.errors if name.startswith("boundary_"))
    if missing:
        return _check(
            click, state, staff_may_read=may_read, missing=missing, status=WRONG_INPUT,
            error=_("Please answer every question with yes or no."),
        )
    if "anonymise" in error.errors:
        return _check(
            click, state, staff_may_read=may_read, status=WRONG_INPUT,
            findings_error=_("Please replace these places or tick that they are not real data."),
        )
    form = _form(click, state)
    form = forms.CaseForm(
        MultiValueDict({name: [str(value)] for name, value in form.initial.items()}),
        uid=words.uid_of(click.actor.usage_key) + "-text", methods=_methods(),
    )
    form.is_valid()
    form.add_api_errors({name: words.reason(word) for name, word in error.errors.items()})
    return shown(click, Asked(case=_panel(click, state, form), has_errors=True), status=WRONG_INPUT)


@action("withdraw_case")
def withdraw_case(click: Click) -> Answer:
    """Take the case back at once; whoever wants to change it goes on in the form."""
    cases.withdraw(actor=click.actor, case_uid=click.data.get("case", ""))
    if click.data.get("then") == "write":
        return write_case(click)
    return ok(click, _("Your case is withdrawn. Nobody but you can read it."))


@action("delete_case")
def delete_case(click: Click) -> Answer:
    """Delete the case with its text for good."""
    cases.delete_case(actor=click.actor, case_uid=click.data.get("case", ""))
    return ok(click, _("Your case is deleted."))


@action("keep_case")
def keep_case(click: Click) -> Answer:
    """Keep an unused case for the next round."""
    cases.keep_case(actor=click.actor, case_uid=click.data.get("case", ""))
    return ok(click, _("Your case is kept for the next round. Only you can read it."))


@action("staff_may_read")
def staff_may_read(click: Click) -> Answer:
    """The owner's tick: may the coordination read the text before the session?"""
    allowed = click.data.get("allowed") == "on"
    cases.set_staff_may_read(actor=click.actor, case_uid=click.data.get("case", ""), allowed=allowed)
    if allowed:
        return ok(click, _("The coordination may read your text now."))
    return ok(click, _("The coordination sees title and urgency only."))


@action("case_log")
def case_log(click: Click) -> Answer:
    """Who opened or changed my case: role, what and when, without names."""
    try:
        state = _state(click)
    except Conflict as error:
        return _refused(click, error)
    panel = panels.case(state, uid=words.uid_of(click.actor.usage_key))
    if panel is None or panel.mode != "submitted":
        return shown(click)
    lines = []
    for line in own_data.who_read_my_cases(actor=click.actor):
        who = LOG_ROLES.get(line["role"], line["role"])
        what = LOG_ACTIONS.get(line["action"], line["action"])
        lines.append((words.moment(dt.datetime.fromisoformat(line["at"])), f"{who}: {what}"))
    return shown(click, Asked(case=replace(panel, read_log=tuple(lines))))


@action("use_kept_case")
def use_kept_case(click: Click) -> Answer:
    """Copy one of my texts that belongs to no round into the draft of this one; the old one goes."""
    try:
        state = _state(click)
        wanted = click.data.get("case") or (state.kept.uid if state.kept else "")
        old = next((case for case in state.loose if case.uid == wanted and case.text is not None), None)
        if old is None or state.case is not None:
            raise Conflict("stale")
        draft = {name: getattr(old.text, name).reveal() for name in TEXTS}
        draft |= {"method": old.text.method, "urgency": str(old.urgency)}
        cases.save_draft(actor=click.actor, round_uid=state.round.uid, draft=draft)
        cases.delete_case(actor=click.actor, case_uid=old.uid)
    except Conflict as error:
        return _refused(click, error)
    return write_case(click)
