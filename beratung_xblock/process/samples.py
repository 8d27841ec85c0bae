"""Invented cases for a group in which nobody brings a concern: to practise with, never about anybody."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from beratung_xblock.process.types import Text


@dataclass(frozen=True, slots=True)
class Sample:
    """An invented case in several languages; `question` is how its key question could read."""

    id: str
    title: Text
    situation: Text
    question: Text


@cache
def samples() -> Mapping[str, Sample]:
    """All sample cases by id, in the order they are offered."""
    raw = json.loads(files(__package__).joinpath("data", "samples.json").read_text(encoding="utf-8"))
    return {
        one["id"]: Sample(one["id"], Text(one["title"]), Text(one["situation"]), Text(one["question"])) for one in raw["samples"]
    }
