"""Packaging of beratung-xblock.

The top-level folders ``static/`` and ``templates/`` are the real ones; the package sees them through the relative symlinks
``beratung_xblock/static`` and ``beratung_xblock/templates``. Wheel, sdist and editable install all follow those links. A checkout
without symlinks (Windows without developer mode, some zip tools) leaves small text files in their place: such a checkout would build a
package without any asset, so it is refused here.
"""

import os
import re
from pathlib import Path

from setuptools import find_packages, setup

ROOT = Path(__file__).parent
PACKAGE = ROOT / "beratung_xblock"


def package_version() -> str:
    """The version written in ``beratung_xblock/__init__.py``, read without importing the package."""
    text = (PACKAGE / "__init__.py").read_text(encoding="utf-8")
    return re.search(r'^__version__ = "([^"]+)"$', text, re.MULTILINE).group(1)


def data_files() -> list[str]:
    """Every file of the package that is no Python module, links followed: templates, assets, catalogues, course content, rules."""
    found = []
    for folder, _folders, files in os.walk(PACKAGE, followlinks=True):
        found += [str(Path(folder, name).relative_to(PACKAGE)) for name in files if not name.endswith((".py", ".pyc"))]
    return sorted(found)


for folder in ("static", "templates", "locale"):
    if not (PACKAGE / folder).is_dir():
        raise SystemExit(
            f"beratung_xblock/{folder} is no directory: the checkout lost its symbolic links. Clone with 'git clone -c core.symlinks=true' and try again."
        )

DEMO = ["aiosmtpd>=1.4", "xblock-sdk>=0.12", "openedx-django-pyfs>=3.6"]
MATRIX = ["hypothesis>=6.100", "polib>=1.2", "pytest>=8", "pytest-django>=4.8", "python-calamine>=0.3", "time-machine>=2.14", "vobject>=0.9.8"]
TOOLS = [
    "build>=1.2",
    "code-annotations>=2.2",
    "gunicorn>=22",
    "import-linter>=2.1",
    "mysqlclient>=2.2",
    "olxcleaner>=0.3",
    "playwright>=1.45",
    "psutil>=5.9",
    "redis>=5",
    "ruff>=0.9",
    "tox>=4.20",
]

setup(
    name="beratung-xblock",
    version=package_version(),
    description="Kollegiale Beratung (peer case consultation) and a Microsoft Teams rehearsal for volunteers, as Open edX XBlocks",
    long_description=(ROOT / "README.md").read_text(encoding="utf-8"),
    long_description_content_type="text/markdown",
    license="AGPL-3.0-only",
    python_requires=">=3.11",
    packages=find_packages(include=["beratung_xblock", "beratung_xblock.*"]),
    package_data={"beratung_xblock": data_files()},
    zip_safe=False,
    install_requires=[
        "Django>=4.2,<6",
        "XBlock>=5.2,<7",
        "celery>=5.3",
        "cryptography>=42",
        "django-crum>=0.7.9",
        "edx-completion>=4.6",
        "edx-opaque-keys>=2.10",
        "event-tracking>=2.4",
        "fpdf2>=2.8.1",
        "holidays>=0.60",
        "icalendar>=6.0",
        "lxml>=5.2",
        "numpy>=1.26",
        "openpyxl>=3.1",
        "python-dateutil>=2.8.2",
        "scipy>=1.13",
        "tqdm>=4.60",
        "uharfbuzz>=0.41",
    ],
    extras_require={
        "demo": DEMO,
        # What the unit and integration tests need, in each environment of the matrix.
        "matrix": [*DEMO, *MATRIX],
        "test": [*DEMO, *MATRIX, *TOOLS],
        # What `make bench` compares group assignment with. Never a dependency: it needs another protobuf than the platform pins.
        "bench": ["ortools>=9.12"],
    },
    entry_points={
        "xblock.v1": [
            "beratung = beratung_xblock.beratung_block:BeratungXBlock",
            "teams_practice = beratung_xblock.practice_block:TeamsPracticeXBlock",
        ],
        "lms.djangoapp": ["beratung_xblock = beratung_xblock.apps:BeratungConfig"],
        "cms.djangoapp": ["beratung_xblock = beratung_xblock.apps:BeratungConfig"],
    },
    classifiers=[
        "Development Status :: 4 - Beta",
        "Environment :: Web Environment",
        "Framework :: Django",
        "Framework :: Django :: 4.2",
        "Framework :: Django :: 5.2",
        "Intended Audience :: Education",
        "Natural Language :: German",
        "Natural Language :: English",
        "Programming Language :: Python :: 3.11",
        "Programming Language :: Python :: 3.12",
    ],
)
