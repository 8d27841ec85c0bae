"""What the platform pays when it starts: the app is set up without our solver, calendars or documents, its addresses without documents or the solver."""

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]
SCRIPT = """
import sys, django
django.setup()
heavy = {"scipy", "numpy", "icalendar", "holidays", "openpyxl", "fpdf", "uharfbuzz", "lxml.etree"}
before = set(sys.modules)
print(sorted(name for name in heavy if name in before))
print(any(name.startswith("beratung_xblock.models") for name in before))
from django.urls import get_resolver
patterns = get_resolver("beratung_xblock.urls").url_patterns
print(len(patterns) > 5, sorted(name for name in ("openpyxl", "fpdf", "uharfbuzz", "fontTools", "scipy.optimize", "scipy.sparse", "scipy.linalg") if name in sys.modules))
"""


def test_setting_up_the_app_imports_nothing_heavy():
    done = subprocess.run(
        [sys.executable, "-c", SCRIPT], cwd=ROOT, capture_output=True, text=True, check=True,
        env={"DJANGO_SETTINGS_MODULE": "tests.settings", "PATH": "/usr/bin:/bin", "PYTHONPATH": str(ROOT)},
    )
    assert done.stdout.splitlines() == ["[]", "True", "True []"]
