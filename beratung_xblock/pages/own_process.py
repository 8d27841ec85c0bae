"""An author's own process as a table: one row a phase. The kind of a phase says who speaks and who listens."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from beratung_xblock.process import templates
from beratung_xblock.process.types import PhaseKind

ROWS = templates.MAX_PHASES
KIND_NAMES = {
    "casting": gettext_lazy("Roles and case"),
    "story": gettext_lazy("Telling the case"),
    "questions": gettext_lazy("Questions to understand"),
    "key_question": gettext_lazy("Key question"),
    "method": gettext_lazy("Choice of method"),
    "ideas": gettext_lazy("Ideas"),
    "hypotheses": gettext_lazy("Guesses and impressions"),
    "statement": gettext_lazy("Answer of the case giver"),
    "exchange": gettext_lazy("Exchange about the session"),
    "closing": gettext_lazy("Closing"),
    "think": gettext_lazy("Thinking in silence"),
}


class Wrong(Exception):
    """What does not fit, by field of the table, in sentences."""

    def __init__(self, errors: Mapping[str, str]):
        super().__init__(", ".join(errors))
        self.errors = dict(errors)


def kinds() -> list[tuple[str, str]]:
    """The kinds of phases an author can choose, with their names."""
    return [(kind.value, str(KIND_NAMES[kind.value])) for kind in PhaseKind]


def _speaking() -> dict[str, tuple[list[str], list[str]]]:
    """Who speaks and who listens in a phase of each kind, as the packaged processes have it."""
    found: dict[str, tuple[list[str], list[str]]] = {}
    for key in templates.template_ids():
        for phase in templates.template(key).phases:
            if phase.speakers:
                found.setdefault(
                    phase.kind.value, ([r.value for r in phase.speakers], [r.value for r in phase.listeners])
                )
    return found


def table(stored: Mapping[str, Any], errors: Mapping[str, str], *, uid: str) -> dict[str, Any]:
    """The rows of the editor's table, filled and empty ones."""
    phases = list(stored.get("phases") or ())[:ROWS]
    rows = []
    for index in range(ROWS):
        phase = phases[index] if index < len(phases) else {}
        rows.append(
            {
                "number": index + 1, "prefix": f"own.{index}", "id": f"{uid}-own-{index}",
                "name": _plain(phase.get("name")), "kind": phase.get("kind", ""), "minutes": phase.get("minutes", ""),
                "script": _plain(phase.get("script")),
                "errors": [text for name, text in errors.items() if name.startswith(f"own_template.phases.{index}.")],
            }
        )
    return {
        "name": _plain(stored.get("name")), "rows": rows, "kinds": kinds(),
        "errors": [text for name, text in errors.items() if name in ("own_template", "own_template.name", "own_template.phases")],
    }


def _plain(value: Any) -> str:
    return str(value.get("", "")) if isinstance(value, Mapping) else str(value or "")


def read(data: Mapping[str, str]) -> dict[str, Any]:
    """The table as typed -> the stored form; empty rows are left out. Empty altogether when nothing was typed."""
    speaking = _speaking()
    phases = []
    for index in range(ROWS):
        name = data.get(f"own.{index}.name", "").strip()
        minutes = data.get(f"own.{index}.minutes", "").strip()
        kind = data.get(f"own.{index}.kind", "")
        if not name and not minutes:
            continue
        speakers, listeners = speaking.get(kind, ([], []))
        phases.append(
            {
                "id": f"phase_{len(phases) + 1}", "name": name, "kind": kind, "minutes": minutes,
                "speakers": speakers, "listeners": listeners, "script": data.get(f"own.{index}.script", "").strip(),
            }
        )
    name = data.get("own.name", "").strip()
    return {"name": name, "phases": phases} if name or phases else {}


def check(stored: Mapping[str, Any]) -> None:
    """Raise Wrong with a sentence for each field that does not fit."""
    try:
        templates.parse_template(stored)
    except templates.TemplateInvalid as error:
        raise Wrong({f"own_template.{e.path}": _sentence(e) for e in error.errors}) from None


def _sentence(error: templates.FieldError) -> str:
    limits = error.limits
    if error.code in ("range", "order") and len(limits) == 2:
        return _("Please write a whole number from %(low)s to %(high)s.") % {"low": limits[0], "high": limits[1]}
    if error.code == "too_few":
        return _("A process needs at least %(n)s phases.") % {"n": limits[0]}
    if error.code == "too_many":
        return _("A process has at most %(n)s phases.") % {"n": limits[0]}
    sentences = {
        "required": _("Please fill this in."),
        "not_a_number": _("Please write a whole number."),
        "too_long": _("This text is too long. Please shorten it."),
    }
    return sentences.get(error.code, _("Please choose one of the answers."))
