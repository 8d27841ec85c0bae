"""Sealed text opens for its own row only, and only unaltered."""

import base64

import pytest
from django.test import override_settings
from hypothesis import given
from hypothesis import strategies as st

from beratung_xblock import crypto
from beratung_xblock.exceptions import KeyMissing, Unreadable

KEYS = {"old": base64.b64encode(b"o" * 32).decode(), "new": base64.b64encode(b"n" * 32).decode()}
PLACE = {"table": "case", "column": "body", "row_uid": "a" * 32}


@pytest.fixture(autouse=True)
def _keys():
    with override_settings(BERATUNG_KEYS=KEYS, BERATUNG_ACTIVE_KEY="new"):
        yield


@given(st.text())
def test_round_trip(text):
    assert crypto.open_sealed(crypto.seal(text, **PLACE), **PLACE).reveal() == text


@pytest.mark.parametrize("moved", [{"table": "note"}, {"column": "title"}, {"row_uid": "b" * 32}])
def test_a_moved_text_does_not_open(moved):
    with pytest.raises(Unreadable):
        crypto.open_sealed(crypto.seal("geheim", **PLACE), **PLACE | moved)


@given(st.integers(0, 33), st.integers(1, 255))
def test_an_altered_text_does_not_open(at, flip):
    head, _, body = crypto.seal("geheim", **PLACE).rpartition(":")
    raw = bytearray(base64.b64decode(body))
    raw[at] ^= flip
    with pytest.raises(Unreadable):
        crypto.open_sealed(f"{head}:{base64.b64encode(raw).decode()}", **PLACE)


def test_unknown_key_and_no_key():
    token = crypto.seal("geheim", **PLACE)
    with override_settings(BERATUNG_KEYS={"old": KEYS["old"]}, BERATUNG_ACTIVE_KEY="old"), pytest.raises(KeyMissing):
        crypto.open_sealed(token, **PLACE)
    with override_settings(BERATUNG_KEYS={}, BERATUNG_ACTIVE_KEY=""), pytest.raises(KeyMissing):
        crypto.seal("geheim", **PLACE)


def test_reseal_moves_to_the_active_key():
    with override_settings(BERATUNG_ACTIVE_KEY="old"):
        token = crypto.seal("geheim", **PLACE)
    assert not crypto.is_current(token)
    moved = crypto.reseal(token, **PLACE)
    assert crypto.is_current(moved)
    assert crypto.open_sealed(moved, **PLACE).reveal() == "geheim"


def test_opened_text_stays_masked():
    opened = crypto.open_sealed(crypto.seal("geheim", **PLACE), **PLACE)
    assert "geheim" not in f"{opened} {opened!r} {opened!s}"
