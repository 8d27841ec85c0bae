"""Four web processes, two Celery workers, Redis and MariaDB live a round; a web process and a worker are killed on the way.

Nobody is lost, nobody is there twice, each mail goes out once but for the one case ruling 17 names, and what one process writes in a
session the others show.
"""

import datetime as dt
import functools
import json
import time

import psutil
import pytest
from completion.models import BlockCompletion
from django.contrib.auth import get_user_model
from django.contrib.auth.models import Group as Right
from django.db import connection
from django.utils import timezone
from waffle.models import Switch

from beratung_xblock import jobs, outbox
from beratung_xblock.models import (
    Attendance,
    Case,
    Group,
    Idea,
    Job,
    Membership,
    OutboxMail,
    Proposal,
    Registration,
    Session,
    Slot,
    UndertakingAcceptance,
)
from tests.blocks import journey
from tests.integration import storm, world
from tests.load.conftest import NOTES
from tests.load.people import Person, together
from tests.load.stack import wait_for

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.mariadb]
PEOPLE, CASES = 60, 12
EVERY_SECONDS = 2.75
"""How often a page of a running session asks, see live.js."""


def enrolled(count):
    model = get_user_model()
    model.objects.bulk_create([model(username=f"v{n}", email=f"v{n}@example.org", password="!") for n in range(count)])
    users = list(model.objects.filter(username__startswith="v").order_by("pk"))
    right, _ = Right.objects.get_or_create(name=f"enrolled:{world.COURSE}")
    right.user_set.add(*users)
    return users


def good(answer):
    assert answer.status == 200, (answer.status, answer.text[:600])
    return answer


class Evening:
    """One test run: the installation, the lead and the volunteers at their browsers."""

    def __init__(self, stack, lead_user, users, round_uid):
        self.stack, self.uid = stack, round_uid
        self.lead = Person(stack.port, lead_user.pk).enter()
        self.people = together([Person(stack.port, user.pk).enter for user in users])
        self.by_id = {person.user_id: person for person in self.people}

    # --- sign-up and cases ---

    def sign_up(self, number):
        person = self.people[number]
        good(person.act("accept_undertaking", version="1", accept="yes"))
        more = {"can_moderate": "on"} if number % 5 == 0 else {"brings_case": "on"} if number < CASES else {}
        good(person.act("submit_signup", **{**journey.signup_data(self.uid), **{f"slot_{uid}": "yes" for uid in journey.slots(self.uid)}, **more}))
        good(person.insist("GET", "/page/"))

    def hand_in(self, number):
        person = self.people[number]
        good(person.act("check_case", **journey.CASE))
        case = Case.objects.get(owner_id=person.user_id)
        connection.close()
        good(person.act("submit_case", case=case.row_uid, version=str(case.version), **journey.ANSWERED))

    # --- assignment ---

    def board(self):
        return good(self.lead.act("desk.show", section="assignment", round=self.uid)).text

    def propose(self):
        good(self.lead.act("board.propose", round=self.uid, number="0"))
        return Job.objects.latest("pk")

    def busiest_worker(self):
        """The worker that calculates: it uses the processor."""
        living = [worker for worker in self.stack.workers if worker.poll() is None]
        before = [sum(psutil.Process(worker.pid).cpu_times()[:2]) for worker in living]
        time.sleep(0.6)
        spent = [sum(psutil.Process(worker.pid).cpu_times()[:2]) - was for worker, was in zip(living, before, strict=True)]
        return living[spent.index(max(spent))]


def kill(process):
    process.kill()
    process.wait()


def test_a_round_is_lived_while_processes_are_killed(new_stack, quiet):
    world.place()
    lead_user = world.user("lead")
    lead = world.lead(lead_user)
    Right.objects.get_or_create(name=f"enrolled:{world.COURSE}")[0].user_set.add(lead_user)
    Switch.objects.update_or_create(name="completion.enable_completion_tracking", defaults={"active": True})
    uid = world.open_round(lead, evenings=2, in_days=14, max_groups=8)
    users = enrolled(PEOPLE)
    stack = new_stack(web=4, workers=2, async_from=40)
    evening = Evening(stack, lead_user, users, uid)

    sign_up_with_a_web_process_killed(evening)
    propose_with_a_worker_killed(evening)
    mails_with_a_worker_killed(evening)
    session = a_session(evening)
    the_end(evening, session)
    for person in [evening.lead, *evening.people]:
        assert all("Traceback" not in answer.text for answer in person.refused)


def sign_up_with_a_web_process_killed(evening):
    stack = evening.stack
    begin = time.perf_counter()
    first, second = range(PEOPLE // 2), range(PEOPLE // 2, PEOPLE)
    before = {process.pid for process in stack.web_processes()}
    assert len(before) == 4
    calls = [functools.partial(evening.sign_up, number) for number in first]

    def killer():
        wait_for(lambda: Registration.objects.count() >= 10, "ten sign-ups")
        victim = max(stack.web_processes(), key=lambda process: sum(process.cpu_times()[:2]))
        victim.kill()
        connection.close()

    together([killer, *calls], hands=9)
    wait_for(lambda: len(stack.web_processes()) == 4, "a new web process")
    after = {process.pid for process in stack.web_processes()}
    assert len(before - after) == 1, "one was killed and replaced"
    spent = stack.cpu_seconds()
    together([functools.partial(evening.sign_up, number) for number in second])
    wall = time.perf_counter() - begin
    wait_for(lambda: OutboxMail.objects.filter(state="sent").count() == PEOPLE, "confirmations")
    NOTES.append(
        f"load: {PEOPLE} people signed up in {wall:.1f} s; one costs {1000 * (stack.cpu_seconds() - spent) / len(second):.0f} ms of processor time "
        "(undertaking, sign-up, page, mail)"
    )
    connection.close()
    assert storm.check(evening.uid) == {"registered": PEOPLE, "offered": 0, "waiting": 0, "cancelled": 0}
    assert UndertakingAcceptance.objects.count() == PEOPLE
    assert dict(BlockCompletion.objects.values_list("user_id", "completion")) == dict.fromkeys(evening.by_id, 0.3)
    together([functools.partial(evening.hand_in, number) for number in range(CASES)])
    connection.close()
    assert Case.objects.filter(state="submitted").count() == CASES
    assert set(OutboxMail.objects.values_list("kind", "state")) == {("confirmation", "sent")}
    assert set(stack.inbox.ids.values()) == {1}


def propose_with_a_worker_killed(evening):
    stack = evening.stack
    job = evening.propose()
    wait_for(lambda: Job.objects.get(pk=job.pk).done > 0, "progress")
    assert "kb-meter" in evening.board(), "the desk shows how far it is"
    kill(evening.busiest_worker())
    assert Job.objects.get(pk=job.pk).state == "running", "killed in the middle"
    answer = evening.lead.act("board.propose", round=evening.uid, number="0")
    assert answer.status == 409, "nobody can know yet that the worker is dead"
    Job.objects.filter(pk=job.pk).update(updated_at=timezone.now() - jobs.LOST_AFTER)  # five minutes pass
    assert "did not succeed" in evening.board()
    again = evening.propose()
    assert again.pk != job.pk
    wait_for(lambda: Job.objects.get(pk=again.pk).state == "done", "the other worker", 120)
    assert list(Proposal.objects.values_list("number", flat=True)) == [1]
    assert Job.objects.get(pk=job.pk).state == "failed"
    stack.start_worker()  # as a supervisor does


def mails_with_a_worker_killed(evening):
    stack, inbox = evening.stack, evening.stack.inbox
    inbox.pause = 0.1
    good(evening.lead.act("board.publish", round=evening.uid, number="1", ends_signup="yes"))
    mails = OutboxMail.objects.filter(kind="assigned")
    assert mails.count() == PEOPLE
    wait_for(lambda: mails.filter(state="sent").count() >= 15, "fifteen mails")
    victim = next(worker for worker in stack.workers if worker.poll() is None)
    kill(victim)
    inbox.pause = 0.0
    wait_for(lambda: not mails.filter(state="waiting").exists(), "the other worker sends the rest")
    wait_for(lambda: mails.filter(state="sending").count() <= 1, "the mail of the dead worker alone is left")
    time.sleep(1)
    hanging = set(mails.filter(state="sending").values_list("message_id", flat=True))
    assert len(hanging) <= 1
    OutboxMail.objects.filter(state="sending").update(claimed_at=timezone.now() - outbox.CLAIM_LASTS)  # a quarter of an hour passes
    stack.run_command("beratung_tick")
    assert set(mails.values_list("state", flat=True)) == {"sent"}
    ids = set(mails.values_list("message_id", flat=True))
    assert ids <= set(inbox.ids)
    twice = {number for number, count in inbox.ids.items() if count > 1}
    assert twice <= hanging, "twice only the mail that was in flight, with the same Message-ID"
    assert max(inbox.ids.values()) <= 2
    assert sorted(inbox.to[number] for number in ids) == sorted(f"v{n}@example.org" for n in range(PEOPLE)), "one for everybody"
    seats = list(Membership.objects.filter(left_at__isnull=True).values_list("registration__user_id", flat=True))
    assert sorted(seats) == sorted(evening.by_id), "everybody is in one group"


def a_session(evening):
    """One group meets; the others would not differ."""
    stack = evening.stack
    group = Group.objects.order_by("number").first()
    now = timezone.now()
    Slot.objects.filter(pk=group.slot_id).update(starts_at=now - dt.timedelta(minutes=5), ends_at=now + dt.timedelta(minutes=115))
    Session.objects.get_or_create(group=group)
    session = Session.objects.get(group=group)
    seats = Membership.objects.filter(group=group, left_at__isnull=True).select_related("registration")
    moderator = next(seat for seat in seats if seat.planned_role == "moderator")
    members = [evening.by_id[seat.registration.user_id] for seat in seats]
    leader = evening.by_id[moderator.registration.user_id]
    others = [person for person in members if person is not leader]
    base = f"/beratung/session/{world.BLOCK}/{session.uid}/"

    def say(person, name, **fields):
        return good(person.insist("POST", base + "act/", {"act": name, **fields}))

    def poll(person, etag=""):
        return person.insist("GET", base + "poll/", **({"If-None-Match": etag} if etag else {}))

    for person in members:
        say(person, "join")
    say(leader, "start")
    say(leader, "choose_case", case="none")
    for _ in range(4):
        say(leader, "next")

    pairs, late = set(), []

    def writes(number, writer):
        """One writes, all the others see it, whichever process answers them."""
        tags = {id(person): poll(person).headers["etag"] for person in members if person is not writer}
        text = f"Idee Nummer {number} von {writer.user_id}"
        wrote = say(writer, "add_idea", text=text, key=f"k{number}")
        begun = time.perf_counter()
        for person in members:
            if person is writer:
                continue
            answer = poll(person, tags[id(person)])
            while answer.status == 304:
                assert time.perf_counter() - begun < 20, "never seen"
                answer = poll(person, tags[id(person)])
            late.append(time.perf_counter() - begun)
            assert text in good(answer).text
            pairs.add((wrote.process, answer.process))

    for number in range(6):
        writes(number, others[number % len(others)])
    stack.web_processes()[0].kill()
    for number in range(6, 12):
        writes(number, others[number % len(others)])
    wait_for(lambda: len(stack.web_processes()) == 4, "a new web process")
    assert Idea.objects.count() == 12
    across = {pair for pair in pairs if pair[0] != pair[1]}
    assert len(across) >= 3, pairs

    tags = {id(person): poll(person).headers["etag"] for person in members}
    tags = {id(person): poll(person).headers["etag"] for person in members}
    spent, polls = stack.cpu_seconds(), 300
    answers = together([functools.partial(poll, members[n % len(members)], tags[id(members[n % len(members)])]) for n in range(polls)], hands=4)
    quiet_ms = 1000 * (stack.cpu_seconds() - spent) / polls
    spent = stack.cpu_seconds()
    together([functools.partial(poll, members[n % len(members)]) for n in range(60)], hands=4)
    full_ms = 1000 * (stack.cpu_seconds() - spent) / 60
    NOTES.append(
        f"load: a poll with nothing new costs {quiet_ms:.1f} ms of processor time, one with news {full_ms:.1f} ms; a running session of "
        f"{len(members)} people {len(members) * quiet_ms / EVERY_SECONDS:.1f} ms each second and {len(members) * full_ms:.0f} ms each change; a change was "
        f"seen by the last after {max(late):.2f} s at most; processes that wrote and read: {len(pairs)} pairs, {len(across)} across"
    )
    assert sum(answer.status == 304 for answer in answers) > polls * 0.8
    say(leader, "end")
    return session


def the_end(evening, session):
    stack = evening.stack
    past = timezone.now() - dt.timedelta(hours=3)
    Slot.objects.update(starts_at=past, ends_at=past + dt.timedelta(hours=2))
    groups = dict(Group.objects.values_list("pk", "uid"))
    assert Session.objects.get(pk=session.pk).state == "ended"
    together([functools.partial(evening.lead.act, "attendance.all", group=group) for group in groups.values()], hands=4)
    assert Attendance.objects.count() == PEOPLE
    assert dict(BlockCompletion.objects.values_list("user_id", "completion")) == dict.fromkeys(evening.by_id, 0.8)
    mine = {seat.registration.user_id: groups[seat.group_id] for seat in Membership.objects.select_related("registration")}
    calls = [functools.partial(person.act, "reflect", group=mine[person.user_id], helped="5", safe="4", note="") for person in evening.people]
    for answer in together(calls):
        good(answer)
    connection.close()
    assert dict(BlockCompletion.objects.values_list("user_id", "completion")) == dict.fromkeys(evening.by_id, 1.0)
    stack.run_command("beratung_tick")
    stack.run_command("beratung_tick")
    assert not OutboxMail.objects.filter(state__in=("waiting", "sending", "failed"), not_before__lte=timezone.now()).exists()
    sent = OutboxMail.objects.filter(state="sent")
    assert {kind: sent.filter(kind=kind).count() for kind in ("confirmation", "assigned")} == {"confirmation": PEOPLE, "assigned": PEOPLE}
    assert set(stack.inbox.ids) == set(sent.values_list("message_id", flat=True)), "the mail server has what we say it has"
    size = rows_and_bytes()
    NOTES.append(f"load: the database holds {size['rows'] / PEOPLE:.0f} rows and {size['bytes'] / PEOPLE / 1024:.0f} kB for each of {PEOPLE} volunteers after one round; {json.dumps(size)}")


def rows_and_bytes():
    """What our tables hold; InnoDB takes at least 16 kB for each table and index."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT table_name FROM information_schema.tables WHERE table_schema = DATABASE() AND table_name LIKE 'beratung%%'")
        names = [name for (name,) in cursor.fetchall()]
        rows = 0
        for name in names:
            cursor.execute(f"SELECT COUNT(*) FROM {name}")
            rows += cursor.fetchone()[0]
        cursor.execute("SELECT SUM(data_length + index_length) FROM information_schema.tables WHERE table_schema = DATABASE() AND table_name LIKE 'beratung%%'")
        return {"rows": rows, "bytes": int(cursor.fetchone()[0])}
