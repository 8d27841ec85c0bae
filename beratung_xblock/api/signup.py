"""Sign-up: one volunteer in one round; places and the way onto the waiting list."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from django.contrib.auth import get_user_model
from django.db import IntegrityError
from django.db.models import prefetch_related_objects
from django.utils import timezone

from beratung_xblock import access, actors, completion, outbox
from beratung_xblock.data import plain_text
from beratung_xblock.data.actor import Actor
from beratung_xblock.data.enums import CaseState, RegistrationState, RoundState, SlotAnswer, TakePart
from beratung_xblock.data.settings import PlaceSettings, settings_from_snapshot
from beratung_xblock.data.views import RegistrationView
from beratung_xblock.exceptions import Conflict, Invalid, NotFound
from beratung_xblock.models import Availability, Case, Evidence, Membership, PlaceOffer, Registration, Round, SessionCase, Slot

from . import session_cache, undertaking
from ._places import MISSED_OFFERS_UNTIL_ASLEEP, keep_seat, offer_free_places, seat_newcomer, waiting_position
from ._rules import HELD, rules_of
from ._write import audit, locked_round, retried

__all__ = ["Wishes", "cancel", "own_registration", "read_wishes", "register", "register_by_phone", "update"]

DECIDED = (RoundState.PUBLISHED.value, RoundState.FINISHED.value, RoundState.CANCELLED.value)
NEEDS = ("captions", "interpreter", "more_time", "phone_help")


@dataclass(frozen=True, kw_only=True)
class Wishes:
    """What sign-up asks, checked. `answers` maps slot uid to yes, maybe or no."""

    display_name: str
    answers: Mapping[str, str]
    languages: tuple[str, ...]
    can_moderate: bool = False
    brings_case: bool = False
    urgency: int = 1
    region: str = ""
    organisation: str = ""
    experience: int = 0
    wish_with: str = ""
    take_part: str = TakePart.ONLINE.value
    needs: tuple[str, ...] = ()
    wants_reminders: bool = True
    wants_refresher: bool = False
    language: str = "de"
    time_zone: str = "Europe/Berlin"


def _flag(value: Any) -> bool:
    return value is True or str(value).lower() in ("true", "1", "on", "yes")


def _short(raw: Mapping[str, Any], name: str, limit: int, errors: dict[str, object]) -> str:
    value = raw.get(name)
    if value is None:
        return ""
    if not isinstance(value, str):
        errors[name] = "text"
        return ""
    value = plain_text.one_line(value)
    if len(value) > limit:
        errors[name] = "long"
    return value


def _small(raw: Mapping[str, Any], name: str, low: int, high: int, default: int, errors: dict[str, object]) -> int:
    value = raw.get(name)
    if value is None or value == "":
        return default
    try:
        number = int(str(value))
    except ValueError:
        errors[name] = "number"
        return default
    if not low <= number <= high:
        errors[name] = "range"
    return number


def _list(raw: Mapping[str, Any], name: str) -> list[str]:
    value = raw.get(name)
    if isinstance(value, str):
        value = [value]
    return [str(item) for item in value][:50] if isinstance(value, (list, tuple)) else []


def read_wishes(raw: Mapping[str, Any], *, rules: PlaceSettings, slot_uids: set[str], actor: Actor) -> Wishes:
    """Check what was typed. Raises Invalid naming every wrong field at once; slots as `answers`."""
    errors: dict[str, object] = {}
    name = _short(raw, "display_name", 60, errors)
    if not name:
        errors.setdefault("display_name", "required")
    given = raw.get("answers")
    given = given if isinstance(given, Mapping) else {}
    words = {answer.value for answer in SlotAnswer}
    answers = {uid: str(given.get(uid, SlotAnswer.NO.value)) for uid in sorted(slot_uids)}
    if any(word not in words for word in answers.values()) or set(map(str, given)) - slot_uids:
        errors["answers"] = "choice"
    elif all(word == SlotAnswer.NO.value for word in answers.values()):
        errors["answers"] = "required"
    languages = tuple(dict.fromkeys(_list(raw, "languages"))) or (rules.languages[0],)
    if any(word not in rules.languages for word in languages):
        errors["languages"] = "choice"
    region = _short(raw, "region", 80, errors)
    if region and rules.regions and region not in rules.regions:
        errors["region"] = "choice"
    take_part = str(raw.get("take_part") or TakePart.ONLINE.value)
    if take_part not in {way.value for way in TakePart}:
        errors["take_part"] = "choice"
    needs = tuple(dict.fromkeys(_list(raw, "needs")))
    if any(need not in NEEDS for need in needs):
        errors["needs"] = "choice"
    wishes = Wishes(
        display_name=name,
        answers=answers,
        languages=languages,
        can_moderate=_flag(raw.get("can_moderate")),
        brings_case=_flag(raw.get("brings_case")),
        urgency=_small(raw, "urgency", 1, 3, 1, errors),
        region=region,
        organisation=_short(raw, "organisation", 120, errors),
        experience=_small(raw, "experience", 0, 2, 0, errors),
        wish_with=_short(raw, "wish_with", 60, errors),
        take_part=take_part,
        needs=needs,
        wants_reminders=_flag(raw.get("wants_reminders", True)),
        wants_refresher=_flag(raw.get("wants_refresher")),
        language=actor.language,
        time_zone=actor.time_zone,
    )
    if errors:
        raise Invalid(errors)
    return wishes


def _columns(wishes: Wishes) -> dict[str, Any]:
    return {
        "display_name": wishes.display_name,
        "languages": list(wishes.languages),
        "can_moderate": wishes.can_moderate,
        "brings_case": wishes.brings_case,
        "urgency": wishes.urgency,
        "region": wishes.region,
        "organisation": wishes.organisation,
        "experience": wishes.experience,
        "wish_with": wishes.wish_with,
        "take_part": wishes.take_part,
        "needs": list(wishes.needs),
        "wants_reminders": wishes.wants_reminders,
        "wants_refresher": wishes.wants_refresher,
        "language": wishes.language,
        "time_zone": wishes.time_zone,
    }


def _store_answers(registration: Registration, answers: Mapping[int, str]) -> None:
    Availability.objects.filter(registration=registration).delete()
    Availability.objects.bulk_create(
        Availability(registration=registration, slot_id=slot_pk, answer=word) for slot_pk, word in answers.items()
    )


def _slot_uids(round_pk: int) -> set[str]:
    return set(Slot.objects.filter(round_id=round_pk, is_cancelled=False).values_list("uid", flat=True))


def _waited_before(round_: Round, user_id: int | None) -> int:
    """Rounds in a row, just before this one and decided, in which the person wanted a place and got none."""
    if user_id is None:
        return 0
    earlier = (
        Registration.objects.filter(
            round__place_id=round_.place_id, user_id=user_id, round__pk__lt=round_.pk, round__state__in=DECIDED
        )
        .exclude(state=RegistrationState.CANCELLED.value)
        .order_by("-round_id")
    )
    waited = 0
    for row in earlier[:8]:
        if row.state == RegistrationState.REGISTERED.value and row.memberships.filter(left_at__isnull=True).exists():
            break
        waited += 1
    return waited


def own_registration(*, actor: Actor, round_uid: str) -> RegistrationView | None:
    """The actor's registration in a round, None when there is none. Three queries at most."""
    try:
        row = access.own_registration(actor, round_uid)
    except NotFound:
        return None
    return view_of(row)


def view_of(row: Registration, *, with_answers: bool = True) -> RegistrationView:
    """A registration as frozen data, with waiting position and offer when they matter."""
    answers = dict(row.availabilities.values_list("slot__uid", "answer")) if with_answers else {}
    offer = None
    if row.state == RegistrationState.OFFERED.value:
        offer = PlaceOffer.objects.filter(registration=row, state="open").order_by("-pk").first()
    return RegistrationView(
        uid=row.uid, round_uid=row.round.uid, display_name=row.display_name, state=row.state, answers=answers,
        languages=tuple(row.languages), can_moderate=row.can_moderate, brings_case=row.brings_case,
        urgency=row.urgency, region=row.region, organisation=row.organisation, experience=row.experience,
        wish_with=row.wish_with, take_part=row.take_part, needs=tuple(row.needs),
        wants_reminders=row.wants_reminders, wants_refresher=row.wants_refresher, is_guest=row.user_id is None,
        is_asleep=row.state == RegistrationState.WAITING.value and row.missed_offers >= MISSED_OFFERS_UNTIL_ASLEEP,
        waiting_position=waiting_position(row) if row.state == RegistrationState.WAITING.value else None,
        offer_expires_at=offer.expires_at if offer else None,
        not_placed_because=row.not_placed_because,
    )


@retried
def register(*, actor: Actor, round_uid: str, wishes: Mapping[str, Any]) -> RegistrationView:
    """Sign up the actor. A full round puts them on the waiting list. Repeating it changes the wishes.

    Raises Invalid (fields), UndertakingNeeded, Conflict("closed") after the deadline, NotFound.
    """
    access.require_writer(actor)
    round_ = access.round_(actor, round_uid)
    rules = rules_of(round_)
    undertaking.require(actor=actor, settings=settings_from_snapshot(round_.place.settings))
    checked = read_wishes(wishes, rules=rules, slot_uids=_slot_uids(round_.pk), actor=actor)
    with locked_round(round_.pk) as held:
        _require_open(held)
        row = _enter(held, actor.user_id, checked, actor=actor)
    return view_of(row)


def _require_open(held: Round) -> None:
    if held.state != RoundState.OPEN.value or held.closes_at <= timezone.now():
        raise Conflict("closed")


def _enter(held: Round, user_id: int | None, wishes: Wishes, *, actor: Actor, **guest: Any) -> Registration:
    row = Registration.objects.filter(round=held, user_id=user_id).first() if user_id is not None else None
    fresh = row is None or row.state == RegistrationState.CANCELLED.value
    if row is None:
        row = Registration(round=held, user_id=user_id, queued_at=timezone.now(), **guest)
        row.waited = _waited_before(held, user_id)
    for name, value in _columns(wishes).items():
        setattr(row, name, value)
    prefetch_related_objects([held], "slots")  # read once for the seats and the answers: everybody else waits here
    answers = {slot.pk: wishes.answers[slot.uid] for slot in held.slots.all() if slot.uid in wishes.answers}
    row.missed_offers = 0
    if fresh:
        row.queued_at = timezone.now()
        row.cancelled_at = None
        row.cancel_reason = ""
        room = seat_newcomer(held, row, answers)
        row.state = RegistrationState.REGISTERED.value if room else RegistrationState.WAITING.value
    elif row.state in HELD and not keep_seat(held, row, answers):
        raise Invalid({"answers": "full"})
    try:
        row.save()
    except IntegrityError:
        raise Conflict("twice") from None
    _store_answers(row, answers)
    if not fresh:
        offer_free_places(held)
        row.refresh_from_db()
    audit(
        actor, "registration.create" if fresh else "registration.update", kind="registration", uid=row.uid,
        place_id=held.place_id, round_uid=held.uid, state=row.state,
    )
    if fresh:
        kind = "confirmation" if row.state == RegistrationState.REGISTERED.value else "waiting"
        outbox.tell(row, kind=kind, place_id=held.place_id, cause=f"v{held.version}")
    if user_id is not None:
        signed_up = row.state == RegistrationState.REGISTERED.value
        mine = Evidence.objects.filter(place_id=held.place_id, user_id=user_id, round_uid=held.uid)
        if not mine.update(round=held, undertaking=True, signed_up=signed_up):
            Evidence.objects.create(
                place_id=held.place_id, user_id=user_id, round=held, round_uid=held.uid, undertaking=True,
                signed_up=signed_up,
            )
        completion.write_after_commit(held.place_id, [user_id])
    return row


@retried
def update(*, actor: Actor, round_uid: str, wishes: Mapping[str, Any]) -> RegistrationView:
    """Change one's own wishes until the deadline."""
    access.require_writer(actor)
    row = access.own_registration(actor, round_uid)
    checked = read_wishes(wishes, rules=rules_of(row.round), slot_uids=_slot_uids(row.round_id), actor=actor)
    with locked_round(row.round_id) as held:
        _require_open(held)
        if Registration.objects.get(pk=row.pk).state == RegistrationState.CANCELLED.value:
            raise Conflict("cancelled")
        row = _enter(held, actor.user_id, checked, actor=actor)
    return view_of(row)


@retried
def cancel(*, actor: Actor, round_uid: str, reason: str = "") -> None:
    """Give one's place back; it is free in the same transaction, and the next on the waiting list is asked.

    After the deadline a short reason for the staff is asked for: Invalid({"reason": "required"}).
    """
    access.require_writer(actor)
    row = access.own_registration(actor, round_uid)
    _cancel(actor, row, reason=reason, needs_reason=True)


def _cancel(actor: Actor, row: Registration, *, reason: str, needs_reason: bool) -> None:
    reason = plain_text.one_line(str(reason or ""))
    if len(reason) > 300:
        raise Invalid({"reason": "long"})
    with locked_round(row.round_id) as held:
        row = Registration.objects.select_related("round").get(pk=row.pk)
        if row.state == RegistrationState.CANCELLED.value:
            return
        if held.state in (RoundState.FINISHED.value, RoundState.CANCELLED.value):
            raise Conflict("closed")
        late = held.state != RoundState.OPEN.value or held.closes_at <= timezone.now()
        if late and needs_reason and not reason:
            raise Invalid({"reason": "required"})
        release(held, row, actor=actor, reason=reason)
        offer_free_places(held)


def cancel_by_link(*, actor: Actor, registration: Registration) -> None:
    """The same for somebody who follows the link "I cannot come" in a mail: no reason is asked, not even late."""
    _cancel(actor, registration, reason="", needs_reason=False)


def release(
    held: Round, row: Registration, *, actor: Actor, reason: str = "", tell: bool = True, by_owner: bool | None = None
) -> None:
    """Take one registration out of a locked round: seat, group, case and offers; audit and mail. Inside a transaction.

    `by_owner`: whether it was the person's own wish; when not given, whether they are the one who clicked.
    """
    now, was = timezone.now(), row.state
    by_owner = actor.user_id == row.user_id if by_owner is None else by_owner
    row.state = RegistrationState.CANCELLED.value
    row.cancelled_at = now
    row.cancel_reason = reason
    row.seat = None
    row.save(update_fields=["state", "cancelled_at", "cancel_reason", "seat"])
    PlaceOffer.objects.filter(registration=row, state="open").update(state="withdrawn", answered_at=now)
    for membership in Membership.objects.select_related("group").filter(registration=row, left_at__isnull=True):
        membership.left_at = now
        membership.save(update_fields=["left_at"])
        membership.group.membership_version += 1
        membership.group.save(update_fields=["membership_version"])
        session_cache.group_changed(membership.group_id)
    Case.objects.filter(registration=row, state=CaseState.SUBMITTED.value).update(
        state=CaseState.WITHDRAWN.value, staff_may_read=False, updated_at=now
    )
    SessionCase.objects.filter(case__registration=row, closed_at__isnull=True).update(closed_at=now)
    if row.user_id is not None:
        Evidence.objects.filter(place_id=held.place_id, user_id=row.user_id, round_uid=held.uid).update(
            signed_up=False, assigned=False
        )
        completion.write_after_commit(held.place_id, [row.user_id])
    audit(
        actor, "registration.cancel", kind="registration", uid=row.uid, place_id=held.place_id, round_uid=held.uid,
        by_owner=by_owner,
    )
    if tell:
        outbox.tell(
            row, kind="withdrawn", place_id=held.place_id, cause=f"v{held.version}", left_as=was, by_owner=by_owner
        )


@retried
def register_by_phone(
    *, actor: Actor, round_uid: str, wishes: Mapping[str, Any], user_id: int | None = None, phone: str = ""
) -> RegistrationView:
    """A coordinator registers somebody who phoned, with or without a platform account, also after the deadline.

    After the groups are published the person is one without a group, whom the desk offers to place.
    """
    round_ = access.led_round(actor, round_uid)
    rules = rules_of(round_)
    if len(phone) > 60:
        raise Invalid({"guest_phone": "long"})
    checked = read_wishes(wishes, rules=rules, slot_uids=_slot_uids(round_.pk), actor=actor)
    if user_id is not None:  # mails and times are for the person, not for who typed this
        person = get_user_model().objects.get(pk=user_id)
        checked = replace(checked, language=actors.language_of(person) or actor.language, time_zone=actors.time_zone_of(person))
    with locked_round(round_.pk) as held:
        if held.state not in (RoundState.OPEN.value, RoundState.CLOSED.value, RoundState.PUBLISHED.value):
            raise Conflict("closed")
        guest = {"registered_by_id": actor.user_id}
        if user_id is None:
            guest |= {"guest_name": checked.display_name, "guest_phone": phone}
        row = _enter(held, user_id, checked, actor=actor, **guest)
    return view_of(row)
