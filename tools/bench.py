"""``make bench``: runs the measurements ``tools/bench_<name>.py`` and prints or writes their figures.

    make bench                          all of them
    make bench ONLY=assignment,pages    some
    make bench JSON=figures.json        raw figures into a file

Each module has one function ``run() -> dict`` that prints what it does and returns raw figures (JSON values, units in the names).
"""

from __future__ import annotations

import argparse
import importlib
import json
import os
import platform
import sys
import time
from pathlib import Path

HERE = Path(__file__).resolve().parent


def names() -> list[str]:
    """The measurements that exist."""
    return sorted(path.stem.removeprefix("bench_") for path in HERE.glob("bench_*.py"))


def main() -> int:
    """Run the chosen measurements one after the other."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--only", default="")
    parser.add_argument("--json", type=Path)
    options = parser.parse_args()
    wanted = [name for name in options.only.split(",") if name] or names()
    unknown = sorted(set(wanted) - set(names()))
    if unknown:
        print(f"Unknown: {', '.join(unknown)}. There are: {', '.join(names())}", file=sys.stderr)
        return 2
    sys.path.insert(0, str(HERE.parent))
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tests.settings")
    figures = {"machine": {"python": platform.python_version(), "cores": os.cpu_count(), "system": platform.platform()}}
    for name in wanted:
        print(f"=== {name}", flush=True)
        started = time.perf_counter()
        figures[name] = importlib.import_module(f"tools.bench_{name}").run()
        print(f"--- {name}: {time.perf_counter() - started:.1f} s", flush=True)
    if options.json:
        options.json.write_text(json.dumps(figures, indent=1), encoding="utf-8")
    else:
        print(json.dumps(figures, indent=1))
    return 0


if __name__ == "__main__":
    sys.exit(main())
