"""The contract of the platform seam: one list of checks for everybody who stands behind `compat`.

`test_seam.py` runs it against the stand-in, `seam_on_platform.py` against a running Open edX. A check gets a `Host` and yields
(what was looked at, whether it holds). It says what the plugin relies on and leaves room for nothing else: what a host cannot do at all
(the stand-in has no start dates and no grades) the host says itself, and the check then expects exactly that.

No pytest in here: a platform has none.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator
from typing import Any, Protocol

from beratung_xblock import access, completion
from beratung_xblock.api import cases
from beratung_xblock.compat import CourseRights, Preferences
from beratung_xblock.data.actor import Actor
from beratung_xblock.exceptions import NotFound
from beratung_xblock.models import AuditEntry, Case, Evidence, Place, Registration, UndertakingAcceptance
from tests.integration import world

COURSE, BLOCK = world.COURSE, world.BLOCK
OTHER_COURSE = "course-v1:Anderswo+KB+2027"
SISTER_COURSE = "course-v1:Diakonie+Teams+2027"  # of the same organisation
STRANGER = CourseRights()
ENROLLED = CourseRights(is_enrolled=True)
Checked = Iterator[tuple[str, bool]]


def fresh(person: Any) -> Any:
    """The same account as the next request sees it: hosts keep roles and profiles on the object."""
    return type(person).objects.get(pk=person.pk)


class Host(Protocol):
    """What a check needs from those who know the platform: deeds of people and of other parts of it, done its own way."""

    platform: Any
    in_studio: bool
    """The stand-in has no sides and answers as Studio does."""
    hides_blocks: bool
    """Whether there are start dates and the like; `hide` works only then."""
    has_scores: bool
    has_drafts: bool
    """Whether authors work in a draft that learners do not see; units and `in_a_preview` exist only then."""

    def new_user(self, **names: str) -> Any: ...
    def enrol(self, user: Any, course_key: str) -> None: ...
    def unenrol(self, user: Any, course_key: str) -> None: ...
    def give(self, user: Any, role: str, course_key: str) -> None: ...
    def take(self, user: Any, role: str, course_key: str) -> None: ...
    def request(self, user: Any, masquerade: dict[str, str] | None, course_key: str) -> Any: ...
    def prefer(self, user: Any, *, language: str, time_zone: str, full_name: str) -> Preferences: ...
    def hide(self, usage_key: str) -> None: ...
    def show(self, usage_key: str) -> None: ...
    def cohorts(self, course_key: str) -> dict[str, set[int]]: ...
    def completion(self, user: Any, usage_key: str) -> float | None: ...
    def score(self, user: Any, usage_key: str) -> tuple[float, float] | None: ...
    def retire(self, user: Any) -> None: ...
    def publish_block(self, usage_key: str, **settings: Any) -> None: ...
    def delete_block(self, usage_key: str, *, publish: bool = True) -> None: ...
    def unpublish_unit(self, usage_key: str) -> None: ...
    def delete_unit(self, usage_key: str) -> None: ...
    def in_a_preview(self) -> contextlib.AbstractContextManager[None]: ...
    def delete_course(self, course_key: str) -> None: ...


def roles_and_enrolment(host: Host) -> Checked:
    """What is asked is what was given in this course, and nothing by another course."""
    rights = host.platform.rights
    person = host.new_user()
    yield "a new account is a stranger", rights(person, COURSE) == STRANGER
    host.enrol(person, COURSE)
    yield "enrolled", rights(fresh(person), COURSE) == ENROLLED
    yield "enrolled here is a stranger elsewhere", rights(fresh(person), OTHER_COURSE) == STRANGER
    host.unenrol(person, COURSE)
    yield "no longer enrolled", rights(fresh(person), COURSE) == STRANGER
    for role, expected in (
        ("staff", CourseRights(is_staff=True)),
        ("instructor", CourseRights(is_staff=True, is_instructor=True)),
        ("global_staff", CourseRights(is_global_staff=True)),
    ):
        person = host.new_user()
        host.give(person, role, COURSE)
        yield f"{role}: {rights(fresh(person), COURSE)}", rights(fresh(person), COURSE) == expected
        if role != "global_staff":
            yield f"{role} here is a stranger elsewhere", rights(fresh(person), OTHER_COURSE) == STRANGER
        host.take(person, role, COURSE)
        yield f"{role} taken away", rights(fresh(person), COURSE) == STRANGER


def organisation_roles(host: Host) -> Checked:
    """A role of the organisation is a role in every course of it and in no other."""
    rights = host.platform.rights
    for role, expected in (
        ("org_staff", CourseRights(is_staff=True)),
        ("org_instructor", CourseRights(is_staff=True, is_instructor=True)),
    ):
        person = host.new_user()
        host.give(person, role, COURSE)
        for course in (COURSE, SISTER_COURSE):
            yield f"{role} in {course}: {rights(fresh(person), course)}", rights(fresh(person), course) == expected
        yield f"{role} of one organisation is a stranger in another", rights(fresh(person), OTHER_COURSE) == STRANGER
        yield f"{role} writes the courses in Studio only", host.platform.has_author_access(fresh(person), SISTER_COURSE) is host.in_studio
        yield f"{role} writes no other course", host.platform.has_author_access(fresh(person), OTHER_COURSE) is False
        host.take(person, role, COURSE)
        yield f"{role} taken away", rights(fresh(person), SISTER_COURSE) == STRANGER


def roles_add_up(host: Host) -> Checked:
    """Two roles are both there; taking one leaves the other, and enrolment is apart from all of them."""
    person = host.new_user()
    host.enrol(person, COURSE)
    host.give(person, "staff", COURSE)
    host.give(person, "org_instructor", COURSE)
    rights = host.platform.rights
    yield "three facts", rights(fresh(person), COURSE) == CourseRights(is_enrolled=True, is_staff=True, is_instructor=True)
    host.take(person, "org_instructor", COURSE)
    yield "staff is left", rights(fresh(person), COURSE) == CourseRights(is_enrolled=True, is_staff=True)
    host.unenrol(person, COURSE)
    yield "staff who left the course are staff", rights(fresh(person), COURSE) == CourseRights(is_staff=True)


def authors(host: Host) -> Checked:
    """Who writes the course in Studio may save; on the learning side nobody is an author."""
    may = host.platform.has_author_access
    learner, author, admin, elsewhere = (host.new_user() for _ in range(4))
    host.enrol(learner, COURSE)
    host.give(author, "instructor", COURSE)
    host.give(admin, "global_staff", COURSE)
    host.give(elsewhere, "instructor", OTHER_COURSE)
    yield "a learner is no author", may(fresh(learner), COURSE) is False
    yield "an author of another course is none here", may(fresh(elsewhere), COURSE) is False
    yield "an instructor is an author in Studio only", may(fresh(author), COURSE) is host.in_studio
    yield "global staff are authors in Studio only", may(fresh(admin), COURSE) is host.in_studio


def masquerade(host: Host) -> Checked:
    """Looking as somebody else is known by the session; staff who look as themselves are themselves."""
    person = host.new_user()
    host.give(person, "staff", COURSE)

    def seen(wish: dict[str, str] | None, where: str = COURSE) -> bool:
        return host.platform.is_masquerading(host.request(person, wish, where), COURSE)

    yield "nobody without a wish", seen(None) is False
    yield "as a learner", seen({"role": "student"}) is True
    yield "as a certain learner", seen({"role": "student", "user_name": "anna"}) is True
    yield "as a member of a group", seen({"role": "student", "group_id": "1", "user_partition_id": "50"}) is True
    yield "as themselves again", seen({"role": "staff"}) is False
    yield "in another course", seen({"role": "student"}, OTHER_COURSE) is False


def preferences(host: Host) -> Checked:
    """Language, time zone and name: what the host stores comes back, the rest is empty text; there is always a name."""
    person = host.new_user(username="ohne-namen")
    yield "an account without a name is called as it logs in", host.platform.preferences(person) == Preferences(full_name=person.get_username())
    told = host.prefer(person, language="uk", time_zone="Europe/Kyiv", full_name="Оксана Приклад")
    yield f"what was stored: {told}", host.platform.preferences(fresh(person)) == told
    yield "the name is stored by every host", told.full_name == "Оксана Приклад"
    other = host.new_user()
    yield "and is nobody else's", host.platform.preferences(fresh(other)) == Preferences(full_name=other.get_username())
    again = host.prefer(fresh(person), language="de", time_zone="Europe/Berlin", full_name="سميرة حداد")
    yield f"changed: {again}", host.platform.preferences(fresh(person)) == again != told


def blocks(host: Host) -> Checked:
    """A view asks the platform whether the page of the block would open."""
    person = host.new_user()
    host.enrol(person, COURSE)
    host.publish_block(BLOCK)
    may = host.platform.may_load_block
    yield "a published block opens", may(fresh(person), BLOCK) is True
    yield "a block that does not exist opens only where nothing is hidden", may(fresh(person), BLOCK + "-fehlt") is not host.hides_blocks
    if host.hides_blocks:
        host.hide(BLOCK)
        yield "a hidden block is closed to a learner", may(fresh(person), BLOCK) is False
        host.show(BLOCK)
        yield "and opens again", may(fresh(person), BLOCK) is True
    address = host.platform.jump_url(COURSE, BLOCK)
    yield f"the page has an address: {address}", address.startswith("/") and address.endswith(BLOCK)


def cohorts(host: Host) -> Checked:
    """Exactly these people, one cohort a person, nobody put anywhere else, no cohort for nobody."""
    one, two, three = (host.new_user() for _ in range(3))
    for person in (one, two, three):
        host.enrol(person, COURSE)
    sync = host.platform.cohort_sync
    before = host.cohorts(COURSE)
    evening, morning = f"Abend {one.pk}", f"Morgen {one.pk}"

    def ours() -> dict[str, set[int]]:
        return {name: people for name, people in host.cohorts(COURSE).items() if name not in before}

    sync(COURSE, f"Leer {one.pk}", [])
    yield "no cohort for nobody", ours() == {}
    sync(COURSE, evening, [one.pk, two.pk])
    yield "two people", ours() == {evening: {one.pk, two.pk}}
    sync(COURSE, evening, [one.pk, two.pk])
    yield "the same again changes nothing", ours() == {evening: {one.pk, two.pk}}
    sync(COURSE, morning, [two.pk, three.pk])
    yield "one cohort a person", ours() == {evening: {one.pk}, morning: {two.pk, three.pk}}
    sync(COURSE, morning, [])
    yield "emptied", ours() == {evening: {one.pk}, morning: set()}
    sync(COURSE, evening, [])
    yield "cohorts there were before are as they were", {name: host.cohorts(COURSE)[name] for name in before} == before


def signed_up(host: Host) -> tuple[Any, Actor, str]:
    """A round is open and one person of the course has signed up: the account, the actor, the round."""
    host.publish_block(BLOCK)
    lead, person = host.new_user(), host.new_user()
    host.enrol(person, COURSE)
    uid = world.open_round(world.lead(lead))
    actor = world.actor(person)
    world.sign_up(actor, uid)
    return person, actor, uid


def state(person: Any) -> list[str]:
    return list(Registration.objects.filter(user_id=person.pk).values_list("state", flat=True))


def completion_rows(host: Host) -> Checked:
    """The platform's own table gets the fraction of each person, up and down, and nobody else's."""
    host.publish_block(BLOCK, report_grade=True)
    other = host.new_user()
    host.enrol(other, COURSE)
    person, _actor, _uid = signed_up(host)
    host.publish_block(BLOCK, report_grade=True)
    there = Place.objects.get(usage_key=BLOCK)
    completion.write(there, [person.pk, other.pk])
    yield "signed up is three tenths", host.completion(person, BLOCK) == 0.3
    yield "nobody else has a row", host.completion(other, BLOCK) is None
    Evidence.objects.filter(user_id=person.pk).update(attended=True, reflected=True)
    completion.write(there, [person.pk, other.pk])
    yield "attended and looked back on is complete", host.completion(person, BLOCK) == 1.0
    yield f"the score goes with it: {host.score(person, BLOCK)}", host.score(person, BLOCK) == ((1.0, 1.0) if host.has_scores else None)
    Evidence.objects.filter(user_id=person.pk).update(attended=False, reflected=False)
    completion.write(there, [person.pk])
    yield "it may go down", host.completion(person, BLOCK) == 0.3


def unenrolment(host: Host) -> Checked:
    """Who leaves the course leaves the round; leaving another course changes nothing."""
    person, _actor, _uid = signed_up(host)
    host.enrol(person, OTHER_COURSE)
    host.unenrol(person, OTHER_COURSE)
    yield "leaving another course changes nothing", state(person) == ["registered"]
    host.unenrol(person, COURSE)
    yield "leaving this one frees the seat", state(person) == ["cancelled"]


def deactivation(host: Host) -> Checked:
    """A deactivated account leaves the round."""
    person, _actor, _uid = signed_up(host)
    person = fresh(person)
    person.is_active = False
    person.save()
    yield "a deactivated account is off the list", state(person) == ["cancelled"]


def retirement(host: Host) -> Checked:
    """A retired person leaves no case, no registration, no promise and no trace by name or number; once more is no error."""
    person, actor, uid = signed_up(host)
    cases.submit(actor=actor, round_uid=uid, case=world.CASE, boundaries=world.NO_BOUNDARY)
    yield "there is a case", Case.objects.filter(owner_id=person.pk).exists()
    for time in ("first", "second"):
        host.retire(person)
        left = [
            model.__name__
            for model, field in ((Case, "owner"), (Registration, "user"), (UndertakingAcceptance, "user"), (Evidence, "user"), (AuditEntry, "actor"))
            if model.objects.filter(**{f"{field}_id": person.pk}).exists()
        ]
        yield f"nothing is left after the {time} signal: {left}", left == []


def published_blocks(host: Host) -> Checked:
    """What an author publishes is what the pages read; a deleted block answers NotFound and comes back when it is published again."""
    member = host.new_user()
    actor = world.actor(member)

    def there() -> Place | None:
        try:
            return access.place(actor)
        except NotFound:
            return None

    host.publish_block(BLOCK, group_max=7)
    yield "the published settings are there", bool((place := there()) and place.settings["group_max"] == 7)
    host.publish_block(BLOCK, group_max=6)
    yield "and renewed", bool((place := there()) and place.settings["group_max"] == 6)
    host.delete_block(BLOCK)
    yield "a deleted block is gone", there() is None
    host.publish_block(BLOCK, group_max=6)
    yield "published again it is back", there() is not None


def drafts(host: Host) -> Checked:
    """What an author does in the draft reaches nobody before it is published; what is unpublished or goes with its unit is closed."""

    def open_() -> bool:
        return Place.objects.filter(usage_key=BLOCK, is_active=True).exists()

    host.publish_block(BLOCK)
    yield "blocks are read as learners have them, but in Studio", host.platform.shows_draft(COURSE) is (host.in_studio and host.has_drafts)
    if host.has_drafts:
        with host.in_a_preview():
            yield "a preview reads the draft", host.platform.shows_draft(COURSE) is True
        yield "learners have a published block", host.platform.is_published(BLOCK) is True
        host.delete_block(BLOCK, publish=False)
        yield "deleted in the draft, learners keep it", host.platform.is_published(BLOCK) is True
        yield "and its page stays open", open_()
        host.publish_block(BLOCK)
        host.unpublish_unit(BLOCK)
        yield "unpublished, learners have it no longer", host.platform.is_published(BLOCK) is False
        yield "and its page is closed", not host.in_studio or not open_()
        host.publish_block(BLOCK)
        yield "published again it is open", open_()
        host.delete_unit(BLOCK)
        yield "it leaves with its unit", host.platform.is_published(BLOCK) is False
        yield "and closes", not host.in_studio or not open_()
        host.publish_block(BLOCK)
    host.delete_block(BLOCK)
    yield "deleted and published, learners have it no longer", host.platform.is_published(BLOCK) is False
    yield "and it is closed", not open_()


def deleted_course(host: Host) -> Checked:
    """A deleted course takes its places with it. The last check: the course is gone then."""
    host.publish_block(BLOCK)
    yield "there is a place", Place.objects.filter(usage_key=BLOCK, is_active=True).exists()
    host.delete_course(OTHER_COURSE)
    yield "another course's end changes nothing", Place.objects.filter(usage_key=BLOCK, is_active=True).exists()
    host.delete_course(COURSE)
    yield "this one's does", not Place.objects.filter(course_key=COURSE, is_active=True).exists()


CHECKS: tuple[Callable[[Host], Checked], ...] = (
    roles_and_enrolment, organisation_roles, roles_add_up, authors, masquerade, preferences, blocks, cohorts, completion_rows,
    unenrolment, deactivation, retirement, published_blocks, drafts, deleted_course,
)  # fmt: skip
