"""Who may write a course in Studio, asked in the platform's newer way where it has one, in its older way elsewhere."""

from __future__ import annotations

import sys
from types import ModuleType, SimpleNamespace

import pytest

from beratung_xblock.compat import OpenEdxPlatform

COURSE = "course-v1:Org+C+R"
USER = SimpleNamespace(username="editor")
OLDER = "common.djangoapps.student.auth"
NEWER = ("openedx.core.djangoapps.authz.constants", "openedx.core.djangoapps.authz.decorators", "openedx_authz.constants.permissions")


@pytest.fixture
def asked(monkeypatch):
    """Questions to the platform, and its answers: the older function says no, the newer one yes to who edits content."""
    found = []

    def older(user, key):
        found.append(("older", user, str(key)))
        return False

    def newer(user, permission, key, legacy):
        found.append(("newer", user, permission, str(key), legacy))
        return permission == "courses.edit_course_content"

    contents = {
        OLDER: {"has_studio_write_access": older},
        NEWER[0]: {"LegacyAuthoringPermission": SimpleNamespace(WRITE="write")},
        NEWER[1]: {"user_has_course_permission": newer},
        NEWER[2]: {"COURSES_EDIT_COURSE_CONTENT": SimpleNamespace(identifier="courses.edit_course_content")},
    }
    for name, values in contents.items():
        parents = name.split(".")
        for end in range(1, len(parents)):
            monkeypatch.setitem(sys.modules, ".".join(parents[:end]), ModuleType(".".join(parents[:end])))
        module = ModuleType(name)
        vars(module).update(values)
        monkeypatch.setitem(sys.modules, name, module)
    return found


def test_a_role_that_only_the_newer_way_knows_may_write(asked):
    assert OpenEdxPlatform().has_author_access(USER, COURSE) is True
    assert asked == [("newer", USER, "courses.edit_course_content", COURSE, "write")]


@pytest.mark.parametrize("absent", NEWER)
def test_a_platform_without_it_is_asked_in_the_older_way(asked, monkeypatch, absent):
    monkeypatch.setitem(sys.modules, absent, None)
    assert OpenEdxPlatform().has_author_access(USER, COURSE) is False
    assert asked == [("older", USER, COURSE)]


def test_on_the_learning_side_nobody_is_asked(asked, settings):
    settings.ROOT_URLCONF = "lms.urls"
    assert OpenEdxPlatform().has_author_access(USER, COURSE) is False
    assert asked == []
