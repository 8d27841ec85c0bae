"""How many people a round has, by state: counted once for each version of the round, then kept.

Every writer raises the round's version (`_write.locked_round`), so a count under the present version is the present count.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import asdict, dataclass, field

from django.db.models import Count, Q

from beratung_xblock.data.enums import RegistrationState, SlotAnswer
from beratung_xblock.kept import cache
from beratung_xblock.models import Availability, Membership, Registration, Round

from ._rules import HELD

KEEP_SECONDS = 3600


@dataclass(frozen=True, kw_only=True)
class Counts:
    """`held` have a place or an offer of one, `offers` maps the key of a date to those of them who could come."""

    total: int = 0
    held: int = 0
    waiting: int = 0
    registered: int = 0
    moderators: int = 0
    unplaced: int = 0
    offers: dict[int, int] = field(default_factory=dict)


def counts_key(round_uid: str, version: int) -> str:
    """Where the counts of a round in one version are kept for a while."""
    return f"beratung-counts-{round_uid}-{version}"


def counts_of(round_: Round) -> Counts:
    """The counts of one round: no query while nobody writes to it, else three."""
    return counts_of_all([round_])[round_.pk]


def counts_of_all(rounds: Collection[Round]) -> dict[int, Counts]:
    """The counts of several rounds by key: at most three queries."""
    keys = {round_.pk: counts_key(round_.uid, round_.version) for round_ in rounds}
    kept = cache.get_many(keys.values()) if keys else {}
    missing = [pk for pk, key in keys.items() if key not in kept]
    if missing:
        fresh = {keys[pk]: asdict(counts) for pk, counts in _count(missing).items()}
        cache.set_many(fresh, KEEP_SECONDS)
        kept |= fresh
    return {pk: Counts(**kept[key]) for pk, key in keys.items()}


def _count(keys: Collection[int]) -> dict[int, Counts]:
    rows = (
        Registration.objects.filter(round_id__in=keys).order_by()
        .values_list("round_id", "state", "can_moderate").annotate(n=Count("pk"))
    )
    states: dict[int, dict[str, int]] = {pk: {} for pk in keys}
    moderators = dict.fromkeys(keys, 0)
    for pk, state, able, number in rows:
        states[pk][state] = states[pk].get(state, 0) + number
        moderators[pk] += number if able and state == RegistrationState.REGISTERED.value else 0
    seated = dict(
        Membership.objects.filter(
            registration__round_id__in=keys, registration__state=RegistrationState.REGISTERED.value, left_at__isnull=True
        ).order_by().values_list("registration__round_id").annotate(n=Count("registration_id", distinct=True))
    )
    offers: dict[int, dict[int, int]] = {pk: {} for pk in keys}
    for pk, slot, number in (
        Availability.objects.filter(
            Q(answer__in=(SlotAnswer.YES.value, SlotAnswer.MAYBE.value)),
            registration__round_id__in=keys, registration__state__in=HELD,
        ).order_by().values_list("registration__round_id", "slot_id").annotate(n=Count("pk"))
    ):
        offers[pk][slot] = number
    return {pk: _counts_from(states[pk], moderators[pk], seated.get(pk, 0), offers[pk]) for pk in keys}


def _counts_from(states: Mapping[str, int], moderators: int, seated: int, offers: dict[int, int]) -> Counts:
    registered = states.get(RegistrationState.REGISTERED.value, 0)
    return Counts(
        total=sum(states.values()), held=sum(states.get(state, 0) for state in HELD),
        waiting=states.get(RegistrationState.WAITING.value, 0), registered=registered, moderators=moderators,
        unplaced=registered - seated, offers=offers,
    )
