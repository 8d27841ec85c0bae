"""Looking at the assignment board: names, broken rules, explanations, what would help, the steps so far.

A round may have ten thousand people. So only the groups of one page are filled in and explained; what concerns the whole
round comes from `_board_facts`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from django.contrib.auth import get_user_model

from beratung_xblock import access
from beratung_xblock.assignment import explain
from beratung_xblock.data.actor import Actor
from beratung_xblock.data.board import Board, BoardGroup, BoardPerson, Found, Step, Target, Why
from beratung_xblock.models import Proposal, Registration, Round, Slot

from . import _instance
from ._board_facts import explainable, facts_of, why_left
from ._proposals import latest
from .rounds import _slot_view, rules_of

__all__ = ["board", "find", "group_numbered", "revisions"]

GROUPS_A_PAGE = 16
MOST_TARGETS = 60
"""Up to so many groups all are targets of a move; beyond that those of the page and the best that fit."""
BEST_TARGETS = 12
MATCHES = 10


def _bound(revision: Proposal | None) -> int | None:
    """The proven maximum of placed people that came with the calculation, None when there is none."""
    return (revision.figures.get("bound") or [None])[0] if revision else None


def _names(value: Any, names: Mapping[str, str]) -> Any:
    if isinstance(value, str):
        return names.get(value, value)
    if isinstance(value, (list, tuple)):
        return tuple(_names(item, names) for item in value)
    if isinstance(value, Mapping):
        return {key: _names(item, names) for key, item in value.items()}
    return value


def _whys(items: Any, names: Mapping[str, str]) -> tuple[Why, ...]:
    return tuple(Why(kind=item.kind, params=_names(dict(item.params), names)) for item in items)


def _mentioned(items: Iterable[Any]) -> set[str]:
    """Registrations that explanations speak of."""
    found: set[str] = set()
    for item in items:
        for name in ("people", "person"):
            value = item.params.get(name, ())
            found.update([value] if isinstance(value, str) else value if isinstance(value, (list, tuple)) else ())
    return found


def _ordered(revision: Proposal | None, known: Mapping[str, Any], slots: Mapping[str, Any]) -> list[dict]:
    """The groups of a revision without those who have left, in the order of their numbers."""
    raw = [
        g if all(m in known for m in g["members"])
        else {**g, "members": [m for m in g["members"] if m in known], "cases": [c for c in g["cases"] if c in known]}
        for g in (revision.groups if revision else [])
    ]
    return sorted(raw, key=lambda g: (slots[g["slot"]].starts_at, g["id"]))


class _Targets:
    """Where a person could be moved."""

    def __init__(self, ordered: list[dict], size_max: int, shown: list[dict]) -> None:
        self.number = {g["id"]: position for position, g in enumerate(ordered, start=1)}
        self.few = [g["id"] for g in (ordered if len(ordered) <= MOST_TARGETS else shown)]
        self.cells: dict[tuple[str, str], list[tuple[int, str]]] = {}
        for g in ordered:
            if len(g["members"]) < size_max:
                self.cells.setdefault((g["slot"], g["lang"]), []).append((len(g["members"]), g["id"]))
        for cell in self.cells.values():
            cell.sort()

    def of(self, person, own: str) -> tuple[Target, ...]:
        """Those that keep every rule first, the smallest first; at most a menu's worth."""
        fits = [
            found for slot in person.slots for lang in person.langs for found in self.cells.get((slot, lang), ())[:MOST_TARGETS]
        ]
        fitting = [gid for _size, gid in sorted(fits) if gid != own]
        allowed = set(fitting)
        best = fitting[: MOST_TARGETS if len(self.number) <= MOST_TARGETS else BEST_TARGETS]
        chosen = [*best, *(gid for gid in self.few if gid != own and gid not in best)]
        return tuple(Target(id=gid, number=self.number[gid], fits=gid in allowed) for gid in chosen[:MOST_TARGETS])


def _page_of(items: list, page: int, size: int, at: int | None) -> tuple[int, int]:
    """(page, pages): the page that was asked for, or that of position `at`."""
    pages = max(1, -(-len(items) // size))
    return (min(at // size + 1 if at is not None else max(1, page), pages), pages)


def board(
    *, actor: Actor, round_uid: str, page: int = 0, around: str = "", slot: str = "", faulty: bool = False, left_page: int = 1,
) -> Board:
    """The newest revision with names, broken rules and explanations. A constant number of queries.

    With `page` (from 1 on) there are GROUPS_A_PAGE groups and as many people without a place (`left_page`) only;
    `around` is a person whose page is wanted instead. `slot` shows the groups of one date, `faulty` those with something
    to look at. Filters give way to `around`.
    """
    round_ = access.led_round(actor, round_uid)
    last = latest(round_.pk)
    slots = {row.uid: _slot_view(row) for row in Slot.objects.filter(round=round_).order_by("starts_at", "pk")}
    rules = rules_of(round_)
    read = _instance.source(round_, rules, kept=True)
    known = read.keys
    ordered = _ordered(last, known, slots)
    placed = {m for g in ordered for m in g["members"]}
    reasons = dict(last.unplaced) if last else {}
    unplaced = {uid: reasons.get(uid, "competition") for uid in known if uid not in placed}
    solution = _instance.solution_of(ordered, unplaced)
    facts = facts_of(round_, last.number if last else 0, read, solution, _bound(last))

    listed = [g for g in ordered if (not slot or g["slot"] == slot) and (not faulty or g["id"] in facts.faults)]
    at = next((position for position, g in enumerate(listed) if around and around in g["members"]), None)
    if around in placed and at is None:
        listed, slot, faulty = ordered, "", False
        at = next(position for position, g in enumerate(listed) if around in g["members"])
    left = list(unplaced)
    left_page, left_pages = _page_of(left, left_page, GROUPS_A_PAGE, left.index(around) if around in unplaced else None)
    pages = 1
    shown, left_shown = listed, left
    if page:
        page, pages = _page_of(listed, page, GROUPS_A_PAGE, at)
        shown = listed[(page - 1) * GROUPS_A_PAGE : page * GROUPS_A_PAGE]
        left_shown = left[(left_page - 1) * GROUPS_A_PAGE : left_page * GROUPS_A_PAGE]

    people = {m for g in shown for m in g["members"]}
    instance = _instance.with_history(round_, read.instance(only=read.with_friends({*people, *left_shown})), known, people)
    told = explain(instance, explainable(instance, solution), bound=_bound(last), only={g["id"] for g in shown})
    left_why = why_left(round_, last.number if last else 0, read, solution, left_shown)
    wanted = {*people, *left_shown, *_mentioned(
        item for part in (told.people, told.groups, left_why) for items in part.values() for item in items
    )}
    wanted |= {uid for _kind, params in facts.advice for uid in params.get("people", ())}
    rows = {
        uid: (name, region) for uid, name, region in
        Registration.objects.filter(pk__in=[known[uid] for uid in wanted if uid in known]).values_list("uid", "display_name", "region")
    }
    names = {uid: name for uid, (name, _region) in rows.items()}
    persons = {person.id: person for person in instance.people if person.id in wanted}
    targets = _Targets(ordered, instance.rules.size_max, shown)

    def person_view(uid: str, group: dict | None) -> BoardPerson:
        person = persons[uid]
        return BoardPerson(
            uid=uid, name=rows[uid][0], region=rows[uid][1], can_moderate=person.mod,
            brings_case=person.case > 0, urgency=person.case, languages=tuple(person.langs),
            pinned=bool(group and (group["pinned"] or uid in group["pinned_members"])),
            is_moderator=bool(group and group["moderator"] == uid),
            case_is_heard=bool(group and uid in group["cases"]),
            wish={3: "yes", 1: "maybe"}.get(person.slots.get(group["slot"], 0), "no") if group else "",
            why=_whys((told.people if group else left_why).get(uid, ()), names),
            reason="" if group else unplaced[uid],
            targets=targets.of(person, group["id"] if group else ""),
        )

    return Board(
        round_uid=round_.uid,
        number=last.number if last else 0,
        groups=tuple(
            BoardGroup(
                id=g["id"], number=targets.number[g["id"]], slot=slots[g["slot"]], language=g["lang"],
                people=tuple(person_view(uid, g) for uid in g["members"]),
                moderator=g["moderator"],
                moderator_is_facilitator=g["moderator"].startswith("f") and g["moderator"] not in known,
                pinned=g["pinned"],
                problems=tuple(facts.faults.get(g["id"], ())),
                why=_whys(told.groups.get(g["id"], ()), names),
            )
            for g in shown
        ),
        groups_total=len(ordered),
        listed_total=len(listed),
        faulty_total=len(facts.faults),
        slot=slot,
        faulty=faulty,
        broken=tuple(sorted({rule for found in facts.faults.values() for rule, _word in found})),
        unplaced=tuple(person_view(uid, None) for uid in left_shown),
        unplaced_total=len(unplaced),
        page=page,
        pages=pages,
        left_page=left_page,
        left_pages=left_pages,
        placed=len(placed),
        bound=_bound(last),
        notes=tuple(Why(kind=kind, params=params) for kind, params in facts.notes),
        can_undo=bool(last and last.figures.get("undone_to", last.number) > 1),
        is_published=facts.is_published,
        differs_from_published=facts.differs,
        slots=tuple(slots.values()),
        advice=tuple(
            Why(kind=kind, params={**params, "names": tuple(names[uid] for uid in params.get("people", ()) if uid in names)})
            for kind, params in facts.advice
        ),
    )  # fmt: skip


def _in_order(round_: Round) -> list[dict]:
    """The groups of the newest revision as stored, in the order of their numbers."""
    slots = dict(Slot.objects.filter(round=round_).values_list("uid", "starts_at"))
    last = latest(round_.pk)
    return sorted(last.groups if last else [], key=lambda g: (slots[g["slot"]], g["id"]))


def find(*, actor: Actor, round_uid: str, text: str) -> list[Found]:
    """People of the round whose display name contains `text`, with the number of their group; at most MATCHES. Four queries."""
    round_ = access.led_round(actor, round_uid)
    text = " ".join(text.split())[:60]
    if not text:
        return []
    rows = list(
        Registration.objects.filter(round=round_, state="registered", display_name__icontains=text)
        .order_by("display_name", "pk").values_list("uid", "display_name")[:MATCHES]
    )
    groups = _in_order(round_)
    number = {m: position for position, g in enumerate(groups, start=1) for m in g["members"]}
    return [Found(uid=uid, name=name, group_number=number.get(uid, 0)) for uid, name in rows]


def group_numbered(*, actor: Actor, round_uid: str, position: str) -> str:
    """The id of the group with this number on the newest board; "" for none."""
    round_ = access.led_round(actor, round_uid)
    ordered = _in_order(round_)
    number = int(position) if position.isascii() and position.isdigit() and len(position) < 6 else 0
    return ordered[number - 1]["id"] if 0 < number <= len(ordered) else ""


STEPS = 30


def revisions(*, actor: Actor, round_uid: str) -> list[Step]:
    """The newest steps on the board, newest first, at most STEPS. Three queries."""
    round_ = access.led_round(actor, round_uid)
    rows = list(
        Proposal.objects.filter(round=round_).order_by("-number")
        .values_list("number", "action", "created_by_id", "created_at")[:STEPS]
    )
    users = get_user_model().objects.in_bulk({row[2] for row in rows if row[2] is not None})
    return [
        Step(number=number, action=action, by=users[by].get_full_name() or users[by].get_username() if by in users else "", at=at)
        for number, action, by, at in rows
    ]
