"""Questions and exercises as problems of the platform (capa XML)."""

from __future__ import annotations

import random
from zlib import crc32

from lxml import etree
from lxml.builder import E
from lxml.etree import indent

from .source import Course, Option, Question, words


def shown_order(question: Question) -> tuple[Option, ...]:
    """The options in the order learners see.

    Mixed once by the id and the same for everybody: people who help on the telephone can say "the third answer".
    The word before the id was chosen because it spreads the right answers evenly over the places.
    """
    options = list(question.options)
    random.Random(crc32(f"question {question.id}".encode())).shuffle(options)
    return tuple(options)


def question_problem(course: Course, question: Question) -> str:
    """A question as ``<problem>``: own feedback for every option, explanation as solution."""
    single = question.kind == "single"
    if single:
        group = E.choicegroup({"type": "MultipleChoice"})
        response = E.multiplechoiceresponse(E.label(question.stem), group)
    else:
        group = E.checkboxgroup()
        response = E.choiceresponse({"partial_credit": "EDC"}, E.label(question.stem), E.description(course.say("several-right")), group)
    for option in shown_order(question):
        hint = E.choicehint({"label": ""}, option.feedback)
        choice = E.choice({"correct": "true" if option.right else "false"}, option.text, hint)
        if not single:
            hint.set("selected", "true")
            if option.right:
                choice.append(E.choicehint({"selected": "false", "label": ""}, course.say("also-right")))
        group.append(choice)
    solution = E.solution(E.div({"class": "detailed-solution"}, E.p(course.say("explanation")), E.p(question.why)))
    response.append(solution)
    return serialise(E.problem(response))


def exercise_problem(course: Course, node: etree._Element) -> str:
    """An author's ``<exercise>`` as ``<problem>`` with one response per ``<ask>``.

    ``select`` is a drop-down list, ``radio`` allows several right answers (self-assessment, survey),
    ``tick`` one box to tick, ``text`` accepts any word.
    """
    problem = E.problem(E.p(words(node.find("intro"))))
    for ask in node.findall("ask"):
        problem.append(_RESPONSES[ask.get("kind")](course, ask))
    return serialise(problem)


def _select(course: Course, ask: etree._Element) -> etree._Element:
    options = E.optioninput()
    for choice in ask:
        hint = E.optionhint({"label": ""}, choice.get("feedback"))
        options.append(E.option({"correct": _flag(choice)}, words(choice), hint))
    return E.optionresponse(E.label(ask.get("text")), options)


def _radio(course: Course, ask: etree._Element) -> etree._Element:
    group = E.choicegroup({"type": "MultipleChoice"})
    for choice in ask:
        hint = E.choicehint({"label": ""}, choice.get("feedback"))
        group.append(E.choice({"correct": _flag(choice).lower()}, words(choice), hint))
    return E.multiplechoiceresponse(E.label(ask.get("text")), group)


def _tick(course: Course, ask: etree._Element) -> etree._Element:
    (choice,) = ask
    done = E.choicehint({"selected": "true", "label": ""}, choice.get("feedback"))
    missing = E.choicehint({"selected": "false", "label": ""}, course.say("tick-missing"))
    group = E.checkboxgroup(E.choice({"correct": "true"}, words(choice), done, missing))
    return E.choiceresponse(E.label(ask.get("text")), group)


def _text(course: Course, ask: etree._Element) -> etree._Element:
    hint = E.correcthint({"label": ""}, ask.get("feedback"))
    line = E.textline({"size": "20"})
    return E.stringresponse({"answer": r".*\S.*", "type": "regexp"}, E.label(ask.get("text")), hint, line)


def _flag(choice: etree._Element) -> str:
    return "True" if choice.get("right") == "yes" else "False"


def serialise(problem: etree._Element) -> str:
    """The problem as indented XML text."""
    indent(problem, space="  ")
    return etree.tostring(problem, encoding="unicode") + "\n"


_RESPONSES = {"select": _select, "radio": _radio, "tick": _tick, "text": _text}
