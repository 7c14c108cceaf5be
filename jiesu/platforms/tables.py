"""Any order file into sheets of lines: what it is shows in its bytes, never in its name.

    source = tables.read(path, name="20261020.xlsx")
    for sheet in source.sheets:
        for item in drafts.clean(sheet): ...

The lines of a sheet must be taken before the next sheet is asked for.
"""

import zipfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import chain, islice
from pathlib import Path
from typing import Protocol

from jiesu.platforms import columns, csv_files
from jiesu.platforms.archives import Budget, members
from jiesu.platforms.old_workbooks import read_old_workbook
from jiesu.platforms.packages import has_part, open_package
from jiesu.platforms.sheets import LIMITS, Form, Grid, Limits, Line, Reading, Sheet, Unreadable
from jiesu.platforms.word_forms import DOCUMENT, read_word
from jiesu.platforms.workbooks import read_workbook

WELCOME = "请上传 .xlsx、.xls、.csv、.docx 或由它们打成的 .zip"
_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_REFUSED = {
    b"%PDF": f"这是 PDF 文件，不能导入；{WELCOME}",
    b"Rar!": "这是 RAR 压缩包，请改用 .zip 压缩后再上传",
    b"7z\xbc\xaf": "这是 7z 压缩包，请改用 .zip 压缩后再上传",
    b"\x1f\x8b": "这是 gz 压缩包，请改用 .zip 压缩后再上传",
}


@dataclass(frozen=True, slots=True)
class Source:
    """An order file being read. `reading.progress` and `reading.notes` fill as `sheets` is taken."""

    name: str
    kind: str  # xlsx, xls, docx, zip or text
    reading: Reading
    sheets: Iterator[Sheet]


class Headings(Protocol):
    """How a kind of file names its columns: the modules ``columns`` and ``callback_columns`` are two."""

    MISSING: str

    def assign(self, headers: Sequence[object]) -> tuple[str | None, ...]: ...
    def header_score(self, row: Sequence[object]) -> int: ...
    def find_header(self, rows: Sequence[Sequence[object]]) -> int | None: ...


def read(
    path: Path | str, name: str | None = None, limits: Limits = LIMITS, headings: Headings = columns
) -> Source:
    """Return the file as sheets whose header row has been found.

    :param name: the name people know the file by, where it is stored under another
    :param headings: what columns the kind of file has, orders by default
    :raises Unreadable: at once or while `sheets` is taken, with a sentence that says what to do;
        also when no sheet has a recognisable header
    """
    path = Path(path)
    kind = _kind(path, limits)
    reading = Reading()
    shown = name or path.name
    sheets = _some(_sheets(path, kind, limits, reading, headings), limits, headings)
    return Source(shown, kind, reading, sheets)


def _kind(path: Path, limits: Limits) -> str:
    size = path.stat().st_size
    if size == 0:
        raise Unreadable("文件是空的，请重新导出后再上传")
    if size > limits.file_bytes:
        raise Unreadable(f"文件超过 {limits.file_bytes >> 20} MB，请分成几个较小的文件再上传")
    with path.open("rb") as file:
        head = file.read(2048)
    for magic, reason in _REFUSED.items():
        if head.startswith(magic):
            raise Unreadable(reason)
    if head.startswith(_OLE):
        return "xls"
    if head.startswith((b"PK\x03\x04", b"PK\x05\x06")):
        with open_package(path, limits) as package:
            return _package_kind(package)
    if head.lstrip(b"\xef\xbb\xbf \r\n\t").startswith(b"<"):
        raise Unreadable("这是网页或 XML 格式的表格，请用 Excel 打开后另存为 .xlsx 再上传")
    return "text"


def _package_kind(package: zipfile.ZipFile) -> str:
    if has_part(package, "xl/workbook.bin"):
        raise Unreadable("这是 .xlsb 格式，请用 Excel 另存为 .xlsx 后再上传")
    if has_part(package, DOCUMENT):
        return "docx"
    if has_part(package, "[Content_Types].xml"):
        return "xlsx"
    if has_part(package, "mimetype") and has_part(package, "content.xml"):
        raise Unreadable("这是 OpenDocument 格式，请另存为 .xlsx 或 .docx 后再上传")
    return "zip"


def _some(sheets: Iterator[Sheet], limits: Limits, headings: Headings) -> Iterator[Sheet]:
    found = False
    for sheet in sheets:
        found = True
        yield sheet
    if not found:
        raise Unreadable(f"前 {limits.header_rows} 行内没有找到表头：{headings.MISSING}")


def _sheets(
    path: Path, kind: str, limits: Limits, reading: Reading, headings: Headings
) -> Iterator[Sheet]:
    if kind == "zip":
        yield from _archive(path, limits, reading, headings)
    else:
        for found in _single(path, kind, limits, reading, headings):
            if (sheet := _sheet(found, limits, reading, headings)) is not None:
                yield sheet


def _single(
    path: Path, kind: str, limits: Limits, reading: Reading, headings: Headings, row: int = 1,
    where: str = "",
) -> Iterator[Form | Grid]:  # fmt: skip
    if kind == "xlsx":
        yield from read_workbook(path, limits, reading)
    elif kind == "xls":
        yield from read_old_workbook(path, limits, reading)
    elif kind == "docx":
        yield from read_word(path, limits, row=row, where=where)
    else:

        def best(rows: list[list[str]]) -> int:
            return max(map(headings.header_score, rows), default=0)

        yield from csv_files.read_text(path, limits, reading, best)


def _archive(path: Path, limits: Limits, reading: Reading, headings: Headings) -> Iterator[Sheet]:
    """Yield each form of the archive as a sheet of one line, and each table in it as it is.

    What cannot be read becomes a line with its fault, so that a person is told of it.
    """
    running, budget = 0, Budget(limits)
    for member in members(path, limits, reading):
        inner = Reading()
        found_any = False
        try:
            if member.fault:
                raise Unreadable(member.fault)
            kind = _kind(member.path, limits)
            if kind == "zip":
                raise Unreadable("压缩包里又有压缩包，请解开后把其中的文件直接放进来")
            if kind != "text":
                budget.spend(_unpacked(member.path, kind, limits))
            for found in _single(
                member.path, kind, limits, inner, headings, running + 1, member.name
            ):
                running += isinstance(found, Form)
                if (sheet := _sheet(found, limits, inner, headings, member.name)) is not None:
                    found_any = True
                    yield sheet
            if not found_any:
                raise Unreadable(f"没有找到表头：{headings.MISSING}")
        except Unreadable as unreadable:
            running += 1
            fault = Line(running, [], member.name, str(unreadable))
            yield Sheet(member.name, 0, (), (), iter([fault]), member.name)
        reading.notes += inner.notes


def _unpacked(path: Path, kind: str, limits: Limits) -> int:
    if kind == "xls":
        return path.stat().st_size
    with open_package(path, limits) as package:
        if kind == "docx":
            return package.NameToInfo[DOCUMENT].file_size
        return sum(part.file_size for part in package.infolist())


def _sheet(
    found: Form | Grid, limits: Limits, reading: Reading, headings: Headings, where: str = ""
) -> Sheet | None:
    if isinstance(found, Form):
        fields = headings.assign(found.headers)
        return Sheet(where, 0, tuple(found.headers), fields, iter([found.line]), where)
    if found.hidden:
        reading.notes.append(f"工作表“{found.name}”是隐藏的，未读取")
        return None
    top = list(islice(found.rows, limits.header_rows))
    at = headings.find_header([line.values for line in top])
    if at is None:
        if top:
            reading.notes.append(f"工作表“{found.name}”没有可认的表头，未读取")
        return None
    headers = tuple("" if cell is None else str(cell) for cell in top[at].values)
    lines: Iterator[Line] = chain(top[at + 1 :], found.rows)
    if where:
        lines = (line._replace(where=where) for line in lines)
    return Sheet(found.name, top[at].row, headers, headings.assign(headers), lines, where)
