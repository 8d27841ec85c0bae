"""The words of the project are the same on every page of a language, and everybody is addressed formally."""

import polib
import pytest

from tests.unit import glossary
from tests.unit.test_catalogues import FORMS, LANGUAGES, catalogue


def texts(entry: polib.POEntry) -> list[str]:
    return list(entry.msgstr_plural.values()) or [entry.msgstr]


@pytest.mark.parametrize("language", LANGUAGES)
def test_terms_have_their_word(language: str) -> None:
    wrong = {
        entry.msgid: terms
        for entry in catalogue(language).translated_entries()
        if (terms := glossary.misses(language, entry.msgid, " ".join(texts(entry))))
    }
    assert wrong == {}


@pytest.mark.parametrize("language", LANGUAGES)
def test_everybody_is_addressed_formally(language: str) -> None:
    assert [entry.msgid for entry in catalogue(language).translated_entries() for text in texts(entry) if glossary.familiar(language, text)] == []


def test_the_search_finds_what_is_wrong() -> None:
    assert glossary.misses("de", "Write the key question", "Schreiben Sie die Leitfrage") == ["key question"]
    assert glossary.misses("de", "%(group)s is full", "voll") == []
    assert glossary.misses("ru", "Join the waiting list", "Встать в очередь") == ["waiting list"]
    assert glossary.familiar("de", "Hier findest du dein Protokoll") == ["du", "dein"]
    assert glossary.familiar("fr", "Cliquez ici") == []
    assert glossary.familiar("ru", "Ваш случай остаётся у вас") == ["вас"]
    assert glossary.familiar("ar", "من فضلك افتح صفحتك") == ["فضلك", "صفحتك"]
    assert glossary.familiar("ar", "من فضلكم افتحوا صفحتكم") == []
    assert glossary.misses("fr", "Change the case", "Modifier le cas") == ["case"]


def test_exceptions_are_still_needed() -> None:
    known = {language: {entry.msgid: " ".join(texts(entry)) for entry in catalogue(language)} for language in LANGUAGES}
    assert set(FORMS) == set(LANGUAGES)
    for language, term, msgid in glossary.EXCEPTIONS:
        assert msgid in known[language], msgid
        _english, words = glossary.TERMS[term]
        assert not glossary.re.search(words[language], known[language][msgid], glossary.re.IGNORECASE), (language, msgid)
