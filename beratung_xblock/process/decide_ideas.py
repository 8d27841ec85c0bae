"""Rules about the shared list: who writes, changes, merges. Nothing written is ever lost; merging keeps both rows."""

from __future__ import annotations

from beratung_xblock.process.events import Kind, plain_id
from beratung_xblock.process.rules import EDIT_FOR, GRACE, Asked, Decision, Refusal, Why
from beratung_xblock.process.state import Idea, SessionState, Status
from beratung_xblock.process.templates import methods
from beratung_xblock.process.types import Contribution, Role


def writing_open(state: SessionState, person: object, now: object) -> Refusal | None:
    """None when this person may write now, else why not.

    Moderator and note-taker may write for others as long as the case runs; the rest in a phase that asks for it and
    sixty seconds after it; the case giver listens; observer and tech host leave the talk to the others,
    and so does a coordinator who came to moderate and does not.
    """
    run = state.current
    member = state.members.get(person)
    if member is None:
        return Refusal(Why.NOT_A_MEMBER)
    if run is None:
        return Refusal(Why.NO_CASE)
    if state.status is not Status.RUNNING:
        return Refusal(Why.NOT_RUNNING)
    if run.giver == person:
        return Refusal(Why.LISTENING)
    if member.out:
        return Refusal(Why.SITTING_OUT)
    if state.moderator == person or state.roles.get(Role.NOTE_TAKER) == person:
        return None
    if member.guest or person in (state.roles.get(Role.OBSERVER), state.roles.get(Role.TECH_HOST)):
        return Refusal(Why.NOT_ALLOWED)
    if state.contribution is not Contribution.NONE:
        return None
    ended = state.writing_ended_at
    if ended is not None and now <= ended + GRACE:
        return None
    return Refusal(Why.NOT_NOW)


def _edits(asked: Asked) -> bool:
    return asked.moderates or asked.writes_notes


def add_idea(asked: Asked) -> Decision:
    """One contribution; the same id again changes nothing (a resent write). Column 1 turns an idea round (`of`)."""
    idea, column, of = asked.data.get("idea"), asked.data.get("column", 0), asked.data.get("of")
    state = asked.state
    if not plain_id(idea) or column not in (0, 1):
        return Refusal(Why.UNKNOWN_VALUE)
    known = state.idea(idea)
    if known is not None:
        return () if known.by == asked.person else Refusal(Why.UNKNOWN_IDEA)
    turning = column == 1
    if turning:
        run = state.current
        method = methods().get(run.method) if run else None
        if method is None or not method.second_column:
            return Refusal(Why.NOT_NOW)
        if of is not None and not _of_case(asked, of):
            return Refusal(Why.UNKNOWN_IDEA)
    elif of is not None:
        return Refusal(Why.UNKNOWN_VALUE)
    no = writing_open(state, asked.person, asked.now)
    if no is not None:
        return no
    extra = {"column": 1, "of": of} if turning else {}
    return (asked.event(Kind.IDEA_ADDED, idea=idea, case=state.current.case if state.current else None, **extra),)


def _of_case(asked: Asked, idea_id: object) -> Idea | None:
    """A visible idea of the current case."""
    idea = asked.state.idea(idea_id)
    run = asked.state.current
    return idea if idea and run and idea.case == run.case and not idea.removed else None


def _changeable(asked: Asked) -> Idea | Refusal:
    idea = _of_case(asked, asked.data.get("idea"))
    if idea is None:
        return Refusal(Why.UNKNOWN_IDEA)
    if _edits(asked) and not asked.gives:
        return idea
    if idea.by != asked.person:
        return Refusal(Why.NOT_ALLOWED)
    return idea if asked.now <= idea.at + EDIT_FOR else Refusal(Why.TOO_LATE)


def edit_idea(asked: Asked) -> Decision:
    """The author for two minutes, note-taker and moderator while the case runs."""
    idea = _changeable(asked)
    return idea if isinstance(idea, Refusal) else (asked.event(Kind.IDEA_EDITED, idea=idea.id),)


def remove_idea(asked: Asked) -> Decision:
    """Only the author takes an own idea back, for two minutes; others merge. What was merged into it comes back."""
    idea = _of_case(asked, asked.data.get("idea"))
    if idea is None:
        return Refusal(Why.UNKNOWN_IDEA)
    if idea.by != asked.person:
        return Refusal(Why.NOT_ALLOWED)
    if asked.now > idea.at + EDIT_FOR:
        return Refusal(Why.TOO_LATE)
    freed = [other for other in asked.state.ideas if other.merged_into == idea.id]
    return (
        *(asked.event(Kind.IDEA_SPLIT, idea=other.id) for other in freed),
        asked.event(Kind.IDEA_REMOVED, idea=idea.id),
    )


def merge_idea(asked: Asked) -> Decision:
    """Note-taker or moderator put a duplicate under another idea; what lay under the duplicate moves along."""
    if not _edits(asked):
        return Refusal(Why.NOT_ALLOWED)
    idea, into = _of_case(asked, asked.data.get("idea")), _of_case(asked, asked.data.get("into"))
    if idea is None or into is None or idea.id == into.id or into.merged_into is not None:
        return Refusal(Why.UNKNOWN_IDEA)
    if idea.merged_into == into.id:
        return ()
    under = [other for other in asked.state.ideas if other.merged_into == idea.id]
    return tuple(asked.event(Kind.IDEA_MERGED, idea=other.id, into=into.id) for other in (idea, *under))


def split_idea(asked: Asked) -> Decision:
    """Undo a merge."""
    if not _edits(asked):
        return Refusal(Why.NOT_ALLOWED)
    idea = _of_case(asked, asked.data.get("idea"))
    if idea is None:
        return Refusal(Why.UNKNOWN_IDEA)
    return (asked.event(Kind.IDEA_SPLIT, idea=idea.id),) if idea.merged_into is not None else ()
