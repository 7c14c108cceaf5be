"""xlsx written in one pass: each row goes straight into the package and is forgotten.

XlsxWriter writes some 3,000 rows of 30 columns a second, a method call and a check for each cell.
A ledger knows its columns beforehand, so a row here is one joined string: several times as fast, in
as little memory. Every text is an inline text cell, never a formula, a link or a guessed number; one
that begins like a formula is also marked as text (Excel's '), so that editing it changes nothing.
"""

import re
import zipfile
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import chain, islice
from pathlib import Path
from typing import Any
from xml.sax.saxutils import escape

from jiesu.ledger import package
from jiesu.rules.labelled import Labelled


class Form(Labelled):
    """How a cell stands in the file, and what it takes."""

    TEXT = "text", "文字"
    WRAPPED = "wrapped", "折行文字"
    CODE = "code", "编号"  # digits that are no number: stay text when edited
    NUMBER = "number", "数"
    MOMENT = "moment", "时间"  # a naive datetime in local time
    LEFT = "left", "剩余"  # a timedelta, negative when over; stands as hours
    MINUTES = "minutes", "用时"  # a timedelta; stands as whole minutes


@dataclass(frozen=True, slots=True)
class Head:
    """A column of the file: its title, its width in characters, its form."""

    title: str
    width: float
    form: Form = Form.TEXT


SHEET_ROWS = 1_048_574  # what Excel holds below the header and a mark
CELL_TEXT = 32_767  # what it holds in a cell, in UTF-16
CUT = "…（全文见系统）"
COMPRESSION = 4  # a sixth larger than 6, a fifth quicker
BATCH = 50
NOTES = (Head("项目", 14), Head("内容", 90, Form.WRAPPED))

_ILLEGAL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
_ESCAPED = re.compile("_(?=x[0-9A-Fa-f]{4}_)")  # Excel would read it as a character's number
_FORMULA = frozenset("=+-@＝＋－＠\t")
_SUSPECT = _FORMULA | frozenset(filter(str.isspace, map(chr, range(0x3001))))
_ZERO, _DAY = datetime(1899, 12, 30), timedelta(days=1)  # noqa: DTZ001 - Excel knows no zones
_HOUR, _MINUTE = timedelta(hours=1), timedelta(minutes=1)


def write(
    path: Path, name: str, heads: Sequence[Head], rows: Iterable[Sequence[Any]], *,
    pinned: int, notes: Callable[[int], Iterable[tuple[str, str]]], mark: str = "",
) -> int:  # fmt: skip
    """Write ``rows`` below ``heads``, then a sheet 说明 of ``notes(row count)``; return the row count.

    The header and ``pinned`` columns stay when scrolled. None and "" leave a cell empty. More rows
    than a sheet holds go on in the next one. ``mark``, where given, is the first row of every sheet
    and stands on every printed page.
    """
    rows, done, names = iter(rows), 0, []
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=COMPRESSION) as book:
        ahead: list[Sequence[Any]] = []
        while ahead or not names:
            names.append(name if not names else f"{name}（{len(names) + 1}）")
            done += _sheet(
                book, len(names), heads, islice(chain(ahead, rows), SHEET_ROWS), pinned, mark
            )
            ahead = list(islice(rows, 1))
        names.append("说明")
        _sheet(book, len(names), NOTES, notes(done), 0, mark)
        for place, text in package.fixed_parts(names).items():
            book.writestr(place, text)
    return done


def _sheet(
    book: zipfile.ZipFile,
    number: int,
    heads: Sequence[Head],
    rows: Iterable[Sequence[Any]],
    pinned: int,
    mark: str = "",
) -> int:
    letters = [package.letters(i) for i in range(len(heads))]
    columns = [(letter, _CELL[head.form]) for letter, head in zip(letters, heads, strict=True)]
    top = 2 if mark else 1
    line = top
    with book.open(f"xl/worksheets/sheet{number}.xml", "w", force_zip64=True) as out:
        widths = (head.width for head in heads)
        front = package.opening(
            widths, corner=package.letters(pinned), pinned=pinned, front=number == 1, top=top
        )
        titles = ((x, head.title) for x, head in zip(letters, heads, strict=True))
        pieces = [front, package.mark(clean(mark)) if mark else "", package.header(titles, top)]
        for line, row in enumerate(rows, top + 1):
            here = str(line)
            pieces.append(f'<row r="{here}">')
            pieces += [
                cell(letter + here, value)
                for (letter, cell), value in zip(columns, row, strict=True)
                if value is not None and value != ""
            ]
            pieces.append("</row>")
            if line % BATCH == 0:
                out.write("".join(pieces).encode())
                pieces.clear()
        pieces.append(package.ending(f"A{top}:{letters[-1]}{line}" if pinned else "", mark))
        out.write("".join(pieces).encode())
    return line - top


def clean(text: str) -> str:
    """Return the text as a cell can hold it: nothing XML forbids, no longer than Excel allows."""
    if not text.isprintable():
        text = _ILLEGAL.sub("", text.replace("\r\n", "\n").replace("\r", "\n"))
    if len(text) * 2 > CELL_TEXT and len(encoded := text.encode("utf-16-le")) > CELL_TEXT * 2:
        text = encoded[: (CELL_TEXT - len(CUT)) * 2].decode("utf-16-le", "ignore") + CUT
    return text


def _text(place: str, text: str, style: str = "") -> str:
    if not text.isprintable() or len(text) > CELL_TEXT // 2:
        text = clean(text)
    kept = ""
    if text[:1] in _SUSPECT:
        if text.lstrip()[:1] in _FORMULA:
            style = f' s="{package.QUOTED}"'
        kept = ' xml:space="preserve"'
    elif text[-1:].isspace():
        kept = ' xml:space="preserve"'
    if "&" in text or "<" in text or ">" in text:
        text = escape(text)
    if "_x" in text:
        text = _ESCAPED.sub("_x005F_", text)
    return f'<c r="{place}"{style} t="inlineStr"><is><t{kept}>{text}</t></is></c>'


_CELL: dict[Form, Callable[[str, Any], str]] = {
    Form.TEXT: _text,
    Form.WRAPPED: lambda place, text: _text(place, text, f' s="{package.WRAPPED}"'),
    Form.CODE: lambda place, text: _text(place, text, f' s="{package.CODE}"'),
    Form.NUMBER: lambda place, n: f'<c r="{place}"><v>{n}</v></c>',
    Form.MOMENT: lambda place, at: (
        f'<c r="{place}" s="{package.MOMENT}"><v>{(at - _ZERO) / _DAY}</v></c>'
    ),
    Form.LEFT: lambda place, length: (
        f'<c r="{place}" s="{package.HOURS}"><v>{length / _HOUR:.2f}</v></c>'
    ),
    Form.MINUTES: lambda place, length: (
        f'<c r="{place}" s="{package.MINUTES}"><v>{length // _MINUTE}</v></c>'
    ),
}
