"""What a running session keeps in the cache, so that a poll with nothing new asks the database nothing.

Three kinds of entries, all of which may vanish at any time:

* the *token* of a session: a number that rises with every committed write. A reader takes the token before it reads
  the database, so what it shows is never older than its token. A lost token starts again from the time of day, which
  nobody has seen before: everybody reads the database once.
* a *grant*: this user is this person of this session. It holds the epochs of session and user it was made in; when
  somebody leaves, is unenrolled or changes role, an epoch moves on and the grant is void at once.
* *signs of life*: when each page was last heard of. The epoch's own start stands in for what is not there, so a lost
  cache never makes a moderator look gone.

The cache must be shared by all server processes (Redis or Memcached, as in every Open edX installation).
"""

from __future__ import annotations

import random
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime

from django.core.cache import cache
from django.db import transaction

from beratung_xblock.models import Session
from beratung_xblock.process import Heard, PersonId
from beratung_xblock.process.rules import GONE_AFTER

SEATS = 12
KEEP = 12 * 3600
GRANT_SECONDS = 300
SIGN_EVERY = 5.0
"""Seconds between two signs of life written for one page."""
ONLINE_SECONDS = GONE_AFTER.total_seconds()
BYE_SECONDS = 10.0
"""A closed page counts as gone after so long: time enough for a reload."""


@dataclass(frozen=True, slots=True)
class Grant:
    """This user is `person`, sitting on `seat` (its number among the signs of life)."""

    person: PersonId
    seat: int
    course_key: str
    usage_key: str
    session_epoch: int
    user_epoch: int
    until: float


@dataclass(frozen=True, slots=True)
class Glance:
    """One look into the cache: one round trip. Without a grant, or without a token, the database must be asked."""

    session_uid: str
    user_id: int
    now: float
    token: int | None
    session_epoch: int | None
    user_epoch: int | None
    grant: Grant | None
    seen: Mapping[PersonId, float] = field(default_factory=dict)
    signed_at: float = 0.0

    def online(self) -> tuple[PersonId, ...]:
        """Who was heard of lately, in stable order."""
        return tuple(sorted((p for p, at in self.seen.items() if self.now - at < ONLINE_SECONDS), key=str))

    def heard(self) -> Heard:
        """The signs of life for the rules."""
        since = (self.session_epoch or int(self.now * 1000)) / 1000
        return Heard(
            since=datetime.fromtimestamp(min(since, self.now), UTC),
            seen={person: datetime.fromtimestamp(at, UTC) for person, at in self.seen.items()},
        )


def _token(uid: str) -> str:
    return f"kb:{uid}:t"


def _epoch(uid: str) -> str:
    return f"kb:{uid}:e"


def _user_epoch(user_id: int) -> str:
    return f"kb:u{user_id}:e"


def _grant(uid: str, user_id: int) -> str:
    return f"kb:{uid}:g{user_id}"


def _sign(uid: str, seat: int) -> str:
    return f"kb:{uid}:p{seat}"


def _fresh_number() -> int:
    return time.time_ns() // 1_000_000


def glance(session_uid: str, user_id: int) -> Glance:
    """Everything the cache knows for one poll; creates nothing."""
    keys = [_token(session_uid), _epoch(session_uid), _user_epoch(user_id), _grant(session_uid, user_id)]
    signs = [_sign(session_uid, seat) for seat in range(SEATS)]
    found = cache.get_many(keys + signs)
    now = time.time()
    session_epoch, user_epoch, grant = found.get(keys[1]), found.get(keys[2]), found.get(keys[3])
    valid = (
        isinstance(grant, Grant)
        and grant.until > now
        and (grant.session_epoch, grant.user_epoch) == (session_epoch, user_epoch)
    )
    seen = {value[0]: value[1] for key in signs if (value := found.get(key))}
    return Glance(
        session_uid=session_uid, user_id=user_id, now=now, token=found.get(keys[0]), session_epoch=session_epoch,
        user_epoch=user_epoch, grant=grant if valid else None, seen=seen,
        signed_at=seen.get(grant.person, 0.0) if valid else 0.0,
    )


def _ensure(key: str) -> int:
    value = cache.get(key)
    if value is None:
        cache.add(key, _fresh_number(), KEEP)
        value = cache.get(key)
    return int(value) if value is not None else _fresh_number()


def ready(session_uid: str, user_id: int) -> Glance:
    """Like `glance`, and makes sure that token and epochs exist before the database is read."""
    for key in (_token(session_uid), _epoch(session_uid), _user_epoch(user_id)):
        _ensure(key)
    return glance(session_uid, user_id)


def give_grant(seen: Glance, *, person: PersonId, seat: int, course_key: str, usage_key: str) -> Grant:
    """Remember who this user is in the session, for five minutes (spread, so that a group does not renew at once)."""
    grant = Grant(
        person=person, seat=seat % SEATS, course_key=course_key, usage_key=usage_key,
        session_epoch=seen.session_epoch or 0, user_epoch=seen.user_epoch or 0,
        until=seen.now + GRANT_SECONDS * random.uniform(0.8, 1.0),
    )
    cache.set(_grant(seen.session_uid, seen.user_id), grant, GRANT_SECONDS)
    return grant


def sign_of_life(seen: Glance, grant: Grant) -> None:
    """Note that this page is alive, at most every five seconds."""
    if seen.now - seen.signed_at >= SIGN_EVERY:
        cache.set(_sign(seen.session_uid, grant.seat), (grant.person, seen.now), KEEP)


def fade(seen: Glance, grant: Grant) -> None:
    """The page was closed: it counts as gone in ten seconds, unless it (or a second device) speaks again."""
    cache.set(_sign(seen.session_uid, grant.seat), (grant.person, seen.now - ONLINE_SECONDS + BYE_SECONDS), KEEP)


def changed(session_uid: str) -> None:
    """Call after the commit of every write to a session."""
    try:
        cache.incr(_token(session_uid))
    except ValueError:
        return  # nobody looks at it, or the cache was lost: the next reader starts a new token


def _move_on(key: str) -> None:
    try:
        cache.incr(key)
    except ValueError:
        cache.add(key, _fresh_number(), KEEP)


def people_changed(session_uid: str) -> None:
    """Call after the commit of every change of a group's members: all grants of the session are void at once."""
    _move_on(_epoch(session_uid))
    changed(session_uid)


def group_changed(group_pk: int) -> None:
    """Call inside the transaction that changes a group's members: takes effect when it commits."""
    uid = Session.objects.filter(group_id=group_pk).values_list("uid", flat=True).first()
    if uid:
        transaction.on_commit(lambda: people_changed(uid))


def forget_user(user_id: int) -> None:
    """Call when a person is unenrolled, deactivated, retired or changes role: their grants are void at once."""
    _move_on(_user_epoch(user_id))


def say_goodbye(session_uid: str, seat: int) -> None:
    """The person left: no sign of life stays behind."""
    cache.delete(_sign(session_uid, seat % SEATS))
