"""The command line."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from beratung_xblock.course import cli, source

ROOT = Path(__file__).resolve().parents[2]


def test_build_writes_one_archive_for_each_language(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["build", "--out", str(tmp_path / "dist")]) == 0
    assert sorted(path.name for path in (tmp_path / "dist").iterdir()) == ["grundlagen-teams-de.tar.gz", "grundlagen-teams-en.tar.gz"]
    assert "62 units" in capsys.readouterr().out


def test_build_is_the_same_in_another_process_with_another_hash_seed(tmp_path: Path) -> None:
    contents = []
    for seed in ("1", "2"):
        out = tmp_path / seed
        command = [sys.executable, "-m", "beratung_xblock.course", "build", "--lang", "de", "--out", str(out)]
        environment = {"PYTHONHASHSEED": seed, "PATH": "/usr/bin:/bin", "TZ": f"UTC+{seed}", "LC_ALL": "C.UTF-8"}
        subprocess.run(command, cwd=ROOT, env=environment, check=True, capture_output=True)
        contents.append((out / "grundlagen-teams-de.tar.gz").read_bytes())
    assert contents[0] == contents[1]


def test_check_reports_figures_for_each_unit(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["check", "--lang", "de"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[0] == "Grundlagen zur Teilnahme an Microsoft Teams (de)"
    assert lines[-1] == "no faults"
    assert sum(line.startswith("U") for line in lines) == 62


def test_check_fails_and_tells_where(spoiled, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    folder = spoiled("de/L5.4.xml", 'to="U2.4.1"', 'to="U2.4.9"')
    monkeypatch.setattr(cli, "load", lambda language: source.load(language, folder))
    assert cli.main(["check", "--lang", "de"]) == 1
    told = capsys.readouterr()
    assert "L5.4.xml:17: there is no unit U2.4.9" in told.err
    assert told.out.splitlines()[-1].endswith("faults")


def test_a_broken_source_ends_the_build(spoiled, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    folder = spoiled("de/L5.4.xml", "<h>Ausweg 2", "<x>Ausweg 2")
    monkeypatch.setattr(cli, "load", lambda language: source.load(language, folder))
    assert cli.main(["build", "--lang", "de", "--out", str(tmp_path / "dist")]) == 1
    assert "L5.4.xml:" in capsys.readouterr().err
    assert not (tmp_path / "dist").exists()


def test_sheet_shows_every_drawing_with_its_description(tmp_path: Path) -> None:
    assert cli.main(["sheet", "--lang", "en", "--out", str(tmp_path)]) == 0
    page = (tmp_path / "drawings-en.html").read_text(encoding="utf-8")
    assert page.count("<img ") == 89
    assert "Two people sit at a table with a laptop." in page


PLATFORM_LXML = """
import sys, types
import lxml, lxml.etree as real
safe = types.ModuleType("safe_etree")
for name in [*real.__all__, "_Element", "_ElementTree", "_Comment", "_Entity", "_ProcessingInstruction"]:
    setattr(safe, name, getattr(real, name))
lxml.etree = safe
from beratung_xblock.course import cli
sys.exit(cli.main(["build", "--lang", "de", "--out", sys.argv[1]]))
"""


def test_the_build_runs_where_the_platform_has_replaced_lxml(tmp_path: Path) -> None:
    """Open edX puts a safer module in place of `lxml.etree`; it has the public names only, and not all of them."""
    done = subprocess.run([sys.executable, "-c", PLATFORM_LXML, str(tmp_path)], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert cli.main(["build", "--lang", "de", "--out", str(tmp_path / "plain")]) == 0
    assert (tmp_path / "grundlagen-teams-de.tar.gz").read_bytes() == (tmp_path / "plain" / "grundlagen-teams-de.tar.gz").read_bytes()
