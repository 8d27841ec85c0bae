"""Files about oneself: everything stored as JSON or as a readable PDF, and the undertaking that was accepted."""

from __future__ import annotations

import contextlib
import datetime as dt
import json
import re
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_variables
from django.views.decorators.http import require_GET

from beratung_xblock import access
from beratung_xblock.api import own_data, undertaking
from beratung_xblock.data.actor import Actor
from beratung_xblock.data.settings import settings_from_snapshot
from beratung_xblock.exceptions import NotFound
from beratung_xblock.live import guarded
from beratung_xblock.pages import own_words, words

STAMP = re.compile(r"^\d{4}-\d\d-\d\d(T\d\d:\d\d:\d\d(\.\d+)?[+-]\d\d:\d\d)?$")


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
    from beratung_xblock.exports.pdf import PDF_TYPE  # here and below: not when the platform starts

    return _file(_readable(data), PDF_TYPE, "meine-daten.pdf")


@sensitive_variables()
def _readable(data: dict[str, Any]) -> bytes:
    """The same data as pages to read, in the same order."""
    from beratung_xblock.exports.pdf import SOFT, Document

    title = _("What is stored about you")
    pdf = Document(title=title)
    pdf.text_line(data["place"], size=12, colour=SOFT, align=pdf.side, gap=4)
    pdf.text_line(title, size=22, bold=True, gap=8, kind="/H1")
    for key, heading in own_words.HEADINGS.items():
        pdf.text_line(str(heading), size=14, bold=True, gap=3, kind="/H2")
        if not data[key]:
            pdf.text_line(_("nothing"), size=11, colour=SOFT, gap=4)
        for entry in data[key]:
            for name, value in entry.items():
                text = _plain(value, name)
                if text:
                    pdf.text_line(own_words.label(name), size=9.5, colour=SOFT)
                    pdf.text_line(text, size=11, align=pdf.side, gap=1.5)
            pdf.rule()
    return pdf.finished()


@sensitive_variables()
def _plain(value: Any, name: str = "") -> str:
    """A value as text; nested values one after another."""
    if value is None or value in ("", [], {}):
        return ""
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    if isinstance(value, list):
        return "\n".join(filter(None, map(_plain, value)))
    if isinstance(value, dict):
        return ", ".join(f"{own_words.label(key)}: {_plain(part, key)}" for key, part in value.items() if _plain(part))
    return _in_words(str(value), name)


@sensitive_variables()
def _in_words(text: str, name: str) -> str:
    """A moment, a day or a word of ours as people say it; any other text as it is."""
    if STAMP.match(text):
        with contextlib.suppress(ValueError):  # somebody wrote what only looks like a date
            return words.day(dt.date.fromisoformat(text)) if len(text) == len("2027-04-13") else words.moment(dt.datetime.fromisoformat(text))
    return own_words.word(text, name)


@require_GET
@guarded
def undertaking_file(request: HttpRequest, *, actor: Actor) -> HttpResponse:
    """The undertaking in force as a PDF with the day it was accepted. NotFound for people who did not accept it."""
    from beratung_xblock.exports.pdf import PDF_TYPE, SOFT, Document

    place = access.place(actor)
    settings = settings_from_snapshot(place.settings)
    accepted = undertaking.accepted_on(actor=actor, settings=settings)
    if accepted is None:
        raise NotFound
    text = undertaking.current_text(settings=settings, language=words.page_language()[0])
    title = _("Undertaking of confidentiality")
    pdf = Document(title=title, author=settings.organisation_name)
    pdf.text_line(settings.organisation_name or settings.display_name, size=12, colour=SOFT, align=pdf.side, gap=4)
    pdf.text_line(title, size=22, bold=True, gap=8, kind="/H1")
    for part in filter(None, (text.binding, text.translation)):
        for paragraph in part.split("\n\n"):
            pdf.text_line(paragraph, size=11.5, gap=3)
        pdf.rule()
    pdf.facts([(_("Accepted by"), actor.full_name), (_("Accepted on"), words.moment(accepted)), (_("Version"), text.version)])
    return _file(pdf.finished(), PDF_TYPE, "verschwiegenheit.pdf")
