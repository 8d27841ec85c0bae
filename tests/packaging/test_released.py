"""Upgrades and removal: from each released version forwards and back with data, down to nothing, and up again."""

from __future__ import annotations

import datetime as dt
import os
import re

import pytest
import time_machine
from django.apps import apps
from django.core.management import call_command
from django.db import connection
from django.test import Client
from django.utils import timezone

import beratung_xblock
from beratung_xblock.api import certificates, own_data, periodic, retention
from beratung_xblock.data.settings import PlaceSettings
from beratung_xblock.models import Certificate, Place, Registration, Round
from tests.blocks import stage
from tests.integration import world
from tests.packaging import released

STATES = released.states()


@pytest.fixture
def database(transactional_db):
    """Our tables may be moved to any version in a test; afterwards they are as the code wants them."""
    yield
    released.migrate(released.newest_migration())


if os.environ.get("BERATUNG_WRITE_RELEASED"):  # writes files; see released.py

    @pytest.mark.django_db(transaction=True)
    def test_record():
        newest = next((state for state in STATES if state.version == beratung_xblock.__version__), None)
        assert newest is None or not newest.released, f"{newest.version} is released: raise the version first"
        released.record(beratung_xblock.__version__)


def test_every_version_of_the_changelog_has_its_state_and_only_one_is_unreleased():
    text = (released.ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
    headings = re.findall(r"^## (\d+\.\d+\.\d+) \((.+)\)$", text, re.MULTILINE)
    assert {version: date != "unreleased" for version, date in headings} == {state.version: state.released for state in STATES}
    assert STATES[-1].version == beratung_xblock.__version__
    assert all(state.released for state in STATES[:-1])


def test_migrations_of_a_released_version_are_as_they_were():
    present = released.hashes()
    assert {state.version: released.edited(state, present) for state in STATES} == {state.version: [] for state in STATES}


def test_an_edited_or_lost_migration_of_a_released_version_is_found(tmp_path):
    for name in ("0001_initial", "0002_more"):
        (tmp_path / f"{name}.py").write_text(f"# {name}\n")
    made = released.State("1.0.0", True, timezone.now(), released.hashes(tmp_path), {})
    assert released.edited(made, released.hashes(tmp_path)) == []
    (tmp_path / "0001_initial.py").write_text("# 0001_initial, improved\n")
    (tmp_path / "0002_more.py").unlink()
    assert released.edited(made, released.hashes(tmp_path)) == ["0001_initial", "0002_more"]
    unreleased = released.State("1.0.0", False, made.made_at, made.migrations, {})
    assert released.edited(unreleased, released.hashes(tmp_path)) == []


@pytest.mark.parametrize("state", STATES, ids=lambda state: state.version)
def test_a_state_holds_rows_of_every_table(state):
    assert [name for name, part in state.rows().items() if not part["rows"]] == []


@pytest.mark.parametrize("state", STATES, ids=lambda state: state.version)
def test_forwards_and_back_with_data(database, state):
    stored = state.rows()
    with time_machine.travel(state.made_at + dt.timedelta(minutes=1), tick=True):
        released.migrate(None)
        assert released.our_tables() == []
        released.load(released.migrate(state.last_migration), stored)
        released.migrate(released.newest_migration())
        assert released.dump(released.migrate(state.last_migration)) == stored
        released.migrate(released.newest_migration())
        _the_product_works(state)
        released.migrate(state.last_migration)
        released.migrate(released.newest_migration())
        assert Registration.objects.filter(display_name="Neue").exists()


@pytest.mark.django_db(transaction=True)
def test_removal_deletes_every_table_and_nothing_else(database):
    people = [world.user() for _number in range(2)]
    world.place()
    world.sign_up(world.actor(people[0]), world.open_round(world.lead()))
    before = set(connection.introspection.table_names())
    ours = set(released.our_tables())
    call_command("migrate", "beratung_xblock", "zero", verbosity=0)
    assert set(connection.introspection.table_names()) == before - ours
    assert len(ours) == len(list(apps.get_app_config("beratung_xblock").get_models()))
    client = Client()
    client.force_login(people[0])
    assert client.get("/admin/", follow=True).status_code == 200
    call_command("migrate", "beratung_xblock", verbosity=0)
    world.place()
    assert world.sign_up(world.actor(people[0]), world.open_round(world.lead())).state == "registered"


def _the_product_works(state):
    """What the people of the stored state would do next."""
    people = released.users()
    for user in people.values():
        stage.enrol(user)
    secrets = state.secrets
    gina = repr(own_data.own_data(actor=world.actor(people["gina"])))
    assert secrets["title"] in gina
    assert secrets["situation"] in gina
    cem = repr(own_data.own_data(actor=world.actor(people["cem"])))
    assert secrets["takeaway"] in cem
    assert secrets["question"] in cem
    assert secrets["idea"] in cem
    assert certificates.is_valid(code=Certificate.objects.get().code)
    page = stage.show(people["gina"])
    assert secrets["title"] in page
    assert "2. Quartal" in stage.show(people["chief"])
    uid = Round.objects.get(state="open").uid
    assert world.sign_up(world.actor(stage.enrol(world.user("neue"))), uid, display_name="Neue").state in ("registered", "waiting")
    assert periodic.run().failed == {}
    later = timezone.now() + dt.timedelta(days=4 * 365)
    assert sum(retention.purge(now=later).values()) > 0
    assert Place.objects.get().settings.keys() <= set(PlaceSettings.__dataclass_fields__)
