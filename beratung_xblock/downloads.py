"""Files to take away: the list of registrations, the report, certificates; and the public page that checks a code.

Each file view builds its actor itself and asks `api`, as every plain view does. A GET changes nothing: certificates are made
with a button (`pages.certificates`), here they are only fetched. What writes the files is imported when one is asked for: the
platform loads this module when it starts, and the libraries of documents cost it a third of a second.
"""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.translation import get_language, get_language_bidi
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_safe

from beratung_xblock import actors, rendering
from beratung_xblock.api import certificates, reports
from beratung_xblock.api import desk as api_desk
from beratung_xblock.api import rounds as api_rounds
from beratung_xblock.data.actor import Actor
from beratung_xblock.data.reports import Certificate
from beratung_xblock.exceptions import NotFound
from beratung_xblock.kept import cache
from beratung_xblock.live import guarded, plain_when_away
from beratung_xblock.pages.desk import words
from beratung_xblock.pages.desk.lists import short_slot

CHUNK = 500
CHECKS_A_MINUTE = 30


def _file(content: bytes, kind: str, name: str) -> HttpResponse:
    response = HttpResponse(content, content_type=kind)
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    response["X-Content-Type-Options"] = "nosniff"
    return response


def _language() -> str:
    return (get_language() or "de").split("-")[0]


@require_GET
@guarded
def registrations_file(request: HttpRequest, *, actor: Actor, round_uid: str) -> HttpResponse:
    """The registrations of a round as XLSX, for its coordinator: what the list shows, all pages."""
    from beratung_xblock.exports import tables

    if not actor.may_lead:
        raise NotFound
    full = api_rounds.get_round(actor=actor, round_uid=round_uid)
    when = {slot.uid: short_slot(slot, _language()) for slot in full.slots if not slot.is_cancelled}
    heading = [
        _("Name"), _("State"), _("Region"), _("Organisation"), _("Languages"), _("Can moderate"), _("Brings a case"), *when.values(),
    ]  # fmt: skip
    answers = {"yes": _("yes"), "maybe": _("if need be"), "no": _("no")}
    lines: list[list[Any]] = []
    offset, total = 0, 1
    while offset < total:
        page = api_desk.registrations(actor=actor, round_uid=round_uid, order="name", offset=offset, limit=CHUNK)
        total, offset = page.total, offset + CHUNK
        lines += [
            [
                row.display_name, words.REGISTRATION_STATES[row.state](), row.region, row.organisation,
                ", ".join(words.language_name(code) for code in row.languages), answers["yes"] if row.can_moderate else "",
                answers["yes"] if row.brings_case else "", *(answers.get(row.answers.get(uid, ""), "") for uid in when),
            ]
            for row in page.rows
        ]  # fmt: skip
    return _file(tables.as_xlsx(full.title, heading, lines), tables.XLSX_TYPE, "anmeldungen.xlsx")


@require_GET
@guarded
def report_file(request: HttpRequest, *, actor: Actor, kind: str) -> HttpResponse:
    """The report as csv, xlsx or pdf; the same words in the address as in the form of the page."""
    from beratung_xblock.exports import report_pdf, tables
    from beratung_xblock.exports.pdf import PDF_TYPE

    ask = request.GET
    found = reports.report(
        actor=actor, year=ask.get("year"), quarter=ask.get("quarter") or 0, by=ask.get("by") or "quarter",
        region=ask.get("region") if ask.get("region_set") else None, take_part=ask.get("take_part", ""),
        columns=ask.getlist("columns"),
    )
    name = f"bericht-{found.year}" + (f"-q{found.quarter}" if found.quarter else "")
    if kind == "csv":
        return _file(tables.report_csv(found), tables.CSV_TYPE, f"{name}.csv")
    if kind == "xlsx":
        return _file(tables.report_xlsx(found), tables.XLSX_TYPE, f"{name}.xlsx")
    if kind == "pdf":
        return _file(report_pdf.report_pdf(found, today=timezone.localdate(), language=_language()), PDF_TYPE, f"{name}.pdf")
    raise NotFound


def _certificate(found: Certificate) -> HttpResponse:
    from beratung_xblock.exports.certificate_pdf import certificate_pdf
    from beratung_xblock.exports.pdf import PDF_TYPE

    address = f"{actors.base_address()}/beratung/check/"
    name = f"stunden-{found.year}.pdf" if found.kind == certificates.HOURS else "teilnahmebescheinigung.pdf"
    return _file(certificate_pdf(found, check_address=address, language=_language()), PDF_TYPE, name)


@require_GET
@guarded
def certificate(request: HttpRequest, *, actor: Actor, round_uid: str) -> HttpResponse:
    """One's own Teilnahmebescheinigung of a round."""
    return _certificate(certificates.own(actor=actor, round_uid=round_uid))


@require_GET
@guarded
def hours(request: HttpRequest, *, actor: Actor, year: int) -> HttpResponse:
    """One's own statement of hours of a year."""
    return _certificate(certificates.own_hours(actor=actor, year=year))


@require_GET
@guarded
def certificate_of(request: HttpRequest, *, actor: Actor, registration_uid: str) -> HttpResponse:
    """A volunteer's Teilnahmebescheinigung, for their coordinator."""
    return _certificate(certificates.of_registration(actor=actor, registration_uid=registration_uid))


@plain_when_away
@require_safe
def check(request: HttpRequest) -> HttpResponse:
    """Is this code valid? For anybody, without a log-in; says yes or no and nothing about whom or what.

    A code has 80 random bits, so the limit of tries a minute only keeps the database quiet.
    """
    code = request.GET.get("code", "")[:60]
    answer = ""
    status = 200
    if code:
        key = f"beratung-check-{request.META.get('REMOTE_ADDR', '')}"
        cache.add(key, 0, 60)
        try:
            tries = cache.incr(key)
        except ValueError:  # the count has just run out, or this cache keeps nothing
            tries = 1
        if tries > CHECKS_A_MINUTE:
            answer, status = "wait", 429
        else:
            answer = "valid" if certificates.is_valid(code=code) else "unknown"
    html = rendering.render(
        "print/check.html",
        {"language": _language(), "direction": "rtl" if get_language_bidi() else "ltr", "code": code, "answer": answer},
    )
    response = HttpResponse(html, status=status)
    response["Cache-Control"] = "no-store"
    response["Referrer-Policy"] = "no-referrer"
    response["X-Robots-Tag"] = "noindex"
    return response
