"""What each kind of mail says. One function per kind: facts in, a letter out; text and HTML are made from the same letter.

Subjects name at most a date: they show on lock screens. Nothing here names another person or a case.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from beratung_xblock import times
from beratung_xblock.data.enums import RegistrationState, SlotAnswer
from beratung_xblock.mails.facts import Facts
from beratung_xblock.models import Slot


@dataclass(frozen=True)
class Action:
    """One thing the reader can do: a button in HTML, a labelled address in text. `purpose` is one of ours or "page"."""

    label: str
    purpose: str
    is_main: bool = False


@dataclass(frozen=True, kw_only=True)
class Letter:
    """One mail in words: plain sentences, labelled facts, actions, sentences below them."""

    subject: str
    paragraphs: tuple[str, ...]
    facts: tuple[tuple[str, str], ...] = ()
    actions: tuple[Action, ...] = ()
    after: tuple[str, ...] = ()


def _day(facts: Facts) -> str:
    return times.short_day(facts.slot.starts_at, facts.zone, facts.language)


def _when(facts: Facts) -> Iterator[tuple[str, str]]:
    both = facts.when()
    yield _("When"), both.home
    if both.own:
        yield _("On your clock"), both.own
    yield _("Where"), _("Online. You find the link to the meeting on your page.")


def _page(label: str = "", *, is_main: bool = True) -> Action:
    return Action(label or _("Open my page"), "page", is_main)


def _answered(facts: Facts) -> tuple[tuple[str, str], ...]:
    """The dates the person themselves offered, in order."""
    rows = Slot.objects.filter(
        availabilities__registration=facts.registration,
        availabilities__answer__in=(SlotAnswer.YES.value, SlotAnswer.MAYBE.value),
        is_cancelled=False,
    ).order_by("starts_at")
    words = [
        times.words_for_both(row.starts_at, row.ends_at, row.time_zone, facts.registration.time_zone, facts.language)
        for row in rows
    ]
    return tuple(
        (
            _("Your dates") if number == 0 else "",
            _("%(home)s. On your clock: %(own)s") % {"home": both.home, "own": both.own} if both.own else both.home,
        )
        for number, both in enumerate(words)
    )


def _confirmation(facts: Facts) -> Letter:
    return Letter(
        subject=_("Your registration"),
        paragraphs=(
            _("You are registered for the next peer consultation."),
            _("We now look for a group for you. You get a mail as soon as there is one.")
            if facts.is_published
            else _("We now form the groups. You get a mail with your date as soon as that is done."),
        ),
        facts=_answered(facts),
        actions=(_page(),),
        after=(
            _("You can change or cancel your registration on your page until %(moment)s.")
            % {"moment": facts.moment(facts.closes_at)}
            if facts.is_open
            else _("If you cannot come after all, please cancel on your page."),
        ),
    )


def _waiting(facts: Facts) -> Letter:
    return Letter(
        subject=_("Your place on the waiting list"),
        paragraphs=(
            _("All places are taken at the moment. You are on the waiting list."),
            _("As soon as a place is free on one of your dates, we offer it to you by mail."),
            _("Your position is shown on your page."),
        ),
        facts=_answered(facts),
        actions=(_page(),),
        after=(_("You do not want to wait any longer? You can cancel on your page."),),
    )


def _offer(facts: Facts) -> Letter:
    return Letter(
        subject=_("A place is free for you"),
        paragraphs=(
            _("A place is free. We keep it for you until %(moment)s.")
            % {"moment": facts.moment(facts.offer.expires_at)},
            _("If we hear nothing from you by then, we ask the next person."),
        ),
        facts=_answered(facts),
        actions=(
            Action(_("Accept the place"), "accept-offer", True),
            Action(_("Decline the place"), "decline-offer"),
        ),
        after=(_("If you decline, you also leave the waiting list."),),
    )


def _offer_expired(facts: Facts) -> Letter:
    return Letter(
        subject=_("Your offer has ended"),
        paragraphs=(
            _("We had kept a place for you and have not heard from you. We are now asking the next person."),
            _("You stay on the waiting list, behind the others."),
        ),
        actions=(_page(),),
    )


def _assigned(facts: Facts) -> Letter:
    return Letter(
        subject=_("Appointment on %(day)s") % {"day": _day(facts)},
        paragraphs=(_("Your group is formed. This is your date:"),),
        facts=tuple(_when(facts)),
        actions=(
            Action(_("I will come"), "confirm", True),
            Action(_("I cannot come"), "decline"),
            _page(is_main=False),
        ),
        after=(
            _("The attached file puts the date into your calendar."),
            ngettext(
                "The meeting opens %(minutes)s minute before it begins.",
                "The meeting opens %(minutes)s minutes before it begins.",
                facts.settings.doors_open_minutes,
            )
            % {"minutes": facts.settings.doors_open_minutes},
        ),
    )


def _changed(facts: Facts) -> Letter:
    return Letter(
        subject=_("Changed: appointment on %(day)s") % {"day": _day(facts)},
        paragraphs=(_("Something has changed. This is now your date:"),),
        facts=tuple(_when(facts)),
        actions=(
            Action(_("I will come"), "confirm", True),
            Action(_("I cannot come"), "decline"),
            _page(is_main=False),
        ),
        after=(_("The attached file changes the date in your calendar."),),
    )


def _cancelled(facts: Facts) -> Letter:
    if facts.membership is None:
        return Letter(
            subject=_("The round does not take place"),
            paragraphs=(
                _("The round you are registered for does not take place. We are sorry."),
                _("You need not do anything. We tell you when there is a new round, if you ask for it on your page."),
            ),
            actions=(_page(),),
        )
    return Letter(
        subject=_("Cancelled: appointment on %(day)s") % {"day": _day(facts)},
        paragraphs=(_("Your date does not take place. We are sorry."),),
        facts=tuple(_when(facts))[:-1],
        actions=(_page(),),
        after=(_("The attached file removes the date from your calendar."),),
    )


def _how_it_ended(facts: Facts) -> str:
    if not facts.by_owner:
        return _("The coordination has cancelled your registration.")
    return {
        RegistrationState.WAITING.value: lambda: _("You have left the waiting list."),
        RegistrationState.OFFERED.value: lambda: _("You have declined the place. You are no longer on the waiting list."),
    }.get(facts.left_as, lambda: _("You have cancelled. Your place is free for somebody else now."))()


def _withdrawn(facts: Facts) -> Letter:
    after = (_("The attached file removes the date from your calendar."),) if facts.membership is not None else ()
    return Letter(
        subject=_("You are no longer registered"),
        paragraphs=(
            _how_it_ended(facts),
            _("Was that a mistake? You can register again on your page as long as registration is open.")
            if facts.is_open
            else _("Was that a mistake? Please tell the coordination."),
        ),
        actions=(_page(),),
        after=after,
    )


def why_not_placed(reason: str) -> str:
    """Why somebody got no group and what would help, for themselves; "" when there is no reason to tell. Names nobody."""
    sentences = {
        "no_slots": lambda: _("None of the dates you chose takes place. It helps if you offer more dates."),
        "too_few_peers": lambda: _("On your dates there were too few people who speak your languages. It helps if you offer more dates or another language."),
        "no_case_giver": lambda: _("On your dates nobody brought a case. It helps if you bring a case yourself, or offer more dates."),
        "no_moderator": lambda: _("On your dates nobody could moderate. It helps if you offer more dates, or moderate yourself."),
        "competition": lambda: _("On your dates there was no free place in a group that fits. It helps if you offer more dates."),
    }  # fmt: skip
    sentence = sentences.get(reason)
    return sentence() if sentence else ""


def _not_placed(facts: Facts) -> Letter:
    why = why_not_placed(facts.registration.not_placed_because) if facts.registration is not None else ""
    after = (_("The attached file removes the date from your calendar."),) if facts.membership is not None else ()
    return Letter(
        subject=_("No group this time"),
        paragraphs=(
            _("We could not find a group for you this time. We are sorry."),
            *((why,) if why else ()),
            _("You stay registered. If a place comes free, we tell you by mail."),
            _("In the next round you are among the first."),
        ),
        actions=(_page(),),
        after=after,
    )


def _round_open(facts: Facts) -> Letter:
    return Letter(
        subject=_("Registration is open"),
        paragraphs=(
            _("You asked us to tell you. You can now register for the next peer consultation."),
            _("Registration is open until %(moment)s.") % {"moment": facts.moment(facts.closes_at)},
        ),
        actions=(_page(_("Register now")),),
    )


def _reminder(facts: Facts) -> Letter:
    until = times.words_until(facts.now, facts.slot.starts_at, facts.zone, facts.language)
    after = []
    if facts.hours_before is not None and facts.hours_before <= 2:
        actions: tuple[Action, ...] = (_page(_("Take part now")), Action(_("I cannot come"), "decline"))
        after.append(_("You find the link to the meeting on your page, shortly before it begins."))
    else:
        actions = (
            Action(_("I will come"), "confirm", True),
            Action(_("I cannot come"), "decline"),
            _page(is_main=False),
        )
    if facts.has_course and facts.registration.wants_refresher and 24 < (facts.hours_before or 0) <= 96:
        after.append(_("Is the microphone still familiar? A five-minute refresher waits on your page."))
    actions += (Action(_("No more reminders"), "stop-reminders"),)
    return Letter(
        subject=_("Reminder: appointment on %(day)s") % {"day": _day(facts)},
        paragraphs=(_("Your appointment is %(until)s.") % {"until": until},),
        facts=tuple(_when(facts)),
        actions=actions,
        after=tuple(after),
    )


def _after_session(facts: Facts) -> Letter:
    return Letter(
        subject=_("After the appointment on %(day)s") % {"day": _day(facts)},
        paragraphs=(
            _("Thank you for giving your time."),
            _("Two short questions wait on your page. They take about two minutes."),
            _("You also find your hours and your confirmation of participation there."),
        ),
        actions=(_page(_("Answer two questions")),),
    )


def _deletion_notice(facts: Facts) -> Letter:
    return Letter(
        subject=_("We will soon delete something of yours"),
        paragraphs=(
            _("You wrote something confidential on your page. We delete it on %(day)s.")
            % {"day": times.words_for_day(facts.until, facts.language)},
            _("You need not do anything. If you still need it, please copy it before that day."),
        ),
        actions=(_page(),),
    )


def _self_reminder(facts: Facts) -> Letter:
    return Letter(
        subject=_("Your reminder to yourself"),
        paragraphs=(
            _("After the peer consultation you wanted to be reminded of your first step."),
            _("Your own words stand on your page. Only you can read them."),
        ),
        actions=(_page(),),
    )


def _case_wanted(facts: Facts) -> Letter:
    return Letter(
        subject=_("Before the appointment on %(day)s") % {"day": _day(facts)},
        paragraphs=(
            _("You want to bring a case. It is planned for your appointment, and you have not handed it in yet."),
            _("Short notes are enough. You write them on your page; only you can read them there."),
            _("Would you rather not? Then the group finds another topic. You need not explain."),
        ),
        facts=tuple(_when(facts)),
        actions=(_page(_("Write my case")), Action(_("I cannot come"), "decline")),
    )


def _moderator_wanted(facts: Facts) -> Letter:
    return Letter(
        subject=_("Would you moderate a group?"),
        paragraphs=(
            _("For the next peer consultation we still need people who moderate a group."),
            _("Your page leads you through the session sentence by sentence. You need no training."),
            _("You can say so on your page until %(moment)s: change your registration and choose “I can moderate a group”.")
            % {"moment": facts.moment(facts.closes_at)},
        ),
        actions=(_page(),),
        after=(_("You need not answer if you do not want to."),),
    )


KINDS: dict[str, Callable[[Facts], Letter]] = {
    "confirmation": _confirmation,
    "waiting": _waiting,
    "offer": _offer,
    "offer_expired": _offer_expired,
    "assigned": _assigned,
    "changed": _changed,
    "cancelled": _cancelled,
    "withdrawn": _withdrawn,
    "not_placed": _not_placed,
    "round_open": _round_open,
    "reminder": _reminder,
    "after_session": _after_session,
    "deletion_notice": _deletion_notice,
    "self_reminder": _self_reminder,
    "case_wanted": _case_wanted,
    "moderator_wanted": _moderator_wanted,
}


def letter(facts: Facts) -> Letter:
    """The letter of a mail, in the active language. Raises KeyError for a kind that does not exist."""
    return KINDS[facts.kind](facts)
