"""Why somebody got no group, in a word that may be told to themselves."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import replace

from beratung_xblock.assignment import Instance
from beratung_xblock.assignment.screen import Screen
from beratung_xblock.models import Registration


def reasons(instance: Instance, placed: Collection[str]) -> dict[str, str]:
    """The reason of everybody without a group, one of `assignment.problem.REASONS`.

    Counted as if nobody had asked not to meet somebody: what a person reads is the same with and without such a wish,
    their own or another's.
    """
    screen = Screen(replace(instance, exclusions=()))
    return {person.id: screen.reason(person) for person in instance.people if person.id not in placed}


def note(rows: Mapping[str, Registration], found: Mapping[str, str]) -> None:
    """Store the reasons with the registrations that have none or another; whoever has a group has no reason any more."""
    by_reason: dict[str, list[int]] = {}
    for uid, row in rows.items():
        reason = found.get(uid, "")
        if row.not_placed_because != reason:
            by_reason.setdefault(reason, []).append(row.pk)
    for reason, keys in by_reason.items():
        Registration.objects.filter(pk__in=keys).update(not_placed_because=reason)
