"""The promise of confidentiality: a new version, the coordination, the Studio, and the proof that stays."""

import datetime as dt
import re

import crum
import pytest
from django.test import Client, RequestFactory
from django.urls import reverse
from django.utils import timezone

from beratung_xblock.api import cases, signup, undertaking
from beratung_xblock.exceptions import Invalid, NotFound, UndertakingNeeded
from beratung_xblock.models import AuditEntry, Case, Registration, UndertakingAcceptance
from tests.blocks import stage
from tests.blocks.journey import submitted
from tests.integration import world

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("english")]


@pytest.fixture(autouse=True)
def no_request_stays():
    yield
    crum.set_current_request(None)


@pytest.fixture
def chief():
    return stage.enrol(world.user("chief"))


@pytest.fixture
def lead(chief):
    world.place()
    return world.lead(chief)


def desk(chief, name: str, **data):
    request = RequestFactory().get("/")
    request.user, request.session = chief, {}
    crum.set_current_request(request)
    return stage.act(chief, name, data)


def test_whoever_does_not_accept_a_new_text_keeps_their_data_and_can_take_their_case_back(registered):
    case = submitted(registered)
    page = stage.show(registered, undertaking_version="2")
    assert "The text has changed" in page
    assert "2. Quartal" not in page
    assert case.row_uid in page
    assert "/beratung/my-data/pdf/" in page
    assert "/beratung/undertaking/" not in page, "the new one is not accepted yet"
    back = stage.act(registered, "withdraw_case", {"case": case.row_uid}, undertaking_version="2")
    assert "Nobody but you can read it." in back.text
    assert Case.objects.get().state == "withdrawn"
    assert case.row_uid not in back.text
    client = Client()
    client.force_login(registered)
    assert client.get(reverse("beratung:my_data", kwargs={"usage_key": world.BLOCK, "kind": "json"})).status_code == 200
    assert client.get(reverse("beratung:undertaking", kwargs={"usage_key": world.BLOCK})).status_code == 404
    stage.act(registered, "accept_undertaking", {"version": "2", "accept": "yes"}, undertaking_version="2")
    answer = client.get(reverse("beratung:undertaking", kwargs={"usage_key": world.BLOCK}))
    assert (answer.status_code, answer["Content-Type"], answer["Cache-Control"]) == (200, "application/pdf", "no-store")
    assert sorted(UndertakingAcceptance.objects.filter(user=registered).values_list("version", flat=True)) == ["1", "2"]


def test_somebody_new_sees_the_text_and_nothing_else(round_uid):
    page = stage.show(stage.enrol(world.user()))
    assert "Your promise of confidentiality" in page
    assert "my-data" not in page
    assert "Withdraw case" not in page


def test_the_coordination_promises_before_it_reads(registered, chief, lead, round_uid):
    case = submitted(registered)
    stage.act(registered, "staff_may_read", {"case": case.row_uid, "allowed": "on"})
    situation = cases.own_cases(actor=world.actor(registered), settings=undertaking.PlaceSettings())[0].text.situation.reveal()
    with pytest.raises(UndertakingNeeded):
        cases.read_for_coordination(actor=lead, case_uid=case.row_uid)
    asked = desk(chief, "desk.read_case", case=case.row_uid, round=round_uid)
    assert asked.status_int == 200
    assert "Your promise of confidentiality" in asked.text
    assert situation not in asked.text
    assert not AuditEntry.objects.filter(action="case.read").exists(), "nothing was read"
    fields = dict(re.findall(r'type="hidden" name="(section|round|group|version)" value="([^"]*)"', asked.text[asked.text.index("desk.promise"):]))
    assert fields | {"group": ""} == {"version": "1", "section": "cases", "round": round_uid, "group": ""}
    bare = desk(chief, "desk.promise", **fields)
    assert bare.status_int == 422
    assert "Please tick the box" in bare.text
    old = desk(chief, "desk.promise", version="0", accept="yes", section="cases", round=round_uid)
    assert old.status_int == 409
    assert UndertakingAcceptance.objects.filter(user=chief).count() == 0
    done = desk(chief, "desk.promise", **fields, accept="yes")
    assert case.row_uid in done.text, "back in the list of cases"
    assert "You can go on now." in done.text
    assert "Your promise of confidentiality" not in done.text
    assert situation in desk(chief, "desk.read_case", case=case.row_uid, round=round_uid).text
    assert AuditEntry.objects.get(action="case.read").actor_role == "coordinator"


def test_a_coordinator_of_another_region_learns_nothing_from_the_question_for_a_promise(registered, round_uid):
    case = submitted(registered)
    stage.act(registered, "staff_may_read", {"case": case.row_uid, "allowed": "on"})
    other = world.actor(world.user(), is_coordinator=True, regions=("Nord",))
    with pytest.raises(NotFound):
        cases.read_for_coordination(actor=other, case_uid=case.row_uid)


def test_paper_adds_a_date_and_changes_no_proof(registered, lead, round_uid):
    row = Registration.objects.get(user=registered)
    before = UndertakingAcceptance.objects.get(user=registered)
    day = timezone.now().date() - dt.timedelta(days=3)
    undertaking.record_paper(actor=lead, registration_uid=row.uid, on=day)
    after = UndertakingAcceptance.objects.get(user=registered)
    assert (after.accepted_at, after.language, after.text_hash) == (before.accepted_at, before.language, before.text_hash)
    assert (after.paper_date, after.recorded_by_id) == (day, lead.user_id)
    guest = signup.register_by_phone(
        actor=lead, round_uid=round_uid, phone="02331 5550199",
        wishes={"display_name": "Gast", "answers": dict.fromkeys(Registration.objects.get(user=registered).availabilities.values_list("slot__uid", flat=True), "yes"), "languages": ["de"]},
    )
    for on in (day, day - dt.timedelta(days=1)):
        undertaking.record_paper(actor=lead, registration_uid=guest.uid, on=on)
    paper = UndertakingAcceptance.objects.get(registration_uid=guest.uid)
    assert (paper.user_id, paper.paper_date) == (None, day - dt.timedelta(days=1))
    with pytest.raises(Invalid):
        undertaking.record_paper(actor=lead, registration_uid=guest.uid, on=timezone.now().date() + dt.timedelta(days=1))
    with pytest.raises(NotFound):
        undertaking.record_paper(actor=world.actor(registered), registration_uid=guest.uid, on=day)


def test_the_studio_wants_a_new_number_for_a_text_that_somebody_accepted(registered):
    author = stage.enrol(world.user(), "staff")
    request = RequestFactory().get("/")
    request.user, request.session = author, {}
    crum.set_current_request(request)

    def save(**data):
        shown = stage.block(author)
        body = stage.urlencode({"display_name": "Neu", "languages": "de", **data}).encode()
        request = stage.Request.blank("/", method="POST", body=body)
        request.content_type = "application/x-www-form-urlencoded"
        return shown.runtime.handle(shown, "save_settings", request)

    refused = save(undertaking_version="1", undertaking_text="Ganz anders.")
    assert refused.status_int == 422
    assert "Please give the changed text a new number." in refused.text
    assert save(undertaking_version="2", undertaking_text="Ganz anders.").status_int == 200
    assert save(undertaking_version="1", undertaking_text="").status_int == 200, "the same text may be saved again"
