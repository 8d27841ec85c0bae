"""`python -m beratung_xblock.anonymise FILE`: one JSON line per find. "-" reads standard input. Exit status 1 when the file cannot be read."""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path

from beratung_xblock.anonymise import findings


def main(arguments: list[str] | None = None) -> int:
    """Print kind, start, end, strength and replacement of each find; offsets count code points."""
    parser = argparse.ArgumentParser(prog="python -m beratung_xblock.anonymise", description="Find what could identify a person in a text.")
    parser.add_argument("file", help="a text file in UTF-8, or - for standard input")
    name = parser.parse_args(arguments).file
    try:
        raw = sys.stdin.buffer.read() if name == "-" else Path(name).read_bytes()
        text = raw.decode("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        print(f"Cannot read {name}: {type(error).__name__}", file=sys.stderr)
        return 1
    for find in findings(text):
        line = {"kind": find.kind, "start": find.start, "end": find.end, "strength": find.strength, "replacement": find.replacement}
        print(json.dumps(line, ensure_ascii=False))
    return 0


if __name__ == "__main__":
    sys.exit(main())
