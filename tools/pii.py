"""Every model says which personal data it holds, or that it holds none: code_annotations at 100 percent.

The models of other packages are no business of ours; they go onto the safelist of a temporary folder.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from pathlib import Path

import yaml

ROOT = Path(__file__).resolve().parent.parent
RULES = {
    "source_path": str(ROOT / "beratung_xblock"),
    "coverage_target": 100.0,
    "annotations": {
        ".. no_pii:": None,
        "pii_annotations": [
            {".. pii:": None},
            {".. pii_types:": {"choices": ["id", "name", "username", "email_address", "phone_number", "language", "location", "other", "sensitive"]}},
            {".. pii_retirement:": {"choices": ["retained", "local_api", "consumer_api", "third_party"]}},
        ],
    },
    "extensions": {"python": ["py"]},
}


def foreign_models() -> list[str]:
    """The labels of the installed models that are not ours, as code_annotations writes them."""
    import django
    from django.apps import apps

    django.setup()
    return sorted(
        f"{model._meta.app_label}.{model._meta.object_name}"
        for model in apps.get_models(include_auto_created=True)
        if not model.__module__.startswith("beratung_xblock.") and "pii:" not in (model.__doc__ or "")
    )


def main() -> int:
    """Write the configuration, run the linter."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tests.settings")
    sys.path.insert(0, str(ROOT))
    with tempfile.TemporaryDirectory(prefix="beratung-pii-") as folder:
        safelist = Path(folder) / "safelist.yml"
        safelist.write_text(yaml.safe_dump({label: {".. no_pii:": "another package"} for label in foreign_models()}), encoding="utf-8")
        rules = {**RULES, "safelist_path": str(safelist), "report_path": str(Path(folder) / "report")}
        config = Path(folder) / "config.yml"
        config.write_text(yaml.safe_dump(rules), encoding="utf-8")
        command = [str(Path(sys.executable).parent / "code_annotations"), "django_find_annotations", "--config_file", str(config), "--lint", "--coverage"]
        return subprocess.run(command, check=False, cwd=ROOT).returncode


if __name__ == "__main__":
    sys.exit(main())
