"""Shared fixtures. A MariaDB run starts its own private server, unless one was handed in."""

import os
from pathlib import Path

import crum
import pytest
from django.conf import settings
from edx_django_utils.cache import RequestCache
from hypothesis import HealthCheck
from hypothesis import settings as hypothesis_settings

from tests import tables
from tools import mariadb

hypothesis_settings.register_profile("same", derandomize=True, database=None, deadline=None, suppress_health_check=[HealthCheck.too_slow])
hypothesis_settings.load_profile("same")
"""The same examples in each run and on each machine, however slow; ``--hypothesis-profile=default`` draws others."""


def pytest_configure(config: pytest.Config) -> None:
    """Start MariaDB before pytest-django creates the test database."""
    if settings.TEST_DB != "mariadb" or Path(settings.MARIADB_SOCKET).exists():
        return
    server = mariadb.Server(Path(settings.MARIADB_SOCKET).parent)
    server.start()
    config.add_cleanup(server.stop)


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Tests marked ``mariadb`` run on MariaDB alone: on SQLite they are left out, not skipped."""
    if os.environ.get("BERATUNG_TEST_DB", "sqlite") == "mariadb":
        return
    left_out = [item for item in items if item.get_closest_marker("mariadb")]
    if left_out:
        config.hook.pytest_deselected(items=left_out)
        items[:] = [item for item in items if item not in left_out]


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup: None, django_db_blocker: pytest.FixtureRequest) -> None:
    """After a test that commits, only what it changed is put back."""
    with django_db_blocker.unblock():
        tables.remember()


@pytest.fixture(autouse=True)
def _fresh_request() -> None:
    """Feature switches and a masquerade are remembered per request; a test is a request of its own."""
    RequestCache.clear_all_namespaces()
    crum.set_current_request(None)
