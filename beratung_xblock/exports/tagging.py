"""Tags for readers of PDF files: headings, paragraphs, lists of facts, tables and pictures as a tree beside the page.

The PDF library writes such a tree for pictures alone and flat; here its builder gets containers and its marks get names. A mark
that runs over the end of a page ends there and goes on as a second element of the same kind.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from fpdf import FPDF
from fpdf.structure_tree import StructElem, StructureTreeBuilder
from fpdf.syntax import PDFObject, PDFString
from fpdf.table import Table

COLUMN_HEADING = "<</O /Table /Scope /Column>>"
ROW_HEADING = "<</O /Table /Scope /Row>>"


class Element(StructElem):
    """An element of the tree. `a` holds attributes, here the direction of a table's heading; `actual_text` is what is
    read aloud: the letters on the page are shaped, and without the spaces at which lines break.
    """

    __slots__ = ("a", "actual_text")

    def __init__(self, *, attributes: str | None = None, text: str | None = None, **more: Any) -> None:
        super().__init__(**more)
        self.a = attributes
        self.actual_text = None if text is None else PDFString(text)


class Tree(StructureTreeBuilder):
    """The library's builder with elements inside elements."""

    def __init__(self) -> None:
        super().__init__()
        self.inside: list[StructElem] = [self.doc_struct_elem]
        self.marks: dict[int, int] = {}

    def opened(self, kind: str, page: int) -> StructElem:
        """A new container inside the innermost one; it is the innermost until it is closed."""
        container = Element(struct_type=kind, parent=self.inside[-1], kids=[], page_number=page)
        self.inside[-1].k.append(container)
        self.inside.append(container)
        return container

    def closed(self) -> None:
        """The innermost container ends; one without content is taken away."""
        container = self.inside.pop()
        if not container.k:
            self.inside[-1].k.remove(container)

    def leaf(self, kind: str, pdf: FPDF, **more: str | None) -> tuple[Element, int]:
        """A new element for what is written next, and the number of its mark on the page."""
        page, parent = pdf.page, self.inside[-1]
        number = self.marks.get(page, 0)
        self.marks[page] = number + 1
        element = Element(struct_type=kind, parent=parent, kids=[number], page_number=page, **more)
        element.pg = pdf.pages[page]
        parent.k.append(element)
        parents = self.spid_per_page_number.setdefault(page, len(self.spid_per_page_number))
        self.struct_tree_root.parent_tree.nums[parents].append(element)
        pdf.pages[page].struct_parents = parents
        return element, number

    def __iter__(self) -> Iterator[PDFObject]:
        yield self.struct_tree_root
        yield self.doc_struct_elem
        yield self.struct_tree_root.parent_tree
        waiting = list(self.doc_struct_elem.k)
        while waiting:
            element = waiting.pop(0)
            yield element
            waiting += [kid for kid in element.k if isinstance(kid, StructElem)]


class Tagged(FPDF):
    """A document whose parts say what they are; what is not marked is decoration to readers."""

    def __init__(self, **more: Any) -> None:
        super().__init__(**more)
        self.struct_builder = self.tree = Tree()
        self._marked: tuple[str, Element | None] | None = None
        self._set_min_pdf_version("1.5")

    @contextmanager
    def part(self, kind: str) -> Iterator[None]:
        """A container: "/L", "/LI", "/Table", "/TR", "/Sect"."""
        self.tree.opened(kind, self.page)
        try:
            yield
        finally:
            self.tree.closed()

    @contextmanager
    def mark(self, kind: str, **more: str | None) -> Iterator[None]:
        """What is written inside is one element of this kind; "" is decoration that readers pass over.

        `text` is what is read aloud instead of the letters, `alt` what a picture shows, `attributes` those of a cell.
        """
        if self._marked is not None:  # inside another mark: that one says what it is
            yield
            return
        self._begin(kind, more)
        try:
            yield
        finally:
            self._end()

    def _begin(self, kind: str, more: dict[str, str | None]) -> None:
        element = None
        if kind:
            element, number = self.tree.leaf(kind, self, **more)
            self._out(f"{kind} <</MCID {number}>> BDC")
        else:
            self._out("/Artifact BMC")
        self._marked = (kind, element)

    def _end(self) -> None:
        self._out("EMC")
        self._marked = None

    def add_page(self, *args: Any, **more: Any) -> None:
        """The next page; an open mark ends before it and goes on upon it, both read by their letters."""
        open_mark = self._marked
        if open_mark is not None:
            self._end()
            if open_mark[1] is not None:
                open_mark[1].actual_text = None
        super().add_page(*args, **more)
        if open_mark is not None:
            self._begin(open_mark[0], {})


class TaggedTable(Table):
    """The library's table with rows, headings and cells in the tree; the first cell of a row is its heading."""

    def render(self) -> None:
        """Draw it."""
        with self._fpdf.part("/Table"):
            super().render()

    def _render_table_row(self, i: int, *args: Any, **more: Any) -> None:
        with self._fpdf.part("/TR"):
            super()._render_table_row(i, *args, **more)

    def _render_table_cell(self, i: int, j: int, cell: Any, row_height: float, cell_height_info: Any = None, **more: Any) -> Any:
        if cell_height_info is None:  # asked for its height only
            return super()._render_table_cell(i, j, cell, row_height, cell_height_info, **more)
        heading = i < self._num_heading_rows
        kind = "/TH" if heading or j == 0 else "/TD"
        attributes = (COLUMN_HEADING if heading else ROW_HEADING) if kind == "/TH" else None
        with self._fpdf.mark(kind, attributes=attributes, text=cell.text):
            return super()._render_table_cell(i, j, cell, row_height, cell_height_info, **more)
