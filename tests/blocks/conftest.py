"""What the tests of the pages share: texts as they stand in the code, an open round, people with their places."""

import pytest
from django.utils import translation

from tests.blocks import stage
from tests.blocks.journey import signed_up
from tests.integration import world


@pytest.fixture
def english():
    """Texts as they stand in the code."""
    with translation.override("en"):
        yield


@pytest.fixture
def lead():
    """The coordinator of a fresh place."""
    world.place()
    return world.lead()


@pytest.fixture
def round_uid(lead):
    """An open round with two evenings."""
    return world.open_round(lead)


@pytest.fixture
def renate():
    """A volunteer, enrolled and nothing more."""
    return stage.enrol(world.user("renate"))


@pytest.fixture
def registered(renate, round_uid):
    """The volunteer, signed up in the open round."""
    signed_up(renate, round_uid)
    return renate


@pytest.fixture
def six():
    """Six volunteers, enrolled."""
    return [stage.enrol(world.user(f"p{number}")) for number in range(6)]
