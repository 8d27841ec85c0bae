"""What the database says about a session at one moment, the same for everybody in it: read once, served to the group.

A write makes six pages ask at once. The first that asks reads the database and lays the *table* into the cache for the
token it saw; the others make their own view from it. The table holds state, names and sealed texts; it is sealed as a
whole besides, so the cache never holds a name or a text that can be read. What a person may see of it is decided when
the view is made (`view_of`), the same way for a fresh table and for one that was kept.
"""

from __future__ import annotations

import base64
import binascii
import datetime as dt
import pickle
from collections.abc import Callable
from dataclasses import dataclass

from django.utils import timezone
from django.views.decorators.debug import sensitive_variables

from beratung_xblock import crypto
from beratung_xblock.data.cases import CaseText
from beratung_xblock.data.confidential import Confidential
from beratung_xblock.data.enums import CaseState
from beratung_xblock.exceptions import KeyMissing, Unreadable
from beratung_xblock.models import Case, CaseDot, Idea, KnowsThoseInvolved, Session, SessionCase
from beratung_xblock.process import PersonId, PhaseKind, SessionState, Status
from beratung_xblock.process.rules import EDIT_FOR

from . import _session_store as store
from . import session_cache
from ._session_work import open_text as open_sealed
from ._session_work import voter
from .cases import open_text, open_title
from .rounds import rules_of
from .session_views import IdeaView, Need, OwnOffer, SessionView

WHERE = {"table": "cache", "column": "session"}


@dataclass(frozen=True, slots=True)
class Table:
    """Everything a view of a session is made from. Texts are sealed as in their rows."""

    pk: int
    uid: str
    group_uid: str
    group_number: int
    starts_at: dt.datetime
    ends_at: dt.datetime
    time_zone: str
    case_selection: str
    state: SessionState
    names: dict[PersonId, str]
    uids: dict[PersonId, str]
    needs: tuple[tuple[PersonId, tuple[str, ...]], ...]
    row_uid: str
    question: str
    ideas: dict[str, str]
    """Row uid -> sealed text of every idea that was not taken back."""
    case: tuple[str, str, str] | None
    """(row uid, sealed title, sealed body) of the current case while it is open to the group."""
    given: tuple[str, str, str] | None
    """The same of the current case whether it is open or not; a view opens it for the case giver only."""
    own: tuple[tuple[PersonId, str, str, int], ...]
    """(owner, row uid, sealed title, urgency) of submitted cases; a view opens the titles of its own person only."""
    dots: tuple[tuple[str, str], ...]
    """(keyed hash of the voter, case)"""
    conflicts: tuple[tuple[str, str], ...]
    """(row uid, sealed person), opened for the moderator only."""


def read(session: Session, people: store.People, state: SessionState | None = None) -> Table:
    """The table from the database: two queries, up to four more when a case runs or is offered; one less with a state."""
    if state is None:
        state, _ = store.synced(session, people, timezone.now())
    run = state.current or (state.finished[-1] if state.finished and state.status is Status.BETWEEN else None)
    row = store.session_case(session, run.case) if run else None
    slot = session.group.slot
    return Table(
        pk=session.pk, uid=session.uid, group_uid=session.group.uid, group_number=session.group.number,
        starts_at=slot.starts_at, ends_at=slot.ends_at, time_zone=slot.time_zone,
        case_selection=rules_of(session.group.round).case_selection, state=state,
        names=dict(people.names), uids=dict(people.uids),
        needs=tuple((p, tuple(seat.registration.needs)) for p, seat in people.seats.items() if seat.registration.needs),
        row_uid=row.row_uid if row else "", question=row.key_question_sealed if row else "",
        ideas=dict(
            Idea.objects.filter(session_case=row, removed_at__isnull=True).values_list("row_uid", "text_sealed")
        ) if row and state.ideas else {},
        case=_open_case(row, state), given=_sealed_case(row) if row and state.current and not state.is_over else None, own=_submitted(people, state),
        dots=tuple(CaseDot.objects.filter(session=session).values_list("voter_hash", "case_uid")) if state.offers else (),
        conflicts=tuple(
            KnowsThoseInvolved.objects.filter(session_case=row).values_list("row_uid", "who_sealed")
        ) if row and any(member.out for member in state.members.values()) else (),
    )


def _open_case(row: SessionCase | None, state: SessionState) -> tuple[str, str, str] | None:
    if row is None or state.current is None or not state.current.opened or state.is_over:
        return None
    return _sealed_case(row) if row.opened_at is not None and row.closed_at is None else None


def _sealed_case(row: SessionCase) -> tuple[str, str, str] | None:
    case = row.case
    return (case.row_uid, case.title_sealed, case.body_sealed) if case is not None else None


def _submitted(people: store.People, state: SessionState) -> tuple[tuple[PersonId, str, str, int], ...]:
    if state.is_over:
        return ()
    return tuple(
        Case.objects.filter(registration_id__in=list(people.seats), state=CaseState.SUBMITTED.value)
        .order_by("pk").values_list("registration_id", "row_uid", "title_sealed", "urgency")
    )


@sensitive_variables()
def keep(table: Table, seen: session_cache.Glance) -> None:
    """Lay a table into the cache, sealed as a whole. Without a key nothing is kept."""
    if seen.token is None:
        return
    try:
        plain = base64.b64encode(pickle.dumps(table, pickle.HIGHEST_PROTOCOL)).decode()
        session_cache.lay(seen, crypto.seal(plain, **WHERE, row_uid=f"{table.uid}.{seen.token}"))
    except KeyMissing:
        return


@sensitive_variables()
def kept(seen: session_cache.Glance) -> Table | None:
    """The table somebody read for exactly this token, or None. Only what we sealed ourselves is ever unpacked."""
    sealed = session_cache.laid(seen)
    if not sealed:
        return None
    try:
        plain = crypto.open_sealed(sealed, **WHERE, row_uid=f"{seen.session_uid}.{seen.token}")
        table = pickle.loads(base64.b64decode(plain.reveal()))  # noqa: S301  (authenticated: our key sealed it for this token)
    except (KeyMissing, Unreadable, binascii.Error, pickle.UnpicklingError, AttributeError, TypeError, ImportError):
        return None  # written by another version of this plugin, or by nobody who has the key
    return table if isinstance(table, Table) else None


# --- one person's view -----------------------------------------------------------------------------------------------


@sensitive_variables()
def view_of(
    table: Table, person: PersonId, user_id: int, seen: session_cache.Glance, *, may_read: Callable[[str], bool]
) -> SessionView:
    """What one person sees. `may_read(case uid)` is asked before a case text is opened for them, and audits it."""
    state, now = table.state, timezone.now()
    moderates = state.moderator == person
    reads = state.may_read(person)
    offered = {str(case) for case in state.offers}
    votes = [case for _, case in table.dots]
    mine = voter(table.uid, user_id) if table.dots else ""
    return SessionView(
        uid=table.uid, group_uid=table.group_uid, group_number=table.group_number, starts_at=table.starts_at,
        ends_at=table.ends_at, time_zone=table.time_zone, glance=seen, state=state, person=person, now=now,
        heard=seen.heard(), online=tuple(sorted({*seen.online(), person}, key=str)), names=table.names, uids=table.uids,
        question=open_sealed(table.question, "session_case", "key_question", table.row_uid) if table.row_uid and reads else None,
        own_question=_own_question(table, person), case_text=_case_text(table, person, may_read), ideas=_ideas(table, person, now) if reads else (),
        own_offers=_own_offers(table, person), case_selection=table.case_selection,
        dots={case: votes.count(case) for case in set(votes)}, my_dots=tuple(case for who, case in table.dots if who == mine and case in offered),
        needs=tuple(Need(name=table.names[p], needs=needs) for p, needs in table.needs) if moderates else (),
        conflicts=_conflicts(table) if moderates else (),
    )


def case_for(table: Table, person: PersonId) -> str:
    """The case whose text is open to this person now, '' for none."""
    run = table.state.current
    if run is None or table.case is None or not run.opened or not table.state.may_read_case(person, run.case):
        return ""
    return table.case[0]


@sensitive_variables()
def _case_text(table: Table, person: PersonId, may_read: Callable[[str], bool]) -> CaseText | None:
    uid = case_for(table, person)
    if not uid or table.case is None or not may_read(uid):
        return None
    return open_text(Case(row_uid=uid, title_sealed=table.case[1], body_sealed=table.case[2]))


@sensitive_variables()
def _own_question(table: Table, person: PersonId) -> Confidential | None:
    run = table.state.current
    if table.given is None or run is None or run.giver != person or table.question or table.state.phase.kind is not PhaseKind.KEY_QUESTION:
        return None
    text = open_text(Case(row_uid=table.given[0], title_sealed=table.given[1], body_sealed=table.given[2]))
    return text.key_question if text is not None else None


@sensitive_variables()
def _ideas(table: Table, person: PersonId, now: dt.datetime) -> tuple[IdeaView, ...]:
    texts = {uid: open_sealed(sealed, "idea", "text", uid) for uid, sealed in table.ideas.items()}
    known = [idea for idea in table.state.ideas if idea.id in texts and not idea.removed]
    return tuple(
        IdeaView(
            uid=str(idea.id), text=texts[str(idea.id)], column=idea.column, of=str(idea.of or ""),
            merged=tuple((str(other.id), texts[str(other.id)]) for other in known if other.merged_into == idea.id),
            is_mine=idea.by == person,
            editable_seconds=max(0, int((idea.at + EDIT_FOR - now).total_seconds())) if idea.by == person else 0,
        )
        for idea in known if idea.merged_into is None
    )


@sensitive_variables()
def _own_offers(table: Table, person: PersonId) -> tuple[OwnOffer, ...]:
    return tuple(
        OwnOffer(uid=uid, title=open_title(Case(row_uid=uid, title_sealed=title)), urgency=urgency)
        for owner, uid, title, urgency in table.own if owner == person and table.state.run(uid) is None
    )


@sensitive_variables()
def _conflicts(table: Table) -> tuple[str, ...]:
    found = []
    for uid, sealed in table.conflicts:
        who = open_sealed(sealed, "conflict", "who", uid)
        if who and who.reveal().isdigit():
            found.append(table.names.get(int(who.reveal()), ""))
    return tuple(name for name in found if name)
