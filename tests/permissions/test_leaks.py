"""A secret in every confidential field, the whole journey, and then every place data flows to is searched for it.

Each door first proves that it could leak: a public marker, or the id of the very object, is found there.
"""

import base64
import gzip
import html
import json
import logging
import pickle
import zlib
from urllib.parse import quote
from xml.etree import ElementTree as ET

import pytest
from django.apps import apps
from django.contrib import admin
from django.core import mail
from django.db import connections
from django.test import Client
from django.urls import reverse

from beratung_xblock.api import own_data, publishing
from beratung_xblock.data.settings import PlaceSettings
from beratung_xblock.exports import tables
from beratung_xblock.exports.pdf import Document
from beratung_xblock.models import Case, Reflection, Registration
from beratung_xblock.models.sealed import SEALED
from tests.blocks import stage
from tests.integration import world
from tests.permissions import scene
from tests.permissions.leak_search import SECRETS, found_in, of_mail, says

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]


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
    for place in (b"Dana", b'{"name": "Dana"}', b"<bdi>Dana</bdi>", b"?who=Dana&x=1", b"/Dana/", b"\x8c\x04Dana\x94", "für Dana.".encode()):
        assert says("Dana", b"nothing", place), place
    assert not says("Dana", b"v1:xxDanaxx", b"v1:9Dana-"), "letters of a ciphertext are no name"
    for begin in (b"PK", b"\x1f\x8b", b"%PDF", b"\x80g", b"\x80\x04", b"x\x9c"):  # a ciphertext that looks packed is none
        chance = base64.urlsafe_b64encode(begin + bytes(range(130, 180)))
        assert (found_in(chance), found_in(chance + b" " + SECRETS["V"].encode())) == ([], ["V"])


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


def test_my_groups_and_reflections_show_no_notes_of_others(journey):
    views = publishing.my_groups(actor=world.actor(journey["scene"].users["moderator"]), settings=PlaceSettings())
    assert views
    assert found_in(repr(views).encode()) == []
    assert Reflection.objects.count() == 1
    assert Registration.objects.count() > 6
