"""Calendar files, read back by a second library (vobject) and across both changes of the clock."""

from datetime import UTC, datetime, timedelta
from io import StringIO
from zoneinfo import ZoneInfo

import pytest
import vobject
from dateutil.tz import tzical
from hypothesis import given, settings
from hypothesis import strategies as st

from beratung_xblock import calendars

BERLIN = ZoneInfo("Europe/Berlin")


def appointment(starts=datetime(2027, 4, 13, 16, 0, tzinfo=UTC), **changes):
    values = {
        "uid": "0123456789abcdef@beratung",
        "sequence": 0,
        "starts": starts,
        "ends": starts + timedelta(hours=2),
        "zone": "Europe/Berlin",
        "summary": "Kollegiale Beratung",
        "description": "Zur Seite: https://lms.example/x",
        "url": "https://lms.example/x",
        "changed": datetime(2027, 1, 2, 3, 4, 5, tzinfo=UTC),
    }
    return calendars.Appointment(**{**values, **changes})


def invite(item):
    return calendars.invitation(item, organiser="post@example.org", alarm_text="In einer Stunde geht es los.")


def parsed(raw):
    return vobject.readOne(raw.decode("utf-8"))


def utc(value):
    return value.astimezone(UTC)


def test_invitation_carries_one_event_with_zone_and_alarm():
    calendar = parsed(invite(appointment()))
    assert calendar.method.value == "PUBLISH"
    assert len(calendar.vevent_list) == 1
    event = calendar.vevent
    assert event.uid.value == "0123456789abcdef@beratung"
    assert event.sequence.value == "0"
    assert utc(event.dtstart.value) == datetime(2027, 4, 13, 16, 0, tzinfo=UTC)
    assert utc(event.dtend.value) == datetime(2027, 4, 13, 18, 0, tzinfo=UTC)
    assert event.location.value == "https://lms.example/x"
    assert event.url.value == "https://lms.example/x"
    assert event.status.value == "CONFIRMED"
    assert event.valarm.trigger.value == timedelta(hours=-1)
    assert event.valarm.action.value == "DISPLAY"


def test_times_are_written_as_berlin_wall_clock_with_its_zone_definition():
    raw = invite(appointment()).decode()
    assert "DTSTART;TZID=Europe/Berlin:20270413T180000\r\n" in raw
    assert "DTEND;TZID=Europe/Berlin:20270413T200000\r\n" in raw
    assert raw.count("BEGIN:VTIMEZONE") == 1
    assert "TZID:Europe/Berlin\r\n" in raw


@pytest.mark.parametrize(
    ("local", "offset"),
    [
        ((2027, 3, 27, 18, 0), 1),  # the evening before clocks go forward
        ((2027, 3, 28, 18, 0), 2),
        ((2027, 10, 30, 18, 0), 2),  # the evening before clocks go back
        ((2027, 10, 31, 18, 0), 1),
        ((2028, 2, 29, 18, 0), 1),
    ],
)
def test_both_changes_of_the_clock_and_a_leap_day(local, offset):
    starts = datetime(*local, tzinfo=BERLIN)
    event = parsed(invite(appointment(starts))).vevent
    assert event.dtstart.value.replace(tzinfo=None) == starts.replace(tzinfo=None)
    assert event.dtstart.value.utcoffset() == timedelta(hours=offset)
    assert utc(event.dtstart.value) == utc(starts)


def test_cancellation_repeats_the_uid_with_a_higher_sequence():
    first = parsed(invite(appointment())).vevent
    calendar = parsed(invite(appointment(sequence=3, cancelled=True)))
    assert calendar.method.value == "CANCEL"
    assert calendar.vevent.uid.value == first.uid.value
    assert int(calendar.vevent.sequence.value) > int(first.sequence.value)
    assert calendar.vevent.status.value == "CANCELLED"
    assert "valarm" not in calendar.vevent.contents


def test_equal_input_gives_equal_bytes():
    assert invite(appointment()) == invite(appointment())


def test_subscription_keeps_cancelled_appointments_and_orders_by_time():
    later = appointment(datetime(2027, 7, 13, 16, 0, tzinfo=UTC), uid="b")
    gone = appointment(uid="a", cancelled=True, sequence=1)
    raw = calendars.subscription(
        [later, gone], name="Meine Termine", zone="Europe/Berlin", organiser="post@example.org", alarm_text="Gleich"
    )
    calendar = parsed(raw)
    assert [event.uid.value for event in calendar.vevent_list] == ["a", "b"]
    assert [event.status.value for event in calendar.vevent_list] == ["CANCELLED", "CONFIRMED"]
    assert calendar.contents["x-wr-calname"][0].value == "Meine Termine"
    assert b"REFRESH-INTERVAL;VALUE=DURATION:PT4H\r\n" in raw
    assert "method" not in calendar.contents


def test_an_empty_subscription_is_still_a_calendar():
    raw = calendars.subscription([], name="Leer", zone="Europe/Berlin", organiser="a@b.example", alarm_text="x")
    assert parsed(raw).version.value == "2.0"


def test_two_zones_give_two_definitions():
    raw = calendars.subscription(
        [appointment(), appointment(uid="k", zone="Europe/Kyiv")],
        name="Zwei", zone="Europe/Berlin", organiser="a@b.example", alarm_text="x",
    )  # fmt: skip
    assert raw.count(b"BEGIN:VTIMEZONE") == 2
    kyiv = next(event for event in parsed(raw).vevent_list if event.uid.value == "k")
    assert utc(kyiv.dtstart.value) == datetime(2027, 4, 13, 16, 0, tzinfo=UTC)


@pytest.mark.parametrize("field", ["starts", "ends", "changed"])
def test_naive_times_are_refused(field):
    with pytest.raises(ValueError, match=field):
        appointment(**{field: datetime(2027, 4, 13, 16, 0, tzinfo=UTC).replace(tzinfo=None)})


def test_a_session_that_ends_before_it_starts_is_refused():
    with pytest.raises(ValueError, match="end after"):
        appointment(ends=datetime(2027, 4, 13, 16, 0, tzinfo=UTC))


@settings(max_examples=60, deadline=None)
@given(
    summary=st.text(st.characters(blacklist_categories=("Cs", "Cc")), min_size=1, max_size=120),
    description=st.text(st.characters(blacklist_categories=("Cs", "Cc"), whitelist_characters="\n"), max_size=300),
    minutes=st.integers(0, 60 * 24 * 366 * 3),
)
def test_any_text_at_any_time_reads_back_and_cannot_add_lines(summary, description, minutes):
    starts = datetime(2026, 1, 1, tzinfo=UTC) + timedelta(minutes=minutes)
    raw = invite(appointment(starts, summary=summary, description=description))
    assert max(len(line) for line in raw.split(b"\r\n")) <= 75
    calendar = parsed(raw)
    assert len(calendar.vevent_list) == 1
    assert calendar.vevent.summary.value == summary
    local = starts.astimezone(BERLIN)
    # A wall clock time cannot tell the two runs of the repeated hour in October apart; every other moment is exact.
    repeated = local.replace(fold=0).utcoffset() != local.replace(fold=1).utcoffset()
    if not repeated:
        assert utc(calendar.vevent.dtstart.value) == starts


@pytest.mark.parametrize(
    "name", ["Europe/Berlin", "Europe/Kyiv", "America/New_York", "Asia/Tehran", "Africa/Casablanca"]
)
def test_the_zone_definition_agrees_with_the_zone_in_every_hour_of_two_years(name):
    """Read back by dateutil, which knows nothing of the zone but what the file says."""
    definition = calendars.zone_definition(name, 2027, 2028).to_ical().decode()
    read = tzical(StringIO(definition)).get()
    zone = ZoneInfo(name)
    moment = datetime(2027, 1, 2, tzinfo=UTC)
    while moment < datetime(2028, 12, 30, tzinfo=UTC):
        local = moment.astimezone(zone)
        if local.replace(fold=0).utcoffset() == local.replace(fold=1).utcoffset():
            assert local.replace(tzinfo=read).utcoffset() == local.utcoffset(), local
        moment += timedelta(hours=1)
