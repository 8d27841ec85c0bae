"""Seal and open confidential text: AES-GCM, bound to table, column and row, key id in the envelope `v1:<kid>:<b64>`."""

from __future__ import annotations

import base64
import binascii
import os
from functools import lru_cache

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from django.conf import settings
from django.views.decorators.debug import sensitive_variables

from beratung_xblock.data.confidential import Confidential
from beratung_xblock.exceptions import KeyMissing, Unreadable

VERSION = "v1"
NONCE = 12
"""Bytes of a nonce, as NIST SP 800-38D recommends for AES-GCM."""


@sensitive_variables()
@lru_cache(maxsize=64)
def _cipher(encoded: str) -> AESGCM:
    try:
        key = base64.b64decode(encoded, validate=True)
    except (ValueError, binascii.Error):
        raise KeyMissing from None
    if len(key) != 32:
        raise KeyMissing
    return AESGCM(key)


@sensitive_variables()
def _keys() -> dict[str, str]:
    return {str(kid): str(key) for kid, key in (getattr(settings, "BERATUNG_KEYS", None) or {}).items()}


def active_key() -> str:
    """The key id that seals new text. Raises KeyMissing."""
    keys = _keys()
    wanted = str(getattr(settings, "BERATUNG_ACTIVE_KEY", "") or "")
    if wanted:
        if wanted not in keys:
            raise KeyMissing
        return wanted
    if not keys:
        raise KeyMissing
    return list(keys)[-1]


def _bound_to(kid: str, table: str, column: str, row_uid: str) -> bytes:
    return "\x1f".join((VERSION, kid, table, column, row_uid)).encode()


@sensitive_variables()
def seal(plain: str, *, table: str, column: str, row_uid: str) -> str:
    """Encrypt a text for one column of one row. Raises KeyMissing."""
    kid = active_key()
    nonce = os.urandom(NONCE)
    sealed = _cipher(_keys()[kid]).encrypt(nonce, plain.encode("utf-8", "surrogatepass"), _bound_to(kid, table, column, row_uid))
    return f"{VERSION}:{kid}:{base64.b64encode(nonce + sealed).decode()}"


@sensitive_variables()
def open_sealed(token: str, *, table: str, column: str, row_uid: str) -> Confidential:
    """Decrypt what `seal` made for exactly this column of this row. Raises KeyMissing or Unreadable."""
    version, _, rest = token.partition(":")
    kid, _, body = rest.rpartition(":")
    if version != VERSION or not kid:
        raise Unreadable
    key = _keys().get(kid)
    if key is None:
        raise KeyMissing
    try:
        raw = base64.b64decode(body, validate=True)
        plain = _cipher(key).decrypt(raw[:NONCE], raw[NONCE:], _bound_to(kid, table, column, row_uid))
        return Confidential(plain.decode("utf-8", "surrogatepass"))
    except (InvalidTag, ValueError, binascii.Error):
        raise Unreadable from None


def faults() -> list[str]:
    """What is wrong with the configured keys, for the system checks: words no_key, bad_key:<id>, unknown_active."""
    keys = _keys()
    if not keys:
        return ["no_key"]
    found = []
    for kid, key in keys.items():
        try:
            _cipher(key)
        except KeyMissing:
            found.append(f"bad_key:{kid}")
        if not kid or ":" in kid or "\x1f" in kid:
            found.append(f"bad_key:{kid}")
    wanted = str(getattr(settings, "BERATUNG_ACTIVE_KEY", "") or "")
    if wanted and wanted not in keys:
        found.append("unknown_active")
    return found


def is_current(token: str) -> bool:
    """True when the text is sealed with the active key."""
    return token.startswith(f"{VERSION}:{active_key()}:")


@sensitive_variables()
def reseal(token: str, *, table: str, column: str, row_uid: str) -> str:
    """The same text sealed with the active key. Raises KeyMissing or Unreadable."""
    return seal(open_sealed(token, table=table, column=column, row_uid=row_uid).reveal(), table=table, column=column, row_uid=row_uid)
