"""Spelling through hunspell, with a list of accepted words beside the texts."""

from __future__ import annotations

import shutil
import subprocess

from .readability import visible_text, word_list
from .source import CONTENT, Course

DICTIONARIES = {"de": "de_DE", "en": "en_GB"}


def available(language: str) -> bool:
    """Whether hunspell and the dictionary of the language are installed."""
    return shutil.which("hunspell") is not None and _hunspell(language, "").returncode == 0


def _hunspell(language: str, text: str) -> subprocess.CompletedProcess[str]:
    command = [shutil.which("hunspell") or "hunspell", "-i", "utf-8", "-d", DICTIONARIES[language], "-l"]
    # The words go through standard input; nothing of them is part of the command.
    return subprocess.run(command, input=text, capture_output=True, text=True, encoding="utf-8", check=False)  # noqa: S603


def accepted(language: str) -> set[str]:
    """Words that are right although the dictionary does not know them."""
    path = CONTENT / language / "words.txt"
    lines = path.read_text(encoding="utf-8").splitlines() if path.exists() else []
    return {line.strip() for line in lines if line.strip() and not line.startswith("#")}


def unknown_words(course: Course) -> dict[str, str]:
    """Word -> first place, for every word neither the dictionary nor the accepted list knows."""
    places: dict[str, str] = {}
    for text, place in visible_text(course):
        for word in word_list(text.replace("’", "'")):
            places.setdefault(word.strip("-'"), place)
    asked = "\n".join(sorted(places)) + "\n"
    answer = _hunspell(course.language, asked)
    known = accepted(course.language)
    return {word: places.get(word, "") for word in answer.stdout.split() if word not in known}
