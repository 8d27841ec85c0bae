"""Values as words for people: dates, roles, telephone links, reasons of refusal. Needs an active language."""

from __future__ import annotations

import datetime as dt
import hashlib
import re
from collections.abc import Iterable
from functools import cache
from gettext import GNUTranslations
from pathlib import Path
from zoneinfo import ZoneInfo

from django.conf import settings
from django.urls import NoReverseMatch, reverse
from django.utils import translation
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext, pgettext

from beratung_xblock import times
from beratung_xblock.data.enums import Role
from beratung_xblock.pages.viewmodels import Leaf

MARKER = "Your promise of confidentiality"
LOCALE = Path(__file__).resolve().parent.parent / "conf" / "locale"

ROLE_NAMES = {
    Role.MODERATOR.value: gettext_lazy("Moderator"),
    Role.CASE_GIVER.value: gettext_lazy("Case giver"),
    Role.NOTE_TAKER.value: gettext_lazy("Note-taker"),
    Role.ADVISER.value: gettext_lazy("Adviser"),
    Role.OBSERVER.value: gettext_lazy("Observer"),
    Role.TECH_HOST.value: gettext_lazy("Technical host"),
}
ROLE_TEXTS = {
    Role.MODERATOR.value: gettext_lazy("You lead through the phases and keep the time. The page gives you every sentence."),
    Role.CASE_GIVER.value: gettext_lazy("You tell your case. Then you only listen. You decide what to accept."),
    Role.NOTE_TAKER.value: gettext_lazy("You write down the ideas, so that the case giver can listen."),
    Role.ADVISER.value: gettext_lazy("You listen and ask. You give ideas when the moderator invites you to."),
    Role.OBSERVER.value: gettext_lazy("You watch how the group works, and tell at the end."),
    Role.TECH_HOST.value: gettext_lazy("You help with sound, picture and the waiting area."),
}
REASONS = {
    "required": gettext_lazy("Please fill this in."),
    "long": gettext_lazy("This text is too long. Please shorten it."),
    "short": gettext_lazy("Please tell a little more."),
    "choice": gettext_lazy("Please choose one of the answers."),
    "number": gettext_lazy("Please write a whole number."),
    "taken": gettext_lazy("More people have a place already. Please write a larger number."),
    "past": gettext_lazy("This day is over. Please choose a later one."),
    "full": gettext_lazy("There is no place left on these dates. Your place stays as it was."),
    "range": gettext_lazy("This number is too small or too large."),
    "text": gettext_lazy("Please write a text here."),
    "phone": gettext_lazy("Please write a telephone number: digits, spaces, + and brackets."),
    "url": gettext_lazy("Please write a complete address that begins with https://."),
    "list": gettext_lazy("Please write one entry per line."),
    "language": gettext_lazy("Please choose at least one language."),
    "host": gettext_lazy("Please write host names such as teams.microsoft.com, one per line."),
    "reminder": gettext_lazy("Please write days or hours such as 3d or 1h, one per line."),
    "template": gettext_lazy("This process cannot be used."),
    "order": gettext_lazy("These numbers do not fit together."),
    "unknown": gettext_lazy("This setting is not known."),
    "date": gettext_lazy("Please write a date."),
}
CONFLICTS = {
    "closed": gettext_lazy("Sign-up has closed in the meantime. Please call the help line."),
    "cancelled": gettext_lazy("Your sign-up was cancelled in the meantime."),
    "stale": gettext_lazy("You saved a newer version in another window. Please compare before you go on."),
    "submitted": gettext_lazy("You have already submitted this case. Withdraw it to change it."),
    "twice": gettext_lazy("You are already signed up."),
    "undertaking_version": gettext_lazy("The text has changed. Please read it again and accept it."),
    "too_early": gettext_lazy("This is possible after the session has begun."),
    "expired": gettext_lazy("This offer has expired. The place went to the next person."),
    "no_offer": gettext_lazy("This offer has expired. The place went to the next person."),
    "not_waiting": gettext_lazy("You are not on the waiting list any more."),
}


def reason(word: object) -> str:
    """The sentence for a reason word of `Invalid`; what is a sentence already stays as it is."""
    return str(REASONS.get(str(word), word))


def conflict(word: str) -> str:
    """The sentence for a reason word of `Conflict`."""
    return str(CONFLICTS.get(word, _("Something has changed in the meantime. Please look again.")))


def uid_of(usage_key: str) -> str:
    """A short prefix for HTML ids, different for each block on a page."""
    return "kb-" + hashlib.sha256(usage_key.encode()).hexdigest()[:8]


def language() -> str:
    """The active language as a code without region."""
    return (translation.get_language() or "de").split("-")[0]


@cache
def _has_catalogue(code: str) -> bool:
    """True when the pages are translated into a language; a catalogue that holds other parts only does not count."""
    path = LOCALE / code / "LC_MESSAGES" / "django.mo"
    if code == "en" or not path.exists():
        return code == "en"
    with path.open("rb") as file:
        return GNUTranslations(file).gettext(MARKER) != MARKER


def page_language() -> tuple[str, str]:
    """(lang, dir) in which the page really speaks: a language without a catalogue falls back, and so does its direction."""
    code = language()
    if not _has_catalogue(code):
        code = "de" if settings.LANGUAGE_CODE.startswith("de") else "en"
    return code, "rtl" if translation.get_language_info(code)["bidi"] else "ltr"


def day(value: dt.date | dt.datetime, zone: str = "Europe/Berlin") -> str:
    """A day with its weekday in words."""
    if isinstance(value, dt.datetime):
        value = value.astimezone(ZoneInfo(zone)).date()
    return times.words_for_day(value, language())


def moment(value: dt.datetime, zone: str = "Europe/Berlin", *, own_zone: str | None = None) -> str:
    """A day and the clock in words: "Freitag, 3. April 2026, 18 Uhr"; with the zone where the reader's clock differs."""
    return times.words_for_moment(value, zone, own_zone, language())


def leaf(value: dt.datetime, zone: str) -> Leaf:
    """A moment as a calendar leaf."""
    local = value.astimezone(ZoneInfo(zone)).date()
    weekday, number, month = times.parts_of_day(local, language())
    return Leaf(weekday=weekday, day=number, month=month)


def until(now: dt.datetime, start: dt.datetime, end: dt.datetime, zone: str) -> str:
    """How far away a session is, in words; minutes in the last hour."""
    if start <= now < end:
        return _("The session is on now.")
    left = int((start - now).total_seconds() // 60) + 1
    if 0 < left <= 60:
        return ngettext("in %(n)s minute", "in %(n)s minutes", left) % {"n": left}
    return times.words_until(now, start, zone, language())


def minutes(number: int) -> str:
    """Minutes, as hours from two hours on."""
    if number >= 120:
        hours, rest = divmod(number, 60)
        text = ngettext("%(n)s hour", "%(n)s hours", hours) % {"n": hours}
        return text if not rest else text + " " + ngettext("%(n)s minute", "%(n)s minutes", rest) % {"n": rest}
    return ngettext("%(n)s minute", "%(n)s minutes", number) % {"n": number}


def listed(items: Iterable[str]) -> str:
    """Several things in one line, with the comma of the reader's language."""
    return pgettext("between two things of a list", ", ").join(items)


def tel(number: str) -> str:
    """A tel: address; empty for an empty number."""
    digits = re.sub(r"[^0-9+]", "", number.replace("(0)", ""))
    return f"tel:{digits}" if digits else ""


def address(name: str, **kwargs: object) -> str:
    """The path of one of our plain views, "" where they are not mounted (Studio)."""
    try:
        return reverse(f"beratung:{name}", kwargs=kwargs)
    except NoReverseMatch:
        return ""
