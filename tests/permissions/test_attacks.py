"""Attacks with a plan: honest ids at the wrong place, other people's eyes, old links, hostile texts on their way out."""

from dataclasses import replace

import pytest
from django.apps import apps
from django.core import mail
from django.core.cache import cache
from django.db import transaction
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from beratung_xblock import outbox
from beratung_xblock.api import calendar, cases, places, session_cache, undertaking
from beratung_xblock.data.actor import Actor
from beratung_xblock.data.settings import validate_settings
from beratung_xblock.mails import delivery
from beratung_xblock.models import AuditEntry, Case, Coordinator, Membership, Place, Registration, Round, UndertakingAcceptance
from tests.blocks import stage
from tests.integration import world
from tests.permissions import scene
from tests.permissions.leak_search import says

pytestmark = [pytest.mark.django_db, pytest.mark.slow]
COURSE = "course-v1:Fremd+KB+2027"
BLOCK = "block-v1:Fremd+KB+2027+type@beratung+block@anderswo"
LOGS = {AuditEntry}


def rows() -> dict[str, list]:
    """Everything that is stored, but for the log and when a place was looked at."""
    models = [model for model in apps.get_app_config("beratung_xblock").get_models() if model not in LOGS]
    return {model.__name__: list(model.objects.order_by("pk").values()) for model in models}


def changed(before: dict[str, list], *, also: frozenset[str] = frozenset()) -> list[str]:
    """Tables in which a row that was there is different or gone."""
    after = rows()
    return [
        name for name, old in before.items()
        if name not in also and [row for row in after[name] if row["id"] in {one["id"] for one in old}] != old
    ]


def knocks(made: scene.Scene, role: str):
    """(door, status, text) of every door, each in a savepoint of its own; what it changed is told before it is undone."""
    before = rows()
    for door in scene.doors():
        point = transaction.savepoint()
        try:
            status, text = scene.knock(made, role, door)
            yield door, status, text, changed(before)
        finally:
            transaction.savepoint_rollback(point)


def test_ids_of_another_place_open_nothing():
    """Whoever leads, teaches or learns in another course sends the ids of this one to the address of theirs."""
    made = scene.build()
    places.snapshot(usage_key=BLOCK, course_key=COURSE, settings=validate_settings({"display_name": "Anderswo"}))
    thief = world.user()
    for word in ("enrolled", "instructor"):
        stage.StandInPlatform().grant(thief, word, COURSE)
    Coordinator.objects.create(course_key=COURSE, user=thief, region="")
    for user in (thief, made.users["member"]):
        stage.StandInPlatform().grant(user, "enrolled", COURSE)
    there = replace(made, usage=BLOCK, users={**made.users, "thief": thief})
    led = 0
    for role in ("thief", "member", "coordinator"):
        for door, status, text, touched in knocks(there, role):
            seen = {letter for letter, secret in scene.SECRETS.items() if secret in text}
            assert not seen, (role, door, seen)
            assert status < 500, (role, door, status)
            # The place of the block itself is stored anew by whoever looks at it.
            assert set(touched) <= {"Place"}, (role, door, touched)
            assert not says("Dana", text.encode()), (role, door)
            led += door == "act desk.show" and status == 200
    assert led == 1, "the thief does lead at their own place"


def test_an_address_that_is_spelled_in_another_way_opens_nothing():
    made = scene.build()
    for usage in (world.BLOCK.replace("@beratung", "@Beratung"), world.BLOCK.replace("@round", "@ROUND"), world.BLOCK + "%20", world.BLOCK.replace("2027", "2026")):
        for role in ("stranger", "other_group", "ex_member", "superuser"):
            client = Client(raise_request_exception=False)
            client.force_login(made.users[role])
            for name in ("session_poll", "session_sheet"):
                path = f"/beratung/session/{usage}/{made.session_uid}/{name.removeprefix('session_')}/"
                assert client.get(path).status_code == 404, (usage, role, name)


@pytest.mark.parametrize("how", ["the platform swapped the user", "the session says so", "the services tell"])
def test_looking_through_the_eyes_of_a_learner_shows_no_text_and_changes_nothing(how):
    """Staff who masquerade as the case giver, as each part of the platform may tell us of it."""
    made = scene.build()
    giver, staff = made.users["case_giver"], made.users["course_staff"]
    if how == "the platform swapped the user":  # courseware pages replace request.user; only the session knows better
        there = replace(made, users={**made.users, "masquerade": giver}, seen_as=giver)
    else:
        there = replace(made, users={**made.users, "masquerade": staff}, seen_as=giver)
    role = "masquerade"
    if how == "the services tell":  # no word in the session, but the block is bound to somebody else than who asks
        there.users["quiet"] = staff
        role = "quiet"
    blind = 0
    for door, status, text, touched in knocks(there, role):
        if how == "the services tell" and door.split()[0] in ("GET", "POST"):
            continue  # a plain view knows nothing of services: it acts for the person who is logged in
        seen = {letter for letter, secret in scene.SECRETS.items() if secret in text}
        assert not seen, (door, seen)
        assert set(touched) <= {"Place"}, (door, touched)
        blind += status == 403
    assert blind > 50


def test_who_changes_groups_loses_the_old_session_with_the_next_request():
    made = scene.build()
    member = made.users["member"]
    client = Client()
    client.force_login(member)
    path = reverse("beratung:session_poll", kwargs={"usage_key": world.BLOCK, "session_uid": made.session_uid})
    cache.clear()
    assert scene.SECRETS["S"] in client.get(path).content.decode()
    assert client.get(path).status_code == 200
    seat = Membership.objects.get(registration__user=member, left_at__isnull=True)
    with transaction.atomic():
        Membership.objects.filter(pk=seat.pk).update(left_at=timezone.now())
        session_cache.group_changed(seat.group_id)
    session_cache.people_changed(made.session_uid)  # what the commit of a real request does
    assert client.get(path).status_code == 404
    for name in ("session_sheet", "calendar_file"):
        answer = scene.knock(made, "member", f"GET {name}")
        assert answer[0] == 404, name
    assert scene.knock(made, "member", "POST session_act")[0] == 404


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("take_back", [cases.withdraw, cases.delete_case, cases.keep_case])
def test_a_case_taken_back_is_gone_from_everybodys_next_look(take_back):
    """Also where the state of the session waits in the cache and nobody else has clicked since."""
    made = scene.build()
    path = reverse("beratung:session_poll", kwargs={"usage_key": world.BLOCK, "session_uid": made.session_uid})
    clients = []
    cache.clear()
    for role in ("member", "moderator"):
        client = Client()
        client.force_login(made.users[role])
        for _look in range(2):
            assert scene.SECRETS["S"] in client.get(path).content.decode()
        clients.append(client)
    take_back(actor=world.actor(made.users["case_giver"]), case_uid=made.ids["case"])
    for client in clients:
        answer = client.get(path)
        assert answer.status_code == 200
        assert scene.SECRETS["S"] not in answer.content.decode()
        assert scene.SECRETS["T"] not in answer.content.decode()


@pytest.mark.django_db(transaction=True)
def test_nobody_hears_a_case_who_never_promised():
    """Registered by the coordination and put into a group, but the undertaking was never accepted."""
    made = scene.build()
    UndertakingAcceptance.objects.filter(user=made.users["member"]).delete()
    cache.clear()
    for door in ("GET session_poll", "POST session_act", "GET session_sheet"):
        status, text = scene.knock(made, "member", door)
        assert status == 403, door
        assert not [letter for letter, secret in scene.SECRETS.items() if secret in text]
    assert scene.SECRETS["S"] not in scene.knock(made, "member", "view student_view")[1]
    undertaking.accept(actor=world.actor(made.users["member"]), version="1", confirmed=True)
    assert scene.SECRETS["S"] in scene.knock(made, "member", "GET session_poll")[1]
    UndertakingAcceptance.objects.filter(user=made.users["facilitator"]).delete()
    for door in ("GET session_poll", "POST session_act", "GET session_sheet"):
        assert scene.knock(made, "facilitator", door)[0] == 403, "nor does a coordinator who is named for the group"


def test_a_calendar_address_dies_with_its_owner_s_wish_enrolment_and_account():
    made = scene.build()
    actor = world.actor(made.users["member"])

    def answer(secret: str) -> int:
        return Client().get(reverse("beratung:calendar_feed", kwargs={"secret": secret})).status_code

    first = calendar.subscribe(actor=actor)
    assert answer(first) == 200
    second = calendar.subscribe(actor=actor)
    assert (answer(first), answer(second)) == (404, 200), "a new address ends the old one"
    calendar.revoke(actor=actor)
    assert answer(second) == 404
    third = calendar.subscribe(actor=actor)
    made.users["member"].is_active = False
    made.users["member"].save()
    assert answer(third) == 404
    assert answer("x" * 40) == 404


HOSTILE = "<b>Fett</b>\r\nBcc: dieb@example.org\r\n\r\n<a href=\"https://evil.example\">Klick</a>"


def test_hostile_texts_stay_texts_in_mails():
    """Names, titles and settings with HTML and line breaks: no new header, no tag in the HTML part."""
    made = scene.build()
    place = Place.objects.get(usage_key=world.BLOCK)
    wanted = {**place.settings, "display_name": HOSTILE, "organisation_name": HOSTILE, "contact_name": HOSTILE[:110], "hotline_hours": HOSTILE[:110]}
    Place.objects.filter(pk=place.pk).update(settings=wanted)
    Round.objects.update(title=HOSTILE[:110], rules=wanted)
    Registration.objects.update(display_name=HOSTILE[:60])
    row = Registration.objects.select_related("round").get(user=made.users["member"])
    for kind in ("assigned", "changed", "cancelled", "withdrawn", "confirmation", "waiting"):
        outbox.tell(row, kind=kind, place_id=place.pk, cause=f"hostile {kind}", group=made.ids["group"])
    delivery.deliver()
    assert len(mail.outbox) >= 3
    for letter in mail.outbox:
        message = letter.message()
        assert not [name for name in message if name.lower() in ("bcc", "cc")], message["Subject"]
        assert letter.recipients() == [made.users["member"].email]
        page = next(part.get_payload(decode=True).decode() for part in message.walk() if part.get_content_type() == "text/html")
        assert "<b>Fett" not in page
        assert 'href="https://evil.example"' not in page
        assert "&lt;b&gt;Fett" in page
        for part in message.walk():
            if part.get_content_type() == "text/calendar":
                lines = part.get_payload(decode=True).decode().replace("\r\n ", "").split("\r\n")
                assert not [line for line in lines if line.startswith(("Bcc", "<a"))]


SURROGATE = '{"round": "%s", "version": null, "draft": {"title": "a\\ud800b\\u202e", "situation": "x\\udfff \\u0007"}}'
BODIES = {
    "list": "[]", "deep lists": "[" * 100_000, "deep objects": '{"a":' * 100_000, "not UTF-8": b"\xff\xfe", "number": "1", "null": "null", "empty": "",
    "a big number": '{"round": 1e999, "draft": {}}', "types": '{"round": ["a"], "version": true, "draft": {"title": ["a"], "urgency": {}}}',
    "ten megabytes": '{"draft": "' + "a" * 10_000_000 + '"}', "two megabytes": '{"draft": {"title": "' + "a" * 2_000_000 + '"}}',
    "long digits": '{"draft": ' + "9" * 5000 + "}", "long urgency": '{"round": "%s", "draft": {"urgency": "' + "9" * 5000 + '"}}',
}


@pytest.mark.parametrize("name", BODIES)
def test_hostile_bodies_of_the_autosave_are_refused_quietly(name):
    made = scene.build()
    client = Client(raise_request_exception=False)
    client.force_login(made.users["member"])
    body = BODIES[name]
    if isinstance(body, str) and "%s" in body:
        body = body.replace("%s", made.ids["round"])
    path = reverse("beratung:save_draft", kwargs={"usage_key": world.BLOCK})
    assert client.post(path, data=body, content_type="application/json").status_code in (400, 404, 409)
    assert not Case.objects.filter(owner=made.users["member"]).exists()


def test_half_characters_are_left_out_and_break_no_later_page():
    made = scene.build()
    client = Client(raise_request_exception=False)
    client.force_login(made.users["member"])
    path = reverse("beratung:save_draft", kwargs={"usage_key": world.BLOCK})
    assert client.post(path, data=SURROGATE % made.ids["round"], content_type="application/json").status_code == 200
    for kind in ("json", "pdf"):
        assert client.get(reverse("beratung:my_data", kwargs={"usage_key": world.BLOCK, "kind": kind})).status_code == 200
    assert '"title": "ab"' in client.get(reverse("beratung:my_data", kwargs={"usage_key": world.BLOCK, "kind": "json"})).content.decode()


def test_a_coordinator_of_one_region_reaches_nobody_of_another():
    made = scene.build()
    Registration.objects.update(region="Nord")
    Registration.objects.filter(display_name="Dana").update(region="Süd")
    chief = stage.enrol(world.user())
    places.grant_coordinator(
        actor=Actor(user_id=made.users["instructor"].pk, usage_key=world.BLOCK, course_key=world.COURSE, is_instructor=True),
        user_id=chief.pk, region="Nord",
    )
    there = replace(made, users={**made.users, "regional": chief})
    ids = dict(made.ids)
    for door in ("act desk.unregister", "act desk.register_again", "act waiting.promote", "act waiting.answer", "GET certificate_of", "act desk.read_case"):
        before = rows()
        status, text = scene.knock(there, "regional", door, {**ids, "reason": "Grund"} if door.startswith("act") else None)
        assert status == 404, (door, status)
        assert changed(before) == [], door
        assert not says("Dana", text.encode())
    assert not says("Dana", scene.knock(there, "regional", "act desk.show", {**ids, "section": "registrations"})[1].encode())
    assert "Eva" in scene.knock(there, "regional", "act desk.show", {**ids, "section": "registrations"})[1]
