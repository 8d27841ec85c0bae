"""The report against a second computation from raw rows, and against somebody who has every report of every day."""

import csv
import datetime as dt
import io
import random
from collections import defaultdict

import pytest
import time_machine
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import translation
from python_calamine import CalamineWorkbook

from beratung_xblock.api import closing, erasure, reports, retention
from beratung_xblock.api._report_rule import Split
from beratung_xblock.data.reports import EVENTS, MEASURES, Cell
from beratung_xblock.exceptions import Conflict, Invalid, NotFound
from beratung_xblock.exports import charts, tables, words
from beratung_xblock.exports.report_pdf import report_pdf
from beratung_xblock.models import Attendance, AuditEntry, ClosedPeriod, SessionCase
from tests.integration import report_reader, report_world, world

pytestmark = pytest.mark.django_db(transaction=True)
REGIONS = ("Nord", "Süd", "West")
WAYS = ("online", "phone", "on_site")
OF_PEOPLE = [name for name in MEASURES if name not in EVENTS]


@pytest.fixture
def place():
    return world.place(regions=list(REGIONS))


@pytest.fixture
def lead(place):
    return world.lead()


def busy_year(place, seed, *, year=2025, people=40, sessions=14):
    """Sessions all over the year with people of uneven regions and formats."""
    draw = random.Random(seed)
    everybody = [(user, draw.choices(REGIONS, (10, 5, 1))[0], draw.choices(WAYS, (12, 3, 1))[0]) for user in report_world.users(people)]
    for number in range(sessions):
        day = dt.date(year, (1, 2, 4, 5, 8, 11)[number % 6], draw.randint(1, 28))
        chosen = draw.sample(everybody, draw.randint(3, 8))
        group = report_world.session(place, [(user, region, way, draw.choice((0, 60, 90, 120))) for user, region, way in chosen], on=day)
        report_world.consult(group, draw.randint(0, 3))


def four_rounds(place, seed, *, people, year=2025):
    """A round in each quarter, as the product means it: groups of about six, most people come, nobody twice in a round."""
    draw = random.Random(seed)
    everybody = [(user, draw.choices(REGIONS, (10, 5, 1))[0], draw.choices(WAYS, (12, 3, 1))[0]) for user in report_world.users(people)]
    for month in (2, 5, 9, 11):
        there = [(*one, draw.choice((90, 120, 120))) for one in draw.sample(everybody, round(people * draw.uniform(0.7, 0.9)))]
        groups = max(1, len(there) // 6)
        for number in range(groups):
            group = report_world.session(place, there[number::groups], on=dt.date(year, month, 1 + number % 28))
            report_world.consult(group, draw.choice((1, 1, 2)))


def close(lead, quarters, year=2025):
    """Close the year (0) or quarters."""
    for quarter in quarters:
        closing.close_period(actor=lead, year=year, quarter=quarter)


def raw_counts(place, year):
    """A second computation with plain loops: {(measure, period, kind, value): number}."""
    found = defaultdict(set)
    minutes = defaultdict(int)
    first = {}
    rows = sorted(
        Attendance.objects.filter(group__round__place=place).select_related("registration", "group__slot"),
        key=lambda row: row.group.slot.starts_at,
    )
    for row in rows:
        if row.minutes:
            first.setdefault(row.registration.user_id, row)
    for row in rows:
        day = row.group.slot.starts_at.astimezone(report_world.BERLIN)
        if day.year != year:
            continue
        for period in (str((day.month + 2) // 3), "year"):
            found["registered", period, "all", ""].add(row.registration_id)
            for part in (("all", ""), ("region", row.registration.region), ("format", row.take_part)):
                if row.minutes:
                    found["attendances", period, *part].add(row.pk)
                    found["people", period, *part].add(row.registration.user_id)
                    minutes[period, *part] += row.minutes
                    if first[row.registration.user_id].pk == row.pk:
                        found["new_people", period, *part].add(row.registration.user_id)
    for row in SessionCase.objects.filter(session__group__round__place=place):
        day = row.consulted_at.astimezone(report_world.BERLIN)
        if day.year == year:
            for period in (str((day.month + 2) // 3), "year"):
                found["cases", period, "all", ""].add(row.pk)
    counts = {key: len(value) for key, value in found.items()}
    counts.update({("hours", *key): round(value / 60, 1) for key, value in minutes.items()})
    counts.update({("units", *key): round(value / 45, 1) for key, value in minutes.items()})
    return defaultdict(int, counts)


def everything(lead, year=2025):
    """All that anybody can ask for on a day."""
    return report_reader.exports(lead, year, REGIONS, WAYS)[0]


def the_sum(truth, name, period, kind, value):
    return round(sum(truth[name, period, kind, one] for one in value), 1) if isinstance(value, tuple) else truth[name, period, kind, value]


@pytest.mark.parametrize("quarters", [(0,), (1, 2, 3, 4)], ids=["year", "quarters"])
@pytest.mark.parametrize("seed", range(3))
def test_what_is_shown_is_what_the_rows_say(place, lead, seed, quarters):
    busy_year(place, seed, people=60, sessions=30)
    close(lead, quarters)
    truth = raw_counts(place, 2025)
    shown = 0
    for (name, period, kind, value), cell in everything(lead).items():
        true = the_sum(truth, name, period, kind, value)
        if name in ("attendances", "people", "new_people", "hours", "units", "cases", "registered") and not cell.mark:
            assert cell.value == pytest.approx(true, abs=0.21), (name, period, kind, value)
            shown += bool(cell.value)
        if name in ("attendances", "people", "new_people", "registered") and 0 < true < 5:
            assert cell.mark, (name, period, kind, value)
    assert shown > 20


@pytest.mark.parametrize("quarters", [(0,), (1, 2, 3, 4)], ids=["year", "quarters"])
@pytest.mark.parametrize(("people", "sessions"), [(14, 8), (40, 20)])
def test_nobody_finds_a_small_number_by_solving_for_all_of_them(place, lead, people, sessions, quarters):
    busy_year(place, people + sessions, people=people, sessions=sessions)
    close(lead, quarters)
    truth = raw_counts(place, 2025)
    assert [number for number in truth.values() if 0 < number < 5], "there is something to find"
    reader = report_reader.Reader(everything(lead), regions=REGIONS, ways=WAYS, is_first_year=True)
    assert report_reader.worked_out(reader, truth) == []


def test_the_reader_finds_what_is_not_protected(place, lead, monkeypatch):
    """The same reader, when each number is looked at alone: it subtracts."""
    busy_year(place, 54, people=40, sessions=14)

    def alone(lines):
        small = tuple(name for name, (people, _seats) in lines.items() if 0 < people < 5)
        return Split(tuple(name for name in lines if name not in small), small)

    monkeypatch.setattr(closing, "told", lambda **numbers: frozenset(name for name, number in numbers.items() if number == 0 or number >= 5))
    monkeypatch.setattr(closing, "split", alone)
    close(lead, (0,))
    reader = report_reader.Reader(everything(lead), regions=REGIONS, ways=WAYS, is_first_year=True)
    assert report_reader.worked_out(reader, raw_counts(place, 2025)) != []


def change_something(place, draw):
    """What happens between two reports: somebody is corrected, comes to another session, or is erased."""
    rows = list(Attendance.objects.filter(group__round__place=place).order_by("pk"))
    for row in draw.sample(rows, 3):
        Attendance.objects.filter(pk=row.pk).update(minutes=draw.choice((0, 60, 120)))
    row = draw.choice([row for row in rows if row.registration.user_id])
    report_world.session(place, [(row.registration.user, "West", "phone", 120)], on=dt.date(2025, draw.choice((2, 5, 8, 11)), 20))
    leaves = draw.choice([row for row in rows if row.registration.user_id])
    erasure.erase_person(user_id=leaves.registration.user_id)


@pytest.mark.parametrize("quarters", [(0,), (2, 1, 3, 4)], ids=["year", "quarters"])
@pytest.mark.parametrize("seed", range(3))
def test_reports_of_different_days_tell_one_thing_about_people(place, lead, seed, quarters):
    """Whatever changes between them, two reports never hold two numbers of the same people: nothing can be subtracted."""
    draw = random.Random(seed)
    busy_year(place, seed, people=60, sessions=30)
    days = [everything(lead)]
    for quarter in (*quarters, None, None):
        change_something(place, draw)
        days.append(everything(lead))
        if quarter is not None:
            close(lead, (quarter,))
            days.append(everything(lead))
    retention.purge(now=dt.datetime(2040, 1, 1, tzinfo=dt.UTC))
    days.append(everything(lead))
    assert {cell for (name, *_key), cell in days[0].items() if name in OF_PEOPLE} <= {Cell(mark="open"), Cell(mark="none")}
    told = defaultdict(set)
    for day in days:
        for key, cell in day.items():
            if key[0] in OF_PEOPLE:
                told[key].add(cell)
    before = {Cell(mark="open"), Cell(mark="apart")}
    assert [(key, cells) for key, cells in told.items() if len(cells - before) > 1] == []
    # What was told once stays, in the same words, when the rows behind it are gone.
    assert days[-1] == {**days[-1], **{key: cell for key, cell in days[-2].items() if key[0] in OF_PEOPLE}}
    assert days[-1]["sessions", "year", "all", ""].value >= 30
    assert sum(isinstance(cell.value, float) and cell.value >= 5 for key, cell in days[-1].items() if key[0] in OF_PEOPLE) > 10


def test_a_year_is_closed_as_a_whole_or_by_quarters(place, lead):
    busy_year(place, 1, people=60, sessions=30)
    close(lead, (2,))
    for quarter, reason in ((2, "closed_already"), (0, "closed_otherwise")):
        with pytest.raises(Conflict) as refused:
            close(lead, (quarter,))
        assert refused.value.reason == reason
    rows = [row.cells["hours"].mark for row in reports.report(actor=lead, year=2025).rows]
    assert rows == ["open", "", "open", "open", "open"]
    close(lead, (1, 3, 4))
    assert "open" not in {row.cells["people"].mark for row in reports.report(actor=lead, year=2025).rows}
    with pytest.raises(Conflict):
        close(lead, (0,))

    busy_year(place, 2, year=2024)
    close(lead, (0,), year=2024)
    with pytest.raises(Conflict):
        close(lead, (3,), year=2024)
    assert [row.cells["people"].mark for row in reports.report(actor=lead, year=2024).rows] == ["apart"] * 4 + [""]
    assert reports.read_year(actor=lead, year=2024).closable() == ()


def test_what_runs_cannot_be_closed(place, lead):
    busy_year(place, 1)
    with time_machine.travel(dt.datetime(2025, 7, 1, 12, tzinfo=dt.UTC), tick=False):
        assert [each.quarter for each in reports.read_year(actor=lead, year=2025).closable()] == [1, 2]
        for quarter in (0, 3):
            with pytest.raises(Conflict) as refused:
                close(lead, (quarter,))
            assert refused.value.reason == "not_over"
        close(lead, (2,))
        running = reports.report(actor=lead, year=2025)
        assert running.is_running
        with translation.override("en"):
            assert "Sessions and cases are counted up to today." in " ".join(words.legend(running))
    with time_machine.travel(dt.datetime(2026, 1, 1, tzinfo=report_world.BERLIN), tick=False):
        assert [each.quarter for each in reports.read_year(actor=lead, year=2025).closable()] == [1, 3, 4]
    for year, quarter in ((2025, 5), (2025, ""), (2025, "²"), ("x", 0), (20250, 0), (2025, -1)):
        with pytest.raises(Invalid):
            closing.close_period(actor=lead, year=year, quarter=quarter)


def test_sessions_without_attendance_are_named_before_a_period_is_closed(place, lead):
    busy_year(place, 1)
    group = report_world.session(place, [(user, "Nord", "online", 120) for user in report_world.users(5)], on=dt.date(2025, 5, 6))
    group.attendances.all().delete()
    assert {each.quarter: each.without_sheet for each in reports.read_year(actor=lead, year=2025).closable()} == {0: 1, 1: 0, 2: 1, 3: 0, 4: 0}
    group.round.state = "cancelled"
    group.round.save()
    assert not any(each.without_sheet for each in reports.read_year(actor=lead, year=2025).closable())


def test_closing_is_for_coordinators_and_stands_in_the_record(place, lead):
    busy_year(place, 1)
    who = world.user()
    for actor in (world.actor(who), world.actor(who, is_course_staff=True), world.actor(who, is_coordinator=True, is_masquerading=True)):
        with pytest.raises(NotFound):
            closing.close_period(actor=actor, year=2025)
    close(lead, (0,))
    entry = AuditEntry.objects.get(action="report.close_year")
    assert (entry.actor_id, entry.detail) == (lead.user_id, {"year": 2025, "quarter": 0})
    with pytest.raises(TypeError):
        ClosedPeriod.objects.get().save()


def test_what_is_kept_of_a_period_holds_no_small_number(place, lead):
    """The table itself is no way around the report."""
    report_world.session(place, [(user, "Nord", "online", 120) for user in report_world.users(12)] + [(report_world.users(1)[0], "Süd", "phone", 120)], on=dt.date(2025, 2, 4))
    report_world.session(place, [(user, "Süd", "phone", 120) for user in report_world.users(3)], on=dt.date(2025, 5, 6))
    close(lead, (1, 2))
    first, second = (ClosedPeriod.objects.get(quarter=quarter).figures for quarter in (1, 2))
    assert first["all"] == {"people": 13, "attendances": 13, "hours": 26.0, "units": 34.7, "new_people": "none", "registered": 13, "course": 0, "helped": "none", "safe": "none"}
    assert (first["region"], first["format"]) == (None, None)
    assert second["all"]["people"] == "small"
    assert {value for name, value in second["all"].items() if name not in ("people", "new_people", "course", "helped", "safe")} == {"hidden"}


def test_twelve_people_in_a_year_get_a_report_worth_reading(place, lead):
    """What a funder asks for is there; the quarters tell sessions and cases."""
    four_rounds(place, 1, people=12)
    close(lead, (0,))
    truth = raw_counts(place, 2025)
    found = reports.report(actor=lead, year=2025)
    figures = {name: cell.value for name, cell in found.total.cells.items()}
    assert figures["people"] == figures["new_people"] == truth["people", "year", "all", ""] == 12
    assert figures["attendances"] == truth["attendances", "year", "all", ""] >= 32
    assert figures["hours"] == truth["hours", "year", "all", ""]
    assert figures["cases"] == sum(row.cells["cases"].value for row in found.rows[:4]) == truth["cases", "year", "all", ""]
    assert [row.cells["sessions"].value for row in found.rows] == [1, 1, 1, 1, 4]
    assert [chart.title for chart in charts.charts(found)] == ["Sessions held", "Cases consulted"]


def test_a_large_year_by_quarters_has_its_people_regions_and_ways(place, lead):
    four_rounds(place, 3, people=120)
    close(lead, (1, 2, 3, 4))
    cells = everything(lead)
    assert [cells["people", period, "all", ""].value for period in ("1", "2", "3", "4", "year")] == [
        raw_counts(place, 2025)["people", period, "all", ""] for period in ("1", "2", "3", "4", "year")
    ]
    assert cells["registered", "1", "region", "Nord"].mark == cells["registered", "1", "region", "Süd"].mark == "none"
    lines = {row.key: row.cells["hours"].value for row in reports.report(actor=lead, year=2025, by="region", columns=("people", "hours")).rows}
    assert list(lines) == ["Nord", "", "year"]
    assert lines["year"] == pytest.approx(lines["Nord"] + lines[""], abs=0.5)
    assert len(charts.charts(reports.report(actor=lead, year=2025))) == 3


def test_who_was_there_briefly_counts_and_the_report_says_so(place, lead):
    report_world.session(place, [(user, "Nord", "online", minutes) for user, minutes in zip(report_world.users(7), (120, 120, 120, 120, 120, 20, 0), strict=True)], on=dt.date(2025, 2, 4))
    close(lead, (0,))
    found = reports.report(actor=lead, year=2025, columns=("people", "hours"))
    assert {name: cell.value for name, cell in found.total.cells.items()} == {"people": 6, "hours": 10.3}
    note = "Gezählt sind alle, die da waren, auch wer für eine Bescheinigung zu kurz da war."
    with translation.override("de"):
        assert note in words.legend(found)
        assert note in tables.report_csv(found).decode()
        sheet = CalamineWorkbook.from_filelike(io.BytesIO(tables.report_xlsx(found))).get_sheet_by_index(0)
        assert [note] in [[cell for cell in row if cell] for row in sheet.to_python()]
        assert note not in words.legend(reports.report(actor=lead, year=2025, columns=("sessions", "cases")))


def test_sessions_satisfaction_and_the_written_text(place, lead):
    group = report_world.session(place, [(user, "Nord", "online", 120) for user in report_world.users(6)], on=dt.date(2025, 2, 4))
    report_world.reflect(group, 5, 4)
    small = report_world.session(place, [(user, "Süd", "online", 120) for user in report_world.users(3)], on=dt.date(2025, 5, 6))
    report_world.reflect(small, 1, 1)
    close(lead, (1, 2, 3, 4))
    found = reports.report(actor=lead, year=2025, columns=MEASURES)
    first, second, third, _fourth, year = (row.cells for row in found.rows)
    assert (first["sessions"].value, second["sessions"].value, year["sessions"].value) == (1, 1, 2)
    assert second["helped"].mark == "small"
    assert third["helped"].mark == "none"
    assert (first["helped"].value, year["helped"].mark) == (5.0, "none"), "the mean of three would follow from the others"
    with translation.override("en"):
        text = words.text_block(found)
    assert text.startswith("In 2025 2 sessions of peer consultation took place.")
    assert "<5" not in text


def test_periods_and_words_that_do_not_exist(place, lead):
    for wanted in ({"year": 1999}, {"year": "x"}, {"quarter": 5}, {"by": "month"}, {"region": "Ost"}, {"region": "Nord", "take_part": "phone"}, {"take_part": "fax"}):
        with pytest.raises(Invalid):
            reports.report(actor=lead, **wanted)


def test_volunteers_and_masquerades_see_no_figures(place):
    who = world.user()
    for actor in (world.actor(who), world.actor(who, is_course_staff=True, is_masquerading=True)):
        with pytest.raises(NotFound):
            reports.report(actor=actor)
    assert reports.report(actor=world.actor(who, is_course_staff=True)).total.cells["people"].mark == "open"


def test_the_same_queries_for_ten_and_for_two_hundred_people(place, lead):
    numbers = []
    for quarter, (count, day) in enumerate(((10, dt.date(2025, 2, 4)), (190, dt.date(2025, 6, 4))), start=1):
        report_world.session(place, [(user, "Süd", "phone", 120) for user in report_world.users(count)], on=day)
        for step in (lambda: reports.report(actor=lead, year=2025), lambda quarter=quarter: close(lead, (quarter,))):
            with CaptureQueriesContext(connection) as found:
                step()
            numbers.append(len(found))
    assert numbers[:2] == numbers[2:]
    assert numbers[0] <= 6


def test_files_hold_what_the_page_shows(place, lead):
    busy_year(place, 1)
    close(lead, (0,))
    found = reports.report(actor=lead, year=2025, by="region", columns=("people", "attendances", "hours"))
    assert [row.key for row in found.rows] == ["Nord", "", "year"]
    with translation.override("de"):
        page = [[words.line(found, row), *(words.figure(row.cells[name]) for name in found.columns)] for row in found.rows]
        rows = list(csv.reader(io.StringIO(tables.report_csv(found).decode("utf-8-sig")), delimiter=";"))
        assert rows[0] == ["2025", "Personen", "Teilnahmen", "Personenstunden"]
        assert rows[1 : 1 + len(page)] == page
        # Read by another library than the one that wrote it.
        sheet = CalamineWorkbook.from_filelike(io.BytesIO(tables.report_xlsx(found))).get_sheet_by_index(0)
        read = sheet.to_python(skip_empty_area=False)[: 1 + len(page)]
        assert read[0] == rows[0]
        for line, row in zip(read[1:], found.rows, strict=True):
            assert line[1:] == [words.figure(cell) if cell.mark else cell.value for cell in (row.cells[name] for name in found.columns)]
        pdf = report_pdf(found, today=dt.date(2026, 1, 5), language="de")
        assert pdf.startswith(b"%PDF-")
        assert [chart.title for chart in charts.charts(found)] == ["Teilnahmen", "Personenstunden", "Personen"]
        assert "Übrige zusammen: Süd, West." in " ".join(words.legend(found))


def test_hours_of_sessions_are_their_planned_length(place, lead):
    for minutes, day in ((120, dt.date(2025, 2, 4)), (90, dt.date(2025, 2, 11))):
        report_world.session(place, [(user, "Nord", "online", 60) for user in report_world.users(5)], on=day, minutes=minutes)
    close(lead, (1,))
    first = reports.report(actor=lead, year=2025, columns=("session_hours", "hours", "units")).rows[0].cells
    assert (first["session_hours"].value, first["hours"].value, first["units"].value) == (3.5, 10.0, 13.3)


def test_a_name_is_no_formula():
    assert tables.safe("=HYPERLINK(1)") == "'=HYPERLINK(1)"
    assert tables.safe("-5 Stunden") == "'-5 Stunden"
    assert tables.safe(-5) == -5
    assert tables.safe("Müller") == "Müller"
