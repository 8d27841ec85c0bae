"""Files about oneself: everything stored as JSON or as a readable PDF, and the undertaking that was accepted."""

from __future__ import annotations

import datetime as dt
import json
import re
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.debug import sensitive_variables
from django.views.decorators.http import require_GET

from beratung_xblock import access
from beratung_xblock.api import own_data, undertaking
from beratung_xblock.data.actor import Actor
from beratung_xblock.data.settings import settings_from_snapshot
from beratung_xblock.exceptions import NotFound
from beratung_xblock.exports.pdf import PDF_TYPE, SOFT, Document, is_rtl
from beratung_xblock.live import guarded
from beratung_xblock.pages import forms, words

STAMP = re.compile(r"^\d{4}-\d\d-\d\d(T\d\d:\d\d:\d\d(\.\d+)?[+-]\d\d:\d\d)?$")
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
    "version": gettext_lazy("Version"), "will_be_deleted": gettext_lazy("Will be deleted"),
    "wish_with": gettext_lazy("I would like to be in a group with"),
}  # fmt: skip
WORDS = {
    **dict(forms.ANSWERS), **dict(forms.TAKE_PART), **dict(forms.NEEDS), **forms.LANGUAGE_NAMES,
    "registered": gettext_lazy("signed up"), "waiting": gettext_lazy("on the waiting list"),
    "offered": gettext_lazy("a place is offered"), "cancelled": gettext_lazy("cancelled"), "draft": gettext_lazy("Draft"),
    "submitted": gettext_lazy("submitted"), "withdrawn": gettext_lazy("withdrawn"), "consulted": gettext_lazy("consulted"),
    "kept": gettext_lazy("kept"), "own": gettext_lazy("you"), "coordinator": gettext_lazy("Coordination"),
    "volunteer": gettext_lazy("Volunteer"), "system": gettext_lazy("by itself"),
}  # fmt: skip
HEADINGS = {
    "undertakings": gettext_lazy("Undertaking"),
    "registrations": gettext_lazy("Your sign-ups"),
    "cases": gettext_lazy("Your cases"),
    "results": gettext_lazy("What the group gave you"),
    "participation": gettext_lazy("Your participation"),
    "certificates": gettext_lazy("Certificates"),
    "who_opened_my_cases": gettext_lazy("Who opened or changed your cases"),
}


def _file(content: bytes, kind: str, name: str) -> HttpResponse:
    response = HttpResponse(content, content_type=kind)
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    response["X-Content-Type-Options"] = "nosniff"
    return response


@require_GET
@guarded
@sensitive_variables()
def my_data(request: HttpRequest, *, actor: Actor, kind: str) -> HttpResponse:
    """Everything stored about the person who asks; `kind` is json or pdf. Nobody else can ask this."""
    if kind not in ("json", "pdf"):
        raise NotFound
    data = own_data.own_data(actor=actor)
    if kind == "json":
        body = json.dumps(data, ensure_ascii=False, indent=2).encode()
        return _file(body, "application/json; charset=utf-8", "meine-daten.json")
    return _file(_readable(data), PDF_TYPE, "meine-daten.pdf")


@sensitive_variables()
def _readable(data: dict[str, Any]) -> bytes:
    """The same data as pages to read, in the same order."""
    title = _("What is stored about you")
    side = "R" if is_rtl(title) else "L"
    pdf = Document(title=title)
    pdf.text_line(data["place"], size=12, colour=SOFT, align=side, gap=4)
    pdf.text_line(title, size=22, bold=True, gap=8, kind="/H1")
    for key, heading in HEADINGS.items():
        pdf.text_line(str(heading), size=14, bold=True, gap=3, kind="/H2")
        if not data[key]:
            pdf.text_line(_("nothing"), size=11, colour=SOFT, gap=4)
        for entry in data[key]:
            for name, value in entry.items():
                text = _plain(value)
                if text:
                    pdf.text_line(_label(name), size=9.5, colour=SOFT)
                    pdf.text_line(text, size=11, align=side, gap=1.5)
            pdf.rule()
    return pdf.finished()


def _label(name: str) -> str:
    return str(LABELS.get(name, name.replace("_", " ")))


def _plain(value: Any) -> str:
    """A value as text; nested values one after another."""
    if value is None or value in ("", [], {}):
        return ""
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    if isinstance(value, list):
        return "\n".join(filter(None, map(_plain, value)))
    if isinstance(value, dict):
        return ", ".join(f"{_label(key)}: {_plain(part)}" for key, part in value.items() if _plain(part))
    return _in_words(str(value))


def _in_words(text: str) -> str:
    """A moment, a day or a word of ours as people say it; any other text as it is."""
    if not STAMP.match(text):
        return str(WORDS.get(text, text))
    if len(text) == len("2027-04-13"):
        return words.day(dt.date.fromisoformat(text))
    return words.moment(dt.datetime.fromisoformat(text))


@require_GET
@guarded
def undertaking_file(request: HttpRequest, *, actor: Actor) -> HttpResponse:
    """The undertaking in force as a PDF with the day it was accepted. NotFound for people who did not accept it."""
    place = access.place(actor)
    settings = settings_from_snapshot(place.settings)
    accepted = undertaking.accepted_on(actor=actor, settings=settings)
    if accepted is None:
        raise NotFound
    text = undertaking.current_text(settings=settings, language=words.page_language()[0])
    title = _("Undertaking of confidentiality")
    pdf = Document(title=title, author=settings.organisation_name)
    pdf.text_line(settings.organisation_name or settings.display_name, size=12, colour=SOFT, gap=4)
    pdf.text_line(title, size=22, bold=True, gap=8, kind="/H1")
    for part in filter(None, (text.binding, text.translation)):
        for paragraph in part.split("\n\n"):
            pdf.text_line(paragraph, size=11.5, gap=3)
        pdf.rule()
    pdf.facts([(_("Accepted by"), actor.full_name), (_("Accepted on"), words.moment(accepted)), (_("Version"), text.version)])
    return _file(pdf.finished(), PDF_TYPE, "verschwiegenheit.pdf")
