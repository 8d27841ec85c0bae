"""Defaults of every setting of ours; the most private and most usual value each.

BERATUNG_KEYS          dict of key id -> base64 of 32 random bytes; seals confidential text. No default: see checks.
BERATUNG_ACTIVE_KEY    the key id that seals new text; empty means the last one of BERATUNG_KEYS.
BERATUNG_POLL_SECONDS  (running, before): seconds between polls of the companion page.
BERATUNG_MAIL_FROM     sender of mails; empty means DEFAULT_FROM_EMAIL.
BERATUNG_BASE_URL      https://learning.example.org: how links in mails and calendars begin; empty means LMS_ROOT_URL.
BERATUNG_HOLIDAYS      the German Land whose public holidays are warned of ("NW", "BY", "BE", ...).
BERATUNG_SCHOOL_HOLIDAYS  school holidays to warn of: [("Sommerferien", "2027-07-19", "2027-08-31"), ...].
BERATUNG_MIRROR_COHORTS  True copies published groups to course cohorts (off: group membership stays ours alone).
BERATUNG_ASYNC_FROM    number of registrations from which an assignment runs as a background task.
"""

DEFAULTS = {
    "BERATUNG_KEYS": {},
    "BERATUNG_ACTIVE_KEY": "",
    "BERATUNG_POLL_SECONDS": (3, 15),
    "BERATUNG_MAIL_FROM": "",
    "BERATUNG_BASE_URL": "",
    "BERATUNG_HOLIDAYS": "NW",
    "BERATUNG_SCHOOL_HOLIDAYS": [],
    "BERATUNG_MIRROR_COHORTS": False,
    "BERATUNG_ASYNC_FROM": 500,
}


def plugin_settings(settings) -> None:
    """Set each default that the operator has not set."""
    for name, value in DEFAULTS.items():
        if not hasattr(settings, name):
            setattr(settings, name, value)
