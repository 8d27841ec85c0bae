"""System checks: each fault is named once, with what to do."""

import base64
import re
from pathlib import Path
from types import SimpleNamespace

import pytest
from django.core.checks import run_checks

from beratung_xblock import checks, crypto
from beratung_xblock.settings import common, production
from beratung_xblock.settings import test as for_tests

DOCS = Path(__file__).parents[2] / "docs" / "admins"
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
        ("BERATUNG_POLL_SECONDS", (2, 16), ["beratung_xblock.E005"]),
        ("BERATUNG_POLL_SECONDS", (True, 15), ["beratung_xblock.E005"]),
        ("BERATUNG_BASE_URL", "learning.example.org", ["beratung_xblock.E005"]),
        ("BERATUNG_MAIL_FROM", "Beratung", ["beratung_xblock.E005"]),
        ("BERATUNG_MAIL_THROUGH_ACE", True, ["beratung_xblock.E005"]),
        ("BERATUNG_HOLIDAYS", "DE-NW", ["beratung_xblock.E005"]),
        ("BERATUNG_SCHOOL_HOLIDAYS", [("Ferien", "2027-07-19")], ["beratung_xblock.E005"]),
        ("BERATUNG_SCHOOL_HOLIDAYS", [("Ferien", "2027-08-31", "2027-07-19")], ["beratung_xblock.E005"]),
        ("BERATUNG_ASYNC_FROM", 0, ["beratung_xblock.E005"]),
        ("BERATUNG_ASYNC_FROM", True, ["beratung_xblock.E004"]),
    ],
)
def test_a_fault_is_found(settings, name, value, expected):
    settings.DEBUG = False
    setattr(settings, name, value)
    assert ids() == expected


@pytest.mark.parametrize("setting", common.SETTINGS, ids=lambda setting: setting.name)
def test_a_wrong_type_of_each_setting_is_found_and_named(settings, setting):
    setattr(settings, setting.name, object())
    found = [message for message in _messages() if message.id == "beratung_xblock.E004"]
    assert [message.msg.split(" ")[0] for message in found] == [setting.name]
    assert f"must be {setting.kind}, not" in found[0].msg


def _messages():
    return [message for message in run_checks() if message.id.startswith("beratung_xblock.")]


def test_school_holidays_and_lists_for_pairs_are_fine(settings):
    settings.BERATUNG_SCHOOL_HOLIDAYS = [["Sommerferien", "2027-07-19", "2027-08-31"]]
    settings.BERATUNG_POLL_SECONDS = [3, 15]
    assert ids() == []


def test_the_table_of_settings_is_the_list_of_the_code():
    rows = [f"| `{s.name}` | {s.kind} | `{s.default!r}` | {s.meaning} |" for s in common.SETTINGS]
    written = [line for line in (DOCS / "settings.md").read_text(encoding="utf-8").splitlines() if line.startswith("| `BERATUNG_")]
    assert written == rows


def test_every_check_is_documented():
    code = (Path(common.__file__).parents[1] / "checks.py").read_text(encoding="utf-8")
    numbers = {f"beratung_xblock.{number}" for number in re.findall(r"\b([EW]\d{3})\b", code)}
    assert set(re.findall(r"`(beratung_xblock\.[EW]\d+)`", (DOCS / "settings.md").read_text(encoding="utf-8"))) == numbers


def test_every_setting_the_code_reads_is_in_the_list():
    package = Path(common.__file__).parents[1]
    read = set()
    for path in package.rglob("*.py"):
        if "demo" not in path.parts:
            read |= set(re.findall(r"settings(?:, \"|\.)(BERATUNG_[A-Z_]+)", path.read_text(encoding="utf-8")))
    assert read - {"BERATUNG_PLATFORM"} == set(common.DEFAULTS)  # that one is for hosts of tests and demo


def test_the_operator_s_values_win_over_defaults_and_yaml_over_both():
    host = SimpleNamespace(BERATUNG_HOLIDAYS="BY", ENV_TOKENS={"BERATUNG_ASYNC_FROM": 90, "BERATUNG_HOLIDAYS": "BE"})
    common.plugin_settings(host)
    assert (host.BERATUNG_HOLIDAYS, host.BERATUNG_ASYNC_FROM, host.BERATUNG_MAIL_FROM) == ("BY", 500, "")
    production.plugin_settings(host)
    assert (host.BERATUNG_HOLIDAYS, host.BERATUNG_ASYNC_FROM, host.BERATUNG_MIRROR_COHORTS) == ("BE", 90, False)
    for_tests.plugin_settings(host)
    assert len(base64.b64decode(host.BERATUNG_KEYS["test"])) == 32


def test_libraries_take_our_blocks_where_the_platform_has_a_list_of_them():
    host = SimpleNamespace(LIBRARY_ENABLED_BLOCKS=["problem", "beratung"])
    common.plugin_settings(host)
    common.plugin_settings(host)
    assert host.LIBRARY_ENABLED_BLOCKS == ["problem", "beratung", "teams_practice"]
    bare = SimpleNamespace()
    common.plugin_settings(bare)
    assert not hasattr(bare, "LIBRARY_ENABLED_BLOCKS")


def test_no_key_is_fine_while_developing(settings):
    settings.DEBUG = True
    settings.BERATUNG_KEYS = {}
    settings.BERATUNG_ACTIVE_KEY = ""
    assert ids() == []


@pytest.mark.parametrize(("engine", "expected"), [
    ("", []), ("django.db.backends.dummy", []), ("django.db.backends.mysql", ["beratung_xblock.E001"]),
])
def test_no_key_is_fine_while_an_image_is_built_without_a_database(monkeypatch, engine, expected):
    build = SimpleNamespace(DEBUG=False, BERATUNG_KEYS={}, DATABASES={"default": {"ENGINE": engine} if engine else {}})
    monkeypatch.setattr(checks, "settings", build)
    monkeypatch.setattr(crypto, "settings", build)
    assert [message.id for message in checks.keys_are_usable(None)] == expected


def test_missing_address_is_told_when_deploying(settings):
    settings.BERATUNG_BASE_URL = ""
    assert "beratung_xblock.W001" in ids(include_deployment_checks=True)
    settings.BERATUNG_BASE_URL = "https://learning.example.org"
    assert "beratung_xblock.W001" not in ids(include_deployment_checks=True)


@pytest.mark.parametrize(("backend", "warned"), [
    ("django.core.cache.backends.locmem.LocMemCache", True), ("django.core.cache.backends.dummy.DummyCache", True),
    ("django.core.cache.backends.redis.RedisCache", False), ("django_redis.cache.RedisCache", False),
    ("django.core.cache.backends.memcached.PyMemcacheCache", False),
])
def test_a_cache_that_processes_do_not_share_is_told_when_deploying(monkeypatch, backend, warned):
    django_settings = SimpleNamespace(CACHES={"default": {"BACKEND": backend}})
    monkeypatch.setattr(checks, "settings", django_settings)  # the caches of this process stay
    assert bool(checks.processes_share_a_cache(None)) is warned


def test_the_cache_is_looked_at_when_deploying_only():
    assert "beratung_xblock.W002" in ids(include_deployment_checks=True)  # the tests run with a cache of one process
    assert "beratung_xblock.W002" not in ids()
