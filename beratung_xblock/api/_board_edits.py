"""Changing the assignment board by hand: each step appends a revision, so every step can be taken back."""

from __future__ import annotations

from collections.abc import Callable, Collection

from beratung_xblock import access
from beratung_xblock.data.actor import Actor
from beratung_xblock.data.enums import RegistrationState
from beratung_xblock.exceptions import Conflict, Invalid, NotFound
from beratung_xblock.models import Proposal, Registration, Slot
from beratung_xblock.models._base import new_uid

from ._proposals import latest, newest_number, numbered, store
from ._write import locked_round, retried
from .rounds import rules_of


def _edit(
    actor: Actor, round_uid: str, number: int, action: str, change: Callable[[list[dict], dict[str, str]], None]
) -> int:
    round_, _last = numbered(round_uid, actor, number)
    with locked_round(round_.pk) as held:
        newest = latest(held.pk)  # read for this step alone, so that it may be changed in place
        if newest is None or newest.number != number:
            raise Conflict("stale", current_version=newest.number if newest else 0)
        unplaced = dict(newest.unplaced)
        change(newest.groups, unplaced)
        groups = [g for g in newest.groups if g["members"]]
        figures = {key: value for key, value in newest.figures.items() if key != "undone_to"}
        return store(held, actor, groups=groups, unplaced=unplaced, figures=figures, action=action).number


def _find(groups: list[dict], group_id: object) -> dict:
    for group in groups:
        if group["id"] == group_id:
            return group
    raise NotFound


def _take_out(groups: list[dict], unplaced: dict[str, str], uid: object) -> None:
    if unplaced.pop(uid, None) is not None:
        return
    for group in groups:
        if uid in group["members"]:
            group["members"].remove(uid)
            for part in ("cases", "pinned_members"):
                group[part] = [m for m in group[part] if m != uid]
            if group["moderator"] == uid:
                group["moderator"] = ""
            return
    raise NotFound


@retried
def move(*, actor: Actor, round_uid: str, number: int, person: str, to_group: str) -> int:
    """Move a person into a group, or out of all with `to_group` empty. What breaks a rule is shown, not refused."""

    def change(groups: list[dict], unplaced: dict[str, str]) -> None:
        target = _find(groups, to_group) if to_group else None
        _take_out(groups, unplaced, person)
        if target is None:
            unplaced[person] = "competition"
        else:
            target["members"] = sorted([*target["members"], person])
            target["pinned_members"] = sorted({*target["pinned_members"], person})

    return _edit(actor, round_uid, number, "move", change)


@retried
def new_group(*, actor: Actor, round_uid: str, number: int, slot_uid: str, language: str, person: str) -> int:
    """Start a group in a slot with one person."""
    round_ = access.led_round(actor, round_uid)
    if not Slot.objects.filter(round=round_, uid=slot_uid, is_cancelled=False).exists():
        raise NotFound
    if language not in rules_of(round_).languages:
        raise Invalid({"language": "choice"})

    def change(groups: list[dict], unplaced: dict[str, str]) -> None:
        _take_out(groups, unplaced, person)
        groups.append(
            {"id": new_uid(), "slot": slot_uid, "lang": language, "members": [person], "moderator": "", "cases": [],
             "pinned": False, "pinned_members": [person]}
        )

    return _edit(actor, round_uid, number, "new_group", change)


@retried
def merge_groups(*, actor: Actor, round_uid: str, group: str, into: str) -> int:
    """Put everybody of one group into another one of the same date on the newest revision; a step to take back.

    The other group keeps its moderator and its planned case; where it has none, those of the first are taken over. Who has
    cancelled since leaves the board. Raises Conflict("changed_meanwhile") when the board does not hold both groups.
    """
    round_, last = numbered(round_uid, actor, None)
    here = set(Registration.objects.filter(round=round_, state=RegistrationState.REGISTERED.value).values_list("uid", flat=True))

    def change(groups: list[dict], _unplaced: dict[str, str]) -> None:
        source, target = _find(groups, group), _find(groups, into)
        if group == into or source["slot"] != target["slot"]:
            raise NotFound
        for each in groups:
            for part in ("members", "cases", "pinned_members"):
                each[part] = [uid for uid in each[part] if uid in here]
            if each["moderator"] not in here and not each["moderator"].startswith("f"):
                each["moderator"] = ""
        target["members"] = sorted({*target["members"], *source["members"]})
        target["moderator"] = target["moderator"] or source["moderator"]
        target["cases"] = target["cases"] or [uid for uid in source["cases"][:1] if uid != target["moderator"]]
        source["members"] = []

    try:
        return _edit(actor, round_uid, last, "merge", change)
    except NotFound:
        raise Conflict("changed_meanwhile") from None


@retried
def pin_person(*, actor: Actor, round_uid: str, number: int, person: str, pinned: bool) -> int:
    """Fix a person in their group, or let them go."""

    def change(groups: list[dict], _unplaced: dict[str, str]) -> None:
        for group in groups:
            if person in group["members"]:
                rest = {m for m in group["pinned_members"] if m != person}
                group["pinned_members"] = sorted(rest | {person} if pinned else rest)
                return
        raise NotFound

    return _edit(actor, round_uid, number, "pin", change)


@retried
def pin_group(*, actor: Actor, round_uid: str, number: int, group: str, pinned: bool) -> int:
    """Fix a whole group as it is, or let it go."""

    def change(groups: list[dict], _unplaced: dict[str, str]) -> None:
        _find(groups, group)["pinned"] = bool(pinned)

    return _edit(actor, round_uid, number, "pin", change)


@retried
def set_moderator(*, actor: Actor, round_uid: str, number: int, group: str, moderator: str) -> int:
    """Name the moderator of a group: a member's uid, or "me" for the coordinator herself."""

    def change(groups: list[dict], _unplaced: dict[str, str]) -> None:
        target = _find(groups, group)
        if moderator == "me":
            target["moderator"] = f"f{actor.user_id}"
        elif moderator in target["members"]:
            target["moderator"] = moderator
            target["cases"] = [m for m in target["cases"] if m != moderator]
        else:
            raise NotFound

    return _edit(actor, round_uid, number, "moderator", change)


@retried
def set_heard_cases(*, actor: Actor, round_uid: str, number: int, group: str, people: list[str]) -> int:
    """Plan whose cases are heard in a group."""

    def change(groups: list[dict], _unplaced: dict[str, str]) -> None:
        target = _find(groups, group)
        if not set(people) <= set(target["members"]):
            raise NotFound
        target["cases"] = sorted(set(people))

    return _edit(actor, round_uid, number, "cases", change)


@retried
def undo(*, actor: Actor, round_uid: str, number: int) -> int:
    """Take the last action back: a copy of the revision before becomes the newest. Repeating goes further back."""
    round_, _last = numbered(round_uid, actor, number)
    with locked_round(round_.pk) as held:
        newest = Proposal.objects.filter(round_id=held.pk).order_by("-number").only("number", "figures").first()
        if newest is None or newest.number != number:
            raise Conflict("stale", current_version=newest.number if newest else 0)
        back_to = newest.figures.get("undone_to", newest.number) - 1
        before = Proposal.objects.filter(round=held, number=back_to).first()
        if before is None:
            raise Conflict("nothing_to_undo")
        figures = {**before.figures, "undone_to": before.figures.get("undone_to", back_to)}
        return store(held, actor, groups=before.groups, unplaced=before.unplaced, figures=figures, action="undo").number


@retried
def offer_moderation(*, actor: Actor, slot_uid: str, wanted: bool) -> None:
    """The coordinator offers to moderate one group in a slot."""
    slot = access.led_slot(actor, slot_uid)
    with locked_round(slot.round_id):
        current = set(Slot.objects.get(pk=slot.pk).facilitators) - {actor.user_id}
        Slot.objects.filter(pk=slot.pk).update(
            facilitators=sorted(current | {actor.user_id} if wanted else current)
        )


@retried
def restore(*, actor: Actor, round_uid: str, number: int, back_to: int) -> int:
    """Go back to an earlier revision: a copy of it becomes the newest. Raises NotFound for a revision that never was."""
    round_, _last = numbered(round_uid, actor, number)
    with locked_round(round_.pk) as held:
        newest = newest_number(held.pk)
        if not newest or newest != number:
            raise Conflict("stale", current_version=newest)
        before = Proposal.objects.filter(round=held, number=back_to).first()
        if before is None:
            raise NotFound
        figures = {key: value for key, value in before.figures.items() if key != "undone_to"}
        return store(held, actor, groups=before.groups, unplaced=before.unplaced, figures=figures, action="restore").number


@retried
def gather(*, actor: Actor, round_uid: str, number: int, slot_uid: str, language: str, people: Collection[str]) -> int:
    """A new group of several people at once, as the advice suggests; whoever can moderate does."""
    round_ = access.led_round(actor, round_uid)
    if not Slot.objects.filter(round=round_, uid=slot_uid, is_cancelled=False).exists():
        raise NotFound
    able = set(
        Registration.objects.filter(round=round_, uid__in=list(people), can_moderate=True).values_list("uid", flat=True)
    )

    def change(groups: list[dict], unplaced: dict[str, str]) -> None:
        for uid in people:
            _take_out(groups, unplaced, uid)
        groups.append(
            {"id": new_uid(), "slot": slot_uid, "lang": language, "members": sorted(people),
             "moderator": min(able, default=""), "cases": [], "pinned": False, "pinned_members": sorted(people)}
        )

    return _edit(actor, round_uid, number, "new_group", change)
