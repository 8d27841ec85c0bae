"""Catalogues: what a volunteer sees is translated into eight languages, with the same placeholders and fresh .mo files."""

from __future__ import annotations

import functools
import importlib.util
import re
from pathlib import Path

import polib
import pytest

ROOT = Path(__file__).resolve().parents[2]
LOCALE = ROOT / "beratung_xblock" / "conf" / "locale"
LANGUAGES = ("de", "uk", "ru", "ar", "tr", "fr", "fa")
FORMS = {"de": 2, "uk": 4, "ru": 4, "ar": 6, "tr": 2, "fr": 2, "fa": 2}
SEEN_BY_VOLUNTEERS = (
    "templates/beratung_xblock/volunteer/",
    "templates/beratung_xblock/session/",
    "templates/beratung_xblock/mail/",
    "templates/beratung_xblock/practice/student.html",
    "templates/beratung_xblock/print/",
    "pages/volunteer",
    "pages/session",
    "pages/words.py",
    "pages/forms.py",
    "pages/certificates.py",
    "exports/certificate_pdf.py",
    "live_own.py",
    "pages/own_words.py",
    "mails/",
    "mail_links.py",
    "api/undertaking.py",
    "api/calendar.py",
    "anonymise/reasons.py",
    "practice_texts.py",
)

ON_CERTIFICATES = ("Online", "By telephone", "On site")
"""Words of the reports that certificates carry too."""


def tool():
    """The module behind `tools/i18n.py`, which is a script beside the package."""
    spec = importlib.util.spec_from_file_location("i18n_tool", ROOT / "tools" / "i18n.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


I18N = tool()


def catalogue(language: str, name: str = "django") -> polib.POFile:
    return polib.pofile(str(LOCALE / language / "LC_MESSAGES" / f"{name}.po"))


def key(entry: polib.POEntry) -> tuple[str | None, str]:
    return entry.msgctxt, entry.msgid


def content(entries: list[polib.POEntry]) -> dict[tuple[str | None, str], str | list[str]]:
    return {key(entry): [entry.msgstr_plural[number] for number in sorted(entry.msgstr_plural)] or entry.msgstr for entry in entries}


@functools.cache
def seen_by_volunteers() -> tuple[polib.POEntry, ...]:
    """Texts of code and templates, read now, that belong to a page or mail of a volunteer."""
    return tuple(
        entry
        for entry in I18N.texts_in_use().values()
        if entry.msgid in ON_CERTIFICATES or any(path.startswith(SEEN_BY_VOLUNTEERS) for path, _line in entry.occurrences)
    )


def test_the_choice_of_texts_is_not_empty() -> None:
    found = {entry.msgid for entry in seen_by_volunteers()}
    assert len(found) > 600
    assert {"I cannot come", "Key question", "Kind regards", "This looks like a family name.", "What is stored about you", "We confirm that"} <= found
    assert "Only authors of this course can change the exercise." not in found


@pytest.mark.parametrize("language", LANGUAGES)
def test_everything_a_volunteer_sees_is_translated(language: str) -> None:
    done = {key(entry) for entry in catalogue(language) if entry.translated()}
    assert [entry.msgid for entry in seen_by_volunteers() if key(entry) not in done] == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_placeholders_are_those_of_the_source(language: str) -> None:
    wrong = [(entry.msgid, defect) for entry in catalogue(language).translated_entries() for defect in I18N.defects(entry)]
    assert wrong == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_markup_is_that_of_the_source(language: str) -> None:
    tag = re.compile(r"</?\w+[^>]*>")
    wrong = [
        entry.msgid
        for entry in catalogue(language).translated_entries()
        if not entry.msgid_plural and sorted(tag.findall(entry.msgid)) != sorted(tag.findall(entry.msgstr))
    ]
    assert wrong == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_plural_forms_of_the_language(language: str) -> None:
    entries = catalogue(language)
    assert f"nplurals={FORMS[language]};" in entries.metadata["Plural-Forms"]
    wrong = [entry.msgid for entry in entries.translated_entries() if entry.msgid_plural and len(entry.msgstr_plural) != FORMS[language]]
    assert wrong == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_nothing_is_fuzzy(language: str) -> None:
    assert [entry.msgid for entry in catalogue(language).fuzzy_entries()] == []


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("name", ["django", "text"])
def test_compiled_files_are_in_step(language: str, name: str) -> None:
    compiled = polib.mofile(str(LOCALE / language / "LC_MESSAGES" / f"{name}.mo"))
    assert content(list(compiled)) == content(catalogue(language, name).translated_entries())
    assert content(catalogue(language, name)) == content(catalogue(language))


@pytest.mark.parametrize("language", [language for language in LANGUAGES if language != "de"])
def test_a_language_nobody_native_has_read_says_so(language: str) -> None:
    assert catalogue(language).header == "review by a native speaker wanted"


def test_the_first_of_four_forms_must_name_the_number() -> None:
    entry = polib.POEntry(msgid="%(n)s day", msgid_plural="%(n)s days")
    entry.msgstr_plural = {0: "день", 1: "%(n)s дня", 2: "%(n)s дней", 3: "%(n)s дня"}
    assert list(I18N.defects(entry)) == ["placeholders [] instead of ['%ns']"]
    entry.msgstr_plural = {0: "ein Tag", 1: "%(n)s Tage"}
    assert list(I18N.defects(entry)) == []
