"""Teilnahmebescheinigung and yearly statement: issued from attendance, checked by anybody with the code, never told more.

A certificate is one row with a random code, made when somebody asks for it with a button (`issue_...`). Reading one changes
nothing. When the attendance behind it is corrected, the old code stops being valid, and a new one has to be made.
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass

from django.contrib.auth import get_user_model
from django.db import transaction
from django.db.models import F, Q, QuerySet
from django.utils import timezone

from beratung_xblock import access, actors
from beratung_xblock.data.actor import Actor
from beratung_xblock.data.enums import Role
from beratung_xblock.data.reports import Certificate, CertificateSession
from beratung_xblock.data.settings import settings_from_snapshot
from beratung_xblock.exceptions import Invalid, NotFound
from beratung_xblock.models import Attendance, Membership, Place, Registration
from beratung_xblock.models import Certificate as Row

from ._report_rows import ZONE, period_bounds
from ._write import audit, retried
from .attendance import counts_as_attended
from .rounds import rules_of

__all__ = ["is_valid", "issue_for", "issue_hours", "issue_own", "made_for", "of_registration", "own", "own_hours", "read_code"]

ALPHABET = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ"
LETTERS, BLOCK = 16, 4
ATTENDANCE, HOURS = "attendance", "hours"


def _new_code() -> str:
    letters = "".join(secrets.choice(ALPHABET) for _number in range(LETTERS))
    return "-".join(letters[start : start + BLOCK] for start in range(0, LETTERS, BLOCK))


def read_code(text: str) -> str:
    """A code as typed: spaces, hyphens and small letters do not matter; "" for what can be none."""
    letters = "".join(sign for sign in str(text).upper() if sign.isalnum())
    if len(letters) != LETTERS or set(letters) - set(ALPHABET):
        return ""
    return "-".join(letters[start : start + BLOCK] for start in range(0, LETTERS, BLOCK))


def _sessions(rows: QuerySet[Attendance]) -> list[tuple[Attendance, CertificateSession]]:
    """The attendances that count, oldest first. Three queries."""
    found = []
    attendances = list(
        rows.select_related("group", "group__slot", "group__round", "group__round__place").order_by("group__slot__starts_at", "pk")
    )
    moderated = set(
        Membership.objects.filter(
            registration_id__in=[row.registration_id for row in attendances], planned_role=Role.MODERATOR.value,
            left_at__isnull=True,
        ).values_list("registration_id", "group_id")
    )
    for row in attendances:
        rules = rules_of(row.group.round)
        if counts_as_attended(minutes=row.minutes, scheduled=row.scheduled_minutes, override=row.override, settings=rules):
            slot = row.group.slot
            found.append((
                row,
                CertificateSession(
                    starts_at=slot.starts_at, ends_at=slot.ends_at, time_zone=slot.time_zone, minutes=row.minutes,
                    take_part=row.take_part, moderated=(row.registration_id, row.group_id) in moderated,
                ),
            ))
    return found


def _rows_behind(row: Row) -> QuerySet[Attendance]:
    rows = Attendance.objects.filter(group__round__place_id=row.place_id)
    rows = rows.filter(registration__uid=row.registration_uid) if row.registration_uid else rows.filter(registration__user_id=row.user_id, registration__user__isnull=False)
    if row.kind == HOURS:
        first, after = period_bounds(row.year or 1, 0)
        return rows.filter(group__slot__starts_at__gte=first, group__slot__starts_at__lt=after)
    return rows.filter(group__round__uid=row.round_uid)


@dataclass(frozen=True)
class _Wanted:
    """Which certificate is meant: a row as it would be saved, and the name on it."""

    row: Row
    name: str

    def same(self) -> QuerySet[Row]:
        """Valid rows for the same."""
        row = self.row
        return Row.objects.filter(
            place=row.place, user_id=row.user_id, registration_uid=row.registration_uid, kind=row.kind, year=row.year,
            round_uid=row.round_uid, revoked_at__isnull=True,
        )

    def told(self) -> tuple[tuple[CertificateSession, ...], int]:
        """The sessions on it and their minutes. Raises NotFound when nothing counts as attended."""
        sessions = tuple(session for _row, session in _sessions(_rows_behind(self.row)))
        if not sessions:
            raise NotFound
        return sessions, sum(session.minutes for session in sessions)

    def filled(self, row: Row, sessions: tuple[CertificateSession, ...], minutes: int) -> Certificate:
        """Ready to print."""
        settings = settings_from_snapshot(self.row.place.settings)
        return Certificate(
            code=row.code, kind=row.kind, name=self.name, organisation=settings.organisation_name,
            title=settings.display_name, issued_on=row.issued_at.astimezone(ZONE).date(), minutes=minutes,
            sessions=sessions, year=row.year, signed_by=settings.contact_name,
        )

    def read(self) -> Certificate:
        """The one that was made for the attendance as it stands. Raises NotFound when there is none. Changes nothing."""
        sessions, minutes = self.told()
        row = self.same().filter(minutes=minutes).order_by("pk").first()
        if row is None:
            raise NotFound
        return self.filled(row, sessions, minutes)

    def issue(self, actor: Actor) -> Certificate:
        """The one for the attendance as it stands, made when there is none; what was made for another ends."""
        sessions, minutes = self.told()
        place = self.row.place
        with transaction.atomic(durable=True):
            Place.objects.filter(pk=place.pk).update(version=F("version"))  # two clicks at once wait for each other
            row = self.same().filter(minutes=minutes).order_by("pk").first()
            if row is None:
                self.same().update(revoked_at=timezone.now())
                row = self.row
                row.code, row.minutes, row.issued_at = _new_code(), minutes, timezone.now()
                row.save()
                audit(
                    actor, "certificate.issue", kind="certificate", uid=row.uid, place_id=place.pk, round_uid=row.round_uid,
                    certificate=row.kind,
                )
        return self.filled(row, sessions, minutes)


def _full_name(user_id: int | None, fallback: str) -> str:
    user = get_user_model().objects.filter(pk=user_id).first() if user_id is not None else None
    return actors.full_name(user) if user is not None else fallback


def _own(actor: Actor, round_uid: str) -> _Wanted:
    access.require_writer(actor)
    mine = access.own_registration(actor, round_uid)
    row = Row(place=mine.round.place, user_id=actor.user_id, kind=ATTENDANCE, round_uid=mine.round.uid)
    return _Wanted(row, _full_name(actor.user_id, mine.display_name))


def _own_year(actor: Actor, year: int) -> _Wanted:
    access.require_writer(actor)
    if not 2000 <= year <= 2200:
        raise Invalid({"year": "range"})
    return _Wanted(Row(place=access.place(actor), user_id=actor.user_id, kind=HOURS, year=year), _full_name(actor.user_id, ""))


def _led(actor: Actor, registration_uid: str) -> _Wanted:
    found: Registration = access.led_registration(actor, registration_uid)
    row = Row(
        place=found.round.place, user_id=found.user_id, kind=ATTENDANCE, round_uid=found.round.uid,
        registration_uid="" if found.user_id is not None else found.uid,
    )
    return _Wanted(row, _full_name(found.user_id, found.guest_name or found.display_name))


@retried
def issue_own(*, actor: Actor, round_uid: str) -> Certificate:
    """Make the actor's certificate for the sessions of one round; twice is once. Raises NotFound when nothing counts."""
    return _own(actor, round_uid).issue(actor)


@retried
def issue_hours(*, actor: Actor, year: int) -> Certificate:
    """Make the actor's yearly statement at this place; twice is once. Raises NotFound when nothing counts in that year."""
    return _own_year(actor, year).issue(actor)


@retried
def issue_for(*, actor: Actor, registration_uid: str) -> Certificate:
    """Make a volunteer's certificate of one round for their coordinator, also for guests without an account."""
    return _led(actor, registration_uid).issue(actor)


def own(*, actor: Actor, round_uid: str) -> Certificate:
    """The actor's certificate of a round, as it was made. Raises NotFound when it was not, or the attendance has changed."""
    return _own(actor, round_uid).read()


def own_hours(*, actor: Actor, year: int) -> Certificate:
    """The actor's yearly statement, as it was made. Raises NotFound like `own`."""
    return _own_year(actor, year).read()


def ready(*, actor: Actor, round_uid: str, year: int) -> frozenset[str]:
    """Which of the actor's own were made for the attendance as it stands: ATTENDANCE of the round, HOURS of the year.

    One query where none was made.
    """
    rows = Row.objects.select_related("place").filter(
        Q(kind=ATTENDANCE, round_uid=round_uid) | Q(kind=HOURS, year=year), place__usage_key=actor.usage_key,
        user_id=actor.user_id, user__isnull=False, registration_uid="", revoked_at__isnull=True,
    )
    return frozenset(
        row.kind for row in rows if sum(session.minutes for _row, session in _sessions(_rows_behind(row))) == row.minutes
    )


def made_for(*, actor: Actor, group_uid: str) -> frozenset[str]:
    """Registrations of a group whose certificate of the round was made for the attendance as it stands. Seven queries at most."""
    group = access.led_group(actor, group_uid)
    people = {row.pk: row for row in Registration.objects.filter(memberships__group=group, memberships__left_at__isnull=True)}
    minutes: dict[int, int] = {}
    for row, session in _sessions(Attendance.objects.filter(registration_id__in=people, group__round_id=group.round_id)):
        minutes[row.registration_id] = minutes.get(row.registration_id, 0) + session.minutes
    made = set(
        Row.objects.filter(place_id=group.round.place_id, kind=ATTENDANCE, round_uid=group.round.uid, revoked_at__isnull=True)
        .values_list("user_id", "registration_uid", "minutes")
    )
    return frozenset(
        row.uid for pk, row in people.items() if (row.user_id, "" if row.user_id is not None else row.uid, minutes.get(pk)) in made
    )


def of_registration(*, actor: Actor, registration_uid: str) -> Certificate:
    """A volunteer's certificate, as it was made, for their coordinator. Raises NotFound like `own`."""
    return _led(actor, registration_uid).read()


def is_valid(*, code: str) -> bool:
    """Whether a certificate with this code is valid now. Says nothing else; unknown and revoked answer alike.

    A corrected attendance ends validity at once; attendance that was deleted after its time does not.
    """
    row = Row.objects.filter(code=read_code(code) or "-", revoked_at__isnull=True).first()
    if row is None:
        return False
    if row.user_id is None and not row.registration_uid:
        return True
    behind = _rows_behind(row)
    if not behind.filter(Q(minutes__gt=0) | Q(updated_at__gt=row.issued_at)).exists():
        return True
    return sum(session.minutes for _row, session in _sessions(behind)) == row.minutes
