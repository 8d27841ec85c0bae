"""Finds what could identify a person in a German case text. The same steps, word for word, are in `js/anonymise.js`."""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from importlib.resources import files

SPECIAL = str.maketrans({"ı": "i", "ł": "l", "ø": "o", "ß": "ss", "đ": "d", "æ": "ae", "œ": "oe", "ð": "d", "þ": "th", "ə": "e"})
SEASONS = ("im Winter", "im Frühjahr", "im Sommer", "im Herbst")
MONTHS = ("jan", "feb", "mär", "apr", "mai", "jun", "jul", "aug", "sep", "okt", "nov", "dez")
TENS = ("", "", "zwanzig", "dreißig", "vierzig", "fünfzig", "sechzig", "siebzig", "achtzig", "neunzig")
ARTICLES = frozenset(("die", "der", "eine", "einer", "einen", "ein", "dem", "den", "das", "diese", "dieser", "keine", "jede"))


BREAK = "\n\u0001\n"
"""Between two texts of one case: no rule and no name goes across it."""


@dataclass(frozen=True, slots=True, repr=False)
class Finding:
    """One find. `start` and `end` count code points, end exclusive; `group` is the same number for the same person, 0 for others.

    `strength`: "direct" must be replaced or declared harmless, "name" should be replaced, "hint" is worth a look.
    """

    kind: str
    start: int
    end: int
    strength: str
    replacement: str
    group: int = 0

    def __repr__(self) -> str:
        return f"Finding({self.kind}, {self.strength})"


@dataclass(slots=True)
class _Word:
    start: int
    end: int
    text: str
    folded: str


@dataclass(slots=True)
class _Person:
    kind: str
    start: int
    end: int
    strength: str
    words: list[_Word]
    prefix: str


def _fold(word: str) -> str:
    plain = unicodedata.normalize("NFD", word.lower())
    return "".join(char for char in plain if not "\u0300" <= char <= "\u036f").translate(SPECIAL)


@lru_cache(maxsize=1)
def checker() -> Checker:
    """The checker with the rules and names that ship with the package; made once per process."""
    here = files(__package__)
    return Checker(
        json.loads((here / "rules.json").read_text("utf-8")),
        json.loads((here / "names.json").read_text("utf-8")),
    )


def findings(text: str) -> tuple[Finding, ...]:
    """All finds in a text, in order, never overlapping. Linear in the length of the text; nothing is stored or logged."""
    return checker().findings(text)


def findings_of(texts: Sequence[str]) -> tuple[tuple[Finding, ...], ...]:
    """The same for the texts of one case together, which share their letters."""
    return checker().findings_of(texts)


class Checker:
    """Rules and names, compiled."""

    def __init__(self, rules: dict, names: dict):
        self.classes = rules["classes"]
        self.rules = [(rule, self._compile(rule["pattern"])) for rule in rules["rules"]]
        self.word = self._compile(rules["word"])
        self.gap = self._compile(rules["gap"])
        self.title_gap = self._compile("\\.?[{S}]{0,3}")
        self.letter_used = self._compile("(?<![{L}{D}])([A-Z])\\.")
        self.titles = rules["titles"]
        self.more_titles = frozenset(rules["more_titles"])
        self.offices = frozenset(rules["offices"])
        self.particles = frozenset(rules["particles"])
        self.introducers = frozenset(rules["introducers"])
        self.surname_endings = tuple(_fold(ending) for ending in rules["surname_endings"])
        self.noun_endings = tuple(_fold(ending) for ending in rules["noun_endings"])
        self.titled_endings = tuple(_fold(ending) for ending in rules["titled_endings"])
        self.letters = rules["sentence_letters"]
        self.public_numbers = frozenset(rules["public_numbers"])
        sets = {key: frozenset(value.split()) for key, value in names.items()}
        self.female, self.male, self.ambiguous = sets["female"], sets["male"], sets["ambiguous"]
        self.given = sets["female"] | sets["male"] | sets["either"]
        self.surnames, self.wordy, self.words = sets["surnames"], sets["wordy_surnames"], sets["words"]

    def _compile(self, pattern: str) -> re.Pattern[str]:
        for _ in range(2):
            for name, chars in self.classes.items():
                pattern = pattern.replace("{" + name + "}", chars)
        return re.compile(pattern)

    def findings(self, text: str) -> tuple[Finding, ...]:
        """All finds in a text: direct identifiers first, then persons, then hints where nothing stands yet."""
        taken = bytearray(len(text))
        found: list[Finding] = []
        words = [_Word(m.start(), m.end(), m.group(), _fold(m.group())) for m in self.word.finditer(text)]
        self._patterns(text, taken, found, hints=False)
        found.extend(self._persons(text, words, taken))
        self._patterns(text, taken, found, hints=True)
        return tuple(sorted(found, key=lambda find: find.start))

    def findings_of(self, texts: Sequence[str]) -> tuple[tuple[Finding, ...], ...]:
        """All finds in the texts of one case, text by text, with one table of names for all: who is "B." here is "B." there."""
        whole = self.findings(BREAK.join(texts))
        found, start = [], 0
        for text in texts:
            end = start + len(text)
            found.append(
                tuple(replace(find, start=find.start - start, end=find.end - start) for find in whole if start <= find.start and find.end <= end)
            )
            start = end + len(BREAK)
        return tuple(found)

    def _patterns(self, text: str, taken: bytearray, found: list[Finding], *, hints: bool) -> None:
        for rule, pattern in self.rules:
            if (rule["strength"] == "hint") != hints:
                continue
            for match in pattern.finditer(text):
                start, end = match.span(rule.get("group", 0))
                if any(taken[start:end]) or ("stop" in rule and self._is_word(match.group(rule["stop"]))):
                    continue
                if rule["kind"] == "phone" and "".join(char for char in text[start:end] if "0" <= char <= "9") in self.public_numbers:
                    continue
                taken[start:end] = b"\1" * (end - start)
                found.append(Finding(rule["kind"], start, end, rule["strength"], _replacement(rule, match)))

    def _is_word(self, text: str) -> bool:
        folded = _fold(text)
        return folded in self.words or folded.endswith(self.noun_endings)

    # --- persons

    def _lookup(self, word: _Word, names: frozenset[str]) -> str:
        """The name a word is a form of ("Ahmeds", "Anna-Lena"), or ""."""
        folded = word.folded
        for mark in ("'", "’"):
            if mark in folded:
                head, _, tail = folded.rpartition(mark)
                folded = head if tail in ("s", "") else folded
        if folded in names:
            return folded
        if "-" in folded and all(part in self.given or part in self.surnames or part in self.wordy for part in folded.split("-")):
            return folded if folded.split("-")[0] in names else ""
        return folded[:-1] if len(folded) >= 4 and folded.endswith("s") and folded[:-1] in names and folded not in self.words else ""

    def _upper(self, word: _Word) -> bool:
        return len(word.text) >= 2 and word.text[0].isupper() and word.text[1] not in "'’-"

    def _shout(self, word: _Word) -> bool:
        return len(word.text) <= 4 and word.text.isupper()

    def _plain(self, word: _Word) -> bool:
        """An everyday word with a capital letter, as every German noun has."""
        if self._lookup(word, self.given) or self._lookup(word, self.surnames) or word.folded in self.wordy:
            return False
        return word.folded in self.words or word.folded.endswith(self.noun_endings)

    def _surname(self, word: _Word) -> bool:
        if not self._upper(word) or self._shout(word):
            return False
        if self._lookup(word, self.surnames):
            return True
        folded = word.folded[:-1] if word.folded.endswith("s") else word.folded
        return len(folded) >= 6 and folded not in self.words and folded.endswith(self.surname_endings)

    def _known(self, word: _Word) -> bool:
        return bool(self._lookup(word, self.given) or word.folded in self.wordy) or self._surname(word)

    def _near(self, text: str, left: _Word, right: _Word, *, title: bool = False) -> bool:
        return bool((self.title_gap if title else self.gap).fullmatch(text, left.end, right.start))

    def _extend(self, text: str, words: list[_Word], at: int) -> int:
        """Index after the last word of the name that begins at `at`: further given names, particles, one surname of any kind."""
        end = at + 1
        anything = bool(self._lookup(words[at], self.given) or words[at].folded in self.ambiguous)
        while end < len(words) and end - at < 5 and self._near(text, words[end - 1], words[end]):
            after = end
            while after < len(words) and after - end < 2 and words[after].text in self.particles and self._follows(text, words, after):
                after += 1
            word = words[after]
            if not self._upper(word) or self._plain(word) or not (anything or self._known(word)):
                break
            anything = anything and bool(self._lookup(word, self.given))
            end = after + 1
        return end

    def _follows(self, text: str, words: list[_Word], at: int) -> bool:
        return at + 1 < len(words) and self._near(text, words[at], words[at + 1])

    def _persons(self, text: str, words: list[_Word], taken: bytearray) -> list[Finding]:
        people: list[_Person] = []
        at = 0
        while at < len(words):
            person, at = self._person(text, words, at)
            if person and not any(taken[person.start : person.end]):
                people.append(person)
                taken[person.start : person.end] = b"\1" * (person.end - person.start)
        family = {word.folded for person in people if person.kind in ("full_name", "surname_with_title") for word in person.words[-1:]}
        family = frozenset(name for name in family if len(name) >= 4 and name not in self.words)
        for word in words:
            if self._upper(word) and self._lookup(word, family) and not any(taken[word.start : word.end]):
                people.append(_Person("surname", word.start, word.end, "name", [word], ""))
                taken[word.start : word.end] = b"\1" * (word.end - word.start)
        return self._replace(text, sorted(people, key=lambda person: person.start))

    def _person(self, text: str, words: list[_Word], at: int) -> tuple[_Person | None, int]:
        word = words[at]
        if word.text in self.titles or word.text in self.more_titles or word.text in self.offices:
            return self._titled(text, words, at)
        if word.text in self.introducers:
            return self._introduced(text, words, at)
        if not self._upper(word):
            folded = word.folded
            if len(folded) >= 5 and folded in self.given and folded not in self.words and word.text == word.text.lower():
                return _Person("first_name", word.start, word.end, "hint", [word], ""), at + 1
            return None, at + 1
        saint = at > 0 and words[at - 1].text in ("Sankt", "St") and self._near(text, words[at - 1], word, title=True)
        given = self._lookup(word, self.given)
        if given and not saint and not self._shout(word):
            end = self._extend(text, words, at)
            kind = "full_name" if end - at > 1 else "first_name"
            prefix = "Frau " if given in self.female else "Herr " if given in self.male else "Person "
            return _Person(kind, word.start, words[end - 1].end, "name", words[at:end], prefix if kind == "full_name" else ""), end
        if word.folded in self.ambiguous and self._follows(text, words, at) and self._surname(words[at + 1]):
            return _Person("full_name", word.start, words[at + 1].end, "name", words[at : at + 2], "Person "), at + 2
        if self._surname(word):
            return _Person("surname", word.start, word.end, "name", [word], ""), at + 1
        return None, at + 1

    def _titled(self, text: str, words: list[_Word], at: int) -> tuple[_Person | None, int]:
        first = at
        title = words[at].text
        at += 1
        while (
            at < len(words)
            and at - first < 4
            and (words[at].text in self.titles or words[at].text in self.more_titles)
            and self._near(text, words[at - 1], words[at], title=True)
        ):
            at += 1
        begin = at
        while at < len(words) and at - begin < 2 and words[at].folded in self.particles:
            if not (self._near(text, words[at - 1], words[at]) and self._follows(text, words, at)):
                break
            at += 1
        if at >= len(words) or not self._near(text, words[at - 1], words[at], title=at == begin):
            return None, first + 1
        name = words[at]
        named = name.folded not in self.words and name.folded.endswith(self.titled_endings)
        if not self._upper(name) or (self._plain(name) and not named):
            return None, first + 1
        known = self._known(name) or name.folded in self.ambiguous
        article = first > 0 and words[first - 1].text.lower() in ARTICLES and self._near(text, words[first - 1], words[first])
        weak = not known and (title in self.offices or title in self.more_titles or article)
        strength = "hint" if weak else "name"
        end = self._extend(text, words, at)
        if end - at > 1:
            return _Person("full_name", words[begin].start, words[end - 1].end, strength, words[at:end], ""), end
        return _Person("surname_with_title", words[first].start, name.end, strength, [name], self.titles.get(title, title) + " "), at + 1

    def _introduced(self, text: str, words: list[_Word], at: int) -> tuple[_Person | None, int]:
        """ "namens X" names a person even when no list knows X; "heißt X" may; "das heißt" never does."""
        if at + 1 >= len(words) or (at > 0 and words[at - 1].text.lower() == "das"):
            return None, at + 1
        name = words[at + 1]
        gap = text[words[at].end : name.start]
        if len(gap) > 3 or gap.strip(" :") or not gap or not self._upper(name) or self._plain(name) or self._known(name):
            return None, at + 1
        strength = "name" if words[at].text == "namens" else "hint"
        return _Person("first_name", name.start, name.end, strength, [name], ""), at + 2

    def _replace(self, text: str, people: list[_Person]) -> list[Finding]:
        """Letters by order of appearance, one per family name, never an initial of the name, never a letter the text has already."""
        used = {match.group(1) for match in self.letter_used.finditer(text)}
        groups: dict[str, int] = {}
        letters: dict[int, str] = {}
        found = []
        for person in people:
            keys = [self._key(word) for word in person.words]
            group = groups.get(keys[-1]) or (groups.get(keys[0]) if len(keys) == 1 else 0) or len(letters) + 1
            for key in keys:
                groups.setdefault(key, group)
            if group not in letters:
                initials = {key[:1].upper() for key in keys}
                letters[group] = next((letter for letter in self.letters if letter not in used and letter not in initials), "X")
                used.add(letters[group])
            dot = "" if text[person.end : person.end + 1] == "." else "."
            found.append(Finding(person.kind, person.start, person.end, person.strength, person.prefix + letters[group] + dot, group))
        return found

    def _key(self, word: _Word) -> str:
        return self._lookup(word, self.given) or self._lookup(word, self.surnames) or word.folded


def _replacement(rule: dict, match: re.Match[str]) -> str:
    """The text to put in the place of a find: decades for ages, seasons for dates after "am", else what the rule says."""
    if rule.get("age") and int(match.group(rule["age"])) >= 20:
        age = int(match.group(rule["age"]))
        return ("Anfang " if age % 10 < 4 else "Mitte " if age % 10 < 7 else "Ende ") + TENS[age // 10]
    if rule.get("season") and match.group()[:2] in ("am", "Am"):
        words = re.findall("[0-9]+|[a-zä]+", match.group().lower())
        month = int(words[2]) if words[2].isdigit() else MONTHS.index(words[2][:3].replace("jän", "jan")) + 1
        year = words[1] if len(words[1]) == 4 else words[3]
        season = SEASONS[month % 12 // 3]
        return (season if match.group()[0] == "a" else season[0].upper() + season[1:]) + " " + year
    return rule["replacement"]
