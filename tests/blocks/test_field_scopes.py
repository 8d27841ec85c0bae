"""XBlock swallows a mistyped ``scope=``: a wrong keyword lands in a field's runtime options and the default scope is used."""

import ast
from importlib.metadata import entry_points
from pathlib import Path

import pytest
from xblock.core import XBlock
from xblock.fields import Field, Scope

PACKAGE = Path(__file__).resolve().parents[2] / "beratung_xblock"
FIELD_NAMES = {
    "Boolean",
    "Date",
    "DateTime",
    "Dict",
    "Field",
    "Float",
    "Integer",
    "List",
    "ListField",
    "RelativeTime",
    "Set",
    "String",
    "Timedelta",
    "UserScopeField",
    "XMLString",
}
KNOWN_OPTIONS = {
    "help",
    "default",
    "scope",
    "display_name",
    "values",
    "enforce_type",
    "xml_node",
    "force_export",
    "multiline_editor",
    "resettable_editor",
    "runtime_options",
}
# Authoring settings only; the practice block keeps the ids of solved tasks for one person.
USER_STATE = {"teams_practice"}
INHERITED = {"parent", "children", "tags", "name"}


def our_blocks():
    """(type, class) of the blocks this package brings."""
    return sorted((point.name, XBlock.load_class(point.name)) for point in entry_points(group="xblock.v1") if point.dist.name == "beratung-xblock")


def field_calls():
    """Every call of a field class in our modules: (file:line, call)."""
    for path in sorted(PACKAGE.glob("*.py")):
        tree = ast.parse(path.read_text(encoding="utf-8"))
        if not any(isinstance(node, ast.ImportFrom) and node.module == "xblock.fields" for node in ast.walk(tree)):
            continue
        for node in ast.walk(tree):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in FIELD_NAMES:
                yield f"{path.name}:{node.lineno}", node


def test_there_are_blocks_and_fields_to_look_at():
    assert [name for name, _block in our_blocks()] == ["beratung", "teams_practice"]
    assert len(list(field_calls())) >= 5


def test_every_field_names_its_scope_and_only_known_options():
    wrong = []
    for place, call in field_calls():
        options = {keyword.arg for keyword in call.keywords}
        if "scope" not in options or options - KNOWN_OPTIONS:
            wrong.append((place, sorted(options)))

    assert wrong == []


@pytest.mark.parametrize(("name", "block"), our_blocks())
def test_fields_hold_settings_and_nothing_shared_about_people(name, block):
    allowed = {Scope.settings, Scope.content} | ({Scope.user_state} if name in USER_STATE else set())
    scopes = {field.name: field.scope for field in block.fields.values() if isinstance(field, Field) and field.name not in INHERITED}

    assert len(scopes) >= 3
    assert {field: scope for field, scope in scopes.items() if scope not in allowed} == {}


@pytest.mark.parametrize(("name", "block"), our_blocks())
def test_the_block_class_lies_directly_in_the_package_and_publishes_only_its_static_folder(name, block):
    assert block.__module__.count(".") == 1
    assert block.resources_dir == "static"
    assert block.public_dir == "beratung_xblock"
