"""The database is away: the page says so in words and keeps what was typed, and nothing half done stays."""

import pytest
from django.db import InterfaceError, OperationalError

from beratung_xblock.models import InterestNote, Place
from tests.blocks import stage
from tests.integration import world

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    "error",
    [OperationalError(2006, "Server has gone away"), OperationalError(1114, "The table is full"), InterfaceError(0, "")],
)
@pytest.mark.parametrize("where", ["filter", "get_or_create"])
def test_an_outage_is_a_sentence(monkeypatch, error, where):
    world.place()
    person = stage.enrol(world.user())

    def gone(*_args, **_kwargs):
        raise error

    monkeypatch.setattr({"filter": Place, "get_or_create": InterestNote}[where].objects, where, gone)
    answer = stage.act(person, "tell_me")
    assert answer.status_int == 503
    assert "kb-notice" in answer.text
    assert "Traceback" not in answer.text
    monkeypatch.undo()
    assert not InterestNote.objects.exists()
