"""Bring the course into a platform, and later bring it up to date without touching an author's work.

A fingerprint of every block is remembered at import. A block whose fingerprint has changed since then was
touched by an author and is left alone; so is one that an author removed or moved. Blocks that authors added stay.
"""

from __future__ import annotations

import hashlib
import json
import mimetypes
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from lxml import etree

from .assets import assets
from .blocks import WITH_DATA, Block, course_tree, walk
from .modulestore import CourseStore, Stored
from .olx import Identity, package_files
from .source import Course, CourseError, parser

ASSET = "static/"
_DIGITS = 20


@dataclass
class Report:
    """What an import did: names of blocks and files."""

    created: list[str] = field(default_factory=list)
    updated: list[str] = field(default_factory=list)
    removed: list[str] = field(default_factory=list)
    unchanged: int = 0
    left_alone: list[tuple[str, str]] = field(default_factory=list)


def fingerprint(block_type: str, fields: Mapping[str, Any], data: str) -> str:
    """A hash of what a block says, the same before and after the platform has stored it.

    The platform re-indents problem XML and moves its attributes into fields, so spaces between tags
    and attributes of the root do not count.
    """
    content = json.dumps([block_type, {k: _plain(v) for k, v in sorted(fields.items())}, _folded(block_type, data)], ensure_ascii=False)
    return hashlib.sha256(content.encode()).hexdigest()[:_DIGITS]


def import_course(course: Course, store: CourseStore, identity: Identity, *, update: bool = False, with_beratung: bool = False) -> Report:
    """Import into a new or empty course, or, with ``update``, bring an imported course up to date.

    Raises `CourseError` when the course has content and ``update`` was not asked for, or the other way round.
    """
    tree = course_tree(course, with_beratung=with_beratung)
    if store.has_content():
        if not update:
            raise CourseError("the course has content already; --update brings it up to date")
        return _update(course, store, tree)
    if update:
        raise CourseError("there is nothing to update: the course does not exist or is empty")
    store.create(package_files(course, identity, tree))
    report = Report()
    ledger: dict[str, str] = {}
    for block in _below(tree):
        stored = store.read(block.type, block.id)
        if stored is None:
            raise CourseError(f"the platform did not import {block.type} “{block.id}”")
        ledger[_entry(block)] = _stored_print(block.type, stored)
        report.created.append(_entry(block))
    for name, content in assets(course).items():
        ledger[ASSET + name] = _digest(content)
        report.created.append(ASSET + name)
    store.keep_ledger(ledger)
    return report


def _update(course: Course, store: CourseStore, tree: Block) -> Report:
    report = Report()
    old = store.ledger()
    new: dict[str, str] = {}
    with store.bulk():
        touched_units: set[str] = set()
        for parent, block in _with_parents(tree):
            if _update_block(store, old, new, report, parent, block):
                touched_units |= {unit.id for unit in (parent, block) if unit.type == "vertical"}
        touched_units |= _remove_dropped(store, old, new, report)
        for unit in sorted(touched_units):
            store.publish(unit)
        _update_assets(course, store, old, new, report)
        store.keep_ledger(new)
    return report


def _update_block(store: CourseStore, old: dict[str, str], new: dict[str, str], report: Report, parent: Block, block: Block) -> bool:
    entry = _entry(block)
    ours = fingerprint(block.type, block.fields, block.data)
    stored = store.read(block.type, block.id)
    if stored is None:
        if entry in old:
            new[entry] = old[entry]
            report.left_alone.append((entry, "an author removed it"))
            return False
        if store.read(parent.type, parent.id) is None:
            report.left_alone.append((entry, "an author removed the place it belongs to"))
            return False
        store.add((parent.type, parent.id), block.type, block.id, block.fields, block.data)
        _place(store, parent, block)
        new[entry] = ours
        report.created.append(entry)
        return True
    now = _stored_print(block.type, stored)
    if now == ours:
        new[entry] = ours
        report.unchanged += 1
        return False
    if now != old.get(entry):
        if entry in old:
            new[entry] = old[entry]
        report.left_alone.append((entry, "an author changed it"))
        return False
    store.write(block.type, block.id, block.fields, block.data)
    new[entry] = ours
    report.updated.append(entry)
    return True


def _place(store: CourseStore, parent: Block, block: Block) -> None:
    """Move a new block behind the nearest of its elder siblings that is still there."""
    stored = store.read(parent.type, parent.id)
    children = [name for name in (stored.children if stored else ()) if name != block.id]
    ours = [child.id for child in parent.children]
    before = [name for name in ours[: ours.index(block.id)] if name in children]
    at = children.index(before[-1]) + 1 if before else 0
    store.arrange((parent.type, parent.id), [*children[:at], block.id, *children[at:]])


def _remove_dropped(store: CourseStore, old: dict[str, str], new: dict[str, str], report: Report) -> set[str]:
    """Delete texts and questions the course no longer has, unless an author changed them. Returns units to publish."""
    units: set[str] = set()
    left = {entry for entry, _ in report.left_alone}
    for entry in sorted(set(old) - set(new) - left):
        block_type, name = entry.split("/", 1)
        stored = None if entry.startswith(ASSET) else store.read(block_type, name)
        if stored is None:
            continue
        if block_type in WITH_DATA and _stored_print(block_type, stored) == old[entry]:
            units.add(store.remove(block_type, name))
            report.removed.append(entry)
        else:
            new[entry] = old[entry]
            report.left_alone.append((entry, "the course no longer has it, but it may hold an author's work"))
    return units


def _update_assets(course: Course, store: CourseStore, old: dict[str, str], new: dict[str, str], report: Report) -> None:
    for name, content in assets(course).items():
        entry, ours = ASSET + name, _digest(content)
        there = store.asset(name)
        now = None if there is None else _digest(there)
        new[entry] = ours
        if now == ours:
            report.unchanged += 1
        elif now is None or now == old.get(entry):
            store.save_asset(name, content, mimetypes.guess_type(name)[0] or "application/octet-stream")
            (report.created if now is None else report.updated).append(entry)
        else:
            new[entry] = old.get(entry, "")
            report.left_alone.append((entry, "an author replaced it"))


def _below(tree: Block) -> Iterator[Block]:
    return (block for block in walk(tree) if block.type != "course")


def _with_parents(parent: Block) -> Iterator[tuple[Block, Block]]:
    for child in parent.children:
        yield parent, child
        yield from _with_parents(child)


def _entry(block: Block) -> str:
    return f"{block.type}/{block.id}"


def _stored_print(block_type: str, stored: Stored) -> str:
    return fingerprint(block_type, stored.fields, stored.data)


def _digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()[:_DIGITS]


def _plain(value: Any) -> str | float | bool | None:
    return float(value) if isinstance(value, int | float) and not isinstance(value, bool) else value


def _folded(block_type: str, data: str) -> str:
    if block_type == "problem" and data:
        try:
            root = etree.fromstring(data, parser())
        except etree.XMLSyntaxError:
            return data
        root.attrib.clear()
        for element in root.iter():
            element.text = " ".join((element.text or "").split()) or None
            element.tail = " ".join((element.tail or "").split()) or None
        return etree.tostring(root, method="c14n").decode()
    return re.sub(r"\s+", " ", data).strip()
