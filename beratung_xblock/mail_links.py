"""Pages that open without a log-in: links from mails, and the calendar for calendar programs.

A mail program may fetch every link in a mail, so a GET only shows one button. The signature in the address is the
right to press it; the page names neither the person nor the date, so a forwarded mail reveals nothing more. No cookie
is needed, and the address never goes to another site as a referrer.
"""

from __future__ import annotations

from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.utils.translation import override
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from beratung_xblock import actors, rendering
from beratung_xblock.api import calendar, waiting
from beratung_xblock.exceptions import BeratungError, Busy, Conflict
from beratung_xblock.live import OUTAGES, guarded, plain_when_away
from beratung_xblock.mails import links

CALENDAR_TYPE = "text/calendar; charset=utf-8"


def _private(response: HttpResponse) -> HttpResponse:
    response["Cache-Control"] = "no-store, private"
    response["Referrer-Policy"] = "no-referrer"
    response["X-Robots-Tag"] = "noindex, nofollow"
    return response


def _question(purpose: str) -> tuple[str, str]:
    """What the page asks and what its button says."""
    return {
        links.ACCEPT_OFFER: (_("Would you like to accept the place?"), _("Accept the place")),
        links.DECLINE_OFFER: (_("Would you like to decline the place?"), _("Decline the place")),
        links.CONFIRM: (_("Will you come to your appointment?"), _("I will come")),
        links.DECLINE: (_("Would you like to cancel your appointment?"), _("I cannot come")),
        links.STOP_REMINDERS: (_("Would you like no more reminders for this appointment?"), _("No more reminders")),
    }[purpose]


def _answer(purpose: str) -> str:
    return {
        links.ACCEPT_OFFER: _("Thank you. The place is yours. You also get a mail about it."),
        links.DECLINE_OFFER: _("Thank you for telling us. We ask the next person now."),
        links.CONFIRM: _("Thank you. We look forward to seeing you."),
        links.DECLINE: _("Thank you for telling us. You are no longer registered."),
        links.STOP_REMINDERS: _("You get no more reminders. You stay registered."),
    }[purpose]


def _refusal(reason: str) -> str:
    return {
        "no_offer": _("This offer is over. The place may have gone to somebody else. Your page shows where you stand."),
        "no_session": _("This appointment has changed. Please look at your page or at the newest mail."),
        "accepted": _("You have accepted this place already. If you cannot come after all, please cancel on your page."),
        "closed": _("This round is over. There is nothing left to do."),
    }.get(reason, _("That did not work. Please try again in a few minutes."))


def _page(language: str, status: int = 200, **context: str) -> HttpResponse:
    html = rendering.render(
        "mail/link.html",
        {"language": language, "direction": "rtl" if links.is_rtl(language) else "ltr", **context},
    )
    return _private(HttpResponse(html, status=status))


@transaction.non_atomic_requests
@csrf_exempt  # nobody is logged in here: the signed address itself is the right, and no cookie could add to it
@require_http_methods(["GET", "HEAD", "POST"])
def mail_link(request: HttpRequest, token: str) -> HttpResponse:
    """The page behind a link in a mail: asks on GET, acts on POST."""
    try:
        link = links.read(token)
    except links.BadLink as bad:
        with override(bad.language or "de"):
            words = (
                _("This link has run out. Your page shows where you stand.")
                if bad.expired
                else _("This link does not work. Please copy the whole address from the mail.")
            )
            return _page(
                bad.language or "de", 410 if bad.expired else 404, title=_("Link does not work"), message=words
            )
    with override(link.language):
        question, button = _question(link.purpose)
        if request.method != "POST":
            message = _("If you decline, you also leave the waiting list.") if link.purpose == links.DECLINE_OFFER else ""
            return _page(link.language, title=question, button=button, message=message)
        try:
            waiting.answer_link(link=link)
        except Conflict as conflict:
            return _page(link.language, 409, title=_("Not possible any more"), message=_refusal(conflict.reason))
        except (Busy, *OUTAGES):
            return _page(link.language, 503, title=question, message=_refusal("busy"), button=button)
        return _page(link.language, title=_("Done"), message=_answer(link.purpose))


@plain_when_away
@require_GET
def calendar_feed(request: HttpRequest, secret: str) -> HttpResponse:
    """A person's calendar for the program that subscribed to it."""
    try:
        raw = calendar.feed(secret=secret)
    except BeratungError:
        return _private(HttpResponse(status=404))
    return _private(HttpResponse(raw, content_type=CALENDAR_TYPE))


@require_GET
@guarded
def calendar_file(request: HttpRequest, *, actor, group_uid: str) -> HttpResponse:
    """The calendar file of one's own session."""
    response = HttpResponse(calendar.file_of_group(actor=actor, group_uid=group_uid), content_type=CALENDAR_TYPE)
    response["Content-Disposition"] = 'attachment; filename="termin.ics"'
    return response


@require_POST
@guarded
def calendar_subscription(request: HttpRequest, *, actor) -> HttpResponse:
    """Make (`wanted=yes`) or end (`wanted=no`) one's secret calendar address; answers with the part of the page."""
    address = ""
    if request.POST.get("wanted") == "no":
        calendar.revoke(actor=actor)
    else:
        address = f"{actors.base_address()}/beratung/calendar/{calendar.subscribe(actor=actor)}.ics"
    response = HttpResponse(
        rendering.render("mail/calendar_address.html", {"address": address, "usage_key": actor.usage_key})
    )
    response["X-Beratung"] = "1"  # the client of the page swaps in our own answers only
    return response
