"""What a coordinator typed for a round or a date, checked: every wrong field raises Invalid with a reason word."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from beratung_xblock.data import plain_text
from beratung_xblock.data.settings import PlaceSettings
from beratung_xblock.exceptions import Invalid

URL = re.compile(r"https://[!-;=?-\[\]-~]+\Z", re.IGNORECASE)
HOST = re.compile(r"[a-z0-9]([a-z0-9.-]*[a-z0-9])?\Z")
MEETING = ("meeting_url", "meeting_number", "meeting_passcode", "dial_in")


def zone_of(name: str) -> ZoneInfo:
    """The zone of an IANA name."""
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise Invalid({"time_zone": "zone"}) from None


def moment(value: Any, zone: ZoneInfo, name: str) -> dt.datetime:
    """A local wall time ("2027-04-13T18:00") or an aware datetime -> UTC."""
    if isinstance(value, str):
        try:
            value = dt.datetime.fromisoformat(value.strip())
        except ValueError:
            raise Invalid({name: "date"}) from None
    if not isinstance(value, dt.datetime):
        raise Invalid({name: "date"})
    if not 2000 <= value.year <= 2200:
        raise Invalid({name: "date"})
    if value.tzinfo is None:
        value = value.replace(tzinfo=zone)
    return value.astimezone(dt.UTC)


def number(value: Any, low: int, high: int, name: str, *, optional: bool = False) -> int | None:
    """A whole number within limits; None for an empty optional one."""
    if optional and (value is None or str(value).strip() == ""):
        return None
    try:
        count = int(str(value).strip())
    except ValueError:
        raise Invalid({name: "number"}) from None
    if not low <= count <= high:
        raise Invalid({name: "range"})
    return count


def leads_to(url: str, hosts: Sequence[str]) -> bool:
    """True for an https address on one of the hosts or below it, read as a browser reads it.

    A browser takes a backslash for a slash and drops tabs, which Python does not: so an address may hold neither, no
    user name, no port and no sign that is in no host name.
    """
    if not URL.match(url):
        return False
    try:
        parts = urlsplit(url)
    except ValueError:
        return False
    host = parts.netloc.lower()
    return HOST.match(host) is not None and any(host == h or host.endswith("." + h) for h in hosts)


def check_meeting(raw: Mapping[str, Any], hosts: Sequence[str]) -> dict[str, str]:
    """Meeting data of a slot or group: https link on an allowed host, ID, passcode, dial-in. Raises Invalid."""
    values = {}
    errors: dict[str, object] = {}
    for name, limit in (("meeting_url", 500), ("meeting_number", 60), ("meeting_passcode", 60), ("dial_in", 120)):
        value = plain_text.one_line(str(raw.get(name) or ""))
        if len(value) > limit:
            errors[name] = "long"
        values[name] = value
    url = values["meeting_url"]
    if url and "meeting_url" not in errors and not leads_to(url, hosts):
        errors["meeting_url"] = "meeting_host"
    if errors:
        raise Invalid(errors)
    return values


def slot_values(raw: Mapping[str, Any], settings: PlaceSettings) -> dict[str, Any]:
    """The columns of a slot: times in UTC, limits, meeting data."""
    zone_name = str(raw.get("time_zone") or "Europe/Berlin")
    zone = zone_of(zone_name)
    starts = moment(raw.get("starts_at"), zone, "starts_at")
    if raw.get("ends_at"):
        ends = moment(raw["ends_at"], zone, "ends_at")
    else:
        minutes = number(raw.get("minutes") or settings.session_minutes, 15, 480, "minutes")
        ends = starts + dt.timedelta(minutes=minutes or 0)
    if not dt.timedelta(minutes=15) <= ends - starts <= dt.timedelta(hours=8):
        raise Invalid({"ends_at": "order"})
    return {
        "starts_at": starts,
        "ends_at": ends,
        "time_zone": zone_name,
        "max_groups": number(raw.get("max_groups") or 2, 1, 500, "max_groups"),
        "capacity": number(raw.get("capacity"), 1, 100000, "capacity", optional=True),
        **check_meeting(raw, settings.meeting_hosts),
    }


def title_of(value: Any) -> str:
    """A title of 1 to 120 characters."""
    title = plain_text.one_line(str(value or ""))
    if not title:
        raise Invalid({"title": "required"})
    if len(title) > 120:
        raise Invalid({"title": "long"})
    return title
