"""The facilitator's quarter as one walk, from creating the round to the report: by keyboard alone, and by touch on a tablet."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.hands import Fingers, Hands, Keyboard
from tests.e2e.test_desk import button, flash

PICTURES = os.environ.get("BERATUNG_PICTURES", "")
"""A folder for pictures of each state, for people who want to look; none by default."""
TABLET = {"width": 768, "height": 1024, "has_touch": True}


def picture(page: Page, name: str) -> None:
    if PICTURES:
        page.screenshot(path=Path(PICTURES) / f"{name}.png", full_page=True)


@pytest.mark.slow
@pytest.mark.parametrize(("hands", "screen"), [(Keyboard, {}), (Fingers, TABLET)], ids=["keyboard", "tablet"])
def test_the_whole_quarter_as_one_walk(person, demo, hands: type[Hands], screen):
    page = person("facilitator", **screen)
    me = hands(page)
    title = f"Quartal {hands.__name__}"
    look = f"quarter-{hands.__name__.lower()}"

    # A round: two evenings, saved as a draft, opened.
    picture(page, f"{look}-01-today")
    me.section("rounds")
    me.press(page.locator("summary", has_text="Neue Runde anlegen"))
    me.type(page.locator("form[hx-post*='round.create'] [name=title]"), title)
    me.day(page.locator("form[hx-post*='round.create'] [name=closes_at]"), "2031-03-20", "12:00")
    me.day(page.locator("[name='slots.0.day']"), "2031-04-08")
    me.day(page.locator("[name='slots.1.day']"), "2031-04-10")
    picture(page, f"{look}-02-new-round")
    me.press(button(page, "round.create"))
    expect(flash(page)).to_contain_text("als Entwurf gespeichert")
    uid = demo.run(f"from beratung_xblock.models import Round; print(Round.objects.get(title={title!r}).uid)")
    picture(page, f"{look}-03-draft")
    me.press(page.locator(f"form[hx-post*='/act/round.open']:has(input[value='{uid}']) button"))
    expect(flash(page)).to_contain_text("Anmeldung ist offen")

    # Twelve people sign up on their own pages; one more phones and is entered here.
    demo.run(f"from beratung_xblock.demo import seed; from beratung_xblock.demo.personas import VOLUNTEERS\nfor who in VOLUNTEERS: seed.sign_up(who, {uid!r})")
    me.section("registrations")
    expect(page.locator("tbody tr")).to_have_count(12)
    picture(page, f"{look}-04-registrations")
    me.section("rounds")
    me.press(page.locator(f"form[hx-post*='/act/round.close']:has(input[value='{uid}']) button"))
    expect(flash(page)).to_contain_text("geschlossen")

    # From "sign-up closed" to "published": at most five presses, no typing.
    me.presses = me.typed = 0
    me.section("today")
    picture(page, f"{look}-05-today-closed")
    me.press(page.locator("article", has_text=title).get_by_role("button", name="Gruppen bilden"))
    me.press(button(page, "board.propose"))
    expect(page.locator(".kb-group").nth(1)).to_be_visible(timeout=20_000)
    picture(page, f"{look}-06-proposed")
    me.press(button(page, "board.publish"))
    expect(flash(page)).to_contain_text("Veröffentlicht")
    assert me.presses <= 5
    assert me.typed == 0
    seats = f"from beratung_xblock.models import Membership; print(Membership.objects.filter(left_at=None, group__round__uid={uid!r}).count())"
    assert demo.run(seats) == "12"

    # Understand, move, fix, take back, move again, propose around what is fixed, publish the difference.
    first, second = page.locator(".kb-group").nth(0), page.locator(".kb-group").nth(1)
    seat = first.locator("li[data-kb-person]:not(:has-text('moderiert')):not(:has-text('Fall geplant')):not(:has-text('kann moderieren'))").first
    who, name = seat.get_attribute("data-kb-person"), seat.locator(".kb-people__name").inner_text()
    target = second.get_attribute("data-kb-drop")

    def move() -> None:
        row = page.locator(f"li[data-kb-person='{who}']")
        if row.locator("details[open]").count() == 0:
            me.press(row.locator("summary"))
        expect(row.locator(".kb-seat__body")).to_contain_text("Hat für diesen Termin")
        me.choose(row.locator("select[name=to]"), target)
        me.press(row.get_by_role("button", name="Person verschieben"))
        expect(page.locator(f"[data-kb-drop='{target}'] li[data-kb-person='{who}']")).to_contain_text("festgehalten")

    move()
    assert page.evaluate("document.activeElement.textContent").startswith(name), "the focus stays with the person"
    me.press(button(page, "board.undo"))
    expect(flash(page)).to_contain_text("Zurückgenommen")
    move()
    picture(page, f"{look}-07-moved")
    me.press(button(page, "board.propose"))
    expect(page.locator(f".kb-group li[data-kb-person='{who}']")).to_contain_text("festgehalten")
    me.press(button(page, "board.publish"))
    expect(flash(page)).to_contain_text("Veröffentlicht")

    # The evening is over (one day for both groups, so that no end of a year lies between them): the list of the morning leads to the
    # attendance, completion follows.
    demo.run(
        "from beratung_xblock.models import Slot; from django.utils import timezone; import datetime as dt\n"
        f"for n, s in enumerate(Slot.objects.filter(round__uid={uid!r})):\n"
        "    at = (timezone.now() - dt.timedelta(days=3)).replace(hour=12, minute=n)\n"
        "    Slot.objects.filter(pk=s.pk).update(starts_at=at, ends_at=at + dt.timedelta(hours=2))"
    )
    me.section("today")
    me.press(page.get_by_role("button", name="Anwesenheit eintragen").first)
    picture(page, f"{look}-08-sheet")
    me.section("sessions")
    groups = page.get_by_role("button", name="Alle als anwesend eintragen").count()
    assert groups >= 2
    for number in range(groups):
        me.press(page.locator("article").nth(number).get_by_role("button", name="Alle als anwesend eintragen"))
        expect(flash(page)).to_contain_text("anwesend")
    done = demo.run("from completion.models import BlockCompletion as B; print(sorted(B.objects.filter(block_type='beratung', user__username__startswith='volunteer').values_list('completion', flat=True)))")
    assert done == str([0.8] * 12)

    # One of them needs a certificate; then the report and the record of changes.
    me.press(page.locator("article").first.get_by_role("button", name="Anwesenheit ändern"))
    me.press(page.get_by_role("button", name="Bescheinigung erstellen").first)
    with page.expect_download() as saved:
        me.press(page.get_by_role("link", name="Bescheinigung von").first)
    assert Path(saved.value.path()).read_bytes().startswith(b"%PDF-")
    picture(page, f"{look}-09-certificate")
    demo.run("from beratung_xblock.models import ClosedPeriod; ClosedPeriod.objects.all().delete()")  # the year of the demo, and what the walk before this one closed
    me.section("report")
    expect(page.locator(".kb-card", has_text="Personen, Teilnahmen und Stunden kommen")).to_be_visible()
    expect(page.locator(".kb-figures")).not_to_contain_text("Personen")
    # New year: the figures about people are closed once, and then they are there.
    year = int(demo.run(
        "from beratung_xblock.models import Slot; import datetime as dt\n"
        "at = dt.datetime(dt.date.today().year - 1, 11, 20, 18, tzinfo=dt.UTC)\n"
        f"Slot.objects.filter(round__uid={uid!r}).update(starts_at=at, ends_at=at + dt.timedelta(hours=2))\n"
        "print(at.year)"
    ))
    me.section("report")
    me.press(page.locator("summary", has_text=f"Jahr {year} abschließen"))
    picture(page, f"{look}-10-close")
    me.press(page.get_by_role("button", name=f"Jahr {year} abschließen"))
    expect(flash(page)).to_contain_text("Abgeschlossen")
    expect(page.locator(".kb-figures")).to_contain_text("29")  # these twelve, and the seventeen of the year before this
    picture(page, f"{look}-10-report")
    me.section("history")
    expect(page.locator(".kb-table")).to_contain_text(f"Gruppen veröffentlicht ({groups} Gruppen")
    picture(page, f"{look}-11-history")
