"""What a browser keeps: storage, caches, history, cookies, titles, addresses, referrers, and every file of its profile.

Four people use one profile after the other: somebody writes a case, an adviser and the case giver sit in a running session,
the coordinator looks at the desk. What they read on the screen must be nowhere when the browser is closed.
"""

import html
import json
import re
import time
from pathlib import Path

from playwright.sync_api import Page

from tests.e2e.conftest import CHROMIUM, CLICK_MILLISECONDS, login

SECRETS = {
    "title": "Titelmarke-9173", "situation": "Situationsmarke-2846", "question": "Fragemarke-6419", "idea": "Ideenmarke-7350",
    "draft": "Entwurfsmarke-5081", "draft title": "Entwurfstitel-3397", "takeaway": "Mitnahmemarke-1294",
}
STATE = """
import json
from django.contrib.auth import get_user_model
from beratung_xblock import actors
from beratung_xblock.api import sessions
from beratung_xblock.api.cases import seal_case
from beratung_xblock.demo import seed
from beratung_xblock.models import Case, Group, Registration
from beratung_xblock.models._base import new_uid
secrets = json.loads({secrets!r})
uid = seed.session_today()
group = Group.objects.get(round__uid=uid)
session = group.session
people = {{m.registration.user.username: m for m in group.memberships.all()}}
mod = next(n for n, m in people.items() if m.planned_role == "moderator")
giver, adviser, *_ = sorted(n for n in people if n != mod)
from django.db.models import F
Case.objects.filter(registration__round__uid=uid).delete()
for other in Case.objects.all():  # what the coordination may read on its desk
    text = dict(situation=secrets["situation"], tried="", key_question="", method="")
    sealed = seal_case(row_uid=other.row_uid, title=secrets["title"], body=text)
    Case.objects.filter(pk=other.pk).update(state="submitted", staff_may_read=True, submitted_at=F("updated_at"), **sealed)
row = people[giver].registration
case = new_uid()
body = dict(situation=secrets["situation"] + " Jeden Abend kommen Nachrichten.", tried="", key_question="", method="")
from django.utils import timezone
Case.objects.create(row_uid=case, place_id=row.round.place_id, owner=row.user, registration=row, state="submitted", urgency=3,
    staff_may_read=True, submitted_at=timezone.now(), updated_at=timezone.now(), **seal_case(row_uid=case, title=secrets["title"], body=body))
def do(who, name, **data):
    actor = actors.build(user=people[who].registration.user, usage_key=row.round.place.usage_key, masquerading=False)
    sessions.act(actor=actor, session_uid=session.uid, name=name, data=data)
do(mod, "start")
do(giver, "offer_case", case=case)
do(mod, "choose_case", case=case)
do(mod, "ask_conflict")
do(giver, "open_case")
do(mod, "next"); do(mod, "next")
do(giver, "set_question", text=secrets["question"])
do(mod, "next"); do(mod, "next")
do(adviser, "add_idea", text=secrets["idea"], key="k1")
print(giver, adviser, mod)
"""
DUMP = """async () => {
  const kept = { title: document.title, href: location.href, name: window.name, cookie: document.cookie, state: JSON.stringify(history.state), referrer: document.referrer };
  kept.local = JSON.stringify(Object.entries(localStorage));
  kept.session = JSON.stringify(Object.entries(sessionStorage));
  for (const { name } of await indexedDB.databases()) {
    const database = await new Promise((done, fail) => { const ask = indexedDB.open(name); ask.onsuccess = () => done(ask.result); ask.onerror = fail; });
    for (const store of database.objectStoreNames) {
      const rows = await new Promise((done) => { const ask = database.transaction(store).objectStore(store).getAll(); ask.onsuccess = () => done(ask.result); });
      kept["idb " + name + " " + store] = JSON.stringify(rows);
    }
    database.close();
  }
  for (const name of await caches.keys()) {
    const cache = await caches.open(name);
    for (const request of await cache.keys()) { kept["cache " + request.url] = await (await cache.match(request)).text(); }
  }
  kept.workers = String((await navigator.serviceWorker.getRegistrations()).length);
  return kept;
}"""
PLANT = """async (mark) => {
  localStorage.setItem("control", mark); sessionStorage.setItem("control", mark); window.name = mark; document.cookie = "control=" + mark;
  history.replaceState({ mark }, "");
  await new Promise((done) => {
    const ask = indexedDB.open("control", 1);
    ask.onupgradeneeded = () => ask.result.createObjectStore("rows", { autoIncrement: true });
    ask.onsuccess = () => { const write = ask.result.transaction("rows", "readwrite"); write.objectStore("rows").add({ mark }); write.oncomplete = () => { ask.result.close(); done(); }; };
  });
  await (await caches.open("control")).put("/control", new Response(mark));
}"""


def seen_in(text: str) -> set[str]:
    return {name for name, secret in SECRETS.items() if secret in text or html.escape(secret) in text}


class Watch:
    """Everything one page asked for and got."""

    def __init__(self, page: Page) -> None:
        self.asked: list[str] = []
        self.secret_answers: list[tuple[str, str]] = []
        page.on("request", lambda request: self.asked.extend((request.url, json.dumps(request.headers))))
        page.on("response", self._answered)

    def _answered(self, response) -> None:
        if not re.search(r"html|json", response.headers.get("content-type", "")):
            return
        try:
            body = response.text()
        except Exception:
            return  # the page has moved on
        if seen_in(body):
            self.secret_answers.append((response.url, response.headers.get("cache-control", "")))


def no_trace(page: Page, watch: Watch, *shown: str) -> None:
    """These secrets are on the screen (or in its fields), and nothing keeps them."""
    fields = page.evaluate("[...document.querySelectorAll('input, textarea')].map((field) => field.value).join('\\n')")
    assert set(shown) <= seen_in(page.content() + fields)
    kept = page.evaluate(DUMP)
    assert {name: seen_in(value) for name, value in kept.items() if seen_in(value)} == {}
    assert kept["workers"] == "0"
    assert seen_in("\n".join(watch.asked)) == set(), "no address and no header of a request"
    assert watch.secret_answers
    assert [url for url, control in watch.secret_answers if "no-store" not in control] == []


def files_with(folder: Path, marks: dict[str, str]) -> set[tuple[str, str]]:
    """(mark, file) of every mark in every file of a profile, as UTF-8 or as UTF-16."""
    found = set()
    for path in folder.rglob("*"):
        if path.is_file():
            data = path.read_bytes()
            found |= {
                (name, str(path.relative_to(folder))) for name, mark in marks.items() if mark.encode() in data or mark.encode("utf-16-le") in data
            }
    return found


def test_a_browser_keeps_nothing_of_what_it_showed(demo, new_page, tmp_path):
    giver, adviser, _moderator = demo.run(STATE.format(secrets=json.dumps(SECRETS))).split()
    folder = tmp_path / "profile"
    context = new_page().context.browser.browser_type.launch_persistent_context(
        str(folder), executable_path=CHROMIUM, args=["--no-sandbox", "--disable-gpu", "--disable-background-networking"], base_url=demo.url, locale="de"
    )
    context.set_default_timeout(CLICK_MILLISECONDS)

    def become(slug: str) -> tuple[Page, Watch]:
        page = context.new_page()
        watch = Watch(page)
        login(page, slug)
        return page, watch

    page, watch = become(giver)
    page.locator(".kb-session__question", has_text=SECRETS["question"]).wait_for()
    no_trace(page, watch, "question", "idea", "title")
    page.close()

    page, watch = become(adviser)
    page.locator(".kb-session__ideas", has_text=SECRETS["idea"]).wait_for()
    page.get_by_label("Ein Satz").fill(SECRETS["takeaway"])
    page.wait_for_timeout(2500)
    no_trace(page, watch, "title", "situation", "question", "idea", "takeaway")
    page.get_by_label("Ein Satz").fill("")
    page.close()

    page, watch = become("facilitator")
    page.locator(".kb-tabs form:has(input[value=cases]) button").first.click()
    page.get_by_text(SECRETS["title"]).first.wait_for()
    page.get_by_role("button", name="Fall lesen").first.click()
    page.get_by_text(SECRETS["situation"]).first.wait_for()
    no_trace(page, watch, "title", "situation")
    page.close()

    demo.run("from beratung_xblock.models import Round; Round.objects.filter(title__startswith='Sitzung heute').delete()")
    demo.run("""
from django.contrib.auth import get_user_model
from beratung_xblock.models import Case
user = get_user_model().objects.get(username='volunteer-1')
Case.objects.filter(owner=user).delete()
""")
    page, watch = become("volunteer-1")
    page.get_by_role("button", name=re.compile("Fall aufschreiben")).first.click()
    page.locator("input[name=title]").fill(SECRETS["draft title"])
    page.locator("textarea[name=situation]").fill(SECRETS["draft"] + " Ich möchte das ändern und weiß nicht wie. " * 6)
    page.locator("textarea[name=key_question]").fill("Wie sage ich freundlich Nein?")
    page.get_by_text("Gespeichert. Nur Sie können den Text lesen.").wait_for()
    page.get_by_role("button", name="Prüfen und einreichen").click()
    page.get_by_text("Geht es um eines davon?").wait_for()
    no_trace(page, watch, "draft", "draft title")
    page.goto("/learn/beratung/?Kontrollmarke-Verlauf")
    page.go_back()
    page.go_forward()
    no_trace(page, watch, "draft title")

    control = "Kontrollmarke-8862"
    page.evaluate(PLANT, control)
    kept = page.evaluate(DUMP)
    assert {name.split(" ")[0] for name, value in kept.items() if control in value} == {"local", "session", "idb", "cache", "name", "cookie", "state"}
    style = page.evaluate("[...document.querySelectorAll('link[rel=stylesheet]')].map((link) => link.href).find((href) => href.includes('base.css'))")
    assert style
    time.sleep(1)
    context.close()
    marks = {"control": control, "history": "Kontrollmarke-Verlauf", "file": "base.css"}
    assert {name for name, _file in files_with(folder, marks)} == set(marks), "the files of a profile can be searched"
    assert files_with(folder, SECRETS) == set()
