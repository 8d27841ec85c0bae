"""What every area of the api must know of a round: its rules, and which registrations hold a place."""

from __future__ import annotations

from beratung_xblock.data.enums import RegistrationState
from beratung_xblock.data.settings import PlaceSettings, settings_from_snapshot
from beratung_xblock.models import Round

HELD = (RegistrationState.REGISTERED.value, RegistrationState.OFFERED.value)


def rules_of(round_: Round) -> PlaceSettings:
    """The rules of a round: the copy made at opening, before that the place's settings."""
    return settings_from_snapshot(round_.rules or round_.place.settings)
