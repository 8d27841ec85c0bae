"""What volunteers read in a session, in all eight languages."""

import re

import pytest

from beratung_xblock.process import methods, prompt, samples, template, template_ids
from beratung_xblock.process.state import SessionState
from beratung_xblock.process.templates import languages, sentences
from beratung_xblock.process.types import Text

OTHERS = ("ar", "fa", "fr", "ru", "tr", "uk")
SCRIPTS = {"ar": r"[\u0600-\u06ff]", "fa": r"[\u0600-\u06ff]", "ru": r"[а-яё]", "uk": r"[а-яіїєґ]"}


def read_by_volunteers() -> list[Text]:
    """Sentences of every role, methods, phases with what they leave behind, loops, and what a moderator reads aloud."""
    found = [text for by_role in sentences().values() for text in by_role.values()]
    for method in methods().values():
        found += [method.name, method.one_line, method.lead_question, method.form, method.when, method.second_column]
    for name in template_ids():
        for phase in template(name).phases:
            found += [phase.name, phase.script, phase.output, *(loop.name for loop in phase.loops)]
    return [text for text in found if text]


@pytest.mark.parametrize("language", OTHERS)
def test_every_sentence_of_a_session_exists(language):
    texts = read_by_volunteers()
    assert len(texts) == 288
    assert [text.get("en") for text in texts if text.language(language) != language] == []


@pytest.mark.parametrize("language", OTHERS)
def test_a_file_holds_nothing_else_and_looks_like_its_language(language):
    used = {text.get("en") for text in read_by_volunteers()}
    assert set(languages()[language]) == used
    for english, text in languages()[language].items():
        assert text == text.strip()
        assert text != english or language == "fr", english  # "Questions" is French, too
        assert text.count("…") >= min(1, english.count("…")), english
        if language in SCRIPTS:
            assert re.search(SCRIPTS[language], text, re.IGNORECASE), english


def test_no_other_language_is_half_there():
    assert tuple(languages()) == OTHERS
    assert {code for sample in samples().values() for code in sample.title.by_language} == {"de", "en"}


def test_a_person_reads_their_own_language():
    state = SessionState(template=template("tietze6"))
    assert prompt(state, 1).sentence.get("uk") == "Скоро починаємо. Сесію починає модератор."
    assert state.phase.name.get("tr") == "Roller ve vaka seçimi"
    assert methods()["gute_ratschlaege"].lead_question.get("fa") == "من چه توصیه می‌کنم؟"
