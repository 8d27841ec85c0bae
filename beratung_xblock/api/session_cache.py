"""What a running session keeps in the cache, so that a poll with nothing new asks the database nothing.

All entries may vanish at any time:

* the *token* of a session: a number that rises with every committed write. A reader takes the token before it reads
  the database, so what it shows is never older than its token. A lost token starts again from the time of day, which
  nobody has seen before: everybody reads the database once. The upper part of the number is the *epoch*: it moves on
  when the people of the session change.
* a *grant*: this user is this person of this session. It holds the epochs of session and user it was made in; when
  somebody leaves, is unenrolled or changes role, an epoch moves on and the grant is void at once.
* *signs of life*: when each page was last heard of, one entry for each seat, so that two writers never overwrite each
  other. The *room* gathers them for two seconds, so that a poll fetches one entry and not twelve. The epoch's own start
  stands in for what is not there, so a lost cache never makes a moderator look gone.
* the *table*: what the database said about the session for one token (`_session_table`), sealed.

The cache must be shared by all server processes (Redis or Memcached, as in every Open edX installation).
"""

from __future__ import annotations

import random
import time
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime

from django.db import transaction

from beratung_xblock.kept import cache
from beratung_xblock.models import Session
from beratung_xblock.process import Heard, PersonId
from beratung_xblock.process.rules import GONE_AFTER

SEATS = 12
KEEP = 12 * 3600
GRANT_SECONDS = 300
SIGN_EVERY = 10.0
"""Seconds between two signs of life written for one page."""
ROOM_SECONDS = 2.0
"""How old the gathered signs of life may be."""
EPOCH = 1 << 20
"""A token is epoch * EPOCH + writes since; an epoch is a time in milliseconds, so a token fits into 63 bits."""
ONLINE_SECONDS = GONE_AFTER.total_seconds()
TABLE_SECONDS = 20
"""How long what was read once serves the group; so long may a change nobody announced stay unseen."""
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
    may_lead: bool = False
    """Whether the person coordinates; the rules let coordinators do a little more."""
    noted: tuple[str, ...] = ()
    """Cases whose reading by this person stands in the audit log already."""


@dataclass(frozen=True, slots=True)
class Glance:
    """One look into the cache: one round trip. Without a grant, or without a token, the database must be asked."""

    session_uid: str
    user_id: int
    now: float
    token: int | None
    user_epoch: int | None
    grant: Grant | None
    seen: Mapping[PersonId, float] = field(default_factory=dict)
    signed_at: float = 0.0

    @property
    def session_epoch(self) -> int | None:
        """When the people of the session last changed, in milliseconds; None when the cache does not know."""
        return None if self.token is None else self.token // EPOCH

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


def _user_epoch(user_id: int) -> str:
    return f"kb:u{user_id}:e"


def _grant(uid: str, user_id: int) -> str:
    return f"kb:{uid}:g{user_id}"


def _sign(uid: str, seat: int) -> str:
    return f"kb:{uid}:p{seat}"


def _room(uid: str) -> str:
    return f"kb:{uid}:r"


def _table(uid: str) -> str:
    return f"kb:{uid}:v"


def _fresh_number() -> int:
    return time.time_ns() // 1_000_000


def glance(session_uid: str, user_id: int) -> Glance:
    """Everything the cache knows for one poll: four entries. Creates nothing for strangers."""
    keys = (_token(session_uid), _user_epoch(user_id), _grant(session_uid, user_id), _room(session_uid))
    found = cache.get_many(keys)
    now = time.time()
    token, user_epoch, grant = found.get(keys[0]), found.get(keys[1]), found.get(keys[2])
    valid = (
        isinstance(grant, Grant)
        and token is not None
        and grant.until > now
        and (grant.session_epoch, grant.user_epoch) == (token // EPOCH, user_epoch)
    )
    gathered, seen = found.get(keys[3]) or (0.0, {})
    if not 0 <= now - gathered < ROOM_SECONDS:
        seen = _gather(session_uid)
        if valid:
            cache.set(keys[3], (now, seen), 60)
    return Glance(
        session_uid=session_uid, user_id=user_id, now=now, token=token, user_epoch=user_epoch,
        grant=grant if valid else None, seen=seen, signed_at=seen.get(grant.person, 0.0) if valid else 0.0,
    )


def token_of(session_uid: str) -> int | None:
    """The token as it is now."""
    return cache.get(_token(session_uid))


def _gather(session_uid: str) -> dict[PersonId, float]:
    found = cache.get_many([_sign(session_uid, seat) for seat in range(SEATS)])
    return dict(found.values())


def _ensure(key: str, number: int) -> None:
    if cache.get(key) is None:
        cache.add(key, number, KEEP)


def ready(session_uid: str, user_id: int) -> Glance:
    """Like `glance`, and makes sure that token and epochs exist before the database is read."""
    _ensure(_token(session_uid), _fresh_number() * EPOCH)
    _ensure(_user_epoch(user_id), _fresh_number())
    return glance(session_uid, user_id)


def give_grant(
    seen: Glance, *, person: PersonId, seat: int, course_key: str, usage_key: str, may_lead: bool = False
) -> Grant:
    """Remember who this user is in the session, for five minutes (spread, so that a group does not renew at once)."""
    grant = Grant(
        person=person, seat=seat % SEATS, course_key=course_key, usage_key=usage_key,
        session_epoch=seen.session_epoch or 0, user_epoch=seen.user_epoch or 0,
        until=seen.now + GRANT_SECONDS * random.uniform(0.8, 1.0), may_lead=may_lead,
    )
    cache.set(_grant(seen.session_uid, seen.user_id), grant, GRANT_SECONDS)
    return grant


def note_reading(seen: Glance, grant: Grant, case: str) -> None:
    """Remember beside the grant that this person's reading of a case stands in the audit log."""
    if case not in grant.noted:
        noted = replace(grant, noted=(*grant.noted, case))
        cache.set(_grant(seen.session_uid, seen.user_id), noted, max(1, int(grant.until - seen.now)))


def sign_of_life(seen: Glance, grant: Grant) -> None:
    """Note that this page is alive, at most every ten seconds; who is new shows at once."""
    if seen.now - seen.signed_at >= SIGN_EVERY:
        cache.set(_sign(seen.session_uid, grant.seat), (grant.person, seen.now), KEEP)
        if seen.now - seen.seen.get(grant.person, 0.0) >= ONLINE_SECONDS:
            cache.delete(_room(seen.session_uid))


def fade(seen: Glance, grant: Grant) -> None:
    """The page was closed: it counts as gone in ten seconds, unless it (or a second device) speaks again."""
    cache.set(_sign(seen.session_uid, grant.seat), (grant.person, seen.now - ONLINE_SECONDS + BYE_SECONDS), KEEP)
    cache.delete(_room(seen.session_uid))


def _move_on(key: str, by: int = 1) -> bool:
    try:
        cache.incr(key, by)
    except ValueError:
        return False
    return True


def changed(session_uid: str) -> None:
    """Call after the commit of every write to a session.

    Without a token nobody looks at it, or the cache was lost: the next reader starts a new one.
    """
    _move_on(_token(session_uid))


def people_changed(session_uid: str) -> None:
    """Call after the commit of every change of a group's members: all grants of the session are void at once."""
    _move_on(_token(session_uid), EPOCH)


def group_changed(group_pk: int) -> None:
    """Call inside the transaction that changes a group's members: takes effect when it commits."""
    uid = Session.objects.filter(group_id=group_pk).values_list("uid", flat=True).first()
    if uid:
        transaction.on_commit(lambda: people_changed(uid))


def forget_user(user_id: int) -> None:
    """Call when a person is unenrolled, deactivated, retired or changes role: their grants are void at once."""
    if not _move_on(_user_epoch(user_id)):
        cache.add(_user_epoch(user_id), _fresh_number(), KEEP)


def say_goodbye(session_uid: str, seat: int) -> None:
    """The person left: no sign of life stays behind."""
    cache.delete_many([_sign(session_uid, seat % SEATS), _room(session_uid)])


def lay(seen: Glance, sealed: str) -> None:
    """Keep what the database said for the token of `seen`, for the others of the group. `sealed` holds no plain text."""
    if seen.token is not None:
        cache.set(_table(seen.session_uid), (seen.token, sealed), TABLE_SECONDS)


def laid(seen: Glance) -> str:
    """What somebody kept for exactly this token; '' when nobody did."""
    token, sealed = cache.get(_table(seen.session_uid)) or (None, "")
    return sealed if token is not None and token == seen.token else ""
