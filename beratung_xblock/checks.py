"""Django system checks: what is missing before real people may use this."""

from django.conf import settings
from django.core.checks import Error, register


@register()
def keys_are_set(app_configs, **kwargs):
    """Without a key no confidential text can be stored; in production that is an error."""
    if settings.DEBUG or getattr(settings, "BERATUNG_KEYS", None):
        return []
    return [
        Error(
            "BERATUNG_KEYS is empty: confidential texts cannot be stored.",
            hint="Set BERATUNG_KEYS to {'1': <base64 of 32 random bytes>} in LMS and Studio.",
            id="beratung_xblock.E001",
        )
    ]
