"""Django system checks: what is missing or mistyped before real people may use this."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.core.checks import CheckMessage, Error, Warning, register

from beratung_xblock import crypto
from beratung_xblock.settings.common import DEFAULTS


@register()
def keys_are_usable(app_configs: Any, **kwargs: Any) -> list[CheckMessage]:
    """E001 no key outside DEBUG, E002 a key that is not base64 of 32 bytes, E003 an active key that does not exist."""
    found: list[CheckMessage] = []
    for fault in crypto.faults():
        word, _, kid = fault.partition(":")
        if word == "no_key" and not settings.DEBUG:
            found.append(
                Error(
                    "BERATUNG_KEYS is empty: confidential texts cannot be stored.",
                    hint="Set BERATUNG_KEYS to {'1': <base64 of 32 random bytes>} in LMS and Studio.",
                    id="beratung_xblock.E001",
                )
            )
        elif word == "bad_key":
            found.append(
                Error(
                    f"The key {kid!r} in BERATUNG_KEYS is not the base64 of 32 bytes.",
                    hint="A key id holds no colon. Replace the key if nothing is sealed with it, else find the right one.",
                    id="beratung_xblock.E002",
                )
            )
        elif word == "unknown_active":
            found.append(
                Error(
                    "BERATUNG_ACTIVE_KEY names no key of BERATUNG_KEYS.",
                    hint="Name one of its keys, or leave it empty to use the last one.",
                    id="beratung_xblock.E003",
                )
            )
    return found


@register()
def settings_have_their_types(app_configs: Any, **kwargs: Any) -> list[CheckMessage]:
    """E004: a setting of another type than its default; E005: poll seconds or base address that cannot work."""
    found: list[CheckMessage] = []
    for name, default in DEFAULTS.items():
        value = getattr(settings, name, default)
        fits = isinstance(value, (list, tuple)) if isinstance(default, tuple) else isinstance(value, type(default))
        if not fits:
            found.append(
                Error(
                    f"{name} must be of type {type(default).__name__}, not {type(value).__name__}.",
                    hint="See docs/admins/install.md for every setting.",
                    id="beratung_xblock.E004",
                )
            )
    poll = getattr(settings, "BERATUNG_POLL_SECONDS", (3, 15))
    if isinstance(poll, (list, tuple)) and (
        len(poll) != 2 or not all(isinstance(n, (int, float)) and 1 <= n <= 60 for n in poll) or poll[0] > 3
    ):
        found.append(
            Error(
                "BERATUNG_POLL_SECONDS needs two numbers: at most 3 in a running session, at most 60 before.",
                hint="The default is (3, 15).",
                id="beratung_xblock.E005",
            )
        )
    base = getattr(settings, "BERATUNG_BASE_URL", "")
    if isinstance(base, str) and base and urlsplit(base).scheme not in ("http", "https"):
        found.append(
            Error(
                "BERATUNG_BASE_URL must begin with https:// (or http://).",
                hint="It is how links in mails and calendars begin, for example https://learning.example.org.",
                id="beratung_xblock.E005",
            )
        )
    return found


@register(deploy=True)
def links_have_an_address(app_configs: Any, **kwargs: Any) -> list[CheckMessage]:
    """W001, with `check --deploy`: links in mails would lack the address of the platform."""
    if getattr(settings, "BERATUNG_BASE_URL", "") or getattr(settings, "LMS_ROOT_URL", ""):
        return []
    return [
        Warning(
            "Links in mails and calendars have no address: neither BERATUNG_BASE_URL nor LMS_ROOT_URL is set.",
            hint="Set BERATUNG_BASE_URL.",
            id="beratung_xblock.W001",
        )
    ]
