"""What each person reads now: their role's next sentence, the phase's script, the method's form of contribution."""

from __future__ import annotations

from dataclasses import dataclass

from beratung_xblock.process.events import PersonId
from beratung_xblock.process.state import Held, SessionState, Status
from beratung_xblock.process.templates import methods, sentences
from beratung_xblock.process.types import Method, PhaseKind, Role, Text


@dataclass(frozen=True, slots=True)
class Prompt:
    """Texts for one person at one moment; empty texts are not shown.

    `script` is for the moderator to read aloud. `form` is how a contribution of the chosen method begins.
    """

    role: Role
    sentence: Text
    script: Text
    form: Text
    listens: bool


def situation(state: SessionState) -> str:
    """Which set of sentences counts now."""
    if state.status is Status.WAITING:
        return "waiting"
    if state.is_over:
        return "ended"
    if state.on_break:
        return "break"
    if state.status is Status.BETWEEN:
        return "between"
    if state.held is Held.STOP:
        return "stopped"
    if state.held is Held.PAUSE:
        return "paused"
    return state.loop_id or state.phase.kind.value


def method_now(state: SessionState) -> Method | None:
    """The method in use: the loop's own, else the one chosen for the case."""
    if state.loop and state.loop.method:
        return methods()[state.loop.method]
    return methods().get(state.current.method) if state.current else None


def prompt(state: SessionState, person: PersonId) -> Prompt:
    """The prompt of one person. In a finished case its giver still reads the case giver's sentence."""
    role = state.role_of(person)
    where = situation(state)
    if where == "between" and state.finished and role is not Role.MODERATOR and state.finished[-1].giver == person:
        role = Role.CASE_GIVER
    by_role = sentences().get(where) or sentences()[state.phase.kind.value]
    sentence = by_role.get(role) or by_role[Role.EVERYONE]
    in_phase = where in (state.loop_id, state.phase.kind.value)
    writes = bool(state.loop_id) or state.phase.kind is PhaseKind.IDEAS
    method = method_now(state)
    return Prompt(
        role=role,
        sentence=sentence,
        script=state.phase.script if in_phase and not state.loop_id and role is Role.MODERATOR else Text(),
        form=method.form if method and in_phase and writes else Text(),
        listens=in_phase and role in state.phase.listeners and not state.loop_id,
    )


def role_card(kind: PhaseKind, role: Role) -> Text:
    """The sentence of a role in a kind of phase, for the printed sheet."""
    by_role = sentences()[kind.value]
    return by_role.get(role) or by_role[Role.EVERYONE]
