"""Production: take the operator's values from the platform's configuration file."""

from beratung_xblock.settings.common import DEFAULTS


def plugin_settings(settings) -> None:
    """Values of the platform's YAML win over our defaults."""
    tokens = getattr(settings, "ENV_TOKENS", {})
    for name, default in DEFAULTS.items():
        setattr(settings, name, tokens.get(name, getattr(settings, name, default)))
