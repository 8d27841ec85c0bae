"""One world with everybody in it, every door, and how a person knocks at it."""

from __future__ import annotations

import json
from dataclasses import dataclass
from types import SimpleNamespace
from urllib.parse import urlencode

import crum
from django.core.cache import cache
from django.test import Client, RequestFactory
from django.urls import reverse
from django.utils import timezone
from opaque_keys.edx.keys import UsageKey

import beratung_xblock.pages.desk
import beratung_xblock.pages.volunteer  # noqa: F401
from beratung_xblock import urls
from beratung_xblock.api import assignment, certificates, places, undertaking
from beratung_xblock.data.actor import Actor
from beratung_xblock.models import (
    Attendance,
    Availability,
    Case,
    Evidence,
    Group,
    Membership,
    PlaceOffer,
    Registration,
    SessionCase,
)
from beratung_xblock.pages import ACTIONS
from tests.blocks import stage
from tests.integration import session_world, world

SECRETS = {
    "T": session_world.TITLE,
    "S": "Situationsmarke-0815",
    "K": "Schluesselfragemarke-3141",
    "I": "Ideenmarke-2718",
    "X": "Ausschlussmarke-1618",
}
ROLES = (
    "anonymous", "stranger", "enrolled", "waiting", "member", "other_group", "case_giver", "moderator", "ex_member",
    "facilitator", "coordinator", "course_staff", "instructor", "global_staff", "superuser", "masquerade",
)
LEADERS = ("coordinator", "facilitator")
"""Coordinators both, the second named for the group: they see the titles of submitted cases on the desk."""


@dataclass
class Scene:
    """The people by role, and the ids that an honest or a curious person would send."""

    users: dict[str, object]
    ids: dict[str, str]
    session_uid: str
    usage: str = world.BLOCK
    """Where one knocks; the ids may belong elsewhere."""
    seen_as: object = None
    """The learner through whose eyes a masquerade looks; the platform binds the block to them."""


def build() -> Scene:
    """A running session with an open case, a key question and an idea; everybody else around it."""
    cache.clear()
    made = session_world.make()
    for actor in made.actors.values():
        stage.enrol(made.registrations[next(n for n, a in made.actors.items() if a is actor)].user)
        undertaking.accept(actor=actor, version="1", confirmed=True)
    _to_ideas(made)
    round_ = made.group.round
    people = {name: row.user for name, row in made.registrations.items()}
    users: dict[str, object] = {
        "anonymous": None,
        "stranger": world.user(),
        "enrolled": stage.enrol(world.user()),
        "member": people["Dana"],
        "case_giver": people["Cem"],
        "moderator": people["Anna"],
        "course_staff": stage.enrol(world.user(), "staff"),
        "instructor": stage.enrol(world.user(), "instructor"),
        "masquerade": stage.enrol(world.user(), "staff", "enrolled"),
    }
    for name in ("waiting", "other_group", "ex_member"):
        users[name] = stage.enrol(world.user())
        row = Registration.objects.create(
            round=round_, user=users[name], display_name=name, queued_at=timezone.now(), languages=["de"],
            state="waiting" if name == "waiting" else "registered",
        )
        Availability.objects.create(registration=row, slot=made.group.slot, answer="yes")
        undertaking.accept(actor=world.actor(users[name]), version="1", confirmed=True)
    other = Group.objects.create(round=round_, slot=made.group.slot, number=2, published_at=timezone.now())
    for name, group, left in (("other_group", other, None), ("ex_member", made.group, timezone.now())):
        Membership.objects.create(
            group=group, registration=Registration.objects.get(user=users[name]), joined_at=timezone.now(), left_at=left
        )
    chief = stage.enrol(world.user(), "enrolled")
    places.grant_coordinator(
        actor=Actor(
            user_id=users["instructor"].pk, usage_key=world.BLOCK, course_key=world.COURSE, is_instructor=True
        ),
        user_id=chief.pk,
    )
    users["coordinator"] = chief
    users["facilitator"] = stage.enrol(world.user(), "enrolled")
    places.grant_coordinator(
        actor=Actor(
            user_id=users["instructor"].pk, usage_key=world.BLOCK, course_key=world.COURSE, is_instructor=True
        ),
        user_id=users["facilitator"].pk,
    )
    undertaking.accept(actor=world.actor(users["facilitator"], is_coordinator=True), version="1", confirmed=True)
    made.group.facilitator = users["facilitator"]  # named for the group; Anna leads it
    made.group.save()
    for name in ("global_staff", "superuser"):
        user = world.user()
        user.is_staff = True
        user.is_superuser = name == "superuser"
        user.save()
        users[name] = user
    lead = world.actor(chief, is_coordinator=True)
    number = assignment.propose(actor=lead, round_uid=round_.uid, number=0)
    case = Case.objects.get(row_uid=made.case_uid)
    ids = {
        "round": round_.uid, "group": made.group.uid, "slot": made.group.slot.uid, "case": case.row_uid,
        "person": made.registrations["Dana"].uid, "registration": made.registrations["Dana"].uid,
        "other": made.registrations["Eva"].uid, "to": other.uid, "into": made.group.uid, "number": str(number), "object": case.row_uid,
        "what": "attendance", "value": round_.uid, "session_case": SessionCase.objects.get().row_uid, "section": "cases", "version": "1",
        "year": str(timezone.now().year - 1), "closing": "0",
    }
    PlaceOffer.objects.all().delete()
    _attended(made, "Dana")
    return Scene(users=users, ids=ids, session_uid=made.session.uid)


def _attended(made: session_world.GroupOfSix, name: str) -> None:
    """Somebody with attendance on record and both certificates made."""
    row = made.registrations[name]
    now = timezone.now()
    Attendance.objects.create(group=made.group, registration=row, minutes=120, scheduled_minutes=120, updated_at=now)
    Evidence.objects.update_or_create(
        place=made.group.round.place, user=row.user, round_uid=made.group.round.uid,
        defaults={"round": made.group.round, "attended": True, "minutes": 120, "on_date": now.date()},
    )
    certificates.issue_own(actor=made.actors[name], round_uid=made.group.round.uid)
    certificates.issue_hours(actor=made.actors[name], year=made.group.slot.starts_at.year)


def _to_ideas(made: session_world.GroupOfSix) -> None:
    made.do("Anna", "start")
    made.do("Cem", "offer_case", case=made.case_uid)
    made.do("Anna", "choose_case", case=made.case_uid)
    made.do("Anna", "give_role", role="note_taker", person=made.uid("Eva"))
    made.do("Anna", "ask_conflict")
    made.do("Cem", "open_case")
    for _ in range(2):
        made.do("Anna", "next")
    made.do("Cem", "set_question", text=SECRETS["K"])
    for _ in range(2):
        made.do("Anna", "next")
    made.do("Dana", "add_idea", text=SECRETS["I"], key="k1")


# --- doors -----------------------------------------------------------------------------------------------------------


def doors() -> list[str]:
    """Every door: views of the block, actions, plugin views with their methods."""
    views = [f"{kind} {pattern.name}" for pattern in urls.urlpatterns for kind in ("GET", "POST")]
    block = ["view student_view", "view public_view", "view author_view", "view studio_view", "handler save_settings"]
    return [*block, *(f"act {name}" for name in sorted(ACTIONS)), *views]


def knock(scene: Scene, role: str, door: str, body: dict[str, str] | None = None) -> tuple[int, str]:
    """(status, body) of one knock with the scene's ids or another form body. Views of the block answer 200."""
    cache.clear()
    user = scene.users[role]
    kind, name = door.split(" ", 1)
    if kind in ("GET", "POST"):
        return _plugin_view(scene, role, kind, name, body)
    request = RequestFactory().get("/")
    request.user = user if user is not None else SimpleNamespace(pk=None, is_authenticated=False, is_active=False)
    request.session = {"masquerade_settings": {world.COURSE: {"role": "student"}}} if role == "masquerade" else {}
    crum.set_current_request(request)
    try:
        if kind == "view":
            return 200, _block(scene, user).render(name).content
        if kind == "handler":
            shown = _block(scene, user)
            answer = shown.runtime.handle(shown, name, _webob(body or {"display_name": "Neu", "group_max": "7"}))
        else:
            shown = _block(scene, user)
            answer = shown.runtime.handle(shown, "act", _webob(scene.ids if body is None else body), name)
        return answer.status_int, answer.text
    finally:
        crum.set_current_request(None)


def _block(scene: Scene, user):
    return stage.block(scene.seen_as or user, UsageKey.from_string(scene.usage))


def _webob(data):
    from webob import Request

    request = Request.blank("/", method="POST", body=urlencode(data, errors="surrogatepass").encode())
    request.content_type = "application/x-www-form-urlencoded"
    return request


def _client(scene: Scene, role: str) -> Client:
    client = Client(raise_request_exception=False)
    user = scene.users[role]
    if user is not None:
        client.force_login(user)
        if role == "masquerade":
            session = client.session
            session["masquerade_settings"] = {world.COURSE: {"role": "student"}}
            session.save()
    return client


def address(scene: Scene, name: str) -> str:
    """Where a plugin view is found, with the scene's ids."""
    arguments = {
        "usage_key": scene.usage, "session_uid": scene.session_uid, "group_uid": scene.ids["group"], "token": "x" * 40,
        "secret": "y" * 40, "code": "z" * 12, "round_uid": scene.ids["round"], "registration_uid": scene.ids["person"],
        "case_uid": scene.ids["case"], "format": "csv", "kind": "csv", "uid": scene.ids["group"], "year": timezone.now().year,
        "job_uid": "0" * 32, "name": "report", "language": "de", "section": "report", "number": 1, "wanted": "rules",
    }
    arguments |= {"kind": "json"} if name == "my_data" else {}
    pattern = next(p for p in urls.urlpatterns if p.name == name)
    return reverse(f"beratung:{name}", kwargs={key: arguments.get(key, 1) for key in pattern.pattern.converters})


def send(scene: Scene, role: str, method: str, path: str, body: tuple[bytes, str]) -> tuple[int, str]:
    """A raw request to any address: (bytes, content type)."""
    cache.clear()
    return _read(_client(scene, role).generic(method, path, data=body[0], content_type=body[1]))


def _plugin_view(scene: Scene, role: str, method: str, name: str, form: dict | None) -> tuple[int, str]:
    client, path = _client(scene, role), address(scene, name)
    if method == "GET":
        answer = client.get(path)
    elif name == "save_draft":
        draft = {"title": "x"} if form is None else form
        body = {"round": draft.get("round", scene.ids["round"]), "draft": draft, "version": draft.get("version")}
        answer = client.post(path, data=json.dumps(body), content_type="application/json")
    else:
        fields = form or {"act": "add_idea", "text": "Idee", "key": "k9"}
        answer = client.generic("POST", path, urlencode(fields, errors="surrogatepass"), content_type="application/x-www-form-urlencoded")
    return _read(answer)


def _read(answer) -> tuple[int, str]:
    content = b"".join(answer.streaming_content) if answer.streaming else answer.content
    return answer.status_code, content.decode("utf-8", "replace")


def cell(status: int, body: str) -> str:
    """yes | typed (400, 409, 422: past the door, input refused) | no (404) | blind (403) | method | moved, and secrets seen."""
    word = {404: "no", 403: "blind", 405: "method", 400: "typed", 409: "typed", 422: "typed"}.get(status)
    if word is None:
        word = "yes" if 200 <= status < 300 else "same" if status == 304 else "moved" if 300 <= status < 400 else f"!{status}"
    seen = "".join(letter for letter, text in SECRETS.items() if text in body)
    return f"{word}+{seen}" if seen else word
