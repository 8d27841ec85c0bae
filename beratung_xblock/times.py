"""Times for people: a date and a span in words, in the zone of the round and in the reader's own.

Moments are stored in UTC; nobody reads UTC. The weekday is always named (a wrong weekday is how people notice a wrong
date), the clock has 24 hours, and the zone is named as soon as two zones could be meant.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

_WEEKDAYS = {
    "de": ("Montag", "Dienstag", "Mittwoch", "Donnerstag", "Freitag", "Samstag", "Sonntag"),
    "en": ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"),
}
_MONTHS = {
    "de": (
        "Januar", "Februar", "März", "April", "Mai", "Juni",
        "Juli", "August", "September", "Oktober", "November", "Dezember",
    ),
    "en": (
        "January", "February", "March", "April", "May", "June",
        "July", "August", "September", "October", "November", "December",
    ),
}  # fmt: skip
_ZONES = {
    "de": {"Europe/Berlin": "deutsche Zeit", "Europe/Kyiv": "Zeit in Kyjiw", "UTC": "Weltzeit UTC"},
    "en": {"Europe/Berlin": "German time", "Europe/Kyiv": "time in Kyiv", "UTC": "UTC"},
}


@dataclass(frozen=True)
class BothTimes:
    """The same span twice: `home` in the zone of the round, `own` in the reader's zone, or None when both agree."""

    home: str
    own: str | None


def language_of(code: str) -> str:
    """Return the language ("de" or "en") in which dates are written for a language code.

    Everything that is not German reads English dates, as the rest of the page does where no translation exists.
    """
    return "de" if code.lower().replace("_", "-").split("-")[0] == "de" else "en"


def words_for_day(day: date, language: str) -> str:
    """Return a day with its weekday, e.g. "Dienstag, 14. April 2026" or "Tuesday, 14 April 2026"."""
    lang = language_of(language)
    dot = "." if lang == "de" else ""
    return f"{_WEEKDAYS[lang][day.weekday()]}, {day.day}{dot} {_MONTHS[lang][day.month - 1]} {day.year}"


def words_for_time(start: datetime, end: datetime, zone: str, language: str) -> str:
    """Return day and span in words: "Dienstag, 14. April 2026, 18 bis 20 Uhr".

    `start` and `end` are aware; `zone` is an IANA name. A span over midnight names both days. A span across a change
    of the clock says which clock is meant ("2:30 Uhr MESZ bis 2:15 Uhr MEZ" is a real hour in October).
    """
    _require_aware(start, end)
    lang = language_of(language)
    first, last = start.astimezone(ZoneInfo(zone)), end.astimezone(ZoneInfo(zone))
    if first.utcoffset() != last.utcoffset():
        span = _span_across_change(first, last, lang)
    elif first.date() != last.date():
        to = "bis" if lang == "de" else "to"
        return (
            f"{words_for_day(first.date(), lang)}, {clock(first, lang)} "
            f"{to} {words_for_day(last.date(), lang)}, {clock(last, lang)}"
        )
    elif lang == "de":
        span = f"{_hour(first, lang)} bis {clock(last, lang)}"
    else:
        span = f"{_hour(first, lang)} to {_hour(last, lang)}"
    return f"{words_for_day(first.date(), lang)}, {span}"


def words_for_both(start: datetime, end: datetime, zone: str, own_zone: str | None, language: str) -> BothTimes:
    """Return the span in the zone of the round and, where the reader's clock differs, in theirs too.

    Zones whose clocks agree at that moment (Berlin and Vienna) count as the same. With two different clocks each
    text names its zone.
    """
    home = words_for_time(start, end, zone, language)
    if not own_zone or _same_clock(start, end, zone, own_zone):
        return BothTimes(home=home, own=None)
    own = words_for_time(start, end, own_zone, language)
    return BothTimes(
        home=f"{home} ({zone_in_words(zone, language)})", own=f"{own} ({zone_in_words(own_zone, language)})"
    )


def zone_in_words(zone: str, language: str) -> str:
    """Return a zone as people say it: "deutsche Zeit", "Zeit in New York"."""
    lang = language_of(language)
    known = _ZONES[lang].get(zone)
    if known:
        return known
    city = zone.rsplit("/", 1)[-1].replace("_", " ")
    return f"Zeit in {city}" if lang == "de" else f"time in {city}"


def clock(moment: datetime, language: str) -> str:
    """Return the clock of a moment in the zone it carries: "18 Uhr", "9:05 Uhr", "18:00"."""
    lang = language_of(language)
    return f"{_hour(moment, lang)} Uhr" if lang == "de" else _hour(moment, lang)


def short_day(moment: datetime, zone: str, language: str) -> str:
    """Return day, month and clock for a mail subject: "14.04., 18 Uhr" or "14 April, 18:00"."""
    _require_aware(moment)
    lang = language_of(language)
    local = moment.astimezone(ZoneInfo(zone))
    if lang == "de":
        return f"{local.day:02d}.{local.month:02d}., {clock(local, lang)}"
    return f"{local.day} {_MONTHS[lang][local.month - 1]}, {clock(local, lang)}"


def words_until(now: datetime, start: datetime, zone: str, language: str) -> str:
    """Return how far away a moment is, by the calendar: "heute um 18 Uhr", "morgen um 18 Uhr", "in 3 Tagen".

    Days are counted by the calendar of `zone`, not by 24 hours: at 23:00 the next day is "tomorrow" already. A moment
    that has passed gives an empty text.
    """
    _require_aware(now, start)
    if start <= now:
        return ""
    lang = language_of(language)
    local_now, local_start = now.astimezone(ZoneInfo(zone)), start.astimezone(ZoneInfo(zone))
    days = (local_start.date() - local_now.date()).days
    at = "um" if lang == "de" else "at"
    if days == 0:
        return f"{'heute' if lang == 'de' else 'today'} {at} {clock(local_start, lang)}"
    if days == 1:
        return f"{'morgen' if lang == 'de' else 'tomorrow'} {at} {clock(local_start, lang)}"
    return f"in {days} Tagen" if lang == "de" else f"in {days} days"


def local_moment(day: date, clock: time, zone: str) -> datetime:
    """Return the UTC moment of a wall clock time.

    An hour that the spring change skips moves forward by the gap (2:30 becomes 3:30); an hour that the autumn change
    repeats means the first one. Both only concern night hours, but a rule must never fail on a date.
    """
    local = datetime.combine(day, clock, tzinfo=ZoneInfo(zone))
    return local.astimezone(UTC)


def day_bounds(day: date, zone: str) -> tuple[datetime, datetime]:
    """Return the UTC moments at which a local day begins and ends (23, 24 or 25 hours)."""
    return local_moment(day, time(0), zone), local_moment(day + timedelta(days=1), time(0), zone)


def _require_aware(*moments: datetime) -> None:
    if any(moment.tzinfo is None for moment in moments):
        raise ValueError("a moment must carry a time zone")


def _hour(moment: datetime, lang: str) -> str:
    if lang == "de":
        return str(moment.hour) if moment.minute == 0 else f"{moment.hour}:{moment.minute:02d}"
    return f"{moment.hour:02d}:{moment.minute:02d}"


def _span_across_change(first: datetime, last: datetime, lang: str) -> str:
    to = "bis" if lang == "de" else "to"
    return f"{clock(first, lang)} {_abbreviation(first, lang)} {to} {clock(last, lang)} {_abbreviation(last, lang)}"


def _abbreviation(moment: datetime, lang: str) -> str:
    name = moment.tzname() or ""
    return {"CET": "MEZ", "CEST": "MESZ"}.get(name, name) if lang == "de" else name


def _same_clock(start: datetime, end: datetime, one: str, other: str) -> bool:
    return all(
        moment.astimezone(ZoneInfo(one)).utcoffset() == moment.astimezone(ZoneInfo(other)).utcoffset()
        for moment in (start, end)
    )
