"""The database is killed and comes back, or has no room left, while people sign up over HTTP and mails go out.

What a SIGKILL proves: the server acknowledges a COMMIT only after writing and syncing its log, so a killed server process loses nothing
that it acknowledged. It does not prove what a loss of power does to the disk below.
"""

import datetime as dt
import errno
import functools
import os
import re
import time
from threading import Thread

import pytest
from django.contrib.auth.models import Group as Right
from django.db import OperationalError, connection
from django.utils import timezone

from beratung_xblock import outbox
from beratung_xblock.api import signup
from beratung_xblock.mails import links
from beratung_xblock.models import OutboxMail, Registration
from tests.blocks import journey
from tests.integration import storm, world
from tests.integration.test_signup_storm import new_round, wishes_for
from tests.load.conftest import NOTES, django_on
from tests.load.people import Person, together
from tests.load.stack import wait_for
from tools.mariadb import Server

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.mariadb]
AWAY = "We cannot read or save anything right now."
SAVED = ("Your sign-up has arrived", "Your changes are saved")


def crowd_at(stack, count):
    """So many people who are enrolled, accepted the undertaking and are logged in."""
    actors = storm.people(count)
    right, _ = Right.objects.get_or_create(name=f"enrolled:{world.COURSE}")
    right.user_set.add(*[actor.user_id for actor in actors])
    return together([Person(stack.port, actor.user_id).enter for actor in actors])


def sentence(answer):
    """What a refusal says to a person."""
    return " ".join(re.sub(r"<[^>]+>", " ", answer.text).split())


def check_words(people):
    """Every refusal is ours, a sentence, and no report of an exception."""
    refused = [answer for person in people for answer in person.refused]
    assert refused, "nobody noticed"
    for answer in refused:
        assert answer.status == 503
        assert "Traceback" not in answer.text
        assert "kb-notice" in answer.text, answer.text[:300]
        assert AWAY in sentence(answer), sentence(answer)


def test_the_database_is_killed_while_two_hundred_people_sign_up(durable_server, quiet, new_stack):
    world.place()
    uid = new_round(world.lead(), capacity=250, max_groups=50)
    stack = new_stack(web=2, workers=0)
    people = crowd_at(stack, 200)
    data = journey.signup_data(uid)
    tomorrow = timezone.now() + dt.timedelta(days=1)
    link = links.token(links.Link(purpose=links.STOP_REMINDERS, registration="r" * 32, target="g" * 32, language="en", expires=tomorrow))
    acknowledged = {}

    def sign_up(person):
        answer = person.act("submit_signup", **data)
        assert answer.status == 200, (answer.status, answer.text[:500])
        assert any(words in answer.text for words in SAVED), sentence(answer)
        acknowledged[person.user_id] = timezone.now()

    seen_meanwhile = {}

    def restart():
        wait_for(lambda: len(acknowledged) >= 70, "70 sign-ups")
        durable_server.kill()
        killed.append(timezone.now())
        anybody = Person(stack.port, people[0].user_id, people[0].cookie)
        seen_meanwhile["page"] = anybody.ask("GET", "/page/")
        seen_meanwhile["poll"] = anybody.ask("GET", f"/beratung/session/{world.BLOCK}/{'s' * 32}/poll/")
        seen_meanwhile["draft"] = anybody.ask("POST", f"/beratung/draft/{world.BLOCK}/", {})
        seen_meanwhile["feed"] = anybody.ask("GET", f"/beratung/calendar/{'x' * 43}.ics")
        seen_meanwhile["question"] = anybody.ask("GET", f"/beratung/m/{link}")
        seen_meanwhile["link"] = anybody.ask("POST", f"/beratung/m/{link}", {})
        seen_meanwhile["check"] = anybody.ask("GET", "/beratung/check/?code=ABCD-EFGH-JKLM")
        durable_server.start()
        back.append(timezone.now())

    killed, back = [], []
    keeper = Thread(target=restart)
    keeper.start()
    together([functools.partial(sign_up, person) for person in people])
    keeper.join()

    assert len(acknowledged) == 200
    connection.close()
    stored = set(Registration.objects.filter(round__uid=uid).values_list("user_id", flat=True))
    assert stored == set(acknowledged), "everybody who got an answer is there, and nobody else"
    before = sum(when < killed[0] for when in acknowledged.values())
    assert 60 <= before < 190, "the server was killed in the middle"
    assert Registration.objects.filter(round__uid=uid, queued_at__lt=killed[0]).count() >= before
    assert storm.check(uid)["registered"] == 200
    assert list(OutboxMail.objects.values_list("kind", flat=True)) == ["confirmation"] * 200, "one mail each"
    check_words(people)

    assert {name: answer.status for name, answer in seen_meanwhile.items()} == {
        "page": 200, "poll": 503, "draft": 503, "feed": 503, "question": 200, "link": 503, "check": 503
    }  # fmt: skip
    assert AWAY in sentence(seen_meanwhile["page"])
    assert '"code": "away"' in seen_meanwhile["poll"].text
    assert "Please try again in a few minutes" in seen_meanwhile["link"].text
    assert not any("Traceback" in answer.text for answer in seen_meanwhile.values())
    assert people[0].ask("GET", "/page/").status == 200
    assert AWAY not in people[0].ask("GET", "/page/").text


def test_the_database_is_killed_while_mails_go_out(durable_server, quiet, new_stack):
    """The worker lives on: it knows which mail the mail server took, and notes that when the database is back."""
    world.place()
    uid = new_round(world.lead(), capacity=60, max_groups=20)
    crowd = storm.people(60)
    wishes = wishes_for(uid)
    for person in crowd:
        signup.register(actor=person, round_uid=uid, wishes=wishes)
    stack = new_stack(web=1, workers=0)
    inbox = stack.inbox
    inbox.pause = 0.15
    ticks = [stack.start_command("beratung_tick") for _ in range(2)]
    wait_for(lambda: sum(inbox.ids.values()) >= 15, "15 mails")
    durable_server.kill()
    taken = sum(inbox.ids.values())
    time.sleep(2)
    durable_server.start()
    for tick in ticks:
        tick.wait(timeout=60)
    assert taken < 60
    connection.close()
    inbox.pause = 0.0
    # A claim whose UPDATE got no answer belongs to nobody; it runs out after a quarter of an hour, which passes here at once.
    OutboxMail.objects.filter(state="sending").update(claimed_at=timezone.now() - outbox.CLAIM_LASTS)
    OutboxMail.objects.filter(state="waiting").update(not_before=timezone.now())  # and the pause after a try that failed
    stack.run_command("beratung_tick")
    assert set(OutboxMail.objects.values_list("state", flat=True)) == {"sent"}
    assert set(inbox.ids) == set(OutboxMail.objects.values_list("message_id", flat=True))
    assert set(inbox.ids.values()) == {1}, "no process died, so none goes out twice"


def full_server(small_disk, tmp_path):
    """(server, take all room, give it back) on a disk of its own, or with a limit of MariaDB's own."""
    options = ("--innodb-log-file-size=8M", "--innodb-buffer-pool-size=32M")
    if small_disk is not None:
        server = Server(tmp_path / "db", data=small_disk / "data", durable=True, options=options)
        ballast = small_disk / "ballast"

        def take():
            with ballast.open("wb") as file:
                try:
                    while True:
                        os.write(file.fileno(), b"\0" * 65536)
                except OSError as error:
                    if error.errno != errno.ENOSPC:
                        raise

        return server, take, ballast.unlink
    files = "--innodb-data-file-path=ibdata1:12M:autoextend:max:{}M"
    server = Server(tmp_path / "db", durable=True, options=(*options, "--innodb-file-per-table=0", files.format(40)))

    def take():
        with connection.cursor() as cursor:
            cursor.execute("CREATE TABLE ballast (n INT AUTO_INCREMENT PRIMARY KEY, t LONGTEXT)")
            for size in (1 << 20, 1 << 16, 1 << 13, 1 << 10):
                try:
                    while True:
                        cursor.execute("INSERT INTO ballast (t) VALUES (%s)", ["x" * size])
                except OperationalError as error:
                    if error.args[0] != 1114:
                        raise

    def give_back():
        server.kill()  # the operator gives the server more room
        connection.close()
        server.options = (*server.options[:-1], files.format(400))
        server.start()

    return server, take, give_back


@pytest.mark.parametrize("permitted", [True, False], ids=["file system", "limit of MariaDB's own"])
def test_no_room_for_the_outbox(transactional_db, small_disk, tmp_path, quiet, new_stack, permitted):
    """A sign-up whose mail finds no room is refused as a whole, with a sentence; with room again, everybody gets in and every mail out."""
    if permitted and small_disk is None:
        NOTES.append("disk full: mounting is not permitted here; a limit of MariaDB's own stands in for it")
    server, take, give_back = full_server(small_disk if permitted else None, tmp_path)
    server.start()
    try:
        with django_on(server):
            sign_up_on_a_full_disk(new_stack, take, give_back)
    finally:
        server.stop()


def sign_up_on_a_full_disk(new_stack, take, give_back):
    world.place()
    uid = new_round(world.lead(), capacity=900, max_groups=200)
    stack = new_stack(web=2, workers=0)
    people = crowd_at(stack, 150)
    data = journey.signup_data(uid)
    take()
    inside, outside = [], []
    for person in people:  # what is left in pages already taken from the disk fills up first
        answer = person.ask("POST", "/handler/act/submit_signup", data)
        assert answer.status in (200, 503), answer.text[:500]
        (inside if answer.status == 200 else outside).append(person)
        if answer.status == 503:
            person.refused.append(answer)
        if len(outside) == 5:
            break
    NOTES.append(f"disk full: {len(inside)} sign-ups found room in pages taken before")
    assert outside, "the disk was never full"
    check_words(outside)
    connection.close()
    stored = Registration.objects.filter(round__uid=uid)
    assert set(stored.values_list("user_id", flat=True)) == {person.user_id for person in inside}, "wholly there or wholly refused"
    assert set(OutboxMail.objects.values_list("registration__user_id", flat=True)) == {person.user_id for person in inside}
    storm.check(uid)
    give_back()
    rest = [person for person in people if person not in inside]
    for answer in together([functools.partial(person.act, "submit_signup", **data) for person in rest]):
        assert answer.status == 200, answer.text[:500]
    assert storm.check(uid)["registered"] == 150
    stack.run_command("beratung_tick")
    assert set(OutboxMail.objects.values_list("state", flat=True)) == {"sent"}
    assert len(stack.inbox.ids) == 150
    assert set(stack.inbox.ids.values()) == {1}
