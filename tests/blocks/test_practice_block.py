"""The `teams_practice` block on XBlock's own test runtime, with the stand-in platform."""

import gzip
import json
import re
from types import SimpleNamespace

import pytest
from django.contrib.auth import get_user_model
from django.utils import translation
from lxml import etree
from opaque_keys.edx.keys import UsageKey
from webob import Request
from xblock.field_data import DictFieldData
from xblock.fields import Scope, ScopeIds
from xblock.test.tools import TestRuntime

from beratung_xblock import practice_data
from beratung_xblock.compat import StandInPlatform
from beratung_xblock.practice_block import TeamsPracticeXBlock
from beratung_xblock.practice_texts import interface_texts

COURSE = "course-v1:Demo+Teams+2026"
USAGE = UsageKey.from_string("block-v1:Demo+Teams+2026+type@teams_practice+block@basic")

pytestmark = pytest.mark.django_db


class PublishingRuntime(TestRuntime):
    """Remembers what blocks publish."""

    def __init__(self, **kwargs):
        super().__init__(**kwargs)
        self.published = []

    def publish(self, block, event_type, event_data):
        self.published.append((event_type, event_data))

    def local_resource_url(self, block, uri):
        return f"/resource/{uri}"

    def handler_url(self, block, handler_name, suffix="", query="", thirdparty=False):
        return f"/handler/{handler_name}/?"


@pytest.fixture
def make_user(django_user_model):
    def make(name, *words):
        user = django_user_model.objects.create_user(name, f"{name}@example.org", "secret")
        for word in words:
            StandInPlatform().grant(user, word, COURSE)
        return user

    return make


def make_block(user=None, usage=USAGE, **fields):
    shown = SimpleNamespace(opt_attrs={"edx-platform.user_id": user.pk} if user else {"edx-platform.is_authenticated": False})
    service = SimpleNamespace(get_current_user=lambda: shown)
    runtime = PublishingRuntime(services={"user": service, "field-data": DictFieldData(fields)})
    return TeamsPracticeXBlock(runtime, scope_ids=ScopeIds(user.pk if user else None, "teams_practice", usage, usage))


def call(block, handler, body, method="POST"):
    raw = body if isinstance(body, bytes) else json.dumps(body).encode()
    request = Request.blank("/", method=method, body=raw if method == "POST" else b"")
    return block.runtime.handle(block, handler, request)


def page_args(fragment):
    """What the page hands to the script, as the browser gets it: through JSON."""
    args = json.loads(json.dumps(fragment.json_init_args))
    return {**args, "texts": json.loads(args["texts"])}


def test_each_field_has_its_intended_scope():
    scopes = {name: field.scope for name, field in TeamsPracticeXBlock.fields.items() if name not in {"name", "tags", "parent", "children"}}
    assert scopes == {
        "display_name": Scope.settings,
        "tasks": Scope.settings,
        "variant": Scope.settings,
        "wording": Scope.settings,
        "device_check": Scope.settings,
        "weight": Scope.settings,
        "solved": Scope.user_state,
    }


def test_page_is_complete_for_a_learner_and_says_nothing_about_them_but_solved_tasks(make_user):
    block = make_block(make_user("anna", "enrolled"), solved=["S01", "S99"])
    with translation.override("de"):
        fragment = block.student_view({})
    args = page_args(fragment)
    assert args["tasks"] == practice_data.basic_tasks()
    assert args["required"] == practice_data.basic_tasks()
    assert args["solved"] == ["S01"]
    assert args["saveUrl"] == "/handler/save_progress"
    assert args["texts"]["lang"] == "de"
    assert set(args["texts"]["tasks"]) == set(practice_data.basic_tasks())
    assert set(args["modules"]) == {"machine", "dom", "draw", "stage", "app", "devices"}
    assert "anna" not in json.dumps(args)
    assert "Übungs-Besprechung" in fragment.content
    assert [resource.data for resource in fragment.resources] == [
        "/resource/beratung_xblock/css/tokens.css",
        "/resource/beratung_xblock/css/base.css",
        "/resource/beratung_xblock/css/practice.css",
        "/resource/beratung_xblock/js/practice/loader.js",
    ]


def test_two_blocks_on_a_page_do_not_share_ids(make_user):
    user = make_user("anna", "enrolled")
    other = UsageKey.from_string("block-v1:Demo+Teams+2026+type@teams_practice+block@further")
    pages = [make_block(user, usage).student_view({}) for usage in (USAGE, other)]
    ids = [set(re.findall(r' id="([^"]+)"', page.content)) for page in pages]
    assert ids[0]
    assert not ids[0] & ids[1]


def test_visitors_may_practise_and_nothing_is_kept():
    block = make_block(None)
    for fragment in (block.student_view({}), block.public_view({})):
        assert page_args(fragment)["saveUrl"] == ""
        assert "Your progress is not saved." in fragment.content


def test_progress_is_added_completion_and_grade_follow(make_user):
    block = make_block(make_user("anna", "enrolled"))
    answer = call(block, "save_progress", {"tasks": ["S22", "S01"]})
    assert (answer.status_code, answer.json) == (200, {"solved": ["S01", "S22"], "completion": 2 / 14})
    assert block.solved == ["S01", "S22"]
    assert block.runtime.published == [("completion", {"completion": 2 / 14}), ("grade", {"value": 2 / 14, "max_value": 1.0})]


def test_progress_of_two_devices_is_united_and_never_falls(make_user):
    block = make_block(make_user("anna", "enrolled"), solved=["S01", "S02"])
    assert call(block, "save_progress", {"tasks": ["S03"]}).json["solved"] == ["S01", "S02", "S03"]
    assert call(block, "save_progress", {"tasks": []}).json["solved"] == ["S01", "S02", "S03"]


@pytest.mark.parametrize(
    ("tasks", "solved", "share"),
    [
        ("basic", ["S14"], 0.0),
        ("all", practice_data.basic_tasks(), 1.0),
        ("all", [task for task in practice_data.all_tasks() if task != "S22"], 13 / 14),
        ("further", [task for task in practice_data.choose_tasks("further") if task != "S17"], 1.0),
        ("refresher", practice_data.refresher_tasks(), 1.0),
        ("S17", ["S17"], 1.0),
        ("S05, S14", ["S05"], 1.0),
        ("S14,S15", ["S14"], 0.5),
    ],
)
def test_completion_counts_the_basic_tasks_among_the_chosen(make_user, tasks, solved, share):
    block = make_block(make_user("anna", "enrolled"), tasks=tasks)
    assert call(block, "save_progress", {"tasks": solved}).json["completion"] == share
    assert block.share() == share


@pytest.mark.parametrize(
    "body",
    [{"tasks": ["S99"]}, {"tasks": "S01"}, {"tasks": [1]}, {"tasks": [["S01"]]}, {}, [], None, "S01", {"tasks": None}],
)
def test_what_is_no_known_task_is_refused_with_a_sentence(make_user, body):
    block = make_block(make_user("anna", "enrolled"))
    answer = call(block, "save_progress", body)
    assert answer.status_code == 400
    assert answer.json == {"error": "This task is not known. Please reload the page."}
    assert (block.solved, block.runtime.published) == ([], [])


def test_broken_json_and_get_are_refused(make_user):
    block = make_block(make_user("anna", "enrolled"))
    assert call(block, "save_progress", b"{").status_code == 400
    assert call(block, "save_progress", None, method="GET").status_code == 405


def test_strangers_and_visitors_save_nothing(make_user):
    for user in (None, make_user("stranger")):
        block = make_block(user)
        answer = call(block, "save_progress", {"tasks": ["S01"]})
        assert answer.status_code == 403
        assert "log in" in answer.json["error"]
        assert (block.solved, block.runtime.published) == ([], [])


def test_course_team_may_practise_for_itself(make_user):
    assert call(make_block(make_user("staff", "staff")), "save_progress", {"tasks": ["S01"]}).json["solved"] == ["S01"]


def test_masquerade_reads_only(make_user, monkeypatch, rf):
    staff, learner = make_user("staff", "staff"), make_user("anna", "enrolled")
    request = rf.post("/")
    request.user, request.session = staff, {}
    monkeypatch.setattr("beratung_xblock.actors.crum.get_current_request", lambda: request)
    block = make_block(learner)
    assert page_args(block.student_view({}))["saveUrl"] == ""
    assert call(block, "save_progress", {"tasks": ["S01"]}).status_code == 403
    assert block.solved == []


def test_outside_a_course_nothing_is_saved(make_user):
    library = UsageKey.from_string("lb:Demo:lib:teams_practice:one")
    block = make_block(make_user("anna", "enrolled"), usage=library)
    assert page_args(block.student_view({}))["saveUrl"] == ""
    assert call(block, "save_progress", {"tasks": ["S01"]}).status_code == 403


SETTINGS = {
    "display_name": "Wir üben",
    "tasks": "all",
    "variant": "phone",
    "device_check": False,
    "weight": "2,5",
    "wording": {"S01": {"title": "Post", "hints": ["Datum", "Absender"]}},
}


@pytest.fixture
def author_request(monkeypatch, rf):
    def use(user):
        request = rf.post("/")
        request.user, request.session = user, {}
        monkeypatch.setattr("beratung_xblock.actors.crum.get_current_request", lambda: request)

    return use


def test_author_saves_the_editor(make_user, author_request):
    author = make_user("author", "staff")
    author_request(author)
    block = make_block(author)
    assert call(block, "save_settings", SETTINGS).json == {"errors": {}}
    assert (block.display_name, block.tasks, block.variant, block.device_check, block.weight) == ("Wir üben", "all", "phone", False, 2.5)
    assert block.wording == {"S01": {"title": "Post", "hints": ["Datum", "Absender"]}}


def test_the_shipped_title_stays_translatable_when_an_author_saves_it(make_user, author_request):
    author = make_user("author", "staff")
    author_request(author)
    block = make_block(author)
    with translation.override("de"):
        assert call(block, "save_settings", {**SETTINGS, "display_name": "Übungs-Besprechung"}).json == {"errors": {}}
        assert block.title == "Übungs-Besprechung"
    assert block.display_name == "Practice meeting"
    with translation.override("ar"):
        assert block.title != "Übungs-Besprechung"


@pytest.mark.parametrize(
    ("change", "field", "sentence"),
    [
        ({"display_name": "  "}, "display_name", "Please give the exercise a title."),
        ({"tasks": "S01, S77"}, "tasks", "These tasks do not exist: S77"),
        ({"tasks": ""}, "tasks", "Please choose at least one task."),
        ({"variant": "watch"}, "variant", "Please choose a device."),
        ({"weight": "many"}, "weight", "Please enter a number from 0 to 1000, or nothing."),
        ({"weight": "nan"}, "weight", "Please enter a number from 0 to 1000, or nothing."),
        ({"weight": -1}, "weight", "Please enter a number from 0 to 1000, or nothing."),
        ({"wording": {"S77": {}}}, "wording", "Task S77 does not exist."),
        ({"wording": {"S01": {"title": "x" * 601}}}, "wording", "Task S01: a text is longer than 600 characters. Please shorten it."),
        ({"wording": {"S01": {"hints": ["a", "b", "c", "d"]}}}, "wording", "Task S01: please give at most three tips, one a line."),
        ({"wording": {"S01": {"mistakes": {}}}}, "wording", "Task S01: only title, instruction, praise and tips can be changed."),
        ({"wording": {"S01": {"title": 3}}}, "wording", "The wording cannot be read."),
        ({"wording": []}, "wording", "The wording cannot be read."),
        ({"wording": {"S01": []}}, "wording", "The wording cannot be read."),
    ],
)
def test_a_mistake_in_the_editor_is_told_at_its_field_and_nothing_is_stored(make_user, author_request, change, field, sentence):
    author = make_user("author", "staff")
    author_request(author)
    block = make_block(author)
    assert call(block, "save_settings", {**SETTINGS, **change}).json == {"errors": {field: sentence}}
    assert (block.tasks, block.wording) == ("basic", {})


def test_only_authors_change_settings(make_user, author_request):
    for user in (make_user("anna", "enrolled"), make_user("stranger")):
        author_request(user)
        block = make_block(user)
        assert call(block, "save_settings", SETTINGS).status_code == 403
        assert block.tasks == "basic"
    assert call(make_block(None), "save_settings", SETTINGS).status_code == 403


def test_own_wording_lies_over_the_shipped_words_and_is_escaped(make_user):
    evil = "</script><script>alert(1)</script>"
    block = make_block(make_user("anna", "enrolled"), tasks="S01,S14", wording={"S14": {"title": evil, "hints": ["Schauen Sie hin."]}}, display_name=evil)
    with translation.override("de"):
        fragment = block.student_view({})
        tasks = page_args(fragment)["texts"]["tasks"]
        author, studio = block.author_view({}).content, block.studio_view({}).content
    assert tasks["S14"]["title"] == evil
    assert tasks["S14"]["hints"] == ["Schauen Sie hin."]
    assert "hints" not in tasks["S14"]["phone"]
    assert tasks["S01"]["title"] == "Die richtige Einladung öffnen"
    assert practice_data.texts("de")["tasks"]["S14"]["title"] == "Wer ist da?"
    for html in (fragment.content, author, studio, json.dumps(fragment.json_init_args)):
        assert "<script>alert" not in html
        assert "</script><" not in html


def test_a_choice_that_does_not_fit_falls_back_to_the_basic_part_and_the_author_is_told(make_user):
    block = make_block(make_user("author", "staff"), tasks="S77")
    assert block.task_ids() == practice_data.basic_tasks()
    assert "These tasks do not exist: S77" in block.author_view({}).content


@pytest.mark.parametrize(
    "wording", [{"S01": "Post", "S14": {"title": "Wer?"}}, {"S99": {}, "S14": {"title": "Wer?"}}, {"S01": {"hints": "x"}, "S14": {"title": "Wer?"}}]
)
def test_wording_that_does_not_fit_is_left_out_and_the_author_is_told(make_user, wording):
    block = make_block(make_user("author", "staff"), tasks="all", wording=wording)
    tasks = page_args(block.student_view({}))["texts"]["tasks"]
    assert tasks["S14"]["title"] == "Wer?"
    assert tasks["S01"] == practice_data.texts("en")["tasks"]["S01"]
    assert "kb-notice--warn" in block.author_view({}).content
    assert "Wer?" in block.studio_view({}).content


def test_mobile_data_names_tasks_and_nobody():
    with translation.override("en"):
        data = make_block(None, tasks="S14,S22").student_view_data()
    assert data == {
        "variant": "auto",
        "language": "en",
        "tasks": [{"id": "S14", "title": "Who is here?", "required": False}, {"id": "S22", "title": "Leave", "required": True}],
    }
    assert make_block(None).has_support(TeamsPracticeXBlock.student_view, "multi_device")
    assert make_block(None).max_score() == 1.0


def test_editor_shows_every_task_and_what_is_chosen(make_user):
    block = make_block(make_user("author", "staff"), tasks="S05,S22", variant="phone", wording={"S05": {"hints": ["Eins", "Zwei"]}})
    with translation.override("de"):
        html = block.studio_view({}).content
    assert re.findall(r'data-task="(S\d\d)"', html) == practice_data.all_tasks()
    assert re.findall(r'name="task" value="(S\d\d)" checked', html) == ["S05", "S22"]
    assert re.findall(r'name="choice" value="(\w+)" checked', html) == ["own"]
    assert re.findall(r'name="variant" value="(\w+)" checked', html) == ["phone"]
    assert "Eins\nZwei" in html


def test_settings_travel_as_olx():
    block = make_block(None, tasks="further", wording={"S14": {"title": "Wer?"}})
    node = etree.Element("unknown_root")
    block.add_xml_to_node(node)
    assert node.tag == "teams_practice"
    assert node.get("tasks") == "further"
    assert json.loads(node.get("wording")) == {"S14": {"title": "Wer?"}}
    assert set(node.keys()) == {"tasks", "wording", "xblock-family"}


def test_page_is_light_enough_for_a_slow_line(make_user):
    """Everything the first view loads, compressed: below 50 kB (the shared design system included)."""
    static = practice_data.HERE.parent / "static" / "beratung_xblock"
    sizes = {}
    for language in practice_data.languages():
        with translation.override(language):
            fragment = make_block(make_user(f"anna-{language}", "enrolled"), tasks="all").student_view({})
        args = page_args(fragment)
        paths = [resource.data for resource in fragment.resources] + [url for name, url in args["modules"].items() if name != "devices"]
        files = [static / path.removeprefix("/resource/beratung_xblock/") for path in paths]
        page = (fragment.content + json.dumps(args)).encode()
        sizes[language] = sum(len(gzip.compress(raw)) for raw in [page, *(path.read_bytes() for path in files)])
    assert max(sizes.values()) < 50_000, sizes


def test_interface_texts_are_complete_in_german():
    with translation.override("en"):
        english = interface_texts()
    with translation.override("de"):
        german = interface_texts()
    assert german.keys() == english.keys()
    assert [name for name in english if german[name] == english[name]] == ["computer"]
    assert get_user_model().objects.count() == 0
