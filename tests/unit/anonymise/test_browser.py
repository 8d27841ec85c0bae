"""The browser finds what the server finds: the same texts through Node and Python, to the character."""

import json
import random
import shutil
import subprocess
from pathlib import Path

from beratung_xblock.anonymise import findings, findings_of
from beratung_xblock.anonymise.engine import checker

ROOT = Path(__file__).parents[3]
PACKAGE = ROOT / "beratung_xblock" / "anonymise"
SCRIPT = """
import fs from "node:fs";
const { createChecker } = await import(process.argv[1]);
const rules = JSON.parse(fs.readFileSync(process.argv[2], "utf8"));
const names = JSON.parse(fs.readFileSync(process.argv[3], "utf8"));
const { findings, findingsOf } = createChecker(rules, names);
const texts = JSON.parse(fs.readFileSync(0, "utf8"));
const plain = (found) => found.map((f) => [f.kind, f.start, f.end, f.strength, f.replacement]);
process.stdout.write(JSON.stringify(texts.map((text) => (Array.isArray(text) ? findingsOf(text).map(plain) : plain(findings(text))))));
"""
PIECES = (
    "Herr", "Frau", "Familie", "Dr.", "Rostami", "Fatima", "Yusuf", "A.", "geb.", "geboren", "am", "in", "wohnt", "Lindenstraße", "12", "7a", "58095", "Hagen", "0151",
    "23456789", "+49", "a@b.example", "DE89370400440532013000", "14.03.1987", "2. Mai 2015", "7654321-423", "Az.", "ı", "İ", "🦊", "é", "ß", "\u202f", "\n", ",", ".", "und", "Schule",
)
RARE = (
    "Das Kind (* 3.4.2015) kennt www.verein-nord.example und @nord_verein.", "Der Wagen HA-AB 123 gehört ihm, er ist 34 Jahre alt.",
    "Eine 43-jährige Frau aus dem Ortsteil Vorhalle arbeitet in der Kita „Regenbogen“.",
)
"""For rules that no other text needs."""
LISTS = ("titles", "more_titles", "offices", "particles", "introducers", "surname_endings", "noun_endings", "titled_endings", "public_numbers")
"""Word lists of the rule file: each word stands in at least one text."""


def corpus() -> list[str]:
    """Sample cases, labelled sentences, every word of every list, every name, and random mixtures."""
    data = ROOT / "tests" / "data"
    cases = json.loads((data / "cases.json").read_text(encoding="utf-8"))
    texts = [case["situation"] for case in cases["cases"]] + cases["detector_negative_examples"]
    for file in sorted(data.glob("anonymise_*.jsonl")):
        texts += [json.loads(line)["text"] for line in file.read_text(encoding="utf-8").splitlines()]
    rules = json.loads((PACKAGE / "rules.json").read_text(encoding="utf-8"))
    for words in LISTS:
        for word in rules[words]:
            texts += [f"Die {word} Rostami.", f"Dann {word} Xanthor, Weid{word} und Herr Weid{word}.", f"Anna {word} Quirrl ruft {word} an."]
    for names in json.loads((PACKAGE / "names.json").read_text(encoding="utf-8")).values():
        texts += [f"Gestern kam {name.capitalize()}, dann {name.capitalize()}s Mutter und Frau {name.capitalize()}." for name in names.split()]
    rng = random.Random(4711)
    return [*texts, *RARE] + ["".join(rng.choice(PIECES) + rng.choice((" ", " ", "", "-")) for _ in range(rng.randrange(1, 40))) for _ in range(1500)]


def test_every_rule_has_a_text():
    """A rule that no text of this comparison fires could differ in the browser unseen; so could a list nobody named here."""
    texts = corpus()
    found = checker()
    assert [rule["pattern"][:60] for rule, pattern in found.rules if not any(pattern.search(text) for text in texts)] == []
    rules = json.loads((PACKAGE / "rules.json").read_text(encoding="utf-8"))
    assert sorted(rules) == sorted([*LISTS, "version", "classes", "rules", "word", "gap", "sentence_letters"])


def test_node_and_python_agree():
    node = shutil.which("node")
    assert node, "node is needed to test the browser's half"
    texts = corpus()
    theirs = in_node(texts, node)
    ours = [as_lists(findings(text)) for text in texts]
    assert [text for text, one, two in zip(texts, ours, theirs, strict=True) if one != two] == []
    assert sum(map(len, ours)) > 8000


def test_node_and_python_agree_on_whole_cases():
    """Four fields with one table of names: the same letters, at the same places, in the browser and on the server."""
    node = shutil.which("node")
    assert node, "node is needed to test the browser's half"
    texts = corpus()
    cases = [[texts[n], "", texts[(n * 7) % len(texts)], texts[(n * 13) % len(texts)]] for n in range(0, len(texts), 40)]
    cases += [["Frau Müller", "Sabine ruft an. Frau Müller und Sabine 🦊 Sabine.", "", "Was soll Sabine tun?"], ["Frau A.", "Sabine ruft an.", "", ""]]
    ours = [[as_lists(found) for found in findings_of(fields)] for fields in cases]
    assert [fields for fields, one, two in zip(cases, ours, in_node(cases, node), strict=True) if one != two] == []


def as_lists(found):
    return [[f.kind, f.start, f.end, f.strength, f.replacement] for f in found]


def in_node(texts, node):
    done = subprocess.run(
        [node, "--input-type=module", "-e", SCRIPT, (ROOT / "static/beratung_xblock/js/anonymise.js").as_uri(), str(PACKAGE / "rules.json"), str(PACKAGE / "names.json")],
        input=json.dumps(texts), capture_output=True, text=True, check=False,
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)
