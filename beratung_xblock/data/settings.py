"""The author's settings of a `beratung` block, validated: what the `Place` snapshot holds and a round copies."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields
from typing import Any
from urllib.parse import urlsplit

from beratung_xblock.data import plain_text
from beratung_xblock.data.enums import CompletionRule
from beratung_xblock.exceptions import Invalid

LANGUAGES = ("de", "en", "uk", "ru", "ar", "tr", "fr", "fa")
MIXES = ("mix", "neutral", "familiar")
IMPORTANCE = ("important", "neutral")
CASE_SELECTION = ("consensus", "dots", "longest_waiting", "draw")
TEMPLATES = ("tietze6", "ablauf8_hiba", "incident7", "troika", "reflecting", "balint6", "schule60", "own")
MEETING_HOSTS = ("teams.microsoft.com", "teams.live.com", "teams.cloud.microsoft")


@dataclass(frozen=True, kw_only=True)
class PlaceSettings:
    """Settings of one place. Minutes, days, hours and counts are whole numbers; `attendance_threshold` is 0.1 to 1.

    Defaults are the most private and most usual ones (Tietze's six phases, groups of four to eight online).
    """

    display_name: str = "Kollegiale Beratung"
    organisation_name: str = ""
    intro_text: str = ""
    # Ablauf
    template: str = "tietze6"
    own_template: dict[str, Any] = field(default_factory=dict)
    session_minutes: int = 120
    doors_open_minutes: int = 15
    cases_per_group: int = 2
    case_selection: str = "consensus"
    # Gruppen
    group_min: int = 4
    group_target: int = 6
    group_max: int = 8
    mix_groups: str = "mix"
    mix_organisations: str = "important"
    mix_regions: str = "neutral"
    languages: tuple[str, ...] = ("de", "en")
    regions: tuple[str, ...] = ()
    offer_hours: int = 48
    reminders: tuple[str, ...] = ("14d", "3d", "1d", "1h")
    # Texte
    hotline: str = ""
    hotline_hours: str = ""
    contact_name: str = ""
    contact_phone: str = ""
    youth_office_phone: str = ""
    legal_contacts: str = ""
    emergency_checked_on: str = ""
    teams_course_url: str = ""
    meeting_hosts: tuple[str, ...] = MEETING_HOSTS
    case_min_chars: int = 200
    case_max_chars: int = 1500
    # Abschluss
    completion_rule: str = CompletionRule.ATTENDED_AND_REFLECTED.value
    completion_sessions: int = 1
    attendance_threshold: float = 0.7
    report_grade: bool = False
    # Datenschutz
    undertaking_version: str = "1"
    undertaking_text: str = ""
    privacy_law: str = "DSG-EKD"
    privacy_contact: str = ""
    retention_draft_days: int = 60
    retention_text_days: int = 30
    retention_log_days: int = 90
    retention_undertaking_years: int = 3
    retention_attendance_years: int = 5

    def as_dict(self) -> dict[str, Any]:
        """Plain JSON-ready dict; tuples become lists."""
        return {k: list(v) if isinstance(v, tuple) else v for k, v in asdict(self).items()}


INTEGER_LIMITS: dict[str, tuple[int, int]] = {
    "session_minutes": (15, 480),
    "doors_open_minutes": (0, 120),
    "cases_per_group": (1, 4),
    "group_min": (3, 10),
    "group_target": (3, 12),
    "group_max": (3, 12),
    "offer_hours": (1, 336),
    "case_min_chars": (0, 1000),
    "case_max_chars": (200, 5000),
    "completion_sessions": (1, 20),
    "retention_draft_days": (1, 365),
    "retention_text_days": (1, 365),
    "retention_log_days": (1, 730),
    "retention_undertaking_years": (1, 10),
    "retention_attendance_years": (1, 15),
}
CHOICES: dict[str, tuple[str, ...]] = {
    "template": TEMPLATES,
    "case_selection": CASE_SELECTION,
    "mix_groups": MIXES,
    "mix_organisations": IMPORTANCE,
    "mix_regions": IMPORTANCE,
    "completion_rule": tuple(rule.value for rule in CompletionRule),
}
TEXT_LIMITS: dict[str, int] = {
    "display_name": 120,
    "organisation_name": 200,
    "intro_text": 5000,
    "hotline": 60,
    "hotline_hours": 120,
    "contact_name": 120,
    "contact_phone": 60,
    "youth_office_phone": 60,
    "legal_contacts": 1000,
    "emergency_checked_on": 10,
    "teams_course_url": 500,
    "undertaking_version": 20,
    "undertaking_text": 20000,
    "privacy_law": 60,
    "privacy_contact": 300,
}
REQUIRED = ("display_name", "undertaking_version")
REMINDER = re.compile(r"^[1-9][0-9]?[dh]$")
"""How long before a session a reminder goes out: "14d" are days, "1h" hours."""
_PHONE = re.compile(r"^[0-9+()/ .\u2013-]{3,60}$")


def _whole_number(name: str, value: Any) -> int:
    low, high = INTEGER_LIMITS[name]
    if isinstance(value, bool):
        raise ValueError("number")
    try:
        number = int(str(value).strip())
    except ValueError:
        raise ValueError("number") from None
    if not low <= number <= high:
        raise ValueError("range")
    return number


def _text(name: str, value: Any) -> str:
    if not isinstance(value, str):
        raise ValueError("text")
    value = plain_text.lines(value)
    if len(value) > TEXT_LIMITS[name]:
        raise ValueError("long")
    if name in REQUIRED and not value:
        raise ValueError("required")
    if value and name.endswith(("hotline", "_phone")) and not _PHONE.match(value):
        raise ValueError("phone")
    if value and name == "teams_course_url" and urlsplit(value).scheme not in ("https", "http", ""):
        raise ValueError("url")
    return value


def _words(name: str, value: Any) -> tuple[str, ...]:
    if isinstance(value, str):
        value = re.split(r"[\n,]", value)
    if not isinstance(value, (list, tuple)):
        raise ValueError("list")
    words = tuple(dict.fromkeys(str(word).strip() for word in value if str(word).strip()))
    if len(words) > 100 or any(len(word) > 80 for word in words):
        raise ValueError("long")
    if name == "languages" and (not words or any(word not in LANGUAGES for word in words)):
        raise ValueError("language")
    if name == "reminders" and any(not REMINDER.match(word) for word in words):
        raise ValueError("reminder")
    if name == "meeting_hosts" and (not words or any(not re.match(r"^[a-z0-9.-]{3,80}$", word) for word in words)):
        raise ValueError("host")
    return words


def _value(name: str, value: Any) -> Any:
    if name in INTEGER_LIMITS:
        return _whole_number(name, value)
    if name in CHOICES:
        if value not in CHOICES[name]:
            raise ValueError("choice")
        return value
    if name in TEXT_LIMITS:
        return _text(name, value)
    if name in ("languages", "regions", "meeting_hosts", "reminders"):
        return _words(name, value)
    if name == "report_grade":
        return value is True or str(value).lower() in ("true", "1", "on", "yes")
    if name == "attendance_threshold":
        try:
            share = float(str(value).replace(",", "."))
        except ValueError:
            raise ValueError("number") from None
        if not 0.1 <= share <= 1.0:
            raise ValueError("range")
        return share
    if name == "own_template":
        if not isinstance(value, dict):
            raise ValueError("template")
        return value
    raise ValueError("unknown")


def validate_settings(raw: Mapping[str, Any]) -> PlaceSettings:
    """Check author input and return settings; missing keys take their default, unknown keys are refused.

    Raises `Invalid` whose `errors` maps a field to a stable reason word (number, range, choice, text, long, required,
    phone, url, list, language, host, reminder, template, order, unknown); pages turn the word into a sentence.
    """
    known = {f.name for f in fields(PlaceSettings)}
    values: dict[str, Any] = {}
    errors: dict[str, object] = {}
    for name, value in raw.items():
        if name not in known:
            errors[name] = "unknown"
            continue
        try:
            values[name] = _value(name, value)
        except ValueError as error:
            errors[name] = str(error)
    settings = PlaceSettings(**{k: v for k, v in values.items() if k not in errors})
    if not errors.keys() & {"group_min", "group_target", "group_max"}:
        if settings.group_min > settings.group_max:
            errors["group_max"] = "order"
        elif not settings.group_min <= settings.group_target <= settings.group_max:
            errors["group_target"] = "order"
    if not errors.keys() & {"case_min_chars", "case_max_chars"} and settings.case_min_chars >= settings.case_max_chars:
        errors["case_max_chars"] = "order"
    if settings.template == "own" and not settings.own_template and "own_template" not in errors:
        errors["own_template"] = "required"
    if errors:
        raise Invalid(errors)
    return settings


def settings_from_snapshot(snapshot: Mapping[str, Any]) -> PlaceSettings:
    """Read a stored snapshot; a key an older or newer version does not know is ignored, a bad value takes its default."""
    known = {f.name for f in fields(PlaceSettings)}
    values: dict[str, Any] = {}
    for name, value in snapshot.items():
        if name in known:
            try:
                values[name] = _value(name, value)
            except ValueError:
                continue
    return PlaceSettings(**values)
