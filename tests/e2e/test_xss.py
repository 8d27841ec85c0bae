"""Texts that try to be scripts, from authors and from people, rendered in a real browser on every page: none of them runs.

Each payload would set `window.planted`. A text is planted through the editor (author) or next to the api (people), then every
page that shows it is opened; the test proves that the text was really there.
"""

import json

from tests.e2e.hands import settled

PAYLOADS = (
    "<script>window.planted=1</script>",
    "\"><img src=x onerror=\"window.planted=2\">",
    "'><svg onload=window.planted=3>",
    "</textarea></script><script>window.planted=4</script>",
    "<a href=\"javascript:window.planted=5\">x</a>",
    "{{constructor.constructor('window.planted=6')()}}${window.planted=6}",
    "<iframe srcdoc=\"<script>parent.planted=7</script>\"></iframe>",
    "<details open ontoggle=window.planted=8><style>@import'x'</style>",
)
EVERYTHING = " ".join(PAYLOADS)
MARK = "window.planted"
PLANT = """
import json
from beratung_xblock.models import Case, Registration, Round, Slot
from beratung_xblock.api.cases import seal_case
payloads = json.loads({payloads!r})
everything = " ".join(payloads)
for number, row in enumerate(Registration.objects.order_by("pk")):
    row.display_name = payloads[number % len(payloads)][:60]
    row.region, row.organisation, row.wish_with = (p[:80] for p in payloads[:3])
    row.save()
for row in Case.objects.all():
    body = dict(situation=everything, tried=everything, key_question=everything, method="")
    sealed = seal_case(row_uid=row.row_uid, title=payloads[1], body=body)
    Case.objects.filter(pk=row.pk).update(staff_may_read=True, **sealed)
Round.objects.update(title=payloads[0])
Slot.objects.update(dial_in=payloads[1], meeting_number=payloads[2][:60])
print(Registration.objects.count(), Case.objects.count())
"""


def plant(demo) -> None:
    people, cases = demo.run(PLANT.format(payloads=json.dumps(PAYLOADS))).split()
    assert int(people) == 5 * 12, "this quarter's round and the four of last year"
    assert int(cases) >= 1


def open_all(page) -> None:
    """Unfold everything."""
    page.evaluate("document.querySelectorAll('.kb-root details').forEach((one) => { one.open = true; })")


def harmless(page, *, shows: bool = True) -> None:
    """Nothing ran, and the text is on the page (or in a field of it)."""
    page.wait_for_timeout(300)
    assert page.evaluate("window.planted") is None
    if shows:
        assert MARK in page.content()


def test_texts_of_authors(demo, person):
    page = person("author")
    page.goto("/studio/beratung/edit/")
    settled(page)
    open_all(page)
    for name in ("organisation_name", "contact_name", "legal_contacts", "privacy_contact", "intro_text", "undertaking_text"):
        page.locator(f"[name={name}]").fill(EVERYTHING[:110])
    page.locator("[name=undertaking_version]").fill("2")  # a text that people have accepted keeps its number
    page.locator("[name=display_name]").fill(PAYLOADS[1])
    page.get_by_role("button", name="Einstellungen speichern").click()
    page.wait_for_url("**/studio/beratung/")
    harmless(page)
    page.goto("/studio/beratung/edit/")
    harmless(page)
    for who in ("volunteer-1", "facilitator"):
        harmless(person(who))


def test_texts_of_people(demo, person):
    plant(demo)
    for who in ("volunteer-1", "volunteer-2", "volunteer-3"):
        page = person(who)
        open_all(page)
        harmless(page)
    desk = person("facilitator")
    for section in ("rounds", "registrations", "assignment", "cases", "sessions", "mails", "report", "history", "team"):
        tab = desk.locator(f".kb-tabs form:has(input[value={section}]) button").first
        if tab.count() == 0:
            continue
        tab.click()
        settled(desk)
        harmless(desk, shows=section in ("rounds", "registrations", "cases"))
        for button in desk.get_by_role("button", name="Fall lesen").all()[:1]:
            button.click()
            settled(desk)
            harmless(desk)
    propose = desk.locator(".kb-tabs form:has(input[value=assignment]) button").first
    propose.click()
    desk.get_by_role("button", name="Gruppen vorschlagen").first.click()
    desk.get_by_role("heading", name="Gruppe 1").wait_for()
    harmless(desk)
