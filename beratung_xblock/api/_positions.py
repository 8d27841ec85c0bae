"""Where somebody stands on the waiting list: exact, and in a long list bounded by marks kept for a version of the round.

A count costs with the people ahead. When a version of the round is asked for twice, every 500th place of its list is kept;
from then on a position is the mark before it and a count from there. Every writer raises the version
(`_write.locked_round`), so a mark under the present version is true; a version read once only is counted as before.
"""

from __future__ import annotations

import bisect
import datetime as dt

from django.db.models import Q

from beratung_xblock.kept import cache
from beratung_xblock.models import Registration

STRIDE = 500
LONG = 2 * STRIDE
"""From so many people ahead on marks are worth their making."""
KEEP_SECONDS = 3600

Key = tuple[int, int, dt.datetime, int]


def position_in(queue, row: Registration) -> int:
    """The number of a waiting person in `queue` (their round's waiting list in its order), from 1. One query, seldom two."""
    name = f"beratung-queue-{row.round.uid}-{row.round.version}"
    marks: list[tuple[Key, int]] | None = cache.get(name)
    mine = (row.missed_offers, -row.waited, row.queued_at, row.pk)
    if marks is not None:
        at = bisect.bisect_right(marks, mine, key=lambda mark: mark[0]) - 1
        (missed, waited, since, pk), number = marks[at] if at >= 0 else ((-1, 0, row.queued_at, 0), 0)
        if (missed, waited) == mine[:2]:
            return number + _between(queue, row, since, pk)
    ahead = queue.filter(_before(row)).count()
    if ahead >= LONG and not cache.add(f"{name}-asked", 1, KEEP_SECONDS):
        cache.set(name, _marks(queue), KEEP_SECONDS)
    return ahead + 1


def _before(row: Registration) -> Q:
    later = Q(queued_at__lt=row.queued_at) | Q(queued_at=row.queued_at, pk__lt=row.pk)
    return (
        Q(missed_offers__lt=row.missed_offers)
        | Q(missed_offers=row.missed_offers, waited__gt=row.waited)
        | Q(missed_offers=row.missed_offers, waited=row.waited) & later
    )


def _between(queue, row: Registration, since: dt.datetime, pk: int) -> int:
    """How many stand from a mark on, it included, before a person who is like it but for time."""
    alike = queue.filter(
        missed_offers=row.missed_offers, waited=row.waited, queued_at__gte=since, queued_at__lte=row.queued_at
    )
    from_mark = Q(queued_at__gt=since) | Q(queued_at=since, pk__gte=pk)
    to_me = Q(queued_at__lt=row.queued_at) | Q(queued_at=row.queued_at, pk__lt=row.pk)
    return alike.filter(from_mark, to_me).count()


def _marks(queue) -> list[tuple[Key, int]]:
    """Each 500th person, and the first of each stretch that differs from the one before in more than time."""
    marks: list[tuple[Key, int]] = []
    stretch = None
    for number, (missed, waited, since, pk) in enumerate(queue.values_list("missed_offers", "waited", "queued_at", "pk"), start=1):
        if (missed, waited) != stretch or number % STRIDE == 0:
            marks.append(((missed, -waited, since, pk), number))
        stretch = (missed, waited)
    return marks
