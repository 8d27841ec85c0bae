"""Catalogues: extract, set, compile and check translations.

    python tools/i18n.py extract                    new msgids from code and templates into every django.po
    python tools/i18n.py set de < file.json         {"msgid": "msgstr", "msgid": {"plural": "...", "msgstr": ["...", "..."]}}
    python tools/i18n.py compile                    django.mo, text.po and text.mo of every language
    python tools/i18n.py check [LANG ...]           exit 1 when a text of code or templates is missing,
                                                    fuzzy, or has other placeholders than its msgid

Only ``django.po`` is edited. ``text.po`` is the same catalogue under the name the platform reads for the strings of an XBlock.
A context goes before the msgid, separated by a vertical bar at the start of the key: ``"ctx:role|Moderation"``.
"""

from __future__ import annotations

import argparse
import contextlib
import fcntl
import io
import json
import os
import re
import shutil
import string
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import polib

ROOT = Path(__file__).resolve().parent.parent
PACKAGE = ROOT / "beratung_xblock"
LOCALE = PACKAGE / "conf" / "locale"
SOURCE_CHECKED = ("en", "de")
HEADER = "review by a native speaker wanted"
# Forms that stand for one number alone may leave it out ("ein Termin"): the singular of two forms, Arabic zero, one and two.
# With four forms (Russian) the first one is also 21 and 31.
NUMBER_MAY_MISS = {2: (0,), 6: (0, 1, 2)}
PERCENT = re.compile(r"%(?:\((\w+)\))?[#0\- +]*[\d.]*([diouxXeEfFgGcrs])")
PLURALS = {
    "ar": "nplurals=6; plural=n==0 ? 0 : n==1 ? 1 : n==2 ? 2 : n%100>=3 && n%100<=10 ? 3 : n%100>=11 ? 4 : 5;",
    "fa": "nplurals=2; plural=(n > 1);",
    "pl": "nplurals=4; plural=(n==1 ? 0 : (n%10>=2 && n%10<=4) && (n%100<12 || n%100>14) ? 1 : n!=1 && (n%10>=0 && n%10<=1) "
    "|| (n%10>=5 && n%10<=9) || (n%100>=12 && n%100<=14) ? 2 : 3);",
    "ru": "nplurals=4; plural=(n%10==1 && n%100!=11 ? 0 : n%10>=2 && n%10<=4 && (n%100<12 || n%100>14) ? 1 : n%10==0 "
    "|| (n%10>=5 && n%10<=9) || (n%100>=11 && n%100<=14) ? 2 : 3);",
    "uk": "nplurals=4; plural=(n % 1 == 0 && n % 10 == 1 && n % 100 != 11 ? 0 : n % 1 == 0 && n % 10 >= 2 && n % 10 <= 4 "
    "&& (n % 100 < 12 || n % 100 > 14) ? 1 : n % 1 == 0 && (n % 10 ==0 || (n % 10 >=5 && n % 10 <=9) "
    "|| (n % 100 >=11 && n % 100 <=14 )) ? 2: 3);",
    "tr": "nplurals=2; plural=(n > 1);",
    "fr": "nplurals=2; plural=(n > 1);",
}


@contextlib.contextmanager
def locked() -> Iterator[None]:
    """One writer at a time: two runs of this tool never lose each other's entries."""
    lock = Path(tempfile.gettempdir()) / f"beratung-i18n-{os.getuid()}.lock"
    with lock.open("w") as handle:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield


def languages() -> list[str]:
    """The languages that have a folder, English (the source) included."""
    return sorted(path.parent.name for path in LOCALE.glob("*/LC_MESSAGES"))


def catalogue_path(language: str) -> Path:
    """Where the one hand-kept catalogue of a language lies."""
    return LOCALE / language / "LC_MESSAGES" / "django.po"


def open_catalogue(language: str) -> polib.POFile:
    """Read a catalogue, or begin an empty one."""
    path = catalogue_path(language)
    if path.exists():
        return polib.pofile(str(path), wrapwidth=120)
    path.parent.mkdir(parents=True, exist_ok=True)
    catalogue = polib.POFile(wrapwidth=120)
    catalogue.metadata = {
        "Project-Id-Version": "beratung-xblock",
        "Language": language,
        "MIME-Version": "1.0",
        "Content-Type": "text/plain; charset=UTF-8",
        "Content-Transfer-Encoding": "8bit",
        "Plural-Forms": PLURALS.get(language, "nplurals=2; plural=(n != 1);"),
    }
    return catalogue


def split_context(key: str) -> tuple[str | None, str]:
    """``"ctx:role|Moderation"`` -> ``("role", "Moderation")``; any other key has no context."""
    if key.startswith("ctx:") and "|" in key:
        context, msgid = key[4:].split("|", 1)
        return context, msgid
    return None, key


def write(language: str, catalogue: polib.POFile) -> None:
    """Save sorted, so that two people's additions merge, and compile. A language nobody native has read says so on top."""
    if language not in SOURCE_CHECKED:
        catalogue.header = HEADER
    if language in PLURALS:
        catalogue.metadata["Plural-Forms"] = PLURALS[language]
    catalogue.sort(key=lambda entry: (entry.obsolete, entry.msgid.lower(), entry.msgctxt or ""))
    catalogue.save(str(catalogue_path(language)))
    compile_one(language, catalogue)


def compile_one(language: str, catalogue: polib.POFile) -> None:
    """Write django.mo and the pair text.po, text.mo next to the catalogue. Byte-equal for equal input."""
    folder = catalogue_path(language).parent
    for name in ("django", "text"):
        catalogue.save_as_mofile(str(folder / f"{name}.mo"))
    (folder / "text.po").write_bytes(catalogue_path(language).read_bytes())


def command_set(language: str) -> int:
    """Add or replace the entries read as JSON from standard input."""
    texts = json.load(sys.stdin)
    with locked():
        catalogue = open_catalogue(language)
        index = {(entry.msgctxt, entry.msgid): entry for entry in catalogue if not entry.obsolete}
        for key, value in texts.items():
            context, msgid = split_context(key)
            entry = index.get((context, msgid))
            if entry is None:
                entry = polib.POEntry(msgid=msgid, msgctxt=context)
                catalogue.append(entry)
                index[context, msgid] = entry
            if isinstance(value, dict):
                entry.msgid_plural = value["plural"]
                entry.msgstr = ""
                entry.msgstr_plural = dict(enumerate(value["msgstr"]))
            else:
                entry.msgstr = value
            entry.flags = [flag for flag in entry.flags if flag != "fuzzy"]
        write(language, catalogue)
    print(f"{language}: {len(texts)} entries written, {len(catalogue)} in all")
    return 0


def makemessages(package: Path, names: list[str]) -> None:
    """Django's extraction in a package folder. The demo's frame has its own texts and is left out.

    It works in the current folder, where our modules must not be taken for other packages of the same name (completion).
    """
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tests.settings")
    sys.path[:] = [str(ROOT), *(path for path in sys.path if path)]
    import django
    from django.core.management import call_command

    django.setup()
    with contextlib.chdir(package), contextlib.redirect_stdout(io.StringIO()):
        call_command(
            "makemessages", locale=names, symlinks=True, no_obsolete=True, add_location="file", ignore_patterns=["demo/*", "static/*"], verbosity=0
        )


def texts_in_use() -> dict[tuple[str | None, str], polib.POEntry]:
    """Every text of code and templates, extracted into a copy of the package."""
    with tempfile.TemporaryDirectory(prefix="beratung-i18n-") as folder:
        copy = Path(folder) / "beratung_xblock"
        shutil.copytree(PACKAGE, copy, ignore=shutil.ignore_patterns("static", "demo", "conf", "locale", "translations", "__pycache__"))
        (copy / "conf" / "locale").mkdir(parents=True)
        makemessages(copy, ["de"])
        found = polib.pofile(str(copy / "conf/locale/de/LC_MESSAGES/django.po"))
    return {(entry.msgctxt, entry.msgid): entry for entry in found}


def command_extract() -> int:
    """Run makemessages over code and templates; entries keep their translations, vanished ones are dropped."""
    with locked():
        makemessages(PACKAGE, languages())
        for language in languages():
            catalogue = open_catalogue(language)
            catalogue.metadata.pop("POT-Creation-Date", None)
            for entry in catalogue.fuzzy_entries():
                # A guess from a similar text is worse than none: the English text shows until somebody has translated it.
                entry.flags.remove("fuzzy")
                entry.msgstr, entry.msgstr_plural = "", dict.fromkeys(entry.msgstr_plural, "")
                entry.previous_msgid = entry.previous_msgid_plural = entry.previous_msgctxt = None
            write(language, catalogue)
    return 0


def command_compile() -> int:
    """Compile every language."""
    with locked():
        for language in languages():
            compile_one(language, open_catalogue(language))
    return 0


def placeholders(text: str) -> set[str]:
    """The names a text expects: ``%(name)s``, ``%s`` and ``{name}``."""
    found = {f"%{name or ''}{kind}" for name, kind in PERCENT.findall(text.replace("%%", ""))}
    with contextlib.suppress(ValueError):
        found |= {f"{{{name}}}" for _text, name, _spec, _conversion in string.Formatter().parse(text) if name}
    return found


def defects(entry: polib.POEntry) -> Iterator[str]:
    """What is wrong with one entry: missing, fuzzy, or placeholders that differ."""
    if entry.fuzzy:
        yield "fuzzy"
    texts = list(entry.msgstr_plural.values()) if entry.msgid_plural else [entry.msgstr]
    if not texts or not all(texts):
        yield "missing"
        return
    allowed = placeholders(entry.msgid) | placeholders(entry.msgid_plural or "")
    for number, text in enumerate(texts):
        used = placeholders(text)
        if used - allowed or (allowed - used and not (entry.msgid_plural and number in NUMBER_MAY_MISS.get(len(texts), ()))):
            yield f"placeholders {sorted(used)} instead of {sorted(allowed)}"


def command_check(only: list[str]) -> int:
    """Print every defect of the texts in use, in the given languages (default: all but English)."""
    failed = 0
    wanted = texts_in_use()
    for language in only or [name for name in languages() if name != "en"]:
        entries = {(entry.msgctxt, entry.msgid): entry for entry in open_catalogue(language) if not entry.obsolete}
        found = [(key, defect) for key in sorted(wanted, key=str) for defect in defects(entries.get(key, wanted[key]))]
        for (_context, msgid), defect in found:
            print(f"{language}: {defect}: {msgid!r}")
        print(f"{language}: {len(wanted)} texts in use, {len(found)} defects; {len(entries.keys() - wanted.keys())} entries no longer in use")
        failed += len(found)
    return 1 if failed else 0


def main() -> int:
    """Read the command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    commands = parser.add_subparsers(dest="command", required=True)
    commands.add_parser("extract")
    commands.add_parser("compile")
    commands.add_parser("set").add_argument("language")
    commands.add_parser("check").add_argument("languages", nargs="*")
    options = parser.parse_args()
    if options.command == "set":
        return command_set(options.language)
    if options.command == "check":
        return command_check(options.languages)
    return {"extract": command_extract, "compile": command_compile}[options.command]()


if __name__ == "__main__":
    sys.exit(main())
