"""The door to a running platform's course store: what the import needs, and the real thing behind it.

Only `PlatformCourse` imports Open edX code, and only when used inside a platform process.
"""

from __future__ import annotations

import tempfile
from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from opaque_keys.edx.keys import CourseKey, UsageKey

from .blocks import FIELDS, WITH_DATA

LEDGER = "beratung_teams_course"


@dataclass(frozen=True)
class Stored:
    """A block as the platform holds it: those of our fields that are set, its text, the names of its children."""

    fields: Mapping[str, Any]
    data: str
    children: tuple[str, ...]


class CourseStore(Protocol):
    """What the import asks of a platform. ``name`` of a block is its ``url_name``."""

    def has_content(self) -> bool:
        """Whether the course exists and has at least one chapter."""

    def create(self, files: Mapping[str, bytes]) -> None:
        """Import a whole archive into a new or empty course."""

    def bulk(self) -> AbstractContextManager[Any]:
        """One bulk operation: the platform indexes and signals once at its end."""

    def read(self, block_type: str, name: str) -> Stored | None:
        """A block, or None when it is not there."""

    def write(self, block_type: str, name: str, fields: Mapping[str, Any], data: str) -> None:
        """Change an existing block; fields of ours that are not given are unset."""

    def add(self, parent: tuple[str, str], block_type: str, name: str, fields: Mapping[str, Any], data: str) -> None:
        """Create a block as last child of ``parent`` (type, name)."""

    def arrange(self, parent: tuple[str, str], children: Sequence[str]) -> None:
        """Put the children of ``parent`` in this order; names the parent does not have are ignored."""

    def remove(self, block_type: str, name: str) -> str:
        """Delete a block; returns the name of the vertical it was in."""

    def publish(self, name: str) -> None:
        """Publish a vertical."""

    def asset(self, name: str) -> bytes | None:
        """A file of the course, or None."""

    def save_asset(self, name: str, content: bytes, kind: str) -> None:
        """Write a file of the course; ``kind`` is its media type."""

    def ledger(self) -> dict[str, str]:
        """What was imported last: name -> fingerprint."""

    def keep_ledger(self, ledger: Mapping[str, str]) -> None:
        """Remember what was imported."""


class PlatformCourse:
    """`CourseStore` of Open edX Studio. Runs in the CMS process only."""

    def __init__(self, course_key: CourseKey) -> None:
        from xmodule.contentstore.content import StaticContent
        from xmodule.contentstore.django import contentstore
        from xmodule.exceptions import NotFoundError
        from xmodule.modulestore import ModuleStoreEnum
        from xmodule.modulestore.django import modulestore
        from xmodule.modulestore.exceptions import ItemNotFoundError

        self.key = course_key
        self.store = modulestore()
        self.files = contentstore()
        self.user = ModuleStoreEnum.UserID.mgmt_command
        self._static = StaticContent
        self._no_block = ItemNotFoundError
        self._no_file = NotFoundError

    def has_content(self) -> bool:
        """See `CourseStore.has_content`."""
        course = self.store.get_course(self.key)
        return course is not None and bool(course.children)

    def create(self, files: Mapping[str, bytes]) -> None:
        """See `CourseStore.create`; the platform's own importer does the work."""
        from openedx.core.djangoapps.django_comment_common.utils import are_permissions_roles_seeded, seed_permissions_roles
        from xmodule.modulestore.django import SignalHandler
        from xmodule.modulestore.xml_importer import import_course_from_xml

        with tempfile.TemporaryDirectory() as folder:
            for name, content in files.items():
                path = Path(folder, "course", name)
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_bytes(content)
            import_course_from_xml(
                self.store,
                self.user,
                folder,
                ["course"],
                load_error_blocks=False,
                static_content_store=self.files,
                target_id=self.key,
                create_if_not_present=True,
                raise_on_failure=True,
            )
        SignalHandler.course_published.send_robust(sender=self, course_key=self.key)
        if not are_permissions_roles_seeded(self.key):
            seed_permissions_roles(self.key)

    def bulk(self) -> AbstractContextManager[Any]:
        """See `CourseStore.bulk`."""
        return self.store.bulk_operations(self.key)

    def read(self, block_type: str, name: str) -> Stored | None:
        """See `CourseStore.read`."""
        try:
            block = self.store.get_item(self._usage(block_type, name))
        except self._no_block:
            return None
        own = [field for field in FIELDS.get(block_type, ()) if block.fields[field].is_set_on(block)]
        data = block.data if block_type in WITH_DATA else ""
        children = tuple(child.block_id for child in getattr(block, "children", ()))
        return Stored({field: getattr(block, field) for field in own}, data, children)

    def write(self, block_type: str, name: str, fields: Mapping[str, Any], data: str) -> None:
        """See `CourseStore.write`."""
        block = self.store.get_item(self._usage(block_type, name))
        for field in FIELDS[block_type]:
            if field not in fields and block.fields[field].is_set_on(block):
                block.fields[field].delete_from(block)
        for field, value in self._values(fields, data).items():
            setattr(block, field, value)
        self.store.update_item(block, self.user)

    def add(self, parent: tuple[str, str], block_type: str, name: str, fields: Mapping[str, Any], data: str) -> None:
        """See `CourseStore.add`."""
        self.store.create_child(self.user, self._usage(*parent), block_type, block_id=name, fields=self._values(fields, data))

    def arrange(self, parent: tuple[str, str], children: Sequence[str]) -> None:
        """See `CourseStore.arrange`."""
        block = self.store.get_item(self._usage(*parent))
        here = {child.block_id: child for child in block.children}
        block.children = [here[name] for name in children if name in here]
        self.store.update_item(block, self.user)

    def remove(self, block_type: str, name: str) -> str:
        """See `CourseStore.remove`."""
        usage = self._usage(block_type, name)
        parent = self.store.get_parent_location(usage)
        self.store.delete_item(usage, self.user)
        return str(parent.block_id)

    def publish(self, name: str) -> None:
        """See `CourseStore.publish`."""
        self.store.publish(self._usage("vertical", name), self.user)

    def asset(self, name: str) -> bytes | None:
        """See `CourseStore.asset`."""
        try:
            return bytes(self.files.find(self._static.compute_location(self.key, name)).data)
        except self._no_file:
            return None

    def save_asset(self, name: str, content: bytes, kind: str) -> None:
        """See `CourseStore.save_asset`."""
        self.files.save(self._static(self._static.compute_location(self.key, name), name, kind, content))

    def ledger(self) -> dict[str, str]:
        """See `CourseStore.ledger`; it lives in the course's "other course settings" and travels with exports."""
        course = self.store.get_course(self.key)
        return dict((course.other_course_settings or {}).get(LEDGER, {}))

    def keep_ledger(self, ledger: Mapping[str, str]) -> None:
        """See `CourseStore.keep_ledger`."""
        course = self.store.get_course(self.key)
        course.other_course_settings = {**(course.other_course_settings or {}), LEDGER: dict(ledger)}
        self.store.update_item(course, self.user)

    def _usage(self, block_type: str, name: str) -> UsageKey:
        if block_type == "course":
            return self.store.make_course_usage_key(self.key)
        return self.key.make_usage_key(block_type, name)

    @staticmethod
    def _values(fields: Mapping[str, Any], data: str) -> dict[str, Any]:
        return {**fields, "data": data} if data else dict(fields)
