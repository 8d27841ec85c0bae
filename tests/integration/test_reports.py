"""The report against a second computation from raw rows, what it is worth, and its files."""

import csv
import datetime as dt
import io

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import translation
from python_calamine import CalamineWorkbook

from beratung_xblock.api import reports
from beratung_xblock.data.reports import MEASURES, Cell, Report, ReportRow
from beratung_xblock.exceptions import Invalid, NotFound
from beratung_xblock.exports import charts, tables, words
from beratung_xblock.exports.report_pdf import report_pdf
from tests.integration import report_reader, report_world, world
from tests.integration.report_world import REGIONS, WAYS, busy_year, close, four_rounds, raw_counts, the_sum

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def place():
    return world.place(regions=list(REGIONS))


@pytest.fixture
def lead(place):
    return world.lead()


@pytest.mark.parametrize("quarters", [(0,), (1, 2, 3, 4)], ids=["year", "quarters"])
@pytest.mark.parametrize("seed", range(3))
def test_what_is_shown_is_what_the_rows_say(place, lead, seed, quarters):
    busy_year(place, seed, people=60, sessions=30)
    close(lead, quarters)
    truth = raw_counts(place, 2025)
    shown = 0
    for (name, period, kind, value), cell in report_reader.exports(lead, 2025, REGIONS, WAYS)[0].items():
        true = the_sum(truth, name, period, kind, value)
        if name in ("attendances", "people", "new_people", "hours", "units", "cases", "registered") and not cell.mark:
            assert cell.value == pytest.approx(true, abs=0.21), (name, period, kind, value)
            shown += bool(cell.value)
        if name in ("attendances", "people", "new_people", "registered") and 0 < true < 5:
            assert cell.mark, (name, period, kind, value)
    assert shown > 20


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
    cells = report_reader.exports(lead, 2025, REGIONS, WAYS)[0]
    assert [cells["people", period, "all", ""].value for period in ("1", "2", "3", "4", "year")] == [
        raw_counts(place, 2025)["people", period, "all", ""] for period in ("1", "2", "3", "4", "year")
    ]
    assert cells["registered", "1", "region", "Nord"].mark == cells["registered", "1", "region", "Süd"].mark == "none"
    lines = {row.key: row.cells["hours"].value for row in reports.report(actor=lead, year=2025, by="region", columns=("people", "hours")).rows}
    assert list(lines) == ["Nord", "", "year"]
    assert lines["year"] == pytest.approx(lines["Nord"] + lines[""], abs=0.5)
    assert len(charts.charts(reports.report(actor=lead, year=2025))) == 3
    with translation.override("de"):
        assert "Neue Ehrenamtliche sind nur für das ganze Jahr gezählt." in words.legend(reports.report(actor=lead, year=2025, quarter=2))


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
    close(lead, (1, 2))
    found = reports.report(actor=lead, year=2025, columns=MEASURES)
    first, second, third, _fourth, year = (row.cells for row in found.rows)
    assert (first["sessions"].value, second["sessions"].value, year["sessions"].value) == (1, 1, 2)
    assert second["helped"].mark == "small"
    assert third["helped"].mark == "none"
    assert (first["helped"].value, year["helped"].mark) == (5.0, "none"), "the mean of three would follow from the others"
    assert sum("quarter by quarter" in line for line in words.legend(found)) == 1
    with translation.override("de"):
        assert words.text_block(found) == (
            "Im Jahr 2025 fanden 2 Sitzungen der Kollegialen Beratung statt."
        )
        assert words.text_block(reports.report(actor=lead, year=2025, quarter=1, columns=MEASURES)) == (
            "Im 1. Quartal 2025 fand eine Sitzung der Kollegialen Beratung statt. Daran nahmen 6 Ehrenamtliche teil. Zusammen brachten sie 12 Stunden ein. "
            "Auf die Frage, ob die Sitzung geholfen hat, gaben die Befragten im Durchschnitt 5 von 5 Punkten."
        )


def told(**cells):
    """The written text of a year with these figures; None is a hidden one."""
    row = ReportRow(key="year", is_total=True, cells={name: Cell(mark="hidden") if value is None else Cell(value=value) for name, value in cells.items()})
    with translation.override("de"):
        return words.text_block(Report(year=2025, quarter=0, by="quarter", columns=tuple(cells), rows=(row,)))


@pytest.mark.parametrize(
    ("cells", "text"),
    [
        ({"sessions": 0, "people": 0, "attendances": 0, "hours": 0.0, "new_people": 0, "cases": 0, "course": 0}, "Im Jahr 2025 fand keine Sitzung der Kollegialen Beratung statt."),
        (
            {"sessions": 1, "people": 6, "attendances": 6, "hours": 10.5, "new_people": 6, "cases": 1, "course": 0},
            "Im Jahr 2025 fand eine Sitzung der Kollegialen Beratung statt. Daran nahmen 6 Ehrenamtliche teil. Für alle war es das erste Mal. "
            "Zusammen brachten sie 10,5 Stunden ein. Ein Fall wurde vertraulich beraten.",
        ),
        (
            {"sessions": 210, "people": 1200, "attendances": 4100, "hours": 8200.0, "new_people": 700, "cases": 260, "course": 90, "helped": 4.6},
            "Im Jahr 2025 fanden 210 Sitzungen der Kollegialen Beratung statt. Daran nahmen 1.200 Ehrenamtliche teil, zusammen 4.100-mal. "
            "Für 700 von ihnen war es das erste Mal. Zusammen brachten sie 8.200 Stunden ein. 260 Fälle wurden vertraulich beraten. "
            "90 Personen haben die Teams-Übung abgeschlossen. "
            "Auf die Frage, ob die Sitzung geholfen hat, gaben die Befragten im Durchschnitt 4,6 von 5 Punkten.",
        ),
        (
            {"sessions": 3, "people": None, "attendances": 11, "hours": 20.0, "new_people": 7},
            "Im Jahr 2025 fanden 3 Sitzungen der Kollegialen Beratung statt. Gezählt wurden 11 Teilnahmen. Für 7 Personen war es das erste Mal. "
            "Ehrenamtliche brachten dafür zusammen 20 Stunden ein.",
        ),
        ({"cases": 2}, "Im Jahr 2025 fanden Sitzungen der Kollegialen Beratung statt. 2 Fälle wurden vertraulich beraten."),
    ],
    ids=["nothing", "one", "many", "people hidden", "without sessions"],
)
def test_the_written_text_reads_like_one(cells, text):
    assert told(**cells) == text


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
    report_world.session(place, [(user, "Süd", "phone", 120) for user in report_world.users(5)], on=dt.date(2025, 11, 4))
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
