"""Turn an author's unit into pieces of a page: HTML, questions, practice, exercises."""

from __future__ import annotations

from dataclasses import dataclass

from lxml import etree
from lxml.builder import E

from .source import Course, CourseError, Lesson, Unit, words

STYLE = "/static/kb-course.css"
INLINE = {"b": "strong", "i": "em", "key": "kbd", "button": "span", "br": "br", "go": "a"}
PICTURE_SIZE = {"width": "320", "height": "200"}


@dataclass(frozen=True)
class Piece:
    """A stretch of a unit that becomes one block (or, for ``quiz``, one block per question)."""

    kind: str
    html: str = ""
    ids: tuple[str, ...] = ()
    node: etree._Element | None = None


def block_id(author_id: str) -> str:
    """The ``url_name`` of an author's id: ``U2.1.1`` becomes ``u2_1_1``."""
    return author_id.lower().replace(".", "_")


def pieces(course: Course, lesson: Lesson, unit: Unit) -> list[Piece]:
    """The pieces of a unit in order; the first starts with the head, the last ends with the way on."""
    found: list[Piece] = []
    open_html: list[etree._Element] = head(course, lesson, unit)
    for node in unit.body:
        if node.tag in ("quiz", "finalquiz", "practice", "exercise"):
            if open_html:
                found.append(Piece("html", page(course, open_html)))
                open_html = []
            ids = course.final if node.tag == "finalquiz" else tuple((node.get("ids") or "").split())
            found.append(Piece(node.tag, ids=ids, node=node))
        else:
            open_html.append(render(course, node))
    open_html += foot(course, unit)
    if open_html:
        found.append(Piece("html", page(course, open_html)))
    return found


def page(course: Course, content: list[etree._Element]) -> str:
    """One HTML block: style sheet and content, marked with its language."""
    body = E.div({"class": "kb-unit", "lang": course.language}, *content)
    style = E.link({"rel": "stylesheet", "href": STYLE})
    return "\n".join(etree.tostring(e, method="html", encoding="unicode") for e in (style, body)) + "\n"


def head(course: Course, lesson: Lesson, unit: Unit) -> list[etree._Element]:
    """Where am I, how long does it take, what will I be able to do."""
    parts = [course.say("lesson", number=lesson.id[1:]), course.say("minutes", minutes=unit.minutes)]
    meta = E.p({"class": "kb-meta"}, " · ".join(parts))
    if unit.quick:
        meta.append(E.span({"class": "kb-badge"}, course.say("quick")))
    if unit.optional:
        meta.append(E.span({"class": "kb-badge"}, course.say("optional")))
    result = [meta]
    if unit is lesson.units[0]:
        goals = E.ul(*[E.li(goal) for goal in lesson.goals])
        result.append(E.div({"class": "kb-goals"}, E.h3(course.say("goals")), goals))
    if unit.kind == "quiz":
        result.append(E.p(course.say("quiz-intro")))
    return result


def foot(course: Course, unit: Unit) -> list[etree._Element]:
    """The link to the next page of the quick path, on its pages only."""
    following = course.next_quick(unit)
    if following is None:
        return []
    link = E.a({"href": f"/jump_to_id/{block_id(following.id)}"}, course.say("quick-next", title=following.title))
    return [E.p({"class": "kb-next"}, link)]


def picture(course: Course, name: str) -> etree._Element:
    """An image with its alternative text. Raises `CourseError` for a drawing nobody described."""
    if name not in course.drawings:
        raise CourseError(f"drawings.xml ({course.language}): drawing “{name}” has no description")
    alt = course.drawings[name].alt
    return E.img({"class": "kb-pic", "src": f"/static/kb-{name}.svg", "alt": alt, **PICTURE_SIZE})


def inline(course: Course, node: etree._Element, target: etree._Element) -> etree._Element:
    """Copy running text with its inline marks into ``target``."""
    last: etree._Element | None = None

    def add(text: str | None) -> None:
        if not text:
            return
        if last is None:
            target.text = (target.text or "") + text
        else:
            last.tail = (last.tail or "") + text

    add(node.text)
    for child in node:
        last = etree.SubElement(target, INLINE[child.tag])
        last.text = child.text
        if child.tag == "button":
            last.set("class", "kb-label")
        if child.tag == "go":
            last.set("href", f"/jump_to_id/{block_id(child.get('to'))}")
        add(child.tail)
    return target


def render(course: Course, node: etree._Element) -> etree._Element:
    """One block-level element of the author as HTML."""
    return RENDERERS[node.tag](course, node)


def _lead(course: Course, node: etree._Element) -> etree._Element:
    return inline(course, node, E.p({"class": "kb-lead"}))


def _paragraph(course: Course, node: etree._Element) -> etree._Element:
    return inline(course, node, E.p())


def _heading(course: Course, node: etree._Element) -> etree._Element:
    return E.h3(words(node))


def _tip(course: Course, node: etree._Element) -> etree._Element:
    title = node.get("title") or course.say("tip")
    return E.div({"class": "kb-tip"}, E.h4(title), inline(course, node, E.p()))


def _items(course: Course, node: etree._Element) -> etree._Element:
    return E.ul(*[inline(course, item, E.li()) for item in node])


def _checklist(course: Course, node: etree._Element) -> etree._Element:
    rows = []
    for item in node:
        text = inline(course, item, E.span())
        rows.append(E.li(E.label(E.input({"type": "checkbox"}), text)))
    return E.ul({"class": "kb-check"}, *rows)


def _picture(course: Course, node: etree._Element) -> etree._Element:
    return E.p({"class": "kb-figure"}, picture(course, node.get("name")))


def _steps(course: Course, node: etree._Element) -> etree._Element:
    rows = []
    for step in node:
        rows.append(E.li(picture(course, step.get("pic")), inline(course, step, E.p())))
    return E.ol({"class": "kb-steps"}, *rows)


def _terms(course: Course, node: etree._Element) -> etree._Element:
    entries = []
    for term in node:
        entries += [E.dt(term.get("word")), inline(course, term, E.dd())]
    return E.div({"class": "kb-terms"}, E.h4(course.say("terms")), E.dl(*entries))


def _table(course: Course, node: etree._Element) -> etree._Element:
    header, *rows = list(node)
    head_row = E.tr(*[inline(course, cell, E.th({"scope": "col"})) for cell in header])
    body = []
    for row in rows:
        first, *rest = list(row)
        body.append(E.tr(inline(course, first, E.th({"scope": "row"})), *[inline(course, cell, E.td()) for cell in rest]))
    table = E.table(E.caption(node.get("title")), E.thead(head_row), E.tbody(*body))
    return E.div({"class": "kb-table", "tabindex": "0", "role": "region", "aria-label": node.get("title")}, table)


def _more(course: Course, node: etree._Element) -> etree._Element:
    return E.details({"class": "kb-more"}, E.summary(node.get("title")), *[render(course, child) for child in node])


def _toggle(course: Course, node: etree._Element) -> etree._Element:
    switch = E.input({"type": "checkbox", "role": "switch"})
    off = E.span({"class": "kb-off"}, picture(course, node.get("off")), E.span(course.say("toggle-off")))
    on = E.span({"class": "kb-on"}, picture(course, node.get("on")), E.span(course.say("toggle-on")))
    label = E.label({"class": "kb-toggle"}, switch, off, on)
    return E.div({"class": "kb-try"}, E.h4(node.get("label")), label)


def _facts(course: Course, node: etree._Element) -> etree._Element:
    year, month, day = node.get("date").split("-")
    name = course.say("months").split()[int(month) - 1]
    return E.p({"class": "kb-facts"}, course.say("facts", day=int(day), month=name, year=year))


def _download(course: Course, node: etree._Element) -> etree._Element:
    sheet = course.sheets[node.get("sheet")]
    href = f"/static/{sheet_file(course, sheet.id)}"
    link = E.a({"href": href, "target": "_blank", "rel": "noopener"}, course.say("download", title=sheet.title))
    return E.div({"class": "kb-download"}, inline(course, node, E.p()), E.p(link))


def sheet_file(course: Course, sheet_id: str) -> str:
    """The file name of a printable sheet."""
    return f"kb-{sheet_id.lower()}-{course.language}.pdf"


RENDERERS = {
    "lead": _lead,
    "p": _paragraph,
    "h": _heading,
    "tip": _tip,
    "list": _items,
    "checklist": _checklist,
    "pic": _picture,
    "steps": _steps,
    "terms": _terms,
    "table": _table,
    "more": _more,
    "toggle": _toggle,
    "facts": _facts,
    "download": _download,
}
