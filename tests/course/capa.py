"""The platform's rules for judging an answer, as far as this course needs them.

Written after the behaviour of the response types: radio answers are right when the chosen choice is correct (there may
be several); boxes need exactly the correct set, with "every decision counts" for parts; a drop-down list compares
stripped texts after reading its options back with a shell-like lexer; a text is matched as ``^answer$``.
"""

from __future__ import annotations

import re
import shlex
from dataclasses import dataclass

from lxml import etree


@dataclass(frozen=True)
class Verdict:
    """Points between 0 and 1 and the feedback texts a learner reads."""

    points: float
    feedback: tuple[str, ...]


def responses(problem: str) -> list[etree._Element]:
    """The response elements of a problem in order."""
    return [element for element in etree.fromstring(problem) if element.tag.endswith("response")]


def shown(response: etree._Element) -> list[str]:
    """What can be chosen, as the platform would list it."""
    if response.tag == "optionresponse":
        return read_options(response)
    return [choice.text.strip() for choice in response.iter("choice")]


def read_options(response: etree._Element) -> list[str]:
    """Options joined and split again the way a drop-down list does it: an apostrophe would break them apart."""
    names = [option.text.strip() for option in response.iter("option")]
    lexer = shlex.shlex(",".join(f"'{name}'" for name in names))
    lexer.quotes = "'"
    lexer.whitespace = ", "
    return [token[1:-1] for token in lexer]


def judge(response: etree._Element, answer: list[str] | str) -> Verdict:
    """What the platform says to an answer: a text, or the texts of the chosen choices."""
    return _JUDGES[response.tag](response, answer)


def _radio(response: etree._Element, answer: list[str]) -> Verdict:
    for choice in response.iter("choice"):
        if choice.text.strip() == answer[0]:
            hint = choice.find("choicehint")
            return Verdict(float(choice.get("correct").upper() == "TRUE"), (hint.text.strip(),))
    return Verdict(0.0, ())


def _boxes(response: etree._Element, answer: list[str]) -> Verdict:
    choices = list(response.iter("choice"))
    if not answer:
        return Verdict(0.0, _box_hints(choices, answer))
    good = sum((choice.get("correct").upper() == "TRUE") == (choice.text.strip() in answer) for choice in choices)
    points = good / len(choices)
    if response.get("partial_credit") is None:
        points = float(points == 1)
    return Verdict(points, _box_hints(choices, answer))


def _box_hints(choices: list[etree._Element], answer: list[str]) -> tuple[str, ...]:
    found = []
    for choice in choices:
        selected = "true" if choice.text.strip() in answer else "false"
        found += [hint.text.strip() for hint in choice.findall("choicehint") if hint.get("selected", "").lower() == selected]
    return tuple(found)


def _select(response: etree._Element, answer: list[str]) -> Verdict:
    right = [option.text.strip() for option in response.iter("option") if option.get("correct").upper() == "TRUE"]
    if len(right) > 1:
        raise ValueError("Dropdown questions can only have one correct answer.")
    hints = [option.find("optionhint").text.strip() for option in response.iter("option") if option.text.strip() == answer[0]]
    return Verdict(float(answer == right), tuple(hints))


def _text(response: etree._Element, answer: str) -> Verdict:
    given = answer.strip()
    if not given or not re.search(f"^{response.get('answer')}$", given):
        return Verdict(0.0, ())
    return Verdict(1.0, (response.find("correcthint").text.strip(),))


_JUDGES = {"multiplechoiceresponse": _radio, "choiceresponse": _boxes, "optionresponse": _select, "stringresponse": _text}
