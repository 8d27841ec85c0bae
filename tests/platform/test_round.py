"""A whole round: planned, two sign up and two phone, groups are published, a session with a told case on two screens, attendance."""

from __future__ import annotations

import datetime as dt
import re
import zoneinfo

import pytest
from playwright.sync_api import Page, expect

from tests.platform.conftest import Person, publish

BERLIN = zoneinfo.ZoneInfo("Europe/Berlin")
QUESTION = "Wie sage ich freundlich Nein?"


class Block:
    """One `beratung` block and what people send to it."""

    def __init__(self, unit: str, key: str) -> None:
        self.unit, self.key = unit, key

    def send(self, who: Person, action: str, **form: str) -> str:
        """One action; the page that comes back."""
        answer = who.handler(self.key, f"act/{action}", form=form)
        assert answer.status == 200, f"{action}: {answer.status} {' '.join(re.sub('<[^>]+>', ' ', answer.text()).split())[:600]}"
        return answer.text()


@pytest.fixture
def block(author: Person, unit: str) -> Block:
    """A published block of its own, so that the round leaves nothing behind in the unit of the other tests."""
    made = author.studio_json("POST", "/xblock/", {"parent_locator": unit, "category": "beratung"})
    assert made.ok, made.text()
    publish(author, unit)
    return Block(unit, made.json()["locator"])


def found(pattern: str, html: str) -> str:
    hit = re.search(pattern, html, re.DOTALL)
    assert hit, f"no {pattern} in {' '.join(re.sub('<[^>]+>', ' ', html).split())[:600]}"
    return hit[1]


def planned(block: Block, author: Person) -> str:
    """An open round with one date in twelve minutes."""
    block.send(author, "team.grant", account=author.name)
    now = dt.datetime.now(tz=BERLIN)
    start, closes = now + dt.timedelta(minutes=12), now + dt.timedelta(minutes=6)
    html = block.send(author, "round.create", **{
        "title": "Heute Abend", "closes_at": f"{closes:%Y-%m-%dT%H:%M}", "slots.0.day": f"{start:%Y-%m-%d}", "slots.0.from": f"{start:%H:%M}",
        "slots.0.minutes": "60", "slots.0.max_groups": "1", "slots.0.meeting_url": "https://teams.microsoft.com/l/meetup-join/abc",
    })  # fmt: skip
    uid = found(r'round\.open"[^>]*>.*?name="round" value="(\w+)"', html)
    block.send(author, "round.open", round=uid)
    return uid


def signed_up(block: Block, uid: str, author: Person, moderator: Person, giver: Person) -> None:
    """Two with accounts, two by telephone."""
    for person, offer in ((moderator, "can_moderate"), (giver, "brings_case")):
        html = block.send(person, "accept_undertaking", version="1", accept="yes")
        slot = found(r'name="slot_(\w+)"', html)
        block.send(person, "submit_signup", **{"round": uid, "display_name": person.name.title(), "languages": "de", f"slot_{slot}": "yes", offer: "on"})
    for name in ("Gerda", "Hans"):
        html = block.send(author, "desk.register", **{"round": uid, "display_name": name, "guest_phone": "02331 1", "languages": "de", f"slot_{slot}": "yes"})
        assert name in html


def press(page: Page, act: str) -> None:
    """Press the button of an action in the session; returns when the server has answered."""
    button = page.locator(f"form[data-kb-act={act}] button").first
    button.wait_for(state="attached")
    if not button.is_visible():
        page.locator(f"details:has(form[data-kb-act={act}]) > summary").first.click()
    with page.expect_response(lambda answer: "/beratung/session/" in answer.url and answer.request.method == "POST") as waiting:
        button.click()
    assert waiting.value.status == 200, f"{act}: {waiting.value.text()}"


def test_a_round_from_planning_to_attendance(author: Person, learner: Person, second: Person, stranger: Person, block: Block) -> None:
    uid = planned(block, author)
    signed_up(block, uid, author, learner, second)
    html = block.send(author, "board.propose", round=uid, number="0")
    block.send(author, "board.publish", round=uid, number=found(r'name="number" value="(\d+)"', html), ends_signup="yes")

    moderator, giver = learner.open_unit(block.unit), second.open_unit(block.unit)
    for page in (moderator, giver):
        expect(page.locator("[data-kb-link]")).to_have_attribute("data-state", "connected")
    press(moderator, "start")
    press(giver, "offer_case")
    moderator.locator("form[data-kb-act=choose_case]:has(input[name=case]:not([value=none]))").first.wait_for()
    press(moderator, "choose_case")
    expect(giver.locator(".kb-session__role")).to_contain_text(re.compile("Case giver|Fallgeber"))
    first = moderator.locator(".kb-session__phase").inner_text()
    for _ in range(2):
        before = giver.locator(".kb-session__phase").inner_text()
        press(moderator, "next")
        expect(giver.locator(".kb-session__phase")).not_to_have_text(before)
    giver.locator("form[data-kb-act=set_question] textarea").fill(QUESTION)
    press(giver, "set_question")
    expect(moderator.locator(".kb-session__question")).to_contain_text(QUESTION)
    assert moderator.locator(".kb-session__phase").inner_text() != first

    with moderator.expect_response(lambda answer: answer.url.endswith("/poll/")) as waiting:
        press(moderator, "next")
    poll = waiting.value.url
    assert learner.context.request.get(poll).status == 200
    for person in (stranger, author):  # the coordinator is no member of the group
        assert person.context.request.get(poll).status == 404
        assert QUESTION not in person.context.request.get(f"{person.lms}/xblock/{block.unit}").text()

    desk = block.send(author, "desk.show", section="sessions", round=uid)
    assert QUESTION not in desk
    group = found(r'name="group" value="(\w+)"', desk)
    block.send(author, "session.end", round=uid, group=group)
    expect(moderator.locator(".kb-session__question")).to_have_count(0)
    block.send(author, "attendance.all", round=uid, group=group)
    for person in (learner, second):
        assert person.blocks(block.unit)["beratung"]["completion"] == pytest.approx(0.8)
    assert learner.failed == second.failed == []
