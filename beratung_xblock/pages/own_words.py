"""What the readable file about oneself says: a label for each field, words for stored words, headings in order."""

from __future__ import annotations

from django.utils.translation import gettext_lazy
from django.views.decorators.debug import sensitive_variables

from beratung_xblock.mails.texts import why_not_placed
from beratung_xblock.pages import forms
from beratung_xblock.pages import words as page_words
from beratung_xblock.pages.desk import words as desk_words

LABELS = {
    "accepted": gettext_lazy("Accepted on"), "action": gettext_lazy("Action"), "answer": gettext_lazy("Answer"),
    "answers": gettext_lazy("Your dates"), "at": gettext_lazy("When"), "attended": gettext_lazy("Attended"),
    "brings_case": gettext_lazy("I would like to bring a case"), "can_moderate": gettext_lazy("I can moderate a group"),
    "changed": gettext_lazy("Last change"), "date": gettext_lazy("Date"), "display_name": gettext_lazy("Your name in the group"),
    "experience": gettext_lazy("Your experience"), "first_step": gettext_lazy("Your first step"),
    "helped": gettext_lazy("Did the session help you?"), "ideas": gettext_lazy("Ideas"), "issued": gettext_lazy("Issued on"),
    "key_question": gettext_lazy("Key question"), "kind": gettext_lazy("Kind"), "language": gettext_lazy("Language"),
    "languages": gettext_lazy("Languages"), "method": gettext_lazy("How should the group help you?"),
    "minutes": gettext_lazy("Minutes"), "minutes_present": gettext_lazy("Minutes"), "needs": gettext_lazy("What helps you"),
    "organisation": gettext_lazy("Organisation"), "rather_not_with": gettext_lazy("I would rather not be in a group with somebody"),
    "readable": gettext_lazy("Can be opened"), "reflected": gettext_lazy("Looked back"), "reflection": gettext_lazy("Look back"),
    "region": gettext_lazy("Your region"), "role": gettext_lazy("Role"), "round": gettext_lazy("Round"),
    "safe": gettext_lazy("Did you feel safe in the group?"), "signed_up": gettext_lazy("Signed up"),
    "situation": gettext_lazy("What is the situation?"), "staff_may_read": gettext_lazy("The coordination may read my text before the session"),
    "state": gettext_lazy("State"), "take_part": gettext_lazy("How do you take part?"), "takeaway": gettext_lazy("What do you take with you?"),
    "title": gettext_lazy("Title"), "tried": gettext_lazy("What have you already tried?"), "urgency": gettext_lazy("How urgent is it?"),
    "answered": gettext_lazy("Answered on"), "cancel_reason": gettext_lazy("Reason"), "cancelled_on": gettext_lazy("Cancelled on"),
    "confirmed": gettext_lazy("Confirmed on"), "created": gettext_lazy("Created on"), "ended": gettext_lazy("Ended on"),
    "group": gettext_lazy("Group"), "ideas_i_gave": gettext_lazy("Ideas you gave"), "joined": gettext_lazy("In the group since"),
    "left": gettext_lazy("Left the group on"), "not_placed_because": gettext_lazy("Why no group fitted"),
    "note": gettext_lazy("Your private note"), "note_on_minutes": gettext_lazy("Note of the coordination on the minutes"),
    "offers": gettext_lazy("Places offered to you"), "offers_missed": gettext_lazy("Offers that ran out"),
    "page_language": gettext_lazy("Language of the page"), "page_open_from": gettext_lazy("Page of the session open from"),
    "page_open_until": gettext_lazy("Page of the session open until"), "phone": gettext_lazy("Phone number"),
    "rounds_waited": gettext_lazy("Rounds without a place"), "sat_out": gettext_lazy("You knew those involved and sat out"),
    "sent": gettext_lazy("Sent on"), "signed_on_paper": gettext_lazy("Signed on paper on"), "time_zone": gettext_lazy("Time zone"),
    "wants_reminders": gettext_lazy("Reminders by mail"),
    "version": gettext_lazy("Version"), "will_be_deleted": gettext_lazy("Will be deleted"),
    "wish_with": gettext_lazy("I would like to be in a group with"),
}  # fmt: skip
WORDS = {
    **desk_words.HISTORY, **page_words.ROLE_NAMES, **dict(forms.ANSWERS), **dict(forms.TAKE_PART), **dict(forms.NEEDS), **forms.LANGUAGE_NAMES,
    "registered": gettext_lazy("signed up"), "waiting": gettext_lazy("on the waiting list"),
    "offered": gettext_lazy("a place is offered"), "cancelled": gettext_lazy("cancelled"), "draft": gettext_lazy("Draft"),
    "submitted": gettext_lazy("submitted"), "withdrawn": gettext_lazy("withdrawn"), "consulted": gettext_lazy("consulted"),
    "kept": gettext_lazy("kept"), "own": gettext_lazy("you"), "coordinator": gettext_lazy("Coordination"),
    "attendance": gettext_lazy("Certificate of attendance"), "hours": gettext_lazy("Statement of hours"),
    "attendance.record": gettext_lazy("Attendance recorded"), "calendar_address": gettext_lazy("Address of your calendar"),
    "call_back": gettext_lazy("Call by the staff"), "case.draft": gettext_lazy("Draft of a case saved"),
    "case.read": gettext_lazy("Case opened"), "conflict.declare": gettext_lazy("Said that you know those involved"),
    "coordination": gettext_lazy("You coordinate"), "exclusion.declare": gettext_lazy("Named somebody you would rather not meet"),
    "exclusion.take_back": gettext_lazy("Took such a name back"), "ideas.delete": gettext_lazy("Ideas deleted"),
    "next_round": gettext_lazy("Mail when the next round opens"), "own_data.export": gettext_lazy("Own data saved as a file"),
    "reflection.write": gettext_lazy("Looked back"), "round.publish": gettext_lazy("Groups published"),
    "session.end": gettext_lazy("Session ended"), "session.hand_over": gettext_lazy("Moderation handed over"),
    "session.merge": gettext_lazy("Groups put together"), "session.take_over": gettext_lazy("Moderation taken over"),
    "takeaway.save": gettext_lazy("Noted what you take with you"), "undertaking.accept": gettext_lazy("Undertaking accepted"),
    "volunteer": gettext_lazy("Volunteer"), "system": gettext_lazy("by itself"),
}  # fmt: skip
BY_FIELD = {"kind": desk_words.MAIL_KINDS, "urgency": dict(forms.URGENCY), "experience": dict(forms.EXPERIENCE)}
"""Words of single fields, which mean something else elsewhere."""
HEADINGS = {
    "undertakings": gettext_lazy("Undertaking"),
    "registrations": gettext_lazy("Your sign-ups"),
    "sessions": gettext_lazy("Your groups"),
    "cases": gettext_lazy("Your cases"),
    "results": gettext_lazy("What the group gave you"),
    "participation": gettext_lazy("Your participation"),
    "certificates": gettext_lazy("Certificates"),
    "wishes_to_be_told": gettext_lazy("What you asked for"),
    "mails": gettext_lazy("Mails to you"),
    "who_opened_my_cases": gettext_lazy("Who opened or changed your cases"),
    "log": gettext_lazy("Record of what you did here"),
}


def label(name: str) -> str:
    """The name of a field."""
    return str(LABELS.get(name, name.replace("_", " ")))


@sensitive_variables()
def word(text: str, field: str = "") -> str:
    """A stored word as people say it; any other text as it is. Some fields have words of their own."""
    found = BY_FIELD.get(field, {}).get(text) or WORDS.get(text)
    if found is None:
        return why_not_placed(text) or text
    return str(found() if callable(found) else found)
