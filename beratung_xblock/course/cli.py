"""The command line: build an archive, check the sources, look at the drawings."""

from __future__ import annotations

import argparse
import sys
from base64 import b64encode
from html import escape
from pathlib import Path

from . import readability, spelling
from .assets import used_drawings
from .checks import problems
from .drawings import draw
from .olx import Identity, archive, package_files
from .source import LANGUAGES, Course, CourseError, load


def main(argv: list[str] | None = None) -> int:
    """Run one command; 0 when all is well, 1 with the faults on standard error."""
    options = _parser().parse_args(argv)
    languages = [options.lang] if options.lang else list(LANGUAGES)
    try:
        return max(options.run_command(load(language), options) for language in languages)
    except CourseError as error:
        sys.stderr.write(f"{error}\n")
        return 1


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m beratung_xblock.course", description=__doc__)
    commands = parser.add_subparsers(required=True)
    build = commands.add_parser("build", help="write the archive for Studio's import")
    build.add_argument("--out", type=Path, default=Path("dist"))
    build.add_argument("--org", default=Identity.org)
    build.add_argument("--course", default=Identity.course)
    build.add_argument("--run", default=Identity.run)
    build.set_defaults(run_command=_build)
    check = commands.add_parser("check", help="check sources, language and archive")
    check.set_defaults(run_command=_check)
    sheet = commands.add_parser("sheet", help="write a page with all drawings, to look at them")
    sheet.add_argument("--out", type=Path, default=Path("dist"))
    sheet.set_defaults(run_command=_sheet)
    for command in (build, check, sheet):
        command.add_argument("--lang", choices=LANGUAGES, help="one language only (both if missing)")
    return parser


def _build(course: Course, options: argparse.Namespace) -> int:
    identity = Identity(options.org, options.course, options.run)
    content = archive(package_files(course, identity))
    options.out.mkdir(parents=True, exist_ok=True)
    path = options.out / f"grundlagen-teams-{course.language}.tar.gz"
    path.write_bytes(content)
    _say(f"{path}: {len(course.units)} units, {len(content)} bytes")
    return 0


def _check(course: Course, options: argparse.Namespace) -> int:
    _say(f"{course.title} ({course.language})")
    _say("unit     sentences  words  mean  longest   LIX  Vienna")
    everything: list[readability.Sentence] = []
    for unit in course.units:
        found = list(readability.sentences(course, unit))
        everything += found
        if found:
            _say(_row(unit.id, found, course.language))
    _say(_row("course", everything, course.language))
    if not spelling.available(course.language):
        _say(f"spelling not checked: hunspell with {spelling.DICTIONARIES[course.language]} is not installed")
    faults = problems(course)
    for fault in faults:
        sys.stderr.write(f"{fault}\n")
    _say("no faults" if not faults else f"{len(faults)} faults")
    return 1 if faults else 0


def _say(line: str) -> None:
    sys.stdout.write(line + "\n")


def _row(name: str, found: list[readability.Sentence], language: str) -> str:
    figures = readability.figures(found, language)
    vienna = "     –" if figures.vienna is None else f"{figures.vienna:6.1f}"
    return f"{name:8} {figures.sentences:9} {figures.words:6} {figures.mean:5.1f} {figures.longest:8} {figures.lix:5.0f}  {vienna}"


def _sheet(course: Course, options: argparse.Namespace) -> int:
    figures = []
    for name in used_drawings(course):
        picture = b64encode(draw(course, name).encode()).decode()
        alt = escape(course.drawings[name].alt)
        figures.append(f'<figure><img src="data:image/svg+xml;base64,{picture}" alt="{alt}"><figcaption>{name}: {alt}</figcaption></figure>')
    style = "body{display:grid;grid-template-columns:repeat(auto-fill,320px);gap:1rem;font:13px sans-serif}figure{margin:0}"
    page = f'<!doctype html><html lang="{course.language}"><meta charset="utf-8"><title>{escape(course.title)}</title><style>{style}</style>'
    options.out.mkdir(parents=True, exist_ok=True)
    path = options.out / f"drawings-{course.language}.html"
    path.write_text(page + "".join(figures) + "</html>\n", encoding="utf-8")
    _say(f"{path}: {len(figures)} drawings")
    return 0
