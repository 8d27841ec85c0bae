"""The package as a user gets it: sdist, from it the wheel, and a fresh environment with nothing of the checkout on its path."""

from __future__ import annotations

import os
import subprocess
import sys
import sysconfig
import tarfile
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]


def run(command: list[str], **more) -> str:
    """Run without our environment's paths; the output, or a failed test with it."""
    environment = {name: value for name, value in os.environ.items() if name not in ("PYTHONPATH", "DJANGO_SETTINGS_MODULE")}
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False, **more)
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-3000:]
    return done.stdout


@pytest.fixture(scope="session")
def checkout(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the checkout, links kept: a build writes into the folder it builds."""
    copy = tmp_path_factory.mktemp("checkout") / "beratung-xblock"
    names = run(["git", "ls-files", "--cached", "--others", "--exclude-standard", "-z"], cwd=ROOT).split("\0")
    for name in filter(None, names):
        source, target = ROOT / name, copy / name
        if not os.path.lexists(source) or name.startswith("tests/"):
            continue
        target.parent.mkdir(parents=True, exist_ok=True)
        if source.is_symlink():
            target.symlink_to(os.readlink(source))
        else:
            target.write_bytes(source.read_bytes())
    return copy


@pytest.fixture(scope="session")
def package_files(checkout: Path) -> set[str]:
    """Every file of the package as the checkout sees it through the links, relative to the root."""
    found = set()
    for folder, _folders, files in os.walk(checkout / "beratung_xblock", followlinks=True):
        found |= {str(Path(folder, name).relative_to(checkout)) for name in files if not name.endswith(".pyc")}
    return found


@pytest.fixture(scope="session")
def sdist(checkout: Path, package_files: set[str], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The source distribution."""
    assert len(package_files) > 100
    out = tmp_path_factory.mktemp("sdist")
    run([sys.executable, "-m", "build", "--sdist", "--no-isolation", "--outdir", str(out), str(checkout)])
    return next(out.glob("*.tar.gz"))


@pytest.fixture(scope="session")
def wheel(sdist: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel, built from the unpacked source distribution."""
    folder = tmp_path_factory.mktemp("unpacked")
    with tarfile.open(sdist) as archive:
        archive.extractall(folder, filter="data")
    out = tmp_path_factory.mktemp("wheel")
    run([sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", str(out), str(next(folder.iterdir()))])
    return next(out.glob("*.whl"))


def fresh_environment(folder: Path) -> Path:
    """A virtual environment that sees our dependencies but not the checkout; its interpreter."""
    run([sys.executable, "-m", "venv", str(folder)])
    python = folder / "bin" / "python"
    site = Path(run([str(python), "-c", "import sysconfig; print(sysconfig.get_path('purelib'))"]).strip())
    # A path file is not followed any further: the link to the checkout in there stays without effect.
    (site / "dependencies.pth").write_text(sysconfig.get_path("purelib") + "\n", encoding="utf-8")
    return python


@pytest.fixture(scope="session")
def installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The interpreter of a fresh environment with the wheel installed."""
    python = fresh_environment(tmp_path_factory.mktemp("fresh") / "venv")
    run([str(python), "-m", "pip", "install", "-q", "--disable-pip-version-check", "--no-deps", "--no-index", "--force-reinstall", str(wheel)])
    return python
