"""What machines beside the database get to see: the cache, the queue of tasks, and reports about errors."""

import json
import pickle
import shutil
import subprocess
import sys
import time

import crum
import pytest
import redis
from celery import current_app
from django.core.cache import cache, caches
from django.db import transaction
from django.test import Client, RequestFactory
from django.urls import reverse
from django.views.debug import ExceptionReporter

from beratung_xblock import crypto, jobs, outbox
from beratung_xblock.api import cases, session_cache, sessions
from beratung_xblock.models import Registration, Round
from tests.blocks import stage
from tests.integration import session_world, world
from tests.integration.test_outbox_faults import forget_connections
from tests.permissions import scene
from tests.permissions.leak_search import SECRETS, found_in, says
from tests.ports import free_port

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]


@pytest.fixture
def running(monkeypatch):
    """A session in the middle of its ideas, with the secrets in title, text, key question and idea."""
    monkeypatch.setattr(session_world, "TITLE", SECRETS["T"])
    return scene.build()


@pytest.fixture
def server(tmp_path, settings):
    """A Redis server of our own: cache in database 1, queue in database 0."""
    program = shutil.which("redis-server")
    assert program, "redis-server is missing: apt-get install redis-server"
    port = free_port()
    process = subprocess.Popen(
        [program, "--port", str(port), "--bind", "127.0.0.1", "--save", "", "--dir", str(tmp_path)], stdout=subprocess.DEVNULL
    )
    client = redis.Redis(port=port, db=0)
    before = {key: current_app.conf[key] for key in ("task_always_eager", "broker_url")}
    try:
        end = time.monotonic() + 20
        while True:
            try:
                client.ping()
                break
            except redis.ConnectionError:
                assert time.monotonic() < end
                time.sleep(0.05)
        settings.CACHES = {
            "default": {"BACKEND": "django.core.cache.backends.redis.RedisCache", "LOCATION": f"redis://127.0.0.1:{port}/1"}
        }
        current_app.conf.update(task_always_eager=False, broker_url=f"redis://127.0.0.1:{port}/0")
        forget_connections()
        yield port
    finally:
        client.close()
        current_app.conf.update(before)
        forget_connections()
        caches["default"].close() if hasattr(caches["default"], "close") else None
        process.kill()
        process.wait()


def everything_in(port: int, database: int) -> list[bytes]:
    """Keys and values of one Redis database, whatever their type."""
    client = redis.Redis(port=port, db=database)
    found = []
    for key in client.keys("*"):
        kind = client.type(key)
        found.append(key)
        if kind == b"string":
            found.append(client.get(key))
        elif kind == b"list":
            found += client.lrange(key, 0, -1)
        elif kind == b"hash":
            found += [part for pair in client.hgetall(key).items() for part in pair]
        elif kind == b"set":
            found += list(client.smembers(key))
        else:
            found += list(client.zrange(key, 0, -1))
    client.close()
    return found


def poll(made, role: str) -> Client:
    client = Client()
    client.force_login(made.users[role])
    path = reverse("beratung:session_poll", kwargs={"usage_key": world.BLOCK, "session_uid": made.session_uid})
    answer = client.get(path)
    assert answer.status_code == 200
    assert answer["Cache-Control"] == "no-store"
    assert {"S", "K", "I"} <= set(found_in(answer.content)), "the group itself sees the texts"
    return client


def test_the_cache_of_a_running_session_holds_nothing_readable(running):
    cache.clear()
    for role in ("member", "moderator", "case_giver", "member"):
        poll(running, role)
    store = caches["default"]._cache
    assert running.session_uid in "".join(store)
    plain = [value for packed in store.values() for value in (packed, repr(pickle.loads(packed)).encode())]
    assert len(plain) > 8
    assert found_in(*[key.encode() for key in store], *plain) == []
    assert not says("Dana", *plain)
    laid = session_cache.laid(session_cache.glance(running.session_uid, running.users["member"].pk))
    assert laid, "the state of the session was laid into the cache"
    assert laid.startswith(crypto.VERSION + ":"), "and sealed"


def test_redis_and_the_queue_hold_ids_only(server, running):
    for role in ("member", "moderator", "case_giver"):
        poll(running, role)
    held = Round.objects.get(uid=running.ids["round"])
    row = Registration.objects.select_related("round").get(user=running.users["case_giver"])
    with transaction.atomic():
        outbox.tell(row, kind="assigned", place_id=held.place_id, cause="leak", group=running.ids["group"])
        job = jobs.start(kind="assign", round_=held, parameters={"number": 1}, user_id=row.user_id)
    kept, queued = everything_in(server, 1), everything_in(server, 0)
    assert running.session_uid.encode() in b"".join(kept)
    assert found_in(*kept) == []
    assert b"beratung_xblock.deliver_mails" in b"".join(queued)
    bodies = [json.loads(part) for part in queued if part[:1] == b"{"]
    assert {body["headers"]["task"] for body in bodies} == {"beratung_xblock.deliver_mails", "beratung_xblock.calculate_groups"}
    assert any(job.uid in body["headers"]["argsrepr"] for body in bodies)
    assert found_in(*queued) == []


# --- reports about errors --------------------------------------------------------------------------------------------

LONG = SECRETS["S"] + " Jeden Abend kommen Nachrichten. " * 8


def submitting(made):
    writer = world.actor(made.users["member"])
    text = {**world.CASE, "situation": LONG}
    cases.submit(actor=writer, round_uid=made.ids["round"], case=text, boundaries=world.NO_BOUNDARY)


def act(made, role: str, name: str, **fields: str):
    scene.knock(made, role, f"act {name}", {**made.ids, **fields})


def typing(made):
    act(made, "member", "check_case", title=SECRETS["T"], situation=LONG, tried=SECRETS["V"], key_question="Wie?", urgency="2")


def saving(made):
    client = Client()
    client.force_login(made.users["member"])
    body = {"round": made.ids["round"], "version": None, "draft": {"title": SECRETS["T"], "situation": LONG}}
    path = reverse("beratung:save_draft", kwargs={"usage_key": world.BLOCK})
    client.post(path, data=json.dumps(body), content_type="application/json")


def with_idea(made):
    sessions.act(
        actor=world.actor(made.users["member"]), session_uid=made.session_uid, name="add_idea",
        data={"text": SECRETS["I"], "key": "k7"},
    )


def clicking(made):
    client = Client()
    client.force_login(made.users["member"])
    path = reverse("beratung:session_act", kwargs={"usage_key": world.BLOCK, "session_uid": made.session_uid})
    client.post(path, {"act": "add_idea", "text": SECRETS["I"], "key": "k8"})


def looking(made):
    scene.knock(made, "case_giver", "view student_view")


def polling(made):
    poll(made, "member")


def own_file(made):
    client = Client()
    client.force_login(made.users["case_giver"])
    client.get(reverse("beratung:my_data", kwargs={"usage_key": world.BLOCK, "kind": "pdf"}))


ERRORS = {
    "sealing": (submitting, "beratung_xblock.crypto.seal"),
    "database": (submitting, "beratung_xblock.models.Case.objects.create"),
    "anonymiser": (submitting, "beratung_xblock.anonymise.findings"),
    "form": (typing, "beratung_xblock.pages.forms.CaseForm.is_valid"),
    "page after typing": (typing, "beratung_xblock.rendering.engine"),
    "autosave": (saving, "beratung_xblock.crypto.seal"),
    "access": (saving, "beratung_xblock.access.own_registration"),
    "idea": (with_idea, "beratung_xblock.crypto.seal"),
    "session rules": (clicking, "beratung_xblock.api._session_work.perform"),
    "page of the owner": (looking, "beratung_xblock.rendering.engine"),
    "regions of the session": (polling, "beratung_xblock.rendering.engine"),
    "own data": (own_file, "beratung_xblock.exports.pdf.Document.text_line"),
}


@pytest.mark.parametrize("layer", ERRORS)
def test_reports_about_errors(running, monkeypatch, settings, layer):
    """An error in each layer while a text is on its way: the report of production, with local variables, shows none of it."""
    settings.DEBUG = False
    door, target = ERRORS[layer]

    def fail(*args, **kwargs):
        raise ZeroDivisionError("planted")

    monkeypatch.setattr(target, fail)
    with pytest.raises(ZeroDivisionError) as caught:
        door(running)
    trace = caught.tb
    # From the server's first frame on: the frames of this test and of its client hold the secret on purpose.
    while not any(part in trace.tb_frame.f_code.co_filename for part in ("/beratung_xblock/", "/xblock/", "/django/core/handlers/")):
        trace = trace.tb_next
    report = ExceptionReporter(None, caught.type, caught.value, trace)
    data = (report.get_traceback_text() + report.get_traceback_html()).encode()
    assert b"ZeroDivisionError" in data
    assert b"beratung_xblock" in data
    assert found_in(data) == []


def test_a_report_could_leak(settings):
    """The same reporter shows a local variable that nobody protects."""
    settings.DEBUG = False
    try:
        unprotected = SECRETS["S"]
        raise ZeroDivisionError(len(unprotected))
    except ZeroDivisionError:
        report = ExceptionReporter(None, *sys.exc_info())
    assert found_in(report.get_traceback_html().encode()) == ["S"]


def test_the_request_in_a_report_holds_no_fields(running, monkeypatch, settings):
    """The platform's own view raises with its request: what people typed is starred out there as well."""
    settings.DEBUG = False
    fields = {"situation": SECRETS["S"], "title": SECRETS["T"]}
    request = RequestFactory().post("/handler", fields)
    request.user, request.session = running.users["member"], {}

    def reported() -> list[str]:
        return found_in(ExceptionReporter(request, ZeroDivisionError, ZeroDivisionError(), None).get_traceback_html().encode())

    assert reported() == ["T", "S"]
    crum.set_current_request(request)
    try:
        assert stage.act(request.user, "check_case", fields).status_int == 200  # the session runs, so it is kept only
    finally:
        crum.set_current_request(None)
    assert reported() == []
