"""Big rounds at the desk: a calculation that takes its time, and a board of ten thousand people.

Tasks of this host wait until the test runs them in a process of their own, as a worker would.
"""

from __future__ import annotations

import subprocess
import sys
import time

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.e2e.conftest import Demo, assert_axe_clean
from tests.e2e.hands import Keyboard, settled
from tests.e2e.test_desk import button, choose_round, flash, open_section
from tests.e2e.test_desk_quarter import picture

pytestmark = pytest.mark.slow
PRELUDE = "import os; os.environ['DJANGO_SETTINGS_MODULE'] = 'beratung_xblock.demo.settings'; import django; django.setup()\n"
FILL = """
import datetime as dt, random
from django.utils import timezone
from beratung_xblock.demo import seed; from beratung_xblock.demo.personas import FACILITATOR
from beratung_xblock.api import rounds
from beratung_xblock.models import *
draw = random.Random(1)
lead = seed.actor_of(FACILITATOR); day = dt.date.today() + dt.timedelta(days=60)
evenings = [{**seed.evening(day + dt.timedelta(days=n)), "max_groups": 50} for n in range(3)]
uid = rounds.create_round(actor=lead, title=TITLE, closes_at=f"{day - dt.timedelta(days=5)}T12:00", slots=evenings)
rounds.open_round(actor=lead, round_uid=uid)
Slot.objects.filter(round__uid=uid).update(max_groups=PEOPLE // 8 + 2)
round_ = Round.objects.get(uid=uid); slots = list(Slot.objects.filter(round=round_).order_by("starts_at"))
now = timezone.now()
Registration.objects.bulk_create([Registration(round=round_, display_name=f"Person {n:05}", region="Hagen", languages=["de"],
    can_moderate=n % 5 == 0, brings_case=n % 4 == 1, queued_at=now) for n in range(PEOPLE)], batch_size=500)
rows = list(Registration.objects.filter(round=round_).order_by("pk"))
Availability.objects.bulk_create([Availability(registration=row, slot=slot, answer=draw.choice(("yes", "yes", "maybe")))
    for row in rows for slot in draw.sample(slots, 2)], batch_size=300)
rounds.close_round(actor=lead, round_uid=uid)
"""
BOARD = """
offers = {}
for pk, slot in Availability.objects.filter(registration__round=round_).values_list("registration_id", "slot__uid"): offers.setdefault(pk, []).append(slot)
cells = {}
for row in rows: cells.setdefault(offers[row.pk][0], []).append(row)
groups, left = [], {}
for slot, people in cells.items():
    able = [row for row in people if row.can_moderate]; givers = [row for row in people if row.brings_case and not row.can_moderate]
    rest = [row for row in people if not row.can_moderate and not row.brings_case]
    while len(able) > 0 and len(givers) > 0 and len(rest) >= 3:
        m, g = able.pop(), givers.pop(); others = [rest.pop() for _ in range(3)]
        groups.append({"id": f"{len(groups):032x}", "slot": slot, "lang": "de", "members": sorted(r.uid for r in (m, g, *others)),
            "moderator": m.uid, "cases": [g.uid], "pinned": False, "pinned_members": []})
    left.update({row.uid: "competition" for row in (*able, *givers, *rest)})
Proposal.objects.create(round=round_, number=1, groups=groups, unplaced=left, figures={})
print(len(groups), len(left))
"""


@pytest.fixture(scope="module")
def demo(tmp_path_factory, prepared):
    """A host whose tasks wait for a worker."""
    host = Demo(tmp_path_factory.mktemp("big"))
    host.environment["BERATUNG_DEMO_EAGER"] = "0"
    host.start(prepared)
    yield host
    host.end()
    assert "Traceback" not in host.log_text(), host.log_text()[-4000:]


def filled(demo: Demo, title: str, people: int, more: str = "") -> str:
    return demo.run(f"TITLE, PEOPLE = {title!r}, {people}\n{FILL}{more}")


def worker(demo: Demo, pause: float = 0) -> subprocess.Popen:
    """A process that does the waiting calculation; with a ``pause`` (seconds) at each step, so that no machine is too fast to be watched."""
    code = f"""
import time
from beratung_xblock import jobs
from beratung_xblock.models import Job; from beratung_xblock.api.assignment import run_job
told = jobs.Reporter.progress
jobs.Reporter.progress = lambda self, *how_far: (time.sleep({pause}), told(self, *how_far))
run_job(job_uid=Job.objects.filter(state='waiting').latest('pk').uid)
"""
    return subprocess.Popen([sys.executable, "-c", PRELUDE + code], cwd=demo.folder, env=demo.environment)


def top(page: Page, text: str) -> Locator:
    """A text of the line above the groups."""
    return page.get_by_role("navigation", name="Seiten der Gruppen", exact=True).get_by_text(text)


def on_the_board(page: Page, title: str) -> None:
    open_section(page, "assignment")
    choose_round(page, title)
    page.get_by_role("button", name="Runde zeigen").click()
    settled(page)


def test_a_long_calculation_shows_how_far_it_is_is_stopped_and_taken_up_again(person, demo):
    filled(demo, "Groß", 900)
    page = person("facilitator")
    on_the_board(page, "Groß")
    button(page, "board.propose").click()
    bar = page.get_by_role("progressbar", name="Fortschritt")
    expect(bar).to_be_visible()
    expect(page.get_by_text("Die Berechnung wartet noch")).to_be_visible()
    assert page.locator("form[hx-post*='board.propose']").count() == 0, "not twice at once"
    picture(page, "job-1-waiting")

    first = worker(demo, pause=2)
    expect(page.get_by_text("Prozent sind fertig")).to_be_visible(timeout=60_000)
    stop = page.get_by_role("button", name="Berechnung anhalten")
    stop.focus()
    seen = {float(bar.get_attribute("value"))}
    deadline = time.monotonic() + 40
    while len(seen) < 3 and time.monotonic() < deadline:
        page.wait_for_timeout(500)
        seen.add(float(bar.get_attribute("value")))
    assert len(seen) >= 3, "it moves"
    assert max(seen) > min(seen)
    expect(stop).to_be_focused()
    picture(page, "job-2-running")
    assert_axe_clean(page, within=".kb-root")

    page.keyboard.press("Enter")
    expect(flash(page)).to_contain_text("Die Berechnung hält an")
    first.wait(timeout=60)
    expect(flash(page)).to_contain_text("Die Berechnung wurde angehalten", timeout=20_000)
    assert bar.count() == 0
    picture(page, "job-3-stopped")

    button(page, "board.propose").click()
    expect(bar).to_be_visible()
    again = worker(demo)
    page.goto("/")  # one may leave; the result waits
    again.wait(timeout=240)
    assert again.returncode == 0
    page.goto("/learn/beratung/")
    on_the_board(page, "Groß")
    expect(page.locator(".kb-group")).to_have_count(16)
    expect(top(page, "Gruppen 1 bis 16 von")).to_be_visible()
    picture(page, "job-4-done")


def test_ten_thousand_people_on_the_board_by_keyboard(person, demo):
    groups, left = map(int, filled(demo, "Zehntausend", 10_000, BOARD).split())
    assert groups > 1000
    page = person("facilitator")
    keys = Keyboard(page)
    on_the_board(page, "Zehntausend")
    expect(top(page, f"Gruppen 1 bis 16 von {groups}")).to_be_visible()
    expect(page.locator(".kb-group")).to_have_count(16)
    picture(page, "big-1-first")
    assert_axe_clean(page, within=".kb-root")

    # Turn pages, go to one, come to a person by name.
    keys.press(page.get_by_role("navigation", name="Seiten der Gruppen", exact=True).get_by_role("button", name="Weitere Gruppen"))
    expect(top(page, f"Gruppen 17 bis 32 von {groups}")).to_be_focused()
    keys.type(page.get_by_label("Seite", exact=True), "40")
    keys.press(page.get_by_role("button", name="Zur Seite gehen"))
    expect(top(page, f"Gruppen 625 bis 640 von {groups}")).to_be_visible()
    far = page.locator(".kb-group").first
    target = far.get_attribute("data-kb-drop")
    uid = demo.run("from beratung_xblock.models import *; p = Proposal.objects.filter(round__title='Zehntausend').latest('number')\nprint(p.groups[5]['members'][0])")
    name = demo.run(f"from beratung_xblock.models import *; print(Registration.objects.get(uid={uid!r}).display_name)")
    keys.type(page.get_by_label("Person suchen"), name)
    keys.press(page.get_by_role("button", name="Person finden"))
    seat = page.locator(f"li[data-kb-person='{uid}']")
    expect(seat.locator("summary")).to_be_focused()
    picture(page, "big-2-found")

    # Move to a group of another page by its number; the page follows, the focus stays with the person; take it back.
    keys.press(seat.locator("summary"))
    keys.type(seat.get_by_label("oder Nummer der Gruppe"), "625")
    keys.press(seat.get_by_role("button", name="Person verschieben"))
    expect(flash(page)).to_contain_text("Verschoben")
    expect(page.locator(f"[data-kb-drop='{target}'] li[data-kb-person='{uid}']")).to_contain_text("festgehalten")
    expect(seat.locator("summary")).to_be_focused()
    picture(page, "big-3-moved")
    if seat.locator("details[open]").count() == 0:
        keys.press(seat.locator("summary"))
    keys.press(seat.get_by_role("button", name="Person freigeben"))
    expect(page.locator(f"[data-kb-drop='{target}'] li[data-kb-person='{uid}']")).not_to_contain_text("festgehalten")
    keys.press(button(page, "board.undo"))
    keys.press(button(page, "board.undo"))
    expect(flash(page)).to_contain_text("Zurückgenommen")
    expect(page.locator(f"[data-kb-drop='{target}'] li[data-kb-person='{uid}']")).to_have_count(0)
    expect(top(page, f"Gruppen 625 bis 640 von {groups}")).to_be_visible()

    # A number that does not exist says so; people without a place have pages of their own.
    keys.press(page.locator(".kb-group li[data-kb-person] summary").first)
    row = page.locator(".kb-group li[data-kb-person]").first
    keys.type(row.get_by_label("oder Nummer der Gruppe"), "99999")
    keys.press(row.get_by_role("button", name="Person verschieben"))
    expect(page.get_by_text("Es gibt keine Gruppe mit dieser Nummer.")).to_be_visible()
    keys.press(page.get_by_role("navigation", name="Seiten der Personen ohne Platz").get_by_role("button", name="Weitere Personen"))
    expect(page.get_by_text(f"17 bis {min(32, left)} von {left}")).to_be_focused()
    keys.type(page.get_by_label("Person suchen"), "Person 0123")
    keys.press(page.get_by_role("button", name="Person finden"))
    expect(page.get_by_text("Wen meinen Sie?")).to_be_focused()
    expect(page.locator(".kb-desk__found li")).to_have_count(10)
    picture(page, "big-4-several")


@pytest.mark.parametrize(("language", "width"), [("de", 360), ("ar", 360), ("de", 768)])
def test_the_big_board_fits_small_screens(person, demo, language, width):
    if not demo.run("from beratung_xblock.models import Round; print(Round.objects.filter(title='Zehntausend').count() or '')"):
        filled(demo, "Zehntausend", 10_000, BOARD)
    page = person("facilitator", language=language, width=width)
    open_section(page, "assignment")
    choose_round(page, "Zehntausend")
    page.locator(".kb-desk__filter button").first.click()
    settled(page)
    expect(page.locator(".kb-group")).to_have_count(16)
    picture(page, f"big-{language}-{width}")
    assert page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth")
    assert_axe_clean(page, within=".kb-root")
