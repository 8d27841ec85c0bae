"""After `pip uninstall`: a host that no longer names our app starts and works, with our tables still in its database."""

import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]
HOST = """
from tests.settings import *
DATABASES = {"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": DATABASE}}
"""
WITHOUT = """
INSTALLED_APPS.remove("beratung_xblock")
ROOT_URLCONF = "bare_urls"
"""
BARE_URLS = """
from django.contrib import admin
from django.urls import path
urlpatterns = [path("admin/", admin.site.urls)]
"""
LIFE_BEFORE = """
import django; django.setup()
from django.core.management import call_command
call_command("migrate", verbosity=0)
from tests.integration import world
world.place()
world.sign_up(world.actor(world.user("signed")), world.open_round(world.lead(world.user("chief"))))
world.user("guest")
"""
LIFE_AFTER = """
import sys
sys.modules["beratung_xblock"] = None  # an import of ours would fail loudly
import django; django.setup()
from django.core.management import call_command
from django.contrib.auth import get_user_model
from django.db import IntegrityError, connection, transaction
from django.test import Client
call_command("check")
call_command("migrate", verbosity=0)
User = get_user_model()
User.objects.filter(username="chief").update(is_staff=True, is_superuser=True)
client = Client()
client.force_login(User.objects.get(username="chief"))
print(client.get("/admin/").status_code)
print(User.objects.get(username="guest").delete()[0])
try:
    with transaction.atomic():
        User.objects.get(username="signed").delete()
        connection.check_constraints()
except IntegrityError:
    print("held by our rows")
print(sum(name.startswith("beratung_xblock_") for name in connection.introspection.table_names()) > 20)
"""


def test_the_host_lives_on_without_the_app(tmp_path):
    database = f"DATABASE = {str(tmp_path / 'host.sqlite3')!r}\n"
    (tmp_path / "host_with.py").write_text(database + HOST)
    (tmp_path / "host_without.py").write_text(database + HOST + WITHOUT)
    (tmp_path / "bare_urls.py").write_text(BARE_URLS)

    def live(script, settings):
        done = subprocess.run(
            [sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, check=False,
            env={**os.environ, "DJANGO_SETTINGS_MODULE": settings, "PYTHONPATH": f"{tmp_path}{os.pathsep}{ROOT}"},
        )
        assert done.returncode == 0, done.stderr
        return done.stdout.splitlines()

    live(LIFE_BEFORE, "host_with")
    seen = live(LIFE_AFTER, "host_without")
    # Accounts with rows of ours cannot be deleted while the tables are there: docs/admins/remove.md says to drop them.
    assert seen == ["System check identified no issues (0 silenced).", "200", "1", "held by our rows", "True"]
