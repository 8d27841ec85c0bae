"""The lines of "Heute" that a press solves: joining small groups, reminding, asking for cases and moderators."""

import datetime as dt

import pytest
from django.contrib.auth import get_user_model
from django.db.models import F
from django.utils import timezone

from beratung_xblock.api import asking, assignment, board, cases, desk, history, places, publishing, rounds, session_desk
from beratung_xblock.data.actor import Actor
from beratung_xblock.exceptions import Conflict, NotFound
from beratung_xblock.mails.compose import compose
from beratung_xblock.mails.facts import Outdated
from beratung_xblock.models import ContactRequest, Coordinator, Group, Membership, OutboxMail, Proposal, Registration, Round, Session, SessionEvent, Slot
from tests.blocks import stage
from tests.integration import session_world, world
from tests.integration.test_desk import filled
from tests.tables import Once

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def lead():
    world.place(regions=["Nord", "Süd"])
    return world.lead(stage.enrol(world.user()))


def press(lead, name, data):
    """A press on a button of the desk; what the page says then."""
    answer = stage.act(get_user_model().objects.get(pk=lead.user_id), name, data)
    assert answer.status_int == 200, answer.text
    return answer.text


def soon(uid, days):
    """Both evenings of the round begin in so many days, at the same moment."""
    at = timezone.now() + dt.timedelta(days=days)
    Slot.objects.filter(round__uid=uid).update(starts_at=at, ends_at=at + dt.timedelta(hours=2))


def with_groups(**more):
    """The coordinator and a round of twelve people whose groups are published; its mails are done."""
    world.place(regions=["Nord", "Süd"])
    lead = world.lead(stage.enrol(world.user()))
    uid = filled(lead, **more)
    rounds.close_round(actor=lead, round_uid=uid)
    number = assignment.propose(actor=lead, round_uid=uid, number=0)
    publishing.publish(actor=lead, round_uid=uid, number=number, ends_signup=True)
    OutboxMail.objects.all().delete()
    return lead, uid


published_once = Once(with_groups)


@Once
def two_small_once():
    """Two published groups of six on one evening, of which each but three people cancelled."""
    lead, uid = with_groups(evenings=1)
    for group in Group.objects.filter(round__uid=uid):
        for seat in Membership.objects.filter(group=group, planned_role="adviser").order_by("pk")[:3]:
            desk.cancel_registration(actor=lead, registration_uid=seat.registration.uid, reason="krank")
    soon(uid, 5)
    OutboxMail.objects.all().delete()
    return lead, uid


@pytest.fixture
def published():
    return published_once()


@pytest.fixture
def two_small():
    return two_small_once()


def kinds(lead):
    return [need.kind for need in desk.today(actor=lead)]


def line(lead, kind):
    return next(need for need in desk.today(actor=lead) if need.kind == kind)


def members(group_uid):
    return set(Membership.objects.filter(group__uid=group_uid, left_at=None).values_list("registration__uid", flat=True))


def test_two_small_groups_are_joined_by_one_press_and_told_when_published(two_small):
    lead, uid = two_small
    need = line(lead, "groups_small")
    first, second = need.object_uid, need.params["into"]
    everybody = members(first) | members(second)
    assert (need.act, need.params["people"], need.params["other_people"], len(everybody)) == ("group.merge", 3, 3, 6)
    assert kinds(lead).count("groups_small") == 1
    assert "group_small" not in kinds(lead)

    press(lead, need.act, {"round": need.round_uid, "group": first, "into": second})
    assert OutboxMail.objects.count() == 0, "nothing is told before publishing"
    shown = board.board(actor=lead, round_uid=uid)
    assert [sorted(p.uid for p in group.people) for group in shown.groups] == [sorted(everybody)]
    assert not shown.groups[0].problems
    publishing.publish(actor=lead, round_uid=uid, number=shown.number)
    assert (members(first), members(second)) == (set(), everybody)
    assert set(OutboxMail.objects.values_list("kind", flat=True)) == {"changed"}
    assert OutboxMail.objects.count() == 3
    assert "groups_small" not in kinds(lead)

    assignment.undo(actor=lead, round_uid=uid, number=shown.number)
    assert len(board.board(actor=lead, round_uid=uid).groups) == 2


def test_groups_that_do_not_meet_together_are_not_joined(two_small):
    lead, uid = two_small
    need = line(lead, "groups_small")
    other = Slot.objects.create(round=Round.objects.get(uid=uid), starts_at=timezone.now() + dt.timedelta(days=6), ends_at=timezone.now() + dt.timedelta(days=6, hours=2))
    Group.objects.filter(uid=need.params["into"]).update(slot=other)
    assert kinds(lead).count("group_small") == 2
    for group, into in ((need.object_uid, need.object_uid), (need.object_uid, "x" * 32)):
        with pytest.raises(Conflict, match="changed_meanwhile"):
            assignment.merge_groups(actor=lead, round_uid=uid, group=group, into=into)
    with pytest.raises(NotFound):
        assignment.merge_groups(actor=world.actor(world.user()), round_uid=uid, group=need.object_uid, into=need.params["into"])


def test_those_who_have_not_confirmed_are_reminded_once_a_day(published):
    lead, uid = published
    soon(uid, 2)
    need = line(lead, "unconfirmed")
    seats = list(Membership.objects.filter(group__uid=need.object_uid).order_by("pk"))
    seats[0].confirmed_at = timezone.now()
    seats[0].save()
    assert line(lead, "unconfirmed").params["count"] == len(seats) - 1
    told = press(lead, need.act, {"group": need.object_uid})
    assert f"{len(seats) - 1} people get a mail." in told
    assert set(OutboxMail.objects.values_list("kind", "registration")) == {("reminder", seat.registration_id) for seat in seats[1:]}
    assert need.object_uid not in [n.object_uid for n in desk.today(actor=lead) if n.kind == "unconfirmed"]
    assert asking.remind(actor=lead, group_uid=need.object_uid) == len(seats) - 1
    assert OutboxMail.objects.count() == len(seats) - 1, "twice a day is one mail"
    assert "Ich komme" in compose(OutboxMail.objects.first()).body


def test_reminding_ends_with_the_beginning_and_needs_somebody(published):
    lead, uid = published
    group = Group.objects.filter(round__uid=uid).first()
    Membership.objects.update(confirmed_at=timezone.now())
    with pytest.raises(Conflict, match="nobody_to_ask"):
        asking.remind(actor=lead, group_uid=group.uid)
    soon(uid, -0.01)
    with pytest.raises(Conflict, match="begun"):
        asking.remind(actor=lead, group_uid=group.uid)
    with pytest.raises(NotFound):
        asking.remind(actor=world.actor(world.user()), group_uid=group.uid)
    assert OutboxMail.objects.count() == 0


def test_who_planned_to_bring_a_case_is_asked_for_it(published):
    lead, uid = published
    soon(uid, 5)
    assert "unconfirmed" not in kinds(lead), "not yet: five days ahead"
    need = line(lead, "case_missing")
    givers = list(Membership.objects.filter(group__uid=need.object_uid, heard_order__isnull=False))
    press(lead, need.act, {"group": need.object_uid})
    assert set(OutboxMail.objects.values_list("kind", "registration")) == {("case_wanted", giver.registration_id) for giver in givers}
    Membership.objects.filter(pk__in=[giver.pk for giver in givers[1:]]).update(heard_order=None)
    giver = givers[0]
    mail = OutboxMail.objects.get(registration=giver.registration)
    assert "nur Sie" in compose(mail).body

    who = world.actor(giver.registration.user)
    cases.submit(actor=who, round_uid=uid, case=world.CASE, boundaries=world.NO_BOUNDARY, declared_harmless=True)
    with pytest.raises(Outdated):
        compose(mail)
    with pytest.raises(Conflict, match="nobody_to_ask"):
        asking.ask_for_case(actor=lead, group_uid=need.object_uid)


def test_people_are_asked_to_moderate_while_they_can_still_say_so(lead):
    uid = world.open_round(lead)
    people = [world.actor(world.user()) for _ in range(9)]
    for number, who in enumerate(people):
        world.sign_up(who, uid, can_moderate=number == 0)
    OutboxMail.objects.all().delete()
    need = line(lead, "moderators_missing")
    assert need.act == "round.ask_moderators"
    press(lead, need.act, {"round": uid})
    assert OutboxMail.objects.filter(kind="moderator_wanted").count() == 8
    assert line(lead, "moderators_missing").act == "", "asked today"
    mail = OutboxMail.objects.get(user_id=people[3].user_id)
    assert "Ich kann eine Gruppe moderieren" in compose(mail).body
    Registration.objects.filter(user_id=people[3].user_id).update(can_moderate=True)
    mail = OutboxMail.objects.get(pk=mail.pk)
    with pytest.raises(Outdated):
        compose(mail)
    assert "mail.moderator_wanted" in [entry.action for entry in history.history(actor=lead)[0]]
    Round.objects.filter(uid=uid).update(state="closed")
    with pytest.raises(Conflict, match="closed"):
        asking.ask_for_moderators(actor=lead, round_uid=uid)


# --- the evening itself ----------------------------------------------------------------------------------------------


@pytest.fixture
def evening(lead):
    six = session_world.make()
    other = session_world.make(names=("Gerd", "Hanna", "Ines"), number=2)
    Group.objects.filter(pk=other.group.pk).update(round=six.group.round, slot=six.group.slot)
    Registration.objects.filter(pk__in=[row.pk for row in other.registrations.values()]).update(round=six.group.round)
    raw = [
        {"id": one.group.uid, "slot": six.group.slot.uid, "lang": "de", "members": sorted(r.uid for r in one.registrations.values()), "moderator": "", "cases": [], "pinned": False, "pinned_members": []}
        for one in (six, other)
    ]
    for one in (six, other):
        one.group.refresh_from_db()
    Proposal.objects.create(round=six.group.round, number=1, groups=raw, unplaced={}, figures={})
    return six, other


def test_the_minutes_of_a_sheet_are_proposed_until_some_are_stored(lead, evening):
    six, _other = evening
    six.do("Bernd", "join")
    six.do("Anna", "start")
    SessionEvent.objects.filter(session=six.session).update(at=F("at") - dt.timedelta(minutes=4))
    Session.objects.filter(pk=six.session.pk).update(started_at=F("started_at") - dt.timedelta(minutes=4))
    ask = {"section": "sessions", "round": six.group.round.uid, "group": six.group.uid, "sheet": "1"}
    assert "The minutes come from the session page" in press(lead, "desk.show", ask)
    press(lead, "attendance.all", ask)
    assert "The minutes come from the session page" not in press(lead, "desk.show", ask)


def test_two_groups_joined_on_the_evening_are_joined_on_the_board(lead, evening):
    six, other = evening
    session_desk.merge(actor=lead, group_uid=other.group.uid, into_uid=six.group.uid)
    newest = Proposal.objects.latest("number")
    assert (newest.action, [raw["id"] for raw in newest.groups], len(newest.groups[0]["members"])) == ("merge", [six.group.uid], 9)
    assert "assignment.merge" in [entry.action for entry in history.history(actor=lead)[0]]


def test_people_kept_apart_are_not_joined(lead, evening):
    from beratung_xblock.api import conflicts

    six, other = evening
    conflicts.declare(actor=other.actors["Gerd"], round_uid=six.group.round.uid, other_uid=six.uid("Anna"))
    with pytest.raises(Conflict, match="do_not_fit"):
        session_desk.merge(actor=lead, group_uid=other.group.uid, into_uid=six.group.uid)
    Group.objects.filter(pk=other.group.pk).update(language="en")
    with pytest.raises(Conflict, match="do_not_fit"):
        session_desk.merge(actor=lead, group_uid=other.group.uid, into_uid=six.group.uid)
    assert Membership.objects.filter(group=other.group, left_at__isnull=True).count() == 3


def test_who_asks_for_a_call_says_at_which_number(lead):
    helga = stage.enrol(world.user("helga"))
    refused = stage.act(helga, "ask_contact", {"phone": "ruft mich an"})
    assert (refused.status_int, 'value="ruft mich an"' in refused.text) == (422, True)
    assert stage.act(helga, "ask_contact", {"phone": "02331 / 12 34-5"}).status_int == 200
    asked = line(lead, "contact")
    assert (asked.params["phone"], asked.params["address"]) == ("02331 / 12 34-5", "")
    shown = press(lead, "desk.show", {"section": "today"})
    assert '<a class="kb-tel" href="tel:0233112345"><bdi>02331 / 12 34-5</bdi></a>' in shown
    press(lead, "desk.contact_done", {"object": asked.object_uid})
    assert list(ContactRequest.objects.values_list("phone", flat=True)) == [""]
    stage.act(helga, "ask_contact", {"phone": ""})
    asked = line(lead, "contact")
    assert (asked.params["phone"], asked.params["address"]) == ("", helga.email)
    assert helga.email in press(lead, "desk.show", {"section": "today"})


def test_a_call_back_is_a_matter_of_the_region(lead):
    """The number and address of who asks for a call: for the coordinators of their region, and of everything."""
    uid = world.open_round(lead)
    asking = {}
    for name, region in (("nora", "Nord"), ("sven", "Süd"), ("olga", ""), ("neu", None)):
        asking[name] = stage.enrol(world.user(name))
        if region is not None:
            world.sign_up(world.actor(asking[name]), uid, region=region)
        assert stage.act(asking[name], "ask_contact", {"phone": f"02331 {asking[name].pk}"}).status_int == 200

    def limited(region):
        chief = Actor(user_id=lead.user_id, usage_key=world.BLOCK, course_key=world.COURSE, is_instructor=True)
        who = stage.enrol(world.user())
        places.grant_coordinator(actor=chief, user_id=who.pk, region=region)
        return world.actor(who, is_coordinator=True, regions=(region,))

    def seen(actor):
        page = press(actor, "desk.show", {"section": "today"})
        listed = {name for name, who in asking.items() if who.username in {need.params["name"] for need in desk.today(actor=actor) if need.kind == "contact"}}
        assert listed == {name for name, who in asking.items() if f"02331 {who.pk}" in page}
        return listed

    north, south = limited("Nord"), limited("Süd")
    assert (seen(lead), seen(north), seen(south)) == (set(asking), {"nora", "olga", "neu"}, {"sven", "olga", "neu"})
    foreign = ContactRequest.objects.get(user=asking["sven"])
    account = get_user_model().objects.get(pk=north.user_id)
    assert stage.act(account, "desk.contact_done", {"object": foreign.uid}).status_int == 404
    assert ContactRequest.objects.filter(answered_at=None).count() == 4
    press(south, "desk.contact_done", {"object": foreign.uid})
    assert ContactRequest.objects.filter(answered_at=None).count() == 3

    # Nobody coordinates everything or the South any more: then everybody who coordinates is asked to call.
    stage.act(asking["sven"], "ask_contact", {"phone": f"02331 {asking['sven'].pk}"})
    assert "sven" not in seen(north)
    Coordinator.objects.exclude(user_id=north.user_id).delete()
    assert seen(north) == set(asking)


def test_a_cancelled_round_is_no_line_and_an_ended_session_asks_for_the_attendance(lead):
    uid = filled(lead, evenings=1)
    rounds.close_round(actor=lead, round_uid=uid)
    publishing.publish(actor=lead, round_uid=uid, number=assignment.propose(actor=lead, round_uid=uid, number=0))
    Slot.objects.filter(round__uid=uid).update(starts_at=timezone.now() - dt.timedelta(hours=1), ends_at=timezone.now() + dt.timedelta(hours=1))
    assert kinds(lead).count("session_soon") == 2
    ended = Session.objects.filter(group__round__uid=uid).first()
    Session.objects.filter(pk=ended.pk).update(state="ended")
    assert (kinds(lead).count("session_soon"), kinds(lead).count("attendance")) == (1, 1)
    Round.objects.filter(uid=uid).update(state="cancelled")
    assert kinds(lead) == ["no_round"]
