"""Long work survives its worker: forgotten by the broker, killed in the middle, deaf to the wish to stop."""

import datetime as dt

import pytest
from django.utils import timezone

from beratung_xblock import jobs
from beratung_xblock.api import assignment, periodic
from beratung_xblock.exceptions import Conflict
from beratung_xblock.models import Job, Proposal
from tests.integration import world

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def told(monkeypatch):
    """What workers are told; nobody takes a job."""
    uids = []
    monkeypatch.setattr("beratung_xblock.tasks.calculate_groups.apply_async", lambda args, **_: uids.append(args[0]))
    return uids


@pytest.fixture
def big_round(settings):
    settings.BERATUNG_ASYNC_FROM = 8
    world.place()
    lead = world.lead()
    uid = world.open_round(lead)
    for number in range(8):
        world.sign_up(world.actor(world.user()), uid, can_moderate=number < 2)
    return lead, uid


def silent_for(**time):
    Job.objects.update(updated_at=timezone.now() - dt.timedelta(**time))


def test_without_a_broker_the_click_works_and_the_periodic_run_hands_the_job_out(big_round, monkeypatch):
    lead, uid = big_round

    def gone(*_args, **_kwargs):
        raise ConnectionError

    with monkeypatch.context() as patch:
        patch.setattr("beratung_xblock.tasks.calculate_groups.apply_async", gone)
        job = assignment.start_calculation(actor=lead, round_uid=uid, number=0)
        assert assignment.calculation(actor=lead, round_uid=uid).state == "waiting"
        assert periodic.run().counts["jobs_looked_after"] == 0, "it has waited for a moment only"
    silent_for(minutes=2)
    assert periodic.run().counts["jobs_looked_after"] == 1
    assert Job.objects.get(uid=job).state == "done"
    assert Proposal.objects.count() == 1


def test_a_task_that_runs_twice_calculates_once(big_round, told):
    lead, uid = big_round
    job = assignment.start_calculation(actor=lead, round_uid=uid, number=0)
    assignment.run_job(job_uid=job)
    assignment.run_job(job_uid=job)
    assert (told, Proposal.objects.count()) == ([job], 1)


def test_a_worker_that_died_is_noticed_and_the_groups_can_be_proposed_again(big_round, told):
    lead, uid = big_round
    assignment.start_calculation(actor=lead, round_uid=uid, number=0)
    jobs.claim(told[0])
    silent_for(minutes=4)
    assert assignment.calculation(actor=lead, round_uid=uid).state == "running"
    with pytest.raises(Conflict, match="running"):
        assignment.start_calculation(actor=lead, round_uid=uid, number=0)
    silent_for(minutes=6)
    seen = assignment.calculation(actor=lead, round_uid=uid)
    assert (seen.state, seen.reason) == ("failed", "lost")
    assignment.start_calculation(actor=lead, round_uid=uid, number=0)
    assert len(told) == 2


def test_the_periodic_run_closes_what_lost_its_worker(big_round, told):
    lead, uid = big_round
    assignment.start_calculation(actor=lead, round_uid=uid, number=0)
    jobs.claim(told[0])
    silent_for(minutes=6)
    assert periodic.run().counts["jobs_looked_after"] == 1
    assert Job.objects.get().state == "failed"
    assert periodic.run().counts["jobs_looked_after"] == 0


def test_stopping_a_dead_calculation_works_at_once_a_living_one_is_asked(big_round, told):
    lead, uid = big_round
    job = assignment.start_calculation(actor=lead, round_uid=uid, number=0)
    jobs.claim(job)
    assignment.cancel_calculation(actor=lead, round_uid=uid, job_uid=job)
    assert (Job.objects.get().state, Job.objects.get().cancel_requested) == ("running", True)
    silent_for(seconds=40)
    assignment.cancel_calculation(actor=lead, round_uid=uid, job_uid=job)
    assert Job.objects.get().state == "cancelled"
    assignment.start_calculation(actor=lead, round_uid=uid, number=0)
