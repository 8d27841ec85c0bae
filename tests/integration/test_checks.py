"""System checks: each fault is named once, with what to do."""

import base64

import pytest
from django.core.checks import run_checks

GOOD = base64.b64encode(b"k" * 32).decode()


def ids(**kwargs):
    return [message.id for message in run_checks(**kwargs) if message.id.startswith("beratung_xblock.")]


def test_the_tests_own_settings_are_clean():
    assert ids() == []


@pytest.mark.parametrize(
    ("name", "value", "expected"),
    [
        ("BERATUNG_KEYS", {}, ["beratung_xblock.E001"]),
        ("BERATUNG_KEYS", {"t2": "short"}, ["beratung_xblock.E002"]),
        ("BERATUNG_KEYS", {"t2": GOOD, "a:b": GOOD}, ["beratung_xblock.E002"]),
        ("BERATUNG_ACTIVE_KEY", "nobody", ["beratung_xblock.E003"]),
        ("BERATUNG_MIRROR_COHORTS", "yes", ["beratung_xblock.E004"]),
        ("BERATUNG_POLL_SECONDS", (9, 15), ["beratung_xblock.E005"]),
        ("BERATUNG_POLL_SECONDS", [3], ["beratung_xblock.E005"]),
        ("BERATUNG_BASE_URL", "learning.example.org", ["beratung_xblock.E005"]),
    ],
)
def test_a_fault_is_found(settings, name, value, expected):
    settings.DEBUG = False
    setattr(settings, name, value)
    assert ids() == expected


def test_no_key_is_fine_while_developing(settings):
    settings.DEBUG = True
    settings.BERATUNG_KEYS = {}
    settings.BERATUNG_ACTIVE_KEY = ""
    assert ids() == []


def test_missing_address_is_told_when_deploying(settings):
    settings.BERATUNG_BASE_URL = ""
    assert "beratung_xblock.W001" in ids(include_deployment_checks=True)
    settings.BERATUNG_BASE_URL = "https://learning.example.org"
    assert "beratung_xblock.W001" not in ids(include_deployment_checks=True)
