"""The volunteer's page: which state it is in, and the frame around it.

The page is complete when it arrives. An action answers the same frame again, so that what is shown always follows from
what is stored; `Asked` says what the person asked to see on top of that (a form with their input, a message).
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field
from typing import Any

from django.conf import settings as django_settings
from django.utils import timezone
from django.utils.translation import gettext as _

from beratung_xblock import live_hints
from beratung_xblock.api import sessions, standing, undertaking
from beratung_xblock.api.overview import overview
from beratung_xblock.data.actor import Actor
from beratung_xblock.data.overview import Overview
from beratung_xblock.data.settings import PlaceSettings
from beratung_xblock.exceptions import NotFound
from beratung_xblock.models import Place
from beratung_xblock.pages import session, words
from beratung_xblock.pages import volunteer_panels as panels
from beratung_xblock.pages import volunteer_rounds as rounds_of
from beratung_xblock.pages._dispatch import ACTIONS, Answer, Page
from beratung_xblock.pages.viewmodels import Closed, Companion, Flash, Help, MyData, Undertaking, VolunteerPage
from beratung_xblock.rendering import render

STYLES = ("css/tokens.css", "css/base.css", "css/volunteer.css", "css/session.css")


@dataclass(frozen=True, kw_only=True)
class Asked:
    """What the person asked to see beyond the state itself."""

    flash: Flash | None = None
    round_uid: str = ""
    signup_form: Any = None
    review: Any = None
    case: Any = None
    undertaking_error: str = ""
    reflection: Any = None
    takeaway: Any = None
    takeaway_of: str = ""
    has_errors: bool = False
    extra: dict[str, Any] = field(default_factory=dict)


def page(block, actor: Actor, place: Place, asked: Asked | None = None) -> Page:
    """The whole view of a volunteer."""
    view = build(block, actor, place, asked or Asked())
    lang, direction = words.page_language()
    html = render("volunteer/root.html", {"page": view, "lang": lang, "dir": direction})
    return Page(html=html, styles=STYLES, client=client(block, actor))


def partial(block, actor: Actor, place: Place, asked: Asked | None = None, *, status: int = 200) -> Answer:
    """The part of the view that an action replaces."""
    view = build(block, actor, place, asked or Asked())
    return Answer(body=render("volunteer/page.html", {"page": view}), status=status)


def client(block, actor: Actor) -> dict[str, Any]:
    """What the modules in the browser need: addresses of modules, sentences, the name of the CSRF cookie."""
    return {
        "modules": {
            "page": block.asset("js/modules/page.js"),
            "htmx": block.asset("vendor/htmx.esm.js"),
            "hints": block.asset("js/modules/hints.js"),
            "anonymise": block.asset("js/anonymise.js"),
        },
        "rules": words.address("anonymise_rules", language=words.page_language()[0], wanted=live_hints.version()),
        "csrfCookie": django_settings.CSRF_COOKIE_NAME,
        "texts": {
            "failed": _("That did not work. Your input is still here. Please try again."),
            "offline": _("The connection is gone. Your input is still here. Please try again."),
            "not_loaded": _("The page could not load completely. Please load it again."),
            "saved": _("Saved. Only you can read it."),
            "not_saved": _("Not saved yet. We keep trying. Please leave this page open."),
            "stale": str(words.CONFLICTS["stale"]),
            "left": _("{n} characters left"),
            "too_many": _("{n} characters too many"),
            "too_few": _("At least {n} more characters, so that the group understands it"),
            "hint": _("Could this tell who somebody is?"),
            "better": _("Better: “{replacement}”"),
            "replace": _("Replace"),
            "more_hints": _("and {n} more. They appear when you have replaced these."),
        },
    }


def build(block, actor: Actor, place: Place, asked: Asked) -> VolunteerPage:
    """The page as data."""
    state = overview(actor=actor, place=place, round_uid=asked.round_uid)
    uid = words.uid_of(actor.usage_key)
    takes_part = actor.may_take_part
    urls = {name: block.action_url(name) for name, known in ACTIONS.items() if known.audience == "volunteer"}
    urls["save_draft"] = words.address("save_draft", usage_key=actor.usage_key)
    if not takes_part:
        urls = {}
    panel, step = _panel(block, actor, state, asked, uid, urls)
    knows = takes_part and state.undertaking_on is not None and not isinstance(panel, Companion)  # nothing else beside the call
    others = rounds_of.others(actor, state) if knows else ()
    phases = () if isinstance(panel, Companion) else panels.phases(state.rules)
    return VolunteerPage(
        uid=uid,
        title=state.settings.display_name,
        eyebrow=" · ".join(filter(None, (state.settings.organisation_name, state.round.title if state.round and state.undertaking_on else ""))),
        intro=state.settings.intro_text,
        url=urls,
        help=help_of(state.settings, asked_contact=state.asked_contact, phone=asked.extra.get("phone", ""), phone_error=asked.extra.get("phone_error", "")),
        panel=panel,
        flash=asked.flash,
        step=step,
        round_uid=state.round.uid if state.round and state.undertaking_on else "",
        others=others,
        past=rounds_of.past(actor, state) if knows else (),
        others_first=rounds_of.come_first(panel, others),
        loose=rounds_of.loose(state) if knows and asked.case is None else (),
        phases=phases,
        phases_minutes=sum(phase.minutes for phase in phases),
        my_data=_my_data(actor, state) if takes_part and (state.undertaking_on or state.accepted_earlier_version) else None,
        is_masquerading=actor.is_masquerading,
        extra={"errors": asked.has_errors, "may_use_text": state.registration is not None and state.case is None and not is_over(state, timezone.now()), **asked.extra},
    )


def help_of(settings: PlaceSettings, *, asked_contact: bool = False, phone: str = "", phone_error: str = "") -> Help:
    """The numbers of the organisation."""
    return Help(
        hotline=settings.hotline, hotline_href=words.tel(settings.hotline), hotline_hours=settings.hotline_hours,
        contact_name=settings.contact_name, contact_phone=settings.contact_phone,
        contact_href=words.tel(settings.contact_phone), youth_office_phone=settings.youth_office_phone,
        youth_office_href=words.tel(settings.youth_office_phone), legal_contacts=settings.legal_contacts,
        checked_on=_day_of(settings.emergency_checked_on), contact_asked=asked_contact, phone=phone, phone_error=phone_error,
    )


def _day_of(text: str) -> str:
    """A day that an author typed, in words; what is no day stays as it was typed."""
    try:
        return words.day(dt.date.fromisoformat(text)) if text else ""
    except ValueError:
        return text


def _my_data(actor: Actor, state: Overview) -> MyData:
    accepted = ""
    if state.undertaking_on is not None:
        accepted = _("You accepted version %(version)s of the undertaking on %(day)s.") % {
            "version": state.settings.undertaking_version, "day": words.day(state.undertaking_on),
        }
    rules = state.settings
    return MyData(
        undertaking_words=accepted,
        undertaking_url=words.address("undertaking", usage_key=actor.usage_key) if accepted else "",
        export_urls=tuple(
            (name, words.address("my_data", usage_key=actor.usage_key, kind=kind))
            for kind, name in (("pdf", _("to read (PDF)")), ("json", _("for programs (JSON)")))
        ),
        contact=rules.privacy_contact,
        deletions=(
            (_("Draft, withdrawn or kept case"), _("%(n)s days after the last change") % {"n": rules.retention_draft_days}),
            (_("Case text and ideas"), _("%(n)s days after the session") % {"n": rules.retention_text_days}),
            (_("Log of who opened what"), _("after %(n)s days") % {"n": rules.retention_log_days}),
            (_("Phone number, wishes and dates of your sign-up"), _("%(n)s days after the round") % {"n": rules.retention_log_days}),
            (_("With whom you would rather not meet"), _("%(n)s days after the round") % {"n": rules.retention_text_days}),
            (_("Mails to you and what happened in a session, without texts"), _("after %(n)s days") % {"n": rules.retention_log_days}),
            (_("Proof of participation"), _("after %(n)s years") % {"n": rules.retention_attendance_years}),
            (_("Your promise of confidentiality"), _("%(n)s years after your last sign-up") % {"n": rules.retention_undertaking_years}),
        ),
    )


def _panel(block, actor: Actor, state: Overview, asked: Asked, uid: str, urls: dict[str, str]) -> tuple[Any, int]:
    """The panel of the state, and the step of the sign-up (0 outside of it)."""
    if not actor.may_take_part:
        return Closed(reason=_closed_reason(actor)), 0
    if state.round is None:
        return panels.no_round(state), 0
    if state.undertaking_on is None:
        panel = undertaking_panel(
            actor, state.settings, is_new_version=state.accepted_earlier_version, error=asked.undertaking_error,
            case_uid=state.case_to_take_back,
        )
        return panel, 0 if state.accepted_earlier_version else 1
    row = state.registration
    if asked.review is not None:
        return asked.review, 0 if row else 3
    if row is None or asked.signup_form is not None:
        if state.former is not None and asked.signup_form is None:
            return rounds_of.cancelled(actor, state), 0
        if not state.is_open:
            return panels.no_round(state), 0
        return panels.signup(actor, state, asked.signup_form, uid=uid), 0 if row else 2
    case = asked.case or panels.case(state, uid=uid)
    if state.group is not None:
        return _group_panel(block, actor, state, asked, case, uid), 0
    if not state.is_open:
        urls.pop("change_signup", None)
    return panels.registered(actor, state, case), 0


def _closed_reason(actor: Actor) -> str:
    if actor.is_anonymous:
        return "anonymous"
    if actor.is_masquerading or actor.is_course_staff or actor.is_global_staff or actor.is_instructor:
        return "staff"
    return "not_enrolled"


def undertaking_panel(
    actor: Actor, settings: PlaceSettings, *, is_new_version: bool, error: str = "", hidden: tuple[tuple[str, str], ...] = (),
    case_uid: str = "",
) -> Undertaking:
    """The text in force with the translation for this reader."""
    text = undertaking.current_text(settings=settings, language=words.page_language()[0])
    return Undertaking(
        version=text.version, german=text.binding, translation=text.translation, law=settings.privacy_law,
        is_new_version=is_new_version, session_minutes=settings.session_minutes, error=error, hidden=hidden, case_uid=case_uid,
    )


def is_over(state: Overview, now: dt.datetime) -> bool:
    """True when the session of the group is over: ended, never begun in its time, or long past its end."""
    group = state.group
    return group is not None and standing.is_over(ends_at=group.slot.ends_at, session_state=group.session_state, now=now)


def _group_panel(block, actor: Actor, state: Overview, asked: Asked, case: Any, uid: str) -> Any:
    now = timezone.now()
    if is_over(state, now):
        return panels.afterwards(actor, state, asked, uid=uid)
    panel = panels.assigned(actor, state, case, now=now)
    return _companion(block, actor, state, panel) or panel


def _companion(block, actor: Actor, state: Overview, panel: Any) -> Companion | None:
    """The page beside the call, from the time the doors open until the session is over."""
    if not panel.is_now or not state.group.session_uid:
        return None
    try:
        view = sessions.see(actor=actor, session_uid=state.group.session_uid)
    except NotFound:
        return None
    html = session.render(actor, None, view, asset=block.asset, meeting=panel.meeting)
    return Companion(html=html, group_name=panel.group_name, when=panel.when)
