"""What Tutor learns from this plugin: settings, image, init, cron, one command."""

from __future__ import annotations

import shlex
from importlib import resources

import click

from tutor import hooks
from tutorberatung import __version__

DEFAULTS = [
    ("BERATUNG_VERSION", __version__),
    ("BERATUNG_PACKAGE", "beratung-xblock=={{ BERATUNG_VERSION }}"),
    ("BERATUNG_KEYS", {"1": "{{ BERATUNG_FIRST_KEY }}="}),
    ("BERATUNG_ACTIVE_KEY", "1"),
    ("BERATUNG_MAIL_FROM", ""),
    ("BERATUNG_MAIL_THROUGH_ACE", False),
    ("BERATUNG_HOLIDAYS", "NW"),
    ("BERATUNG_MIRROR_COHORTS", False),
    ("BERATUNG_TICK_SECONDS", 300),
]
# 43 characters and one "=" are the base64 of 32 bytes; drawn once, kept in config.yml.
UNIQUE = [("BERATUNG_FIRST_KEY", "{{ 43|random_string }}")]

hooks.Filters.CONFIG_DEFAULTS.add_items(DEFAULTS)
hooks.Filters.CONFIG_UNIQUE.add_items(UNIQUE)
hooks.Filters.CLI_DO_INIT_TASKS.add_item(
    ("lms", "./manage.py lms waffle_switch completion.enable_completion_tracking on --create\n")
)
for patch in resources.files("tutorberatung").joinpath("patches").iterdir():
    hooks.Filters.ENV_PATCHES.add_item((patch.name, patch.read_text(encoding="utf-8")))


@click.command(name="beratung-course", help="Import the course about taking part in a Teams meeting.")
@click.option("--org", required=True)
@click.option("--course", required=True)
@click.option("--run", required=True)
@click.option("--lang", type=click.Choice(["de", "en"]), default="de", show_default=True)
@click.option("--update", is_flag=True, help="Change only what authors have not touched.")
@click.option("--with-beratung", is_flag=True, help="Add a last chapter with a peer consultation.")
def beratung_course(org: str, course: str, run: str, lang: str, update: bool, with_beratung: bool) -> list[tuple[str, str]]:
    """Answer the job that Tutor runs in Studio's container."""
    words = ["./manage.py", "cms", "beratung_import_course", "--org", org, "--course", course, "--run", run, "--lang", lang]
    words += ["--update"] * update + ["--with-beratung"] * with_beratung
    return [("cms", shlex.join(words) + "\n")]


hooks.Filters.CLI_DO_COMMANDS.add_item(beratung_course)
