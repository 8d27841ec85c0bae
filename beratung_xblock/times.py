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
# Day and month as they stand in a date (Ukrainian and Russian: the genitive); the weekday is followed by a comma.
_WEEKDAYS |= {
    "uk": ("понеділок", "вівторок", "середа", "четвер", "п’ятниця", "субота", "неділя"),
    "ru": ("понедельник", "вторник", "среда", "четверг", "пятница", "суббота", "воскресенье"),
    "ar": ("الاثنين", "الثلاثاء", "الأربعاء", "الخميس", "الجمعة", "السبت", "الأحد"),
    "tr": ("Pazartesi", "Salı", "Çarşamba", "Perşembe", "Cuma", "Cumartesi", "Pazar"),
    "fr": ("lundi", "mardi", "mercredi", "jeudi", "vendredi", "samedi", "dimanche"),
    "fa": ("دوشنبه", "سه‌شنبه", "چهارشنبه", "پنجشنبه", "جمعه", "شنبه", "یکشنبه"),
}
_MONTHS |= {
    "uk": (
        "січня", "лютого", "березня", "квітня", "травня", "червня",
        "липня", "серпня", "вересня", "жовтня", "листопада", "грудня",
    ),
    "ru": (
        "января", "февраля", "марта", "апреля", "мая", "июня",
        "июля", "августа", "сентября", "октября", "ноября", "декабря",
    ),
    "ar": (
        "يناير", "فبراير", "مارس", "أبريل", "مايو", "يونيو",
        "يوليو", "أغسطس", "سبتمبر", "أكتوبر", "نوفمبر", "ديسمبر",
    ),
    "tr": (
        "Ocak", "Şubat", "Mart", "Nisan", "Mayıs", "Haziran",
        "Temmuz", "Ağustos", "Eylül", "Ekim", "Kasım", "Aralık",
    ),
    "fr": (
        "janvier", "février", "mars", "avril", "mai", "juin",
        "juillet", "août", "septembre", "octobre", "novembre", "décembre",
    ),
    "fa": (
        "ژانویه", "فوریه", "مارس", "آوریل", "مه", "ژوئن",
        "ژوئیه", "اوت", "سپتامبر", "اکتبر", "نوامبر", "دسامبر",
    ),
}  # fmt: skip
# Today, tomorrow, later: worded so that the number needs no plural form.
_FROM_NOW = {
    "uk": ("сьогодні о {clock}", "завтра о {clock}", "через {days} дн."),
    "ru": ("сегодня в {clock}", "завтра в {clock}", "через {days} дн."),
    "ar": ("اليوم في {clock}", "غدًا في {clock}", "بعد عدد من الأيام: {days}"),
    "tr": ("bugün saat {clock}", "yarın saat {clock}", "{days} gün sonra"),
    "fr": ("aujourd’hui à {clock}", "demain à {clock}", "dans {days} jours"),
    "fa": ("امروز ساعت {clock}", "فردا ساعت {clock}", "{days} روز دیگر"),
}
_ZONES = {
    "de": {"Europe/Berlin": "deutsche Zeit", "Europe/Kyiv": "Zeit in Kyjiw", "UTC": "Weltzeit UTC"},
    "en": {"Europe/Berlin": "German time", "Europe/Kyiv": "time in Kyiv", "UTC": "UTC"},
    "uk": {"Europe/Berlin": "за часом Німеччини", "Europe/Kyiv": "за київським часом", "UTC": "UTC"},
    "ru": {"Europe/Berlin": "по времени Германии", "Europe/Kyiv": "по киевскому времени", "UTC": "UTC"},
    "ar": {"Europe/Berlin": "بتوقيت ألمانيا", "Europe/Kyiv": "بتوقيت كييف", "UTC": "بتوقيت UTC"},
    "tr": {"Europe/Berlin": "Almanya saati", "Europe/Kyiv": "Kiev saati", "UTC": "UTC"},
    "fr": {"Europe/Berlin": "heure allemande", "Europe/Kyiv": "heure de Kiev", "UTC": "UTC"},
    "fa": {"Europe/Berlin": "به وقت آلمان", "Europe/Kyiv": "به وقت کی‌یف", "UTC": "به وقت UTC"},
}
# The name of a city stands after a colon where it would have to be declined or joined to a word.
_TIME_IN = {
    "de": "Zeit in {city}", "en": "time in {city}", "uk": "час: {city}", "ru": "время: {city}", "ar": "بتوقيت {city}",
    "tr": "yerel saat: {city}", "fr": "heure locale\u00a0: {city}", "fa": "به وقت {city}",
}  # fmt: skip


@dataclass(frozen=True)
class BothTimes:
    """The same span twice: `home` in the zone of the round, `own` in the reader's zone, or None when both agree."""

    home: str
    own: str | None


def language_of(code: str) -> str:
    """Return the language ("de" or "en") whose way of writing clocks and holidays a language code gets.

    Everything that is not German has the 24-hour clock as "18:00"; days, months and zones follow `written_in`.
    """
    return "de" if code.lower().replace("_", "-").split("-")[0] == "de" else "en"


def written_in(code: str) -> str:
    """Return the language in which days and months are named for a language code; English where there is no table."""
    language = code.lower().replace("_", "-").split("-")[0]
    return language if language in _MONTHS else "en"


def words_for_day(day: date, language: str) -> str:
    """Return a day with its weekday, e.g. "Dienstag, 14. April 2026" or "Tuesday, 14 April 2026"."""
    weekday, number, month = parts_of_day(day, language)
    return f"{weekday}{_comma(language)} {number} {month} {day.year}"


def parts_of_day(day: date, language: str) -> tuple[str, str, str]:
    """Return weekday, number and month as they stand in `words_for_day`, e.g. ("Dienstag", "14.", "April")."""
    lang = written_in(language)
    return _WEEKDAYS[lang][day.weekday()], f"{day.day}{'.' if lang == 'de' else ''}", _MONTHS[lang][day.month - 1]


def words_for_moment(moment: datetime, zone: str, own_zone: str | None, language: str) -> str:
    """Return day and clock of a moment in a zone, which is named where the reader's own clock shows another time."""
    _require_aware(moment)
    local = moment.astimezone(ZoneInfo(zone))
    words = f"{words_for_day(local.date(), language)}{_comma(language)} {clock(local, language)}"
    if own_zone and not _same_clock(moment, moment, zone, own_zone):
        words += f" ({zone_in_words(zone, language)})"
    return words


def words_for_time(start: datetime, end: datetime, zone: str, language: str) -> str:
    """Return day and span in words: "Dienstag, 14. April 2026, 18 bis 20 Uhr".

    `start` and `end` are aware; `zone` is an IANA name. A span over midnight names both days. A span across a change
    of the clock says which clock is meant ("2:30 Uhr MESZ bis 2:15 Uhr MEZ" is a real hour in October).
    """
    _require_aware(start, end)
    lang = language_of(language)
    first, last = start.astimezone(ZoneInfo(zone)), end.astimezone(ZoneInfo(zone))
    if first.utcoffset() != last.utcoffset():
        span = _span_across_change(first, last, language)
    elif first.date() != last.date():
        to = _until(language)
        comma = _comma(language)
        return (
            f"{words_for_day(first.date(), language)}{comma} {clock(first, lang)} "
            f"{to} {words_for_day(last.date(), language)}{comma} {clock(last, lang)}"
        )
    elif lang == "de":
        span = f"{_hour(first, lang)} bis {clock(last, lang)}"
    else:
        span = f"{_hour(first, lang)} {_until(language)} {_hour(last, lang)}"
    return f"{words_for_day(first.date(), language)}{_comma(language)} {span}"


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
    lang = written_in(language)
    known = _ZONES[lang].get(zone)
    return known or _TIME_IN[lang].format(city=zone.rsplit("/", 1)[-1].replace("_", " "))


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
    return f"{local.day} {_MONTHS[written_in(language)][local.month - 1]}{_comma(language)} {clock(local, lang)}"


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
    if (words := _FROM_NOW.get(written_in(language))) is not None:
        return words[min(days, 2)].format(days=days, clock=_hour(local_start, lang))
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


def _comma(language: str) -> str:
    return "\u060c" if written_in(language) in ("ar", "fa") else ","


def _until(language: str) -> str:
    """The word between two times; a dash, which every language reads, where only days and months are translated."""
    return {"de": "bis", "en": "to"}.get(written_in(language), "–")


def _hour(moment: datetime, lang: str) -> str:
    if lang == "de":
        return str(moment.hour) if moment.minute == 0 else f"{moment.hour}:{moment.minute:02d}"
    return f"{moment.hour:02d}:{moment.minute:02d}"


def _span_across_change(first: datetime, last: datetime, language: str) -> str:
    lang = language_of(language)
    return f"{clock(first, lang)} {_abbreviation(first, lang)} {_until(language)} {clock(last, lang)} {_abbreviation(last, lang)}"


def _abbreviation(moment: datetime, lang: str) -> str:
    name = moment.tzname() or ""
    return {"CET": "MEZ", "CEST": "MESZ"}.get(name, name) if lang == "de" else name


def _same_clock(start: datetime, end: datetime, one: str, other: str) -> bool:
    return all(
        moment.astimezone(ZoneInfo(one)).utcoffset() == moment.astimezone(ZoneInfo(other)).utcoffset()
        for moment in (start, end)
    )
