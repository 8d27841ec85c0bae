"""Signed, expiring links in mails: one purpose, one registration, no log-in; they reveal nothing but random ids."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from django.core import signing
from django.utils import timezone
from django.utils.translation import get_language_info

from beratung_xblock.actors import base_address

SALT = "beratung_xblock.mail_link"
ACCEPT_OFFER, DECLINE_OFFER = "accept-offer", "decline-offer"
CONFIRM, DECLINE = "confirm", "decline"
STOP_REMINDERS = "stop-reminders"
PURPOSES = (ACCEPT_OFFER, DECLINE_OFFER, CONFIRM, DECLINE, STOP_REMINDERS)


@dataclass(frozen=True, kw_only=True)
class Link:
    """What a link may do: `purpose` for one `registration`, about one `target` (the uid of an offer or a group)."""

    purpose: str
    registration: str
    target: str
    language: str
    expires: dt.datetime


class BadLink(Exception):
    """The link was altered, is none of ours, or has run out (`expired`); `language` is known only in the last case."""

    def __init__(self, *, expired: bool, language: str = ""):
        super().__init__("expired" if expired else "bad")
        self.expired = expired
        self.language = language


def token(link: Link) -> str:
    """The signed text of a link, safe in a URL."""
    return signing.dumps(
        [link.purpose, link.registration, link.target, link.language, int(link.expires.timestamp())], salt=SALT
    )


def address(link: Link) -> str:
    """The full address to put into a mail."""
    return f"{base_address()}/beratung/m/{token(link)}"


def read(text: str, *, now: dt.datetime | None = None) -> Link:
    """Check signature and expiry. Raises BadLink."""
    try:
        purpose, registration, target, language, expires = signing.loads(text, salt=SALT)
        moment = dt.datetime.fromtimestamp(expires, tz=dt.UTC)
    except (signing.BadSignature, ValueError, TypeError):
        raise BadLink(expired=False) from None
    if purpose not in PURPOSES:
        raise BadLink(expired=False)
    if moment <= (now or timezone.now()):
        raise BadLink(expired=True, language=language)
    return Link(purpose=purpose, registration=registration, target=target, language=language, expires=moment)


def is_rtl(language: str) -> bool:
    """True for languages written from right to left."""
    try:
        return bool(get_language_info(language)["bidi"])
    except KeyError:
        return False
