"""Work orders as Word tables: one order a form (label in one cell, value in the next), or a list."""

import re
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

from lxml import etree

from jiesu.platforms import columns
from jiesu.platforms.packages import open_package, xml
from jiesu.platforms.sheets import Form, Grid, Limits, Line, Unreadable

DOCUMENT = "word/document.xml"
MOSTLY = 0.6  # of a row's cells are column names: it heads a list; in a form at most half are

_W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
_STRICT = "{http://purl.oclc.org/ooxml/wordprocessingml/main}"
_INLINE = re.compile(r"\s*([^:：\n]{2,20})[:：]\s*(\S.*)", re.DOTALL)
_APART = re.compile(r"\t| {2,}|\u3000{2,}")


def read_word(
    file: Path | BinaryIO, limits: Limits, *, row: int = 1, where: str = ""
) -> list[Form | Grid]:
    """Return the forms and lists of a document. Forms are numbered from `row` on.

    :raises Unreadable: damaged, hostile, or without anything that looks like a work order
    """
    with open_package(file, limits) as package:
        root = _document(package, limits)
    mark = _STRICT if root.tag.startswith(_STRICT) else _W
    found: list[Form | Grid] = []
    pairs: list[tuple[str, str]] = []
    for block in _blocks(root, mark):
        if isinstance(block, str):
            pairs += [pair for part in _APART.split(block) if (pair := _inline(part))]
        elif _is_list(block):
            lines = (Line(n, cells, where) for n, cells in enumerate(block, 1) if any(cells))
            found.append(Grid("", lines))
        else:
            pairs += _pairs(block)
    for form in _forms(pairs):
        number = row + sum(isinstance(one, Form) for one in found)
        labels, values = [label for label, _ in form], [value for _, value in form]
        found.append(Form(labels, Line(number, values, where)))
    if not found:
        raise Unreadable("这个 Word 文件里没有找到工单表格（左格为“工单编号”等名称、右格为内容）")
    return found


def _document(package: zipfile.ZipFile, limits: Limits) -> etree._Element:
    return xml(package, DOCUMENT, limits)


def _blocks(root: etree._Element, mark: str) -> Iterator[str | list[list[str]]]:
    """Yield paragraphs outside tables as text, and each table, nested ones too, as rows of cells."""
    for node in root.iter(f"{mark}p", f"{mark}tbl"):
        if node.tag == f"{mark}tbl":
            rows = [_cells(row, mark) for row in _within(node, "tr", mark)]
            yield [cells for cells in rows if cells]
        elif not any(above.tag == f"{mark}tc" for above in node.iterancestors()):
            yield _text(node, mark)


def _within(node: etree._Element, tag: str, mark: str) -> Iterator[etree._Element]:
    """Yield the parts of one kind that belong to this table, not to one inside it."""
    for child in node:
        if child.tag == mark + tag:
            yield child
        elif child.tag != f"{mark}tbl":
            yield from _within(child, tag, mark)


def _cells(row: etree._Element, mark: str) -> list[str]:
    return [
        "\n".join(_text(p, mark) for p in _within(cell, "p", mark)).strip()
        for cell in _within(row, "tc", mark)
        if not _continues(cell, mark)
    ]


def _continues(cell: etree._Element, mark: str) -> bool:
    """A cell merged into the one above or before it says nothing of its own."""
    merges = [
        *cell.iterfind(f"{mark}tcPr/{mark}vMerge"),
        *cell.iterfind(f"{mark}tcPr/{mark}hMerge"),
    ]
    return any(merge.get(f"{mark}val") != "restart" for merge in merges)


def _text(paragraph: etree._Element, mark: str) -> str:
    signs = {f"{mark}tab": "\t", f"{mark}br": "\n", f"{mark}cr": "\n"}
    parts = paragraph.iter(f"{mark}t", *signs)
    return "".join(signs.get(part.tag) or part.text or "" for part in parts)


def _is_list(rows: list[list[str]]) -> bool:
    at = columns.find_header(rows[:5])
    if at is None or at + 1 >= len(rows):
        return False
    named = [columns.field_of(cell) for cell in rows[at] if cell]
    return sum(name is not None for name in named) >= MOSTLY * len(named)


def _pairs(rows: list[list[str]]) -> Iterator[tuple[str, str]]:
    """Yield label and value; a group's heading before its labels is passed over."""
    waiting = ""
    for cells in rows:
        if len(cells) == 1:
            (only,) = cells
            if waiting and not columns.field_of(only):
                yield waiting, only
                waiting = ""
            elif pair := _inline(only):
                yield pair
            else:
                waiting = only if columns.field_of(only) else ""
            continue
        waiting = ""
        yield from _across(cells)


def _across(cells: list[str]) -> Iterator[tuple[str, str]]:
    at = 0
    while at < len(cells):
        here = cells[at]
        after = cells[at + 1] if at + 1 < len(cells) else ""
        known = columns.field_of(here)
        if not known and (pair := _inline(here)):
            yield pair
            at += 1
        elif not known and columns.field_of(after):
            at += 1
        else:
            if here or after:
                yield here, after
            at += 2


def _inline(text: str) -> tuple[str, str] | None:
    found = _INLINE.match(text)
    return (found[1], found[2].strip()) if found and columns.field_of(found[1]) else None


def _forms(pairs: list[tuple[str, str]]) -> Iterator[list[tuple[str, str]]]:
    """Part the pairs into orders: another order number begins another order."""
    form: list[tuple[str, str]] = []
    names: set[str | None] = set()
    for label, value in pairs:
        name = columns.field_of(label)
        if name == "number" and "number" in names:
            yield form
            form, names = [], set()
        form.append((label, value))
        names.add(name)
    if names - {None}:
        yield form
