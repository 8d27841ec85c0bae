"""Files and addresses: every download is unpacked and searched, and so is every address that stands on a page."""

import re

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from beratung_xblock.api import calendar
from beratung_xblock.mails import links
from tests.integration import world
from tests.permissions import scene
from tests.permissions.leak_search import found_in, says, unpacked

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]


def fetch(user, name: str, query: str = "", **arguments) -> bytes:
    """The body of a plugin view for one person; it must answer 200."""
    client = Client()
    client.force_login(user)
    answer = client.get(reverse(f"beratung:{name}", kwargs={"usage_key": world.BLOCK, **arguments}) + query)
    assert answer.status_code == 200, (name, answer.status_code)
    assert "no-store" in answer["Cache-Control"]
    return b"".join(answer.streaming_content) if answer.streaming else answer.content


def holds(data: bytes, marker: str) -> bool:
    """Could this file leak? Its public marker is found by the same unpacking."""
    return any(marker.encode() in piece for piece in unpacked(data))


def test_the_owner_gets_their_texts_as_json_and_as_pdf(journey):
    """What nobody else may find is found here: the search reads both kinds of file."""
    users = journey["scene"].users
    for kind in ("json", "pdf"):
        assert {"T", "S"} <= set(found_in(fetch(users["case_giver"], "my_data", kind=kind))), kind
        assert {"T", "S", "V"} <= set(found_in(fetch(users["other_group"], "my_data", kind=kind))), kind
        assert {"W", "F", "K", "I"} <= set(found_in(fetch(users["case_giver"], "my_data", kind=kind))), kind
        for role, own in (("member", ["N"]), ("moderator", []), ("ex_member", []), ("waiting", [])):
            data = fetch(users[role], "my_data", kind=kind)
            assert holds(data, {"member": "Dana", "moderator": "Anna"}.get(role, role)), (role, kind)
            assert found_in(data) == own, (role, kind)


def test_files_of_the_desk(journey):
    users, ids = journey["scene"].users, journey["scene"].ids
    listed = fetch(users["coordinator"], "registrations_file", round_uid=ids["round"])
    assert holds(listed, "Dana")
    assert found_in(listed) == []
    for kind in ("csv", "xlsx", "pdf"):
        for by in ("quarter", "region"):
            report = fetch(users["coordinator"], "report_file", f"?year={timezone.now().year}&by={by}", kind=kind)
            assert holds(report, str(timezone.now().year)), kind
            assert found_in(report) == [], kind
    issued = fetch(users["coordinator"], "certificate_of", registration_uid=ids["registration"])
    assert holds(issued, users["member"].username)
    assert found_in(issued) == []


def test_files_of_a_volunteer(journey):
    users, ids = journey["scene"].users, journey["scene"].ids
    name = users["member"].username
    for view, arguments, marker in (
        ("certificate", {"round_uid": ids["round"]}, name),
        ("hours", {"year": timezone.now().year}, name),
        ("undertaking", {}, name),
        ("calendar_file", {"group_uid": ids["group"]}, "BEGIN:VEVENT"),
        ("session_sheet", {"session_uid": journey["scene"].session_uid}, "Closing"),
    ):
        data = fetch(users["member"], view, **arguments)
        assert holds(data, marker), view
        assert found_in(data) == [], view


def test_calendar_feed_and_mail_links_without_a_log_in(journey):
    made = journey["scene"]
    secret = calendar.subscribe(actor=world.actor(made.users["case_giver"]))
    feed = Client().get(reverse("beratung:calendar_feed", kwargs={"secret": secret})).content
    assert b"BEGIN:VEVENT" in feed
    assert found_in(feed) == []
    for purpose in links.PURPOSES:
        link = links.Link(
            purpose=purpose, registration=made.ids["registration"], target=made.ids["group"], language="de",
            expires=timezone.now() + timezone.timedelta(days=1),
        )
        page = Client().get(reverse("beratung:mail_link", kwargs={"token": links.token(link)}))
        assert page.status_code == 200
        assert b"<button" in page.content
        assert found_in(page.content, links.token(link).encode()) == []
        assert not says("Dana", page.content)


def test_addresses_and_titles_name_nobody(journey):
    """Addresses end up in histories, logs of proxies and referrers: they hold random ids only."""
    made = journey["scene"]
    seen = set()
    for role in ("case_giver", "other_group", "member", "moderator", "coordinator"):
        html = scene.knock(made, role, "view student_view")[1]
        seen |= set(re.findall(r"(?:href|action|src|hx-get|hx-post|data-[a-z-]*url)=[\"']([^\"']+)", html))
        seen |= set(re.findall(r"<title>.*?</title>", html))
    addresses = "\n".join(seen)
    assert f"/{world.BLOCK}/" in addresses
    assert found_in(addresses.encode()) == []
    assert not [name for name in ("Dana", "Cem", "Anna", "Farouk") if says(name, addresses.encode())]
