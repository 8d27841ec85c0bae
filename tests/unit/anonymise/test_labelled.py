"""Measured on 202 sentences that were written without looking at the rules: direct identifiers, names, and clean ones."""

import json
from pathlib import Path

from beratung_xblock.anonymise import findings

LABELLED = Path(__file__).parents[2] / "data" / "anonymise_labelled.jsonl"


def sentences():
    return [json.loads(line) for line in LABELLED.read_text(encoding="utf-8").splitlines()]


def spans(row, key):
    return [(row["text"].index(word), row["text"].index(word) + len(word)) for word in row.get(key, [])]


def test_recall_and_false_alarms_are_what_the_documentation_says():
    hit = {"direct": 0, "name": 0}
    planted = {"direct": 0, "name": 0}
    alarms = []
    for row in sentences():
        found = findings(row["text"])
        for key in ("direct", "name"):
            for start, end in spans(row, key):
                planted[key] += 1
                hit[key] += any(
                    f.start < end and start < f.end and (key == "name" or f.strength == "direct") for f in found
                )
        known = spans(row, "direct") + spans(row, "name")
        alarms += [
            (row["text"], f.kind) for f in found if not any(f.start < end and start < f.end for start, end in known)
        ]
    assert (hit["direct"], planted["direct"]) == (62, 64)
    assert (hit["name"], planted["name"]) == (29, 30)
    assert alarms == [("Das Thema Religion lasse ich aus.", "first_name")]
