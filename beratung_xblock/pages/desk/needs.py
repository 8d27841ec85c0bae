"""The lines of "Heute" in words, and the presses that solve them at once."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from beratung_xblock.api import asking, assignment
from beratung_xblock.api import desk as api_desk
from beratung_xblock.data.desk import Need
from beratung_xblock.pages import words as page_words
from beratung_xblock.pages._dispatch import Answer, Click, action
from beratung_xblock.pages.desk.frame import Desk, doing, section
from beratung_xblock.times import short_day, words_for_time


@dataclass(frozen=True)
class Line:
    """One line of "Heute": a sentence, the text of its button, and what is asked once before a press that tells many people."""

    sentence: str
    button: str
    ask: str = ""


def need(item: Need, language: str) -> Line:
    """One thing that needs the coordinator in words."""
    p: dict[str, Any] = dict(item.params)
    if "starts_at" in p:
        p["when"] = words_for_time(p["starts_at"], p["ends_at"], p["time_zone"], language)
    if "since" in p:
        p["asked"] = short_day(p["since"], "Europe/Berlin", language)
    if "closes_at" in p:
        p["until"] = short_day(p["closes_at"], "Europe/Berlin", language)
    count = int(p.get("count", 0) or 0)
    by_mail = (_("Remind them by mail"), _("Ask for the case by mail"))
    lines = {
        "contact": lambda: ((_("%(name)s asks for a call and gave no number: %(address)s (since %(asked)s).") if p["address"] else _("%(name)s asks for a call (since %(asked)s).")) % p, _("Mark as called")),
        "round_draft": lambda: (_("The round “%(title)s” is a draft. Nobody can see it yet.") % p, _("Open the round")),
        "round_open": lambda: (_("“%(title)s”: %(registered)s people registered, %(waiting)s waiting. Sign-up until %(until)s.") % p, _("See registrations")),
        "assign": lambda: (_("“%(title)s”: sign-up has ended with %(registered)s people. The groups are not published yet.") % p, _("Build groups")),
        "moderators_missing": lambda: (ngettext("“%(title)s”: one more moderator is needed.", "“%(title)s”: %(count)s more moderators are needed.", count) % p, *_ask_or_see(item)),
        "unplaced": lambda: (ngettext("“%(title)s”: one person has no place.", "“%(title)s”: %(count)s people have no place.", count) % p, _("Repair groups")),
        "attendance": lambda: (_("Group %(number)s met on %(when)s. Who was there?") % p, _("Enter attendance")),
        "session_soon": lambda: (_("Group %(number)s meets: %(when)s (%(people)s people).") % p, _("See the session")),
        "session_running": lambda: (_("Group %(number)s is meeting now (%(people)s people).") % p, _("See the session")),
        "group_small": lambda: (_("Group %(number)s (%(when)s) has only %(people)s people.") % p, _("Repair groups")),
        "call_offer": lambda: (_("%(name)s has no mail address. Please call: a place is free. We need an answer until %(until)s.") % p, _("Enter the answer")),
        "call_assigned": lambda: (_("%(name)s has no mail address. Please call: the date is %(when)s.") % p, _("Mark as called")),
        "call_cancelled": lambda: (_("%(name)s has no mail address. Please call: the date does not take place.") % p, _("Mark as called")),
        "call_not_placed": lambda: (_("%(name)s has no mail address. Please call: there is no group this time.") % p, _("Mark as called")),
        "groups_small": lambda: (_("Group %(number)s (%(when)s) has only %(people)s people. Group %(other)s meets at the same time with %(other_people)s.") % p, _("Join the two groups")),
        "unconfirmed": lambda: (_silent(count) % p, by_mail[0]),
        "case_missing": lambda: (ngettext("Group %(number)s (%(when)s): the planned case has not been handed in.", "Group %(number)s (%(when)s): %(count)s planned cases have not been handed in.", count) % p, by_mail[1]),
        "no_meeting": lambda: (_("Group %(number)s (%(when)s) has no meeting link.") % p, _("Enter the link")),
        "close_year": lambda: (_("The year %(year)s is over. When all attendance is entered, please close it for the report.") % p, _("See the report")),
        "close_quarter": lambda: (_("Quarter %(quarter)s of %(year)s is over. When all attendance is entered, please close it for the report.") % p, _("See the report")),
        "mail_failed": lambda: (ngettext("One mail could not be sent.", "%(count)s mails could not be sent.", count) % p, _("See mails")),
        "no_round": lambda: (_("There is no round yet."), _("Create a round")),
    }
    return Line(*lines[item.kind]())


def _silent(count: int) -> str:
    return ngettext(
        "Group %(number)s (%(when)s): one of %(people)s people has not confirmed.",
        "Group %(number)s (%(when)s): %(count)s of %(people)s people have not confirmed.", count,
    )  # fmt: skip


def _ask_or_see(item: Need) -> tuple[str, ...]:
    if item.act:
        return (_("Ask for moderators"), _("Everybody registered who does not moderate yet gets one mail."))
    return (_("See registrations"),)


@section("today")
def today(desk: Desk) -> Mapping[str, Any]:
    """What needs the coordinator now."""
    lines = []
    for item in api_desk.today(actor=desk.actor):
        phone = str(item.params.get("phone", ""))
        lines.append({"item": item, "line": need(item, desk.actor.language), "phone": phone, "tel": page_words.tel(phone)})
    return {"needs": lines}


def _asking(click: Click, ask: Callable[[], int]) -> Answer:
    asked: list[int] = []

    def done() -> str:
        return ngettext("One person gets a mail.", "%(n)s people get a mail.", asked[0]) % {"n": asked[0]}

    return doing(click, "today", lambda: asked.append(ask()), done=done)


@action("group.remind", audience="coordinator")
def remind(click: Click) -> Answer:
    """Remind those of a group who have not confirmed."""
    return _asking(click, lambda: asking.remind(actor=click.actor, group_uid=click.data.get("group", "")))


@action("group.ask_case", audience="coordinator")
def ask_case(click: Click) -> Answer:
    """Ask for a planned case."""
    return _asking(click, lambda: asking.ask_for_case(actor=click.actor, group_uid=click.data.get("group", "")))


@action("round.ask_moderators", audience="coordinator")
def ask_moderators(click: Click) -> Answer:
    """Ask those registered whether they would moderate."""
    return _asking(click, lambda: asking.ask_for_moderators(actor=click.actor, round_uid=click.data.get("round", "")))


@action("group.merge", audience="coordinator")
def merge(click: Click) -> Answer:
    """Join two small groups on the board; people are told when it is published."""
    return doing(
        click, "assignment",
        lambda: assignment.merge_groups(
            actor=click.actor, round_uid=click.data.get("round", ""), group=click.data.get("group", ""), into=click.data.get("into", "")
        ),
        done=_("Joined on the board. Nobody has been told yet: please look at it and publish."),
    )
