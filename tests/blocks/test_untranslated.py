"""Nothing on a page or in a mail escapes translation: every door is opened in a language made of ⟦brackets⟧, and what stands outside is looked at."""

from __future__ import annotations

import re

import pytest
from django.core import mail
from django.utils import translation

from beratung_xblock import outbox
from beratung_xblock.compat import StandInPlatform
from beratung_xblock.mails import delivery, texts
from beratung_xblock.models import OutboxMail, Registration
from beratung_xblock.pages import ACTIONS
from tests.blocks import pseudo
from tests.blocks.test_practice_block import COURSE, make_block, page_args
from tests.integration import session_world, world
from tests.permissions import scene

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]
VOLUNTEERS = ("enrolled", "waiting", "member", "case_giver", "moderator", "other_group", "ex_member", "stranger", "anonymous", "masquerade")
SECTIONS = ("today", "rounds", "planning", "registrations", "waiting", "assignment", "cases", "sessions", "mails", "report", "history", "team")
DAYS = "Montag|Dienstag|Mittwoch|Donnerstag|Freitag|Samstag|Sonntag|Januar|Februar|März|April|Mai|Juni|Juli|August|September|Oktober|November|Dezember"
PEOPLE = (*session_world.NAMES, *scene.SECRETS.values(), "waiting", "other_group", "ex_member")
ALLOWED = {
    "people and texts of the scene": rf"\b(?:{'|'.join(map(re.escape, PEOPLE))})\b|jeden Abend kommen Nachrichten",
    "the author's heading, which is a setting": "Kollegiale Beratung",
    "hosts of meeting links, which are a setting": r"\b(?:teams|live|microsoft|cloud|com)\b",
    "name of the package, beside its version": "beratung-xblock",
    "addresses in mails": r"/courses/\S+|/beratung/m/\S+|https?://\S+",
    "days, months and the clock come from times.py, in each language": rf"\b(?:{DAYS}|Mo|Di|Mi|Do|Fr|Sa|So|Uhr|bis)\b",
    "accounts of the tests": r"\bperson\d+\b",
}


@pytest.fixture
def brackets(tmp_path, settings):
    """German is the language of brackets while this lasts."""
    assert pseudo.write_catalogue(tmp_path) > 1000
    settings.LOCALE_PATHS = [str(tmp_path)]
    with translation.override("de"):
        assert translation.gettext("Key question") == "⟦Key question⟧"
        yield


def unexpected(found: set[str]) -> set[str]:
    data = pseudo.words_of_data()
    left = set()
    for text in found:
        rest = text
        for pattern in ALLOWED.values():
            rest = re.sub(pattern, " ", rest)
        # Studio shows the data's sentences one after the other, as one text.
        if pseudo.LETTERS.search(rest) and text not in data and not any(len(sentence) > 20 and sentence in text for sentence in data):
            left.add(text)
    return left


def test_the_search_finds_what_was_not_translated(brackets):
    page = '<div>⟦Open %(n)s⟧<p title="Hilfe">⟦a ⟦b⟧ c⟧ Neu</p><button aria-label="⟦x⟧">⟦Save⟧</button><script>var alpha</script> 12</div>'
    assert pseudo.left_over(page) == {"Hilfe", "Neu"}


def test_pages(brackets):
    made = scene.build()
    found = {}
    knocks = [(role, f"view {view}", None) for role in VOLUNTEERS for view in ("student_view", "public_view")]
    knocks += [("coordinator", "act desk.show", {"section": section, "round": made.ids["round"]}) for section in SECTIONS]
    knocks += [("instructor", "act desk.show", {"section": "team"}), ("course_staff", "view student_view", None)]
    knocks += [("global_staff", view, None) for view in ("view author_view", "view studio_view")]
    audience = {"coordinator": ("coordinator",), "instructor": ("instructor",), "staff": ("course_staff",)}
    for name, entry in sorted(ACTIONS.items()):
        knocks += [(role, f"act {name}", None) for role in audience.get(getattr(entry, "audience", ""), ("member", "case_giver", "other_group", "enrolled", "waiting"))]
    for role, door, body in knocks:
        status, text = scene.knock(made, role, door, body)
        for piece in pseudo.left_over(text) if status != 404 and "<" in text else ():
            found.setdefault(piece, f"{role}, {door}")
    left = {piece: found[piece] for piece in unexpected(set(found))}
    assert left == {}, "\n".join(f"{piece!r} ({where})" for piece, where in left.items())


def test_mails(brackets):
    made = scene.build()
    row = Registration.objects.select_related("round").get(user=made.users["case_giver"])
    OutboxMail.objects.all().delete()
    mail.outbox.clear()
    for kind in texts.KINDS:
        outbox.tell(row, kind=kind, place_id=row.round.place_id, cause="pseudo", group=made.ids["group"])
    delivery.deliver()
    found = {}
    for letter in mail.outbox:
        for part in (letter.subject, letter.body, letter.alternatives[0][0]):
            pieces = pseudo.left_over(part) if "<" in part else {" ".join(pseudo.without_brackets(part).split())}
            found |= dict.fromkeys(pieces, letter.subject)
    assert len(mail.outbox) > 5
    left = {piece: found[piece] for piece in unexpected(set(found))}
    assert left == {}, "\n".join(f"{piece!r} ({where})" for piece, where in left.items())


def test_the_practice_page(brackets):
    user = world.user()
    StandInPlatform().grant(user, "enrolled", COURSE)
    fragment = make_block(user).student_view({})
    assert unexpected(pseudo.left_over(fragment.content)) == set()
    words = page_args(fragment)["texts"]["ui"]
    assert len(words) > 30
    assert [text for text in words.values() if not text.startswith("⟦")] == []
    for view in ("author_view", "studio_view"):
        assert unexpected(pseudo.left_over(make_block(user).render(view).content)) == set()
