"""Django system checks: what is missing or mistyped before real people may use this."""

from __future__ import annotations

import datetime as dt
import importlib.util
from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.core.checks import CheckMessage, Error, Warning, register

from beratung_xblock import crypto
from beratung_xblock.settings.common import SETTINGS

LAENDER = ("BB", "BE", "BW", "BY", "HB", "HE", "HH", "MV", "NI", "NW", "RP", "SH", "SL", "SN", "ST", "TH")


def _has_database() -> bool:
    """Whether this process could store anything. Images are built without a database, with management commands that stop at an error."""
    engine = getattr(settings, "DATABASES", {}).get("default", {}).get("ENGINE", "")
    return engine not in ("", "django.db.backends.dummy")


@register()
def keys_are_usable(app_configs: Any, **kwargs: Any) -> list[CheckMessage]:
    """E001 no key outside DEBUG where there is a database, E002 a key that is not base64 of 32 bytes, E003 an active key that does not exist."""
    found: list[CheckMessage] = []
    if not isinstance(getattr(settings, "BERATUNG_KEYS", {}), dict):
        return found  # E004 says it
    for fault in crypto.faults():
        word, _, kid = fault.partition(":")
        if word == "no_key" and not settings.DEBUG and _has_database():
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


def _fits(value: Any, default: Any) -> bool:
    """Whether a value has the type of its default; a list may stand for a tuple, and true is no number."""
    if isinstance(default, (tuple, list)):
        return isinstance(value, (list, tuple))
    if isinstance(default, bool) or isinstance(value, bool):
        return isinstance(default, bool) and isinstance(value, bool)
    return isinstance(value, type(default))


@register()
def settings_have_their_types(app_configs: Any, **kwargs: Any) -> list[CheckMessage]:
    """E004: a setting of another type than its default; E005: the type is right, the value cannot work."""
    found: list[CheckMessage] = []
    for setting in SETTINGS:
        value = getattr(settings, setting.name, setting.default)
        if not _fits(value, setting.default):
            text, number = f"{setting.name} must be {setting.kind}, not {type(value).__name__}.", "E004"
        elif setting.name in RULES and not RULES[setting.name][0](value):
            text, number = f"{setting.name} {RULES[setting.name][1]}.", "E005"
        else:
            continue
        hint = f"{setting.meaning} See docs/admins/settings.md."
        found.append(Error(text, hint=hint[0].upper() + hint[1:], id=f"beratung_xblock.{number}"))
    return found


def _poll_can_work(value: Any) -> bool:
    numbers = [n for n in value if isinstance(n, (int, float)) and not isinstance(n, bool)]
    return len(numbers) == len(value) == 2 and 1 <= numbers[0] <= 3 and 1 <= numbers[1] <= 15


def _is_period(entry: Any) -> bool:
    try:
        _name, first, last = entry
        return dt.date.fromisoformat(first) <= dt.date.fromisoformat(last)
    except (TypeError, ValueError):
        return False


RULES: dict[str, tuple[Callable[[Any], bool], str]] = {
    "BERATUNG_POLL_SECONDS": (_poll_can_work, "needs two numbers: 1 to 3 in a running session, 1 to 15 before"),
    "BERATUNG_MAIL_FROM": (lambda value: not value or "@" in value, "must be a mail address"),
    "BERATUNG_MAIL_THROUGH_ACE": (
        lambda value: not value or importlib.util.find_spec("edx_ace") is not None, "is true, but edx-ace is not installed",
    ),
    "BERATUNG_BASE_URL": (
        lambda value: not value or urlsplit(value).scheme in ("http", "https"), "must begin with https:// (or http://)",
    ),
    "BERATUNG_HOLIDAYS": (lambda value: value in LAENDER, f"must be one of {', '.join(LAENDER)}"),
    "BERATUNG_SCHOOL_HOLIDAYS": (
        lambda value: all(map(_is_period, value)), "needs entries of name, first day and last day, as in 2027-07-19",
    ),
    "BERATUNG_ASYNC_FROM": (lambda value: value >= 1, "must be at least 1"),
}
"""What a value must be beyond its type: (rule, what to say)."""


@register(deploy=True)
def processes_share_a_cache(app_configs: Any, **kwargs: Any) -> list[CheckMessage]:
    """W002, with `check --deploy`: a cache that each process keeps for itself, or none."""
    backend = str(getattr(settings, "CACHES", {}).get("default", {}).get("BACKEND", ""))
    if not backend.endswith(("LocMemCache", "DummyCache")):
        return []
    return [
        Warning(
            "The default cache is not shared by the server processes: changes in a running session would show late.",
            hint="Use Redis or Memcached for CACHES['default'], as every Open edX installation does.",
            id="beratung_xblock.W002",
        )
    ]


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
