"""What a process template is made of: phases, who speaks, what a phase leaves behind, texts in several languages."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum


class Word(StrEnum):
    """A closed word that stores and compares as text."""

    def __str__(self) -> str:
        return self.value


class Role(Word):
    """Roles of a session; `everyone` occurs in templates only, a person never holds it."""

    MODERATOR = "moderator"
    CASE_GIVER = "case_giver"
    NOTE_TAKER = "note_taker"
    ADVISER = "adviser"
    OBSERVER = "observer"
    TECH_HOST = "tech_host"
    EVERYONE = "everyone"


HELD_ROLES = (Role.NOTE_TAKER, Role.OBSERVER, Role.TECH_HOST)
"""Roles given to one person each beside moderator and case giver; everybody else advises."""


class PhaseKind(Word):
    """What happens in a phase; decides the sentences of all roles and what may be written."""

    CASTING = "casting"
    STORY = "story"
    QUESTIONS = "questions"
    KEY_QUESTION = "key_question"
    METHOD = "method"
    IDEAS = "ideas"
    HYPOTHESES = "hypotheses"
    STATEMENT = "statement"
    CLOSING = "closing"
    EXCHANGE = "exchange"
    THINK = "think"


class Contribution(Word):
    """What people may write into the shared list during a phase."""

    NONE = "none"
    IDEA = "idea"
    HYPOTHESIS = "hypothesis"
    FEELING = "feeling"
    QUESTION = "question"


CONTRIBUTION_OF_KIND: Mapping[PhaseKind, Contribution] = {
    PhaseKind.IDEAS: Contribution.IDEA,
    PhaseKind.HYPOTHESES: Contribution.HYPOTHESIS,
}


class Gate(Word):
    """What should be there before the next phase. Advice to the moderator, never a lock (domain A.1)."""

    MODERATOR = "moderator"
    CASE_GIVER = "case_giver"
    TWO_ADVISERS = "two_advisers"
    KEY_QUESTION = "key_question"
    METHOD = "method"


@dataclass(frozen=True, slots=True)
class Text:
    """One text in several languages; the key '' holds an author's own text in the author's language."""

    by_language: Mapping[str, str] = field(default_factory=dict)

    def get(self, language: str) -> str:
        """The text in `language`, its base language, German, or whatever there is.

        German before English: it is what most groups speak in the call, so people read what they hear.
        """
        return self.by_language.get(self.language(language), "")

    def language(self, wanted: str) -> str:
        """The language `get` answers in, for the `lang` attribute; '' is the author's own."""
        for code in (wanted, wanted.split("-", maxsplit=1)[0], "", "de", "en"):
            if self.by_language.get(code):
                return code
        return next(iter(self.by_language), "")

    def __bool__(self) -> bool:
        return any(self.by_language.values())


@dataclass(frozen=True, slots=True)
class Loop:
    """A detour out of a phase and back into it, e.g. "Schlüsselfrage (er-)finden". `minutes` are whole minutes."""

    id: str
    name: Text
    minutes: int
    method: str = ""
    contribution: Contribution = Contribution.QUESTION


@dataclass(frozen=True, slots=True)
class Phase:
    """One phase. Minutes are whole minutes; the range is a recommendation shown to the moderator."""

    id: str
    kind: PhaseKind
    name: Text
    minutes: int
    min_minutes: int
    max_minutes: int
    speakers: tuple[Role, ...]
    listeners: tuple[Role, ...]
    output: Text
    script: Text
    contribution: Contribution = Contribution.NONE
    gate: tuple[Gate, ...] = ()
    loops: tuple[Loop, ...] = ()
    optional: bool = False

    def loop(self, loop_id: str) -> Loop | None:
        """The loop with this id, or None."""
        return next((loop for loop in self.loops if loop.id == loop_id), None)


@dataclass(frozen=True, slots=True)
class ProcessTemplate:
    """A process: three to twelve phases (author-made ones are held to that; packaged ones meet it)."""

    id: str
    name: Text
    phases: tuple[Phase, ...]
    min_people: int = 4
    max_people: int = 10
    online_max: int = 8
    needs_methods: bool = False
    source: str = ""

    @property
    def minutes(self) -> int:
        """Sum of the planned minutes of all phases."""
        return sum(phase.minutes for phase in self.phases)

    @property
    def first_case_phase(self) -> int:
        """Index of the first phase that is about one case: where a second, already chosen case begins."""
        for index, phase in enumerate(self.phases):
            if phase.kind in (PhaseKind.STORY, PhaseKind.QUESTIONS, PhaseKind.KEY_QUESTION, PhaseKind.METHOD):
                return index
        return 0


@dataclass(frozen=True, slots=True)
class Method:
    """A method of the consultation phase. `no_advice` methods prompt differently and hint at advising sentences."""

    id: str
    level: str
    minutes: int
    contribution: Contribution
    no_advice: bool
    name: Text
    one_line: Text
    lead_question: Text
    form: Text
    output: Text
    when: Text
    second_column: Text = field(default_factory=Text)
    spoken: bool = False
