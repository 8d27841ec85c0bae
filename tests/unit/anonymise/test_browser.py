"""The browser finds what the server finds: the same texts through Node and Python, to the character."""

import json
import random
import shutil
import subprocess
from pathlib import Path

from beratung_xblock.anonymise import findings

ROOT = Path(__file__).parents[3]
SCRIPT = """
import fs from "node:fs";
const { createChecker } = await import(process.argv[1]);
const rules = JSON.parse(fs.readFileSync(process.argv[2], "utf8"));
const names = JSON.parse(fs.readFileSync(process.argv[3], "utf8"));
const { findings } = createChecker(rules, names);
const texts = JSON.parse(fs.readFileSync(0, "utf8"));
process.stdout.write(JSON.stringify(texts.map((text) => findings(text).map((f) => [f.kind, f.start, f.end, f.strength, f.replacement]))));
"""
PIECES = (
    "Herr", "Frau", "Familie", "Dr.", "Rostami", "Fatima", "Yusuf", "A.", "geb.", "geboren", "am", "in", "wohnt", "Lindenstraße", "12", "7a", "58095", "Hagen", "0151",
    "23456789", "+49", "a@b.example", "DE89370400440532013000", "14.03.1987", "2. Mai 2015", "7654321-423", "Az.", "ı", "İ", "🦊", "é", "ß", "\u202f", "\n", ",", ".", "und", "Schule",
)


def test_node_and_python_agree():
    node = shutil.which("node")
    assert node, "node is needed to test the browser's half"
    data = ROOT / "tests" / "data"
    cases = json.loads((data / "cases.json").read_text(encoding="utf-8"))
    texts = [case["situation"] for case in cases["cases"]] + cases["detector_negative_examples"]
    texts += [json.loads(line)["text"] for line in (data / "anonymise_labelled.jsonl").read_text(encoding="utf-8").splitlines()]
    rng = random.Random(4711)
    texts += ["".join(rng.choice(PIECES) + rng.choice((" ", " ", "", "-")) for _ in range(rng.randrange(1, 40))) for _ in range(1500)]
    package = ROOT / "beratung_xblock" / "anonymise"
    done = subprocess.run(
        [node, "--input-type=module", "-e", SCRIPT, (ROOT / "static/beratung_xblock/js/anonymise.js").as_uri(), str(package / "rules.json"), str(package / "names.json")],
        input=json.dumps(texts), capture_output=True, text=True, check=False,
    )
    assert done.returncode == 0, done.stderr
    theirs = json.loads(done.stdout)
    ours = [[[f.kind, f.start, f.end, f.strength, f.replacement] for f in findings(text)] for text in texts]
    assert [text for text, one, two in zip(texts, ours, theirs, strict=True) if one != two] == []
    assert sum(map(len, ours)) > 1000
