"""What operators read is what the code writes: every log line, every command, every link between pages."""

import ast
import re
from pathlib import Path

import polib

ROOT = Path(__file__).resolve().parents[2]
PACKAGE = ROOT / "beratung_xblock"
LEVELS = {"debug", "info", "warning", "error", "exception", "critical"}
MARK = {"exception": "error"}


def written_by_the_code() -> dict[str, str]:
    """Message -> level, of every call of a module's `log` or `logger` (demo and the course's builder are no part of a platform)."""
    found = {}
    for path in sorted(PACKAGE.rglob("*.py")):
        if {"demo", "course", "migrations"} & set(path.relative_to(PACKAGE).parts):
            continue
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            is_call = isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in LEVELS
            if is_call and isinstance(node.func.value, ast.Name) and node.func.value.id in ("log", "logger", "logging"):
                assert isinstance(node.args[0], ast.Constant), f"{path.name}:{node.lineno}: a log line is a constant text with %s"
                found[node.args[0].value] = MARK.get(node.func.attr, node.func.attr)
    return found


def test_every_log_line_is_explained_with_its_level_and_no_other():
    text = (ROOT / "docs" / "operators" / "log.md").read_text(encoding="utf-8")
    explained = dict(re.findall(r"^\| `([^`]+)` \| (\w+) \|", text, re.MULTILINE))
    assert explained == written_by_the_code()
    assert len(explained) > 5


def test_every_command_is_named():
    text = (ROOT / "docs" / "operators" / "running.md").read_text(encoding="utf-8")
    commands = {path.stem for path in (PACKAGE / "management" / "commands").glob("beratung_*.py")}
    assert set(re.findall(r"^\| `(beratung_\w+)", text, re.MULTILINE)) == commands


def test_what_the_page_for_coordinators_quotes_stands_on_the_screen():
    catalogue = polib.pofile(PACKAGE / "conf" / "locale" / "de" / "LC_MESSAGES" / "django.po")
    texts = "\n".join(text for entry in catalogue for text in (entry.msgstr, *entry.msgstr_plural.values()))
    page = (ROOT / "docs" / "operators" / "desk.md").read_text(encoding="utf-8")
    quoted = {" ".join(words.split()).replace("\\", "") for words in re.findall("„([^“]+)“", page)}
    assert len(quoted) > 20
    assert {words for words in quoted if words not in texts and words != "*"} == set()


def test_links_between_pages_lead_somewhere():
    broken = []
    for page in [ROOT / "README.md", ROOT / "CHANGELOG.md", ROOT / "SECURITY.md", *(ROOT / "docs").rglob("*.md"), *(ROOT / "tutor").glob("*.md")]:
        for target in re.findall(r"\]\(([^)#\s]+)(?:#[^)]*)?\)", page.read_text(encoding="utf-8")):
            if "://" not in target and not target.startswith("mailto:") and not (page.parent / target).exists():
                broken.append(f"{page.relative_to(ROOT)}: {target}")
    assert broken == []
