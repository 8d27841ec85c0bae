"""Calendar files for sessions (RFC 5545), written with `icalendar`.

A calendar entry outlives the page it came from: it lies on private phones and in the calendars of employers. So it
carries the date, our own page address and nothing else: no case, no names of others, no meeting link (the page
reveals the link in time). One VEVENT stands for one person's place in one session; its UID never changes, its
SEQUENCE only rises, and a cancellation is the same UID again with METHOD:CANCEL.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from icalendar import (
    Alarm,
    Calendar,
    Event,
    Timezone,
    TimezoneDaylight,
    TimezoneStandard,
    vCalAddress,
    vDuration,
    vText,
)

PRODUCT_ID = "-//beratung-xblock//Kollegiale Beratung//DE"
ALARM_BEFORE = timedelta(hours=1)
REFRESH_EVERY = timedelta(hours=4)
# Some programs keep the first definition of a zone they meet, so it must serve later appointments too.
YEARS_AHEAD = 10


@dataclass(frozen=True)
class Appointment:
    """One person's place in one session, as a calendar sees it.

    `starts` and `ends` are aware (any zone; the file shows them in `zone`, an IANA name). `changed` is the moment of
    the last change (aware); it becomes DTSTAMP and LAST-MODIFIED, so equal input gives equal bytes. `sequence` must
    rise with every change people are told of. `url` is the address of our page.
    """

    uid: str
    sequence: int
    starts: datetime
    ends: datetime
    zone: str
    summary: str
    description: str
    url: str
    changed: datetime
    cancelled: bool = False

    def __post_init__(self) -> None:
        """Refuse naive times and a session that ends before it starts (ValueError)."""
        for name in ("starts", "ends", "changed"):
            if getattr(self, name).tzinfo is None:
                raise ValueError(f"{name} must carry a time zone")
        if self.ends <= self.starts:
            raise ValueError("a session must end after it starts")


def invitation(appointment: Appointment, *, organiser: str, alarm_text: str) -> bytes:
    """Return the file that goes with a mail: METHOD:PUBLISH, or METHOD:CANCEL for a cancelled appointment.

    `organiser` is a mail address (RFC 5546 wants one in both methods); `alarm_text` is what the reminder one hour
    before says. PUBLISH rather than REQUEST: people answer on our page, so calendars must not send replies.
    """
    calendar = _calendar()
    calendar.add("METHOD", "CANCEL" if appointment.cancelled else "PUBLISH")
    _add_zones(calendar, [appointment])
    calendar.add_component(_event(appointment, organiser=organiser, alarm_text=alarm_text))
    return calendar.to_ical()


def subscription(
    appointments: Iterable[Appointment], *, name: str, zone: str, organiser: str, alarm_text: str
) -> bytes:
    """Return a person's whole calendar, for programs that fetch it again and again.

    Cancelled appointments stay in it with STATUS:CANCELLED: a program that has stored them would otherwise keep them
    as valid. `name` is the title the calendar program shows; `zone` is its IANA display zone.
    """
    ordered = sorted(appointments, key=lambda item: (item.starts, item.uid))
    calendar = _calendar()
    calendar.add("X-WR-CALNAME", name)
    calendar.add("X-WR-TIMEZONE", zone)
    calendar.add("REFRESH-INTERVAL", vDuration(REFRESH_EVERY), parameters={"VALUE": "DURATION"})
    calendar.add("X-PUBLISHED-TTL", vDuration(REFRESH_EVERY))
    _add_zones(calendar, ordered)
    for appointment in ordered:
        calendar.add_component(_event(appointment, organiser=organiser, alarm_text=alarm_text))
    return calendar.to_ical()


def _calendar() -> Calendar:
    calendar = Calendar()
    calendar.add("PRODID", PRODUCT_ID)
    calendar.add("VERSION", "2.0")
    calendar.add("CALSCALE", "GREGORIAN")
    return calendar


def _add_zones(calendar: Calendar, appointments: list[Appointment]) -> None:
    """Add one VTIMEZONE per zone in use, covering whole years before and after the appointments.

    Many programs know "Europe/Berlin" by itself; Outlook and old phones read only what stands in the file.
    """
    for name in sorted({item.zone for item in appointments}):
        years = [moment.year for item in appointments if item.zone == name for moment in (item.starts, item.ends)]
        calendar.add_component(zone_definition(name, min(years) - 1, max(years) + YEARS_AHEAD))


def zone_definition(name: str, first_year: int, last_year: int) -> Timezone:
    """Return the VTIMEZONE of an IANA zone for whole years, both included.

    Own code because `icalendar` (6.3 and 7.3) writes the onset of summer time in the new offset; RFC 5545, 3.6.5
    wants the old one, and a reader that follows it is an hour off in the first hour after the change.
    """
    zone = ZoneInfo(name)
    begin = datetime(first_year, 1, 1, tzinfo=UTC)
    end = datetime(last_year + 1, 1, 1, tzinfo=UTC)
    definition = Timezone()
    definition.add("TZID", name)
    start = begin.astimezone(zone)
    onsets: dict[tuple[timedelta, timedelta, str, bool], list[datetime]] = {
        (start.utcoffset(), start.utcoffset(), start.tzname(), bool(start.dst())): [start.replace(tzinfo=None)]
    }
    for moment in _changes(zone, begin, end):
        before, after = (moment - timedelta(seconds=1)).astimezone(zone), moment.astimezone(zone)
        kind = (before.utcoffset(), after.utcoffset(), after.tzname(), bool(after.dst()))
        onsets.setdefault(kind, []).append((moment + before.utcoffset()).replace(tzinfo=None))
    for (offset_from, offset_to, label, summer), moments in onsets.items():
        rule = _yearly_rule(moments)
        for moment in moments[:1] if rule else moments:
            part = TimezoneDaylight() if summer else TimezoneStandard()
            part.add("DTSTART", moment)
            if rule:
                part.add("RRULE", rule)
            part.add("TZNAME", label)
            part.add("TZOFFSETFROM", offset_from)
            part.add("TZOFFSETTO", offset_to)
            definition.add_component(part)
    return definition


def _yearly_rule(moments: list[datetime]) -> dict[str, object] | None:
    """Return the RRULE of onsets that repeat each year on the same weekday of the month, else None.

    Programs read a rule more reliably than a list of dates, and it also serves the years after the last one.
    """
    first = moments[0]
    if len(moments) < 3 or [item.year for item in moments] != list(range(first.year, first.year + len(moments))):
        return None
    if len({(item.month, item.weekday(), item.time()) for item in moments}) > 1:
        return None
    if all((item + timedelta(days=7)).month != item.month for item in moments):
        nth = -1
    elif len({(item.day - 1) // 7 for item in moments}) == 1:
        nth = (first.day - 1) // 7 + 1
    else:
        return None
    weekday = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")[first.weekday()]
    return {"FREQ": "YEARLY", "BYMONTH": first.month, "BYDAY": f"{nth}{weekday}"}


def _changes(zone: ZoneInfo, begin: datetime, end: datetime) -> Iterator[datetime]:
    """Yield the UTC moments at which a zone's offset changes: day by day, then halved down to the second."""
    day = begin
    while day < end:
        following = day + timedelta(days=1)
        if day.astimezone(zone).utcoffset() != following.astimezone(zone).utcoffset():
            low, high = day, following
            while high - low > timedelta(seconds=1):
                middle = (low + (high - low) / 2).replace(microsecond=0)
                if middle.astimezone(zone).utcoffset() == day.astimezone(zone).utcoffset():
                    low = middle
                else:
                    high = middle
            yield high
        day = following


def _event(appointment: Appointment, *, organiser: str, alarm_text: str) -> Event:
    zone = ZoneInfo(appointment.zone)
    event = Event()
    event.add("UID", appointment.uid)
    event.add("SEQUENCE", appointment.sequence)
    event.add("DTSTAMP", appointment.changed.astimezone(UTC))
    event.add("LAST-MODIFIED", appointment.changed.astimezone(UTC))
    event.add("DTSTART", appointment.starts.astimezone(zone))
    event.add("DTEND", appointment.ends.astimezone(zone))
    event.add("SUMMARY", vText(appointment.summary))
    event.add("DESCRIPTION", vText(appointment.description))
    event.add("LOCATION", vText(appointment.url))
    event.add("URL", appointment.url)
    event.add("ORGANIZER", vCalAddress(f"mailto:{organiser}"))
    event.add("CLASS", "PRIVATE")
    if appointment.cancelled:
        event.add("STATUS", "CANCELLED")
        event.add("TRANSP", "TRANSPARENT")
        return event
    event.add("STATUS", "CONFIRMED")
    event.add("TRANSP", "OPAQUE")
    alarm = Alarm()
    alarm.add("ACTION", "DISPLAY")
    alarm.add("DESCRIPTION", vText(alarm_text))
    alarm.add("TRIGGER", -ALARM_BEFORE)
    event.add_component(alarm)
    return event
