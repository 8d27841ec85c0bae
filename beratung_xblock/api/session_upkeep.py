"""What happens to sessions when nobody clicks: overdue ones end, withdrawn cases leave, people lose their way in at once."""

from __future__ import annotations

import datetime as dt

from django.utils import timezone

from beratung_xblock.models import Place, Session
from beratung_xblock.process import Act, Action, Doer, Heard, Kind, Refusal, perform

from . import _session_store as store
from . import session_cache
from ._write import locked_session, retried

__all__ = ["close_case_everywhere", "course_closed", "end_overdue", "place_closed"]


@retried
def _ask(pk: int, action_for, now: dt.datetime) -> bool:
    """Let the system ask one thing of one session; `action_for(state)` names it or answers None."""
    with locked_session(pk) as session:
        state = store.load(session)
        action = action_for(state)
        answer = perform(state, action, Doer(system=True), now=now, heard=Heard(since=now)) if action else None
        if answer is None or isinstance(answer, Refusal):
            return False
        store.append(session, answer[1], answer[0], now)
        return True


def end_overdue(*, now: dt.datetime | None = None, after: dt.timedelta = dt.timedelta(hours=6)) -> int:
    """End sessions whose planned end is long past: texts close, authors are forgotten. Returns how many. For the tick."""
    now = now or timezone.now()
    overdue = list(
        Session.objects.filter(state="running", group__slot__ends_at__lt=now - after).values_list("pk", flat=True)[:200]
    )
    return sum(_ask(pk, lambda state: Action(Act.END), now) for pk in overdue)


def close_case_everywhere(*, case_uid: str) -> None:
    """The owner withdrew a case: sessions in which it is offered, waiting or running let go of it. Own transaction each."""
    now = timezone.now()

    def wish(state):
        if state.current and state.current.case == case_uid:
            return Action(Act.DROP_CASE)
        return Action(Act.WITHDRAW_CASE, {"case": case_uid})

    sessions = Session.objects.exclude(state="ended").filter(
        events__kind=Kind.CASE_OFFERED.value, events__payload__case=case_uid
    )
    for pk in sessions.values_list("pk", flat=True).distinct():
        _ask(pk, wish, now)


def course_closed(*, course_key: str) -> None:
    """A course was deleted: the same for each of its places."""
    for usage_key in Place.objects.filter(course_key=course_key).values_list("usage_key", flat=True):
        place_closed(usage_key=usage_key)


def place_closed(*, usage_key: str) -> None:
    """A block was deleted or unpublished: nobody keeps a way into its sessions."""
    running = Session.objects.exclude(state="ended").filter(group__round__place__usage_key=usage_key)
    for uid in running.values_list("uid", flat=True):
        session_cache.people_changed(uid)
