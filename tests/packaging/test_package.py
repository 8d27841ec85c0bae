"""What is in the source distribution and the wheel, and that every file of it opens where the platform looks."""

import json
import os
import subprocess
import sys
import tarfile
import zipfile
from pathlib import Path

import pytest

from tests.packaging.conftest import ROOT, fresh_environment, run

PROBE = Path(__file__).parent / "assets_in_five_ways.py"
TOP_LEVEL = {"LICENSE", "MANIFEST.in", "PKG-INFO", "README.md", "CHANGELOG.md", "pyproject.toml", "setup.cfg", "setup.py"}
WAYS = ("resource view", "pipeline", "app finder", "resources")


def test_the_real_folders_are_on_top_and_the_package_links_to_them():
    for name in ("static", "templates"):
        assert (ROOT / name).is_dir()
        assert not (ROOT / name).is_symlink()
        assert os.readlink(ROOT / "beratung_xblock" / name) == f"../{name}"
    for name in ("locale", "translations"):
        assert os.readlink(ROOT / "beratung_xblock" / name) == "conf/locale"


def test_the_source_distribution_holds_the_package_and_no_tools(sdist):
    with tarfile.open(sdist) as archive:
        names = [name.split("/", 1)[1] for name in archive.getnames() if "/" in name]
        links = [member.name for member in archive.getmembers() if member.issym() or member.islnk()]

    assert links == []
    assert {name for name in names if "/" not in name} <= TOP_LEVEL | {"beratung_xblock", "beratung_xblock.egg-info"}
    assert not [name for name in names if name.startswith(("tests", "tools", "static/", "templates/", "var"))]


def test_the_wheel_holds_every_file_of_the_package(wheel, package_files):
    with zipfile.ZipFile(wheel) as archive:
        held = {name for name in archive.namelist() if not name.split("/")[0].endswith(".dist-info")}

    assert held == package_files


def test_the_wheel_names_its_entry_points(wheel):
    with zipfile.ZipFile(wheel) as archive:
        name = next(name for name in archive.namelist() if name.endswith("entry_points.txt"))
        text = archive.read(name).decode()

    assert "beratung = beratung_xblock.beratung_block:BeratungXBlock" in text
    assert "teams_practice = beratung_xblock.practice_block:TeamsPracticeXBlock" in text
    assert text.count("beratung_xblock = beratung_xblock.apps:BeratungConfig") == 2


@pytest.fixture(scope="module")
def opened(installed, tmp_path_factory) -> dict:
    """What the probe saw in the environment of the wheel."""
    return json.loads(run([str(installed), str(PROBE)], cwd=tmp_path_factory.mktemp("away")).splitlines()[-1])


def test_every_asset_opens_in_each_way_of_the_platform(opened, checkout):
    assert str(ROOT) not in opened["package"]
    assert opened["blocks"] == ["BeratungXBlock", "TeamsPracticeXBlock"]
    files = [path for path in (checkout / "static").rglob("*") if path.is_file()]
    assert opened["assets"] == len(files) > 10
    assert {way: opened[way] for way in WAYS} == dict.fromkeys(WAYS, len(files))


def test_every_template_loads_from_the_wheel(opened, checkout):
    files = [path for path in (checkout / "templates").rglob("*") if path.is_file()]
    assert opened["templates"] == opened["pages"] == len(files) > 10


def test_the_catalogues_lie_where_the_platform_looks(opened):
    assert {"de", "en"} <= set(opened["languages"])


def test_an_editable_install_opens_the_same_files(tmp_path, opened, checkout):
    python = fresh_environment(tmp_path / "venv")
    run([str(python), "-m", "pip", "install", "-q", "--disable-pip-version-check", "--no-deps", "--no-build-isolation", "--no-index", "-e", str(checkout)])
    seen = json.loads(run([str(python), str(PROBE)], cwd=tmp_path).splitlines()[-1])

    assert seen["package"] == str(checkout / "beratung_xblock")
    assert {way: seen[way] for way in (*WAYS, "templates", "languages")} == {way: opened[way] for way in (*WAYS, "templates", "languages")}


def test_a_checkout_that_lost_its_links_is_refused(tmp_path):
    (tmp_path / "beratung_xblock").mkdir()
    (tmp_path / "beratung_xblock" / "__init__.py").write_text('__version__ = "0"\n')
    (tmp_path / "beratung_xblock" / "static").write_text("../static")
    (tmp_path / "setup.py").write_text((ROOT / "setup.py").read_text())
    done = subprocess.run([sys.executable, "setup.py", "--version"], cwd=tmp_path, capture_output=True, text=True, check=False)

    assert done.returncode == 1
    assert done.stderr.startswith("beratung_xblock/static is no directory")
