"""Packaging of tutor-contrib-beratung."""

from pathlib import Path

from setuptools import find_packages, setup

ROOT = Path(__file__).parent

setup(
    name="tutor-contrib-beratung",
    version="0.1.0",
    description="Kollegiale Beratung (beratung-xblock) for Open edX, installed by Tutor",
    long_description=(ROOT / "README.md").read_text(encoding="utf-8"),
    long_description_content_type="text/markdown",
    license="AGPL-3.0-only",
    packages=find_packages(include=["tutorberatung"]),
    package_data={"tutorberatung": ["patches/*"]},
    python_requires=">=3.10",
    install_requires=["tutor>=21.0.0,<23.0.0"],
    entry_points={"tutor.plugin.v1": ["beratung = tutorberatung.plugin"]},
)
