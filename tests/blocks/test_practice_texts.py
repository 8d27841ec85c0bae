"""The shipped wording of the practice meeting: complete, alike in every language, short sentences."""

import json
import re

import pytest

from beratung_xblock import practice_data

LANGUAGES = practice_data.languages()
FILES = ("tasks", "scene", "devices")
# German quotation marks belong to a label, not to the sentence around it.
SENTENCE_END = re.compile(r"(?<=[.!?:])\s+")


def load(language, name):
    return json.loads((practice_data.HERE / language / f"{name}.json").read_text(encoding="utf-8"))


def shape(value, path=""):
    """Keys and list lengths; what may differ between languages is the words alone."""
    if isinstance(value, dict):
        return {leaf for key, inner in value.items() for leaf in shape(inner, f"{path}/{key}")}
    return {f"{path}[{len(value)}]"} if isinstance(value, list) else {path}


def strings(value):
    if isinstance(value, str):
        yield value
    else:
        for inner in value.values() if isinstance(value, dict) else value:
            yield from strings(inner)


def words(sentence):
    return re.findall(r"[\w'’-]+", sentence)


def test_lists_of_tasks_belong_together():
    order, basic, refresher = practice_data.all_tasks(), practice_data.basic_tasks(), practice_data.refresher_tasks()
    further = practice_data.choose_tasks("further")
    assert order == [f"S{number:02d}" for number in range(1, 23)]
    assert (len(basic), len(further)) == (14, 8)
    assert sorted(basic + further) == order
    assert refresher == ["S05", "S07", "S09", "S10", "S11", "S12", "S22"]
    assert set(refresher) < set(basic)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("name", FILES)
def test_every_language_says_the_same_things(language, name):
    assert shape(load(language, name)) == shape(load("de", name))
    assert [text for text in strings(load(language, name)) if not text.strip()] == []


def leaves(value, path=""):
    """Path -> text."""
    if isinstance(value, str):
        return {path: value}
    inner = value.items() if isinstance(value, dict) else enumerate(value)
    return {place: text for key, one in inner for place, text in leaves(one, f"{path}/{key}").items()}


@pytest.mark.parametrize("language", [language for language in LANGUAGES if language not in ("de", "en")])
def test_a_button_is_named_in_the_tasks_as_it_is_labelled_in_the_picture(language):
    labels, english = load(language, "scene")["controls"], load("en", "scene")["controls"]
    translated = leaves(load(language, "tasks"))
    named = {
        (path, control)
        for path, text in leaves(load("en", "tasks")).items()
        for control, label in english.items()
        if f"“{label}”" in text
    }
    assert len(named) > 40
    missing = [(path, labels[control]) for path, control in sorted(named) if labels[control].lower() not in translated[path].lower()]
    assert missing == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_each_task_has_three_tips_a_benefit_and_kind_words(language):
    for task, text in load(language, "tasks").items():
        assert len(text["hints"]) == 3, task
        assert all(text[field] for field in ("title", "benefit", "instruction", "success")), task
        for phrase in strings(text):
            assert not re.search(r"\b(falsch|Fehlermeldung|leider nicht richtig|wrong answer|incorrect)\b", phrase, re.IGNORECASE), phrase


@pytest.mark.parametrize("language", ["de", "en"])
def test_sentences_are_short(language):
    """Plain language: 15 words a sentence on average at most, none above 25 (Forum Leichte Sprache; house style)."""
    sentences = [sentence for name in FILES for text in strings(load(language, name)) for sentence in SENTENCE_END.split(text)]
    lengths = [len(words(sentence)) for sentence in sentences if words(sentence)]
    assert max(lengths) <= 18
    assert sum(lengths) / len(lengths) <= 10


@pytest.mark.parametrize(
    ("asked", "got"),
    [("de", "de"), ("de-at", "de"), ("en-GB", "en"), ("ar", "ar"), ("uk", "uk"), ("fa-IR", "fa"), ("", "de"), ("pt_BR", "de")],
)
def test_the_nearest_language_is_found(asked, got):
    assert practice_data.text_language(asked) == got


def test_direction_follows_the_language_of_the_words():
    directions = {language: practice_data.texts(language)["dir"] for language in LANGUAGES}
    assert directions == {language: "rtl" if language in ("ar", "fa") else "ltr" for language in ("ar", "de", "en", "fa", "fr", "ru", "tr", "uk")}


@pytest.mark.parametrize(("choice", "expected"), [("S22, s01 S01", ["S01", "S22"]), (" S14,S14 ", ["S14"])])
def test_single_tasks_come_in_the_order_of_the_exercise(choice, expected):
    assert practice_data.choose_tasks(choice) == expected


@pytest.mark.parametrize(("choice", "message"), [("S01, S23 X", "S23, X"), ("", ""), (" , ", "")])
def test_a_choice_that_does_not_fit_names_what_is_wrong(choice, message):
    with pytest.raises(ValueError, match=f"^{message}$"):
        practice_data.choose_tasks(choice)
