"""The tasks of the practice meeting and their wording, one folder per language. Pure: reads JSON of this package, knows no Django.

`tasks.json` holds what is the same everywhere (which task is basic, which optional, the order). `<language>/tasks.json` says the tasks,
`scene.json` the drawn meeting, `devices.json` the device check. A language without a folder falls back to German, the language of the
meetings. No native speaker has read ar, fa, fr, ru, tr and uk yet.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from copy import deepcopy
from functools import lru_cache
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parent
FALLBACK = "de"
RIGHT_TO_LEFT = ("ar", "fa", "he", "ur")
CHOICES = ("basic", "further", "all", "refresher")
WORDING_FIELDS = ("title", "instruction", "success")
MAX_TEXT = 600
MAX_HINTS = 3


@lru_cache(maxsize=16)
def _load(name: str) -> dict[str, Any]:
    return json.loads((HERE / name).read_text(encoding="utf-8"))


def all_tasks() -> list[str]:
    """Every task id in the order of the exercise."""
    return list(_load("tasks.json")["order"])


def basic_tasks() -> list[str]:
    """The tasks that make the block complete."""
    return list(_load("tasks.json")["basic"])


def refresher_tasks() -> list[str]:
    """The five-minute version for people who have done it before."""
    return list(_load("tasks.json")["refresher"])


def languages() -> list[str]:
    """Languages with a complete wording."""
    return sorted(path.parent.name for path in HERE.glob("*/tasks.json"))


def choose_tasks(choice: str) -> list[str]:
    """Task ids for an author's choice: one of `CHOICES`, or ids separated by commas or blanks, in the order of the exercise.

    Raises ValueError with the unknown words, or with nothing when the choice is empty.
    """
    data = _load("tasks.json")
    choice = choice.strip()
    if choice == "all":
        return all_tasks()
    if choice in CHOICES:
        return list(data[choice])
    wanted = choice.replace(",", " ").split()
    unknown = [word for word in wanted if word.upper() not in data["order"]]
    if unknown or not wanted:
        raise ValueError(", ".join(unknown))
    return [task for task in data["order"] if task in {word.upper() for word in wanted}]


def required_tasks(tasks: Iterable[str]) -> list[str]:
    """Tasks that count for completion: the basic ones among the chosen; without any, all that are not optional."""
    data = _load("tasks.json")
    chosen = list(tasks)
    basic = [task for task in chosen if task in data["basic"]]
    return basic or [task for task in chosen if task not in data["optional"]] or chosen


def text_language(language: str) -> str:
    """The language the wording will have for somebody who reads `language` (a code such as `de` or `de-at`)."""
    short = (language or "").lower().split("-")[0].split("_")[0]
    return short if short in languages() else FALLBACK


def texts(language: str, wording: Mapping[str, Mapping[str, Any]] | None = None, tasks: Iterable[str] | None = None) -> dict[str, Any]:
    """Everything the drawn meeting says, with an author's own words laid over the task texts.

    Keys: `lang`, `dir`, `tasks` (only the given ids), `scene`.
    """
    lang = text_language(language)
    spoken = deepcopy(_load(f"{lang}/tasks.json"))
    for task, own in (wording or {}).items():
        if task in spoken:
            spoken[task].update({name: value for name, value in own.items() if value})
            for name in own:
                spoken[task].get("phone", {}).pop(name, None)
    ids = list(tasks) if tasks is not None else all_tasks()
    return {
        "lang": lang,
        "dir": "rtl" if lang in RIGHT_TO_LEFT else "ltr",
        "tasks": {task: spoken[task] for task in ids},
        "scene": _load(f"{lang}/scene.json"),
    }


def device_texts(language: str) -> dict[str, Any]:
    """What the real device check says; keys as in `devices.json`."""
    return _load(f"{text_language(language)}/devices.json")


def usable_wording(wording: object) -> dict[str, dict[str, Any]]:
    """The entries of an author's wording that fit; nothing of one whose shape is wrong altogether."""
    errors = wording_errors(wording)
    return {} if "" in errors else {task: dict(own) for task, own in wording.items() if task not in errors}


def wording_errors(wording: object) -> dict[str, str]:
    """Problems of an author's wording: {"" | task id: a word of `shape`, `unknown`, `field`, `long`, `hints`}; empty when fine."""
    if not isinstance(wording, Mapping):
        return {"": "shape"}
    errors = {}
    for task, own in wording.items():
        if task not in all_tasks():
            errors[str(task)] = "unknown"
        elif not isinstance(own, Mapping):
            errors[task] = "shape"
        elif set(own) - {*WORDING_FIELDS, "hints"}:
            errors[task] = "field"
        elif not isinstance(own.get("hints", []), list) or len(own.get("hints", [])) > MAX_HINTS:
            errors[task] = "hints"
        else:
            values = [own.get(name, "") for name in WORDING_FIELDS] + list(own.get("hints", []))
            if not all(isinstance(value, str) for value in values):
                errors[task] = "shape"
            elif any(len(value) > MAX_TEXT for value in values):
                errors[task] = "long"
    return errors
