"""From a round's rows to an instance of the assignment problem, and back to stored groups."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from typing import Any

from beratung_xblock import crypto
from beratung_xblock.assignment import (
    DEFAULT_WEIGHTS,
    Facilitator,
    Group,
    Instance,
    Person,
    Pins,
    Rules,
    SeatPin,
    Slot,
    Solution,
)
from beratung_xblock.data.enums import CaseState, RegistrationState, SlotAnswer
from beratung_xblock.data.settings import PlaceSettings
from beratung_xblock.exceptions import KeyMissing, Unreadable
from beratung_xblock.models import Availability, Case, Exclusion, Membership, Registration, Round
from beratung_xblock.models import Slot as SlotRow
from beratung_xblock.models._base import new_uid

WISH = {SlotAnswer.YES.value: 3, SlotAnswer.MAYBE.value: 1}
HISTORY_ROUNDS = 4


def rules_for(settings: PlaceSettings) -> Rules:
    """The author's plain choices as rules and weights of the problem."""
    weights = dict(DEFAULT_WEIGHTS)
    if settings.mix_groups == "neutral":
        weights["repeat"] = 0
    if settings.mix_organisations == "neutral":
        weights["same_org"] = 0
    weights["same_region"] = 2 if settings.mix_regions == "important" else 0
    return Rules(
        size_min=settings.group_min,
        size_target=settings.group_target,
        size_max=settings.group_max,
        cases_max=settings.cases_per_group,
        repeat_policy="stable" if settings.mix_groups == "familiar" else "avoid",
        weights=weights,
    )


def exclusion_pairs(registrations: Iterable[Registration]) -> list[tuple[str, str]]:
    """Pairs of registration uids that must not share a group. Opens the sealed declarations."""
    by_pk = {row.pk: row.uid for row in registrations}
    known = set(by_pk.values())
    pairs = set()
    for row in Exclusion.objects.filter(registration_id__in=by_pk):
        try:
            other = crypto.open_sealed(row.other_sealed, table="exclusion", column="other", row_uid=row.row_uid)
        except (KeyMissing, Unreadable):
            continue
        mine, theirs = by_pk[row.registration_id], other.reveal()
        if theirs in known and theirs != mine:
            pairs.add((min(mine, theirs), max(mine, theirs)))
    return sorted(pairs)


def _history(round_: Round, uid_of_user: Mapping[int, str]) -> tuple[tuple[tuple[str, ...], ...], ...]:
    earlier: dict[int, dict[int, list[str]]] = defaultdict(lambda: defaultdict(list))
    rows = (
        Membership.objects.filter(
            registration__round__place_id=round_.place_id, registration__round_id__lt=round_.pk,
            registration__user__isnull=False, left_at__isnull=True,
        )
        .order_by("registration__round_id", "group_id", "pk")
        .values_list("registration__round_id", "group_id", "registration__user_id")
    )
    for round_id, group_id, user_id in rows:
        earlier[round_id][group_id].append(uid_of_user.get(user_id, f"gone{user_id}"))
    latest = sorted(earlier, reverse=True)[:HISTORY_ROUNDS]
    return tuple(tuple(tuple(members) for members in earlier[pk].values()) for pk in latest)


def build(round_: Round, settings: PlaceSettings) -> tuple[Instance, dict[str, Registration]]:
    """The instance of a round and its registrations by uid. A constant number of queries."""
    registrations = list(
        Registration.objects.filter(
            round=round_, state=RegistrationState.REGISTERED.value
        ).order_by("pk")
    )
    slots = list(SlotRow.objects.filter(round=round_, is_cancelled=False).order_by("starts_at", "pk"))
    answers: dict[int, dict[str, int]] = defaultdict(dict)
    for registration_id, uid, answer in (
        Availability.objects.filter(registration__round=round_, answer__in=WISH, slot__is_cancelled=False)
        .order_by("slot_id")
        .values_list("registration_id", "slot__uid", "answer")
    ):
        answers[registration_id][uid] = WISH[answer]
    with_case = dict(
        Case.objects.filter(
            registration__round=round_, state=CaseState.SUBMITTED.value
        ).values_list("registration_id", "urgency")
    )
    people = tuple(
        Person(
            id=row.uid,
            slots=answers[row.pk],
            langs=tuple(row.languages),
            case=with_case.get(row.pk, row.urgency if row.brings_case else 0),
            mod=row.can_moderate,
            # Who gave no organisation or region shares it with nobody.
            org=row.organisation or row.uid,
            region=row.region or row.uid,
            exp=row.experience,
            waited=row.waited,
        )
        for row in registrations
    )
    helpers: dict[int, list[str]] = defaultdict(list)
    for slot in slots:
        for user_id in slot.facilitators:
            helpers[user_id].append(slot.uid)
    facilitators = tuple(
        Facilitator(id=f"f{user_id}", slots=tuple(uids), langs=tuple(settings.languages), max_groups=len(uids))
        for user_id, uids in sorted(helpers.items())
    )
    pairs = exclusion_pairs(registrations)
    by_name = {row.display_name.casefold(): row.uid for row in registrations}
    together = set()
    for row in registrations:
        other = by_name.get(row.wish_with.casefold()) if row.wish_with else None
        if other and other != row.uid:
            pair = (min(row.uid, other), max(row.uid, other))
            if pair not in pairs:
                together.add(pair)
    instance = Instance(
        rules=rules_for(settings),
        slots=tuple(
            Slot(id=slot.uid, max_groups=slot.max_groups, start=slot.starts_at.isoformat()) for slot in slots
        ),
        people=people,
        facilitators=facilitators,
        exclusions=tuple(pairs),
        together=tuple(sorted(together)),
        history=_history(round_, {row.user_id: row.uid for row in registrations if row.user_id}),
    )
    return instance, {row.uid: row for row in registrations}


def stored(group: Group, *, known: set[str], pinned: bool = False, pinned_members: Iterable[str] = ()) -> dict[str, Any]:
    """A solver's group as stored JSON; a new group gets an id of its own."""
    return {
        "id": group.id if group.id in known else new_uid(),
        "slot": group.slot,
        "lang": group.lang,
        "members": sorted(group.members),
        "moderator": group.moderator,
        "cases": sorted(group.cases),
        "pinned": pinned,
        "pinned_members": sorted(pinned_members),
    }


def group_of(raw: Mapping[str, Any]) -> Group:
    """A stored group as the solver's."""
    return Group(
        id=raw["id"], slot=raw["slot"], lang=raw["lang"], members=tuple(raw["members"]),
        moderator=raw["moderator"], cases=tuple(raw["cases"]),
    )


def solution_of(groups: Iterable[Mapping[str, Any]], unplaced: Mapping[str, str]) -> Solution:
    """A stored proposal as the solver's solution."""
    return Solution(groups=tuple(group_of(raw) for raw in groups), unplaced=dict(unplaced))


def pins_of(groups: Iterable[Mapping[str, Any]]) -> Pins:
    """What people pinned on the board."""
    whole, seats = [], []
    for raw in groups:
        if raw["pinned"]:
            whole.append(group_of(raw))
            continue
        for uid in raw["pinned_members"]:
            seats.append(SeatPin(person=uid, group=raw["id"], slot=raw["slot"], lang=raw["lang"]))
    return Pins(groups=tuple(whole), people=tuple(seats))
