"""The facilitator's desk in a browser: by dragging, by two at once, in several widths; lists, team, files."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.e2e.conftest import assert_axe_clean
from tests.e2e.hands import settled

SECTIONS = ("today", "rounds", "registrations", "assignment", "cases", "sessions", "mails", "report", "history", "team")


def open_section(page: Page, name: str) -> None:
    page.locator(f".kb-tabs form:has(input[name=section][value={name}]) button").click()
    page.locator(f".kb-tabs form:has(input[name=section][value={name}]) button[aria-current=page]").wait_for()
    settled(page)


def button(page: Page, action: str, within: str = "") -> Locator:
    return page.locator(f"{within} form[hx-post*='/act/{action}'] button[type=submit]").first


def choose_round(page: Page, title: str) -> None:
    """Pick a round in the list above the section."""
    choice = page.locator(".kb-desk select[name=round]").first
    choice.select_option(value=choice.locator("option", has_text=title).first.get_attribute("value"))


def flash(page: Page) -> Locator:
    return page.locator(".kb-desk > .kb-notice").first


def fresh_round(demo, title: str) -> None:
    """A round of the demo's volunteers with closed sign-up, made outside the browser."""
    demo.run(
        "from beratung_xblock.demo import seed; from beratung_xblock.demo.personas import *\n"
        "from beratung_xblock.api import rounds; import datetime as dt\n"
        "lead = seed.actor_of(FACILITATOR); day = dt.date.today() + dt.timedelta(days=40)\n"
        f"uid = rounds.create_round(actor=lead, title={title!r}, closes_at=f'{{day - dt.timedelta(days=5)}}T12:00', slots=[seed.evening(day), seed.evening(day + dt.timedelta(days=2))])\n"
        "rounds.open_round(actor=lead, round_uid=uid)\n"
        "for who in VOLUNTEERS: seed.sign_up(who, uid)\n"
        "rounds.close_round(actor=lead, round_uid=uid)"
    )


def on_the_board(page: Page, title: str) -> None:
    open_section(page, "assignment")
    choose_round(page, title)
    page.get_by_role("button", name="Runde zeigen").click()
    settled(page)


def test_two_facilitators_at_once_lose_nothing(person, demo):
    fresh_round(demo, "Zu zweit")
    one, other = person("facilitator"), person("facilitator")
    on_the_board(one, "Zu zweit")
    button(one, "board.propose").click()
    expect(one.locator(".kb-group").nth(1)).to_be_visible(timeout=20_000)
    on_the_board(other, "Zu zweit")
    expect(other.locator(".kb-group").nth(1)).to_be_visible()

    def move_first(page: Page) -> str:
        seat = page.locator(".kb-group").first.locator("li[data-kb-person]").first
        seat.locator("summary").click()
        seat.get_by_role("button", name="Person verschieben").click()
        settled(page)
        return seat.get_attribute("data-kb-person") or ""

    mine = one.locator(".kb-group").first.locator("li[data-kb-person]").first.get_attribute("data-kb-person")
    move_first(one)
    expect(flash(one)).to_contain_text("Verschoben")
    move_first(other)
    expect(flash(other)).to_contain_text("Jemand anderes hat das inzwischen geändert")
    expect(other.locator(".kb-group").nth(1).locator(f"li[data-kb-person='{mine}']")).to_be_visible()

    move_first(other)
    expect(flash(other)).to_contain_text("Verschoben")
    button(other, "board.undo").click()
    expect(flash(other)).to_contain_text("Zurückgenommen")
    button(one, "board.publish").click()
    expect(flash(one)).to_contain_text("Jemand anderes hat das inzwischen geändert")


@pytest.mark.parametrize("language", ["de", "ar"])
def test_dragging_moves_a_person_and_escape_does_not(person, demo, language):
    title = f"Ziehen {language}"
    fresh_round(demo, title)
    page = person("facilitator", language=language)
    open_section(page, "assignment")
    choose_round(page, title)
    page.locator(".kb-desk__filter button").first.click()
    settled(page)
    button(page, "board.propose").click()
    expect(page.locator(".kb-group").nth(1)).to_be_visible(timeout=20_000)
    seat = page.locator(".kb-group").first.locator("li[data-kb-person]").first
    uid = seat.get_attribute("data-kb-person")
    second = page.locator(".kb-group").nth(1)

    def drag(*, escape: bool) -> None:
        grip = page.locator(f"li[data-kb-person='{uid}'] .kb-grip").bounding_box()
        aim = second.bounding_box()
        page.mouse.move(grip["x"] + 12, grip["y"] + 12)
        page.mouse.down()
        page.mouse.move(grip["x"] + 40, grip["y"] + 30, steps=4)
        page.mouse.move(aim["x"] + aim["width"] / 2, aim["y"] + 60, steps=8)
        expect(page.locator(".kb-group.is-target")).to_have_count(1)
        if escape:
            page.keyboard.press("Escape")
        page.mouse.up()

    drag(escape=True)
    expect(page.locator(".kb-ghost")).to_have_count(0)
    expect(page.locator(".kb-group").first.locator(f"li[data-kb-person='{uid}']")).to_be_visible()
    drag(escape=False)
    expect(second.locator(f"li[data-kb-person='{uid}']")).to_be_visible()


def test_the_arrow_of_a_row_never_takes_a_line_of_its_own(person, demo):
    """A row is as high with its arrow as without, whatever the name, on the narrowest phone as well."""
    fresh_round(demo, "Lange Namen")
    demo.run(
        "from beratung_xblock.models import Registration\n"
        "for n, row in enumerate(Registration.objects.filter(round__title='Lange Namen')):\n"
        "    Registration.objects.filter(pk=row.pk).update(display_name='Wilhelmine Alexandra Charlotte'[:10 + 2 * n])"
    )
    page = person("facilitator", width=320)
    on_the_board(page, "Lange Namen")
    button(page, "board.propose").click()
    expect(page.locator(".kb-group").nth(1)).to_be_visible()
    settled(page)
    for width in (320, 360, 390):
        page.set_viewport_size({"width": width, "height": 800})
        heights = "[...document.querySelectorAll('.kb-seat > summary')].map((row) => row.getBoundingClientRect().height)"
        rows = page.evaluate(heights)
        assert len(rows) == 12
        page.evaluate("document.head.append(Object.assign(document.createElement('style'), {id: 'bare', textContent: '.kb-root .kb-seat > summary::after { display: none }'}))")
        assert page.evaluate(heights) == rows
        page.evaluate("document.getElementById('bare').remove()")


@pytest.mark.slow
@pytest.mark.parametrize(("language", "width"), [("de", 360), ("de", 768), ("de", 1280), ("ar", 360)])
def test_every_section_is_accessible_and_never_scrolls_sideways(person, language, width):
    page = person("facilitator", language=language, width=width)
    for name in SECTIONS:
        open_section(page, name)
        assert page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth"), name
        if name != "report":  # whose columns the reader chooses
            cut = "[...document.querySelectorAll('.kb-desk .kb-table-wrap')].filter((frame) => frame.scrollWidth > frame.clientWidth + 1).length"
            assert page.evaluate(cut) == 0, f"{name}: a table is cut off"
        assert_axe_clean(page, within=".kb-root")


def test_a_volunteer_who_phoned_is_registered_cancelled_and_registered_again(person, demo):
    fresh_round(demo, "Am Telefon")
    page = person("facilitator")
    open_section(page, "registrations")
    choose_round(page, "Am Telefon")
    page.get_by_role("button", name="Runde zeigen").click()
    settled(page)
    page.locator("summary", has_text="Jemanden am Telefon anmelden").click()
    page.get_by_role("button", name="Person anmelden").click()
    expect(page.get_by_text("Bitte wählen Sie mindestens einen Termin.")).to_be_visible()
    page.get_by_label("Name in der Gruppe").fill("Anna am Telefon")
    page.locator("[name^=slot_]").first.check()
    page.get_by_role("button", name="Person anmelden").click()
    expect(flash(page)).to_contain_text("Angemeldet")

    page.get_by_label("Name, Region oder Organisation").fill("Anna")
    page.get_by_role("button", name="Liste zeigen").click()
    expect(page.locator("tbody tr")).to_have_count(1)
    page.locator("tbody summary").click()
    page.get_by_role("button", name="Anmeldung absagen").click()
    expect(page.locator("tbody .kb-error")).to_be_visible()
    page.locator("tbody [name=reason]").fill("Ist krank")
    page.get_by_role("button", name="Anmeldung absagen").click()
    expect(flash(page)).to_contain_text("abgesagt")
    page.get_by_role("button", name="Wieder anmelden").first.click()
    expect(flash(page)).to_contain_text("angemeldet")


def test_course_staff_see_figures_and_no_names(person):
    page = person("author")
    page.goto("/learn/beratung/")
    expect(page.locator(".kb-figures")).to_be_visible()
    shown = page.locator(".kb-root").inner_text()
    for name in ("Renate", "Yusuf", "Gisela", "Olena"):
        assert name not in shown
    assert page.locator("form[hx-post*='team.grant']").count() == 0
    assert_axe_clean(page, within=".kb-root")


def test_an_instructor_makes_somebody_coordinator_and_takes_it_back(person):
    page = person("facilitator")
    open_section(page, "team")
    page.get_by_label("Benutzername oder E-Mail-Adresse").fill("nobody-here")
    page.get_by_role("button", name="Person aufnehmen").click()
    expect(page.get_by_text("Es gibt kein Konto mit diesem Namen")).to_be_visible()
    page.get_by_label("Benutzername oder E-Mail-Adresse").fill("volunteer-12")
    page.get_by_role("button", name="Person aufnehmen").click()
    expect(flash(page)).to_contain_text("koordiniert jetzt")

    other = person("volunteer-12")
    expect(other.locator(".kb-tabs")).to_be_visible()
    assert other.locator(".kb-tabs input[value=team]").count() == 0
    line = page.locator("li", has_text="Bernd Lohmann")
    line.locator("summary").click()
    line.get_by_role("button", name="Person entfernen").click()
    expect(flash(page)).to_contain_text("koordiniert nicht mehr")
    other.reload()
    expect(other.locator(".kb-volunteer")).to_be_visible()


def test_files_can_be_saved(person):
    page = person("facilitator")
    open_section(page, "report")
    # The demo has lived through a year before this one: figures at first sight.
    assert [figure.inner_text() for figure in page.locator(".kb-figures dd").all()] == ["8", "8", "17", "96"]
    expect(page.locator(".kb-chart")).to_have_count(3)
    for kind, start in (("PDF", b"%PDF-"), ("XLSX", b"PK"), ("CSV", b"\xef\xbb\xbf")):
        with page.expect_download() as saved:
            page.get_by_role("link", name=f"Als {kind} speichern").click()
        assert Path(saved.value.path()).read_bytes().startswith(start)
    open_section(page, "registrations")
    with page.expect_download() as saved:
        page.get_by_role("link", name="Liste als Tabelle speichern").click()
    assert saved.value.suggested_filename == "anmeldungen.xlsx"
