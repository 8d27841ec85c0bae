"""The board page by page: what is shown stays true when people come and go, and everybody can be found and moved."""

import json
import random
import zlib

import pytest
from django.core.cache import cache
from django.db import connection
from django.test.utils import CaptureQueriesContext

from beratung_xblock.api import assignment, board, conflicts, desk, erasure, publishing, rounds, signup
from beratung_xblock.models import Registration
from tests.integration import world
from tests.integration.test_desk import filled
from tests.tables import Once

pytestmark = pytest.mark.django_db(transaction=True)


@Once
def first_proposal():
    world.place(regions=["Nord", "Süd"])
    lead = world.lead()
    uid = filled(lead)
    return lead, uid, assignment.propose(actor=lead, round_uid=uid, number=0)


@pytest.fixture
def begun():
    return first_proposal()


@pytest.fixture
def lead(begun):
    return begun[0]


@pytest.fixture
def proposed(begun):
    return begun[1:]


def everybody(lead, uid):
    return board.board(actor=lead, round_uid=uid)


def test_a_page_shows_its_groups_and_says_how_many_there_are(lead, proposed, monkeypatch):
    uid, _number = proposed
    whole = everybody(lead, uid)
    monkeypatch.setattr(board, "GROUPS_A_PAGE", 1)
    for page in (1, 2):
        shown = board.board(actor=lead, round_uid=uid, page=page)
        assert shown.groups == (whole.groups[page - 1],), "the same people, reasons and targets as on one long page"
        assert (shown.page, shown.pages, shown.groups_total, shown.placed) == (page, 2, 2, 12)
    assert board.board(actor=lead, round_uid=uid, page=99).page == 2
    person = whole.groups[1].people[0]
    found = board.board(actor=lead, round_uid=uid, page=1, around=person.uid)
    assert found.page == 2
    assert found.groups[0].number == 2
    one_date = board.board(actor=lead, round_uid=uid, page=1, slot=whole.groups[1].slot.uid)
    assert {group.slot.uid for group in one_date.groups} == {whole.groups[1].slot.uid}
    assert board.board(actor=lead, round_uid=uid, page=1, faulty=True).groups == ()


def test_a_person_is_found_by_a_part_of_the_name_and_a_group_by_its_number(lead, proposed):
    uid, _number = proposed
    whole = everybody(lead, uid)
    somebody = whole.groups[1].people[2]
    found = board.find(actor=lead, round_uid=uid, text=f"  {somebody.name.lower()} ")
    assert (somebody.uid, somebody.name, 2) in [(one.uid, one.name, one.group_number) for one in found]
    assert len(board.find(actor=lead, round_uid=uid, text="Person")) == 10
    assert board.find(actor=lead, round_uid=uid, text="Rumpelstilzchen") == []
    assert board.group_numbered(actor=lead, round_uid=uid, position="2") == whole.groups[1].id
    for wrong in ("0", "3", "-1", "", "²", "1e3"):
        assert board.group_numbered(actor=lead, round_uid=uid, position=wrong) == ""


def test_people_without_a_place_have_pages_and_reasons_of_their_own(lead, proposed, monkeypatch):
    uid, number = proposed
    for person in everybody(lead, uid).groups[0].people[:3]:
        number = assignment.move(actor=lead, round_uid=uid, number=number, person=person.uid, to_group="")
    whole = everybody(lead, uid)
    monkeypatch.setattr(board, "GROUPS_A_PAGE", 2)
    pages = [board.board(actor=lead, round_uid=uid, page=1, left_page=page) for page in (1, 2)]
    assert [len(page.unplaced) for page in pages] == [2, 1]
    assert pages[0].unplaced + pages[1].unplaced == whole.unplaced
    assert (pages[0].unplaced_total, pages[0].left_pages) == (3, 2)
    assert all(person.why and person.why[0].kind == "reason" for person in whole.unplaced)
    around = board.board(actor=lead, round_uid=uid, page=1, around=whole.unplaced[2].uid)
    assert around.left_page == 2


def test_what_is_kept_is_never_shown_after_a_change(lead, proposed):
    uid, _number = proposed
    before = everybody(lead, uid)
    leaver, stayer = before.groups[0].people[0], before.groups[0].people[1]

    cancelled = Registration.objects.get(uid=leaver.uid)
    desk.cancel_registration(actor=lead, registration_uid=leaver.uid, reason="krank")
    after = everybody(lead, uid)
    assert leaver.uid not in {person.uid for group in after.groups for person in group.people}
    assert (after.placed, rounds.get_round(actor=lead, round_uid=uid).registered) == (11, 11)

    newcomer = world.actor(world.user())
    world.sign_up(newcomer, uid, display_name="Kommt spät")
    assert [person.name for person in everybody(lead, uid).unplaced] == ["Kommt spät"]
    signup.cancel(actor=newcomer, round_uid=uid)
    assert everybody(lead, uid).unplaced == ()

    friend = world.actor(Registration.objects.get(uid=stayer.uid).user)
    conflicts.declare(actor=friend, round_uid=uid, other_uid=before.groups[0].people[2].uid)
    assert "H9" in {rule for rule, _word in everybody(lead, uid).groups[0].problems}
    assert everybody(lead, uid).faulty_total >= 1

    erasure.erase_person(user_id=friend.user_id)
    assert stayer.uid not in {person.uid for group in everybody(lead, uid).groups for person in group.people}
    assert cancelled.uid == leaver.uid


@pytest.mark.parametrize("seed", range(2))
def test_after_any_steps_the_board_is_the_same_as_one_read_anew(lead, proposed, seed):
    """Only the groups a step touched are looked at again; nothing of the whole round may be missed by that."""
    uid, number = proposed
    publishing.publish(actor=lead, round_uid=uid, number=number, ends_signup=True)
    for person in everybody(lead, uid).groups[0].people[:3]:
        number = assignment.move(actor=lead, round_uid=uid, number=number, person=person.uid, to_group="")
    broken = everybody(lead, uid)
    assert ("H2" in broken.broken, broken.differs_from_published, len(broken.unplaced)) == (True, True, 3), "there is something to say"
    cache.clear()
    assert everybody(lead, uid) == broken
    draw = random.Random(seed)
    for step in range(12):
        shown = everybody(lead, uid)
        group, other = draw.choice([one for one in shown.groups if one.people]), draw.choice(shown.groups)
        person, slot = draw.choice([*group.people, *shown.unplaced]), draw.choice(shown.slots).uid
        common = {"actor": lead, "round_uid": uid, "number": shown.number}
        draw.choice((
            lambda common=common, person=person, other=other: assignment.move(**common, person=person.uid, to_group=draw.choice(("", other.id, other.id))),
            lambda common=common, person=person, slot=slot: assignment.new_group(**common, slot_uid=slot, language="de", person=person.uid),
            lambda common=common, group=group: assignment.set_moderator(**common, group=group.id, moderator=draw.choice(group.people).uid),
            lambda common=common, group=group: assignment.pin_group(**common, group=group.id, pinned=True),
            lambda common=common, shown=shown, group=group: assignment.undo(**common) if shown.can_undo else assignment.pin_group(**common, group=group.id, pinned=False),
        ))()
        if step == 7:
            desk.cancel_registration(actor=lead, registration_uid=person.uid, reason="krank")
        kept = everybody(lead, uid)
        cache.clear()
        assert everybody(lead, uid) == kept


def test_a_step_on_the_board_reads_nothing_of_the_people_again(lead, proposed):
    uid, number = proposed
    person = everybody(lead, uid).groups[0].people[0].uid
    board.board(actor=lead, round_uid=uid, page=1)
    assignment.move(actor=lead, round_uid=uid, number=number, person=person, to_group="")
    with CaptureQueriesContext(connection) as queries:
        board.board(actor=lead, round_uid=uid, page=1)
    assert [query["sql"] for query in queries if "organisation" in query["sql"] or 'beratung_xblock_availability' in query["sql"]] == []


def laid_open(value):
    """What a kept value says: bytes unpacked (they must be), every list, key and word on its own. Noise is never searched."""
    if isinstance(value, bytes):
        value = json.loads(zlib.decompress(value))
    yield value
    if isinstance(value, dict):
        value = [*value, *value.values()]
    if isinstance(value, list | tuple | set | frozenset):
        for part in value:
            yield from laid_open(part)
    else:
        assert value is None or isinstance(value, str | int | float), f"not looked into: {type(value)}"


def kept_now():
    """Every value in the cache, unpickled as the cache itself does it, and laid open."""
    return [part for key in list(cache._cache) for part in laid_open(cache.get(key.split(":", 2)[2]))]


def words_and_pairs(parts):
    """The words of what was laid open, and what stands there two by two."""
    words = {part for part in parts if isinstance(part, str)}
    return words, [set(part) for part in parts if isinstance(part, list | tuple) and len(part) == 2 and all(isinstance(one, str) for one in part)]


def test_nothing_kept_says_who_should_not_meet_or_what_anybody_is_called(lead, proposed):
    uid, _number = proposed
    people = everybody(lead, uid).groups[0].people
    one, other = (Registration.objects.get(uid=people[place].uid) for place in (1, 2))
    conflicts.declare(actor=world.actor(one.user), round_uid=uid, other_uid=other.uid)
    cache.clear()
    assert "H9" in everybody(lead, uid).broken, "the view says it"

    words, pairs = words_and_pairs(kept_now())
    assert {"faults", "combinations", one.uid} <= words, "the facts and the packed registrations were looked into"
    assert "H9" not in words
    assert not any(person.name in word for word in words for person in people)
    assert {one.uid, other.uid} not in pairs

    cache.set("planted", zlib.compress(json.dumps({"a": [["H9", "x"], [other.uid, one.uid], one.display_name]}).encode()))
    words, pairs = words_and_pairs(kept_now())
    assert {"H9", one.display_name} <= words, "what is packed is found"
    assert {one.uid, other.uid} in pairs


def test_a_second_look_reads_people_from_the_cache_and_a_step_keeps_them(lead, proposed):
    uid, number = proposed

    def looks_at_answers() -> bool:
        with CaptureQueriesContext(connection) as queries:
            everybody(lead, uid)
        return any('FROM "beratung_xblock_availability"' in each["sql"].replace("`", '"') for each in queries)

    cache.clear()
    assert looks_at_answers()
    assert not looks_at_answers()
    person = everybody(lead, uid).groups[0].people[0]
    assignment.move(actor=lead, round_uid=uid, number=number, person=person.uid, to_group="")
    assert not looks_at_answers()
    assert [one.uid for one in everybody(lead, uid).unplaced] == [person.uid]
    world.sign_up(world.actor(world.user()), uid)
    assert looks_at_answers()


def test_a_step_after_an_undo_can_be_undone_too(lead, proposed):
    uid, number = proposed
    first, second = (everybody(lead, uid).groups[0].people[n].uid for n in (0, 1))
    number = assignment.move(actor=lead, round_uid=uid, number=number, person=first, to_group="")
    number = assignment.undo(actor=lead, round_uid=uid, number=number)
    number = assignment.move(actor=lead, round_uid=uid, number=number, person=second, to_group="")
    assert everybody(lead, uid).can_undo
    assignment.undo(actor=lead, round_uid=uid, number=number)
    assert everybody(lead, uid).unplaced == ()
