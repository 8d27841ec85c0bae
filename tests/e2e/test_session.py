"""The room beside the call, with real browsers: six people on eight screens."""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.conftest import Demo, assert_axe_clean, login

IN_DEMO = """
from beratung_xblock.demo import seed
from beratung_xblock.models import Group, Round
uid = seed.session_today()
group = Group.objects.get(round__uid=uid)
roles = {m.registration.user.username: m.planned_role for m in group.memberships.all()}
print(group.session.uid, next(n for n, r in roles.items() if r == "moderator"), *sorted(roles))
"""
PERSON = """
from beratung_xblock.models import Registration
print(Registration.objects.get(round__title__startswith='Sitzung heute', user__username={who!r}).uid)
"""
UNREGISTER = """async (fields) => {
  const show = document.querySelector('[hx-post*="desk.show"]').getAttribute("hx-post");
  const token = document.cookie.match(/csrftoken=([^;]+)/)[1];
  const body = new URLSearchParams(fields);
  return (await fetch(show.replace("desk.show", "desk.unregister"), { method: "POST", body, headers: { "X-CSRFToken": token } })).status;
}"""
CLEAR = "from beratung_xblock.models import Round; Round.objects.filter(title__startswith='Sitzung heute').delete()"


class Room:
    """The pages of one session by name; `moderator` and `others` are names of personas."""

    def __init__(self, demo: Demo, make: Callable[..., Page]) -> None:
        self.demo, self.make = demo, make
        _uid, self.moderator, *names = demo.run(IN_DEMO).split()
        self.others = [name for name in names if name != self.moderator]
        self.pages: dict[str, Page] = {}

    def enter(self, slug: str, key: str = "", **more) -> Page:
        page = self.make(**{"width": 400, "height": 760, **more})
        login(page, slug)
        expect(page.locator("[data-kb-link]")).to_have_attribute("data-state", "connected")
        self.pages[key or slug] = page
        return page

    def click(self, who: str, name: str) -> None:
        self.pages[who].locator(".kb-session").get_by_role("button", name=name).first.click()

    def phase(self, name: str, *, within: float = 20) -> None:
        """Everybody sees this phase soon; `make bench` measures how soon, on a machine that does nothing else."""
        for page in self.pages.values():
            expect(page.locator(".kb-session__phase")).to_have_text(name, timeout=within * 1000)

    def next(self, following: str) -> None:
        self.click(self.moderator, f"Weiter: {following}")
        self.phase(following)


@pytest.fixture
def room(demo: Demo, new_page: Callable[..., Page]) -> Iterator[Room]:
    made = Room(demo, new_page)
    yield made
    demo.run(CLEAR)


def time_up_at(page: Page) -> float:
    """When the clock of a page will be at zero, by the machine's clock; taken in the moment in which its second changes.

    So it does not matter how long it takes to ask one page after the other.
    """
    return page.evaluate("""() => new Promise((done, fail) => {
      const shown = () => {
        const parts = /^(\\d+):(\\d\\d)$/.exec(document.querySelector('[data-kb-time]')?.textContent.trim() ?? '');
        return parts && 60 * Number(parts[1]) + Number(parts[2]);
      };
      let before = shown();
      const watch = setInterval(() => {
        const now = shown();
        if (before && now === before - 1) {
          clearInterval(watch);
          done((performance.timeOrigin + performance.now()) / 1000 + now);
        }
        before = now;
      }, 20);
      setTimeout(() => { clearInterval(watch); fail(new Error('the clock does not run')); }, 20000);
    })""")


def assert_one_clock(*pages: Page) -> None:
    """The clocks of these pages agree within a second."""
    found = [time_up_at(page) for page in pages]
    assert max(found) - min(found) <= 1, found


def test_two_cases_on_eight_screens(room: Room) -> None:
    mod = room.enter(room.moderator)
    for slug in room.others:
        room.enter(slug)
    room.enter(room.others[1], key="second device", width=1280, height=900)
    room.enter(room.moderator, key="moderator's phone", width=320, height=480)
    assert len(room.pages) == 8
    room.click(room.moderator, "Sitzung starten")
    room.phase("Casting")
    assert_one_clock(*room.pages.values())

    giver = next(s for s in room.others if room.pages[s].get_by_role("button", name="Meinen Fall anbieten").count())
    room.click(giver, "Meinen Fall anbieten")
    second = next(s for s in room.others if s != giver)
    offer = room.pages[second].locator(".kb-session").get_by_role("button", name=re.compile("anbieten")).first
    offer.click()
    mod.get_by_role("button", name=re.compile("Diesen Fall nehmen")).first.click()
    mod.get_by_role("button", name=re.compile("Als nächsten Fall nehmen")).first.click()
    expect(room.pages[giver].locator(".kb-session__role")).to_contain_text("Fallgeber:in")
    room.click(room.moderator, "Ich habe alle gefragt")
    room.click(giver, "Meinen Text der Gruppe zeigen")
    adviser, writer = [s for s in room.others if s not in (giver, second)][:2]
    room.pages[writer].get_by_text("Gruppe und Rollen").click()
    room.click(writer, "Ich übernehme: Sekretär:in")
    expect(room.pages[writer].locator(".kb-session__role")).to_contain_text("Sekretär:in")
    expect(room.pages[adviser].locator("summary", has_text="Der Fall von")).to_be_visible()

    room.next("Spontanerzählung")
    room.next("Schlüsselfrage")
    question = "Wie sage ich freundlich Nein?"
    room.pages[giver].get_by_label("Eine Frage, in einfachen Worten").fill(question)
    room.click(giver, "Frage allen zeigen")
    for page in room.pages.values():
        expect(page.locator(".kb-session__question")).to_contain_text(question)
    room.next("Methodenwahl")
    room.pages[giver].get_by_text("Gute Ratschläge", exact=True).click()
    expect(room.pages[giver].get_by_text("Ausdrücklich erlaubt")).to_be_visible()
    room.pages[giver].get_by_role("button", name=re.compile("Wählen.*Gute Ratschläge")).click()
    room.click(room.moderator, "Methode bestätigen")
    room.next("Beratung")
    expect(room.pages[giver].locator(".kb-session__sentence")).to_contain_text("Sie hören jetzt nur zu.")
    expect(room.pages[giver].get_by_label("Ein Satz")).to_have_count(0)
    for number, slug in enumerate((adviser, writer, adviser)):
        page = room.pages[slug]
        page.get_by_label("Ein Satz").fill(f"Idee {number}")
        room.click(slug, "Senden")
        expect(page.get_by_label("Ein Satz")).to_have_value("")
    for page in room.pages.values():
        expect(page.locator(".kb-session__ideas > li")).to_have_count(3)
        assert [line.split("\n")[0] for line in page.locator(".kb-session__ideas > li").all_inner_texts()] == ["Idee 0", "Idee 1", "Idee 2"]
    merge = room.pages[writer].locator(".kb-session__ideas > li").nth(2)
    merge.locator("summary").click()
    merge.get_by_role("button", name="Zusammenlegen").click()
    for page in room.pages.values():
        expect(page.locator(".kb-session__ideas > li")).to_have_count(2)
    room.click(giver, "Stopp")
    expect(mod.locator(".kb-session__sentence")).to_contain_text("„Stopp“")
    room.click(room.moderator, "Uhr weiterlaufen lassen")
    room.click(room.moderator, "5 Minuten mehr")
    expect(mod.locator("[data-kb-time]")).to_have_text(re.compile(r"1[0-9]:\d\d"))
    assert_axe_clean(mod, within=".kb-session")
    assert_axe_clean(room.pages[adviser], within=".kb-session")
    for page in room.pages.values():
        assert page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth")

    room.next("Abschluss")
    room.click(room.moderator, "Fall abschließen")
    room.phase("Fall 1 ist beraten")
    expect(room.pages[adviser].get_by_text("Der Fall von")).to_have_count(0)
    mod.get_by_text("Pause, Übergabe, Ende").click()
    room.click(room.moderator, "Pause beginnen")
    room.phase("Pause")
    room.click(room.moderator, "Nächsten Fall beginnen")
    room.phase("Spontanerzählung")
    expect(room.pages[second].locator(".kb-session__role")).to_contain_text("Fallgeber:in")
    for following in ("Schlüsselfrage", "Methodenwahl", "Beratung", "Abschluss"):
        room.next(following)
    room.click(room.moderator, "Fall abschließen")
    room.phase("Fall 2 ist beraten")
    end = mod.get_by_role("button", name=re.compile("Sitzung beenden"))
    end.click()
    mod.get_by_role("button", name="Nein, zurück").click()
    expect(end).to_be_focused()
    expect(end).to_have_text("Sitzung beenden")
    end.click()
    end.click()
    room.phase("Die Sitzung ist zu Ende")
    expect(room.pages[adviser].get_by_role("button", name="Weiter zum Rückblick")).to_be_in_viewport()


def test_a_moderator_who_closes_the_window_is_replaced(room: Room) -> None:
    mod = room.enter(room.moderator)
    for slug in room.others[:3]:
        room.enter(slug)
    room.click(room.moderator, "Sitzung starten")
    room.phase("Casting")
    late = room.enter(room.others[3])  # finds the way into the call, and sends it away
    expect(late.locator("[data-kb-join]").get_by_role("link", name="Jetzt teilnehmen")).to_be_visible()
    assert late.locator("[data-kb-join]").bounding_box()["height"] < 80, "one line while the session runs"
    late.get_by_role("button", name="Ich bin schon im Gespräch").click()
    expect(late.locator("[data-kb-join]")).to_be_hidden()
    expect(late.locator(".kb-session__role")).to_be_focused()
    room.pages.pop(room.moderator)
    mod.close(run_before_unload=True)
    first = room.pages[room.others[0]]
    expect(first.get_by_text("Die Moderation ist gerade nicht auf dieser Seite.")).to_be_visible(timeout=20_000)
    button = first.get_by_role("button", name="Moderation übernehmen")
    expect(button).to_be_visible(timeout=75_000)
    button.click()
    expect(first.locator(".kb-session__role")).to_contain_text("Moderation")
    room.moderator = room.others[0]
    for slug in room.others[1:3]:
        expect(room.pages[slug].get_by_role("button", name="Moderation übernehmen")).to_have_count(0)
    room.next("Spontanerzählung")


def to_ideas(room: Room, *, people: int = 3) -> None:
    room.enter(room.moderator)
    for slug in room.others[:people]:
        room.enter(slug)
    room.click(room.moderator, "Sitzung starten")
    room.phase("Casting")
    room.click(room.moderator, "Ohne Fall weitermachen")
    for following in ("Spontanerzählung", "Schlüsselfrage", "Methodenwahl", "Beratung"):
        room.next(following)


def test_a_lost_network_says_so_and_nothing_typed_is_lost(room: Room) -> None:
    to_ideas(room, people=2)
    page = room.pages[room.others[0]]
    page.context.set_offline(True)
    expect(page.locator("[data-kb-link]")).to_have_attribute("data-state", "lost")
    page.get_by_label("Ein Satz").fill("Ohne Netz geschrieben")
    room.click(room.others[0], "Senden")
    expect(page.get_by_text("Noch nicht gesendet.").first).to_be_visible()
    room.click(room.moderator, "Weiter: Abschluss")
    time.sleep(60)
    page.context.set_offline(False)
    expect(page.locator("[data-kb-link]")).to_have_attribute("data-state", "connected")
    room.phase("Abschluss")
    # The writing time of the phase is over by a minute: the text stays with its author, who reads why.
    expect(page.locator("[data-kb-parked] textarea")).to_have_value("Ohne Netz geschrieben")
    expect(page.locator("[data-kb-refused]")).to_contain_text("Das geht in dieser Phase nicht.")
    kept = page.evaluate("JSON.stringify([{...localStorage}, {...sessionStorage}])")
    assert "geschrieben" not in kept


def test_a_killed_server_comes_back_and_so_do_the_pages(room: Room, demo: Demo) -> None:
    to_ideas(room, people=2)
    page = room.pages[room.others[0]]
    demo.stop()
    page.get_by_label("Ein Satz").fill("Während der Server weg war")
    room.click(room.others[0], "Senden")
    expect(page.locator("[data-kb-link]")).to_have_attribute("data-state", "lost")
    demo.start()
    for other in room.pages.values():
        expect(other.locator(".kb-session__ideas > li")).to_have_count(1, timeout=30_000)
        expect(other.locator(".kb-session__ideas")).to_contain_text("Während der Server weg war")
        expect(other.locator("[data-kb-link]")).to_have_attribute("data-state", "connected")
    assert_one_clock(*room.pages.values())


def test_reload_second_device_and_a_wrong_clock_land_in_the_same_place(room: Room) -> None:
    to_ideas(room, people=1)
    page = room.pages[room.others[0]]
    page.get_by_label("Ein Satz").fill("Mein Satz")
    room.click(room.others[0], "Senden")
    expect(page.locator(".kb-session__ideas > li")).to_have_count(1)
    page.reload()
    room.phase("Beratung")
    wrong = room.make(width=320, height=480)
    wrong.add_init_script("const real = Date.now; Date.now = () => real() + 3 * 3600 * 1000;")
    login(wrong, room.others[0])
    expect(wrong.locator("[data-kb-time]")).to_have_text(re.compile(r"\d+:\d\d"))
    assert_one_clock(wrong, page)
    assert wrong.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth")


def test_a_phase_change_keeps_focus_and_what_is_being_typed(room: Room) -> None:
    to_ideas(room, people=1)
    page = room.pages[room.others[0]]
    field = page.get_by_label("Ein Satz")
    field.click()
    page.keyboard.type("Ein angefangener ")
    room.click(room.moderator, "2 Minuten mehr")
    time.sleep(4)
    page.keyboard.type("Satz")
    expect(field).to_have_value("Ein angefangener Satz")
    live = page.locator(".kb-root > .kb-live")
    room.click(room.moderator, "Weiter: Abschluss")
    expect(live).to_have_text(re.compile(r"Phase 6: Abschluss\. 5 Minuten\."))
    parked = page.locator("[data-kb-parked] textarea")
    expect(field.or_(parked).first).to_have_value("Ein angefangener Satz")


def test_another_action_of_the_page_leaves_the_companion_alone(room: Room) -> None:
    to_ideas(room, people=1)
    page = room.pages[room.others[0]]
    field = page.get_by_label("Ein Satz")
    field.click()
    page.keyboard.type("Ein angefangener")
    page.locator(".kb-helpbar summary").first.click()
    page.get_by_role("button", name="Um Rückruf bitten").click()
    expect(page.locator(".kb-volunteer > .kb-notice")).to_have_text("Ihre Bitte um Rückruf ist angekommen.")
    expect(field).to_have_value("Ein angefangener")
    field.click()
    page.keyboard.press("End")
    page.keyboard.type(" Satz von Sabine Kowalski")
    expect(page.locator(".kb-session .kb-hints li").first).to_contain_text("Kowalski")
    field.fill("Ein ganzer Satz")
    room.click(room.others[0], "Senden")
    expect(page.locator(".kb-session__ideas > li")).to_have_count(1)
    expect(page.locator("[data-kb-link]")).to_have_attribute("data-state", "connected")
    room.next("Abschluss")  # and it goes on hearing of the others


def test_a_hidden_page_asks_nothing_and_is_up_to_date_when_it_shows_again(room: Room) -> None:
    to_ideas(room, people=1)
    page = room.pages[room.others[0]]
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url) if "/poll/" in request.url else None)
    # Tells how often the page asks in the very turn in which it is hidden or shown, however slow the machine is.
    turn = """(state) => {
      const real = window.fetch; let polls = 0;
      window.fetch = (...what) => { polls += String(what[0]).includes('/poll/') ? 1 : 0; return real(...what); };
      Object.defineProperty(document, 'visibilityState', { value: state, configurable: true });
      document.dispatchEvent(new Event('visibilitychange'));
      window.fetch = real;
      return polls;
    }"""
    assert page.evaluate(turn, "hidden") == 0
    time.sleep(1)
    asked.clear()
    room.click(room.moderator, "Weiter: Abschluss")
    time.sleep(8)
    assert asked == []
    expect(page.locator(".kb-session__phase")).to_have_text("Beratung")
    assert page.evaluate(turn, "visible") == 1, "at once, not with the next turn"
    expect(page.locator(".kb-session__phase")).to_have_text("Abschluss")
    page.context.clear_cookies()  # whoever is no longer let in reads why, and what to do, for as long as it is so
    expect(page.locator("[data-kb-gone]")).to_contain_text("Bitte laden Sie die Seite neu")
    expect(page.locator("[data-kb-link]")).to_have_attribute("data-state", "lost")
    page.get_by_role("button", name="Seite neu laden").click()
    expect(page.locator(".kb-session")).to_have_count(0)


def test_who_is_taken_out_of_the_group_sees_nothing_of_it_any_more(room: Room, demo: Demo) -> None:
    to_ideas(room, people=2)
    page, stays = room.pages[room.others[0]], room.pages[room.others[1]]
    stays.get_by_label("Ein Satz").fill("Ein Gedanke der Gruppe")
    room.click(room.others[1], "Senden")
    expect(page.locator(".kb-session__ideas > li")).to_have_text(re.compile("Ein Gedanke der Gruppe"))
    page.get_by_label("Ein Satz").fill("Noch nicht gesendet")
    person = demo.run(PERSON.format(who=room.others[0])).strip()
    desk = room.make()
    login(desk, "facilitator")
    desk.locator(".kb-tabs").wait_for()
    assert desk.evaluate(UNREGISTER, {"person": person, "reason": "krank"}) == 200
    expect(page.locator("[data-kb-gone]")).to_contain_text("Sie sind nicht mehr in dieser Sitzung", timeout=25000)
    expect(page.locator("[data-kb-parked] textarea")).to_have_value("Noch nicht gesendet")
    session = page.locator("[data-kb-session]")
    assert "Ein Gedanke der Gruppe" not in session.inner_html()
    expect(session.get_by_role("link")).to_have_count(0)
    expect(stays.locator(".kb-session__ideas > li")).to_have_count(1)
