"""What several files of these tests share."""

import pytest

from tests.integration import mail_world


@pytest.fixture
def published():
    """(clock, coordinator, round, twelve people) of a published round, its mails sent."""
    with mail_world.published_round() as found:
        yield found
