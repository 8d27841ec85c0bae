"""Studio: the editor, what it refuses, what an export holds, and the preview with what is still missing."""

import json
import re
from types import SimpleNamespace
from urllib.parse import urlencode

import crum
import pytest
from django.utils import timezone
from lxml import etree
from webob import Request

from beratung_xblock.data.settings import PlaceSettings
from beratung_xblock.pages import own_process
from beratung_xblock.pages.studio_fields import SECTIONS, all_settings
from beratung_xblock.process import templates
from tests.blocks import stage
from tests.integration import world

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("english")]


@pytest.fixture
def author():
    user = stage.enrol(world.user("author"), "staff")
    crum.set_current_request(SimpleNamespace(user=user, session={}))
    yield user
    crum.set_current_request(None)


def form(**changes):
    """The editor's form as a browser sends it: every field with its default, and what was changed."""
    values = PlaceSettings().as_dict()
    pairs = []
    for name, setting in all_settings().items():
        value = changes.pop(name, values[name])
        if setting.kind == "languages":
            pairs += [(name, word) for word in value]
        elif setting.kind == "lines":
            pairs.append((name, value if isinstance(value, str) else "\n".join(value)))
        elif setting.kind == "share":
            pairs.append((name, value if isinstance(value, str) else f"{value * 100:g}"))
        elif setting.kind == "flag":
            pairs += [(name, "on")] if value else []
        else:
            pairs.append((name, str(value)))
    for name, value in changes.items():
        pairs += [(name, each) for each in value] if isinstance(value, list) else [(name, value)]
    return pairs


def save(block, pairs):
    request = Request.blank("/", method="POST", body=urlencode(pairs).encode())
    request.content_type = "application/x-www-form-urlencoded"
    return block.runtime.handle(block, "save_settings", request)


def changed(block):
    """Fields that an export would hold."""
    return {name for name, field in block.fields.items() if field.is_set_on(block)}


def test_every_setting_stands_in_the_editor_once():
    named = [setting.name for section in SECTIONS for setting in section.settings]
    assert sorted(named) == sorted(set(PlaceSettings().as_dict()) - {"own_template"})


def test_a_fresh_block_opens_with_defaults_and_saves_nothing(author):
    block = stage.block(author)
    page = block.render("studio_view").content
    assert all(f'name="{name}"' in page for name in all_settings())
    assert save(block, form()).status_int == 200
    assert changed(block) == set()


def test_a_change_is_kept_and_the_default_again_is_unset(author):
    block = stage.block(author)
    answer = save(block, form(session_minutes="90", hotline="02331 555 0123", languages=["de", "uk"], regions="Hagen\n\nEN "))
    assert json.loads(answer.text) == {"result": "success"}
    assert (block.session_minutes, block.hotline, block.languages, block.regions) == (90, "02331 555 0123", ["de", "uk"], ["Hagen", "EN"])
    assert changed(block) == {"session_minutes", "hotline", "languages", "regions"}
    save(block, form(hotline="02331 555 0123"))
    assert changed(block) == {"hotline"}


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"display_name": " "}, "Please fill this in."),
        ({"session_minutes": "abc"}, "Please write a whole number from 15 to 480."),
        ({"session_minutes": "9999"}, "Please write a whole number from 15 to 480."),
        ({"group_min": "8", "group_max": "6"}, "The largest number must not be below the smallest."),
        ({"group_target": "10"}, "The usual group must lie between the smallest and the largest."),
        ({"hotline": "call me"}, "Please write a telephone number"),
        ({"attendance_threshold": "700"}, "Please write a number from 10 to 100."),
        ({"attendance_threshold": "many"}, "Please write a number from 10 to 100."),
        ({"languages": []}, "Please choose at least one language."),
        ({"template": "heilsbronner10"}, "Please choose one of the answers."),
        ({"intro_text": "x" * 100_000}, "This text is too long. Please shorten it."),
        ({"reminders": "soon"}, "Please write days or hours such as 3d or 1h, one per line."),
        ({"meeting_hosts": "https://teams.microsoft.com/"}, "Please write host names"),
    ],
)
def test_wrong_values_get_a_message_at_the_field_and_nothing_is_stored(author, changes, message):
    block = stage.block(author)
    answer = save(block, form(contact_name="Renate <Vogt>", **changes))
    assert answer.status_int == 422
    name = next(reversed(changes))
    assert message in answer.text
    assert f'id="{stage_id(name)}-error"' in answer.text or name == "languages"
    assert 'value="Renate &lt;Vogt&gt;"' in answer.text
    assert changed(block) == set()


def stage_id(name):
    from beratung_xblock.pages.words import uid_of

    return f"{uid_of(world.BLOCK)}-{name}"


def test_only_authors_may_save(author):
    learner = stage.enrol(world.user())
    for user in (learner, None):
        request_user = user or SimpleNamespace(is_authenticated=False, pk=None)
        crum.set_current_request(SimpleNamespace(user=request_user, session={}))
        block = stage.block(user)
        answer = save(block, form(hotline="02331 1"))
        assert answer.status_int == 403
        assert changed(block) == set()


def own(**cells):
    rows = {"own.name": "Our way"}
    for index, (name, kind, minutes) in enumerate((("Welcome", "casting", "5"), ("Story", "story", "10"), ("Ideas", "ideas", "15"), ("End", "closing", "5"))):
        rows |= {f"own.{index}.name": name, f"own.{index}.kind": kind, f"own.{index}.minutes": minutes, f"own.{index}.script": ""}
    return {**rows, **{key.replace("__", "."): value for key, value in cells.items()}}


def test_an_own_process_from_the_table(author):
    block = stage.block(author)
    assert save(block, form(template="own", **own())).status_int == 200
    process = templates.parse_template(block.own_template)
    assert [(phase.name.get("en"), phase.minutes) for phase in process.phases] == [("Welcome", 5), ("Story", 10), ("Ideas", 15), ("End", 5)]
    assert all(phase.speakers for phase in process.phases)
    assert "Story" in block.render("author_view").content


def test_a_phase_of_an_own_process_can_differ_from_its_kind_in_everything(author):
    block = stage.block(author)
    cells = own(own__1__low="5", own__1__high="20", own__1__contribution="feeling", own__1__output="All understood", own__1__optional="1", own__1__loop="1")
    cells |= {"own.1.speakers": ["case_giver", "tech_host"], "own.1.listeners": ["adviser"], "own.1.gates": ["key_question"], "own.2.gates": ["nothing"]}
    assert save(block, form(template="own", **cells)).status_int == 200
    welcome, story, ideas, _end = templates.parse_template(block.own_template).phases
    assert (story.min_minutes, story.minutes, story.max_minutes) == (5, 10, 20)
    assert ([role.value for role in story.speakers], [role.value for role in story.listeners]) == (["case_giver", "tech_host"], ["adviser"])
    assert (story.contribution.value, [gate.value for gate in story.gate]) == ("feeling", ["key_question"])
    assert (story.output.get("en"), story.optional, [loop.id for loop in story.loops]) == ("All understood", True, ["find_key_question"])
    assert (ideas.gate, [gate.value for gate in welcome.gate]) == ((), ["moderator", "case_giver", "two_advisers"])
    again = stage.block(author, own_template=block.own_template, template="own").render("studio_view").content
    ticked = re.findall(r'name="own\.(\d)\.(\w+)" value="(\w+)" checked', again)
    assert ticked == [
        ("1", "speakers", "case_giver"), ("1", "speakers", "tech_host"), ("1", "listeners", "adviser"), ("1", "gates", "key_question"),
        ("1", "optional", "1"), ("1", "loop", "1"), ("2", "gates", "nothing"),
    ]
    assert 'name="own.1.low" value="5"' in again
    assert 'name="own.1.output" value="All understood"' in again


@pytest.mark.parametrize(
    ("cells", "message"),
    [
        ({"own__1__low": "12", "own__1__high": "15"}, "Please write a whole number from 12 to 15."),
        ({"own__1__high": "many"}, "Please write a whole number."),
        ({"own.1.speakers": ["case_giver"], "own.1.listeners": ["case_giver"]}, "Nobody can speak and listen in one phase."),
        ({"own.1.gates": ["weather"]}, "Please choose one of the answers."),
        ({"own__name": ""}, "Please fill this in."),
        ({"own__2__minutes": "0"}, "Please write a whole number from 1 to 240."),
        ({"own__2__minutes": "ten"}, "Please write a whole number."),
        ({"own__1__name": ""}, "Please fill this in."),
        ({"own__1__kind": "dance"}, "Please choose one of the answers."),
        ({"own__2__name": "", "own__2__minutes": "", "own__3__name": "", "own__3__minutes": ""}, "A process needs at least 3 phases."),
    ],
)
def test_an_own_process_is_refused_with_a_sentence(author, cells, message):
    block = stage.block(author)
    answer = save(block, form(template="own", **own(**cells)))
    assert answer.status_int == 422
    assert message in answer.text
    assert 'value="Welcome"' in answer.text
    assert changed(block) == set()


def test_each_kind_of_phase_has_a_name_and_people_who_speak():
    kinds = [kind for kind, _name in own_process.kinds()]
    assert len(kinds) == 11
    table = {"own.name": "x"} | {f"own.{n}.name": "a" for n in range(11)} | {f"own.{n}.kind": kind for n, kind in enumerate(kinds)}
    assert [phase["kind"] for phase in own_process.read(table, {})["phases"] if phase["speakers"]] == kinds


def test_export_and_import_keep_every_setting_and_hold_nothing_about_people(author):
    world.place()
    signed = stage.enrol(world.user("renate"))
    world.sign_up(world.actor(signed), world.open_round(world.lead()), display_name="Renate Ostermann")
    block = stage.block(author)
    text = 'A "quoted" <text> with\nlines & Ümläute 🙂 نص'
    save(block, form(intro_text=text, regions="Hagen\nEN", languages=["de", "ar"], attendance_threshold="55", report_grade=True, template="own", **own()))
    node = etree.Element("beratung")
    block.add_xml_to_node(node)
    xml = etree.tostring(node, encoding="unicode")
    assert "Renate" not in xml
    again = stage.BeratungXBlock.parse_xml(etree.fromstring(xml), block.runtime, stage.block(author).scope_ids)
    assert again.settings_values() == block.settings_values()
    assert again.settings_values()["intro_text"] == text


def test_the_preview_says_what_is_missing(author):
    page = stage.block(author).render("author_view").content
    for sentence in ("No hotline is set.", "No contact person", "There is no round yet.", "Nobody has the role of coordination yet."):
        assert sentence in page
    assert "not checked in the last six months" in page
    assert page.count("kb-phases__name") == 6
    world.place()
    world.open_round(world.lead())
    full = {
        "hotline": "02331 1", "contact_name": "R. Vogt", "contact_phone": "02331 2", "youth_office_phone": "02331 3",
        "privacy_contact": "dsb@example.org", "emergency_checked_on": timezone.now().date().isoformat(),
    }
    page = stage.block(author, **full).render("author_view").content
    assert "Everything is set." in page
    assert "What is still missing" not in page


def test_outside_of_a_course_the_preview_says_so(author):
    from opaque_keys.edx.keys import UsageKey

    usage = UsageKey.from_string("lb:Diakonie:lib:beratung:one")
    page = stage.block(author, usage).render("author_view").content
    assert "stands outside of a course" in page
    assert "This block needs a course" in stage.block(author, usage).render("student_view").content
