"""Runs the test suites one after the other, each with its budget in seconds on two cores. The whole must stay under 45 minutes.

    python tools/suites.py all | fast | quality | NAME ...

A suite that takes three times its budget is ended and counts as failed; one over its budget is named at the end.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PYTHON = sys.executable
BIN = Path(sys.executable).parent
PYTEST = (PYTHON, "-m", "pytest", "-q", "-p", "no:cacheprovider")
NO_TESTS = 5


@dataclass(frozen=True)
class Suite:
    """One command, its budget in seconds, and whether it belongs to the fast part or to quality."""

    name: str
    budget: int
    command: tuple[str, ...]
    kind: str = "all"


def pytest(*arguments: str) -> tuple[str, ...]:
    """A pytest call in this interpreter."""
    return (*PYTEST, *arguments)


MARIADB = (PYTHON, "tools/mariadb.py", "run", "--")
FIND = str(ROOT / "tools" / "find_python.sh")

SUITES = (
    Suite("ruff", 10, (str(BIN / "ruff"), "check", "."), "quality"),
    Suite("layers", 15, (str(BIN / "lint-imports"),), "quality"),
    Suite("personal data", 15, (PYTHON, "tools/pii.py"), "quality"),
    Suite("migrations", 15, (PYTHON, "-m", "django", "makemigrations", "--check", "--dry-run", "beratung_xblock"), "quality"),
    Suite("translations", 15, (PYTHON, "tools/i18n.py", "check", "de"), "quality"),
    Suite("field scopes", 15, pytest("tests/blocks/test_field_scopes.py"), "quality"),
    Suite("package", 35, pytest("tests/packaging/test_package.py"), "quality"),
    Suite("unit", 85, pytest("tests/unit", "-m", "not slow"), "fast"),
    Suite("browser code", 20, ("node", "--test", *sorted(str(path.relative_to(ROOT)) for path in (ROOT / "tests/unit/js").rglob("*.test.mjs"))), "fast"),
    Suite("integration, SQLite", 135, pytest("tests/integration", "-m", "not slow"), "fast"),
    Suite("blocks", 40, pytest("tests/blocks", "-m", "not slow"), "fast"),
    Suite("unit, long", 170, pytest("tests/unit", "-m", "slow")),
    Suite("integration, long", 40, pytest("tests/integration", "tests/blocks", "-m", "slow")),
    Suite("integration, MariaDB", 280, (*MARIADB, *pytest("tests/integration"))),
    Suite("course", 65, pytest("tests/course")),
    Suite("load", 130, (*MARIADB, *pytest("tests/load"))),
    Suite("upgrades and removal, SQLite", 30, pytest("tests/packaging/test_released.py", "tests/packaging/test_without_us.py")),
    Suite("upgrades, MariaDB", 45, (*MARIADB, *pytest("tests/packaging/test_released.py"))),
    Suite("permissions", 95, pytest("tests/permissions")),
    Suite("leaks, MariaDB", 35, (*MARIADB, *pytest(*sorted(str(path.relative_to(ROOT)) for path in (ROOT / "tests/permissions").glob("test_leak*.py"))))),
    Suite("platform", 15, pytest("tests/platform")),
    Suite("requirements", 25, pytest("tests/packaging/test_requirements.py")),
    Suite("start-up, edx-ace and Tutor", 90, pytest("tests/packaging/test_startup.py", "tests/packaging/test_ace.py", "tests/packaging/test_tutor.py")),
    Suite("browser", 760, pytest("tests/e2e")),
    Suite("matrix: Python 3.11, Django 4.2, XBlock 5.2", 255, (PYTHON, "-m", "tox", "-q", "-e", "a")),
    Suite("matrix: Python 3.12, Django 5.2, newest XBlock", 255, (PYTHON, "-m", "tox", "-q", "-e", "c")),
)


def chosen(words: list[str]) -> list[Suite]:
    """The suites that the words of the command line mean."""
    if words in ([], ["all"]):
        return list(SUITES)
    if words == ["quality"]:
        return [suite for suite in SUITES if suite.kind == "quality"]
    if words == ["fast"]:
        return [suite for suite in SUITES if suite.kind in ("quality", "fast")]
    unknown = set(words) - {suite.name for suite in SUITES}
    if unknown:
        raise SystemExit(f"Unknown: {', '.join(sorted(unknown))}. There are: {', '.join(suite.name for suite in SUITES)}")
    return [suite for suite in SUITES if suite.name in words]


def interpreters() -> dict[str, str]:
    """The interpreters of the matrix; ends with one line when one is missing."""
    found = {}
    for version in ("3.11", "3.12"):
        done = subprocess.run([FIND, version], capture_output=True, text=True, check=False)
        if done.returncode:
            raise SystemExit(f"make test needs Python 3.11 and 3.12. {done.stderr.strip()}")
        found[f"BERATUNG_PY{version.replace('.', '')}"] = done.stdout.strip()
    return found


def has_tests(suite: Suite) -> bool:
    """Does a pytest or node suite have a file to run? A folder may still be empty."""
    folders = [ROOT / word for word in suite.command if word.startswith("tests/")]
    return not folders or any(folder.is_file() or any(folder.rglob("test_*.py")) for folder in folders)


def run(suite: Suite, environment: dict[str, str]) -> tuple[bool, float]:
    """Run one suite; its output goes straight through."""
    started = time.monotonic()
    process = subprocess.Popen(suite.command, cwd=ROOT, env=environment, stdin=subprocess.DEVNULL, start_new_session=True)
    try:
        code = process.wait(timeout=suite.budget * 3)
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGTERM)
        process.wait()
        code = -1
    # "slow" selections of a folder may be empty; "platform" is empty, and says so, where no platform is named.
    passed = code == 0 or (code == NO_TESTS and ("slow" in suite.command or suite.name == "platform"))
    return passed, time.monotonic() - started


def main() -> int:
    """Run, then print one line for each suite."""
    suites = chosen(sys.argv[1:])
    environment = {**os.environ, "DJANGO_SETTINGS_MODULE": "tests.settings", "PYTHONPATH": str(ROOT), "PATH": f"{BIN}{os.pathsep}{os.environ['PATH']}"}
    if any("tox" in suite.command for suite in suites):
        environment |= interpreters()
    results = []
    for suite in suites:
        if not has_tests(suite):
            continue
        print(f"\n=== {suite.name}", flush=True)
        results.append((suite, *run(suite, environment)))
    print(f"\n{'suite':50} {'seconds':>8} {'budget':>7}")
    for suite, passed, seconds in results:
        note = "" if passed else "  FAILED"
        if seconds > suite.budget:
            note += "  over its budget"
        print(f"{suite.name:50} {seconds:8.1f} {suite.budget:7}{note}")
    failed = sum(not passed for _suite, passed, _seconds in results)
    print(f"{'all':50} {sum(seconds for _suite, _passed, seconds in results):8.1f}")
    print(f"suites: {len(results) - failed} passed, {failed} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
