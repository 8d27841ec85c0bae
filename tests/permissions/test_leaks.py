"""A secret in every confidential field, the whole journey, and then every place data flows to is searched for it.

Each door first proves that it could leak: a public marker, or the id of the very object, is found there.
"""

import base64
import gzip
import html
import json
import logging
import pickle
import sys
import zlib
from urllib.parse import quote
from xml.etree import ElementTree as ET

import pytest
from django.apps import apps
from django.contrib import admin
from django.core import mail
from django.core.cache import cache, caches
from django.db import connections
from django.test import Client
from django.urls import reverse
from django.views.debug import ExceptionReporter
from eventtracking import tracker
from waffle.testutils import override_switch

from beratung_xblock import crypto, events, outbox
from beratung_xblock.api import attendance, cases, own_data, periodic, publishing, results
from beratung_xblock.data.settings import PlaceSettings
from beratung_xblock.exports import tables
from beratung_xblock.exports.pdf import Document
from beratung_xblock.models import Case, Reflection, Registration, SessionCase
from beratung_xblock.models.sealed import SEALED
from tests.blocks import stage
from tests.integration import session_world, world
from tests.permissions import scene
from tests.permissions.leak_search import SECRETS, found_in, of_mail

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]

class Tracking:
    """Stands where the platform's tracker stands, and keeps what is emitted."""

    def __init__(self):
        self.events = []
        self.told = []  # public events, with everything a receiver gets

    def emit(self, name=None, data=None):
        self.events.append((name, data))


@pytest.fixture
def journey(caplog, monkeypatch):
    """Everything confidential written through its own door, with logs, events and mails kept."""
    caplog.set_level(logging.DEBUG)
    tracking = Tracking()
    monkeypatch.setitem(tracker.TRACKERS, "default", tracking)
    monkeypatch.setattr(session_world, "TITLE", SECRETS["T"])
    receivers = [(signal, lambda **told: tracking.told.append(told)) for signal in events.SIGNALS.values()]
    for signal, receive in receivers:
        signal.connect(receive)
    try:
        with override_switch("completion.enable_completion_tracking", True):
            return _journey(caplog, tracking)
    finally:
        for signal, receive in receivers:
            signal.disconnect(receive)


def _journey(caplog, tracking):
    made = scene.build()
    people = {role: made.users[role] for role in ("member", "case_giver", "moderator", "coordinator")}
    giver, member = world.actor(people["case_giver"]), world.actor(people["member"])
    round_uid = made.ids["round"]
    writer = made.users["other_group"]
    text = {**world.CASE, "title": SECRETS["T"], "situation": SECRETS["S"] + " Jeden Abend kommen Nachrichten. " * 8, "tried": SECRETS["V"]}
    cases.save_draft(actor=world.actor(writer), round_uid=round_uid, draft=text)
    cases.submit(actor=world.actor(writer), round_uid=round_uid, case=text, boundaries=world.NO_BOUNDARY)
    scene.knock(made, "member", "POST session_act")
    from beratung_xblock.api import sessions

    sessions.act(actor=world.actor(people["moderator"]), session_uid=made.session_uid, name="end", data={})
    results.save_takeaway(
        actor=giver, session_case_uid=SessionCase.objects.get().row_uid, text=SECRETS["W"], first_step=SECRETS["F"]
    )
    attendance.reflect(actor=member, group_uid=made.ids["group"], helped="5", safe="5", note=SECRETS["N"])
    row = Registration.objects.select_related("round").get(user=people["case_giver"])
    for kind in ("assigned", "changed", "cancelled", "withdrawn"):
        outbox.tell(row, kind=kind, place_id=row.round.place_id, cause="leak", group=made.ids["group"])
    periodic.run()
    return {"scene": made, "giver": giver, "tracking": tracking, "log": caplog}


def test_the_search_finds_what_is_hidden():
    for name, secret in SECRETS.items():
        book = tables.as_xlsx("Blatt", ["Spalte"], [[secret]])
        pdf = Document(title="Blatt")
        pdf.text_line(secret)
        for hidden in (
            secret.encode(), json.dumps({"a": secret}).encode(), quote(secret).encode(), repr({"a": secret}).encode(),
            base64.b64encode(b"ab" + secret.encode() + b"yz"), html.escape(secret).encode(), gzip.compress(secret.encode()),
            pickle.dumps({"a": [secret]}), zlib.compress(secret.encode()), b"stream\n" + zlib.compress(secret.encode()) + b"endstream",
            json.dumps({"body": base64.b64encode(pickle.dumps([secret])).decode()}).encode(), book, gzip.compress(book), bytes(pdf.finished()),
        ):
            assert found_in(b"nothing", hidden) == [name], hidden[:80]
    letter = mail.EmailMessage(subject="Überschrift", body="Ä" * 80 + SECRETS["V"] + "Ä" * 80, to=["a@example.org"])
    assert found_in(*of_mail(letter)) == ["V"]
    letter = mail.EmailMessage(subject="Ä " + SECRETS["T"], body="", to=["a@example.org"])
    assert found_in(*of_mail(letter)) == ["T"]
    assert found_in(b"nothing") == []


def test_database_holds_sealed_text_only(journey):
    dump = []
    for connection in connections.all():
        with connection.cursor() as cursor:
            for table in connection.introspection.table_names(cursor):
                cursor.execute(f"SELECT * FROM {connection.ops.quote_name(table)}")
                dump += [repr(row).encode() for row in cursor.fetchall()]
    data = b"\n".join(dump)
    for column in SEALED:
        if column.field in ("other_sealed", "who_sealed"):
            continue
        assert column.model.objects.exclude(**{column.field: ""}).exists(), column
    assert journey["scene"].ids["case"].encode() in data
    assert found_in(data) == []


def test_logs_events_and_mails(journey):
    case = journey["scene"].ids["case"]
    logging.getLogger("beratung_xblock").info("marker %s", case)
    logs = "\n".join(f"{r.getMessage()} {r.__dict__}" for r in journey["log"].records)
    assert case in logs
    assert found_in(logs.encode()) == []
    assert journey["tracking"].events
    assert found_in(repr(journey["tracking"].events).encode()) == []
    assert journey["scene"].session_uid in repr(journey["tracking"].told)
    assert found_in(repr(journey["tracking"].told).encode()) == []
    assert mail.outbox
    letters = [part for letter in mail.outbox for part in of_mail(letter)]
    assert len(mail.outbox) >= 4
    assert b"Cem" in b"".join(letters)
    assert found_in(*letters) == []


def test_cache_holds_ids_only(journey):
    stage.show(journey["scene"].users["member"])
    stored = b"".join(caches["default"]._cache.values())
    assert journey["scene"].session_uid.encode() in b"".join(key.encode() for key in caches["default"]._cache) + stored
    assert found_in(stored) == []
    assert found_in(repr([pickle.loads(value) for value in caches["default"]._cache.values()]).encode()) == []
    cache.clear()


def test_olx_export_holds_settings_only(journey):
    block = stage.block(journey["scene"].users["case_giver"], display_name="Offenmarke")
    node = ET.Element("beratung")
    block.add_xml_to_node(node)
    data = ET.tostring(node)
    assert b"Offenmarke" in data
    assert found_in(data) == []


def test_pages_of_everyone_not_concerned(journey):
    made = journey["scene"]
    for role in scene.ROLES:
        if role in ("case_giver", "other_group"):
            continue
        seen = found_in(scene.knock(made, role, "view student_view")[1].encode())
        assert seen == (["N"] if role == "member" else []) or seen == [], role
    mine = own_data.own_data(actor=world.actor(made.users["other_group"]))
    assert {"T", "S", "V"} <= set(found_in(repr(mine).encode()))


def test_admin_pages(journey):
    client = Client()
    client.force_login(journey["scene"].users["superuser"])
    pages = []
    for model in apps.get_app_config("beratung_xblock").get_models():
        if model not in admin.site._registry:
            continue
        name = model._meta.model_name
        pages.append(client.get(reverse(f"admin:beratung_xblock_{name}_changelist")).content)
        row = model.objects.first()
        if row is not None:
            pages.append(client.get(reverse(f"admin:beratung_xblock_{name}_change", args=[row.pk])).content)
    data = b"\n".join(pages)
    assert Case.objects.first().row_uid.encode() in data
    assert found_in(data) == []
    assert not any(token.encode() in data for token in Case.objects.values_list("body_sealed", flat=True) if token)


def test_calendar_and_own_files(journey):
    client = Client()
    client.force_login(journey["scene"].users["member"])
    address = reverse("beratung:calendar_file", kwargs={"group_uid": journey["scene"].ids["group"], "usage_key": world.BLOCK})
    data = client.get(address).content
    assert b"BEGIN:VEVENT" in data
    assert found_in(data) == []


@pytest.mark.parametrize("broken", ["crypto", "database", "anonymiser"])
def test_exception_reports(journey, monkeypatch, settings, broken):
    """An error in each layer while a text is on its way: the report of production shows none of it."""
    settings.DEBUG = False

    def fail(*args, **kwargs):
        raise ZeroDivisionError("planted")

    target = {
        "crypto": (crypto, "seal"), "database": (Case.objects, "create"), "anonymiser": (cases.anonymise, "findings"),
    }[broken]
    monkeypatch.setattr(*target, fail)
    writer = world.actor(journey["scene"].users["member"])
    text = {**world.CASE, "situation": SECRETS["S"] + " Jeden Abend kommen Nachrichten. " * 8}
    with pytest.raises(ZeroDivisionError):
        cases.submit(actor=writer, round_uid=journey["scene"].ids["round"], case=text, boundaries=world.NO_BOUNDARY)
    try:
        cases.submit(actor=writer, round_uid=journey["scene"].ids["round"], case=text, boundaries=world.NO_BOUNDARY)
    except ZeroDivisionError:
        kind, error, trace = sys.exc_info()
    # Our frames only: the frame of this test holds the secret on purpose.
    while trace.tb_next is not None and "beratung_xblock" not in trace.tb_frame.f_code.co_filename:
        trace = trace.tb_next
    report = ExceptionReporter(None, kind, error, trace)
    data = (report.get_traceback_text() + report.get_traceback_html()).encode()
    assert b"ZeroDivisionError" in data
    assert b"submit" in data
    assert found_in(data) == []


def test_my_groups_and_reflections_show_no_notes_of_others(journey):
    views = publishing.my_groups(actor=world.actor(journey["scene"].users["moderator"]), settings=PlaceSettings())
    assert views
    assert found_in(repr(views).encode()) == []
    assert Reflection.objects.count() == 1
    assert Registration.objects.count() > 6
