"""Rotate keys: seal every text with the active key, online, resumable, without losing a change made meanwhile."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from django.views.decorators.debug import sensitive_variables

from beratung_xblock import crypto
from beratung_xblock.exceptions import KeyMissing, Unreadable
from beratung_xblock.models.sealed import SEALED, SealedColumn

from ._write import retried

__all__ = ["Rotated", "count", "rotate"]

BATCH = 200


@dataclass
class Rotated:
    """What a run did. `unreadable` texts were sealed with a key that is gone; they stay as they are."""

    done: int = 0
    current: int = 0
    unreadable: int = 0
    changed_meanwhile: int = 0


def _rows(column: SealedColumn) -> Iterator[tuple[int, str, str]]:
    last = 0
    while True:
        batch = list(
            column.model.objects.filter(pk__gt=last)
            .exclude(**{column.field: ""})
            .order_by("pk")
            .values_list("pk", "row_uid", column.field)[:BATCH]
        )
        if not batch:
            return
        yield from batch
        last = batch[-1][0]


def count() -> int:
    """How many sealed texts there are."""
    return sum(column.model.objects.exclude(**{column.field: ""}).count() for column in SEALED)


@retried
@sensitive_variables()
def _swap(column: SealedColumn, pk: int, old: str, new: str) -> bool:
    return bool(column.model.objects.filter(pk=pk, **{column.field: old}).update(**{column.field: new}))


@sensitive_variables()
def rotate(*, progress: Callable[[int], None] | None = None) -> Rotated:
    """Seal every text with the active key. A text changed meanwhile was sealed anew by its writer and is left alone.

    Stopping and starting again goes on where it stopped: what is current is skipped. Raises KeyMissing without a key.
    """
    crypto.active_key()
    report = Rotated()
    for column in SEALED:
        for pk, row_uid, token in _rows(column):
            if crypto.is_current(token):
                report.current += 1
            else:
                try:
                    fresh = crypto.reseal(token, table=column.table, column=column.column, row_uid=row_uid)
                except (KeyMissing, Unreadable):
                    report.unreadable += 1
                else:
                    if _swap(column, pk, token, fresh):
                        report.done += 1
                    else:
                        report.changed_meanwhile += 1
            if progress is not None:
                progress(1)
    return report
