"""Which version runs: at the foot of the desk and of Studio's page, in Django's admin, from the command line."""

import pytest
from django.core.management import call_command
from django.test import Client

from beratung_xblock import __version__
from tests.blocks import stage
from tests.integration import world

pytestmark = pytest.mark.django_db(transaction=True)
FOOT = f"beratung-xblock {__version__}"


def test_authors_and_coordinators_see_it_and_volunteers_need_not():
    world.place()
    chief, person = stage.enrol(world.user()), stage.enrol(world.user())
    world.lead(chief)
    assert FOOT in stage.show(chief)
    assert FOOT in stage.block(stage.enrol(world.user(), "staff")).render("author_view").content
    assert FOOT not in stage.show(person)


def test_administrators_see_it():
    user = world.user()
    user.is_staff = user.is_superuser = True
    user.save()
    client = Client()
    client.force_login(user)
    assert f"Peer consultation {__version__}" in client.get("/admin/").content.decode()


def test_the_command_line_tells_it(capsys):
    with pytest.raises(SystemExit):
        call_command("beratung_tick", "--version")
    assert capsys.readouterr().out.strip() == __version__
