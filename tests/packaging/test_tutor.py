"""The Tutor plugin, rendered by Tutor itself in a fresh environment: every file it touches is looked at. No Docker needed."""

import ast
import base64
import os
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from beratung_xblock.settings.common import DEFAULTS

ROOT = Path(__file__).parents[2]
VERSIONS = ("21", "22")


@pytest.fixture(scope="module", params=VERSIONS)
def rendered(request, tmp_path_factory):
    """A Tutor environment with the plugin enabled: (root folder, runner)."""
    home = tmp_path_factory.mktemp(f"tutor{request.param}")
    subprocess.run([sys.executable, "-m", "venv", str(home / "venv")], check=True)
    python = home / "venv" / "bin" / "python"
    wanted = f"tutor>={request.param},<{int(request.param) + 1}"
    subprocess.run(
        [str(python), "-m", "pip", "install", "-q", "--disable-pip-version-check", wanted, str(ROOT / "tutor")], check=True
    )

    def tutor(*words):
        environment = {**os.environ, "TUTOR_ROOT": str(home / "root"), "TUTOR_PLUGINS_ROOT": str(home / "plugins")}
        done = subprocess.run(
            [str(home / "venv" / "bin" / "tutor"), *words], env=environment, capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, done.stderr
        return done.stdout

    tutor("plugins", "enable", "beratung")
    tutor("config", "save")
    return home / "root", tutor


def settings_of(path):
    """The names our patch assigns in a rendered settings file."""
    values = {}
    for node in ast.parse(path.read_text()).body:
        if isinstance(node, ast.Assign) and getattr(node.targets[0], "id", "").startswith("BERATUNG_"):
            values[node.targets[0].id] = ast.literal_eval(node.value)
    return values


def test_image_installs_the_package(rendered):
    dockerfile = (rendered[0] / "env/build/openedx/Dockerfile").read_text()
    assert 'pip install "beratung-xblock==0.1.0"' in dockerfile


@pytest.mark.parametrize("service", ["lms", "cms"])
@pytest.mark.parametrize("step", ["i18n", "assets"])
def test_image_is_built_without_a_database_so_that_no_check_asks_for_a_key(rendered, service, step):
    """The commands of the build run all system checks, with settings that hold none of ours (see `checks.keys_are_usable`)."""
    body = ast.parse((rendered[0] / f"env/build/openedx/settings/{service}/{step}.py").read_text()).body
    values = {node.targets[0].id: ast.literal_eval(node.value) for node in body if isinstance(node, ast.Assign) and getattr(node.targets[0], "id", "") == "DATABASES"}
    assert values == {"DATABASES": {"default": {}}}


@pytest.mark.parametrize("service", ["lms", "cms"])
def test_settings_hold_a_generated_key(rendered, service):
    values = settings_of(rendered[0] / f"env/apps/openedx/settings/{service}/production.py")
    assert values["BERATUNG_ACTIVE_KEY"] == "1"
    assert len(base64.b64decode(values["BERATUNG_KEYS"]["1"], validate=True)) == 32
    assert values["BERATUNG_MIRROR_COHORTS"] is False
    assert values["BERATUNG_MAIL_FROM"] == ""
    assert values["BERATUNG_MAIL_THROUGH_ACE"] is False
    assert values["BERATUNG_HOLIDAYS"] == "NW"
    assert "BERATUNG_BASE_URL" not in values  # Tutor's LMS_ROOT_URL is right in both modes
    assert values.keys() <= DEFAULTS.keys()
    assert {name: type(value) for name, value in values.items()} == {name: type(DEFAULTS[name]) for name in values}


def test_settings_of_an_operator_are_rendered_and_a_second_key_beside_the_first(rendered):
    root, tutor = rendered
    path = root / "env/apps/openedx/settings/lms/production.py"
    first = settings_of(path)["BERATUNG_KEYS"]["1"]
    second = base64.b64encode(b"s" * 32).decode()
    tutor(
        "config", "save", "--set", "BERATUNG_HOLIDAYS=BY", "--set", "BERATUNG_MIRROR_COHORTS=true", "--set", "BERATUNG_ACTIVE_KEY='2'",
        "--set", 'BERATUNG_MAIL_FROM="Beratung" <post@example.org>',
        "--set", f'BERATUNG_KEYS={{"1": "{{{{ BERATUNG_FIRST_KEY }}}}=", "2": "{second}"}}',
    )
    values = settings_of(path)
    assert values["BERATUNG_KEYS"] == {"1": first, "2": second}
    assert (values["BERATUNG_ACTIVE_KEY"], values["BERATUNG_HOLIDAYS"], values["BERATUNG_MIRROR_COHORTS"]) == ("2", "BY", True)
    assert values["BERATUNG_MAIL_FROM"] == '"Beratung" <post@example.org>'
    for name in ("BERATUNG_MAIL_FROM", "BERATUNG_HOLIDAYS", "BERATUNG_MIRROR_COHORTS", "BERATUNG_ACTIVE_KEY", "BERATUNG_KEYS"):
        tutor("config", "save", "--unset", name)
    assert settings_of(path)["BERATUNG_KEYS"] == {"1": first}


@pytest.mark.parametrize("kind", ["local", "k8s"])
def test_the_course_command_runs_in_studio(rendered, kind):
    assert "Import the course about taking part" in rendered[1](kind, "do", "beratung-course", "--help")
    python = rendered[0].parent / "venv" / "bin" / "python"
    code = (
        "from tutorberatung.plugin import beratung_course\n"
        "print(beratung_course.callback(org='My Org', course='TEAMS', run='2027', lang='de', update=True, with_beratung=False))"
    )
    done = subprocess.run([str(python), "-c", code], capture_output=True, text=True, check=True)
    assert ast.literal_eval(done.stdout) == [
        ("cms", "./manage.py cms beratung_import_course --org 'My Org' --course TEAMS --run 2027 --lang de --update\n")
    ]


def test_key_is_drawn_once_and_both_services_share_it(rendered):
    root, tutor = rendered
    path = root / "env/apps/openedx/settings/lms/production.py"
    before = settings_of(path)["BERATUNG_KEYS"]
    tutor("config", "save")
    assert settings_of(path)["BERATUNG_KEYS"] == before
    assert settings_of(root / "env/apps/openedx/settings/cms/production.py")["BERATUNG_KEYS"] == before
    assert len(yaml.safe_load((root / "config.yml").read_text())["BERATUNG_FIRST_KEY"]) == 43


def test_local_runs_the_tick(rendered):
    services = yaml.safe_load((rendered[0] / "env/local/docker-compose.yml").read_text())["services"]
    tick = services["beratung-tick"]
    assert tick["image"] == services["lms"]["image"]
    assert tick["command"][2] == "while true; do ./manage.py lms beratung_tick; sleep 300; done"
    assert set(tick["volumes"]) <= set(services["lms"]["volumes"])


def test_development_runs_the_tick_in_its_own_image(rendered):
    services = yaml.safe_load((rendered[0] / "env/dev/docker-compose.yml").read_text())["services"]
    assert services["beratung-tick"] == {"image": services["lms"]["image"], "environment": {"DJANGO_SETTINGS_MODULE": "lms.envs.tutor.development"}}


def test_kubernetes_runs_the_tick_without_overlap(rendered):
    documents = [d for d in yaml.safe_load_all((rendered[0] / "env/k8s/deployments.yml").read_text()) if d]
    job = next(d for d in documents if d["kind"] == "CronJob")
    assert (job["spec"]["schedule"], job["spec"]["concurrencyPolicy"]) == ("*/5 * * * *", "Forbid")
    container = job["spec"]["jobTemplate"]["spec"]["template"]["spec"]["containers"][0]
    lms = next(d for d in documents if d["kind"] == "Deployment" and d["metadata"]["name"] == "lms")
    lms_container = lms["spec"]["template"]["spec"]["containers"][0]
    assert container["image"] == lms_container["image"]
    assert {v["name"] for v in container["volumeMounts"]} <= {v["name"] for v in lms_container["volumeMounts"]}
    assert container["command"] == ["./manage.py", "lms", "beratung_tick"]


def test_course_command_and_nothing_else_is_new(rendered):
    assert "beratung-course" in rendered[1]("local", "do", "--help")
    files = [p for p in (rendered[0] / "env").rglob("*") if p.is_file() and "beratung" in p.read_text(errors="ignore").lower()]
    assert {str(p.relative_to(rendered[0] / "env")) for p in files} == {
        "build/openedx/Dockerfile",
        "apps/openedx/settings/lms/production.py",
        "apps/openedx/settings/lms/development.py",
        "apps/openedx/settings/cms/production.py",
        "apps/openedx/settings/cms/development.py",
        "local/docker-compose.yml",
        "dev/docker-compose.yml",
        "k8s/deployments.yml",
    }
