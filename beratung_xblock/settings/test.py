"""Platform tests: a fixed key, so that texts can be sealed."""

from beratung_xblock.settings.common import plugin_settings as common_settings


def plugin_settings(settings) -> None:
    """Our defaults plus a key that is good for tests only."""
    common_settings(settings)
    settings.BERATUNG_KEYS = {"test": "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA="}
