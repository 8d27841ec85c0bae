"""A course store in memory, and the few platform modules the real adapter imports, standing on the same memory.

`MemoryCourse` behaves like Studio where it matters to the import: problem XML comes back re-indented and without
attributes at its root, deleted blocks leave their parents, children are names.
"""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from contextlib import contextmanager
from types import ModuleType, SimpleNamespace
from typing import Any

import pytest
from lxml import etree
from opaque_keys.edx.keys import CourseKey, UsageKey

from beratung_xblock.course.blocks import FIELDS, WITH_DATA
from beratung_xblock.course.modulestore import Stored


def as_stored(block_type: str, data: str) -> str:
    """What the platform keeps of a block's text."""
    if block_type != "problem" or not data:
        return data
    root = etree.fromstring(data)
    root.attrib.clear()
    etree.indent(root, space="    ")
    return etree.tostring(root, pretty_print=True, encoding="unicode")


class MemoryCourse:
    """`CourseStore` in memory."""

    def __init__(self) -> None:
        self.blocks: dict[tuple[str, str], Stored] = {}
        self.files: dict[str, bytes] = {}
        self.published: list[str] = []
        self.kept: dict[str, str] = {}
        self.bulks = 0

    def has_content(self) -> bool:
        return bool(self.blocks) and bool(self.blocks["course", "course"].children)

    def create(self, files: Mapping[str, bytes]) -> None:
        run = etree.fromstring(files["course.xml"]).get("url_name")
        root = etree.fromstring(files[f"course/{run}.xml"])
        self.blocks["course", "course"] = Stored({}, "", tuple(self._load(files, child) for child in root))
        self.files |= {name.removeprefix("static/"): content for name, content in files.items() if name.startswith("static/")}

    def _load(self, files: Mapping[str, bytes], pointer: etree._Element) -> str:
        name = pointer.get("url_name")
        path = f"{pointer.tag}/{name}.xml"
        element = etree.fromstring(files[path]) if path in files else pointer
        fields = {key: typed(key, element.get(key)) for key in FIELDS[pointer.tag] if element.get(key) is not None}
        data, children = "", ()
        if pointer.tag == "html":
            data = files[f"html/{name}.html"].decode()
        elif pointer.tag == "problem":
            data = as_stored("problem", etree.tostring(element, encoding="unicode"))
        elif path in files:
            children = tuple(self._load(files, child) for child in element)
        self.blocks[pointer.tag, name] = Stored(fields, data, children)
        return name

    @contextmanager
    def bulk(self):
        self.bulks += 1
        yield

    def read(self, block_type: str, name: str) -> Stored | None:
        return self.blocks.get((block_type, name))

    def write(self, block_type: str, name: str, fields: Mapping[str, Any], data: str) -> None:
        children = self.blocks[block_type, name].children
        self.blocks[block_type, name] = Stored(dict(fields), as_stored(block_type, data), children)

    def add(self, parent: tuple[str, str], block_type: str, name: str, fields: Mapping[str, Any], data: str) -> None:
        old = self.blocks[parent]
        self.blocks[parent] = Stored(old.fields, old.data, (*old.children, name))
        self.blocks[block_type, name] = Stored(dict(fields), as_stored(block_type, data), ())

    def arrange(self, parent: tuple[str, str], children: Sequence[str]) -> None:
        old = self.blocks[parent]
        self.blocks[parent] = Stored(old.fields, old.data, tuple(name for name in children if name in old.children))

    def remove(self, block_type: str, name: str) -> str:
        del self.blocks[block_type, name]
        parent = next(key for key, block in self.blocks.items() if name in block.children)
        old = self.blocks[parent]
        self.blocks[parent] = Stored(old.fields, old.data, tuple(child for child in old.children if child != name))
        return parent[1]

    def publish(self, name: str) -> None:
        self.published.append(name)

    def asset(self, name: str) -> bytes | None:
        return self.files.get(name)

    def save_asset(self, name: str, content: bytes, kind: str) -> None:
        self.files[name] = content

    def ledger(self) -> dict[str, str]:
        return dict(self.kept)

    def keep_ledger(self, ledger: Mapping[str, str]) -> None:
        self.kept = dict(ledger)


def typed(key: str, value: str) -> str | bool | float:
    """An OLX attribute as field value."""
    if key == "graded":
        return value == "true"
    return float(value) if key == "weight" else value


class NoItem(Exception):
    """Stands for the platform's ItemNotFoundError."""


class NoFile(Exception):
    """Stands for the platform's NotFoundError."""


class Field:
    """Stands for an XBlock field of one block."""

    def __init__(self, name: str) -> None:
        self.name = name

    def is_set_on(self, block: Any) -> bool:
        return self.name in vars(block)

    def delete_from(self, block: Any) -> None:
        delattr(block, self.name)


class ModuleStore:
    """Stands for the platform's module store, with the calls the adapter makes."""

    def __init__(self, memory: MemoryCourse, key: CourseKey) -> None:
        self.memory, self.key = memory, key
        self.settings: dict[str, Any] = {"author": "kept"}
        self.signals: list[CourseKey] = []

    def make_course_usage_key(self, key: CourseKey) -> UsageKey:
        return key.make_usage_key("course", "course")

    def get_course(self, key: CourseKey) -> Any:
        assert key == self.key
        if not self.memory.blocks:
            return None
        course = self.get_item(self.make_course_usage_key(key))
        course.other_course_settings = dict(self.settings)
        return course

    def bulk_operations(self, key: CourseKey):
        assert key == self.key
        return self.memory.bulk()

    def get_item(self, usage: UsageKey) -> Any:
        stored = self.memory.read(usage.block_type, usage.block_id)
        if stored is None:
            raise NoItem(usage)
        children = [self.key.make_usage_key(self._type(name), name) for name in stored.children]
        fields = {name: Field(name) for name in FIELDS.get(usage.block_type, ())}
        block = SimpleNamespace(location=usage, fields=fields, children=children, **stored.fields)
        if usage.block_type in WITH_DATA:
            block.data = stored.data
        return block

    def _type(self, name: str) -> str:
        return next(block_type for block_type, other in self.memory.blocks if other == name)

    def update_item(self, block: Any, user: int) -> None:
        assert user == -1
        usage = block.location
        if usage.block_type == "course":
            self.settings = getattr(block, "other_course_settings", self.settings)
        fields = {name: getattr(block, name) for name, field in block.fields.items() if field.is_set_on(block)}
        children = tuple(child.block_id for child in block.children)
        data = as_stored(usage.block_type, getattr(block, "data", ""))
        self.memory.blocks[usage.block_type, usage.block_id] = Stored(fields, data, children)

    def create_child(self, user: int, parent: UsageKey, block_type: str, block_id: str, fields: dict[str, Any]) -> None:
        data = fields.pop("data", "")
        self.memory.add((parent.block_type, parent.block_id), block_type, block_id, fields, data)

    def get_parent_location(self, usage: UsageKey) -> UsageKey:
        block_type, name = next(key for key, block in self.memory.blocks.items() if usage.block_id in block.children)
        return self.key.make_usage_key(block_type, name)

    def delete_item(self, usage: UsageKey, user: int) -> None:
        self.memory.remove(usage.block_type, usage.block_id)

    def publish(self, usage: UsageKey, user: int) -> None:
        self.memory.publish(usage.block_id)


class ContentStore:
    """Stands for the platform's file store."""

    def __init__(self, memory: MemoryCourse) -> None:
        self.memory = memory

    def find(self, location: str) -> Any:
        if location not in self.memory.files:
            raise NoFile(location)
        return SimpleNamespace(data=self.memory.files[location])

    def save(self, content: Any) -> None:
        assert content.kind
        self.memory.files[content.location] = content.data


class StaticContent:
    """Stands for a file of a course."""

    def __init__(self, location: str, name: str, kind: str, data: bytes) -> None:
        self.location, self.name, self.kind, self.data = location, name, kind, data

    @staticmethod
    def compute_location(key: CourseKey, name: str) -> str:
        return name


def install(monkeypatch: pytest.MonkeyPatch, memory: MemoryCourse, key: CourseKey) -> ModuleStore:
    """Put the stand-in platform modules where the adapter imports them."""
    from pathlib import Path

    store = ModuleStore(memory, key)
    files = ContentStore(memory)
    seeded: list[CourseKey] = []

    def import_course_from_xml(given, user, folder, names, **options):
        assert (given, names, options["target_id"], options["static_content_store"]) == (store, ["course"], key, files)
        root = Path(folder, *names)
        memory.create({str(path.relative_to(root)): path.read_bytes() for path in root.rglob("*") if path.is_file()})
        return [SimpleNamespace(id=key)]

    published = SimpleNamespace(send_robust=lambda sender, course_key: store.signals.append(course_key))
    modules = {
        "xmodule.contentstore.content": {"StaticContent": StaticContent},
        "xmodule.contentstore.django": {"contentstore": lambda: files},
        "xmodule.exceptions": {"NotFoundError": NoFile},
        "xmodule.modulestore": {"ModuleStoreEnum": SimpleNamespace(UserID=SimpleNamespace(mgmt_command=-1))},
        "xmodule.modulestore.django": {"modulestore": lambda: store, "SignalHandler": SimpleNamespace(course_published=published)},
        "xmodule.modulestore.exceptions": {"ItemNotFoundError": NoItem},
        "xmodule.modulestore.xml_importer": {"import_course_from_xml": import_course_from_xml},
        "openedx.core.djangoapps.django_comment_common.utils": {
            "are_permissions_roles_seeded": lambda key: key in seeded,
            "seed_permissions_roles": seeded.append,
        },
    }
    for path, contents in modules.items():
        parts = path.split(".")
        for i in range(1, len(parts) + 1):
            name = ".".join(parts[:i])
            if name not in modules or i == len(parts):
                module = ModuleType(name)
                module.__path__ = []
                for attribute, value in (contents if i == len(parts) else {}).items():
                    setattr(module, attribute, value)
                if name not in sys.modules or i == len(parts):
                    monkeypatch.setitem(sys.modules, name, module)
    return store
