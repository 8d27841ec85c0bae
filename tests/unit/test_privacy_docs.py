"""What docs/privacy.md says is stored is what the tables are."""

import re
from pathlib import Path

from django.apps import apps

PAGE = Path(__file__).parents[2] / "docs" / "privacy.md"


def test_every_table_stands_in_the_page_and_nothing_else_does():
    text = PAGE.read_text(encoding="utf-8")
    table = text[text.index("## What is stored where") : text.index("## Sealed")]
    named = set(re.findall(r"\b[A-Z][A-Za-z]+\b", " ".join(line.split("|")[2] for line in table.splitlines() if line.startswith("| "))))
    models = {model.__name__ for model in apps.get_app_config("beratung_xblock").get_models()}
    assert models - named == set()
    assert named - models == {"Table", "XBlock"}
    for model in apps.get_app_config("beratung_xblock").get_models():
        sealed = any(field.name.endswith("_sealed") for field in model._meta.concrete_fields)
        rows = [line for line in table.splitlines() if line.startswith("| ") and re.search(rf"\b{model.__name__}\b", line.split("|")[2])]
        assert any("sealed" in row.split("|")[3] for row in rows) == sealed, model
