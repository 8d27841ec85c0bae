"""Who got no group learns why and what would help: on the page and by mail, and never anything about somebody else."""

import pytest
from django.core import mail
from django.utils.translation import override

from beratung_xblock import outbox
from beratung_xblock.api import assignment, conflicts, publishing, rounds, signup
from beratung_xblock.mails import delivery
from beratung_xblock.mails.texts import why_not_placed
from beratung_xblock.models import Registration, Slot
from tests.blocks import journey, stage
from tests.integration import world

pytestmark = pytest.mark.django_db(transaction=True)
ALONE = "On your dates there were too few people who speak your languages."
FULL = "On your dates there was no free place in a group that fits."


@pytest.fixture
def evening(monkeypatch):
    monkeypatch.setattr(outbox, "announce", lambda: None)
    world.place(group_min=4, group_target=5, group_max=5)
    lead = world.lead()
    uid = world.open_round(lead, evenings=2, max_groups=1)
    Slot.objects.update(capacity=20)  # more people than one group takes
    return lead, uid


def sign_up(uid, slots, *, name, **more):
    user = stage.enrol(world.user(name))
    first, second = journey.slots(uid)
    answers = {first: "yes" if 1 in slots else "no", second: "yes" if 2 in slots else "no"}
    actor = world.actor(user, language="en")
    world.sign_up(actor, uid, answers=answers, display_name=name, **more)
    return user, actor


def publish(lead, uid):
    number = assignment.propose(actor=lead, round_uid=uid)
    publishing.publish(actor=lead, round_uid=uid, number=number, accept=("no_case", "small_group"), ends_signup=True)


def why(actor, uid):
    return signup.own_registration(actor=actor, round_uid=uid).not_placed_because


def five(uid, **more):
    return [sign_up(uid, (1,), name=f"Five{n}", can_moderate=n < 2, brings_case=n > 2, **more) for n in range(5)]


def test_the_page_and_the_mail_say_why(evening):
    lead, uid = evening
    placed = five(uid)
    user, alone = sign_up(uid, (2,), name="Alone")
    publish(lead, uid)
    assert why(alone, uid) == "too_few_peers"
    assert [why(actor, uid) for _user, actor in placed] == [""] * 5
    with override("en"):
        assert ALONE in stage.show(user)
        assert all(ALONE not in stage.show(user) for user, _actor in placed)
    mail.outbox.clear()
    delivery.deliver()
    (letter,) = [m for m in mail.outbox if m.to == [user.email] and "No group" in m.subject]
    assert ALONE in letter.body
    assert ALONE in letter.alternatives[0][0]
    assert not any(f"Five{n}" in letter.body for n in range(5))


def test_a_place_found_later_takes_the_reason_away(evening):
    lead, uid = evening
    people = five(uid) + [sign_up(uid, (1,), name=f"More{n}", can_moderate=n < 2, brings_case=n > 2) for n in range(5)]
    publish(lead, uid)
    left = list(Registration.objects.filter(not_placed_because="competition"))
    assert len(left) == 5
    first = Slot.objects.filter(round__uid=uid).order_by("pk").first()
    rounds.update_slot(actor=lead, slot_uid=first.uid, slot={"starts_at": first.starts_at, "minutes": 120, "max_groups": 2, "capacity": 20})
    publish(lead, uid)
    assert not Registration.objects.exclude(not_placed_because="").exists()
    with override("en"):
        assert all(FULL not in stage.show(user) for user, _actor in people)


@pytest.mark.parametrize("declared", [None, "by me", "by another"])
def test_an_exclusion_changes_no_reason(evening, declared):
    """Five places, six people: who is left over reads the same whether somebody would rather not meet them or not."""
    lead, uid = evening
    _user, other = five(uid)[0]
    _six, actor = sign_up(uid, (1,), name="Six")
    mine, theirs = (Registration.objects.get(user_id=who.user_id).uid for who in (actor, other))
    if declared == "by me":
        conflicts.declare(actor=actor, round_uid=uid, other_uid=theirs)
    if declared == "by another":
        conflicts.declare(actor=other, round_uid=uid, other_uid=mine)
    publish(lead, uid)
    left = Registration.objects.exclude(not_placed_because="").get()
    assert left.not_placed_because == "competition"


def test_enemies_of_all_read_what_everybody_could_read(evening):
    """With the exclusion nobody at all could meet this person; the sentence must not say so."""
    lead, uid = evening
    users = [sign_up(uid, (1,), name=f"Only{n}", can_moderate=n < 2, brings_case=n > 1) for n in range(4)]
    last, actor = sign_up(uid, (1,), name="Last")
    for _user, other in users:
        conflicts.declare(actor=other, round_uid=uid, other_uid=Registration.objects.get(user=last).uid)
    publish(lead, uid)
    assert why(actor, uid) == "competition"
    with override("en"):
        assert FULL in stage.show(last)


def test_every_reason_has_a_sentence_and_no_other():
    from beratung_xblock.assignment.problem import REASONS

    with override("en"):
        sentences = [why_not_placed(reason) for reason in REASONS]
    assert len(set(sentences)) == len(REASONS) == 5
    assert all("It helps if" in sentence for sentence in sentences)
    assert why_not_placed("") == why_not_placed("H3") == ""
