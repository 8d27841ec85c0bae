"""Actions around signing up: undertaking, sign-up in two screens, changes, cancelling, waiting for the next round."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from django.utils.datastructures import MultiValueDict
from django.utils.translation import gettext as _

from beratung_xblock.api import cases, conflicts, publishing, rounds, signup, undertaking, waiting
from beratung_xblock.api.overview import overview
from beratung_xblock.data.enums import RegistrationState
from beratung_xblock.data.overview import Overview
from beratung_xblock.exceptions import Conflict, Invalid, NotFound
from beratung_xblock.pages import forms, words
from beratung_xblock.pages import volunteer_panels as panels
from beratung_xblock.pages._dispatch import Answer, Click, action
from beratung_xblock.pages.viewmodels import Flash, Review
from beratung_xblock.pages.volunteer import Asked, partial

WRONG_INPUT = 422


def shown(click: Click, asked: Asked | None = None, *, status: int = 200) -> Answer:
    """The page after an action, with the round it showed before."""
    asked = asked or Asked()
    if not asked.round_uid:
        asked = replace(asked, round_uid=round_shown(click))
    return partial(click.block, click.actor, click.place, asked, status=status)


def round_shown(click: Click) -> str:
    """The round an action is about: named by its form, else the one the page shows."""
    return click.data.get("round") or click.data.get("shown", "")


def ok(click: Click, text: str, **asked: object) -> Answer:
    """The page with a line that says what happened."""
    return shown(click, Asked(flash=Flash(kind="ok", text=text), **asked))


@action("show")
def show(click: Click) -> Answer:
    """The page as it is, or another round of it; leaves forms without saving."""
    return shown(click)


@action("accept_undertaking")
def accept_undertaking(click: Click) -> Answer:
    """Accept the undertaking that was shown."""
    try:
        undertaking.accept(
            actor=click.actor, version=click.data.get("version", ""), confirmed=click.data.get("accept") == "yes"
        )
    except Invalid:
        message = _("Please tick the box if you agree. Without it you cannot take part.")
        return shown(click, Asked(undertaking_error=message, has_errors=True), status=WRONG_INPUT)
    except Conflict as error:
        return shown(click, Asked(flash=Flash(kind="warn", text=words.conflict(error.reason))), status=409)
    return shown(click)


# --- the form and its check -------------------------------------------------------------------------------------------


def _typed(click: Click) -> tuple[Overview, forms.SignupForm]:
    """The state of the round meant and the form with what was typed. Raises Conflict("closed") when it is not open."""
    state = overview(actor=click.actor, place=click.place, round_uid=round_shown(click))
    if state.round is None or not state.is_open or state.round.uid != (round_shown(click) or state.round.uid):
        raise Conflict("closed")
    if state.undertaking_on is None:
        raise Conflict("undertaking_version")
    data = MultiValueDict(click.many)
    return state, panels.signup_form(click.actor, state, uid=words.uid_of(click.actor.usage_key), data=data)


def _closed(click: Click, error: Conflict) -> Answer:
    return shown(click, Asked(flash=Flash(kind="warn", text=words.conflict(error.reason))), status=409)


def _again(click: Click, state: Overview, form: forms.SignupForm) -> Answer:
    return shown(
        click, Asked(signup_form=form, round_uid=state.round.uid, has_errors=bool(form.errors)),
        status=WRONG_INPUT if form.errors else 200,
    )


def _wishes(form: forms.SignupForm) -> dict[str, object]:
    cleaned = form.cleaned_data
    names = (
        "display_name", "languages", "can_moderate", "brings_case", "urgency", "organisation", "experience",
        "take_part", "wish_with", "needs", "wants_reminders", "wants_refresher",
    )
    return {**{name: cleaned[name] for name in names}, "region": cleaned.get("region", ""), "answers": form.answers()}


@action("review_signup")
def review_signup(click: Click) -> Answer:
    """Check what was typed and show it once more."""
    try:
        state, form = _typed(click)
    except Conflict as error:
        return _closed(click, error)
    if not form.is_valid():
        return _again(click, state, form)
    wishes = _wishes(form)
    hidden = [("round", state.round.uid)]
    hidden += [(name, value) for name in form.fields for value in click.many.get(name, ())]
    review = Review(
        facts=panels.facts(wishes), answers=panels.answers(click.actor, state, wishes["answers"]),
        hidden=tuple(hidden), is_full=state.is_full, is_change=state.registration is not None,
    )
    return shown(click, Asked(review=review, round_uid=state.round.uid))


@action("edit_signup")
def edit_signup(click: Click) -> Answer:
    """Back from the check to the form, with everything typed."""
    try:
        state, form = _typed(click)
    except Conflict as error:
        return _closed(click, error)
    return _again(click, state, form)


@action("submit_signup")
def submit_signup(click: Click) -> Answer:
    """Send the sign-up, or the changes to it."""
    try:
        state, form = _typed(click)
        if not form.is_valid():
            return _again(click, state, form)
        call = signup.update if state.registration else signup.register
        row = call(actor=click.actor, round_uid=state.round.uid, wishes=_wishes(form))
    except Conflict as error:
        return _closed(click, error)
    except Invalid as error:
        _refused(form, error.errors)
        return _again(click, state, form)
    if state.registration:
        text = _("Your changes are saved.")
    elif row.state == RegistrationState.WAITING.value:
        text = _("You are on the waiting list now.")
    else:
        text = _("Your sign-up has arrived. You get a mail.")
    return ok(click, text, round_uid=state.round.uid)


def _refused(form: forms.SignupForm, errors: Mapping[str, object]) -> None:
    """Put what `api` refused at the fields; slots go to their own message."""
    form.add_api_errors({name: words.reason(word) for name, word in errors.items() if name != "answers"})
    if "answers" in errors:
        form.slots_error = _("Please choose at least one date with “Yes” or “If need be”.")
        form.add_error(None, form.slots_error)


@action("change_signup")
def change_signup(click: Click) -> Answer:
    """Open the form with what is stored."""
    state = overview(actor=click.actor, place=click.place, round_uid=round_shown(click))
    if state.round is None or not state.is_open or state.undertaking_on is None:
        return _closed(click, Conflict("closed"))
    form = panels.signup_form(click.actor, state, uid=words.uid_of(click.actor.usage_key))
    return shown(click, Asked(signup_form=form, round_uid=state.round.uid))


@action("ask_cancel")
def ask_cancel(click: Click) -> Answer:
    """Ask once more, in place, before a place is given back."""
    return shown(click, Asked(extra={"cancel_asked": True}))


@action("cancel_signup")
def cancel_signup(click: Click) -> Answer:
    """Give one's place back; after the deadline with a short reason for the staff."""
    try:
        signup.cancel(
            actor=click.actor, round_uid=click.data.get("round", ""), reason=click.data.get("reason", "")
        )
    except Invalid as error:
        word = error.errors.get("reason", "")
        message = words.reason(word)
        if word == "required":
            message = _("Please write one sentence why. Only the coordination reads it.")
        return shown(
            click,
            Asked(has_errors=True, extra={"cancel_asked": True, "cancel_error": message, "cancel_reason": click.data.get("reason", "")}),
            status=WRONG_INPUT,
        )
    except Conflict as error:
        return _closed(click, error)
    return ok(click, _("Your sign-up is cancelled. Thank you for telling us."))


# --- small things ----------------------------------------------------------------------------------------------------


@action("tell_me")
def tell_me(click: Click) -> Answer:
    """"Mich benachrichtigen": one mail when the next round opens."""
    rounds.note_interest(actor=click.actor)
    return ok(click, _("We will tell you."))


@action("forget_me")
def forget_me(click: Click) -> Answer:
    """No mail after all."""
    rounds.note_interest(actor=click.actor, wanted=False)
    return ok(click, _("We will not tell you."))


@action("ask_contact")
def ask_contact(click: Click) -> Answer:
    """Ask the staff for a call, without a reason."""
    phone = click.data.get("phone", "")
    try:
        cases.ask_for_contact(actor=click.actor, phone=phone)
    except Invalid:
        error = _("Please write only the telephone number, with the area code.")
        return shown(click, Asked(has_errors=True, extra={"phone": phone, "phone_error": error}), status=422)
    return ok(click, _("Your request for a call has arrived."))


@action("confirm_coming")
def confirm_coming(click: Click) -> Answer:
    """Confirm the date of one's group."""
    try:
        publishing.confirm(actor=click.actor, group_uid=click.data.get("group", ""))
    except NotFound:
        return shown(click, Asked(flash=Flash(kind="warn", text=words.conflict(""))), status=404)
    return ok(click, _("Thank you. The group counts on you."))


# --- waiting list ----------------------------------------------------------------------------------------------------


@action("accept_offer")
def accept_offer(click: Click) -> Answer:
    """Take the place that was offered."""
    try:
        waiting.accept_offer(actor=click.actor, round_uid=click.data.get("round", ""))
    except Conflict as error:
        return _closed(click, error)
    return ok(click, _("The place is yours. You are signed up."))


@action("decline_offer")
def decline_offer(click: Click) -> Answer:
    """Leave the place to the next person."""
    try:
        waiting.decline_offer(actor=click.actor, round_uid=click.data.get("round", ""))
    except Conflict as error:
        return _closed(click, error)
    return ok(click, _("Thank you. The next person gets the place."))


@action("keep_waiting")
def keep_waiting(click: Click) -> Answer:
    """Be asked again after offers passed unanswered."""
    try:
        waiting.keep_waiting(actor=click.actor, round_uid=click.data.get("round", ""))
    except Conflict as error:
        return _closed(click, error)
    return ok(click, _("Thank you. We ask you again when a place is free."))


# --- whom I would rather not meet ------------------------------------------------------------------------------------


def _peers(click: Click, *, note: str = "", error: str = "", status: int = 200) -> Answer:
    round_uid = round_shown(click)
    declared = conflicts.declared(actor=click.actor, round_uid=round_uid)
    known = {peer.uid for peer in declared}
    others = [peer for peer in conflicts.peers(actor=click.actor, round_uid=round_uid) if peer.uid not in known]
    extra = {"peers": others, "declared": declared, "peers_open": True, "peers_note": note, "peers_error": error}
    return shown(click, Asked(round_uid=round_uid, has_errors=bool(error), extra=extra), status=status)


@action("show_peers")
def show_peers(click: Click) -> Answer:
    """Open the list of names to choose from; it is not part of the page before somebody asks for it."""
    return _peers(click)


@action("exclude")
def exclude(click: Click) -> Answer:
    """"Ich möchte nicht mit ... in eine Gruppe": private, no reason."""
    if not click.data.get("other"):
        return _peers(click, error=_("Please choose a name."), status=WRONG_INPUT)
    try:
        conflicts.declare(actor=click.actor, round_uid=round_shown(click), other_uid=click.data["other"])
    except Invalid:
        text = _("You can name five people at most. Please speak to the coordination.")
        return _peers(click, error=text, status=WRONG_INPUT)
    return _peers(click, note=_("Noted. Nobody learns of it."))


@action("include")
def include(click: Click) -> Answer:
    """Take a declaration back."""
    conflicts.take_back(actor=click.actor, round_uid=round_shown(click), other_uid=click.data.get("other", ""))
    return _peers(click, note=_("Taken back."))
