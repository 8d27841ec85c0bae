"""From a round's rows to an instance of the assignment problem, and back to stored groups."""

from __future__ import annotations

import hashlib
import json
import zlib
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

from django.db import transaction
from django.db.models import TextField
from django.db.models.functions import Cast

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
from beratung_xblock.kept import cache
from beratung_xblock.models import Availability, Case, Exclusion, Membership, Registration, Round
from beratung_xblock.models import Slot as SlotRow
from beratung_xblock.models._base import new_uid

from ._counts import counts_key

WISH = {SlotAnswer.YES.value: 3, SlotAnswer.MAYBE.value: 1}
HISTORY_ROUNDS = 4
CHUNK = 2000
KEEP_SECONDS = 900


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


def exclusions(round_: Round, uid_of: Mapping[int, str]) -> tuple[list[tuple[str, str]], list[int]]:
    """Pairs of registration uids that must not share a group, and the rows they come from. Opens the sealed declarations."""
    known = set(uid_of.values())
    pairs, rows = set(), []
    for row in Exclusion.objects.filter(registration__round=round_).order_by("pk"):
        rows.append(row.pk)
        try:
            other = crypto.open_sealed(row.other_sealed, table="exclusion", column="other", row_uid=row.row_uid)
        except (KeyMissing, Unreadable):
            continue
        mine, theirs = uid_of.get(row.registration_id), other.reveal()
        if mine is not None and theirs in known and theirs != mine:
            pairs.add((min(mine, theirs), max(mine, theirs)))
    return sorted(pairs), rows


def _history(round_: Round, uid_of_user: Mapping[int, str], *, of: Collection[int] | None = None) -> tuple[tuple[tuple[str, ...], ...], ...]:
    """Who met whom in the last rounds; with `of` (ids of users) as far as it concerns these people."""
    earlier: dict[int, dict[int, list[str]]] = defaultdict(lambda: defaultdict(list))
    seats = Membership.objects.filter(
        registration__round__place_id=round_.place_id, registration__round_id__lt=round_.pk,
        registration__user__isnull=False, left_at__isnull=True,
    )
    if of is not None:
        seats = seats.filter(registration__user_id__in=of)
    rows = seats.order_by("registration__round_id", "group_id", "pk").values_list("registration__round_id", "group_id", "registration__user_id")
    for round_id, group_id, user_id in rows:
        earlier[round_id][group_id].append(uid_of_user.get(user_id, f"gone{user_id}"))
    latest = sorted(earlier, reverse=True)[:HISTORY_ROUNDS]
    return tuple(tuple(tuple(dict.fromkeys(members)) for members in earlier[pk].values()) for pk in latest)


def core_key(round_uid: str, version: int) -> str:
    """Where the people of a round in one version are kept for a while."""
    return f"beratung-people-{round_uid}-{version}"


COLUMNS = ("pk", "uid", "user", "langs", "case", "able", "org", "region", "exp", "waited", "answers")
"""What is known of each person, one list for each of these: ten thousand people are eleven lists, not ten thousand."""


def _core(round_: Round) -> dict[str, Any]:
    """What the registrations of a round say, without names: regions and organisations as numbers, "answers" as the place in
    "combinations" (slot -> wish), since ten thousand people answer in few ways. Two queries."""
    numbers: dict[str, int] = {}

    def number(text: str) -> int:
        return numbers.setdefault(text, len(numbers) + 1) if text else 0

    given: dict[int, str] = {}
    for registration_id, slot_id, answer in (
        Availability.objects.filter(registration__round=round_, answer__in=WISH).order_by("slot_id", "registration_id")
        .values_list("registration_id", "slot_id", "answer").iterator(CHUNK)
    ):
        given[registration_id] = f"{given.get(registration_id, '')} {slot_id}:{WISH[answer]}"
    found: dict[str, list[Any]] = {name: [] for name in COLUMNS}
    columns = [found[name] for name in COLUMNS]
    languages: dict[str, str] = {}
    combinations: dict[str, int] = {}
    names, wishes = {}, []
    rows = (
        Registration.objects.filter(round=round_, state=RegistrationState.REGISTERED.value).order_by("pk")
        .annotate(spoken=Cast("languages", TextField())).values_list(  # as text: ten thousand people speak few combinations
            "pk", "uid", "user_id", "spoken", "brings_case", "urgency", "can_moderate", "organisation", "region",
            "experience", "waited", "wish_with", "display_name",
        ).iterator(CHUNK)
    )
    for pk, uid, user, spoken, brings, urgency, able, organisation, region, experience, waited, wish, name in rows:
        if spoken not in languages:
            languages[spoken] = ",".join(json.loads(spoken))
        answers = combinations.setdefault(given.get(pk, ""), len(combinations))
        for column, value in zip(columns, (
            pk, uid, user, languages[spoken], urgency if brings else 0, int(able), number(organisation), number(region), experience, waited, answers,
        ), strict=True):
            column.append(value)
        names[name.casefold()] = uid
        if wish:
            wishes.append((uid, wish.casefold()))
    together = {(min(uid, names[wish]), max(uid, names[wish])) for uid, wish in wishes if names.get(wish, uid) != uid}
    return {
        **found, "together": sorted(together),
        "combinations": [{slot: int(wish) for slot, wish in (part.split(":") for part in text.split())} for text in combinations],
    }  # fmt: skip


def _kept_core(round_: Round) -> dict[str, Any]:
    """The same, from the cache when nobody wrote to the round since: every writer raises its version."""
    key = core_key(round_.uid, round_.version)
    packed = cache.get(key)
    if packed is None:
        found = _core(round_)
        packed = zlib.compress(json.dumps(found, separators=(",", ":")).encode(), 1)
        cache.set(key, packed, KEEP_SECONDS)
    else:
        found = json.loads(zlib.decompress(packed))
    return {**found, "sign": hashlib.sha256(packed).hexdigest()}


def seats_key(round_uid: str, version: int) -> str:
    """Where it is kept who sits in which published group, as one short text for each group."""
    return f"beratung-seats-{round_uid}-{version}"


def carry_over(held: Round) -> None:
    """After a step on the board, which raises the version and changes nobody's registration or published seat: keep what is
    known of them."""
    now = {key(held.uid, held.version - 1): key(held.uid, held.version) for key in (core_key, counts_key, seats_key)}

    def copy() -> None:
        cache.set_many({now[key]: value for key, value in cache.get_many(now).items()}, KEEP_SECONDS)

    transaction.on_commit(copy)


@dataclass(frozen=True, kw_only=True)
class Source:
    """What an instance is made of. `keys` maps the uid of a registration to its key, `pairs` must not share a group, and
    `digest` stands for everything but people's own rows."""

    keys: Mapping[str, int]
    pairs: tuple[tuple[str, str], ...]
    digest: str
    rules: Rules
    slots: tuple[Slot, ...]
    facilitators: tuple[Facilitator, ...]
    core: Mapping[str, Any]
    slot_uids: Mapping[str, str]
    cases: Mapping[int, int]

    @property
    def sign(self) -> str:
        """Stands for people's own rows; only where they may come from the cache."""
        return self.core["sign"]

    @cached_property
    def leads(self) -> int:
        """Groups that can be led in all."""
        return sum(self.core["able"]) + sum(f.max_groups for f in self.facilitators)

    @cached_property
    def _answers(self) -> list[dict[str, int]]:
        """Slot -> wish, for each combination of answers; shared by those who gave it."""
        names = self.slot_uids
        return [{names[key]: wish for key, wish in answers.items() if key in names} for answers in self.core["combinations"]]

    @cached_property
    def _languages(self) -> dict[str, tuple[str, ...]]:
        return {text: tuple(code for code in text.split(",") if code) for text in set(self.core["langs"])}

    def counted(self) -> Counter:
        """(slots, languages, brings a case, moderates) -> people, for a `Screen` of everybody."""
        core, cases = self.core, self.cases
        brings = (cases.get(pk, urgency) > 0 for pk, urgency in zip(core["pk"], core["case"], strict=True))
        found: Counter = Counter()
        for (answers, langs, case, able), number in Counter(zip(core["answers"], core["langs"], brings, core["able"], strict=True)).items():
            found[tuple(self._answers[answers]), self._languages[langs], case, bool(able)] += number
        return found

    def with_friends(self, people: Collection[str]) -> set[str]:
        """These people and those they wish to be with."""
        return {*people, *(uid for pair in self.core["together"] for uid in pair if pair[0] in people or pair[1] in people)}

    @cached_property
    def everybody(self) -> Instance:
        """The instance of the whole round, made once; without earlier meetings, which no rule depends on."""
        return self._instance(range(len(self.core["uid"])))

    def instance(self, *, only: Collection[str]) -> Instance:
        """The same with these people only."""
        return self._instance([place for place, uid in enumerate(self.core["uid"]) if uid in only])

    def _instance(self, places: Iterable[int]) -> Instance:
        columns = [self.core[name] for name in COLUMNS]
        everybody = ([column[place] for column in columns] for place in places)
        people = tuple(
            Person(
                id=uid,
                slots=self._answers[answers],
                langs=self._languages[langs],
                case=self.cases.get(pk, urgency),
                mod=bool(able),
                # Who gave no organisation or region shares it with nobody.
                org=f"o{organisation}" if organisation else uid,
                region=f"r{region}" if region else uid,
                exp=experience,
                waited=waited,
            )
            for pk, uid, _user, langs, urgency, able, organisation, region, experience, waited, answers in everybody
        )
        together = {(one, other) for one, other in self.core["together"]} - set(self.pairs)
        return Instance(
            rules=self.rules, slots=self.slots, people=people, facilitators=self.facilitators, exclusions=self.pairs,
            together=tuple(sorted(together)),
        )


def source(round_: Round, settings: PlaceSettings, *, kept: bool = False) -> Source:
    """Read a round. `kept` allows people's answers from the cache: for looking, never for publishing or calculating.

    A constant number of queries.
    """
    core = _kept_core(round_) if kept else _core(round_)
    rows = list(SlotRow.objects.filter(round=round_, is_cancelled=False).order_by("starts_at", "pk"))
    cases = dict(
        Case.objects.filter(registration__round=round_, state=CaseState.SUBMITTED.value).order_by("registration_id")
        .values_list("registration_id", "urgency")
    )
    helpers: dict[int, list[str]] = defaultdict(list)
    for slot in rows:
        for user_id in slot.facilitators:
            helpers[user_id].append(slot.uid)
    facilitators = tuple(
        Facilitator(id=f"f{user_id}", slots=tuple(uids), langs=tuple(settings.languages), max_groups=len(uids))
        for user_id, uids in sorted(helpers.items())
    )
    pairs, sealed = exclusions(round_, dict(zip(core["pk"], core["uid"], strict=True)))
    slots = tuple(Slot(id=slot.uid, max_groups=slot.max_groups, start=slot.starts_at.isoformat()) for slot in rows)
    beside = repr((sorted(cases.items()), slots, facilitators, sealed))
    return Source(
        keys=dict(zip(core["uid"], core["pk"], strict=True)), pairs=tuple(pairs),
        digest=hashlib.sha256(beside.encode()).hexdigest()[:32], rules=rules_for(settings), slots=slots,
        facilitators=facilitators, core=core, slot_uids={str(slot.pk): slot.uid for slot in rows}, cases=cases,
    )


def build(round_: Round, settings: PlaceSettings) -> Instance:
    """The instance of a round with earlier meetings, for calculating. A constant number of queries."""
    read = source(round_, settings)
    users = {user: uid for user, uid in zip(read.core["user"], read.core["uid"], strict=True) if user}
    return replace(read.everybody, history=_history(round_, users))


def with_history(round_: Round, instance: Instance, keys: Mapping[str, int], people: Collection[str]) -> Instance:
    """The same with earlier meetings among these people. Two queries."""
    users = dict(
        Registration.objects.filter(pk__in=[keys[uid] for uid in people], user__isnull=False).values_list("user_id", "uid")
    )
    return replace(instance, history=_history(round_, users, of=list(users)))


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
