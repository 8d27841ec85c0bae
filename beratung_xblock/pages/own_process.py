"""An author's own process as a table: one row a phase.

The kind of a phase says who speaks and listens, what people write and what should be there at its end; an author may
say otherwise for each phase. Only what differs from the kind is ticked, so that a phase of another kind follows it.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from beratung_xblock.pages import session_words
from beratung_xblock.process import templates
from beratung_xblock.process.types import Contribution, Gate, PhaseKind, Role

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
CONTRIBUTIONS = {
    Contribution.NONE.value: gettext_lazy("nothing"),
    Contribution.IDEA.value: gettext_lazy("ideas"),
    Contribution.HYPOTHESIS.value: gettext_lazy("guesses"),
    Contribution.FEELING.value: gettext_lazy("feelings and impressions"),
    Contribution.QUESTION.value: gettext_lazy("questions"),
}
GATES = {
    Gate.MODERATOR.value: gettext_lazy("somebody moderates"),
    Gate.CASE_GIVER.value: gettext_lazy("a case is chosen"),
    Gate.TWO_ADVISERS.value: gettext_lazy("two people advise"),
    Gate.KEY_QUESTION.value: gettext_lazy("the key question is confirmed"),
    Gate.METHOD.value: gettext_lazy("the method is confirmed"),
    "nothing": gettext_lazy("nothing"),
}
"""What the moderator is reminded of before going on; "nothing" switches the reminders of the kind off."""


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


def _roles() -> list[tuple[str, str]]:
    named = {**session_words.ROLES, Role.EVERYONE: gettext_lazy("Everybody")}
    return [(role.value, str(name)) for role, name in named.items()]


def table(stored: Mapping[str, Any], errors: Mapping[str, str], *, uid: str) -> dict[str, Any]:
    """The rows of the editor's table, filled and empty ones."""
    phases = list(stored.get("phases") or ())[:ROWS]
    speaking = _speaking()
    rows = []
    for index in range(ROWS):
        phase = phases[index] if index < len(phases) else {}
        own = _said_otherwise(phase, speaking)
        rows.append(
            {
                "number": index + 1, "prefix": f"own.{index}", "id": f"{uid}-own-{index}",
                "name": _plain(phase.get("name")), "kind": phase.get("kind", ""), "minutes": phase.get("minutes", ""),
                "low": phase.get("min_minutes", ""), "high": phase.get("max_minutes", ""),
                "script": _plain(phase.get("script")), "output": _plain(phase.get("output")),
                "contribution": phase.get("contribution", ""), "loop": bool(phase.get("loops")),
                "optional": bool(phase.get("optional")), **own,
                "more": bool(own["speakers"] or own["listeners"] or own["gates"] or any(phase.get(name) for name in EXTRAS)),
                "errors": [text for name, text in errors.items() if name.startswith(f"own_template.phases.{index}.")],
            }
        )
    return {
        "name": _plain(stored.get("name")), "rows": rows, "kinds": kinds(), "roles": _roles(),
        "contributions": [(word, str(name)) for word, name in CONTRIBUTIONS.items()],
        "gates": [(word, str(name)) for word, name in GATES.items()],
        "errors": [text for name, text in errors.items() if name in ("own_template", "own_template.name", "own_template.phases")],
    }


EXTRAS = ("min_minutes", "max_minutes", "output", "contribution", "loops", "optional")


def _said_otherwise(phase: Mapping[str, Any], speaking: Mapping[str, Any]) -> dict[str, list[str]]:
    """Roles and reminders to tick: empty where the phase follows its kind."""
    both = (list(phase.get("speakers") or ()), list(phase.get("listeners") or ()))
    speakers, listeners = ([], []) if both == speaking.get(phase.get("kind", "")) else both
    gates = list(phase.get("gate") or ["nothing"]) if "gate" in phase else []
    return {"speakers": speakers, "listeners": listeners, "gates": gates}


def _plain(value: Any) -> str:
    return str(value.get("", "")) if isinstance(value, Mapping) else str(value or "")


def read(data: Mapping[str, str], many: Mapping[str, list[str]]) -> dict[str, Any]:
    """The table as typed -> the stored form; empty rows are left out. Empty altogether when nothing was typed."""
    speaking = _speaking()
    phases: list[dict[str, Any]] = []
    for index in range(ROWS):
        row = {
            name: data.get(f"own.{index}.{name}", "").strip()
            for name in ("name", "minutes", "kind", "low", "high", "script", "output", "contribution", "loop", "optional")
        }
        if not row["name"] and not row["minutes"]:
            continue
        speakers, listeners = (many.get(f"own.{index}.{name}", []) for name in ("speakers", "listeners"))
        if not speakers and not listeners:
            speakers, listeners = speaking.get(row["kind"], ([], []))
        phase = {
            "id": f"phase_{len(phases) + 1}", "name": row["name"], "kind": row["kind"], "minutes": row["minutes"],
            "speakers": speakers, "listeners": listeners, "script": row["script"],
        }
        gates = many.get(f"own.{index}.gates", [])
        said = {
            "min_minutes": row["low"], "max_minutes": row["high"], "output": row["output"],
            "contribution": row["contribution"], "loops": bool(row["loop"]), "optional": bool(row["optional"]),
        }
        phase |= {name: value for name, value in said.items() if value}
        phases.append(phase | ({"gate": [gate for gate in gates if gate != "nothing"]} if gates else {}))
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
        "silent": _("Nobody can speak and listen in one phase. Everybody can only speak."),
    }
    return sentences.get(error.code, _("Please choose one of the answers."))
