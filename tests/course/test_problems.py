"""Every question and exercise, answered in every way under the platform's rules."""

from __future__ import annotations

from itertools import combinations

import pytest
from lxml import etree

from beratung_xblock.course.blocks import course_tree, walk
from beratung_xblock.course.problems import exercise_problem, question_problem, shown_order
from beratung_xblock.course.source import Course
from tests.course.capa import Verdict, judge, read_options, responses, shown

QUESTIONS = [f"Q{number:02}" for number in range(1, 36)]


@pytest.mark.parametrize("name", QUESTIONS)
def test_every_answer_to_a_question_is_judged_and_explained_as_written(course: Course, name: str) -> None:
    question = course.questions[name]
    xml = question_problem(course, question)
    (response,) = responses(xml)
    assert response.findtext("label") == question.stem
    assert sorted(shown(response)) == sorted(option.text for option in question.options)
    assert [p.text for p in etree.fromstring(xml).iterfind(".//solution//p")] == [course.say("explanation"), question.why]
    if question.kind == "single":
        for option in question.options:
            assert judge(response, [option.text]) == Verdict(float(option.right), (option.feedback,))
    else:
        right = {option.text for option in question.options if option.right}
        for size in range(len(question.options) + 1):
            for chosen in combinations([option.text for option in question.options], size):
                verdict = judge(response, list(chosen))
                assert (verdict.points == 1) == (set(chosen) == right)
                told = [o.feedback if o.text in chosen else course.say("also-right") for o in question.options if o.text in chosen or o.right]
                assert sorted(verdict.feedback) == sorted(told)


def test_boxes_count_every_decision(german: Course) -> None:
    (response,) = responses(question_problem(german, german.questions["Q02"]))
    assert judge(response, ["Microsoft Edge", "Google Chrome", "Firefox"]).points == 1
    assert judge(response, ["Microsoft Edge", "Google Chrome"]).points == 0.75
    assert judge(response, ["Internet Explorer 11"]).points == 0
    assert judge(response, []).points == 0


def test_the_right_answer_is_not_always_in_the_same_place(course: Course) -> None:
    places = [next(i for i, option in enumerate(shown_order(q)) if option.right) for q in course.questions.values() if q.kind == "single"]
    assert [places.count(place) for place in range(4)] == [10, 10, 9, 2]
    final = [next(i for i, option in enumerate(shown_order(course.questions[q])) if option.right) for q in course.final]
    assert [final.count(place) for place in range(4)] == [4, 3, 4, 1]


def test_both_languages_show_the_same_order(courses: dict[str, Course]) -> None:
    for name in QUESTIONS:
        german, english = (courses[language].questions[name] for language in ("de", "en"))
        places = [[question.options.index(option) for option in shown_order(question)] for question in (german, english)]
        assert places[0] == places[1], name


def exercises(course: Course) -> dict[str, etree._Element]:
    return {x.get("id"): x for unit in course.units for x in unit.body.iter("exercise")}


@pytest.mark.parametrize("name", ["first-try", "self-check", "room", "mic-scenes", "anonymous-words", "feedback"])
def test_every_answer_in_an_exercise_is_judged_and_explained_as_written(course: Course, name: str) -> None:
    exercise = exercises(course)[name]
    xml = exercise_problem(course, exercise)
    for ask, response in zip(exercise.findall("ask"), responses(xml), strict=True):
        assert response.findtext("label") == ask.get("text")
        if ask.get("kind") == "text":
            assert judge(response, "Maria") == Verdict(1.0, (ask.get("feedback"),))
            assert judge(response, "  Ömer Ä. ").points == 1
            assert judge(response, "   ").points == 0
            continue
        for choice in ask:
            text = " ".join(choice.text.split())
            assert judge(response, [text]) == Verdict(float(choice.get("right") == "yes"), (choice.get("feedback"),))
        if ask.get("kind") == "tick":
            assert judge(response, []) == Verdict(0.0, (course.say("tick-missing"),))
        if ask.get("kind") == "select":
            assert read_options(response) == [option.text.strip() for option in response.iter("option")]


def test_there_are_six_exercises(course: Course) -> None:
    assert list(exercises(course)) == ["first-try", "self-check", "room", "mic-scenes", "anonymous-words", "feedback"]


def test_self_assessment_and_survey_have_no_wrong_answer(course: Course) -> None:
    for name in ("self-check", "feedback"):
        for response in responses(exercise_problem(course, exercises(course)[name])):
            assert all(judge(response, [text]).points == 1 for text in shown(response))


def test_problems_of_the_course(course: Course) -> None:
    blocks = [block for block in walk(course_tree(course)) if block.type == "problem"]
    names = [block.id for block in blocks]
    assert sum(name.startswith("q") for name in names) == 35
    assert [name for name in names if name.startswith("final_")] == [f"final_{name.lower()}" for name in course.final]
    assert sum(name.startswith("x_") for name in names) == 6
    assert {block.fields["showanswer"] for block in blocks if not block.id.startswith("x_")} == {"attempted"}
    assert [block.id for block in blocks if block.fields.get("weight") == 0] == ["x_feedback"]
    assert not any("max_attempts" in block.fields for block in blocks)
