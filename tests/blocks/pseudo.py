"""A language that nobody speaks: every translated text stands in ⟦brackets⟧. What stands outside of them on a page was never translatable.

The catalogue is made in a folder of the test and laid over German, so that every choice of language works as usual.
"""

from __future__ import annotations

import importlib.util
import json
import re
from pathlib import Path

import polib
from lxml import html

ROOT = Path(__file__).resolve().parents[2]
PACKAGE = ROOT / "beratung_xblock"
INNERMOST = re.compile(r"⟦[^⟦⟧]*⟧")
READ_ALOUD = ("aria-label", "title", "placeholder", "alt", "data-kb-announce", "data-label")
SKIPPED = {"script", "style"}
LETTERS = re.compile(r"[^\W\d_]{2,}")


def _tool():
    spec = importlib.util.spec_from_file_location("i18n_tool", ROOT / "tools" / "i18n.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def write_catalogue(folder: Path) -> int:
    """Make folder/de/LC_MESSAGES/django.mo from the texts in use now; answers how many there are."""
    catalogue = polib.POFile()
    catalogue.metadata = {"Language": "de", "Content-Type": "text/plain; charset=UTF-8", "Plural-Forms": "nplurals=2; plural=(n != 1);"}
    for (context, msgid), entry in _tool().texts_in_use().items():
        made = polib.POEntry(msgid=msgid, msgctxt=context)
        if entry.msgid_plural:
            made.msgid_plural = entry.msgid_plural
            made.msgstr_plural = {0: f"⟦{msgid}⟧", 1: f"⟦{entry.msgid_plural}⟧"}
        else:
            made.msgstr = f"⟦{msgid}⟧"
        catalogue.append(made)
    target = folder / "de" / "LC_MESSAGES"
    target.mkdir(parents=True)
    catalogue.save_as_mofile(str(target / "django.mo"))
    return len(catalogue)


def words_of_data() -> set[str]:
    """Texts that are kept in data files with a version for each language, not in catalogues: the process, the practice meeting."""
    found: set[str] = set()

    def collect(value: object) -> None:
        if isinstance(value, str):
            found.add(" ".join(value.split()))
        elif isinstance(value, dict):
            for part in value.values():
                collect(part)
        elif isinstance(value, list):
            for part in value:
                collect(part)

    for path in [*(PACKAGE / "process" / "data").glob("*.json"), *(PACKAGE / "practice_data" / "de").glob("*.json")]:
        collect(json.loads(path.read_text(encoding="utf-8")))
    return found


def without_brackets(text: str) -> str:
    """What is left of a text when everything translated is taken away, placeholders and all."""
    while (shorter := INNERMOST.sub(" ", text)) != text:
        text = shorter
    return text


def left_over(page: str) -> set[str]:
    """Pieces of text of a page, spoken attributes included, that no catalogue has touched. A piece is what one element says in a row."""
    if not page.strip():
        return set()
    root = html.fragment_fromstring(page, create_parent="div")
    texts, spoken = [], []
    for element in root.iter():
        if not isinstance(element.tag, str) or element.tag in SKIPPED:
            continue
        spoken += [value for name in READ_ALOUD if (value := element.get(name))]
    for text in root.xpath(".//text()[not(parent::script or parent::style)]"):
        texts.append(str(text))
    # A sentence may hold markup: brackets are matched over the whole page, then the pieces are looked at.
    pieces = [*without_brackets("\x00".join(texts)).split("\x00"), *map(without_brackets, spoken)]
    return {" ".join(piece.split()) for piece in pieces if LETTERS.search(piece)}
