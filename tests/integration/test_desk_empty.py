"""What the desk shows where there is nothing yet: each section names the next step and has the button that does it."""

import datetime as dt
import re

import pytest
from django.contrib.auth import get_user_model
from django.utils import timezone, translation

from beratung_xblock.api import rounds
from beratung_xblock.models import AuditEntry, Round
from tests.blocks import stage
from tests.integration import report_world, world

pytestmark = pytest.mark.django_db(transaction=True)
EVERY = ("today", "rounds", "registrations", "waiting", "assignment", "cases", "sessions", "mails", "history")
FORM = re.compile(r"<form[^>]*>.*?</form>", re.DOTALL)


@pytest.fixture
def lead():
    world.place(regions=["Nord", "Süd"])
    return world.lead()


@pytest.fixture
def account(lead):
    with translation.override("de"):
        yield stage.enrol(get_user_model().objects.get(pk=lead.user_id), "enrolled", "instructor")


def draft(lead):
    day = timezone.localdate() + dt.timedelta(days=30)
    return rounds.create_round(actor=lead, title="Leer", closes_at=f"{day - dt.timedelta(days=5)}T12:00", slots=[{"starts_at": f"{day}T18:00", "minutes": 120}])


def steps(account, section, **asked):
    """(texts, [(button, action, fields)]) of what a section offers below its tabs."""
    page = stage.act(account, "desk.show", {"section": section, **asked}).text.split("</nav>", 1)[1]
    found = []
    for form in FORM.findall(page):
        fields = dict(re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)"', form))
        found += [(button, re.search(r"/act/([a-z_.]+)", form)[1], fields) for button in re.findall(r"<button[^>]*>([^<]+)</button>", form)]
    return page, found


def press(account, found, button):
    """Press a button of what `steps` found; what comes back."""
    _name, action, fields = next(one for one in found if one[0] == button)
    answer = stage.act(account, action, fields)
    assert answer.status_int == 200
    return answer.text


@pytest.mark.parametrize("section", EVERY)
def test_without_any_round_each_section_leads_to_the_first_one(lead, account, section):
    AuditEntry.objects.all().delete()
    _page, found = steps(account, section)
    names = [button for button, _action, _fields in found]
    if section == "rounds":
        assert {"Runden eines Jahres planen", "Runde als Entwurf speichern"} <= set(names)
        return
    way = next(name for name in names if name in ("Runde anlegen", "Runden ansehen"))
    assert "Runde als Entwurf speichern" in press(account, found, way)


@pytest.mark.parametrize("section", ["registrations", "assignment", "cases", "sessions"])
def test_a_draft_is_opened_from_every_section_that_needs_people(lead, account, section):
    uid = draft(lead)
    _page, found = steps(account, section, round=uid)
    press(account, found, "Anmeldung öffnen")
    assert Round.objects.get(uid=uid).state == "open"


@pytest.mark.parametrize(
    ("section", "says", "way", "arrives"),
    [
        ("registrations", "Noch ist niemand angemeldet. Hier können Sie jemanden anmelden.", "Person anmelden", None),
        ("waiting", "Niemand wartet.", "Anmeldungen ansehen", "Anmeldungen: "),
        ("assignment", "Niemand ist angemeldet.", "Anmeldungen ansehen", "Anmeldungen: "),
        ("cases", "Noch ist kein Fall eingereicht.", "Zu den Gruppen", "Niemand ist angemeldet."),
        ("sessions", "Noch sind keine Gruppen veröffentlicht.", "Zu den Gruppen", "Niemand ist angemeldet."),
    ],
)
def test_an_open_round_without_people_names_the_next_step(lead, account, section, says, way, arrives):
    uid = world.open_round(lead)
    page, found = steps(account, section, round=uid)
    assert says in page
    assert way in [button for button, _action, _fields in found]
    if arrives:
        assert arrives in press(account, found, way)


@pytest.mark.parametrize("section", ["registrations", "assignment", "cases", "sessions"])
def test_a_cancelled_round_leads_to_the_rounds(lead, account, section):
    uid = draft(lead)
    rounds.open_round(actor=lead, round_uid=uid)
    rounds.cancel_round(actor=lead, round_uid=uid)
    page, found = steps(account, section, round=uid)
    assert "Diese Runde ist abgesagt." in page
    assert "Runden eines Jahres planen" in press(account, found, "Runden ansehen")


def test_a_filter_that_finds_nothing_is_taken_away_by_a_button(lead, account):
    uid = world.open_round(lead)
    world.sign_up(world.actor(world.user()), uid, display_name="Anna A.")
    for section, asked, way, there in (
        ("registrations", {"search": "Rumpelstilzchen"}, "Alle Anmeldungen zeigen", "Anna A."),
        ("history", {"area": "certificate"}, "Alles zeigen", "Anmeldung geöffnet"),
        ("mails", {"state": "failed"}, "Alle E-Mails zeigen", "Anna A."),
    ):
        page, found = steps(account, section, round=uid, **asked)
        assert there not in page
        assert there in press(account, found, way)


def test_a_certificate_that_was_made_is_there_after_a_reload(lead, account):
    """The sheet offers the file, not another making, until the attendance is changed; guests as well."""
    group = report_world.session(world.place(), [(user, "Nord", "online", 120) for user in (*report_world.users(4), None, None)])
    rows = list(group.memberships.order_by("pk").values_list("registration__uid", flat=True))
    sheet = {"section": "sessions", "round": group.round.uid, "group": group.uid, "sheet": "1"}

    def offers():
        page = stage.act(account, "desk.show", sheet).text
        return [(f'"person": "{uid}"' in page, f"/certificate-of/{uid}/" in page) for uid in rows]

    assert offers() == [(True, False)] * 6
    for uid in (rows[0], rows[5]):
        stage.act(account, "desk.certificate", {"person": uid})
    assert offers() == [(False, True), *[(True, False)] * 4, (False, True)]
    stage.act(account, "attendance.save", {**sheet, f"{rows[0]}.minutes": "110", f"{rows[0]}.take_part": "online"})
    assert offers() == [(True, False)] * 5 + [(False, True)]
