"""Import and update: what is new comes in, what an author touched stays."""

from __future__ import annotations

from dataclasses import replace

import pytest
from opaque_keys.edx.keys import CourseKey

from beratung_xblock.course import assets, importer
from beratung_xblock.course.blocks import Block, course_tree, walk
from beratung_xblock.course.importer import Report, fingerprint, import_course
from beratung_xblock.course.modulestore import CourseStore, PlatformCourse, Stored
from beratung_xblock.course.olx import Identity
from beratung_xblock.course.source import Course, CourseError, load
from tests.course.fake_platform import MemoryCourse, install

KEY = CourseKey.from_string("course-v1:Beratung+TEAMS+grundlagen")


@pytest.fixture(autouse=True)
def quick_sheets(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is inside a printable sheet does not matter here, and setting it takes a second."""
    monkeypatch.setattr(assets, "sheet_pdf", lambda course, sheet: f"%PDF {sheet}".encode())


@pytest.fixture
def memory() -> MemoryCourse:
    return MemoryCourse()


@pytest.fixture(params=["in memory", "through the adapter"])
def store(request: pytest.FixtureRequest, memory: MemoryCourse, monkeypatch: pytest.MonkeyPatch) -> CourseStore:
    """The same tests run on the bare memory and through the real adapter on a stand-in platform."""
    if request.param == "in memory":
        return memory
    install(monkeypatch, memory, KEY)
    return PlatformCourse(KEY)


def change(memory: MemoryCourse, block_type: str, name: str, **values) -> None:
    memory.blocks[block_type, name] = replace(memory.blocks[block_type, name], **values)


def update(course: Course, store: CourseStore) -> Report:
    return import_course(course, store, Identity(), update=True)


def test_a_first_import_brings_everything(course: Course, store: CourseStore, memory: MemoryCourse) -> None:
    report = import_course(course, store, Identity())
    blocks = [block for block in walk(course_tree(course)) if block.type != "course"]
    files = sum(entry.startswith("static/") for entry in report.created)
    assert len(report.created) == len(blocks) + files == len(store.ledger())
    assert files == 94
    assert report.left_alone == []
    assert memory.blocks["course", "course"].children == tuple(f"k{n}" for n in range(8))


def test_what_was_imported_has_the_fingerprint_of_the_source(german: Course, store: CourseStore) -> None:
    import_course(german, store, Identity())
    ledger = store.ledger()
    for block in walk(course_tree(german)):
        if block.type != "course":
            assert ledger[f"{block.type}/{block.id}"] == fingerprint(block.type, block.fields, block.data), block.id


def test_an_update_right_after_the_import_changes_nothing(german: Course, store: CourseStore, memory: MemoryCourse) -> None:
    first = import_course(german, store, Identity())
    before = dict(memory.blocks), store.ledger()
    report = update(german, store)
    assert report == Report(unchanged=len(first.created))
    assert (memory.blocks, store.ledger()) == before
    assert memory.published == []
    assert memory.bulks == 1


def test_an_import_over_content_is_refused(german: Course, store: CourseStore) -> None:
    import_course(german, store, Identity())
    with pytest.raises(CourseError, match="has content already; --update"):
        import_course(german, store, Identity())


def test_an_update_of_nothing_is_refused(german: Course, store: CourseStore) -> None:
    with pytest.raises(CourseError, match="nothing to update"):
        update(german, store)


def test_a_text_we_changed_comes_in_and_its_unit_is_published(german: Course, spoiled, store: CourseStore, memory: MemoryCourse) -> None:
    import_course(german, store, Identity())
    newer = load("de", spoiled("de/L1.1.xml", "Sie kennen Treffen", "Sie alle kennen Treffen"))
    report = update(newer, store)
    assert report.updated == ["html/u1_1_1_1_text"]
    assert (report.created, report.removed, report.left_alone) == ([], [], [])
    assert "Sie alle kennen Treffen" in memory.blocks["html", "u1_1_1_1_text"].data
    assert memory.published == ["u1_1_1"]
    assert update(newer, store).updated == []


def test_a_question_we_changed_comes_in(german: Course, spoiled, store: CourseStore, memory: MemoryCourse) -> None:
    import_course(german, store, Identity())
    newer = load("de", spoiled("de/questions.xml", "Den Einladungslink und ein Gerät", "Den Link und ein Gerät"))
    assert update(newer, store).updated == ["problem/q01"]
    assert "Den Link und ein Gerät" in memory.blocks["problem", "q01"].data


def test_a_drawing_we_changed_comes_in(german: Course, spoiled, store: CourseStore, memory: MemoryCourse) -> None:
    import_course(german, store, Identity())
    newer = load("de", spoiled("de/drawings.xml", ">Willkommen!</label>", ">Hallo!</label>"))
    assert update(newer, store).updated == ["static/kb-welcome.svg"]
    assert b">Hallo!<" in memory.files["kb-welcome.svg"]


@pytest.mark.parametrize(
    ("block_type", "name", "values"),
    [
        ("html", "u1_1_1_1_text", {"data": "<p>Meine Worte</p>"}),
        ("problem", "q01", {"data": "<problem><p>Meine Frage</p></problem>"}),
        ("problem", "q01", {"fields": {"display_name": "Frage 1 von 2", "showanswer": "never"}}),
        ("sequential", "l1_1", {"fields": {"display_name": "Unser Teams"}}),
        ("chapter", "k1", {"fields": {"display_name": "Vorbereitung"}}),
        ("teams_practice", "u7_1_1_2_practice", {"fields": {"display_name": "Übung", "tasks": "all", "variant": "auto"}}),
    ],
)
def test_what_an_author_changed_stays(german: Course, store: CourseStore, memory: MemoryCourse, block_type: str, name: str, values: dict) -> None:
    import_course(german, store, Identity())
    change(memory, block_type, name, **values)
    theirs = memory.blocks[block_type, name]
    for _ in range(2):
        report = update(german, store)
        assert report.left_alone == [(f"{block_type}/{name}", "an author changed it")]
        assert report.updated == []
        assert memory.blocks[block_type, name] == theirs


def test_an_authors_text_stays_even_when_ours_is_newer(german: Course, spoiled, store: CourseStore, memory: MemoryCourse) -> None:
    import_course(german, store, Identity())
    change(memory, "html", "u1_1_1_1_text", data="<p>Meine Worte</p>")
    newer = load("de", spoiled("de/L1.1.xml", "Sie kennen Treffen", "Sie alle kennen Treffen"))
    assert update(newer, store).left_alone == [("html/u1_1_1_1_text", "an author changed it")]
    assert memory.blocks["html", "u1_1_1_1_text"].data == "<p>Meine Worte</p>"


def test_a_change_taken_back_is_no_change(german: Course, store: CourseStore, memory: MemoryCourse) -> None:
    import_course(german, store, Identity())
    original = memory.blocks["html", "u1_1_1_1_text"]
    change(memory, "html", "u1_1_1_1_text", data="<p>Meine Worte</p>")
    update(german, store)
    memory.blocks["html", "u1_1_1_1_text"] = original
    assert update(german, store).left_alone == []


def test_spaces_alone_are_no_change(german: Course, store: CourseStore, memory: MemoryCourse) -> None:
    import_course(german, store, Identity())
    text = memory.blocks["html", "u1_1_1_1_text"].data
    change(memory, "html", "u1_1_1_1_text", data="\n  " + text.replace("</p>", "</p>") + "\n\n")
    assert update(german, store).left_alone == []


def test_what_an_author_removed_does_not_come_back(german: Course, store: CourseStore, memory: MemoryCourse) -> None:
    import_course(german, store, Identity())
    memory.remove("problem", "q02")
    for _ in range(2):
        assert update(german, store).left_alone == [("problem/q02", "an author removed it")]
    assert ("problem", "q02") not in memory.blocks


def test_a_file_an_author_replaced_stays(german: Course, store: CourseStore, memory: MemoryCourse) -> None:
    import_course(german, store, Identity())
    memory.files["kb-welcome.svg"] = b"<svg/>"
    for _ in range(2):
        assert update(german, store).left_alone == [("static/kb-welcome.svg", "an author replaced it")]
    assert memory.files["kb-welcome.svg"] == b"<svg/>"


def test_a_lost_file_comes_back(german: Course, store: CourseStore, memory: MemoryCourse) -> None:
    import_course(german, store, Identity())
    del memory.files["kb-welcome.svg"]
    assert update(german, store).created == ["static/kb-welcome.svg"]
    assert memory.files["kb-welcome.svg"].startswith(b"<svg")


def test_blocks_an_author_added_stay_in_their_place(german: Course, store: CourseStore, memory: MemoryCourse) -> None:
    import_course(german, store, Identity())
    memory.add(("vertical", "u1_2_2"), "html", "mine", {"display_name": "Meins"}, "<p>Meins</p>")
    memory.arrange(("vertical", "u1_2_2"), ("mine", *memory.blocks["vertical", "u1_2_2"].children[:-1]))
    before = memory.blocks["vertical", "u1_2_2"].children
    report = update(german, store)
    assert (report.left_alone, report.removed) == ([], [])
    assert memory.blocks["vertical", "u1_2_2"].children == before
    assert ("html", "mine") in memory.blocks


def test_a_new_question_comes_in_behind_its_elder_sibling(german: Course, spoiled, store: CourseStore, memory: MemoryCourse) -> None:
    older = load("de", spoiled("de/L3.1.xml", "Q13 Q14 Q15", "Q13 Q15"))
    import_course(older, store, Identity())
    memory.add(("vertical", "u3_1_3"), "html", "mine", {"display_name": "Meins"}, "<p>Meins</p>")
    report = update(german, store)
    assert report.created == ["problem/q14"]
    assert memory.blocks["vertical", "u3_1_3"].children == ("u3_1_3_1_text", "q13", "q14", "q15", "u3_1_3_3_text", "mine")
    # The others are now "of 3".
    assert report.updated == ["problem/q13", "problem/q15"]
    assert memory.published == ["u3_1_3"]


def test_a_question_we_dropped_goes(german: Course, spoiled, store: CourseStore, memory: MemoryCourse) -> None:
    import_course(german, store, Identity())
    newer = load("de", spoiled("de/L3.1.xml", "Q13 Q14 Q15", "Q13 Q15"))
    report = update(newer, store)
    assert report.removed == ["problem/q14"]
    assert ("problem", "q14") not in memory.blocks
    assert "u3_1_3" in memory.published
    assert "problem/q14" not in store.ledger()


def test_a_question_we_dropped_stays_when_an_author_changed_it(german: Course, spoiled, store: CourseStore, memory: MemoryCourse) -> None:
    import_course(german, store, Identity())
    change(memory, "problem", "q14", data="<problem><p>Meine Frage</p></problem>")
    newer = load("de", spoiled("de/L3.1.xml", "Q13 Q14 Q15", "Q13 Q15"))
    for _ in range(2):
        report = update(newer, store)
        assert ("problem/q14", "the course no longer has it, but it may hold an author's work") in report.left_alone
    assert ("problem", "q14") in memory.blocks


def test_a_setting_we_dropped_is_unset(german: Course, store: CourseStore, memory: MemoryCourse, monkeypatch: pytest.MonkeyPatch) -> None:
    import_course(german, store, Identity())
    assert memory.blocks["problem", "x_feedback"].fields["weight"] == 0
    tree = course_tree

    def without_weight(course: Course, *, with_beratung: bool = False) -> Block:
        def change_block(block: Block) -> Block:
            fields = {name: value for name, value in block.fields.items() if name != "weight"}
            return replace(block, fields=fields, children=tuple(map(change_block, block.children)))

        return change_block(tree(course, with_beratung=with_beratung))

    monkeypatch.setattr(importer, "course_tree", without_weight)
    assert update(german, store).updated == ["teams_practice/u7_1_2_2_practice", "problem/x_feedback"]
    assert "weight" not in memory.blocks["problem", "x_feedback"].fields
    assert "weight" not in memory.blocks["teams_practice", "u7_1_2_2_practice"].fields


def test_a_new_block_stays_out_when_its_place_is_gone(german: Course, spoiled, store: CourseStore, memory: MemoryCourse) -> None:
    older = load("de", spoiled("de/L3.1.xml", "Q13 Q14 Q15", "Q13 Q15"))
    import_course(older, store, Identity())
    memory.remove("vertical", "u3_1_3")
    report = update(german, store)
    assert ("problem/q14", "an author removed the place it belongs to") in report.left_alone
    assert ("problem", "q14") not in memory.blocks


def test_the_chapter_with_the_beratung_block_can_be_added_later(german: Course, store: CourseStore, memory: MemoryCourse) -> None:
    import_course(german, store, Identity())
    report = import_course(german, store, Identity(), update=True, with_beratung=True)
    assert report.created == ["chapter/k8", "sequential/l8_1", "vertical/u8_1_1", "beratung/beratung"]
    assert memory.blocks["course", "course"].children[-1] == "k8"
    assert memory.published == ["u8_1_1"]


def test_an_update_without_it_leaves_the_beratung_block(german: Course, store: CourseStore, memory: MemoryCourse) -> None:
    import_course(german, store, Identity(), with_beratung=True)
    report = update(german, store)
    assert report.removed == []
    assert ("beratung", "beratung") in memory.blocks


def test_a_course_that_came_through_studio_is_recognised(german: Course, store: CourseStore, memory: MemoryCourse) -> None:
    import_course(german, store, Identity())
    store.keep_ledger({})
    assert update(german, store).left_alone == []
    assert len(store.ledger()) == len(update(german, store).created) + update(german, store).unchanged


def test_without_a_ledger_a_changed_block_counts_as_an_authors(german: Course, spoiled, store: CourseStore, memory: MemoryCourse) -> None:
    import_course(german, store, Identity())
    store.keep_ledger({})
    newer = load("de", spoiled("de/L1.1.xml", "Sie kennen Treffen", "Sie alle kennen Treffen"))
    assert update(newer, store).left_alone == [("html/u1_1_1_1_text", "an author changed it")]


def test_an_import_the_platform_swallowed_is_noticed(german: Course, memory: MemoryCourse, monkeypatch: pytest.MonkeyPatch) -> None:
    whole = memory.create

    def create(files) -> None:
        whole(files)
        memory.remove("problem", "q07")

    monkeypatch.setattr(memory, "create", create)
    with pytest.raises(CourseError, match="the platform did not import problem “q07”"):
        import_course(german, memory, Identity())


def test_the_adapter_keeps_other_settings_and_tells_the_platform(german: Course, memory: MemoryCourse, monkeypatch: pytest.MonkeyPatch) -> None:
    platform = install(monkeypatch, memory, KEY)
    import_course(german, PlatformCourse(KEY), Identity())
    assert platform.settings["author"] == "kept"
    assert len(platform.settings["beratung_teams_course"]) == len(PlatformCourse(KEY).ledger())
    assert platform.signals == [KEY]


def test_the_ledger_is_small(german: Course, store: CourseStore) -> None:
    import_course(german, store, Identity())
    assert sum(len(key) + len(value) for key, value in store.ledger().items()) < 20_000


def test_fingerprints_survive_the_platforms_storing() -> None:
    data = '<problem display_name="x">\n  <p>a</p>\n</problem>'
    stored = "<problem>\n      <p>a</p></problem>\n"
    assert fingerprint("problem", {"weight": 0.0}, data) == fingerprint("problem", {"weight": 0}, stored)
    assert fingerprint("problem", {}, data) != fingerprint("problem", {}, stored.replace("a", "b"))
    assert fingerprint("problem", {}, "<problem>") != fingerprint("problem", {}, "<problem/>")
    assert fingerprint("vertical", {"graded": False}, "") != fingerprint("vertical", {}, "")


def test_a_stored_block_is_compared_by_our_fields_only(memory: MemoryCourse) -> None:
    memory.blocks["course", "course"] = Stored({}, "", ())
    assert memory.has_content() is False
