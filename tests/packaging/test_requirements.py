"""The platform's pins stay where they are, and what the code imports is what the package asks for."""

import ast
import json
import os
import re
import subprocess
import sys
from importlib.metadata import packages_distributions, requires
from pathlib import Path

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from tests.packaging.conftest import ROOT

CONSTRAINTS = Path(__file__).parent / "platform-constraints.txt"
# Given by XBlock; declared there, and a second declaration could pull another version than XBlock wants.
GIVEN_BY_XBLOCK = {"web-fragments", "webob"}
# Imported by the course checks and the import command only where they are installed: the platform itself.
PLATFORM = {"common", "lms", "cms", "openedx", "xmodule", "openedx_events", "openedx_authz", "attr", "edx_ace"}


def pins() -> dict[str, str]:
    """Package -> version of the platform."""
    lines = CONSTRAINTS.read_text(encoding="utf-8").split()
    return {canonicalize_name(line.split("==")[0]): line.split("==")[1] for line in lines}


def declared(extra: str = "") -> dict[str, Requirement]:
    """Canonical name -> requirement, without extras or of one extra."""
    found = {}
    for text in requires("beratung-xblock") or []:
        requirement = Requirement(text)
        if requirement.marker is None or (extra and requirement.marker.evaluate({"extra": extra})):
            found[canonicalize_name(requirement.name)] = requirement
    return found


def test_no_requirement_excludes_the_platforms_version():
    wrong = {name: str(requirement) for name, requirement in declared().items() if name in pins() and not requirement.specifier.contains(pins()[name])}

    assert wrong == {}


def test_installing_beside_the_platform_moves_none_of_its_pins(wheel, tmp_path):
    python = os.environ.get("BERATUNG_PY311", "") or _python_311()
    report = tmp_path / "report.json"
    options = ["--dry-run", "--ignore-installed", "--report", str(report), "-c", str(CONSTRAINTS)]
    command = [sys.executable, "-m", "pip", "--python", python, "install", "-q", "--disable-pip-version-check", *options, str(wheel)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr[-3000:]

    chosen = {canonicalize_name(one["metadata"]["name"]): one["metadata"]["version"] for one in json.loads(report.read_text())["install"]}
    moved = {name: version for name, version in chosen.items() if pins().get(name, version) != version}
    assert moved == {}
    assert chosen["xblock"] == "5.2.0"


def _python_311() -> str:
    done = subprocess.run([ROOT / "tools" / "find_python.sh", "3.11"], capture_output=True, text=True, check=True)
    return done.stdout.strip()


def imported() -> set[str]:
    """Top-level modules that the package imports, without the standard library, ourselves, the platform and the demo's."""
    found = set()
    for path in (ROOT / "beratung_xblock").rglob("*.py"):
        if "demo" in path.relative_to(ROOT).parts:
            continue
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Import):
                found |= {alias.name.split(".")[0] for alias in node.names}
            elif isinstance(node, ast.ImportFrom) and node.level == 0 and node.module:
                found.add(node.module.split(".")[0])
    return found - set(sys.stdlib_module_names) - PLATFORM - {"beratung_xblock"}


def test_every_import_is_declared_and_every_requirement_is_used():
    owners = packages_distributions()
    used = {canonicalize_name(owners[module][0]) for module in imported()}
    # uharfbuzz is imported by fpdf2 for text shaping; the completion package by its module name.
    used |= {"uharfbuzz"}

    assert used - GIVEN_BY_XBLOCK == set(declared())


def test_python_and_licence_are_stated():
    text = (ROOT / "setup.py").read_text(encoding="utf-8")

    assert re.search(r'python_requires=">=3\.11"', text)
    assert (ROOT / "LICENSE").read_text(encoding="utf-8").lstrip().startswith("GNU AFFERO GENERAL PUBLIC LICENSE")
