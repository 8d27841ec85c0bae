"""The report against a second computation from raw rows, and against somebody who subtracts exports from each other."""

import csv
import datetime as dt
import io
import random
from collections import defaultdict

import pytest
from django.utils import translation
from python_calamine import CalamineWorkbook

from beratung_xblock.api import reports
from beratung_xblock.data.reports import MEASURES
from beratung_xblock.exceptions import Invalid, NotFound
from beratung_xblock.exports import charts, tables, words
from beratung_xblock.exports.report_pdf import report_pdf
from beratung_xblock.models import Attendance, SessionCase
from tests.integration import report_world, world

pytestmark = pytest.mark.django_db(transaction=True)
REGIONS = ("Nord", "Süd", "West")
WAYS = ("online", "phone", "on_site")


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
    for _number in range(sessions):
        day = dt.date(year, draw.choice((1, 2, 4, 5, 8, 11)), draw.randint(1, 28))
        chosen = draw.sample(everybody, draw.randint(3, 8))
        group = report_world.session(place, [(user, region, way, draw.choice((0, 60, 90, 120))) for user, region, way in chosen], on=day)
        report_world.consult(group, draw.randint(0, 3))


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
        if day.year != year or not row.minutes:
            continue
        for period in (str((day.month + 2) // 3), "year"):
            for part in (("all", ""), ("region", row.registration.region), ("format", row.take_part)):
                found["attendances", period, *part].add(row.pk)
                found["people", period, *part].add(row.registration.user_id)
                minutes[period, *part] += row.minutes
                if first[row.registration.user_id].pk == row.pk:
                    found["new_people", period, *part].add(row.registration.user_id)
    for row in SessionCase.objects.filter(session__group__round__place=place).select_related("giver"):
        day = row.consulted_at.astimezone(report_world.BERLIN)
        if day.year == year:
            for period in (str((day.month + 2) // 3), "year"):
                for part in (("all", ""), ("region", row.giver.region), ("format", row.giver.take_part)):
                    found["cases", period, *part].add(row.pk)
    counts = {key: len(value) for key, value in found.items()}
    counts.update({("hours", *key): round(value / 60, 1) for key, value in minutes.items()})
    counts.update({("units", *key): round(value / 45, 1) for key, value in minutes.items()})
    return defaultdict(int, counts)


def everything(lead, year=2025):
    """All that anybody can ask for: {(measure, period, kind, value): Cell}."""
    cells = {}
    for quarter in range(5):
        period = str(quarter) if quarter else "year"
        for by, kind in (("region", "region"), ("format", "format")):
            found = reports.report(actor=lead, year=year, quarter=quarter, by=by, columns=MEASURES)
            for row in found.rows:
                part = ("all", "") if row.is_total else (kind, row.key)
                cells.update({(name, period, *part): cell for name, cell in row.cells.items()})
    for region in REGIONS:
        for row in reports.report(actor=lead, year=year, region=region, columns=MEASURES).rows:
            for name, cell in row.cells.items():
                assert cells[name, row.key, "region", region] == cell, "two exports agree"
    return cells


@pytest.mark.parametrize("seed", range(3))
def test_what_is_shown_is_what_the_rows_say(place, lead, seed):
    busy_year(place, seed)
    truth = raw_counts(place, 2025)
    shown = 0
    for (name, *key), cell in everything(lead).items():
        if name in ("attendances", "people", "new_people", "hours", "units", "cases") and not cell.mark:
            assert cell.value == truth[name, *key], (name, key)
            shown += bool(cell.value)
        if name in ("attendances", "people", "new_people", "cases") and 0 < truth[name, *key] < 5:
            assert cell.mark, (name, key)
    assert shown > 20


@pytest.mark.parametrize("seed", range(6))
def test_nobody_finds_a_small_figure_by_subtracting(place, lead, seed):
    busy_year(place, seed, people=25 + 5 * seed)
    truth = raw_counts(place, 2025)
    cells = everything(lead)
    hidden = 0
    for name, additive in (("attendances", True), ("new_people", True), ("people", False), ("cases", True)):
        known = {key[1:]: cell.value for key, cell in cells.items() if key[0] == name and not cell.mark}
        lines = [[(period, "all", ""), *((period, kind, value) for value in values)] for period in ("1", "2", "3", "4", "year") for kind, values in (("region", REGIONS), ("format", WAYS))]
        if additive:
            lines += [[("year", *part), *((quarter, *part) for quarter in "1234")] for part in (("all", ""), *(("region", r) for r in REGIONS), *(("format", w) for w in WAYS))]
        changed = True
        while changed:
            changed = False
            for total, *parts in lines:
                unknown = [key for key in (total, *parts) if key not in known]
                if len(unknown) == 1:
                    rest = sum(known[key] for key in parts if key in known)
                    known[unknown[0]] = rest if unknown[0] == total else known[total] - rest
                    changed = True
        for key, value in known.items():
            assert value == truth[name, *key]
            assert not 0 < value < 5, (name, key, "was worked out")
        hidden += sum(cell.mark == "small" for key, cell in cells.items() if key[0] == name)
    assert hidden > 5, "there was something to find"


def test_who_is_not_new_is_no_small_difference(place, lead):
    old = report_world.users(2)
    report_world.session(place, [(user, "Nord", "online", 120) for user in old] + [(user, "Nord", "online", 120) for user in report_world.users(4)], on=dt.date(2024, 3, 5))
    report_world.session(place, [(user, "Nord", "online", 120) for user in (*old, *report_world.users(6))], on=dt.date(2025, 3, 4))
    cells = reports.report(actor=lead, year=2025, columns=("people", "new_people")).total.cells
    assert cells["people"].value == 8
    assert cells["new_people"].mark == "hidden"


def test_sessions_satisfaction_and_the_written_text(place, lead):
    group = report_world.session(place, [(user, "Nord", "online", 120) for user in report_world.users(6)], on=dt.date(2025, 2, 4))
    report_world.reflect(group, 5, 4)
    small = report_world.session(place, [(user, "Süd", "online", 120) for user in report_world.users(3)], on=dt.date(2025, 5, 6))
    report_world.reflect(small, 1, 1)
    found = reports.report(actor=lead, year=2025, columns=MEASURES)
    first, second, third, _fourth, year = (row.cells for row in found.rows)
    assert (first["sessions"].value, second["sessions"].value, year["sessions"].value) == (1, 1, 2)
    assert second["helped"].mark == "small"
    assert third["helped"].mark == "none"
    assert "hidden" in (first["helped"].mark, year["helped"].mark), "the mean of three would follow from the others"
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
    assert reports.report(actor=world.actor(who, is_course_staff=True)).total.cells["people"].value == 0


def test_the_same_queries_for_ten_and_for_two_hundred_people(place, lead, django_assert_max_num_queries):
    report_world.session(place, [(user, "Nord", "online", 120) for user in report_world.users(10)], on=dt.date(2025, 2, 4))
    with django_assert_max_num_queries(15) as few:
        reports.report(actor=lead, year=2025)
    report_world.session(place, [(user, "Süd", "phone", 120) for user in report_world.users(190)], on=dt.date(2025, 6, 4))
    with django_assert_max_num_queries(15) as many:
        reports.report(actor=lead, year=2025)
    assert len(many) == len(few)


def test_files_hold_what_the_page_shows(place, lead):
    busy_year(place, 1)
    found = reports.report(actor=lead, year=2025, by="region", columns=("people", "attendances", "hours"))
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
        assert len(charts.charts(found)) == 3


def test_hours_of_sessions_are_their_planned_length(place, lead):
    for minutes, day in ((120, dt.date(2025, 2, 4)), (90, dt.date(2025, 2, 11))):
        report_world.session(place, [(user, "Nord", "online", 60) for user in report_world.users(5)], on=day, minutes=minutes)
    first = reports.report(actor=lead, year=2025, columns=("session_hours", "hours", "units")).rows[0].cells
    assert (first["session_hours"].value, first["hours"].value, first["units"].value) == (3.5, 10.0, 13.3)


def test_figures_are_kept_for_a_moment_and_counted_again_on_request(place, lead):
    group = report_world.session(place, [(user, "Nord", "online", 120) for user in report_world.users(6)], on=dt.date(2025, 2, 4))
    before = reports.read_year(actor=lead, year=2025)
    report_world.consult(group, 5)
    again = reports.read_year(actor=lead, year=2025)
    assert again.figures.made_at == before.figures.made_at
    assert again.report(columns=("cases",)).total.cells["cases"].value == 0
    fresh = reports.read_year(actor=lead, year=2025, fresh=True)
    assert fresh.figures.made_at > before.figures.made_at
    assert fresh.report(columns=("cases",)).total.cells["cases"].value == 5
    assert reports.read_year(actor=lead, year=2025).figures.made_at == fresh.figures.made_at


def test_a_name_is_no_formula():
    assert tables.safe("=HYPERLINK(1)") == "'=HYPERLINK(1)"
    assert tables.safe("-5 Stunden") == "'-5 Stunden"
    assert tables.safe(-5) == -5
    assert tables.safe("Müller") == "Müller"
