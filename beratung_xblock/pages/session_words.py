"""Sentences of the live session: roles, refusals, announcements."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.utils.translation import get_language, gettext_lazy, ngettext
from django.utils.translation import gettext as _

from beratung_xblock.process import Gate, Phase, Role, Text, Why
from beratung_xblock.process.state import SessionState, Status

ROLES: Mapping[Role, object] = {
    Role.MODERATOR: gettext_lazy("Moderator"),
    Role.CASE_GIVER: gettext_lazy("Case giver"),
    Role.NOTE_TAKER: gettext_lazy("Note-taker"),
    Role.ADVISER: gettext_lazy("Peer adviser"),
    Role.OBSERVER: gettext_lazy("Observer"),
    Role.TECH_HOST: gettext_lazy("Technical help"),
}

REFUSED: Mapping[str, object] = {
    Why.OVER.value: gettext_lazy("The session is over. Nothing can be changed any more."),
    Why.NOT_THE_MODERATOR.value: gettext_lazy("Only the moderator can do this. Please ask in the call."),
    Why.NOT_ALLOWED.value: gettext_lazy("Your role does not do this. Please ask the moderator."),
    Why.NOT_RUNNING.value: gettext_lazy("The session is not running right now. Please wait for the moderator."),
    Why.ALREADY_STARTED.value: gettext_lazy("The session has already started."),
    Why.MODERATOR_IS_HERE.value: gettext_lazy("The moderator is here. Nobody needs to take over."),
    Why.OWN_CASE.value: gettext_lazy("Who brings the case does not moderate it. Please choose another person to moderate."),
    Why.UNKNOWN_PERSON.value: gettext_lazy("This person is not in your group."),
    Why.UNKNOWN_CASE.value: gettext_lazy("This case is not on the list any more. Please choose another one."),
    Why.UNKNOWN_IDEA.value: gettext_lazy("This idea is not there any more."),
    Why.UNKNOWN_VALUE.value: gettext_lazy("This choice is not possible. Please choose again."),
    Why.NO_CASE.value: gettext_lazy("No case is chosen yet. Please choose a case first."),
    Why.CONFLICT_NOT_ASKED.value: gettext_lazy("The moderator first asks who knows the people involved."),
    Why.LISTENING.value: gettext_lazy("You only listen now. The others write."),
    Why.SITTING_OUT.value: gettext_lazy("You are sitting this case out. Please come back in first."),
    Why.NOT_NOW.value: gettext_lazy("This is not possible in this phase. The note-taker can still write it down for you."),
    Why.TOO_LATE.value: gettext_lazy("It is too late to change this. Please ask the note-taker."),
    Why.FIRST_PHASE.value: gettext_lazy("This is the first phase. You cannot go back further."),
    Why.NOT_OPTIONAL.value: gettext_lazy("This phase belongs to it. Go on when you are ready."),
    Why.TOO_MANY.value: gettext_lazy("The group is full."),
    Why.ROLE_TAKEN.value: gettext_lazy("Somebody already has this role. Please ask the moderator."),
}

FIELD: Mapping[str, object] = {
    "required": gettext_lazy("Nothing is written yet. Please write one sentence."),
    "long": gettext_lazy("The text is too long. Please shorten it."),
    "direct": gettext_lazy("This could tell who somebody is: a number, an address or a full name. Please leave it out."),
    "name": gettext_lazy("This looks like somebody's name. Please leave it out."),
}

GATES: Mapping[Gate, object] = {
    Gate.MODERATOR: gettext_lazy("Nobody moderates yet."),
    Gate.CASE_GIVER: gettext_lazy("No case is chosen yet."),
    Gate.TWO_ADVISERS: gettext_lazy("At least two people should advise."),
    Gate.KEY_QUESTION: gettext_lazy("The key question is not confirmed yet."),
    Gate.METHOD: gettext_lazy("No method is confirmed yet."),
}

NEEDS: Mapping[str, object] = {
    "captions": gettext_lazy("live captions"),
    "interpreter": gettext_lazy("interpreter"),
    "more_time": gettext_lazy("more time"),
}


def language() -> str:
    """The language of the page, without its region."""
    return (get_language() or "de").split("-")[0]


def said(text: Text) -> dict[str, str] | None:
    """A template's text with the language it is in, for the `lang` attribute; None when there is none."""
    if not text:
        return None
    wanted = language()
    found = text.language(wanted)
    return {"text": text.get(wanted), "lang": "" if found in ("", wanted) else found}


def reveal(text: Any) -> str:
    """A confidential text for the person it is open to; '' when there is none."""
    return text.reveal() if text is not None else ""


def refused(reason: str, seconds: int) -> str:
    """Why something did not happen, and what to do."""
    if reason == Why.WAIT_FOR_SKILLED.value:
        return ngettext(
            "People who can moderate come first. You can take over in %(n)s second.",
            "People who can moderate come first. You can take over in %(n)s seconds.", seconds,
        ) % {"n": seconds}
    return str(REFUSED.get(reason, gettext_lazy("That did not work. Please try again.")))


def minutes(count: int) -> str:
    """"5 minutes" in the reader's language."""
    return ngettext("%(n)s minute", "%(n)s minutes", count) % {"n": count}


def span(phase: Phase) -> str:
    """"5–15" where a phase may be shorter or longer than planned; '' where it has no range."""
    return f"{phase.min_minutes}–{phase.max_minutes}" if phase.min_minutes < phase.max_minutes else ""


def announcement(state: SessionState, role: Role, phase_name: str, listens: bool, planned: int) -> str:
    """One sentence for screen readers when the group moves on: where, how long, what I do."""
    if state.status is Status.WAITING:
        return _("The session has not started yet.")
    if state.is_over:
        return _("The session is over.")
    if state.on_break:
        return _("Break. %(minutes)s.") % {"minutes": minutes(planned)}
    if state.status is Status.BETWEEN:
        return _("The case is done.")
    if state.held:
        return _("The clock has stopped.")
    where = _("Phase %(n)s: %(name)s. %(minutes)s.") % {
        "n": state.phase_index + 1, "name": phase_name, "minutes": minutes(planned),
    }
    what = _("You are listening.") if listens else _("Your role: %(role)s.") % {"role": ROLES[role]}
    return f"{where} {what}"
