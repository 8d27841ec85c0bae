"""The course tree as the files of an OLX archive, byte for byte reproducible."""

from __future__ import annotations

import gzip
import io
import json
import tarfile
from dataclasses import dataclass

from lxml import etree
from lxml.builder import E
from lxml.etree import indent

from .assets import assets
from .blocks import Block, course_tree, grading_policy, walk
from .render import render
from .source import Course

ADVANCED_MODULES = ["teams_practice", "beratung"]
PLUGIN_BLOCKS = ("teams_practice", "beratung")
START = "2026-01-01T00:00:00Z"


@dataclass(frozen=True)
class Identity:
    """Which course the archive is for. Studio's import replaces all three by those of the target course."""

    org: str = "Beratung"
    course: str = "TEAMS"
    run: str = "grundlagen"


def package_files(course: Course, identity: Identity, tree: Block | None = None) -> dict[str, bytes]:
    """Path inside the archive -> content; ``tree`` replaces the plain course tree."""
    tree = tree or course_tree(course)
    files = {"course.xml": _xml(E.course({"url_name": identity.run, "org": identity.org, "course": identity.course}))}
    files[f"course/{identity.run}.xml"] = _xml(E.course(*[_pointer(child) for child in tree.children]))
    for block in walk(tree):
        files |= _block_files(block)
    policy = {f"course/{identity.run}": course_policy(course)}
    files[f"policies/{identity.run}/policy.json"] = _json(policy)
    files[f"policies/{identity.run}/grading_policy.json"] = _json(grading_policy(course))
    files["policies/assets.json"] = _json({})
    files["about/overview.html"] = about_page(course).encode()
    files["about/short_description.html"] = course.short.encode()
    files["about/effort.html"] = course.say("effort").encode()
    files |= {f"static/{name}": content for name, content in assets(course).items()}
    return files


def course_policy(course: Course) -> dict[str, object]:
    """Course settings. Self-paced: everybody at their own speed, certificate as soon as it is earned."""
    return {
        "display_name": course.title,
        "language": course.language,
        "start": START,
        "self_paced": True,
        "mobile_available": True,
        "advanced_modules": ADVANCED_MODULES,
        "certificates_display_behavior": "early_no_info",
        "course_image": "kb-course-card.png",
        "show_calculator": False,
    }


def about_page(course: Course) -> str:
    """The page people read before they enrol."""
    section = E.section({"class": "about", "lang": course.language}, E.h2(course.title), E.p(course.subtitle))
    for node in course.about:
        section.append(render(course, node))
    return etree.tostring(section, method="html", encoding="unicode") + "\n"


def archive(files: dict[str, bytes]) -> bytes:
    """A gzipped tar with sorted names and no times, owners or modes of this machine."""
    raw = io.BytesIO()
    with tarfile.open(fileobj=raw, mode="w", format=tarfile.USTAR_FORMAT) as tar:
        for name in sorted(files):
            info = tarfile.TarInfo(f"course/{name}")
            info.size = len(files[name])
            info.mode = 0o644
            info.mtime = 0
            tar.addfile(info, io.BytesIO(files[name]))
    packed = io.BytesIO()
    with gzip.GzipFile(filename="", fileobj=packed, mode="wb", compresslevel=9, mtime=0) as stream:
        stream.write(raw.getvalue())
    return packed.getvalue()


def attribute(value: str | float | bool) -> str:
    """A field value as OLX attribute: booleans in JSON spelling."""
    return value if isinstance(value, str) else json.dumps(value)


def _pointer(block: Block) -> etree._Element:
    if block.type in PLUGIN_BLOCKS:
        fields = {name: attribute(value) for name, value in block.fields.items()}
        return etree.Element(block.type, {"url_name": block.id, "xblock-family": "xblock.v1", **fields})
    return etree.Element(block.type, {"url_name": block.id})


def _block_files(block: Block) -> dict[str, bytes]:
    if block.type == "course" or block.type in PLUGIN_BLOCKS:
        return {}
    fields = {name: attribute(value) for name, value in block.fields.items()}
    path = f"{block.type}/{block.id}.xml"
    if block.type == "html":
        return {
            path: _xml(etree.Element("html", {"filename": block.id, **fields})),
            f"html/{block.id}.html": block.data.encode(),
        }
    if block.type == "problem":
        problem = etree.fromstring(block.data)
        for name, value in fields.items():
            problem.set(name, value)
        return {path: _xml(problem)}
    element = etree.Element(block.type, fields)
    element.extend(_pointer(child) for child in block.children)
    return {path: _xml(element)}


def _xml(element: etree._Element) -> bytes:
    indent(element, space="  ")
    return etree.tostring(element, encoding="utf-8") + b"\n"


def _json(value: object) -> bytes:
    return (json.dumps(value, ensure_ascii=False, indent=2, sort_keys=True) + "\n").encode()
