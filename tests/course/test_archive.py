"""The archive a Studio imports: complete, valid, small, reproducible, graded as decided."""

from __future__ import annotations

import gzip
import io
import json
import tarfile
from pathlib import Path

import pytest
from lxml import etree, html
from olxcleaner import validate

from beratung_xblock.course import checks
from beratung_xblock.course.blocks import course_tree, walk
from beratung_xblock.course.olx import Identity, archive, attribute, package_files
from beratung_xblock.course.source import Course, load_schema


def test_two_builds_are_the_same_byte_for_byte(course: Course, files: dict[str, bytes]) -> None:
    first = archive(files)
    assert first == archive(dict(reversed(package_files(course, Identity()).items())))
    assert first[4:8] == b"\0\0\0\0", "gzip keeps the time of the build"
    with tarfile.open(fileobj=io.BytesIO(first)) as tar:
        members = tar.getmembers()
    assert [member.name for member in members] == sorted(member.name for member in members)
    assert {(m.mtime, m.uid, m.gid, m.uname, m.gname, m.mode) for m in members} == {(0, 0, 0, "", "", 0o644)}


def test_both_packages_together_stay_below_three_megabytes(archives: dict[str, dict[str, bytes]]) -> None:
    sizes = [len(archive(files)) for files in archives.values()]
    assert sum(sizes) < 3_000_000
    assert all(size < 400_000 for size in sizes), sizes


def test_every_file_fits_the_schema(files: dict[str, bytes]) -> None:
    schema = load_schema("olx.xsd")
    for path, content in files.items():
        if path.endswith(".xml"):
            assert schema.validate(etree.fromstring(content)), (path, schema.error_log)


def test_the_schema_refuses_what_the_platform_would_not_read() -> None:
    schema = load_schema("olx.xsd")
    for bad in (
        '<vertical display_name="x"><video url_name="y"/></vertical>',
        '<vertical><html url_name="y"/></vertical>',
        '<sequential display_name="x" graded="yes"><vertical url_name="y"/></sequential>',
        '<html filename="Ä" display_name="x" editor="raw"/>',
        '<problem display_name="x" showanswer="never"><optionresponse><label>x</label></optionresponse></problem>',
        '<vertical display_name="x"><teams_practice url_name="y" xblock-family="xblock.v1" display_name="x" tasks="none" variant="auto"/></vertical>',
    ):
        assert not schema.validate(etree.fromstring(bad)), bad


def test_the_olx_cleaner_misses_nothing_but_an_end_date(files: dict[str, bytes], tmp_path: Path) -> None:
    for name, content in files.items():
        path = tmp_path / "course" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    _, errors, names = validate(str(tmp_path / "course" / "course.xml"), steps=8, allowed_xblocks=["teams_practice"])
    # The course has no end on purpose: people come back to it before every round.
    assert [(error.name, "'end'" in error.description) for error in errors.errors] == [("InvalidSetting", True)]
    # It saw every block but the two practice meetings, whose tag it does not know, and the course itself.
    assert len(names) == len(url_names(files)) - 2 + 1


def url_names(files: dict[str, bytes]) -> list[str]:
    trees = [etree.fromstring(content) for path, content in files.items() if path.endswith(".xml") and path != "course.xml"]
    return [element.get("url_name") for tree in trees for element in tree.iter("*") if element.get("url_name")]


def test_every_link_and_file_resolves(course: Course) -> None:
    assert list(checks.archive_files(course)) == []


@pytest.mark.parametrize(
    ("path", "old", "new", "message"),
    [
        ("html/u0_1_1_1_text.html", "/static/kb-welcome.svg", "/static/kb-nobody.svg", "static/kb-nobody.svg is missing"),
        ("html/u0_1_1_1_text.html", "/static/kb-welcome.svg", "/static/kb-rooms.svg", "static/kb-welcome.svg is used nowhere"),
        ("html/u0_1_1_1_text.html", "/jump_to_id/u0_1_2", "/jump_to_id/u9_9_9", "jump to u9_9_9: no such block"),
        ("html/u0_1_1_1_text.html", "/jump_to_id/u0_1_2", "https://example.org/", "link to https://example.org/"),
        ("chapter/k1.xml", 'url_name="l1_1"', 'url_name="l1_9"', "sequential/l1_9.xml is missing"),
        ("chapter/k1.xml", 'url_name="l1_1"', 'url_name="l1_2"', "url_name “l1_2” exists 2 times"),
    ],
)
def test_loose_ends_are_found(archives: dict[str, dict[str, bytes]], path: str, old: str, new: str, message: str) -> None:
    files = dict(archives["de"])
    text = files[path].decode()
    assert old in text
    files[path] = text.replace(old, new).encode()
    assert message in "\n".join(checks._references(files))


def test_each_unit_is_a_vertical_with_something_to_complete(course: Course) -> None:
    verticals = [block for block in walk(course_tree(course)) if block.type == "vertical"]
    assert [v.fields["display_name"] for v in verticals] == [unit.title for unit in course.units]
    completable = {"html", "problem", "teams_practice"}
    assert all(v.children and {child.type for child in v.children} <= completable for v in verticals)


def grade(course: Course, practice: float, final: float) -> float:
    """The course grade as the platform rounds it."""
    policy = json.loads(package_files(course, Identity())["policies/grundlagen/grading_policy.json"])
    weights = {grader["type"]: grader["weight"] for grader in policy["GRADER"]}
    total = weights[course.say("grade-practice")] * practice + weights[course.say("grade-final")] * final
    assert sum(weights.values()) == pytest.approx(1)
    return round(total + 0.0005, 2)


@pytest.mark.parametrize(
    ("tasks", "answers", "passes"),
    [(14, 8, True), (14, 12, True), (14, 7, False), (13, 12, False), (0, 12, False), (14, 0, False)],
)
def test_all_basic_tasks_and_eight_answers_decide(german: Course, tasks: int, answers: int, passes: bool) -> None:
    policy = json.loads(package_files(german, Identity())["policies/grundlagen/grading_policy.json"])
    assert (grade(german, tasks / 14, answers / 12) >= policy["GRADE_CUTOFFS"]["Pass"]) is passes


def test_only_the_basic_practice_and_the_final_questions_are_graded(course: Course, files: dict[str, bytes]) -> None:
    graded = {p: etree.fromstring(c).get("graded") for p, c in files.items() if p.startswith(("sequential/", "vertical/"))}
    assert {p for p, value in graded.items() if value == "true"} == {"sequential/l7_1.xml", "sequential/l7_2.xml"}
    off = {"vertical/u7_1_2.xml", "vertical/u7_2_2.xml", "vertical/u7_2_3.xml", "vertical/u7_2_4.xml"}
    assert {p for p, value in graded.items() if value == "false"} == off
    policy = json.loads(files["policies/grundlagen/grading_policy.json"])
    formats = {etree.fromstring(files[f"sequential/l7_{n}.xml"]).get("format") for n in (1, 2)}
    assert formats == {grader["type"] for grader in policy["GRADER"]}
    assert len(course.final) == 12
    assert course.final_pass == 8


def test_course_settings(course: Course, files: dict[str, bytes]) -> None:
    policy = json.loads(files["policies/grundlagen/policy.json"])["course/grundlagen"]
    assert policy["language"] == course.language
    assert policy["self_paced"] is True
    assert "teams_practice" in policy["advanced_modules"]
    assert policy["course_image"] == "kb-course-card.png"
    assert files["static/kb-course-card.png"].startswith(b"\x89PNG")
    assert course.title in files["about/overview.html"].decode()


def test_identity_of_the_course(german: Course) -> None:
    files = package_files(german, Identity("Diakonie", "KB1", "2026_T1"))
    root = etree.fromstring(files["course.xml"])
    assert dict(root.attrib) == {"url_name": "2026_T1", "org": "Diakonie", "course": "KB1"}
    assert "course/2026_T1.xml" in files
    assert "policies/2026_T1/policy.json" in files


def test_pages_say_their_language_and_describe_their_pictures(course: Course, files: dict[str, bytes]) -> None:
    for path, content in files.items():
        if path.startswith("html/") and path.endswith(".html"):
            page = html.fragment_fromstring(content.decode(), create_parent="div")
            assert page.find("div").get("lang") == course.language
            assert all(image.get("alt") and image.get("width") and image.get("height") for image in page.iter("img"))
            assert not page.xpath("//script | //@onclick | //@style"), path


def test_the_quick_path_is_marked_and_linked(course: Course, files: dict[str, bytes]) -> None:
    for unit in course.units:
        texts = "".join(c.decode() for p, c in sorted(files.items()) if p.startswith(f"html/{unit.id.lower().replace('.', '_')}_"))
        following = course.next_quick(unit)
        assert (f">{course.say('quick')}<" in texts) is unit.quick
        if following:
            assert f"/jump_to_id/{following.id.lower().replace('.', '_')}" in texts
    titles = [etree.fromstring(c).get("display_name") for p, c in sorted(files.items()) if p.startswith("sequential/")]
    assert sum("★" in title for title in titles) == 12


def test_booleans_are_written_as_the_platform_reads_them() -> None:
    assert [attribute(value) for value in (True, False, 0.0, "raw")] == ["true", "false", "0.0", "raw"]


def test_an_extra_chapter_for_the_beratung_block(course: Course) -> None:
    tree = course_tree(course, with_beratung=True)
    assert [block.type for block in walk(tree.children[-1])] == ["chapter", "sequential", "vertical", "beratung"]
    files = package_files(course, Identity(), tree)
    schema = load_schema("olx.xsd")
    assert schema.validate(etree.fromstring(files["vertical/u8_1_1.xml"])), schema.error_log


def test_gzip_opens_with_the_standard_tools(files: dict[str, bytes]) -> None:
    assert gzip.decompress(archive(files))[257:262] == b"ustar"
