"""Packaged process templates and methods, and author-made templates checked field by field.

The packaged data name their public sources; the Heilsbronn ten-step model is left out because its leaflet allows use
under its own licence terms only.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

from beratung_xblock.exceptions import BeratungError
from beratung_xblock.process.types import (
    CONTRIBUTION_OF_KIND,
    Contribution,
    Gate,
    Loop,
    Method,
    Phase,
    PhaseKind,
    ProcessTemplate,
    Role,
    Text,
)

MIN_PHASES, MAX_PHASES = 3, 12
MAX_MINUTES = 240
MAX_NAME, MAX_TEXT = 80, 600
_ID = re.compile(r"^[a-z][a-z0-9_]{0,39}$")
_DEFAULT_GATES: Mapping[PhaseKind, tuple[Gate, ...]] = {
    PhaseKind.CASTING: (Gate.MODERATOR, Gate.CASE_GIVER, Gate.TWO_ADVISERS),
    PhaseKind.KEY_QUESTION: (Gate.KEY_QUESTION,),
    PhaseKind.METHOD: (Gate.METHOD,),
}


@dataclass(frozen=True, slots=True)
class FieldError:
    """One thing wrong with an author-made template.

    `path` names the field ("phases.2.minutes", "name"); `code` is one of required, too_long, not_a_number, range,
    order, unknown, too_few, too_many, duplicate, silent; `limits` holds the bounds the sentence needs.
    """

    path: str
    code: str
    limits: tuple[int, ...] = ()


class TemplateInvalid(BeratungError):
    """An author-made template cannot be used; `errors` names every field at once."""

    code = "template_invalid"

    def __init__(self, errors: Sequence[FieldError]):
        super().__init__("; ".join(f"{error.path}: {error.code}" for error in errors))
        self.errors = tuple(errors)


def _read(name: str) -> Any:
    """A packaged file; every text that has an English form also has those of `data/languages`."""
    return _with_languages(json.loads(files(__package__).joinpath("data", name).read_text(encoding="utf-8")))


@cache
def languages() -> Mapping[str, Mapping[str, str]]:
    """Language -> English text -> what volunteers of that language read. A text that is missing is shown in English."""
    found = {}
    for path in files(__package__).joinpath("data", "languages").iterdir():
        if path.name.endswith(".json"):
            raw = json.loads(path.read_text(encoding="utf-8"))
            found[raw["language"]] = raw["texts"]
    return dict(sorted(found.items()))


def _with_languages(raw: Any) -> Any:
    if isinstance(raw, list):
        return [_with_languages(part) for part in raw]
    if not isinstance(raw, dict):
        return raw
    if isinstance(raw.get("en"), str):
        more = {language: texts[raw["en"]] for language, texts in languages().items() if texts.get(raw["en"])}
        return {**more, **raw}
    return {key: _with_languages(part) for key, part in raw.items()}


@cache
def _packaged() -> Mapping[str, ProcessTemplate]:
    return {raw["id"]: from_dict(raw) for raw in _read("templates.json")["templates"]}


def template_ids() -> tuple[str, ...]:
    """Ids of the packaged templates; the default one first."""
    return tuple(_packaged())


def template(template_id: str) -> ProcessTemplate:
    """The packaged template; KeyError when there is none of this id."""
    return _packaged()[template_id]


@cache
def methods() -> Mapping[str, Method]:
    """All methods by id, in the order they are offered."""
    return {
        raw["id"]: Method(
            id=raw["id"],
            level=raw["level"],
            minutes=raw["minutes"],
            contribution=Contribution(raw["contribution"]),
            no_advice=raw["no_advice"],
            spoken=raw.get("spoken", False),
            **{
                key: Text(raw.get(key, {}))
                for key in ("name", "one_line", "lead_question", "form", "output", "when", "second_column")
            },
        )
        for raw in _read("methods.json")["methods"]
    }


@cache
def beginner_methods() -> tuple[str, ...]:
    """Ids of the methods shown first to groups with little practice."""
    return tuple(_read("methods.json")["beginners"])


@cache
def sentences() -> Mapping[str, Mapping[Role, Text]]:
    """What each role is told, by situation: a phase kind, a loop id, or waiting, break, stopped, paused, between, ended."""
    return {
        situation: {Role(role): Text(text) for role, text in by_role.items()}
        for situation, by_role in _read("sentences.json").items()
    }


def _text(raw: Any) -> Text:
    return Text({"": raw}) if isinstance(raw, str) else Text(dict(raw or {}))


def _phase(raw: Mapping[str, Any]) -> Phase:
    kind = PhaseKind(raw["kind"])
    return Phase(
        id=raw["id"],
        kind=kind,
        name=_text(raw["name"]),
        minutes=raw["minutes"],
        min_minutes=raw["min_minutes"],
        max_minutes=raw["max_minutes"],
        speakers=tuple(Role(role) for role in raw.get("speakers", ())),
        listeners=tuple(Role(role) for role in raw.get("listeners", ())),
        output=_text(raw.get("output")),
        script=_text(raw.get("script")),
        contribution=Contribution(raw.get("contribution", CONTRIBUTION_OF_KIND.get(kind, Contribution.NONE))),
        gate=tuple(Gate(gate) for gate in raw.get("gate", ())),
        loops=tuple(
            Loop(id=loop["id"], name=_text(loop["name"]), minutes=loop["minutes"], method=loop.get("method", ""))
            for loop in raw.get("loops", ())
        ),
        optional=bool(raw.get("optional", False)),
    )


def from_dict(raw: Mapping[str, Any]) -> ProcessTemplate:
    """A template from its stored form, trusted (packaged data, or a copy made by `to_dict`)."""
    return ProcessTemplate(
        id=raw["id"],
        name=_text(raw["name"]),
        phases=tuple(_phase(phase) for phase in raw["phases"]),
        min_people=raw.get("min_people", 4),
        max_people=raw.get("max_people", 10),
        online_max=raw.get("online_max", 8),
        needs_methods=raw.get("needs_methods", False),
        source=raw.get("source", ""),
    )


def to_dict(template_: ProcessTemplate) -> dict[str, Any]:
    """The JSON-ready copy a session keeps, so that later edits never change a running session."""
    return {
        "id": template_.id,
        "name": dict(template_.name.by_language),
        "min_people": template_.min_people,
        "max_people": template_.max_people,
        "online_max": template_.online_max,
        "needs_methods": template_.needs_methods,
        "source": template_.source,
        "phases": [
            {
                "id": phase.id,
                "kind": phase.kind.value,
                "name": dict(phase.name.by_language),
                "minutes": phase.minutes,
                "min_minutes": phase.min_minutes,
                "max_minutes": phase.max_minutes,
                "speakers": [role.value for role in phase.speakers],
                "listeners": [role.value for role in phase.listeners],
                "output": dict(phase.output.by_language),
                "script": dict(phase.script.by_language),
                "contribution": phase.contribution.value,
                "gate": [gate.value for gate in phase.gate],
                "loops": [
                    {"id": loop.id, "name": dict(loop.name.by_language), "minutes": loop.minutes, "method": loop.method}
                    for loop in phase.loops
                ],
                "optional": phase.optional,
            }
            for phase in template_.phases
        ],
    }


class _Reader:
    """Reads untrusted author input and collects what is wrong instead of stopping at the first thing."""

    def __init__(self) -> None:
        self.errors: list[FieldError] = []

    def fail(self, path: str, code: str, *limits: int) -> None:
        self.errors.append(FieldError(path, code, limits))

    def text(self, raw: Any, path: str, limit: int, *, required: bool) -> Text:
        parts = raw if isinstance(raw, Mapping) else {"": raw}
        found: dict[str, str] = {}
        for language, value in parts.items():
            if value is None:
                continue
            if not isinstance(value, str) or not isinstance(language, str) or len(language) > 10:
                self.fail(path, "unknown")
                return Text()
            text = value.replace("\x00", "").strip()
            if len(text) > limit:
                self.fail(path, "too_long", limit)
            if text:
                found[language] = text
        if required and not found:
            self.fail(path, "required")
        return Text(found)

    def number(self, raw: Any, path: str, low: int, high: int, default: int | None = None) -> int:
        if raw in (None, "") and default is not None:
            return default
        try:
            if isinstance(raw, (bool, float)):
                raise ValueError
            value = int(str(raw).strip())
        except ValueError:
            self.fail(path, "required" if raw in (None, "") else "not_a_number")
            return default or low
        if not low <= value <= high:
            self.fail(path, "range", low, high)
            return low
        return value

    def words(self, raw: Any, path: str, kind: type[Any]) -> tuple[Any, ...]:
        if not isinstance(raw, (list, tuple)):
            raw = [] if raw in (None, "") else [raw]
        found = []
        for value in raw:
            try:
                found.append(kind(value))
            except ValueError:
                self.fail(path, "unknown")
        return tuple(dict.fromkeys(found))

    def word(self, raw: Any, path: str, kind: type[Any], default: Any) -> Any:
        return (self.words(raw, path, kind) or (default,))[0]

    def phase(self, raw: Any, index: int) -> Phase:
        path = f"phases.{index}"
        if not isinstance(raw, Mapping):
            self.fail(path, "unknown")
            raw = {"name": "-", "minutes": 1}
        kind = self.word(raw.get("kind"), f"{path}.kind", PhaseKind, PhaseKind.STORY)
        minutes = self.number(raw.get("minutes"), f"{path}.minutes", 1, MAX_MINUTES)
        low = self.number(raw.get("min_minutes"), f"{path}.min_minutes", 1, MAX_MINUTES, default=minutes)
        high = self.number(raw.get("max_minutes"), f"{path}.max_minutes", 1, MAX_MINUTES, default=minutes)
        if not low <= minutes <= high:
            self.fail(f"{path}.minutes", "order", low, high)
        speakers = self.words(raw.get("speakers"), f"{path}.speakers", Role)
        listeners = self.words(raw.get("listeners"), f"{path}.listeners", Role)
        if not speakers and kind is not PhaseKind.THINK:
            self.fail(f"{path}.speakers", "required")
        if set(speakers) & set(listeners) or Role.EVERYONE in listeners:
            self.fail(f"{path}.listeners", "silent")
        phase_id = str(raw.get("id") or f"phase_{index + 1}")
        if not _ID.match(phase_id):
            self.fail(f"{path}.id", "unknown")
        default = CONTRIBUTION_OF_KIND.get(kind, Contribution.NONE)
        loops = ()
        if raw.get("loops"):
            loops = template("tietze6").phases[2].loops
        return Phase(
            id=phase_id,
            kind=kind,
            name=self.text(raw.get("name"), f"{path}.name", MAX_NAME, required=True),
            minutes=minutes,
            min_minutes=low,
            max_minutes=high,
            speakers=speakers,
            listeners=listeners,
            output=self.text(raw.get("output"), f"{path}.output", MAX_TEXT, required=False),
            script=self.text(raw.get("script"), f"{path}.script", MAX_TEXT, required=False),
            contribution=self.word(raw.get("contribution"), f"{path}.contribution", Contribution, default),
            gate=self.words(raw["gate"], f"{path}.gate", Gate) if "gate" in raw else _DEFAULT_GATES.get(kind, ()),
            loops=loops,
            optional=raw.get("optional") in (True, "true", "on", "1", 1),
        )


def parse_template(raw: Any, *, template_id: str = "own") -> ProcessTemplate:
    """Check an author-made template (plain JSON) and build it.

    Three to twelve phases, minutes 1 to 240, names up to 80 and texts up to 600 characters. A true `loops` gives the
    phase the loop "Schlüsselfrage (er-)finden". Raises TemplateInvalid naming every wrong field.
    """
    reader = _Reader()
    if not isinstance(raw, Mapping):
        raise TemplateInvalid([FieldError("", "unknown")])
    name = reader.text(raw.get("name"), "name", MAX_NAME, required=True)
    rows = raw.get("phases")
    rows = list(rows) if isinstance(rows, (list, tuple)) else []
    if len(rows) < MIN_PHASES:
        reader.fail("phases", "too_few", MIN_PHASES)
    if len(rows) > MAX_PHASES:
        reader.fail("phases", "too_many", MAX_PHASES)
    phases = tuple(reader.phase(row, index) for index, row in enumerate(rows[: MAX_PHASES + 1]))
    seen: set[str] = set()
    for index, phase in enumerate(phases):
        if phase.id in seen:
            reader.fail(f"phases.{index}.id", "duplicate")
        seen.add(phase.id)
    low = reader.number(raw.get("min_people"), "min_people", 3, 10, default=4)
    high = reader.number(raw.get("max_people"), "max_people", 3, 12, default=10)
    if low > high:
        reader.fail("max_people", "order", low, 12)
    if reader.errors:
        raise TemplateInvalid(reader.errors)
    return ProcessTemplate(
        id=template_id,
        name=name,
        phases=phases,
        min_people=low,
        max_people=high,
        online_max=min(8, high),
        needs_methods=any(phase.kind is PhaseKind.METHOD for phase in phases),
        source="",
    )
