"""The course in both languages, loaded once; a copy of its sources that a test may spoil."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from beratung_xblock.course.olx import Identity, package_files
from beratung_xblock.course.source import CONTENT, LANGUAGES, Course, load


@pytest.fixture(scope="session")
def courses() -> dict[str, Course]:
    return {language: load(language) for language in LANGUAGES}


@pytest.fixture(params=LANGUAGES)
def course(request: pytest.FixtureRequest, courses: dict[str, Course]) -> Course:
    return courses[request.param]


@pytest.fixture
def german(courses: dict[str, Course]) -> Course:
    return courses["de"]


@pytest.fixture(scope="session")
def archives(courses: dict[str, Course]) -> dict[str, dict[str, bytes]]:
    return {language: package_files(course, Identity()) for language, course in courses.items()}


@pytest.fixture
def files(course: Course, archives: dict[str, dict[str, bytes]]) -> dict[str, bytes]:
    return archives[course.language]


@pytest.fixture
def spoiled(tmp_path: Path) -> Callable[[str, str, str], Path]:
    """``spoiled(file, old, new)``: a copy of the sources with one text replaced; returns the folder."""

    def spoil(name: str, old: str, new: str) -> Path:
        folder = tmp_path / "content"
        if not folder.exists():
            shutil.copytree(CONTENT, folder)
        path = folder / name
        text = path.read_text(encoding="utf-8")
        assert old in text, f"{name} does not hold {old!r}"
        path.write_text(text.replace(old, new, 1), encoding="utf-8")
        return folder

    return spoil
