"""Closing a year or its quarters, and somebody who has every report of every day and solves for what they leave out."""

import datetime as dt
import random
from collections import defaultdict

import pytest
import time_machine
from django.contrib.auth import get_user_model
from django.utils import translation

from beratung_xblock.api import closing, desk, erasure, reports, retention
from beratung_xblock.api._report_rule import Split
from beratung_xblock.data.reports import EVENTS, MEASURES, Cell
from beratung_xblock.exceptions import Conflict, Invalid, NotFound
from beratung_xblock.exports import words
from beratung_xblock.models import Attendance, AuditEntry, ClosedPeriod
from tests.blocks import stage
from tests.integration import report_reader, report_world, world
from tests.integration.report_world import REGIONS, WAYS, busy_year, close, four_rounds, raw_counts

pytestmark = pytest.mark.django_db(transaction=True)
OF_PEOPLE = [name for name in MEASURES if name not in EVENTS]


@pytest.fixture
def place():
    return world.place(regions=list(REGIONS))


@pytest.fixture
def lead(place):
    return world.lead()


def everything(lead, year=2025):
    """All that anybody can ask for on a day."""
    return report_reader.exports(lead, year, REGIONS, WAYS)[0]


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
@pytest.mark.parametrize("seed", range(2))
def test_reports_of_different_days_tell_one_thing_about_people(place, lead, seed, quarters):
    """Whatever changes between them, two reports never hold two numbers of the same people: nothing can be subtracted."""
    draw = random.Random(seed)
    busy_year(place, seed, people=40, sessions=16)
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
    assert days[-1]["sessions", "year", "all", ""].value >= 16
    assert sum(isinstance(cell.value, float) and cell.value >= 5 for key, cell in days[-1].items() if key[0] in OF_PEOPLE) > 10


def test_a_year_is_closed_as_a_whole_or_by_quarters(place, lead):
    busy_year(place, 1)
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


def six(on):
    """A session of six people."""
    return [(user, "Nord", "online", 120) for user in report_world.users(6)], on


def test_quarters_without_sessions_are_closed_with_the_last_one_that_has_any(place, lead):
    for people, on in (six(dt.date(2025, 2, 4)), six(dt.date(2025, 11, 4))):
        report_world.session(place, people, on=on)
    assert [each.quarter for each in reports.read_year(actor=lead, year=2025).closable()] == [0, 1, 4]
    with pytest.raises(Conflict) as refused:
        close(lead, (3,))
    assert refused.value.reason == "no_sessions"
    assert not ClosedPeriod.objects.exists(), "the year can still be closed as a whole"
    close(lead, (4,))
    assert [each.quarter for each in reports.read_year(actor=lead, year=2025).closable()] == [1]
    with pytest.raises(Conflict) as refused:
        close(lead, (0,))
    assert refused.value.reason == "closed_otherwise"
    close(lead, (1,))
    year = reports.read_year(actor=lead, year=2025)
    assert (year.closable(), set(year.closed)) == ((), {0, 1, 2, 3, 4})
    assert [row.cells["attendances"].value for row in year.report(columns=("attendances",)).rows] == [6, 0, 0, 6, 12]


def test_a_year_by_quarters_whose_last_quarter_stayed_empty_is_closed_when_it_is_over(place, lead):
    for people, on in (six(dt.date(2025, 2, 4)), six(dt.date(2025, 5, 6))):
        report_world.session(place, people, on=on)
    with time_machine.travel(dt.datetime(2025, 10, 2, 12, tzinfo=dt.UTC), tick=False):
        close(lead, (1, 2))
        assert reports.read_year(actor=lead, year=2025).closable() == ()
        with pytest.raises(Conflict) as refused:
            close(lead, (0,))
        assert refused.value.reason == "not_over"
    year = reports.read_year(actor=lead, year=2025)
    assert ([each.quarter for each in year.closable()], year.without_sessions()) == ([0], (3, 4))
    close(lead, (0,))
    assert [row.cells["hours"].value for row in reports.report(actor=lead, year=2025).rows] == [12, 12, 0, 0, 24]
    assert set(ClosedPeriod.objects.values_list("quarter", flat=True)) == {0, 1, 2, 3, 4}


def test_a_quarter_whose_attendance_is_missing_is_not_empty(place, lead):
    report_world.session(place, *six(dt.date(2025, 2, 4))[:1], on=dt.date(2025, 2, 4))
    group = report_world.session(place, *six(dt.date(2025, 5, 6))[:1], on=dt.date(2025, 5, 6))
    group.attendances.all().delete()
    close(lead, (1,))
    assert [(each.quarter, each.without_sheet) for each in reports.read_year(actor=lead, year=2025).closable()] == [(2, 1)]


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
    assert first["all"] == {"people": 13, "attendances": 13, "hours": 26.0, "units": 34.7, "new_people": "of_year", "registered": 13, "course": 0, "helped": "none", "safe": "none"}
    assert (first["region"], first["format"]) == (None, None)
    assert second["all"]["people"] == "small"
    assert {value for name, value in second["all"].items() if name not in ("people", "new_people", "course", "helped", "safe")} == {"hidden"}


def test_the_morning_list_reminds_of_a_year_that_is_over(place, lead):
    def lines():
        return [(need.kind, need.params["year"]) for need in desk.today(actor=lead) if need.kind.startswith("close_")]

    with time_machine.travel(dt.datetime(2026, 4, 2, 12, tzinfo=dt.UTC), tick=False):
        assert lines() == []
        busy_year(place, 1)
        busy_year(place, 2, year=2026)
        assert lines() == [("close_year", 2025)]
        close(lead, (0,))
        assert lines() == [], "whoever never closes quarters is not asked to"
    with time_machine.travel(dt.datetime(2026, 7, 2, 12, tzinfo=dt.UTC), tick=False):
        close(lead, (1,), year=2026)
        assert lines() == [("close_quarter", 2026)]
        close(lead, (2,), year=2026)
        assert lines() == []


def test_the_page_leads_from_the_reminder_to_the_figures(place, lead):
    """From "Heute" to the closed year: what is pressed on the page itself."""
    four_rounds(place, 1, people=12, year=2025)
    account = stage.enrol(get_user_model().objects.get(pk=lead.user_id))
    with time_machine.travel(dt.datetime(2026, 1, 1, 0, 10, tzinfo=report_world.BERLIN), tick=False):
        assert '<input type="hidden" name="year" value="2025">' in stage.act(account, "desk.show", {"section": "today"}).text
        form = {"section": "report", "year": "2025", "closing": "0"}
        assert 'name="closing" value="0"' in stage.act(account, "desk.show", {"section": "report", "year": "2025"}).text
        for wrong, status in (({"year": "2026"}, 409), ({"closing": ""}, 400), ({"closing": "7"}, 400)):
            assert stage.act(account, "report.close", {**form, **wrong}).status_int == status
        assert stage.act(stage.enrol(world.user(), "staff"), "report.close", form).status_int == 404
        closed = stage.act(account, "report.close", form)
        assert (closed.status_int, 'name="closing"' in closed.text) == (200, False)
        assert reports.report(actor=lead, year=2025).total.cells["people"].value == 12


def page_of(account, **asked):
    return stage.act(account, "desk.show", {"section": "report", **asked}).text


@pytest.fixture
def account(lead):
    with translation.override("de"):
        yield stage.enrol(get_user_model().objects.get(pk=lead.user_id))


def test_a_running_year_says_what_will_be_counted_and_when(place, lead, account):
    with time_machine.travel(dt.datetime(2025, 6, 1, 12, tzinfo=dt.UTC), tick=False):
        group = report_world.session(place, *six(None)[:1], on=dt.date(2025, 4, 8))
        report_world.session(place, *six(None)[:1], on=dt.date(2025, 2, 4))
        later = report_world.session(place, *six(None)[:1], on=dt.date(2025, 9, 2))
        for one in (group, later):
            one.attendances.all().delete()
        text = page_of(account)
        assert "Das geht ab 1. Januar 2026. Gezählt wird dann bisher eine Sitzung, für die Anwesenheit eingetragen ist." in text
        assert "Bei einer Sitzung fehlt die Anwesenheit noch. Sie zählt dann nicht mit." in text, "the one in September has not been held"
        assert ">offen<" not in text, "only what there is"
        assert [f'name="{name}"' in text for name in ("by", "columns")] == [False, False]
        assert [name in text for name in ("Stunden der Sitzungen", "Beratene Fälle", "Personenstunden")] == [True, True, False]
        assert [f'name="closing" value="{quarter}"' in text for quarter in range(3)] == [False, True, False]
        close(lead, (1,))
        text = page_of(account)
        assert "Das 2. Quartal lässt sich ab 1. Juli 2025 abschließen." in text
        assert 'name="by"' in text
    with time_machine.travel(dt.datetime(2026, 6, 1, 12, tzinfo=dt.UTC), tick=False):
        assert "Im 4. Quartal gab es keine Sitzungen. Sie müssen es nicht abschließen." in page_of(account, year="2025")
        assert stage.act(account, "report.close", {"section": "report", "year": "2025", "closing": "4"}).status_int == 409


def test_a_year_without_sessions_offers_nothing_to_close(place, account):
    report_world.session(place, *six(None)[:1], on=dt.date(2024, 2, 6))
    text = page_of(account, year="2025")
    assert "Im Jahr 2025 gab es keine Sitzungen. Es gibt nichts abzuschließen." in text
    assert 'name="closing"' not in text
    assert 'name="closing" value="0"' in page_of(account, year="2024")


def test_the_lines_are_chosen_in_one_field(place, lead, account):
    four_rounds(place, 3, people=60)
    close(lead, (1, 2, 3, 4))
    text = page_of(account, year="2025", by="region:Nord", columns="attendances")
    assert '<option value="region:Nord" selected>Quartale: nur Nord</option>' in text
    assert "Bericht 2025, nur Nord" in text
    assert "Text für Ihren Sachbericht" not in text, "which would be about everybody"
    assert 'data-label="Sitzungen"' not in text, "what a region does not have is no column of it"
    assert '<input type="checkbox" name="columns" value="attendances" checked>' in text
    nord = reports.report(actor=lead, year=2025, region="Nord", columns=("attendances",))
    assert [words.figure(row.cells["attendances"]) in text for row in nord.rows] == [True] * 5
    assert '<option value="format" selected>' in page_of(account, year="2025", by="format")
    assert '<option value="quarter" selected>' in page_of(account, year="2025", by="region:Nowhere")
