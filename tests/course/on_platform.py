"""The course on a real Open edX: a contract check for people who have one at hand.

Run it with the platform's Python, Studio's settings and this repository on the path, against a scratch database:

    DJANGO_SETTINGS_MODULE=cms.envs.production PYTHONPATH=/path/to/this/repository python -m tests.course.on_platform

It imports the course into ``course-v1:Contract+TEAMS+<run>``, updates it, edits it like an author, updates it again, and then gives
every possible answer of every question to the platform's own grader and compares points and feedback with `tests.course.capa`.
It prints what it saw and ends with 1 when something differs.
"""

from __future__ import annotations

import html
import re
import sys
import time
from collections.abc import Iterator
from dataclasses import replace
from itertools import combinations

import django


def check(what: str, holds: bool) -> bool:
    """Print one line of the protocol."""
    sys.stdout.write(f"{'ok  ' if holds else 'FAIL'} {what}\n")
    return holds


def import_and_update() -> Iterator[bool]:
    """First import, update without change, an author's edit, a new text of ours, a chapter added later."""
    from opaque_keys.edx.keys import CourseKey

    from beratung_xblock.course.importer import import_course
    from beratung_xblock.course.modulestore import PlatformCourse
    from beratung_xblock.course.olx import Identity
    from beratung_xblock.course.source import load

    run = f"r{int(time.time())}"
    identity = Identity("Contract", "TEAMS", run)
    key = CourseKey.from_string(f"course-v1:Contract+TEAMS+{run}")
    store, course = PlatformCourse(key), load("de")

    first = import_course(course, store, identity)
    yield check(f"first import: {len(first.created)} created", not first.left_alone and len(first.created) == len(store.ledger()))
    again = import_course(course, store, identity, update=True)
    yield check(f"update without change: {again.unchanged} unchanged", again.unchanged == len(first.created))

    text = store.read("html", "u1_1_1_1_text")
    store.write("html", "u1_1_1_1_text", text.fields, "<p>Meine Worte</p>")
    store.add(("vertical", "u1_2_2"), "html", "mine", {"display_name": "Meins"}, "<p>Meins</p>")
    newer = replace(course, questions={**course.questions, "Q01": replace(course.questions["Q01"], stem="Was brauchen Sie?")})
    report = import_course(newer, store, identity, update=True)
    yield check("our new question came in", report.updated == ["problem/q01"])
    yield check("an author's text stayed", report.left_alone == [("html/u1_1_1_1_text", "an author changed it")])
    yield check("an author's block stayed", store.read("vertical", "u1_2_2").children[-1] == "mine")

    from xmodule.modulestore import ModuleStoreEnum

    with store.store.branch_setting(ModuleStoreEnum.Branch.published_only, key):
        yield check("learners see the new question", "Was brauchen Sie?" in store.read("problem", "q01").data)
    more = import_course(newer, store, identity, update=True, with_beratung=True)
    yield check("the beratung chapter was added", more.created[-1] == "beratung/beratung")

    block = store.store.get_course(key)
    yield check("grading policy", block.grading_policy["GRADE_CUTOFFS"] == {"Pass": 0.95})
    yield check("self-paced, German", block.self_paced is True and block.language == "de")
    basic = store.store.get_item(key.make_usage_key("teams_practice", "u7_1_1_2_practice"))
    further = store.store.get_item(key.make_usage_key("teams_practice", "u7_1_2_2_practice"))
    survey = store.store.get_item(key.make_usage_key("problem", "x_feedback"))
    yield check("only the basic practice is graded", basic.graded and not further.graded and not survey.graded)
    yield check("files came along", store.asset("kb-p1-de.pdf").startswith(b"%PDF"))


def answers(response) -> list[list[str] | str]:
    """Every answer worth giving to a response."""
    from tests.course.capa import shown

    if response.tag == "stringresponse":
        return ["Maria", "  Ömer Ä. ", "   "]
    names = shown(response)
    if response.tag == "choiceresponse":
        return [list(chosen) for size in range(len(names) + 1) for chosen in combinations(names, size)]
    return [[name] for name in names]


def grade_everything() -> Iterator[bool]:
    """Each answer of each problem under the platform's grader."""
    from xmodule.capa.tests.helpers import new_loncapa_problem

    from beratung_xblock.course.blocks import course_tree, walk
    from beratung_xblock.course.source import LANGUAGES, load
    from tests.course.capa import judge, responses, shown

    given = 0
    for block in (b for language in LANGUAGES for b in walk(course_tree(load(language))) if b.type == "problem"):
        problem = new_loncapa_problem(block.data, use_capa_render_template=True)
        problem.get_html()
        for theirs, ours in zip(problem.responders.values(), responses(block.data), strict=True):
            for answer in answers(ours):
                sent = answer
                if ours.tag == "choiceresponse":
                    sent = [f"choice_{shown(ours).index(text)}" for text in answer]
                elif ours.tag == "multiplechoiceresponse":
                    sent = f"choice_{shown(ours).index(answer[0])}"
                elif ours.tag == "optionresponse":
                    sent = answer[0]
                field = theirs.answer_ids[0]
                result = problem.grade_answers({field: sent} if sent else {})
                told = html.unescape(re.sub("<[^>]+>", " ", result.get_msg(field) or ""))
                verdict = judge(ours, answer)
                given += 1
                # The platform rounds partial points to two places.
                if abs((result.get_npoints(field) or 0) - verdict.points) > 0.006 or any(text not in told for text in verdict.feedback):
                    yield check(f"{block.id}: {answer}: {result.get_npoints(field)} points, “{told.strip()}”", False)
    yield check(f"{given} answers graded as the tests grade them", given > 500)


def main() -> int:
    """Both parts; 1 when something differs."""
    django.setup()
    return 0 if all([*import_and_update(), *grade_everything()]) else 1


if __name__ == "__main__":
    sys.exit(main())
